// What a backup has comes back, from either database into either one; what is damaged, held or not empty is refused.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'

import { create } from 'tar'

import { startPostgres } from './postgres'

const here = mkdtempSync(path.join(tmpdir(), 'chasqui-backup-'))
const postgres = await startPostgres()
after(async () => {
  await postgres?.stop()
  rmSync(here, { recursive: true, force: true })
})

interface Place {
  env: NodeJS.ProcessEnv
  sessions: string
  media: string
}

let places = 0
/** An installation of its own; `database`: the address of a Postgres database instead of a file. */
function place(database?: string): Place {
  const folder = path.join(here, `place-${(places += 1)}`)
  const [sessions, media] = [path.join(folder, 'sessions'), path.join(folder, 'data/media')]
  const env = {
    ...process.env,
    DATABASE_URL: database ?? path.join(folder, 'data/test.db'),
    SESSIONS_FOLDER: sessions,
    MEDIA_FOLDER: media,
    NODE_ENV: 'production',
  } as const
  return { env, sessions, media }
}

function script(name: string, place: Place, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', `scripts/${name}.ts`, ...args], {
    env: place.env,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
function succeeds(name: string, place: Place, ...args: string[]): string {
  const { status, stdout, stderr } = script(name, place, ...args)
  assert.equal(status, 0, stdout + stderr)
  return stdout
}

/** Runs code that has the tables, in a process that sees this place's database; gives what it logs as JSON. */
function inDatabase<T>(place: Place, code: string): T {
  const whole = `import { eq, asc, getTableColumns } from 'drizzle-orm'; import * as t from './lib/db/index.ts'; const db = await t.db(); ${code}; await t.closeDatabase()`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', whole], {
    env: place.env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  assert.equal(status, 0, stderr)
  return stdout.trim() ? (JSON.parse(stdout) as T) : (undefined as T)
}

const FILL = `
  await db.insert(t.users).values({ id: 'ana', name: 'Ana', email: 'ana@example.com', createdAt: new Date(1790000000123) })
  await db.insert(t.accounts).values({ id: 'a1', userId: 'ana', accountId: 'ana', providerId: 'credential', password: 'hash' })
  await db.insert(t.signIns).values({ id: 's1', userId: 'ana', token: 'secret-token', expiresAt: new Date(1890000000000) })
  await db.insert(t.connections).values({ userId: 'ana', wanted: true, phoneNumber: '15550100', lastConnectedAt: new Date(1790000000456) })
  await db.insert(t.customers).values({ id: 'c1', userId: 'ana', jid: '15550101@s.whatsapp.net', name: 'Li "Ñandú" 🦜', consent: 'given' })
  await db.insert(t.conversations).values({ id: 'v1', userId: 'ana', jid: '15550101@s.whatsapp.net', customerId: 'c1' })
  for (let part = 0; part < 3; part += 1) await db.insert(t.messages).values(Array.from({ length: 150 }, (_, i) => ({
    userId: 'ana', conversationId: 'v1', whatsappId: 'M' + (part * 150 + i), direction: 'in', author: 'customer', type: 'text', text: 'línea\\n' + i,
    raw: Buffer.from([0, 255, i % 256]), status: 'received', answerDue: i === 0, timestamp: new Date(1790000000000 + i) })))
  const [out] = await db.insert(t.messages).values({ userId: 'ana', conversationId: 'v1', whatsappId: 'OUT', direction: 'out', author: 'operator', type: 'text', text: 'waits', status: 'pending', timestamp: new Date() }).returning()
  await db.insert(t.products).values({ id: 'p1', userId: 'ana', code: 'CAFE', codeKey: 'cafe', name: 'Café', search: ' cafe', price: 1250, currency: 'USD' })
  await db.insert(t.orders).values({ id: 'o1', userId: 'ana', customerId: 'c1', messageId: out.id, productCode: 'CAFE', productName: 'Café', quantity: 2, total: 2500, currency: 'USD' })
  await db.insert(t.notifications).values({ id: 'n1', userId: 'ana', content: 'Oferta' })
  await db.insert(t.notificationRecipients).values({ userId: 'ana', notificationId: 'n1', customerId: 'c1' })`

/** All rows of all tables, in order. */
const READ = `const all = {}; for (const name of ['users', 'accounts', 'signIns', 'verifications', 'connections', 'customers', 'conversations', 'messages', 'products', 'orders', 'notifications', 'notificationRecipients']) {
  const key = Object.values(getTableColumns(t[name])).find((column) => column.primary)
  all[name] = (await db.select().from(t[name]).orderBy(asc(key))).map((row) => row.raw ? { ...row, raw: row.raw.toString('hex') } : row) }
  console.log(JSON.stringify(all))`
type Rows = Record<string, Record<string, unknown>[]>

const SESSION = {
  'creds.json': '{"me":{"id":"15550100:7@s.whatsapp.net"}}',
  'pre-key-4.json': '{"public":"x"}',
  'app-state-sync-key-AA__+A=.json': '{}',
  'lid-mapping-15550101.json': '"100000000000001"',
  'kind-of-tomorrow-1.json': '[]',
}
const MOVING = { 'session-15550101.0.json': '{}', 'sender-key-1-2@g.us--15550101--0.json': '[]', 'sender-key-memory-1-2@g.us.json': '{}' }

function fillFolders({ sessions, media }: Place) {
  const folder = path.join(sessions, 'ana')
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries({
    ...SESSION,
    ...MOVING,
    'chasqui.sqlite': 'side file',
    'chasqui.sqlite-wal': 'journal',
    'pre-key-5.json': '{"cut',
    'notes.txt': 'other',
  })) {
    writeFileSync(path.join(folder, name), text)
  }
  symlinkSync('/etc/hostname', path.join(folder, 'pre-key-9.json'))
  mkdirSync(path.join(sessions, 'not-scanned'))
  mkdirSync(path.join(media, 'ana'), { recursive: true })
  writeFileSync(path.join(media, 'ana/7.jpg'), Buffer.alloc(300_000, 7))
  writeFileSync(path.join(media, 'ana/8.part'), 'half')
  symlinkSync('/etc', path.join(media, 'elsewhere'))
}

