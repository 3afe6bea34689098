// What people write and sign in with does not get into the log.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

import { makeLog } from '../lib/log'

function written(work: (log: ReturnType<typeof makeLog>) => void): string {
  let text = ''
  work(makeLog({ write: (line: string) => void (text += line) }))
  return text
}

test('lines are JSON with level, time and the user of a child', () => {
  const line = JSON.parse(written((log) => log.child({ userId: 'u1' }).warn({ count: 3 }, 'too slow')))
  assert.deepEqual([line.level, line.userId, line.count, line.msg], ['warn', 'u1', 3, 'too slow'])
  assert.match(line.time, /^\d{4}-\d\d-\d\dT/)
})

test('passwords, cookies, tokens and texts are hidden, also inside of objects', () => {
  const text = written((log) => {
    log.info({
      password: 'xyzzy-1',
      body: { content: 'xyzzy-2', to: '15550100' },
      request: { headers: { cookie: 'xyzzy-3', authorization: 'xyzzy-4' } },
    })
    log.child({ token: 'xyzzy-5' }).info({ message: { text: 'xyzzy-6' } }, 'sent')
  })
  assert.doesNotMatch(text, /xyzzy/)
  assert.match(text, /15550100/)
})

test('an error of the database does not take the values of the query along', async (context) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'chasqui-log-'))
  process.env.DATABASE_URL = path.join(folder, 'test.db')
  const { closeDatabase, write, customers } = await import('../lib/db')
  context.after(async () => {
    await closeDatabase()
    await rm(folder, { recursive: true })
  })
  const error = await write((tx) => tx.insert(customers).values({ userId: 'nobody', jid: 'xyzzy@s.whatsapp.net', name: 'xyzzy' })).then(
    () => assert.fail('a customer of nobody'),
    (thrown: unknown) => thrown,
  )
  assert.match(String(error), /xyzzy/, 'the error itself has them')
  const text = written((log) => {
    log.error({ err: error }, 'failed')
    log.error(error)
    log.error({ err: new Error('around it', { cause: error }) })
  })
  assert.doesNotMatch(text, /xyzzy/)
  assert.equal(text.match(/SQLITE_CONSTRAINT: FOREIGN KEY/g)?.length, 3)
  assert.equal(
    text
      .trim()
      .split('\n')
      .every((line) => JSON.parse(line).err.stack.includes('    at ')),
    true,
  )
})
