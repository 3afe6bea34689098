// The class over a stand-in for the addon: emitter, slices, promises, lifetimes.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { WhatsAppClient } from 'chasqui'

import { endAll, made, useFake } from './fake.mjs'

useFake()
after(endAll)

const options = { session: 'shop', store: 'memory:' }

function open(extra = {}) {
  const client = new WhatsAppClient({ ...options, ...extra })
  return { client, fake: made.at(-1) }
}

const message = (text) => ({
  id: `id-${text}`, chat: '5550100@s.whatsapp.net', sender: { jid: '5550100@s.whatsapp.net', device: 0 },
  fromMe: false, source: 'live', timestamp: 1, type: 'text', text, mentions: [], redelivered: false,
})

/** Collects what would be an uncaught exception while `act` runs and until `count` came. */
async function uncaught(count, act) {
  const errors = []
  const kept = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  const all = new Promise((resolve) => {
    process.on('uncaughtException', (error) => errors.push(error) === count && resolve())
  })
  act()
  await all
  process.removeAllListeners('uncaughtException')
  for (const listener of kept) process.on('uncaughtException', listener)
  return errors
}

test('a throwing listener surfaces as an uncaught exception and harms neither its neighbours nor the batch', async () => {
  const { client, fake } = open()
  const seen = []
  client.on('message', (m) => { throw new Error(`listener failed on ${m.text}`) })
  client.on('message', (m) => seen.push(m.text))
  const errors = await uncaught(2, () => fake.give([
    { t: 'message', seq: 1, message: message('a'), rawAt: [0, 0] },
    { t: 'message', seq: 2, message: message('b'), rawAt: [0, 0] },
  ]))
  assert.deepEqual(errors.map((error) => error.message), ['listener failed on a', 'listener failed on b'])
  assert.deepEqual(seen, ['a', 'b'])
  assert.deepEqual(fake.windows, [[2, 2]])
})

test('raw() gives the bytes of its own message and stays out of JSON', async () => {
  const { client, fake } = open()
  const seen = []
  client.on('message', (m) => seen.push(m))
  await fake.give([
    { t: 'message', seq: 1, message: message('a'), rawAt: [0, 2] },
    { t: 'message', seq: 2, message: message('b'), rawAt: [2, 5] },
  ], Buffer.from([1, 2, 3, 4, 5]))
  assert.deepEqual([...seen[0].raw()], [1, 2])
  assert.deepEqual([...seen[1].raw()], [3, 4, 5])
  assert.deepEqual(JSON.parse(JSON.stringify(seen[0])), message('a'))
})

test('slow listeners get 5 ms at a time, over all clients together, and nothing is lost or reordered', async () => {
  const clients = [open(), open(), open()]
  const seen = clients.map(() => [])
  let stretch = 0
  let longest = 0
  const watch = () => {
    stretch = 0
    if (seen.some((list) => list.length < 40)) setImmediate(watch)
  }
  watch()
  clients.forEach(({ client, fake }, n) => {
    client.on('message', (m) => {
      const end = performance.now() + 1
      while (performance.now() < end);
      stretch++
      longest = Math.max(longest, stretch)
      seen[n].push(m.text)
    })
    fake.give(Array.from({ length: 40 }, (_, i) => ({ t: 'message', seq: i + 1, message: message(`${i}`), rawAt: [0, 0] })))
  })
  while (seen.some((list) => list.length < 40)) await new Promise((resolve) => setImmediate(resolve))
  for (const list of seen) assert.deepEqual(list, Array.from({ length: 40 }, (_, i) => `${i}`))
  // A turn of the loop holds one slice, and the rest of another that began before `watch` ran.
  assert.ok(longest <= 12, `${longest} listeners of 1 ms in one turn`)
  for (const { fake } of clients) assert.deepEqual(fake.windows, [[40, 40]])
})

test('state and user follow the events', async () => {
  const { client, fake } = open()
  assert.equal(client.state, 'closed')
  await fake.give([{ t: 'connection', state: 'open', isNewLogin: true }, { t: 'user', jid: '5550100@s.whatsapp.net', device: 3 }])
  assert.equal(client.state, 'open')
  assert.deepEqual(client.user, { jid: '5550100@s.whatsapp.net', device: 3 })
  await fake.give([{ t: 'connection', state: 'closed' }])
  assert.equal(client.state, 'closed')
})

test('send resolves with the answer to its own ticket', async () => {
  const { client, fake } = open()
  const [one, two] = [client.send('+5550100', { text: 'one' }), client.send('+5550101', { text: 'two' }, { id: 'X', timeout: 5 })]
  assert.deepEqual(fake.call('send').args, ['+5550101', '{"text":"two"}', 'X', 5])
  const tickets = fake.calls.map(([, ticket]) => ticket)
  await fake.give([
    { t: 'done', ticket: tickets[1], value: { id: 'X', timestamp: 2 } },
    { t: 'failed', ticket: tickets[0], error: { code: 'NOT_ON_WHATSAPP', message: 'no', data: { to: '+5550100' } } },
  ])
  assert.deepEqual(await two, { id: 'X', timestamp: 2 })
  await assert.rejects(one, { name: 'ChasquiError', code: 'NOT_ON_WHATSAPP', data: { to: '+5550100' } })
})

test('a message can be answered without naming its chat', async () => {
  const { client, fake } = open()
  void client.send({ ...message('a'), raw: () => new Uint8Array() }, { text: 'b' })
  assert.equal(fake.call('send').args[0], '5550100@s.whatsapp.net')
  await fake.give([{ t: 'done', ticket: fake.call('send').ticket }])
})

