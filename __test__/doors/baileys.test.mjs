// The Baileys door where no original is beside it: several sockets on one folder, the hand-over after pairing, the codes of every end,
// and what programs keep in their hands.
import assert from 'node:assert/strict'
import { access, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'

import { Log } from './fake-client.mjs'

const require = createRequire(import.meta.url)
const { WhatsAppClient } = require('../../dist/index.js')
const { startEmulator } = require('../../dist/testing.js')
const door = require('../../dist/baileys/index.js')
const { boomOf } = require('../../dist/baileys/disconnect.js')
const { DoorEmitter } = require('../../dist/baileys/emitter.js')
const { chooseEndpoint } = require('../../dist/doors/endpoint.js')
const makeWASocket = door.default

let emulator
let folder
let account
let count = 0
before(async () => {
  emulator = await startEmulator()
})
after(() => emulator.stop())
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'chasqui-door-'))
  account = `Tienda ${++count}`
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A socket whose batches are logged as [event, payload]. */
async function start({ auth, ...config } = {}) {
  const { state, saveCreds } = auth ?? (await door.useMultiFileAuthState(folder))
  const sock = makeWASocket({ auth: state, waWebSocketUrl: emulator.endpoint, ...config })
  const log = new Log()
  sock.ev.process((events) => {
    for (const entry of Object.entries(events)) log.add(entry)
  })
  sock.ev.on('creds.update', saveCreds)
  return { sock, log, state, saveCreds }
}
const changed = (test) => ([event, payload]) => event === 'connection.update' && test(payload)
const closed = changed(({ connection }) => connection === 'close')
const opened = changed(({ connection }) => connection === 'open')
const statusOf = ([, { lastDisconnect }]) => lastDisconnect.error.output.statusCode
const tells = (text) => ([event, payload]) => event === 'messages.upsert' && payload.messages.some(({ message }) => message?.conversation === text)

/** The first socket of a session, closed after the scan, and the second, which is open. */
async function paired(config) {
  const first = await start(config)
  const [, { qr }] = await first.log.until(changed((update) => update.qr))
  await emulator.scan(qr, { account })
  assert.equal(statusOf(await first.log.until(closed)), door.DisconnectReason.restartRequired)
  const second = await start(config)
  await second.log.until(opened)
  return { first, second }
}

test('what comes between the sockets of a pairing is lost to neither, and the credentials stay the same objects', async () => {
  const first = await start()
  const { creds } = first.state
  const [, { qr }] = await first.log.until(changed((update) => update.qr))
  await emulator.scan(qr, { account })
  await first.log.until(closed)
  assert.equal(first.state.creds, creds)
  assert.equal(first.sock.authState.creds, creds)
  assert.equal(JSON.parse(await readFile(path.join(folder, 'creds.json'), 'utf8')).me.id, creds.me.id)
  const maria = await emulator.contact('María')
  await maria.send(account, { text: 'early' })

  const second = await start()
  const { me } = second.state.creds
  assert.equal(me.id, creds.me.id)
  assert.equal(second.sock.user, me)
  await second.log.until(tells('early'))
  assert.equal(second.state.creds.me, me, 'programs keep `creds.me`')
  assert.equal((await emulator.accounts()).find(({ name }) => name === account).devices.length, 1)
  assert.equal(first.log.entries.filter(closed).length, 1)
  await second.sock.end(undefined)
})

test('members and events work without their object', async () => {
  const { second } = await paired()
  const { sendMessage, end, ev } = second.sock
  const { on, off, process } = ev
  const seen = new Log()
  const listener = (update) => seen.add(update.connection)
  on('connection.update', listener)
  const stop = process((events) => seen.add(Object.keys(events)))
  const maria = await emulator.contact('María')
  assert.equal((await sendMessage(maria.jid, { text: 'x' })).key.fromMe, true)
  await seen.until((names) => Array.isArray(names))
  stop()
  off('connection.update', listener)
  seen.entries.length = 0
  await end(undefined)
  assert.deepEqual(seen.entries, [])
})

test('a second socket on the folder replaces the first with 440, and whoever is late changes nothing', async () => {
  const { second: one } = await paired()
  const two = await start()
  assert.equal(statusOf(await one.log.until(closed)), door.DisconnectReason.connectionReplaced)
  await two.log.until(opened)
  // Of two at once the later one stays.
  const [three, four] = [await start(), await start()]
  await four.log.until(opened)
  for (const { log } of [two, three]) assert.equal(statusOf(await log.until(closed)), door.DisconnectReason.connectionReplaced)
  await one.sock.end(undefined)
  await three.sock.end(undefined)
  const maria = await emulator.contact('María')
  await maria.send(account, { text: 'who is there?' })
  await four.log.until(tells('who is there?'))
  for (const { log } of [one, two, three]) assert.equal(log.entries.filter(closed).length, 1)
  await four.sock.end(undefined)
})

