// Promise 13: nothing vanishes around a disconnect; here what handlers confirm, and what waited at the service.

import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { clientOf, openClient, temporary } from '../help.mjs'
import { waitFor } from '../harness/emulator.mjs'
import { burst, readJournal, runProgram } from '../harness/run-program.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())
const maria = await emulator.contact('María')

test('what a handler had not finished when the process was killed comes again, marked and in order, until it is', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'killed.db')}`
  const program = runProgram(t, emulator)
  // A handler that takes an hour: of each chat one message is begun, none finished.
  await program.ask('open', { session: 'Worker', store, endpoint: emulator.endpoint, handling: 3_600_000 })
  const ana = await emulator.contact('Ana')
  const written = []
  for (let n = 0; n < 5; n++) {
    for (const person of [maria, ana]) written.push((await person.send('Worker', { text: `text ${n}` })).id)
  }
  await waitFor(async () => (await program.ask('stats', { session: 'Worker' })).inboxDepth === 10, 'the messages')
  // Stored as well: what is not yet would come from the service again, as new.
  const queued = async () => (await emulator.accounts()).find(({ name }) => name === 'Worker').devices[0].queued
  await waitFor(async () => (await queued()) === 0, 'all to be acknowledged')
  program.child.kill('SIGKILL')
  await program.ended

  for (const expected of [written, written.slice(2)]) {
    const client = clientOf(t, emulator, 'Worker', { store })
    const got = []
    let stuck = () => {}
    client.onMessage(async ({ id, chat, text, redelivered }) => {
      got.push({ id, chat, text, redelivered })
      // Only the first of each chat is finished in the first run.
      if (expected === written && text !== 'text 0') await new Promise((resolve) => (stuck = resolve))
    })
    assert.deepEqual(await client.connect(), { state: 'open' })
    const wanted = expected === written ? 4 : expected.length
    await waitFor(() => got.length >= wanted, `${wanted} messages`)
    assert.ok(got.every(({ redelivered }) => redelivered))
    for (const { jid } of [maria, ana]) {
      const numbers = got.filter(({ chat }) => chat === jid).map(({ text }) => Number(text.slice(5)))
      const first = expected === written ? 0 : 1
      assert.deepEqual(numbers, numbers.map((_, n) => n + first))
    }
    await waitFor(() => client.stats().inboxDepth === (expected === written ? 8 : 0), 'the finished ones to be confirmed')
    await client.disconnect()
    stuck()
  }
})

test('a message on which the process dies each time is let go, and no other with it, however long it was beside it', async (t) => {
  const session = 'Poisoned'
  const folder = temporary(t)
  const [store, JOURNAL] = [`sqlite:${path.join(folder, 'poisoned.db')}`, path.join(folder, 'journal')]
  const open = { session, store, endpoint: emulator.endpoint }
  const [tom, eva] = [await emulator.contact('Tom'), await emulator.contact('Eva')]
  const first = runProgram(t, emulator)
  await first.ask('open', { ...open, handling: 3_600_000 })
  const ids = {}
  for (const [person, text] of [[eva, 'slow 1'], [tom, 'before'], [tom, 'poison'], [tom, 'after'], [eva, 'slow 2'], [maria, 'slow 3']]) {
    ids[text] = (await person.send(session, { text })).id
  }
  const device = async () => (await emulator.accounts()).find(({ name }) => name === session).devices[0]
  await waitFor(async () => (await device()).queued === 0, 'all to be stored and acknowledged')
  first.child.kill('SIGKILL')
  await first.ended

  let deaths = 1
  let program
  for (; ; deaths++) {
    program = runProgram(t, emulator, { env: { JOURNAL } })
    // Long enough that others are in hand when it dies.
    const opening = program.ask('open', { ...open, handling: 50, dieOn: 'poison' })
    opening.catch(() => {})
    await waitFor(() => program.errors.length > 0 || program.child.exitCode !== null, 'an error or an end', 60_000)
    if (program.errors.length > 0) break
    assert.ok(deaths < 20, 'it is handed out for ever')
  }
  // Handed out once, and ten times again.
  assert.equal(deaths, 11)
  const others = Object.keys(ids).filter((text) => text !== 'poison').map((text) => ids[text])
  const got = () => readJournal(JOURNAL).map(([, id]) => id)
  await waitFor(() => others.every((id) => got().includes(id)), 'the others')
  await waitFor(async () => (await program.ask('stats', { session })).inboxDepth === 0, 'all to be confirmed')
  assert.deepEqual(program.errors.map(({ code, data: { id, attempts } }) => [code, id, attempts]), [['HANDLER_FAILED', ids.poison, 11]])
  assert.deepEqual(got().indexOf(ids.before) < got().indexOf(ids.after), true)
  assert.ok(!got().includes(ids.poison))
  await tom.send(session, { text: 'and on' })
  await program.ask('messages', { session, count: 1 })
})

test('a handler may answer: its sends go on while it is waited for, and the answers keep the order', async (t) => {
  const client = await openClient(t, emulator, 'Answering')
  client.onMessage(async (message) => {
    await client.send(message, { text: `re: ${message.text}` })
  })
  await burst(emulator, 'María', 'Answering', 60)
  for (let n = 1; n <= 60; n++) assert.equal((await maria.waitForMessage()).text, `re: text ${n}`)
  await waitFor(() => client.stats().inboxDepth === 0)
})

test('while a handler is stuck, other chats go on as far as the window reaches, the rest waits on the disk, and all comes', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'stuck.db')}`
  const client = await openClient(t, emulator, 'Stuck', { store })
  let release
  const gate = new Promise((resolve) => (release = resolve))
  const got = []
  client.onMessage(async ({ text, sender }) => {
    if (sender.name === 'María') await gate
    got.push(text)
  })
  const luz = await emulator.contact('Luz')
  await burst(emulator, 'María', 'Stuck', 900)
  await luz.send('Stuck', { text: 'from Luz' })
  await waitFor(() => got.length === 1, 'the other chat')
  await burst(emulator, 'María', 'Stuck', 600, 'more')
  // Everything is stored and acknowledged, although the handler has taken nothing of it.
  await waitFor(async () => (await emulator.accounts()).find(({ name }) => name === 'Stuck').devices[0].queued === 0, 'silence', 60_000)
  assert.equal(client.stats().inboxDepth, 1500)
  release()
  await waitFor(() => got.length === 1501, 'all', 60_000)
  const numbered = (word, count) => Array.from({ length: count }, (_, n) => `${word} ${n + 1}`)
  assert.deepEqual(got, ['from Luz', ...numbered('text', 900), ...numbered('more', 600)])
  await waitFor(() => client.stats().inboxDepth === 0, 'all to be confirmed')
})