/** What is expected after a restore, of rows that were read before. */
function asRestored(rows: Rows): Rows {
  const past = (row: Record<string, unknown>) => ({
    ...row,
    answerDue: false,
    ...(row.status === 'pending' ? { status: 'failed', error: 'RESTORED' } : {}),
  })
  return {
    ...rows,
    signIns: [],
    messages: rows.messages!.map(past),
    notifications: rows.notifications!.map((row) => ({ ...row, state: 'cancelled' })),
    notificationRecipients: rows.notificationRecipients!.map((row) => ({ ...row, state: 'skipped', reason: 'cancelled' })),
  }
}

const source = place()
inDatabase(source, FILL)
fillFolders(source)
const archive = path.join(here, 'one.tar.gz')
const before = inDatabase<Rows>(source, READ)

test('a backup while the server runs', () => {
  // A writer that does not end: the backup neither waits for it nor sees it.
  const holder = spawnSync(
    process.execPath,
    [
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      `
    import { spawnSync } from 'node:child_process'; import { createClient } from '@libsql/client'
    const { holdSessions } = await import('./lib/running.ts'); await holdSessions()
    const tx = await createClient({ url: 'file:' + process.env.DATABASE_URL }).transaction('write')
    await tx.execute("update users set name = 'Later'")
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/backup.ts', ${JSON.stringify(archive)}], { encoding: 'utf8' })
    console.log(stdout, stderr, status); await tx.rollback()`,
    ],
    { env: source.env, encoding: 'utf8' },
  )
  assert.match(holder.stdout, /460 rows of 10 tables, 1 session, 1 file of messages/, holder.stdout + holder.stderr)
  assert.match(holder.stdout, /Session ana: left out, since they cannot be read: pre-key-5\.json/)
  assert.equal(statSync(archive).mode & 0o777, 0o600)
  assert.deepEqual(
    readdirSync(here).filter((name) => name.includes('partial')),
    [],
    'nothing is left behind',
  )
  assert.match(script('backup', source, archive).stderr, /is there already/)
})

