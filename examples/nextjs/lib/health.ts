// Whether this server can do its work.
import { randomUUID } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import path from 'node:path'

import { version } from '../package.json'
import { ping, POSTGRES, sqliteFile } from './db'
import { sessionsFolder } from './folders'
import { sessionCounts, type SessionCounts } from './metrics'
import { once } from './once'
import { isShuttingDown } from './running'
import { withTimeLimit } from './time-limit'

const PATIENCE = 3000
/** Nobody has to sign in to ask: the answer stands for this long, however many ask. */
const KEPT = 1000

export interface Health {
  success: boolean
  status: 'ok' | 'failing' | 'shutting-down'
  database: 'ok' | 'failing'
  disk: 'ok' | 'failing'
  sessions: SessionCounts
  version: string
  /** In seconds. */
  uptime: number
}

/** Writes a file and removes it: a full disk and a read-only one are seen by trying. */
async function checkDisk(folder: string) {
  await mkdir(folder, { recursive: true })
  const file = path.join(folder, `.health-${randomUUID()}`)
  try {
    const handle = await open(file, 'wx', 0o600)
    try {
      await handle.writeFile('ok')
      await handle.sync()
    } finally {
      await handle.close()
    }
  } finally {
    await rm(file, { force: true })
  }
}

const checks = once('health', () => ({ at: -Infinity, result: undefined as Promise<[database: boolean, disk: boolean]> | undefined }))

function check() {
  if (checks.result && performance.now() - checks.at < KEPT) return checks.result
  checks.at = performance.now()
  const fine = (work: Promise<unknown>) => withTimeLimit(work, PATIENCE).then(() => true, () => false)
  const folders = [sessionsFolder(), ...(POSTGRES ? [] : [path.dirname(sqliteFile())])]
  return (checks.result = Promise.all([fine(ping()), fine(Promise.all(folders.map(checkDisk)))]))
}

export async function readHealth(): Promise<Health> {
  const [database, disk] = await check()
  const well = database && disk && !isShuttingDown()
  return {
    success: well,
    status: isShuttingDown() ? 'shutting-down' : well ? 'ok' : 'failing',
    database: database ? 'ok' : 'failing',
    disk: disk ? 'ok' : 'failing',
    sessions: sessionCounts(),
    version,
    uptime: Math.floor(process.uptime()),
  }
}
