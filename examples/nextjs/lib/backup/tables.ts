// The rows of all tables as lines of JSON, from whichever database and into either one.
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { createClient, type Client } from '@libsql/client'
import { asc, getTableColumns, getTableName, gt, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/libsql'
import { migrate } from 'drizzle-orm/libsql/migrator'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { PgDatabase, PgQueryResultHKT, PgTable } from 'drizzle-orm/pg-core'

import { db, POSTGRES, sqliteFile, tables, type Database, type Transaction } from '../db'

/** Rows that are read or written at once: messages may have thumbnails in them. */
const PAGE = 200

/**
 * Every table, those first that others refer to. Who was signed in is left out: a backup in wrong hands shall open no dashboard, and who
 * has signed out since stays so.
 */
const KEPT: Record<keyof typeof tables, boolean> = {
  users: true,
  accounts: true,
  signIns: false,
  verifications: false,
  connections: true,
  customers: true,
  conversations: true,
  messages: true,
  products: true,
  orders: true,
  notifications: true,
  notificationRecipients: true,
}
export type TableName = keyof typeof tables
export const TABLES = (Object.keys(KEPT) as TableName[]).filter((name) => KEPT[name])

type Row = Record<string, unknown>
type PostgresDatabase = PgDatabase<PgQueryResultHKT>

const tableOf = (name: TableName) => tables[name] as SQLiteTable
const columnsOf = (name: TableName) => getTableColumns(tableOf(name)) as Record<string, SQLiteColumn>

function primaryKey(name: TableName): [key: string, column: SQLiteColumn] {
  const found = Object.entries(columnsOf(name)).find(([, column]) => column.primary)
  if (!found) throw new Error(`The table ${name} has no primary key.`)
  return found
}

/** Bytes have no form in JSON; dates are ISO texts in it. */
function toJson(row: Row): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(row).map(([key, value]) => [key, Buffer.isBuffer(value) ? value.toString('base64') : value])),
  )
}

function fromJson(name: TableName, line: string): Row {
  const row = JSON.parse(line) as Row
  for (const [key, column] of Object.entries(columnsOf(name))) {
    const value = row[key]
    if (typeof value !== 'string') continue
    if (column.dataType === 'date') row[key] = new Date(value)
    else if (column.dataType === 'buffer' || column.dataType === 'custom') row[key] = Buffer.from(value, 'base64')
  }
  return row
}

/** Everything that `work` reads is of one moment, and those who write meanwhile need not wait for it. */
export async function readAtOnce<T>(work: (database: Pick<Database, 'select'>) => Promise<T>): Promise<T> {
  // Migrations run here, where that is still to be done.
  const database = await db()
  if (POSTGRES) {
    const postgres = database as unknown as PostgresDatabase
    const options = { isolationLevel: 'repeatable read', accessMode: 'read only' } as const
    return postgres.transaction((transaction) => work(transaction as unknown as Database), options)
  }
  // Drizzle's own transactions are for writing, and would keep the server from it.
  const client = createClient({ url: `file:${sqliteFile()}`, timeout: 5000 })
  try {
    const transaction = await client.transaction('deferred')
    return await work(drizzle(transaction as unknown as Client, { casing: 'snake_case' }))
  } finally {
    client.close()
  }
}

/** Writes the rows of a table into a file; gives how many there are. */
export async function dumpTable(database: Pick<Database, 'select'>, name: TableName, file: string): Promise<number> {
  const [key, column] = primaryKey(name)
  let count = 0
  async function* lines() {
    let last: unknown
    for (;;) {
      const rows = (await database
        .select()
        .from(tableOf(name))
        .where(last === undefined ? undefined : gt(column, last))
        .orderBy(asc(column))
        .limit(PAGE)) as Row[]
      for (const row of rows) yield `${toJson(row)}\n`
      count += rows.length
      if (rows.length < PAGE) return
      last = rows.at(-1)![key]
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file, { mode: 0o600, flags: 'wx' }))
  return count
}

/**
 * What was under way when the backup was made is not gone on with: nobody knows whether it was done afterwards. Messages that waited to be
 * sent are shown as failed, customers are not answered again, and notifications end.
 */
function asPast(name: TableName, row: Row): Row {
  if (name === 'messages') {
    const waited = row.direction === 'out' && row.status === 'pending'
    return { ...row, answerDue: false, ...(waited ? { status: 'failed', error: 'RESTORED' } : {}) }
  }
  if (name === 'notifications' && row.state === 'sending') return { ...row, state: 'cancelled' }
  if (name === 'notificationRecipients' && row.state === 'queued') return { ...row, state: 'skipped', reason: 'cancelled' }
  return row
}

async function* pages(name: TableName, file: string): AsyncGenerator<Row[]> {
  let rows: Row[] = []
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    rows.push(asPast(name, fromJson(name, line)))
    if (rows.length < PAGE) continue
    yield rows
    rows = []
  }
  if (rows.length) yield rows
}

/** Makes a SQLite file of dumped tables; `fileOf` says where they are. */
export async function makeSqlite(target: string, fileOf: (name: TableName) => string, migrationsFolder: string) {
  const client = createClient({ url: `file:${target}` })
  try {
    const database = drizzle(client, { casing: 'snake_case' })
    await migrate(database, { migrationsFolder })
    await database.transaction(async (transaction) => {
      for (const name of TABLES) {
        for await (const rows of pages(name, fileOf(name))) await transaction.insert(tableOf(name)).values(rows)
      }
    })
  } finally {
    client.close()
  }
}

/** Puts dumped tables in the place of what Postgres has. `last` is done before that counts, and nothing counts where it fails. */
export async function replacePostgres(fileOf: (name: TableName) => string, last: () => Promise<void>) {
  const postgres = (await db()) as unknown as PostgresDatabase
  await postgres.transaction(async (transaction) => {
    for (const name of (Object.keys(KEPT) as TableName[]).toReversed()) await transaction.delete(tableOf(name) as unknown as PgTable)
    for (const name of TABLES) {
      const table = tableOf(name) as unknown as PgTable
      for await (const rows of pages(name, fileOf(name))) {
        await transaction.insert(table).overridingSystemValue().values(rows)
      }
      const [key, column] = primaryKey(name)
      if (column.dataType !== 'number') continue
      // The next number comes after those that were given.
      await transaction.execute(
        sql`select setval(pg_get_serial_sequence(${getTableName(table)}, ${key}), coalesce(max(${column}), 0) + 1, false) from ${table}`,
      )
    }
    await last()
  })
}

/** Whether anybody is in the database. */
export async function isEmpty(database: Pick<Transaction, 'select'>): Promise<boolean> {
  return (await database.select({ id: tables.users.id }).from(tables.users).limit(1)).length === 0
}