test('a restore into an empty place', () => {
  const target = place()
  const told = succeeds('restore', target, archive)
  assert.match(told, /Signal sessions and sender keys are not restored/)
  assert.deepEqual(inDatabase<Rows>(target, READ), asRestored(before))
  const folder = path.join(target.sessions, 'ana')
  assert.deepEqual(
    Object.fromEntries(
      readdirSync(folder)
        .sort()
        .map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
    ),
    Object.fromEntries(Object.entries(SESSION).sort()),
  )
  assert.equal(statSync(path.join(folder, 'creds.json')).mode & 0o777, 0o600)
  assert.deepEqual(readFileSync(path.join(target.media, 'ana/7.jpg')), Buffer.alloc(300_000, 7))
  assert.deepEqual(readdirSync(target.sessions).sort(), ['.running', 'ana'])
  assert.deepEqual(
    readdirSync(path.join(target.media, '..')).filter((name) => name.startsWith('.')),
    [],
  )
  // Numbers go on behind those that were given.
  const [{ id }] = inDatabase<[{ id: number }]>(
    target,
    `console.log(JSON.stringify(await db.insert(t.messages).values({ userId: 'ana', conversationId: 'v1', whatsappId: 'NEW', direction: 'in', author: 'customer', type: 'text', status: 'received', timestamp: new Date() }).returning()))`,
  )
  assert.ok(id > Number(before.messages!.at(-1)!.id))
})

test('what is there already is replaced only on request, and other sessions stay', () => {
  const target = place()
  inDatabase(target, `await db.insert(t.users).values({ id: 'bruno', name: 'Bruno', email: 'bruno@example.com' })`)
  for (const name of ['ana', 'bruno']) {
    mkdirSync(path.join(target.sessions, name), { recursive: true })
    for (const [file, text] of Object.entries({ 'creds.json': '{"newer":true}', ...MOVING, 'chasqui.sqlite': 'newer' }))
      writeFileSync(path.join(target.sessions, name, file), text)
  }
  mkdirSync(path.join(target.media, 'ana'), { recursive: true })
  writeFileSync(path.join(target.media, 'ana/4711'), 'of a message that the backup does not have')
  const refused = script('restore', target, archive)
  assert.deepEqual([refused.status, /--replace/.test(refused.stderr)], [1, true])
  assert.equal(inDatabase<Rows>(target, READ).users![0]!.name, 'Bruno')
  succeeds('restore', target, archive, '--replace')
  assert.deepEqual(inDatabase<Rows>(target, READ), asRestored(before))
  assert.deepEqual(readdirSync(path.join(target.sessions, 'ana')).sort(), Object.keys(SESSION).sort())
  assert.equal(readFileSync(path.join(target.sessions, 'bruno/chasqui.sqlite'), 'utf8'), 'newer')
  assert.deepEqual(readdirSync(path.join(target.media, 'ana')), ['7.jpg'])
})

test('a server that runs is not restored under', async () => {
  const target = place()
  const server = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      `const { holdSessions } = await import('./lib/running.ts'); console.log(await holdSessions()); setInterval(() => {}, 1000)`,
    ],
    { env: target.env, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(server.stdout, 'data')
  const refused = script('restore', target, archive)
  assert.deepEqual([refused.status, refused.stderr.trim()], [1, 'The server runs: stop it first.'])
  server.kill('SIGKILL')
  await once(server, 'close')
  succeeds('restore', target, archive)
})

