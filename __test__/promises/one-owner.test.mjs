// Promise 12: one owner; here two processes that want one session.

import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'

import { WhatsAppClient } from 'chasqui'
import { startEmulator } from 'chasqui/testing'

import { temporary } from '../help.mjs'
import { waitFor } from '../harness/emulator.mjs'
import { runProgram } from '../harness/run-program.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())
const maria = await emulator.contact('María')

const device = async (name) => (await emulator.accounts()).find((account) => account.name === name).devices[0]

/** Stops a process where it is. */
const stop = (program) => program.child.kill('SIGSTOP')

/**
 * Takes the session from a stopped process as soon as it is free; gives the milliseconds that it took. It reaches no
 * server. A process that was stopped in the middle of a transaction keeps everybody from the file: it is stopped again.
 */
async function take(t, session, store, program) {
  const client = new WhatsAppClient({ session, store, endpoint: 'ws://127.0.0.1:1' })
  t.after(() => client.disconnect())
  const reached = new Promise((resolve) => client.once('connection', () => resolve('taken')))
  let begun = performance.now()
  const again = setInterval(() => {
    program.child.kill('SIGCONT')
    setTimeout(() => stop(program), 100)
    begun = performance.now()
  }, 5000)
  t.after(() => clearInterval(again))
  await waitFor(async () => {
    const refused = client.connect().then(() => undefined, ({ code }) => code)
    // Once the store is open, `connect` waits for the server.
    return (await Promise.race([refused, reached])) !== 'SESSION_HELD'
  }, 'the session to be free', 40_000)
  clearInterval(again)
  return { client, took: performance.now() - begun }
}

test('of two processes one works, and when it is killed the other takes over at once', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'two.db')}`
  const [first, second] = [runProgram(t, emulator), runProgram(t, emulator)]
  await first.ask('open', { session: 'Two', store, endpoint: emulator.endpoint })
  await assert.rejects(second.ask('open', { session: 'Two', store, endpoint: emulator.endpoint }), { code: 'SESSION_HELD' })
  first.child.kill('SIGKILL')
  await first.ended
  const begun = performance.now()
  await second.ask('open', { session: 'Two', store, endpoint: emulator.endpoint })
  assert.ok(performance.now() - begun < 15_000, 'within the lease')
  await maria.send('Two', { text: 'who is there?' })
  await second.ask('messages', { session: 'Two', count: 1 })
})

const skip = process.platform === 'win32' && 'no process can be stopped'
test('a process that was stopped past its lease commits nothing any more, and lets nothing out', { skip }, async (t) => {
  const session = 'Stopped'
  const store = `sqlite:${path.join(temporary(t), 'stopped.db')}?lease=1500`
  const stopped = runProgram(t, emulator)
  await stopped.ask('open', { session, store, endpoint: emulator.endpoint })
  await maria.send(session, { text: 'before' })
  await stopped.ask('messages', { session, count: 1 })
  await waitFor(async () => (await stopped.ask('stats', { session })).inboxDepth === 0, 'silence')
  stop(stopped)
  const { client, took } = await take(t, session, store, stopped)
  t.diagnostic(`taken after ${Math.round(took)} ms of a lease of 1500`)
  // Its connection still stands: what it would say would be heard.
  assert.ok((await device(session)).connected)
  const texts = ['one', 'two', 'three']
  for (const text of texts) await maria.send(session, { text })
  const sending = stopped.ask('send', { session, to: maria.jid, content: { text: 'mine' }, options: { timeout: 3000 } })
  const [{ sequence: after }] = await emulator.stanzas({ limit: 1 })
  stopped.child.kill('SIGCONT')
  assert.match((await sending).code, /^(LEASE_LOST|SEND_UNCONFIRMED|NOT_CONNECTED)$/)
  await waitFor(() => stopped.connections.some(({ connection }) => connection.reason?.code === 'LEASE_LOST'), 'the loss to be told')
  const said = await emulator.stanzas({ account: session, direction: 'out', after })
  assert.deepEqual(said.filter(({ stanza: { tag } }) => ['message', 'receipt'].includes(tag)), [])
  assert.equal((await stopped.ask('stats', { session })).state, 'closed')
  assert.equal((await device(session)).queued, texts.length, 'all still waits at the service')

  // The owner of now gets it, once.
  await client.disconnect()
  const owner = new WhatsAppClient({ session, store, endpoint: emulator.endpoint })
  t.after(() => owner.disconnect())
  const got = []
  owner.on('message', (message) => got.push([message.text, message.redelivered]))
  assert.deepEqual(await owner.connect(), { state: 'open' })
  await waitFor(() => got.length >= texts.length, 'the texts')
  const { id } = await owner.send(maria.jid, { text: 'now mine' })
  assert.equal((await maria.waitForMessage()).id, id)
  assert.deepEqual(got, texts.map((text) => [text, false]))
  assert.equal((await emulator.stanzas({ account: session, tag: 'receipt', type: 'retry' })).length, 0)
})
