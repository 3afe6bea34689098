// A database of its own for each test file, set before the program is imported: SQLite in a temporary folder, or the one that
// TEST_DATABASE_URL names.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'

process.env.LOG_LEVEL ??= 'silent'

const folder = mkdtempSync(path.join(tmpdir(), 'chasqui-test-'))
process.env.DATABASE_URL = process.env.TEST_DATABASE_URL ?? path.join(folder, 'test.db')

after(async () => {
  const { closeDatabase } = await import('../../lib/db')
  await closeDatabase()
  rmSync(folder, { recursive: true })
})
