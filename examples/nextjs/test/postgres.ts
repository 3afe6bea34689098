// A Postgres server of a test's own, where the machine has one.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface Postgres {
  /** Makes a database; its address. */
  database(name: string): string
  stop(): Promise<void>
}

function find(program: string): string | undefined {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`) : []
  return [...versions.toReversed(), ...(process.env.PATH ?? '').split(path.delimiter)].map((folder) => path.join(folder, program)).find((file) => existsSync(file))
}

/** Undefined where there is none. */
export async function startPostgres(): Promise<Postgres | undefined> {
  const [initdb, server, psql] = [find('initdb'), find('postgres'), find('psql')]
  if (!initdb || !server || !psql) return undefined
  const folder = mkdtempSync(path.join(tmpdir(), 'chasqui-postgres-'))
  // It refuses to run as root; 65534 is nobody.
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  chmodSync(folder, 0o700)
  if (user.uid) chownSync(folder, user.uid, user.gid)
  const made = spawnSync(initdb, ['-D', path.join(folder, 'data'), '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--no-sync'], { ...user, cwd: folder, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`)
  const child = spawn(server, ['-D', path.join(folder, 'data'), '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off'], { ...user, cwd: folder, stdio: 'ignore' })
  const ask = (statement: string) => spawnSync(psql, ['-h', folder, '-U', 'test', '-d', 'postgres', '-c', statement], { encoding: 'utf8' })
  for (const end = Date.now() + 30_000; ask('select 1').status !== 0; ) {
    if (Date.now() > end || child.exitCode !== null) throw new Error('Postgres does not start.')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    database(name) {
      const created = ask(`create database ${name}`)
      if (created.status !== 0) throw new Error(created.stderr)
      return `postgres://test@/${name}?host=${encodeURIComponent(folder)}`
    },
    async stop() {
      child.kill('SIGINT')
      if (child.exitCode === null) await once(child, 'close')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
