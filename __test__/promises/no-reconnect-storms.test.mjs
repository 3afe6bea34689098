// Promise 6: no reconnect storms; here when a whole program loses its connections at once.

import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'

import { WhatsAppClient } from 'chasqui'
import { startEmulator } from 'chasqui/testing'

import { waitFor } from '../harness/emulator.mjs'
import { temporary } from '../help.mjs'
import { runProgram } from '../harness/run-program.mjs'
import { dropAll } from '../harness/storm.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())

test('many sessions that are dropped at once come back, each by one attempt after a pause of its own', async (t) => {
  const sessions = Array.from({ length: 60 }, (_, n) => `Storm ${n}`)
  const program = runProgram(t, emulator)
  const store = `sqlite:${path.join(temporary(t), 'storm.db')}`
  for (const session of sessions) await program.ask('open', { session, store, endpoint: emulator.endpoint })
  const { count, pauses } = await dropAll(emulator, program, sessions)
  assert.equal(count, sessions.length)
  for (const [at, attempts] of pauses.entries()) {
    assert.equal(attempts.length, 1, sessions[at])
    // The first pause is a second, and a fifth more or less.
    assert.ok(attempts[0] >= 800 && attempts[0] <= 1200, `${attempts[0]} ms`)
  }
  assert.ok(new Set(pauses.flat()).size > 30, `the pauses are ${pauses.flat()}`)
})

test('a program that has rules of its own is asked at every end, and its answer is followed', async (t) => {
  const [ends, events] = [[], []]
  const answers = [0, undefined, async () => 5, false]
  const client = new WhatsAppClient({
    session: 'Ruled',
    store: 'memory:',
    endpoint: emulator.endpoint,
    reconnect: (end) => {
      const answer = answers[ends.push(end) - 1]
      return typeof answer === 'function' ? answer() : answer
    },
  })
  t.after(() => client.disconnect())
  client.on('qr', (qr) => emulator.scan(qr.text, { account: 'Ruled' }).catch(() => {}))
  client.on('connection', (event) => events.push(event))
  const told = (state, count) => waitFor(() => events.filter((event) => event.state === state).length === count, `${state}, ${count} times`)
  await client.connect()
  await client.opened()
  // The restart after pairing belongs to the protocol: nobody was asked.
  assert.deepEqual(ends, [])
  const before = events.filter(({ state }) => state === 'reconnecting').length
  const { reconnects } = client.stats()
  for (const n of [1, 2, 3]) {
    await emulator.disconnect({ account: 'Ruled' })
    await told('open', n + 1)
  }
  await emulator.disconnect({ account: 'Ruled' })
  await told('closed', 1)
  assert.deepEqual(ends.map(({ reason, attempt }) => [reason.code, attempt]), [1, 2, 3, 4].map((attempt) => ['CONNECTION_LOST', attempt]))
  assert.ok(ends[0].pause >= 800 && ends[0].pause <= 1200, `${ends[0].pause} ms`)
  const pauses = events.filter(({ state }) => state === 'reconnecting').slice(before).map(({ retryIn }) => retryIn)
  assert.deepEqual(pauses, [0, ends[1].pause, 5])
  assert.deepEqual([events.at(-1).state, events.at(-1).willRetry], ['closed', false])

  assert.equal(client.stats().reconnects - reconnects, 3, 'what the program stopped is none')

  // What would be a stop may be another attempt: here in vain.
  answers.push(1, true)
  await client.connect()
  await told('open', 5)
  await emulator.unlink('Ruled')
  await told('closed', 2)
  assert.deepEqual(ends.slice(4).map(({ reason, pause }) => [reason.code, pause]), [['LOGGED_OUT', undefined], ['LOGGED_OUT', undefined]])
  assert.equal(events.findLast(({ state }) => state === 'reconnecting').retryIn, 1)
})
