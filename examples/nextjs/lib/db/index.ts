// The database: a SQLite file, or Postgres where DATABASE_URL says so. Migrations run when it is opened first.
import { existsSync, mkdirSync, statSync } from 'node:fs'
import path from 'node:path'

import { createClient, type Client } from '@libsql/client'
import { drizzle, type LibSQLDatabase } from 'drizzle-orm/libsql'
import { migrate as migrateSqlite } from 'drizzle-orm/libsql/migrator'

import { once } from '../once'
import { POSTGRES, users } from './schema'

export * from './schema'

export type Database = LibSQLDatabase<Record<string, never>>
/** What a transaction is given: everything that a database can be asked. */
export type Transaction = Pick<Database, 'select' | 'insert' | 'update' | 'delete'>

interface Opened {
  database: Database
  /** The file and its inode, of SQLite. */
  file?: { path: string; inode: number }
  close(): Promise<void>
}

/** The folder of migrations: they are read when the server starts, from where it is started. */
const migrationsFolder = path.join(process.cwd(), 'drizzle', POSTGRES ? 'postgres' : 'sqlite')

/** Where the SQLite file is: DATABASE_URL, as a path or `file:` URL. */
export const sqliteFile = () => path.resolve((process.env.DATABASE_URL ?? 'data/chasqui.db').replace(/^file:(\/\/(?=\/))?/, ''))

async function openSqlite(): Promise<Opened> {
  const file = sqliteFile()
  // What was here before is not begun anew: an empty database would hide that the data is missing.
  if (holder.known && !existsSync(file)) throw gone(file)
  mkdirSync(path.dirname(file), { recursive: true })
  // libsql works on the event loop: who finds the file locked shall not hold it for long. Waiting is done by `write`.
  const client = inTurn(createClient({ url: `file:${file}`, timeout: 50, concurrency: 8 }))
  await client.execute('PRAGMA journal_mode = WAL')
  const database = drizzle(client, { casing: 'snake_case' })
  await retried(() => migrateSqlite(database, { migrationsFolder }))
  holder.known = true
  return { database, file: { path: file, inode: statSync(file).ino }, close: async () => client.close() }
}

/** Milliseconds that the database has the event loop at a time. */
const AT_A_TIME = 5
const loop = once('loop', () => ({ turnedAt: 0 }))

/** libsql works on the event loop, and its promises leave no time for anything else: who has had it for long lets it turn. */
async function turn() {
  if (performance.now() - loop.turnedAt < AT_A_TIME) return
  await new Promise(setImmediate)
  loop.turnedAt = performance.now()
}

/** Each begins when the one before it has ended, however that ended. */
function oneByOne() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
}

/** SQLite has one writer: a second one would be refused, having kept the event loop from the first. */
const alone = once('alone', oneByOne)

/**
 * The client with its questions asked one after the other, and the event loop turning between them. What writes without `write`, as the
 * sign-in does, waits until no transaction is open.
 */
function inTurn(client: Client): Client {
  const execute = client.execute.bind(client) as (asked: unknown, ...more: unknown[]) => ReturnType<Client['execute']>
  const asks = oneByOne()
  client.execute = (asked: unknown, ...more: unknown[]) => {
    const { sql } = typeof asked === 'string' ? { sql: asked } : (asked as { sql: string })
    if (/^\s*select/i.test(sql)) return asks(() => turn().then(() => execute(asked, ...more)))
    const end = patience()
    return alone(() => retried(() => execute(asked, ...more), end))
  }
  return client
}

async function openPostgres(): Promise<Opened> {
  const [{ Pool }, { drizzle: drizzlePostgres }, { migrate }] = await Promise.all([
    import('pg'), import('drizzle-orm/node-postgres'), import('drizzle-orm/node-postgres/migrator'),
  ])
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10, connectionTimeoutMillis: 5000, statement_timeout: 15_000 })
  // An idle connection that breaks is replaced by the pool.
  pool.on('error', () => undefined)
  // Where a connection breaks between two queries of a transaction, the next one fails. An error that nobody hears ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const database = drizzlePostgres(pool, { casing: 'snake_case' })
  await migrate(database, { migrationsFolder })
  return { database: database as unknown as Database, close: () => pool.end() }
}

const holder = once('database', () => ({ opening: undefined as Promise<Opened> | undefined, known: false }))

async function opened(): Promise<Opened> {
  const it = await (holder.opening ??= (POSTGRES ? openPostgres() : openSqlite()).catch((error: unknown) => {
    holder.opening = undefined
    throw error
  }))
  if (it.file && !sameFile(it.file)) {
    // Somebody moved the file away: what would be written now would be lost with it.
    holder.opening = undefined
    await it.close()
    throw gone(it.file.path)
  }
  return it
}

const gone = (file: string) => Object.assign(new Error(`The database ${file} is gone.`), { code: 'DATABASE_GONE' })

function sameFile({ path: file, inode }: { path: string; inode: number }) {
  try {
    return statSync(file).ino === inode
  } catch {
    return false
  }
}

/** The database, for questions. */
export const db = async (): Promise<Database> => (await opened()).database

// Also of Postgres, where two wait for each other: it ends one of them.
const BUSY = /SQLITE_BUSY|database is locked|^40P01$/
const isBusy = (error: unknown): boolean =>
  error instanceof Error && (BUSY.test(error.message) || ('code' in error && BUSY.test(String(error.code))) || isBusy(error.cause))

const patience = () => Date.now() + 2000

/** Again and again for two seconds, while somebody else holds what it needs. */
async function retried<T>(work: () => Promise<T>, end = patience()): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}

/** As many are committed together. */
const MOST_TOGETHER = 20

interface Waiting {
  work(transaction: Transaction): Promise<unknown>
  resolve(value: unknown): void
  reject(error: unknown): void
}

const writers = once('writers', () => ({ waiting: [] as Waiting[], running: false }))

/**
 * All or nothing. SQLite has one writer: who comes while another one writes waits here, and not on the event loop. A commit waits for the
 * disk, so that those who have waited are committed together. `work` may be run again, whatever it has done before being undone.
 */
export function write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
  if (POSTGRES) return transact(work)
  return new Promise<T>((resolve, reject) => {
    writers.waiting.push({ work, resolve: resolve as Waiting['resolve'], reject })
    if (!writers.running) void writeAll()
  })
}

async function transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const { database } = await opened()
  const transaction = () => retried(() => database.transaction(work, { behavior: 'immediate' }))
  return POSTGRES ? transaction() : alone(transaction)
}

async function writeAll() {
  writers.running = true
  while (writers.waiting.length > 0) {
    await commit(writers.waiting.splice(0, MOST_TOGETHER))
    await new Promise(setImmediate)
  }
  writers.running = false
}

async function commit(together: Waiting[]): Promise<void> {
  try {
    const results = await transact(async (transaction) => {
      const values: unknown[] = []
      for (const { work } of together) {
        values.push(await work(transaction))
        await turn()
      }
      return values
    })
    together.forEach(({ resolve }, index) => resolve(results[index]))
  } catch (error) {
    // One that fails keeps no other one out.
    if (together.length > 1 && !isBusy(error)) for (const one of together) await commit([one])
    else for (const { reject } of together) reject(error)
  }
}

/** Fails where the database does not answer. */
export async function ping() {
  await (await db()).select({ id: users.id }).from(users).limit(1)
}

export async function closeDatabase() {
  const closing = await holder.opening?.catch(() => undefined)
  holder.opening = undefined
  await closing?.close()
}

