// The Baileys door against a client in memory: sequences, shapes and codes.
import assert from 'node:assert/strict'
import { access, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'

import { FakeClient, Log, bob, loadDoor, nextClient } from './fake-client.mjs'

const door = loadDoor('baileys')
const makeWASocket = door.default

let folder
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'chasqui-door-'))
  FakeClient.made.length = 0
  FakeClient.connecting = async (client) => client.open()
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A socket whose batches are logged as [event, payload]. */
async function start({ auth, ...config } = {}) {
  const { state, saveCreds } = auth ?? (await door.useMultiFileAuthState(folder))
  const sock = makeWASocket({ auth: state, ...config })
  const log = new Log()
  sock.ev.process((events) => {
    for (const entry of Object.entries(events)) log.add(entry)
  })
  sock.ev.on('creds.update', saveCreds)
  return { sock, log, state, saveCreds, client: () => FakeClient.made.at(-1) }
}
const closed = ([event, payload]) => event === 'connection.update' && payload.connection === 'close'
const opened = ([event, payload]) => event === 'connection.update' && payload.connection === 'open'
const named = (name) => ([event]) => event === name
const shown = (log) => log.entries.map(([event, payload]) => [event, JSON.parse(JSON.stringify(payload))])

test('a paired session opens with the events of Baileys in their order', async () => {
  const { sock, log, client } = await start()
  await log.until(([, payload]) => payload.receivedPendingNotifications)
  const me = { id: '15550001002:7@s.whatsapp.net', lid: '200000000000002:7@lid', name: 'Bob' }
  assert.deepEqual(shown(log), [
    ['connection.update', { connection: 'connecting', receivedPendingNotifications: false }],
    ['creds.update', { me }],
    ['connection.update', { isOnline: true }],
    ['connection.update', { connection: 'open' }],
    ['connection.update', { receivedPendingNotifications: true }],
  ])
  assert.ok('qr' in log.entries[0][1], 'qr is said to be cleared')
  assert.deepEqual(sock.user, me)
  assert.equal(client().options.reconnect, false)
  assert.equal(client().options.store, `baileys:${folder}`)
  await sock.end()
})

test('listeners attached right after makeWASocket miss nothing, and the socket methods need no this', async () => {
  const { sock } = await start()
  const { on } = sock.ev
  const seen = new Log()
  on('connection.update', (update) => seen.add(update))
  await seen.until((update) => update.connection === 'connecting')
  await seen.until((update) => update.connection === 'open')
  const { sendMessage, end } = sock
  assert.equal((await sendMessage('15550001005@s.whatsapp.net', { text: 'x' })).key.fromMe, true)
  await end()
})

test('pairing closes with 515 and the next socket on the same folder opens the same engine, losing nothing', async () => {
  FakeClient.connecting = async (client) => client.qr('ref,a,b,c,1')
  const first = await start()
  const [, { qr }] = await first.log.until(([, payload]) => payload.qr)
  assert.equal(qr, 'https://wa.me/settings/linked_devices#ref,a,b,c,1')
  const engine = first.client()
  engine.pair()
  engine.open(bob, true)
  engine.message({ id: 'EARLY' })
  const [, { lastDisconnect }] = await first.log.until(closed)
  assert.equal(lastDisconnect.error.output.statusCode, door.DisconnectReason.restartRequired)
  assert.equal(lastDisconnect.error.isBoom, true)
  assert.ok(lastDisconnect.date instanceof Date)
  assert.deepEqual(
    shown(first.log).slice(2, 4).map(([event, payload]) => [event, Object.keys(payload)]),
    [['creds.update', ['me']], ['connection.update', ['isNewLogin']]],
  )
  assert.equal(JSON.parse(await readFile(path.join(folder, 'creds.json'), 'utf8')).me.id, '15550001002:7@s.whatsapp.net')

  const second = await start()
  assert.equal(second.state.creds.me.id, '15550001002:7@s.whatsapp.net')
  assert.equal(second.sock.user.lid, '200000000000002:7@lid')
  await second.log.until(opened)
  const [, upsert] = await second.log.until(named('messages.upsert'))
  assert.equal(upsert.messages[0].key.id, 'EARLY')
  assert.equal(FakeClient.made.length, 1, 'one engine for both sockets')
  assert.deepEqual(engine.calls, ['connect'])
  await second.sock.end()
  assert.deepEqual(engine.calls, ['connect', 'disconnect'])
})