test('the next socket may be made in the handler of close, again and again', async () => {
  const { second } = await paired()
  await second.sock.end(undefined)
  const log = new Log()
  let current
  const loop = async () => {
    current = await start()
    current.sock.ev.on('connection.update', ({ connection }) => {
      if (connection) log.add(connection)
      if (connection === 'open') void current.sock.end(new Error('mine'))
      if (connection === 'close' && log.entries.filter((entry) => entry === 'close').length < 5) void loop()
    })
  }
  await loop()
  await log.until(() => log.entries.filter((entry) => entry === 'close').length === 5)
  assert.deepEqual(log.entries, Array(5).fill(['connecting', 'open', 'close']).flat())
  const [, { lastDisconnect }] = await current.log.until(closed)
  assert.equal(lastDisconnect.error.message, 'mine')
})

test('by the time of close the session is free for others', async () => {
  const { second } = await paired()
  const connected = new Promise((resolve) => {
    second.sock.ev.on('connection.update', ({ connection }) => {
      if (connection !== 'close') return
      // It would have to wait, and be refused with SESSION_HELD.
      const free = new WhatsAppClient({ session: 'baileys', store: `baileys:${folder}`, endpoint: emulator.endpoint, reconnect: false })
      resolve(free.connect().then(() => free))
    })
  })
  await second.sock.end(undefined)
  await (await connected).disconnect()
  assert.equal(JSON.parse(await readFile(path.join(folder, 'creds.json'), 'utf8')).me.id, second.state.creds.me.id)
})

test('a connection that does not come about closes once, and end() resolves', async () => {
  const { sock, log } = await start({ waWebSocketUrl: 'ws://127.0.0.1:1' })
  const [, { lastDisconnect }] = await log.until(closed)
  assert.equal(lastDisconnect.error.output.statusCode, 408)
  assert.ok(lastDisconnect.date instanceof Date)
  await sock.end(undefined)
  await sock.end(new Error('again'))
  assert.equal(log.entries.filter(closed).length, 1)
  assert.equal(sock.ws.isClosed, true)
})

test('logout forgets the credentials', async () => {
  const { second } = await paired()
  await second.saveCreds()
  await second.sock.logout()
  assert.equal(statusOf(await second.log.until(closed)), door.DisconnectReason.loggedOut)
  assert.ok(!(await readdir(folder)).includes('creds.json'))
})

test('every end of a connection has the code that programs act on', () => {
  for (const [code, data, statusCode, words] of [
    ['LOGGED_OUT', undefined, 401, 'Stream Errored (conflict)'],
    ['TEMPORARILY_BANNED', undefined, 402, 'Connection Failure'],
    ['BANNED', undefined, 403, 'Connection Failure'],
    ['CLIENT_OUTDATED', undefined, 405, 'Connection Failure'],
    ['REPLACED', undefined, 440, 'Stream Errored (conflict)'],
    ['SESSION_HELD', { holder: { pid: 1 } }, 440, 'Stream Errored (conflict)'],
    ['SESSION_TAKEN_OVER', undefined, 440, 'Stream Errored (conflict)'],
    ['LEASE_LOST', undefined, 440, 'Stream Errored (conflict)'],
    ['CONNECTION_LOST', undefined, 428, 'Connection Terminated'],
    ['CONNECTION_LOST', { timeout: true }, 408, 'Connection was lost'],
    ['CONNECTION_FAILED', undefined, 408, 'WebSocket Error (It ended.)'],
    ['CONNECTION_FAILED', { cause: 'refused', address: '127.0.0.1:9' }, 408, 'WebSocket Error (connect ECONNREFUSED 127.0.0.1:9)'],
    ['CONNECTION_FAILED', { cause: 'timeout' }, 408, 'Timed Out'],
    ['PROTOCOL_ERROR', undefined, 428, 'Connection Terminated by Server'],
    ['PAIRING_TIMEOUT', undefined, 408, 'QR refs attempts ended'],
    ['PAIRING_FAILED', undefined, 500, 'Failed to verify account signature'],
    ['PAIRING_FAILED', { refusal: 'signature-mismatch' }, 500, 'Failed to verify account signature'],
    ['PAIRING_FAILED', { refusal: 'hmac-mismatch' }, 500, 'Invalid account signature'],
    ['PAIRING_FAILED', { refusal: 'internal-error' }, 500, 'Missing device-identity or device in pair success node'],
    ['STORE_CORRUPT', undefined, 500, 'Bad session'],
    ['INVALID_ARGUMENT', undefined, 400, 'It ended.'],
    ['RECIPIENT_LIMIT', { limit: 1024 }, 400, 'It ended.'],
    // Nothing that makes programs delete a session.
    ['SERVER_NOT_TRUSTED', undefined, 503, 'It ended.'],
  ]) {
    const reason = { code, message: 'It ended.', data }
    const boom = boomOf(reason)
    assert.deepEqual([boom.isBoom, boom.output.statusCode, boom.output.payload.statusCode, boom.message], [true, statusCode, statusCode, words], code)
    assert.equal(boom.cause, reason)
  }
})

