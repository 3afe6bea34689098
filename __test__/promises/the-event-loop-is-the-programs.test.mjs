// Promise 7: the event loop is the program's. The clock that slices are cut by is the test's own, so nothing here
// depends on the machine; what the delay really is `npm run test:soak` measures.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'

let clock = 0
const realNow = performance.now
performance.now = () => clock
// The slices take the clock that they find when they are loaded.
const { WhatsAppClient } = await import('chasqui')
performance.now = realNow
const { startEmulator } = await import('chasqui/testing')
const { clientOf } = await import('../help.mjs')
const { burst } = await import('../harness/run-program.mjs')
const { door } = await import('../doors/door.mjs')

const emulator = await startEmulator()
after(() => emulator.stop())

/** Counts how often the event loop goes round. */
function turns(t) {
  let count = 0
  let next = setImmediate(function again() {
    count++
    next = setImmediate(again)
  })
  t.after(() => clearImmediate(next))
  return () => count
}

/** Clients whose accounts have messages waiting for them at the service. */
async function waiting(t, names, messages) {
  await emulator.contact('María')
  return Promise.all(names.map(async (name) => {
    const client = clientOf(t, emulator, name)
    await client.connect()
    await client.opened()
    await client.disconnect()
    await burst(emulator, 'María', name, messages)
    return client
  }))
}

for (const [kind, names, messages] of [['one session', ['One'], 1000], ['five sessions together', ['A', 'B', 'C', 'D', 'E'], 200]]) {
  test(`of listeners that take 1 ms each, three run per turn of the loop, however many messages are queued: ${kind}`, async (t) => {
    const clients = await waiting(t, names, messages)
    const turn = turns(t)
    const perTurn = new Map()
    const order = new Map()
    let left = names.length * messages
    const all = new Promise((resolve) => {
      for (const client of clients) {
        client.on('message', ({ text }) => {
          clock += 1
          order.set(client, [...(order.get(client) ?? []), text])
          perTurn.set(turn(), (perTurn.get(turn()) ?? 0) + 1)
          if (--left === 0) resolve()
        })
      }
    })
    await Promise.all(clients.map((client) => client.connect()))
    await all
    // The counter may tick between the two halves of a turn: then it sees two slices as one.
    const most = Math.max(...perTurn.values())
    assert.ok(most <= 6, `${most} listeners in one turn`)
    for (const seen of order.values()) assert.deepEqual(seen, Array.from({ length: messages }, (_, n) => `text ${n + 1}`))
  })
}

test('a listener that takes long is alone in its turn', async (t) => {
  const [client] = await waiting(t, ['Slow'], 50)
  const turn = turns(t)
  const seen = []
  const all = new Promise((resolve) => client.on('message', () => {
    clock += 20
    if (seen.push(turn()) === 50) resolve()
  }))
  await client.connect()
  await all
  assert.ok(new Set(seen).size >= 25, `50 listeners in ${new Set(seen).size} turns`)
})

test('of handlers that go on after an await, 32 begin per turn of the loop', async (t) => {
  const bot = await door(t, emulator, 'Bot')
  await emulator.contact('María')
  const turn = turns(t)
  const perTurn = new Map()
  const count = 1000
  let left = count
  const all = new Promise((resolve) => {
    bot.sock.ev.on('messages.upsert', async ({ messages }) => {
      for (const _ of messages) perTurn.set(turn(), (perTurn.get(turn()) ?? 0) + 1)
      await undefined
      left -= messages.length
      if (left === 0) resolve()
    })
  })
  await burst(emulator, 'María', 'Bot', count)
  await all
  const most = Math.max(...perTurn.values())
  assert.ok(most <= 64, `${most} handlers in one turn`)
})