test('the reconnect loop of every tutorial ends in an open socket', async () => {
  FakeClient.connecting = async (client) => client.qr()
  const log = new Log()
  let current
  const loop = async () => {
    const { state, saveCreds } = await door.useMultiFileAuthState(folder)
    const sock = (current = makeWASocket({ auth: state, printQRInTerminal: true, syncFullHistory: false }))
    sock.ev.on('creds.update', saveCreds)
    sock.ev.on('connection.update', ({ connection, lastDisconnect }) => {
      log.add(connection)
      if (connection === 'close' && lastDisconnect?.error?.output?.statusCode !== door.DisconnectReason.loggedOut) void loop()
    })
  }
  const made = nextClient()
  await loop()
  const engine = await made
  await log.until((connection) => connection === 'connecting')
  await new Promise(setImmediate)
  engine.pair()
  engine.open()
  await log.until((connection) => connection === 'open')
  assert.deepEqual(log.entries.filter(Boolean), ['connecting', 'close', 'connecting', 'open'])
  await current.logout()
  assert.deepEqual(log.entries.filter(Boolean).at(-1), 'close')
})

test('messages have the shapes of Baileys 7', async () => {
  const { sock, log, client } = await start()
  await log.until(opened)
  client().message({ id: 'LIVE1', text: 'live hello' })
  const batch = new Map(log.entries.slice(-3))
  const key = {
    remoteJid: '15550001005@s.whatsapp.net',
    remoteJidAlt: '500000000000005@lid',
    remoteJidUsername: undefined,
    fromMe: false,
    id: 'LIVE1',
    participant: '',
    participantAlt: undefined,
    participantUsername: undefined,
    addressingMode: 'pn',
  }
  const upsert = batch.get('messages.upsert')
  assert.equal(upsert.type, 'notify')
  const [received] = upsert.messages
  assert.deepEqual(received.key, key)
  assert.deepEqual(Object.keys(received), ['key', 'category', 'messageTimestamp', 'pushName', 'broadcast', 'message'])
  assert.equal(received.messageTimestamp, 1_700_000_700)
  assert.equal(received.pushName, 'Erin')
  assert.ok(received.message instanceof door.proto.Message)
  assert.deepEqual(Object.keys(received.message), ['conversation'])
  assert.equal(received.message.extendedTextMessage, null)
  assert.deepEqual(batch.get('chats.update'), [
    { id: key.remoteJid, messages: [{ message: received }], conversationTimestamp: 1_700_000_700, unreadCount: 1 },
  ])
  assert.deepEqual(batch.get('contacts.update'), [{ id: key.remoteJid, notify: 'Erin', verifiedName: undefined }])

  client().message({ id: 'OFF1', source: 'offline' })
  assert.equal(log.entries.findLast(named('messages.upsert'))[1].type, 'append')

  client().message({ id: 'ME1', source: 'own-device', fromMe: true, sender: { jid: bob.jid, device: 0, name: 'Bob New' } })
  const own = log.entries.findLast(named('messages.upsert'))[1]
  assert.equal(own.type, 'notify')
  assert.equal(own.messages[0].status, 2)
  assert.equal(sock.user.name, 'Bob New')
  assert.ok(!('unreadCount' in log.entries.findLast(named('chats.update'))[1][0]))

  client().message({
    id: 'G1',
    chat: '120363000000000009@g.us',
    sender: { jid: '500000000000005@lid', pn: '15550001005@s.whatsapp.net', lid: '500000000000005@lid', device: 3, name: 'Erin' },
  })
  const group = log.entries.findLast(named('messages.upsert'))[1].messages[0].key
  assert.deepEqual(
    [group.participant, group.participantAlt, group.addressingMode, group.remoteJidAlt],
    ['500000000000005@lid', '15550001005@s.whatsapp.net', 'lid', undefined],
  )

  client().message({ id: 'BAD1', type: 'undecryptable', text: undefined })
  const bad = log.entries.findLast(named('messages.upsert'))[1].messages[0]
  assert.equal(bad.messageStubType, door.WAMessageStubType.CIPHERTEXT)
  assert.ok(!('message' in bad))
  await sock.end()
})

