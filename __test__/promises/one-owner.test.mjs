// Promise 12: one owner; here two processes that want one session.

import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

import { WhatsAppClient } from 'chasqui'
import { startEmulator } from 'chasqui/testing'

import { next, temporary } from '../help.mjs'
import { waitFor } from '../harness/emulator.mjs'
import { burst, readJournal, runProgram } from '../harness/run-program.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())
const maria = await emulator.contact('María')

const device = async (name) => (await emulator.accounts()).find((account) => account.name === name).devices[0]

/** Stops a process where it is; not in the middle of a transaction, which would keep everybody from the file. */
async function stop(t, program, store) {
  for (;;) {
    program.child.kill('SIGSTOP')
    // Another session of the file can be opened, if not at once then when the process goes on.
    const probe = new WhatsAppClient({ session: 'Probe', store, endpoint: 'ws://127.0.0.1:1' })
    t.after(() => probe.disconnect())
    const opened = next(probe, 'connection')
    probe.connect().catch(() => {})
    const free = await Promise.race([opened, pause(2000)])
    if (!free) program.child.kill('SIGCONT')
    await opened
    await probe.disconnect()
    if (free) return
  }
}

/** Takes the session from a stopped process as soon as it is free; gives the milliseconds that it took. It reaches no server. */
async function take(t, session, store) {
  const client = new WhatsAppClient({ session, store, endpoint: 'ws://127.0.0.1:1' })
  t.after(() => client.disconnect())
  const reached = new Promise((resolve) => client.once('connection', () => resolve('taken')))
  const begun = performance.now()
  await waitFor(async () => {
    const refused = client.connect().then(() => undefined, ({ code }) => code)
    // Once the store is open, `connect` waits for the server.
    return (await Promise.race([refused, reached])) !== 'SESSION_HELD'
  }, 'the session to be free', 40_000)
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
  await stop(t, stopped, store)
  const { client, took } = await take(t, session, store)
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

/** Why it ended for good, each time. */
const reasons = (program) => program.connections.filter(({ connection }) => connection.state === 'closed').map(({ connection }) => connection.reason?.code)
const conflicts = async (account) => (await emulator.stanzas({ account, tag: 'stream:error', child: 'conflict' })).length

test('a session is handed over in a flood: nothing is lost, nothing comes twice unsaid, and who had it is told', async (t) => {
  const session = 'Handed over'
  const folder = temporary(t)
  const lease = 6000
  const store = `sqlite:${path.join(folder, 'handed-over.db')}?lease=${lease}`
  const journals = ['old', 'new'].map((name) => path.join(folder, name))
  const [old, young] = journals.map((JOURNAL) => runProgram(t, emulator, { env: { JOURNAL } }))
  await old.ask('open', { session, store, endpoint: emulator.endpoint, handling: 5, stuckOn: 'long 1' })
  await emulator.contact('Long')
  const [stuck] = await burst(emulator, 'Long', session, 1, 'long')
  const written = [stuck]
  let over = false
  const flood = async (name) => {
    await emulator.contact(name)
    for (let n = 0; !over; n++) {
      written.push(...(await burst(emulator, name, session, 20, `${n}`)))
      await pause(150)
    }
  }
  const floods = ['María', 'Luz', 'Ana'].map(flood)
  const got = (file) => readJournal(file).filter(([what, , type]) => what === 'got' && type === 'text')
  await waitFor(() => got(journals[0]).length > 100, 'the flood')

  const begun = performance.now()
  await young.ask('open', { session, store, endpoint: emulator.endpoint, handling: 5, takeOver: true })
  const took = performance.now() - begun
  t.diagnostic(`handed over in ${Math.round(took)} ms`)
  assert.ok(took < 2 * lease, `${took} ms`)
  await waitFor(() => reasons(old).length > 0, 'the old one to be told')
  const last = old.connections.at(-1).connection
  assert.deepEqual([reasons(old), last.state, last.willRetry], [['SESSION_TAKEN_OVER'], 'closed', false])
  const before = got(journals[1]).length
  await waitFor(() => got(journals[1]).length > before + 100, 'the flood to go on')
  over = true
  await Promise.all(floods)
  await waitFor(() => new Set(journals.flatMap(got).map(([, id]) => id)).size === written.length, 'all', 60_000)
  await waitFor(async () => (await young.ask('stats', { session })).inboxDepth === 0, 'silence')

  const seen = new Set()
  for (const [, id, , redelivered] of journals.flatMap(got)) {
    assert.ok(!seen.has(id) || redelivered, `${id} came twice, and did not say so`)
    seen.add(id)
  }
  assert.deepEqual(seen, new Set(written))
  assert.deepEqual(got(journals[1]).filter(([, id]) => id === stuck).map(([, , , redelivered]) => redelivered), [true])
  // It was gone before the other came, does not come back, and lets the session be.
  assert.equal(await conflicts(session), 0)
  assert.equal((await old.ask('stats', { session })).state, 'closed')
  await assert.rejects(old.ask('open', { session, store, endpoint: emulator.endpoint }), { code: 'SESSION_HELD' })
  assert.deepEqual(reasons(young), [])
})

test('of two processes that take a session over one gets it, and the other is told and stays out', async (t) => {
  const session = 'Wanted by two'
  const store = `sqlite:${path.join(temporary(t), 'wanted.db')}?lease=3000`
  const [old, ...two] = [1, 2, 3].map(() => runProgram(t, emulator))
  await old.ask('open', { session, store, endpoint: emulator.endpoint })
  const opening = two.map((program) => program.ask('open', { session, store, endpoint: emulator.endpoint, takeOver: true }))
  const outcomes = await Promise.allSettled(opening)
  assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
  assert.equal(outcomes.find(({ reason }) => reason).reason.code, 'SESSION_HELD')
  await waitFor(() => reasons(old).length > 0, 'the old one to be told')
  assert.deepEqual(reasons(old), ['SESSION_TAKEN_OVER'])
  const winner = two[outcomes.findIndex(({ status }) => status === 'fulfilled')]
  await maria.send(session, { text: 'who is there?' })
  await winner.ask('messages', { session, count: 1 })
  assert.deepEqual([reasons(winner), await conflicts(session)], [[], 0])
})

test('a stopped process loses the session to who takes it over when its lease expires', { skip }, async (t) => {
  const session = 'Stopped and taken'
  const store = `sqlite:${path.join(temporary(t), 'taken.db')}?lease=1500`
  const [stopped, young] = [runProgram(t, emulator), runProgram(t, emulator)]
  await stopped.ask('open', { session, store, endpoint: emulator.endpoint })
  await waitFor(async () => (await stopped.ask('stats', { session })).inboxDepth === 0, 'silence')
  await stop(t, stopped, store)
  await young.ask('open', { session, store, endpoint: emulator.endpoint, takeOver: true })
  stopped.child.kill('SIGCONT')
  await waitFor(() => reasons(stopped).includes('LEASE_LOST'), 'the loss to be told')
  await maria.send(session, { text: 'to the one that is awake' })
  await young.ask('messages', { session, count: 1 })
  assert.deepEqual(reasons(young), [])
})

test('what an opener asked for before it was stopped goes to the next one, and is not taken from them when it wakes', { skip }, async (t) => {
  const session = 'Asked for'
  const store = `sqlite:${path.join(temporary(t), 'asked.db')}`
  const [old, asleep] = [runProgram(t, emulator), runProgram(t, emulator, { env: { TRACE: '1' } })]
  await old.ask('open', { session, store, endpoint: emulator.endpoint })
  await waitFor(async () => (await old.ask('stats', { session })).inboxDepth === 0, 'silence')
  // The holder must not see it before its author sleeps.
  await stop(t, old, store)
  const asking = asleep.ask('open', { session, store, endpoint: emulator.endpoint, takeOver: true })
  asking.catch(() => {})
  await waitFor(() => asleep.output().includes('the holder was asked'), 'the wish')
  await stop(t, asleep, store)
  old.child.kill('SIGCONT')
  await waitFor(() => reasons(old).includes('SESSION_TAKEN_OVER'), 'the holder to leave')

  const client = new WhatsAppClient({ session, store, endpoint: emulator.endpoint })
  t.after(() => client.disconnect())
  await waitFor(() => client.connect().then(() => true, () => false), 'the wish to fall', 20_000)
  asleep.child.kill('SIGCONT')
  await assert.rejects(asking, { code: 'SESSION_HELD' })
  const third = next(client, 'message', ({ text }) => text === 'to the third')
  await maria.send(session, { text: 'to the third' })
  await third
})
