// The database: a SQLite file, or Postgres where DATABASE_URL says so. Migrations run when it is opened first.
import { existsSync, mkdirSync, statSync } from 'node:fs'
import path from 'node:path'

import { createClient } from '@libsql/client'
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
  const client = createClient({ url: `file:${file}`, timeout: 50, concurrency: 8 })
  await client.execute('PRAGMA journal_mode = WAL')
  const database = drizzle(client, { casing: 'snake_case' })
  await retried(() => migrateSqlite(database, { migrationsFolder }))
  holder.known = true
  return { database, file: { path: file, inode: statSync(file).ino }, close: async () => client.close() }
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

const BUSY = /SQLITE_BUSY|database is locked/
const isBusy = (error: unknown): boolean =>
  error instanceof Error && (BUSY.test(error.message) || ('code' in error && BUSY.test(String(error.code))) || isBusy(error.cause))

/** Again and again for two seconds, while another process holds the SQLite file. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  const end = Date.now() + 2000
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}

const writers = once('writers', () => ({ last: Promise.resolve() as Promise<unknown> }))

/** All or nothing. SQLite has one writer: who comes while another one writes waits here, and not on the event loop. */
export function write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const run = async () => {
    const { database } = await opened()
    return retried(() => database.transaction((transaction) => work(transaction), { behavior: 'immediate' }))
  }
  if (POSTGRES) return run()
  const turn = writers.last.then(run, run)
  writers.last = turn.catch(() => undefined)
  return turn
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

