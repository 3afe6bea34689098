// Bad input: each kind gets a coded error that says what was wrong, nothing is lost, and nothing panics.
//
// Elsewhere: the emulator's QR codes and port (emulator.test.mjs), a session that another process holds
// (process.test.mjs), values that JSON cannot carry (client.test.mjs).

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'

import { WhatsAppClient } from 'chasqui'
import { startEmulator } from 'chasqui/testing'

import { clientOf, next, openClient, temporary } from './help.mjs'
import { waitFor } from './harness/emulator.mjs'
import { runProgram } from './harness/run-program.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())
const maria = await emulator.contact('María')

const { url, rootKey, ca } = emulator.endpoint
const BAD_OPTIONS = {
  session: [undefined, null, '', 5, {}, [], true, 'x'.repeat(129), '😀'.repeat(100), 'a\nb'],
  store: [undefined, null, '', 5, {}, 'mongo:x', 'memory', 'sqlite', 'sqlite:', 'sqlite:x.db?sync=off', 'http://x', ':'],
  endpoint: [5, true, []],
  'endpoint.url': ['', 'http://127.0.0.1', 'ws://', 'wss://:80', 'ws://a b', 'ws://[::1', {}, { url: 5 }, { url: 'ftp://x' }, { rootKey, ca }],
  'endpoint.rootKey': [{ url, rootKey: 5 }, { url, rootKey: 'x' }, { url, rootKey: 'AAAA' }, { url, rootKey: '!'.repeat(44) }],
  'endpoint.ca': [{ url, rootKey, ca: 5 }, { url, rootKey, ca: '' }, { url, rootKey, ca: 'no PEM' }, { url, rootKey, ca: ca.slice(0, 200) }],
  browser: ['Chrome', 5, [], {}, { os: 'Linux' }, { os: 'Linux', name: 5 }, { os: 'x'.repeat(65), name: 'Chrome' }],
  pushName: [5, {}, [], true],
  version: ['2.3000.1', 5, {}, [], [1, 2], [1, 2, 3, 4], [1, 2, '3'], [1, 2, -3], [1, 2, 3.5], [1, 2, 2 ** 32]],
  country: [5, {}, '', 'Peru', 'us', 'ÑÑ', 'P'],
  reconnect: ['yes', 0, 1, {}, []],
  sendTimeout: [0, -1, '5', {}, [], true, 86_400_001],
  connectTimeout: [0, -1, '5', {}, [], true, 86_400_001],
  keepSent: [-1, '5', {}, [], true, 2_592_000_001],
  logger: [5, 'console', {}, [], () => {}, { debug() {}, info() {}, warn() {} }, { ...console, trace: 5 }],
}

for (const [option, values] of Object.entries(BAD_OPTIONS)) {
  test(`option "${option}" is refused by its name`, () => {
    const [name] = option.split('.')
    for (const value of values) {
      assert.throws(() => new WhatsAppClient({ session: 'x', store: 'memory:', [name]: value }), (error) => {
        assert.deepEqual([error.name, error.code, error.data.option], ['ChasquiError', 'INVALID_OPTION', option], JSON.stringify(value))
        assert.match(error.message, new RegExp(option.replace('endpoint.', '(endpoint\\.)?')))
        return true
      })
    }
  })
}

test('options that are none are refused', () => {
  for (const options of [undefined, null, 5, 'memory:', []]) {
    assert.throws(() => new WhatsAppClient(options), { code: 'INVALID_OPTION', data: { option: 'options' } })
  }
})

