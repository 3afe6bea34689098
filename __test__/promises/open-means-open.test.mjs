// Promise 5: open means open; here with a program that takes nothing for as long as the test wants.

import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'
import { Worker } from 'node:worker_threads'

import { startEmulator } from 'chasqui/testing'

import { next, openClient, temporary } from '../help.mjs'
import { waitFor } from '../harness/emulator.mjs'
import { burst } from '../harness/run-program.mjs'

const emulator = await startEmulator({ captureLimit: 200_000 })
after(() => emulator.stop())
await emulator.contact('María')

// The first message blocks the thread until the gate opens; then everything is told at the end.
const STALLED = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { WhatsAppClient } = require('chasqui')
  const { gate, options } = workerData
  const client = new WhatsAppClient(options)
  const texts = []
  client.on('qr', (qr) => parentPort.postMessage({ qr: qr.text }))
  client.on('message', (message) => {
    if (texts.push(message.text) > 1) return
    parentPort.postMessage({ stalled: true })
    Atomics.wait(gate, 0, 0)
    parentPort.postMessage({ stats: client.stats() })
  })
  client.on('connection', ({ state, reason }) => parentPort.postMessage({ connection: { state, code: reason?.code, texts: texts.length } }))
  parentPort.on('message', async (asked) => {
    if (asked === 'texts') parentPort.postMessage({ texts })
    if (asked === 'connect') await client.connect()
    if (asked === 'disconnect') await client.disconnect().then(() => process.exit())
  })
  client.connect().then(() => client.opened()).then(() => parentPort.postMessage({ opened: true }))
`

async function stalledProgram(t, session, store) {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(STALLED, { eval: true, workerData: { gate, options: { session, store, endpoint: emulator.endpoint } } })
  t.after(() => worker.terminate())
  const told = { connections: [], texts: [] }
  worker.on('message', ({ qr, connection, ...rest }) => {
    if (qr) void emulator.scan(qr, { account: session })
    if (connection) told.connections.push(connection)
    Object.assign(told, rest)
  })
  await waitFor(() => told.opened)
  return {
    told,
    post: (what) => worker.postMessage(what),
    open() {
      Atomics.store(gate, 0, 1)
      Atomics.notify(gate, 0)
    },
    async texts(count) {
      await waitFor(async () => {
        worker.postMessage('texts')
        return told.texts.length >= count
      }, `${count} texts`, 60_000)
      return told.texts
    },
  }
}

const device = async (name) => (await emulator.accounts()).find((account) => account.name === name).devices[0]
const numbered = (count, text = 'text') => Array.from({ length: count }, (_, n) => `${text} ${n + 1}`)

test('a program that stalls keeps its connection, gets everything afterwards in order and once, and holds up nobody', async (t) => {
  const program = await stalledProgram(t, 'Stalled', `sqlite:${path.join(temporary(t), 'stalled.db')}`)
  await burst(emulator, 'María', 'Stalled', 5000)
  await waitFor(() => program.told.stalled)
  // The engine takes and acknowledges all of it, although nobody listens.
  await waitFor(async () => (await device('Stalled')).queued === 0, 'all to be acknowledged', 60_000)
  // The service's pings are answered.
  const ping = { tag: 'iq', attrs: { id: 'PING-1', from: 's.whatsapp.net', type: 'get', xmlns: 'urn:xmpp:ping' } }
  await emulator.inject({ account: 'Stalled', stanza: ping })
  await waitFor(async () => (await emulator.stanzas({ account: 'Stalled', direction: 'out', tag: 'iq', id: 'PING-1' })).length === 1)
  // Another session of the process goes on.
  const other = await openClient(t, emulator, 'Neighbour')
  const heard = next(other, 'message')
  await burst(emulator, 'María', 'Neighbour', 1, 'hello')
  assert.equal((await heard).text, 'hello 1')

  program.open()
  assert.deepEqual(await program.texts(5000), numbered(5000))
  assert.ok(program.told.stats.inboxDepth >= 4900, `${program.told.stats.inboxDepth} rows in the inbox`)
  assert.deepEqual(program.told.connections.map(({ state }) => state).filter((state) => state === 'reconnecting').length, 1)
  const connections = (await emulator.stanzas({ account: 'Stalled', tag: 'message' })).map(({ connection }) => connection)
  assert.equal(new Set(connections).size, 1)
})

test('a store in memory holds 20,000 events and then ends the connection with its reason; nothing is lost', async (t) => {
  const program = await stalledProgram(t, 'Full', 'memory:')
  const count = 20_500
  await burst(emulator, 'María', 'Full', count)
  await waitFor(() => program.told.stalled)
  await waitFor(async () => !(await device('Full')).connected, 'the connection to end', 60_000)
  program.open()
  // What had been taken is given out; the rest waits at the service.
  const end = await waitFor(() => program.told.connections.find(({ state }) => state === 'closed'))
  assert.equal(end.code, 'INBOX_FULL')
  const before = (await program.texts(20_000)).length
  assert.ok(before < count)
  program.post('connect')
  assert.deepEqual(await program.texts(count), numbered(count))
})