test('receipts become messages.update, and the server acknowledgement none', async () => {
  const { sock, log, client } = await start()
  await log.until(opened)
  const receipt = (fields) =>
    client().emit('receipt', {
      ids: ['MYMSG', 'MYMSG2'],
      chat: '15550001005@s.whatsapp.net',
      recipient: { jid: '15550001005@s.whatsapp.net', device: 0 },
      timestamp: 1_700_000_704_900,
      ...fields,
    })
  const before = log.entries.length
  receipt({ status: 'sent' })
  assert.equal(log.entries.length, before)
  const key = { remoteJid: '15550001005@s.whatsapp.net', id: 'MYMSG', fromMe: true, participant: undefined }
  receipt({ status: 'read' })
  assert.deepEqual(log.entries.at(-1), [
    'messages.update',
    [
      { key, update: { status: 4, messageTimestamp: 1_700_000_704 } },
      { key: { ...key, id: 'MYMSG2' }, update: { status: 4, messageTimestamp: 1_700_000_704 } },
    ],
  ])
  receipt({ status: 'delivered', ids: ['MYMSG'] })
  assert.equal(log.entries.at(-1)[1][0].update.status, 3)
  receipt({ status: 'delivered', ids: ['MYMSG'], recipient: { jid: bob.jid, device: 0 } })
  assert.equal(log.entries.at(-1)[1][0].update.status, 2)
  const reader = '15550001001@s.whatsapp.net'
  receipt({ status: 'read', ids: ['GMSG'], chat: '120363000000000001@g.us', recipient: { jid: reader, device: 0 } })
  assert.deepEqual(log.entries.at(-1), [
    'message-receipt.update',
    [
      {
        key: { remoteJid: '120363000000000001@g.us', id: 'GMSG', fromMe: true, participant: reader },
        receipt: { userJid: reader, readTimestamp: 1_700_000_704 },
      },
    ],
  ])
  await sock.end()
})

test('a sent text resolves to a WebMessageInfo and is echoed afterwards', async () => {
  const { sock, log, client } = await start()
  await assert.rejects(sock.sendMessage('15550001001@s.whatsapp.net', { text: 'early' }), (error) => {
    return error.isBoom && error.output.statusCode === 428 && error.message === 'Connection Closed'
  })
  await log.until(opened)
  const sent = await sock.sendMessage('15550001001@c.us', { text: 'hi', linkPreview: null }, { messageId: 'MYID' })
  assert.deepEqual(client().sent, [{ to: '15550001001@s.whatsapp.net', content: { text: 'hi' }, options: { id: 'MYID' } }])
  assert.deepEqual(JSON.parse(JSON.stringify(sent)), {
    key: { remoteJid: '15550001001@c.us', fromMe: true, id: 'MYID' },
    message: { extendedTextMessage: { text: 'hi' } },
    messageTimestamp: '1700000000',
    status: 'PENDING',
  })
  assert.equal(sent.messageTimestamp.toNumber(), 1_700_000_000)
  const [, upsert] = await log.until(named('messages.upsert'))
  assert.equal(upsert.type, 'append')
  assert.equal(upsert.messages[0], sent)
  client().message({ id: 'MYID', source: 'echo', fromMe: true })
  assert.equal(log.entries.filter(named('messages.upsert')).length, 1, 'the engine\'s own echo is not told twice')
  assert.match((await sock.sendMessage('15550001001@s.whatsapp.net', { text: 'x' })).key.id, /^3EB0[0-9A-F]{18}$/)
  await sock.end()
})

test('an engine error reaches the caller as a Boom that keeps its code', async () => {
  const { sock, log, client } = await start()
  await log.until(opened)
  client().refuse = Object.assign(new Error('No such account.'), { code: 'NOT_ON_WHATSAPP', data: {} })
  await assert.rejects(sock.sendMessage('15550009999@s.whatsapp.net', { text: 'x' }), { isBoom: true, code: 'NOT_ON_WHATSAPP' })
  await sock.end()
})