test('send() names what is wrong with the recipient, the content or the connection', async (t) => {
  const client = clientOf(t, emulator, 'Careful')
  await assert.rejects(client.send(maria.jid, { text: 'too early' }), { code: 'NOT_CONNECTED' })
  await client.connect()
  await client.opened()
  for (const to of [
    '', ' ', 'abc', '12', '+', '++13055550100', '1305555010012345678901', '@s.whatsapp.net', '@lid', 'a@s.whatsapp.net', '5550100@example.net',
    '5550100@', '5550100@s.whatsapp.net@lid', '\0', 'x'.repeat(100_000), 5, null, undefined, {}, { chat: 5 }, [], true,
  ]) {
    await assert.rejects(client.send(to, { text: 'x' }), { code: 'INVALID_RECIPIENT' }, JSON.stringify(to)?.slice(0, 50))
  }
  for (const to of ['+13055550199', '13055550199@s.whatsapp.net']) {
    await assert.rejects(client.send(to, { text: 'x' }), { code: 'NOT_ON_WHATSAPP' })
  }
  for (const content of [
    { text: '' }, { text: 'x'.repeat(65_537) }, { text: '😀'.repeat(65_537) }, { text: 5 }, { text: null }, { text: ['x'] }, { txt: 'x' }, {}, [],
    null, undefined, 'x', 5,
  ]) {
    await assert.rejects(client.send(maria.jid, content), { code: 'INVALID_CONTENT' }, JSON.stringify(content)?.slice(0, 50))
  }
  for (const [option, value] of [['id', ''], ['id', 5], ['timeout', 0], ['timeout', NaN], ['timeout', '5'], ['signal', {}]]) {
    await assert.rejects(client.send(maria.jid, { text: 'x' }, { [option]: value }), { code: 'INVALID_OPTION', data: { option } })
  }
  // The longest text that is allowed, and nothing of what was refused.
  const longest = '😀'.repeat(65_536)
  await client.send(maria.jid, { text: longest })
  assert.equal((await maria.waitForMessage()).text, longest)
  assert.equal(client.stats().outboxDepth, 0)
})

test('read() takes messages only', async (t) => {
  const client = await openClient(t, emulator, 'Reader')
  for (const messages of [null, 5, 'x', {}, [{}], [{ id: 5, chat: 'x', sender: { jid: 'x' } }], [null]]) {
    await assert.rejects(client.read(messages), { code: 'INVALID_CONTENT' })
  }
  await client.read([])
})

test('a file that is no store of ours, or a damaged one, is refused and left as it is, with nothing beside it', async (t) => {
  const folder = temporary(t)
  const good = path.join(folder, 'good.db')
  const client = await openClient(t, emulator, 'Stored', { store: `sqlite:${good}` })
  const hello = next(client, 'message')
  await maria.send('Stored', { text: 'hello' })
  await hello
  await client.disconnect()
  const bytes = readFileSync(good)
  const changed = (at, patch) => Buffer.concat([bytes.subarray(0, at), Buffer.from(patch), bytes.subarray(at + patch.length)])

  for (const [name, content] of Object.entries({
    'a text': Buffer.from('my notes, not a database '.repeat(100)),
    'a short text': Buffer.from('notes'),
    'the first half': bytes.subarray(0, bytes.length / 2),
    'the header only': bytes.subarray(0, 100),
    "another program's database": changed(68, [1, 2, 3, 4]),
    'a schema of the future': changed(60, [0, 0, 0x7f, 0]),
    'pages full of noise': changed(4096, Buffer.alloc(8192, 0xa5)),
    'a page of another size': changed(16, [0, 1]),
  })) {
    const place = path.join(folder, name.replaceAll(/\W/g, '-'))
    mkdirSync(place)
    const file = path.join(place, 'store.db')
    writeFileSync(file, content)
    const client = new WhatsAppClient({ session: 'Stored', store: `sqlite:${file}`, endpoint: emulator.endpoint })
    await assert.rejects(client.connect(), (error) => {
      assert.equal(error.code, 'STORE_CORRUPT', `${name}: ${error.message}`)
      assert.ok(error.message.includes(file), error.message)
      return true
    })
    assert.equal(client.state, 'closed')
    await client.disconnect()
    assert.ok(readFileSync(file).equals(content), `${name} was changed`)
    assert.deepEqual(readdirSync(place), ['store.db'], name)
  }
  // What was good still is.
  const again = clientOf(t, emulator, 'Stored', { store: `sqlite:${good}` })
  assert.deepEqual(await again.connect(), { state: 'open' })
})

test('a path that cannot be a file is refused with what the system says', async (t) => {
  const folder = temporary(t)
  const open = (place) => new WhatsAppClient({ session: 'x', store: `sqlite:${place}`, endpoint: emulator.endpoint })
  await assert.rejects(open(folder).connect(), (error) => error.code === 'STORE_FAILED' && error.data.cause.includes(folder))
  const missing = path.join(folder, 'missing')
  assert.throws(() => open(path.join(missing, 'store.db')), (error) => error.code === 'STORE_FAILED' && error.data.cause.includes(missing))
})

