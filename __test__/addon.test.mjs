// The native class alone, as the TypeScript class uses it: tickets in, batches out.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

const { NativeClient } = createRequire(import.meta.url)('../dist/native.js').loadClientAddon()
const emulator = await startEmulator()
after(() => emulator.stop())

/** A native client whose batches are kept; `settle` gives back each batch at once unless `hold` is set. */
function make(session) {
  const options = { session, store: 'memory:', endpoint: emulator.endpoint }
  const seen = { batches: [], events: [], hold: false }
  const waiting = []
  const client = new NativeClient(JSON.stringify(options), (json, raw) => {
    const events = JSON.parse(json)
    seen.batches.push({ events, raw })
    seen.events.push(...events)
    if (!seen.hold) give({ events })
    for (const check of waiting) check()
  })
  function give({ events }) {
    const rows = events.filter((event) => 'seq' in event)
    client.delivered(rows.at(-1)?.seq ?? 0, rows.length)
  }
  const until = (accept) => new Promise((resolve) => {
    const check = () => {
      const found = seen.events.find(accept)
      if (found) resolve(found)
    }
    waiting.push(check)
    check()
  })
  return { client, seen, give, until }
}

async function open(session) {
  const made = make(session)
  // Its callback does not keep Node alive; that is the caller's part.
  const hold = setInterval(() => {}, 1000)
  made.client.connect(1)
  const { text } = await made.until(({ t }) => t === 'qr')
  await emulator.scan(text, { account: session })
  made.client.opened(2)
  await made.until(({ t, ticket }) => t === 'done' && ticket === 2)
  return { ...made, close: () => clearInterval(hold) }
}

test('it connects, sends and disconnects by tickets', async () => {
  const { client, until, close } = await open('Alone')
  const maria = await emulator.contact('María')
  client.send(3, maria.jid, '{"text":"hello"}')
  const { value } = await until(({ ticket }) => ticket === 3)
  assert.equal((await maria.waitForMessage()).id, value.id)
  client.send(4, 'nobody', '{"text":"hello"}')
  assert.equal((await until(({ ticket }) => ticket === 4)).error.code, 'INVALID_RECIPIENT')
  assert.equal(JSON.parse(client.status()).state, 'open')
  assert.equal(JSON.parse(client.stats()).session, 'Alone')
  client.disconnect(5)
  await until(({ ticket }) => ticket === 5)
  assert.equal(JSON.parse(client.status()).state, 'closed')
  close()
})

test('JavaScript that is busy has two batches in hand, bounded and in order, and gets the rest later', async () => {
  const { client, seen, give, until, close } = await open('Busy')
  const { jid } = await until(({ t }) => t === 'user')
  const ana = await emulator.contact('Ana')
  seen.hold = true
  seen.batches.length = 0
  const texts = Array.from({ length: 1500 }, (_, n) => `text ${n}`)
  for (const text of texts) await ana.send(jid, { text })
  // All are acknowledged to the service while JavaScript has only what fits in two batches.
  for (const _ of texts) await ana.waitForReceipt()
  assert.equal(seen.batches.length, 2)
  while (seen.batches.at(-1).events.at(-1).message?.text !== texts.at(-1)) {
    const given = seen.batches.length
    give(seen.batches[given - 2])
    await until(() => seen.batches.length > given)
    assert.equal(seen.batches.length, given + 1)
  }
  for (const { events } of seen.batches) assert.ok(events.length <= 128)
  const messages = seen.events.filter(({ t }) => t === 'message')
  assert.deepEqual(messages.map(({ message }) => message.text), texts)
  for (const { events, raw } of seen.batches) {
    for (const { message, rawAt: [start, end] } of events.filter(({ t }) => t === 'message')) {
      assert.ok(raw.subarray(start, end).includes(message.text))
    }
  }
  client.close()
  assert.throws(() => client.connect(9), (error) => JSON.parse(error.message).code === 'NOT_CONNECTED')
  close()
})