test('an abort signal gives up the ticket, and its reason is the cause', async () => {
  const { client, fake } = open()
  const abort = new AbortController()
  const sent = client.send('+5550100', { text: 'x' }, { signal: abort.signal })
  abort.abort(new Error('enough'))
  const { ticket } = fake.call('abort')
  assert.equal(ticket, fake.call('send').ticket)
  await fake.give([{ t: 'failed', ticket, error: { code: 'ABORTED', message: 'aborted' } }])
  await assert.rejects(sent, (error) => error.code === 'ABORTED' && error.cause.message === 'enough')
  await assert.rejects(client.send('+5550100', { text: 'x' }, { signal: abort.signal }), { code: 'ABORTED' })
  assert.equal(fake.calls.filter(([name]) => name === 'send').length, 1)
})

test('bad arguments of send are refused by their code before anything is sent', async () => {
  const { client, fake } = open()
  await assert.rejects(client.send(5550100, { text: 'x' }), { code: 'INVALID_RECIPIENT' })
  await assert.rejects(client.send('+5550100', 'x'), { code: 'INVALID_CONTENT' })
  await assert.rejects(client.send('+5550100', { text: () => 'x' }), { code: 'INVALID_CONTENT' })
  await assert.rejects(client.send('+5550100', { text: 'x' }, { timeout: '5' }), { code: 'INVALID_OPTION', data: { option: 'timeout' } })
  await assert.rejects(client.send('+5550100', { text: 'x' }, { signal: {} }), { code: 'INVALID_OPTION', data: { option: 'signal' } })
  await assert.rejects(client.read({ id: 'x' }), { code: 'INVALID_CONTENT' })
  assert.deepEqual(fake.calls, [])
})

test('an option that JSON cannot carry is named', () => {
  for (const [name, value] of [['session', () => 1], ['sendTimeout', NaN], ['endpoint', { url: Symbol('x') }], ['pushName', 1n]]) {
    assert.throws(() => new WhatsAppClient({ ...options, [name]: value }), { code: 'INVALID_OPTION', data: { option: name } })
  }
  assert.throws(() => new WhatsAppClient(), { code: 'INVALID_OPTION' })
  assert.throws(() => new WhatsAppClient({ ...options, logger: {} }), { code: 'INVALID_OPTION', data: { option: 'logger' } })
})

test('an error without a listener is only logged; with one it is an event', async () => {
  const lines = []
  const write = (line) => lines.push(line)
  const { client, fake } = open({ logger: { debug: write, info: write, warn: write, error: write } })
  assert.equal(fake.options.log, 'debug')
  await fake.give([{ t: 'error', code: 'STORE_FAILED', message: 'disk full' }, { t: 'log', level: 'info', message: 'hello' }])
  assert.deepEqual(lines, ['STORE_FAILED: disk full', 'hello'])
  client.once('error', (error) => lines.push(error.code))
  await fake.give([{ t: 'error', code: 'STORE_FAILED', message: 'disk full' }])
  assert.equal(lines.at(-1), 'STORE_FAILED')
})

test('a logger that wants silence is not asked', () => {
  const silent = { level: 'silent', debug() {}, info() {}, warn() {}, error() {} }
  assert.equal(open({ logger: silent }).fake.options.log, undefined)
  assert.equal(open({ logger: { ...silent, level: 'warn' } }).fake.options.log, 'warn')
})

test('when the session task dies, everything that waits is rejected and the state is closed', async () => {
  const { client, fake } = open()
  const waiting = client.opened()
  await fake.give([{ t: 'connection', state: 'open' }])
  const closed = new Promise((resolve) => client.once('connection', resolve))
  const failed = new Promise((resolve) => client.once('error', resolve))
  await fake.give([{ t: 'gone', error: { code: 'INTERNAL', message: 'fault' } }])
  await assert.rejects(waiting, { code: 'INTERNAL' })
  assert.equal((await failed).code, 'INTERNAL')
  assert.equal((await closed).willRetry, false)
  assert.equal(client.state, 'closed')
})

test('half of a surrogate pair is replaced, as encoders do', async () => {
  const { client, fake } = open()
  void client.send('+5550100', { text: '😀'.slice(0, 1) })
  assert.equal(fake.call('send').args[1], JSON.stringify({ text: '\ufffd' }))
  await fake.give([{ t: 'done', ticket: fake.call('send').ticket }])
})

/** Runs a program with the fake addon; gives its exit code, null if it was still running after `timeout`. */
function exitOf(program, timeout) {
  const setup = `import { WhatsAppClient } from 'chasqui'; import { made, useFake } from './fake.mjs'; useFake();
    const client = new WhatsAppClient({ session: 's', store: 'memory:' }); const fake = made[0];`
  const result = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', setup + program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)), timeout, encoding: 'utf8',
  })
  assert.equal(result.stderr, '')
  return result.status
}

test('Node ends when no client is connected, and not before', () => {
  assert.equal(exitOf('', 10_000), 0)
  assert.equal(exitOf('fake.give([{ t: "connection", state: "open" }, { t: "connection", state: "closed" }])', 10_000), 0)
  assert.equal(exitOf('fake.give([{ t: "connection", state: "open" }])', 700), null)
  assert.equal(exitOf('client.opened()', 700), null)
})

test('a forgotten client is collected once disconnected', () => {
  assert.equal(exitOf(`
    let weak
    (() => {
      const forgotten = new WhatsAppClient({ session: 't', store: 'memory:' })
      weak = new WeakRef(forgotten)
      const fake = made.pop()
      void fake.give([{ t: 'connection', state: 'open' }, { t: 'connection', state: 'closed' }])
      globalThis.stillHeldByTheAddon = fake.onBatch
    })()
    for (let n = 0; weak.deref() && n < 50; n++) { await new Promise((resolve) => setTimeout(resolve, 10)); gc() }
    process.exit(weak.deref() ? 1 : 0)`, 20_000), 0)
})