test('a server with another Noise root, another TLS authority or none that is known is not trusted, and not asked again', async (t) => {
  const [other, elsewhere] = [await startEmulator(), await startEmulator({ tls: { names: ['elsewhere.example'] } })]
  t.after(() => Promise.all([other.stop(), elsewhere.stop()]))
  for (const endpoint of [
    { url: emulator.wsUrl, rootKey: other.rootKey },
    { url: emulator.wsUrl },
    { url, rootKey, ca: other.ca },
    { url, rootKey },
    elsewhere.endpoint,
  ]) {
    const client = new WhatsAppClient({ session: 'x', store: 'memory:', endpoint })
    const closed = next(client, 'connection', ({ state }) => state === 'closed')
    await assert.rejects(client.connect(), { code: 'SERVER_NOT_TRUSTED' })
    const { reason, willRetry } = await closed
    assert.deepEqual([reason.code, willRetry, client.state], ['SERVER_NOT_TRUSTED', false, 'closed'])
    await client.disconnect()
  }
})

test('a server that is no such server, or none at all, is told as such', async (t) => {
  for (const endpoint of ['ws://127.0.0.1:1', emulator.wsUrl.replace('/ws/chat', '/elsewhere')]) {
    const client = new WhatsAppClient({ session: 'x', store: 'memory:', endpoint, reconnect: false })
    await assert.rejects(client.connect(), { code: 'CONNECTION_FAILED' })
    await client.disconnect()
  }
})

test('broken frames end the connection with a reason, the session comes back, and memory stays bounded', async (t) => {
  // Some name for each: a session that is interrupted again and again waits longer and longer.
  const broken = {
    truncated: { frame: 'truncated' }, deep: { frame: 'deep' }, bomb: { frame: 'bomb' }, wrongTag: { frame: 'wrongTag' },
    garbage: { frame: 'garbage' },
    empty: { plaintext: '' },
    flagsOnly: { plaintext: Buffer.from([0]).toString('base64') },
    unknownToken: { plaintext: Buffer.from([0, 0xf8, 1, 0xf5]).toString('base64') },
    longList: { plaintext: Buffer.from([0, 0xf9, 0xff, 0xff]).toString('base64') },
    longBytes: { plaintext: Buffer.from([0, 0xf8, 2, 3, 0xfe, 0x7f, 0xff, 0xff, 0xff]).toString('base64') },
    notCompressed: { plaintext: Buffer.from([2, 1, 2, 3]).toString('base64') },
  }
  const program = runProgram(t, emulator, { execArgv: ['--expose-gc'] })
  const names = Object.keys(broken)
  for (const session of names) {
    await program.ask('open', { session, store: 'memory:', endpoint: { url: emulator.wsUrl, rootKey } })
  }
  const before = (await program.ask('memory')).peak
  const counted = Object.fromEntries(names.map((name) => [name, program.connections.filter(({ session }) => session === name).length]))
  const since = (name) => program.connections.filter(({ session }) => session === name).slice(counted[name]).map(({ connection }) => connection)
  for (const [account, what] of Object.entries(broken)) {
    assert.deepEqual(await emulator.inject({ account, ...what }), { count: 1 }, account)
  }
  for (const name of names) {
    const { reason, willRetry } = await waitFor(() => since(name).find(({ state }) => state === 'reconnecting'), `${name} to end`)
    assert.ok(['PROTOCOL_ERROR', 'CONNECTION_LOST'].includes(reason.code), `${name}: ${reason.code}`)
    assert.equal(willRetry, true)
    await maria.send(name, { text: 'while you were away' })
  }
  for (const name of names) {
    await waitFor(() => since(name).some(({ state }) => state === 'open'), `${name} to come back`)
    await program.ask('messages', { session: name, count: 1 })
    assert.ok((await program.ask('send', { session: name, to: maria.jid, content: { text: 'still here' } })).id)
  }
  const grown = (await program.ask('memory')).peak - before
  assert.ok(grown < 64 << 20, `${grown} bytes more at the highest`)
})

test('a frame that is announced and never comes takes no memory, and its connection can be ended', async (t) => {
  const program = runProgram(t, emulator, { execArgv: ['--expose-gc'] })
  await program.ask('open', { session: 'oversized', store: 'memory:', endpoint: { url: emulator.wsUrl, rootKey } })
  const before = (await program.ask('memory')).peak
  await emulator.inject({ account: 'oversized', frame: 'oversized' })
  await emulator.disconnect({ account: 'oversized' })
  await waitFor(() => program.connections.some(({ connection }) => connection.state === 'reconnecting'))
  await maria.send('oversized', { text: 'hello' })
  await program.ask('messages', { session: 'oversized', count: 1 })
  const grown = (await program.ask('memory')).peak - before
  assert.ok(grown < 12 << 20, `${grown} bytes more at the highest`)
})