test('damaged and foreign files are refused before anything is touched', async () => {
  const unpacked = path.join(here, 'unpacked')
  mkdirSync(unpacked)
  spawnSync('tar', ['xzf', archive, '-C', unpacked])
  let copies = 0
  const variant = async (change: (folder: string) => void, names = readdirSync(unpacked)) => {
    const folder = path.join(here, `variant-${(copies += 1)}`)
    cpSync(unpacked, folder, { recursive: true })
    change(folder)
    const file = `${folder}.tar.gz`
    await create({ cwd: folder, file, gzip: true, preservePaths: true }, [
      ...names,
      ...readdirSync(folder).filter((name) => !names.includes(name)),
    ])
    return file
  }
  const manifest = (folder: string, change: (it: { format: number; parts: { path: string }[] }) => void) => {
    const it = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'))
    change(it)
    writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(it))
  }
  const cut = path.join(here, 'cut.tar.gz')
  cpSync(archive, cut)
  truncateSync(cut, statSync(cut).size - 2000)
  const text = path.join(here, 'text.tar.gz')
  writeFileSync(text, 'no archive')
  const damaged: [why: RegExp, file: string][] = [
    [/not a whole backup/, cut],
    [/not a whole backup/, text],
    [/There is no file/, path.join(here, 'none.tar.gz')],
    [/users\.jsonl is not as it was written/, await variant((folder) => writeFileSync(path.join(folder, 'tables/users.jsonl'), '{}\n'))],
    [/ana\.jsonl is missing/, await variant((folder) => rmSync(path.join(folder, 'sessions/ana.jsonl')))],
    [/does not belong/, await variant((folder) => writeFileSync(path.join(folder, 'sessions/..%2f.jsonl'), ''))],
    [/does not belong/, await variant((folder) => symlinkSync('/etc', path.join(folder, 'media/link')))],
    [/is not in the manifest/, await variant((folder) => writeFileSync(path.join(folder, 'media/more.jpg'), ''))],
    [/manifest/, await variant((folder) => manifest(folder, (it) => void (it.parts[0]!.path = '../users.jsonl')))],
    [
      /table messages is missing/,
      await variant((folder) => {
        rmSync(path.join(folder, 'tables/messages.jsonl'))
        manifest(folder, (it) => void (it.parts = it.parts.filter((part) => part.path !== 'tables/messages.jsonl')))
      }),
    ],
    [/newer version/, await variant((folder) => manifest(folder, (it) => void (it.format = 2)))],
  ]
  const target = place()
  fillFolders(target)
  const look = () =>
    spawnSync(
      'find',
      [path.dirname(target.sessions), '-type', 'f', '-not', '-name', '.running', '-newermt', '@0', '-printf', '%p %s %T@\n'],
      { encoding: 'utf8' },
    ).stdout
  const seen = look()
  for (const [why, file] of damaged) {
    const { status, stderr } = script('restore', target, file, '--replace')
    assert.deepEqual([status, why.test(stderr)], [1, true], `${path.basename(file)}: ${why}\n${stderr}`)
    assert.equal(look(), seen, `after ${path.basename(file)}`)
  }
  assert.equal(existsSync(target.env.DATABASE_URL!), false)
})

test(
  'from SQLite into Postgres, again over what is there, and back',
  { skip: postgres ? false : 'there is no Postgres on this machine' },
  () => {
    const target = place(postgres!.database('restored'))
    for (const args of [[], ['--replace']]) {
      succeeds('restore', target, archive, ...args)
      assert.deepEqual(inDatabase<Rows>(target, READ), asRestored(before))
      inDatabase(
        target,
        `await db.insert(t.messages).values({ userId: 'ana', conversationId: 'v1', whatsappId: 'NEW', direction: 'in', author: 'customer', type: 'text', status: 'received', timestamp: new Date() })`,
      )
    }
    inDatabase(target, `await db.delete(t.messages).where(eq(t.messages.whatsappId, 'NEW'))`)
    const again = path.join(here, 'from-postgres.tar.gz')
    assert.match(succeeds('backup', target, again), /460 rows/)
    const back = place()
    succeeds('restore', back, again)
    assert.deepEqual(inDatabase<Rows>(back, READ), asRestored(before))
  },
)
