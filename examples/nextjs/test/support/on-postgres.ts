// Runs the tests that have a database on Postgres, each file with a database of its own: `npm run test:postgres`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

import { startPostgres } from '../postgres'

const FILES = ['sending', 'writes', 'shop', 'bot', 'ai', 'answering', 'notifications']

const postgres = await startPostgres()
if (!postgres) throw new Error('There is no Postgres on this machine.')
try {
  for (const name of FILES) {
    const file = path.join(import.meta.dirname, '..', `${name}.test.ts`)
    const env = { ...process.env, TEST_DATABASE_URL: postgres.database(`test_${name}`) }
    const [code] = await once(spawn(process.execPath, ['--import', 'tsx', '--test', file], { env, stdio: 'inherit' }), 'close')
    if (code !== 0) process.exitCode = 1
  }
} finally {
  await postgres.stop()
}
