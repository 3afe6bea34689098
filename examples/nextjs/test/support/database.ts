// A database of its own for each test file, set before the program is imported: SQLite in a temporary folder, or one on the Postgres
// server that TEST_POSTGRES_URL names.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'

process.env.LOG_LEVEL ??= 'silent'

const server = process.env.TEST_POSTGRES_URL

async function onServer(statement: string) {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}

const folder = mkdtempSync(path.join(tmpdir(), 'chasqui-test-'))
const name = `test_${randomUUID().replaceAll('-', '')}`
if (server) await onServer(`create database ${name}`)
process.env.DATABASE_URL = server ? Object.assign(new URL(server), { pathname: name }).href : path.join(folder, 'test.db')

after(async () => {
  const { closeDatabase } = await import('../../lib/db')
  await closeDatabase()
  if (server) await onServer(`drop database ${name} with (force)`)
  rmSync(folder, { recursive: true })
})