test('damaged credentials are named and left untouched', async () => {
  const creds = path.join(folder, 'creds.json')
  await writeFile(creds, '{"noiseKey":{')
  await assert.rejects(door.useMultiFileAuthState(folder), (error) => error.code === 'STORE_CORRUPT' && error.data.path === creds)
  assert.deepEqual(await readdir(folder), ['creds.json'])
  assert.equal(await readFile(creds, 'utf8'), '{"noiseKey":{')
})

test('useMultiFileAuthState makes its folder, and refuses a file', async () => {
  const deep = path.join(folder, 'a/b')
  const { state } = await door.useMultiFileAuthState(deep)
  await access(deep)
  assert.equal(state.creds.registered, false)
  assert.equal(state.creds.me, undefined)
  const file = path.join(folder, 'file')
  await writeFile(file, '')
  await assert.rejects(door.useMultiFileAuthState(file), { code: 'INVALID_OPTION' })
})

test('the cached key store of most programs leads to the same folder, and what is no auth is refused by name', async () => {
  const { second } = await paired()
  const { id } = second.state.creds.me
  await second.sock.end(undefined)
  const { state } = await door.useMultiFileAuthState(folder)
  const auth = { creds: state.creds, keys: door.makeCacheableSignalKeyStore(state.keys) }
  const { sock, log } = await start({ auth: { state: auth, saveCreds() {} } })
  await log.until(opened)
  assert.equal(sock.user.id, id)
  await sock.end(undefined)
  assert.throws(() => makeWASocket({ auth: { creds: {}, keys: {} } }), { code: 'INVALID_OPTION' })
  assert.throws(() => makeWASocket({}), { code: 'INVALID_OPTION' })
})

test('buffered events come as one batch at the flush, each type of upsert by itself', () => {
  const ev = new DoorEmitter()
  const batches = []
  ev.process((events) => void batches.push(events))
  const upsert = (id, type) => ev.emit('messages.upsert', { type, messages: [{ key: { remoteJid: '15550001005@s.whatsapp.net', id, fromMe: false }, message: { conversation: id } }] })
  ev.buffer()
  upsert('A', 'append')
  upsert('B', 'append')
  assert.deepEqual(batches, [])
  upsert('C', 'notify')
  assert.equal(ev.flush(), true)
  assert.deepEqual(
    batches.map((events) => [events['messages.upsert'].type, events['messages.upsert'].messages.map(({ key }) => key.id)]),
    [['append', ['A', 'B']], ['notify', ['C']]],
  )
  ev.destroy()
})

test('a throwing listener surfaces by itself and loses no later event', async () => {
  const { second } = await paired()
  const { sock, log } = second
  const surfaced = new Log()
  process.setUncaughtExceptionCaptureCallback(surfaced.add)
  try {
    sock.ev.on('messages.upsert', () => {
      throw new Error('mine')
    })
    const maria = await emulator.contact('María')
    await maria.send(account, { text: 'uno' })
    await surfaced.until(({ message }) => message === 'mine')
    await maria.send(account, { text: 'dos' })
    await surfaced.until(() => surfaced.entries.length === 2)
  } finally {
    process.setUncaughtExceptionCaptureCallback(null)
  }
  await sock.end()
  assert.ok(log.entries.some(closed))
})

test('the endpoint comes from the options, else from the environment', () => {
  const endpoint = { url: 'ws://127.0.0.1:1', rootKey: 'AAAA' }
  assert.equal(chooseEndpoint(undefined), undefined)
  assert.equal(chooseEndpoint(new URL('ws://127.0.0.1:9/')), 'ws://127.0.0.1:9/')
  assert.equal(chooseEndpoint(endpoint), endpoint)
  process.env.CHASQUI_ENDPOINT = JSON.stringify(endpoint)
  try {
    assert.deepEqual(chooseEndpoint(undefined), endpoint)
    assert.equal(chooseEndpoint('ws://127.0.0.1:9/'), 'ws://127.0.0.1:9/')
    process.env.CHASQUI_ENDPOINT = 'ws://127.0.0.1:9/'
    assert.equal(chooseEndpoint(undefined), 'ws://127.0.0.1:9/')
    process.env.CHASQUI_ENDPOINT = '{'
    assert.throws(() => chooseEndpoint(undefined), { code: 'INVALID_OPTION', message: /CHASQUI_ENDPOINT/ })
  } finally {
    delete process.env.CHASQUI_ENDPOINT
  }
})

test('a program that names no endpoint finds the one of the environment', async () => {
  process.env.CHASQUI_ENDPOINT = JSON.stringify(emulator.endpoint)
  try {
    const { sock, log } = await start({ waWebSocketUrl: undefined })
    await log.until(changed((update) => update.qr))
    await sock.end(undefined)
  } finally {
    delete process.env.CHASQUI_ENDPOINT
  }
})