test('the backlog after a login tells how much there is, how far it is, and when that was all', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'away.db')}`
  const client = await openClient(t, emulator, 'Away', { store })
  await client.disconnect()
  await burst(emulator, 'María', 'Away', 700)
  const events = []
  const messages = []
  client.on('offline', (event) => events.push(event))
  client.on('message', ({ source }) => messages.push(source))
  await client.connect()
  await waitFor(() => events.at(-1)?.done, 'the end of the backlog', 60_000)
  await waitFor(() => messages.length === 700, 'the messages')
  assert.ok(messages.every((source) => source === 'offline'))
  const [first, last] = [events[0], events.at(-1)]
  assert.deepEqual([first.received, first.done, last.received, last.total], [0, false, first.total, first.total])
  assert.ok(first.total >= 700)
  assert.equal(events.filter(({ done }) => done).length, 1)
  const received = events.map(({ received }) => received)
  assert.deepEqual(received, received.toSorted((a, b) => a - b))
  // It asks for more whenever a batch has come, as the service expects of it.
  const asked = await emulator.stanzas({ account: 'Away', direction: 'out', tag: 'ib', child: 'offline_batch' })
  assert.ok(asked.length >= 7, `${asked.length} requests`)

  await client.disconnect()
  events.length = 0
  await client.connect()
  await waitFor(() => events.length > 0, 'the end of nothing')
  assert.deepEqual(events, [{ total: 0, received: 0, done: true }])
})
