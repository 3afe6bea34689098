// The tests that come with the example, as its user runs them: on SQLite, and on Postgres where the machine has one.
import test from 'node:test'

import { prepare } from '../../scripts/nextjs.mjs'
import { run } from '../examples/install.mjs'

for (const script of ['test', 'test:postgres']) {
  test(`npm run ${script} in examples/nextjs`, { timeout: 280_000 }, async (t) => {
    const cwd = await prepare({ build: false })
    await run('npm', ['run', script], { cwd }).catch((error) => {
      if (!error.message.includes('There is no Postgres on this machine')) throw error
      t.skip('this machine has no Postgres (Debian: apt-get install postgresql)')
    })
  })
}
