// A Postgres server that goes away takes nothing with it: queries fail as an outage, and go well when it is back.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { startPostgres } from './postgres'

const postgres = await startPostgres()

test('a server that ends within a transaction is an outage, and ends nothing else', { skip: !postgres && 'no Postgres here', timeout: 60_000 }, async (context) => {
  context.after(() => postgres!.stop())
  process.env.DATABASE_URL = postgres!.database('outage')
  const { closeDatabase, db, users, write } = await import('../lib/db')
  const { isOutage } = await import('../lib/failure')
  context.after(closeDatabase)
  assert.deepEqual(await (await db()).select().from(users), [])
  const within = write(async (transaction) => {
    await transaction.select().from(users)
    await postgres!.stop()
    return transaction.select().from(users)
  })
  assert.equal(isOutage(await within.then(() => assert.fail('no server'), (error: unknown) => error)), true)
  const after = (await db()).select().from(users).then(() => assert.fail('no server'), (error: unknown) => error)
  assert.equal(isOutage(await after), true)
})