test('every end of a connection has the code that programs act on', async () => {
  for (const [code, data, statusCode, words] of [
    ['LOGGED_OUT', { failure: 401 }, 401, 'Connection Failure'],
    ['LOGGED_OUT', { streamError: 401 }, 401, 'Stream Errored (conflict)'],
    ['TEMPORARILY_BANNED', { failure: 402 }, 402, 'Connection Failure'],
    ['BANNED', { failure: 403 }, 403, 'Connection Failure'],
    ['CLIENT_OUTDATED', { failure: 405 }, 405, 'Connection Failure'],
    ['REPLACED', undefined, 440, 'Stream Errored (conflict)'],
    ['SESSION_HELD', { holder: { pid: 1 } }, 440, 'Stream Errored (conflict)'],
    ['CONNECTION_LOST', undefined, 428, 'Connection Terminated'],
    ['CONNECTION_LOST', { timeout: true }, 408, 'Connection was lost'],
    ['CONNECTION_LOST', { streamError: 515 }, 515, 'Stream Errored (restart required)'],
    ['CONNECTION_LOST', { streamError: 503 }, 503, 'Stream Errored (unknown)'],
    ['CONNECTION_FAILED', undefined, 408, 'WebSocket Error (It ended.)'],
    ['CONNECTION_FAILED', { failure: 503 }, 503, 'Connection Failure'],
    ['PAIRING_TIMEOUT', undefined, 408, 'QR refs attempts ended'],
    ['STORE_CORRUPT', undefined, 500, 'Bad session'],
    ['SERVER_NOT_TRUSTED', undefined, 503, 'It ended.'],
  ]) {
    FakeClient.connecting = async (client) => client.close(code, data)
    const { log } = await start()
    const [, { lastDisconnect }] = await log.until(closed)
    assert.deepEqual([lastDisconnect.error.output.statusCode, lastDisconnect.error.message], [statusCode, words], code)
    assert.equal(lastDisconnect.error.output.payload.statusCode, statusCode)
    assert.equal(lastDisconnect.error.data.code, code)
    assert.equal(log.entries.filter(closed).length, 1)
  }
})

test('a restart of an open connection is left to the program', async () => {
  const { log, client } = await start()
  await log.until(opened)
  const reason = { code: 'CONNECTION_LOST', message: 'Restart.', data: { streamError: 515 } }
  client().connection({ state: 'reconnecting', reason, willRetry: true, retryIn: 0 })
  const [, { lastDisconnect }] = await log.until(closed)
  assert.equal(lastDisconnect.error.output.statusCode, 515)
  assert.ok(client().calls.includes('disconnect'))
})

test('a connection that does not come about closes once, and end() resolves', async () => {
  FakeClient.connecting = async (client) => {
    client.close('CONNECTION_FAILED')
    throw Object.assign(new Error('refused'), { code: 'CONNECTION_FAILED', data: {} })
  }
  const { sock, log } = await start()
  await log.until(closed)
  await sock.end()
  await sock.end(new Error('again'))
  assert.equal(log.entries.filter(closed).length, 1)
  assert.equal(sock.ws.isClosed, true)
})

test('by the time of close the store is free', async () => {
  const { sock, log, client } = await start()
  await log.until(opened)
  let free = false
  client().disconnect = async () => {
    await new Promise(setImmediate)
    free = true
  }
  sock.ev.on('connection.update', ({ connection }) => connection === 'close' && log.add(['free', free]))
  await sock.end(new Error('mine'))
  assert.deepEqual(await log.until(named('free')), ['free', true])
  assert.equal((await log.until(closed))[1].lastDisconnect.error.message, 'mine')
})

test('a second socket on the folder replaces the first with 440', async () => {
  const first = await start()
  await first.log.until(opened)
  const second = await start()
  await second.log.until(opened)
  const [, { lastDisconnect }] = await first.log.until(closed)
  assert.equal(lastDisconnect.error.output.statusCode, door.DisconnectReason.connectionReplaced)
  assert.equal(FakeClient.made.length, 2)
  await second.sock.end()
})

test('logout unlinks, closes with 401 and forgets the credentials', async () => {
  const { sock, log, client, saveCreds } = await start()
  await log.until(opened)
  await saveCreds()
  await sock.logout()
  const [, { lastDisconnect }] = await log.until(closed)
  assert.equal(lastDisconnect.error.output.statusCode, door.DisconnectReason.loggedOut)
  assert.equal(lastDisconnect.error.message, 'Intentional Logout')
  assert.ok(client().calls.includes('logout'))
  assert.deepEqual(await readdir(folder), [])
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
  const { state } = await door.useMultiFileAuthState(folder)
  const auth = { creds: state.creds, keys: door.makeCacheableSignalKeyStore(state.keys) }
  const { sock, log } = await start({ auth: { state: auth, saveCreds() {} } })
  await log.until(opened)
  await sock.end()
  assert.throws(() => makeWASocket({ auth: { creds: {}, keys: {} } }), { code: 'INVALID_OPTION' })
  assert.throws(() => makeWASocket({}), { code: 'INVALID_OPTION' })
})

test('what is not there yet says so by name', async () => {
  const { sock, log } = await start()
  await log.until(opened)
  await assert.rejects(sock.groupMetadata('1@g.us'), { code: 'NOT_IMPLEMENTED', message: /sock\.groupMetadata/ })
  assert.throws(() => sock.signalRepository.lidMapping, { code: 'NOT_IMPLEMENTED', message: /sock\.signalRepository\.lidMapping/ })
  await assert.rejects(sock.sendMessage('1@s.whatsapp.net', { image: Buffer.alloc(1) }), { code: 'NOT_IMPLEMENTED', message: /image/ })
  await assert.rejects(sock.sendMessage('1@s.whatsapp.net', { text: 'x' }, { quoted: {} }), { code: 'NOT_IMPLEMENTED', message: /quoted/ })
  assert.throws(() => door.makeNoiseHandler(), { code: 'NOT_IMPLEMENTED', message: /makeNoiseHandler/ })
  assert.throws(() => new door.makeNoiseHandler(), { code: 'NOT_IMPLEMENTED', message: /makeNoiseHandler/ })
  assert.throws(() => door.LT_HASH_ANTI_TAMPERING.add, { code: 'NOT_IMPLEMENTED', message: /LT_HASH_ANTI_TAMPERING\.add/ })
  await sock.end()
})

test('buffered events come as one batch at the flush, each type of upsert by itself', async () => {
  const { sock, log, client } = await start()
  await log.until(opened)
  const batches = []
  sock.ev.process((events) => void batches.push(Object.keys(events)))
  sock.ev.buffer()
  client().message({ id: 'A', source: 'offline' })
  client().message({ id: 'B', source: 'offline' })
  client().message({ id: 'C' })
  assert.deepEqual(batches, [])
  assert.equal(sock.ev.flush(), true)
  assert.deepEqual(batches, Array(2).fill(['chats.update', 'messages.upsert', 'contacts.update']))
  const upserts = log.entries.filter(named('messages.upsert')).map(([, { messages, type }]) => [type, messages.map(({ key }) => key.id)])
  assert.deepEqual(upserts, [['append', ['A', 'B']], ['notify', ['C']]])
  await sock.end()
})

test('a throwing listener surfaces by itself and loses no event', async () => {
  const { sock, log, client } = await start()
  await log.until(opened)
  const surfaced = new Promise((resolve) => process.setUncaughtExceptionCaptureCallback(resolve))
  sock.ev.on('messages.upsert', () => {
    throw new Error('mine')
  })
  client().message({ id: 'A' })
  client().message({ id: 'B' })
  assert.equal((await surfaced).message, 'mine')
  process.setUncaughtExceptionCaptureCallback(null)
  await sock.end()
  assert.ok(log.entries.some(closed))
})

test('readMessages names chat, sender and id to the engine', async () => {
  const { sock, log, client } = await start()
  await log.until(opened)
  await sock.readMessages([
    { remoteJid: '15550001005@s.whatsapp.net', id: 'A', fromMe: false, participant: '' },
    { remoteJid: '1203@g.us', id: 'B', participant: '15550001006@s.whatsapp.net' },
  ])
  assert.deepEqual(
    client().readMessages.map(({ id, chat, sender }) => [id, chat, sender.jid]),
    [
      ['A', '15550001005@s.whatsapp.net', '15550001005@s.whatsapp.net'],
      ['B', '1203@g.us', '15550001006@s.whatsapp.net'],
    ],
  )
  await sock.end()
})

test('the endpoint comes from the options, else from the environment', async () => {
  const endpoint = { url: 'ws://127.0.0.1:1', rootKey: 'AAAA' }
  const used = async (config) => {
    const { sock, log, client } = await start(config)
    await log.until(opened)
    await sock.end()
    return client().options.endpoint
  }
  assert.equal(await used({ waWebSocketUrl: 'wss://web.whatsapp.com/ws/chat' }), undefined)
  assert.equal(await used({ waWebSocketUrl: new URL('ws://127.0.0.1:9/') }), 'ws://127.0.0.1:9/')
  assert.deepEqual(await used({ waWebSocketUrl: endpoint }), endpoint)
  assert.deepEqual(await used({ endpoint }), endpoint)
  process.env.CHASQUI_ENDPOINT = JSON.stringify(endpoint)
  try {
    assert.deepEqual(await used({}), endpoint)
    process.env.CHASQUI_ENDPOINT = '{'
    const { state } = await door.useMultiFileAuthState(folder)
    assert.throws(() => makeWASocket({ auth: state }), { code: 'INVALID_OPTION', message: /CHASQUI_ENDPOINT/ })
  } finally {
    delete process.env.CHASQUI_ENDPOINT
  }
})
