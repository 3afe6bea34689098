// `chasqui/baileys/legacy`: what is otherwise in Baileys 6.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

import * as seven from 'chasqui/baileys'
import * as six from 'chasqui/baileys/legacy'

import { listed } from '../../scripts/inventory.mjs'

const require = createRequire(import.meta.url)
const { toLegacyEvents } = require('../../dist/baileys/legacy/events.js')
const { isMissing } = require('../../dist/doors/missing.js')

const alice = '15550001001@s.whatsapp.net'
const bob = '15550001002@s.whatsapp.net'
const bobLid = '200000000000002@lid'
const group = '120363000000000001@g.us'

async function temporary(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'chasqui-legacy-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('it has the names of both lines of 6', () => {
  for (const [version, { exportsNotIn7, lacks }] of Object.entries(listed.otherVersions)) {
    const names = [...Object.keys(listed.exports).filter((name) => !lacks.includes(name)), ...exportsNotIn7]
    assert.deepEqual(names.filter((name) => !(name in six) || (isMissing(six[name]) && !isMissing(seven[name]))), [], version)
  }
})

test('helpers that answered later do so', async () => {
  const key = Buffer.alloc(32, 1)
  const pending = six.hkdf(key, 16, { info: 'x' })
  assert.ok(pending instanceof Promise)
  assert.deepEqual(await pending, Buffer.from(seven.hkdf(key, 16, { info: 'x' })))
  assert.deepEqual(await six.md5(key), Buffer.from(seven.md5(key)))
  assert.ok(six.encryptMediaRetryRequest({ id: 'X', remoteJid: bob, fromMe: false }, key, alice) instanceof Promise)
  await assert.rejects(six.decryptMediaRetryData({ ciphertext: Buffer.alloc(20), iv: Buffer.alloc(12) }, key, 'X'))
})

test('constants are those of 6', () => {
  assert.equal(six.INITIAL_PREKEY_COUNT, 30)
  assert.deepEqual(six.PROCESSABLE_HISTORY_TYPES, [0, 4, 3, 2, 6])
  assert.deepEqual(six.DEFAULT_CONNECTION_CONFIG.browser, ['Ubuntu', 'Chrome', '22.04.4'])
  assert.equal(six.DEFAULT_CONNECTION_CONFIG.syncFullHistory, false)
  assert.equal(seven.DEFAULT_CONNECTION_CONFIG.syncFullHistory, true)
  assert.ok(!('android' in six.Browsers))
  assert.deepEqual(six.Browsers.ubuntu('Chrome'), ['Ubuntu', 'Chrome', '22.04.4'])
  assert.equal(six.isJidUser(alice), true)
  assert.equal(six.isJidMetaIa('1@bot'), true)
})

test('the messages of the Signal protocol go there and back', () => {
  const { WhisperMessage, PreKeyWhisperMessage } = six.textsecure
  const inner = WhisperMessage.encode({ ephemeralKey: Buffer.alloc(33, 5), counter: 3, previousCounter: 0, ciphertext: Buffer.from('c') }).finish()
  const read = PreKeyWhisperMessage.decode(PreKeyWhisperMessage.encode({ preKeyId: 4, signedPreKeyId: 1, message: inner }).finish())
  assert.deepEqual([read.preKeyId, WhisperMessage.decode(read.message).counter], [4, 3])
  const { SenderKeyRecordStructure } = six.groupproto
  const record = { senderKeyStates: [{ senderKeyId: 7, senderMessageKeys: [{ iteration: 2, seed: Buffer.from('s') }] }] }
  assert.equal(SenderKeyRecordStructure.decode(SenderKeyRecordStructure.encode(record).finish()).senderKeyStates[0].senderMessageKeys[0].iteration, 2)
  assert.equal(Object.keys(six.groupproto).length, 7)
})

test('keys name the other address as 6 does, and a chat of two has no participant', () => {
  const message = seven.proto.WebMessageInfo.fromObject({ key: { remoteJid: bobLid, fromMe: false, id: 'A' }, message: { conversation: 'x' } })
  Object.assign(message.key, { remoteJidAlt: bob, participant: '' })
  const given = { 'messages.upsert': { messages: [message], type: 'notify' } }
  const [shown] = toLegacyEvents(given)['messages.upsert'].messages
  assert.equal(shown.key.senderPn, bob)
  assert.equal(shown.key.participant, undefined)
  assert.equal(shown.key.remoteJidAlt, bob)
  assert.ok(shown instanceof seven.proto.WebMessageInfo)
  assert.equal(message.key.participant, '', 'what was given stays')
  assert.equal(message.key.senderPn, undefined)

  const inGroup = { remoteJid: group, fromMe: false, id: 'B', participant: bob, participantAlt: bobLid }
  const [{ key }] = toLegacyEvents({ 'messages.upsert': { messages: [{ key: inGroup }], type: 'notify' } })['messages.upsert'].messages
  assert.deepEqual([key.participant, key.participantLid, key.participantPn], [bob, bobLid, undefined])
})

test('people, groups and participants have the names of 6', () => {
  const events = toLegacyEvents({
    'contacts.upsert': [{ id: bobLid, phoneNumber: bob }, { id: alice }],
    'groups.update': [{ id: group, owner: bobLid, ownerPn: bob, descOwner: alice, participants: [{ id: bobLid, phoneNumber: bob, admin: 'admin' }] }],
    'group-participants.update': { id: group, author: alice, action: 'add', participants: [{ id: bob, admin: null }, { id: bobLid }] },
    'lid-mapping.update': { lid: bobLid, pn: bob },
  })
  assert.deepEqual(events['contacts.upsert'].map(({ id, jid, lid }) => [id, jid, lid]), [[bobLid, bob, bobLid], [alice, alice, undefined]])
  const [{ ownerJid, descOwnerJid, participants }] = events['groups.update']
  assert.deepEqual([ownerJid, descOwnerJid, participants[0].jid, participants[0].lid], [bob, alice, bob, bobLid])
  assert.deepEqual(events['group-participants.update'].participants, [bob, bobLid])
  assert.deepEqual(events['chats.phoneNumberShare'], { lid: bobLid, jid: bob })
})

test('codes, receipts and stubs have the forms of 6', () => {
  const key = { remoteJid: bob, id: 'A', fromMe: true, participant: undefined }
  const events = toLegacyEvents({
    'connection.update': { qr: 'https://wa.me/settings/linked_devices#2@ref,noise,identity,adv,1' },
    'messages.update': [{ key, update: { status: 4, messageTimestamp: 1 } }, { key, update: { message: { conversation: 'x' }, messageTimestamp: 2 } }],
    'messages.upsert': {
      type: 'append',
      messages: [{ key, messageStubType: 27, messageStubParameters: [JSON.stringify({ id: bob, phoneNumber: bob }), '{not json', alice] }],
    },
  })
  assert.deepEqual(events['connection.update'], { qr: '2@ref,noise,identity,adv' })
  assert.deepEqual(events['messages.update'].map(({ update }) => Object.keys(update)), [['status'], ['message', 'messageTimestamp']])
  assert.deepEqual(events['messages.upsert'].messages[0].messageStubParameters, [bob, '{not json', alice])
})

const message = (id, text, jid = bob) => ({ key: { remoteJid: jid, id, fromMe: false }, message: { conversation: text }, messageTimestamp: 1_700_000_000, status: 2 })

/** An emitter as a socket has it, without a socket. */
function bound(config) {
  const store = six.makeInMemoryStore(config)
  const ev = six.makeEventBuffer({ debug() {}, warn() {} })
  store.bind(ev)
  return { store, ev }
}

test('the store keeps what the events tell', async () => {
  const { store, ev } = bound()
  ev.emit('messages.upsert', { messages: [message('A', 'one'), message('B', 'two'), message('C', 'three')], type: 'notify' })
  assert.equal(store.chats.get(bob).unreadCount, 1)
  assert.deepEqual((await store.loadMessages(bob, 2)).map(({ key }) => key.id), ['B', 'C'])
  assert.deepEqual((await store.loadMessages(bob, 5, { before: { remoteJid: bob, id: 'C' } })).map(({ key }) => key.id), ['A', 'B'])
  assert.equal((await store.loadMessage(bob, 'A')).message.conversation, 'one')
  assert.equal((await store.mostRecentMessage(bob)).key.id, 'C')

  ev.emit('chats.update', [{ id: bob, unreadCount: 2 }])
  ev.emit('chats.upsert', [{ id: alice, conversationTimestamp: 1_700_000_001 }])
  assert.deepEqual(store.chats.all().map(({ id }) => id), [alice, bob], 'the newest first')
  assert.equal(store.chats.get(bob).unreadCount, 3)
  ev.emit('chats.update', [{ id: bob, conversationTimestamp: 1_700_000_009, unreadCount: 0 }])
  assert.deepEqual(store.chats.all().map(({ id, unreadCount }) => [id, unreadCount]), [[bob, 0], [alice, undefined]])

  ev.emit('messages.update', [{ key: { remoteJid: bob, id: 'A' }, update: { status: 4 } }, { key: { remoteJid: bob, id: 'A' }, update: { status: 3, starred: true } }])
  const kept = await store.loadMessage(bob, 'A')
  assert.deepEqual([kept.status, kept.starred], [4, true])
  ev.emit('messages.reaction', [{ key: { remoteJid: bob, id: 'A' }, reaction: { key: { remoteJid: bob, id: 'R', fromMe: true }, text: '👍' } }])
  assert.equal(kept.reactions[0].text, '👍')
  ev.emit('message-receipt.update', [{ key: { remoteJid: bob, id: 'A' }, receipt: { userJid: alice, readTimestamp: 5 } }])
  assert.equal((await store.fetchMessageReceipts({ remoteJid: bob, id: 'A' }))[0].userJid, alice)
  ev.emit('messages.delete', { keys: [{ remoteJid: bob, id: 'B' }] })
  assert.deepEqual(store.messages[bob].array.map(({ key }) => key.id), ['A', 'C'])
  ev.emit('messages.delete', { jid: bob, all: true })
  assert.deepEqual(store.messages[bob].array, [])
  ev.emit('chats.delete', [bob, 'unknown@s.whatsapp.net'])
  assert.equal(store.chats.length, 1)
})

test('the store knows people, groups and labels', async () => {
  const { store, ev } = bound()
  ev.emit('contacts.upsert', [{ id: bob, name: 'Bob', imgUrl: 'https://img.example/1' }])
  ev.emit('contacts.update', [{ id: bob, notify: 'bobby' }, { id: 'unknown@s.whatsapp.net', notify: 'x' }])
  assert.deepEqual(store.contacts[bob], { id: bob, name: 'Bob', imgUrl: 'https://img.example/1', notify: 'bobby' })
  assert.equal(await store.fetchImageUrl(bob, undefined), 'https://img.example/1')
  const asked = []
  const sock = { groupMetadata: async (jid) => (asked.push(jid), { id: jid, subject: 's', participants: [{ id: alice }] }) }
  await store.fetchGroupMetadata(group, sock)
  await store.fetchGroupMetadata(group, sock)
  assert.deepEqual(asked, [group])
  ev.emit('group-participants.update', { id: group, author: alice, action: 'add', participants: [bob] })
  ev.emit('group-participants.update', { id: group, author: alice, action: 'promote', participants: [{ id: bob }] })
  ev.emit('group-participants.update', { id: group, author: alice, action: 'remove', participants: [alice] })
  assert.deepEqual(store.groupMetadata[group].participants, [{ id: bob, isAdmin: true, isSuperAdmin: false }])
  ev.emit('labels.edit', { id: '1', name: 'new', color: 0, deleted: false })
  ev.emit('labels.association', { type: 'add', association: { type: 'label_jid', chatId: bob, labelId: '1' } })
  ev.emit('labels.association', { type: 'add', association: { type: 'label_message', chatId: bob, messageId: 'A', labelId: '1' } })
  assert.deepEqual(store.getLabels().findAll().map(({ name }) => name), ['new'])
  assert.equal(store.getChatLabels(bob).length, 2)
  assert.deepEqual(store.getMessageLabels('A'), ['1'])
  ev.emit('labels.association', { type: 'remove', association: { type: 'label_message', chatId: bob, messageId: 'A', labelId: '1' } })
  assert.deepEqual(store.getMessageLabels('A'), [])
  ev.emit('presence.update', { id: bob, presences: { [bob]: { lastKnownPresence: 'composing' } } })
  assert.equal(store.presences[bob][bob].lastKnownPresence, 'composing')
  ev.emit('connection.update', { connection: 'open' })
  assert.equal(store.state.connection, 'open')
})

test('the store goes to a file and comes back', async (t) => {
  const file = path.join(await temporary(t), 'store.json')
  const { store, ev } = bound()
  ev.emit('messaging-history.set', { chats: [{ id: bob, unreadCount: 1 }], contacts: [{ id: bob, name: 'Bob' }], messages: [message('A', 'one')], isLatest: true })
  store.writeToFile(file)
  assert.deepEqual(Object.keys(JSON.parse(await readFile(file, 'utf8'))), ['chats', 'contacts', 'messages', 'labels', 'labelAssociations'])
  const second = six.makeInMemoryStore({})
  second.readFromFile(file)
  second.readFromFile(`${file}.none`)
  assert.equal(second.chats.get(bob).unreadCount, 1)
  assert.equal(second.contacts[bob].name, 'Bob')
  assert.equal((await second.loadMessage(bob, 'A')).message.conversation, 'one')
})

test('what others send does not grow the store without bound, nor reach beyond it', () => {
  const { store, ev } = bound({ maxMessagesPerChat: 3 })
  for (let n = 0; n < 10; n++) ev.emit('messages.upsert', { messages: [message(`M${n}`, 'x')], type: 'append' })
  assert.deepEqual(store.messages[bob].array.map(({ key }) => key.id), ['M7', 'M8', 'M9'])
  const own = { __proto__: null, id: '__proto__', polluted: true }
  ev.emit('chats.upsert', [own])
  ev.emit('chats.update', [own])
  ev.emit('contacts.upsert', [own])
  ev.emit('presence.update', { id: '__proto__', presences: { polluted: true } })
  ev.emit('messages.upsert', { messages: [message('P', 'x', '__proto__')], type: 'notify' })
  assert.equal({}.polluted, undefined)
})

test('events go to a file and are emitted again from it', async (t) => {
  const file = path.join(await temporary(t), 'events.jsonl')
  const ev = six.makeEventBuffer({ debug() {}, warn() {} })
  six.captureEventStream(ev, file)
  ev.emit('chats.delete', [bob])
  ev.emit('connection.update', { connection: 'close' })
  const { ev: replayed, task } = await new Promise((resolve) => {
    const look = async () => {
      const text = await readFile(file, 'utf8').catch(() => '')
      if (text.trim().split('\n').length === 2) resolve(six.readAndEmitEventStream(file))
      else setImmediate(look)
    }
    void look()
  })
  const seen = []
  replayed.on('chats.delete', (ids) => seen.push(ids))
  replayed.on('connection.update', ({ connection }) => seen.push(connection))
  await task
  assert.deepEqual(seen, [[bob], 'close'])
  await assert.rejects(six.readAndEmitEventStream(`${file}.none`).task, { code: 'ENOENT' })
})

test('credentials and keys in a store of cache-manager', async () => {
  const kept = new Map()
  const cache = {
    get: async (key) => kept.get(key),
    set: async (key, value) => void kept.set(key, value),
    del: async (key) => void kept.delete(key),
    store: { keys: async () => [...kept.keys()] },
  }
  const first = await six.makeCacheManagerAuthState(cache, 'one')
  await first.saveCreds()
  await first.state.keys.set({ 'pre-key': { 1: { private: Buffer.alloc(32, 1), public: Buffer.alloc(32, 2) }, 2: null }, 'app-state-sync-key': { A: { keyData: Buffer.from('k') } } })
  assert.deepEqual([...kept.keys()].sort(), ['one:app-state-sync-key-A', 'one:creds', 'one:pre-key-1'])
  const second = await six.makeCacheManagerAuthState(cache, 'one')
  assert.equal(second.state.creds.registrationId, first.state.creds.registrationId)
  const { 1: key, 2: none } = await second.state.keys.get('pre-key', ['1', '2'])
  assert.deepEqual([Buffer.isBuffer(key.private), none], [true, null])
  const { A } = await second.state.keys.get('app-state-sync-key', ['A'])
  assert.ok(A instanceof six.proto.Message.AppStateSyncKeyData)
  kept.set('oneself:creds', '{}')
  await second.clearState()
  assert.deepEqual([...kept.keys()], ['oneself:creds'])
})

test('a socket of 6 has its members, and its options are those of 6', async (t) => {
  const { state } = await six.useMultiFileAuthState(await temporary(t))
  const sock = six.makeWASocket({ auth: state, waWebSocketUrl: 'ws://127.0.0.1:9' })
  try {
    for (const name of listed.otherVersions['6.7.21'].socketNotIn7) assert.ok(name in sock, name)
    assert.equal(sock.groupMetadata.length <= 1, true)
  } finally {
    // Before the folder goes.
    await sock.end()
  }
})

test('the code is printed by the package that the program has', async (t) => {
  const printed = []
  const errors = []
  const ev = six.makeEventBuffer({ debug() {}, warn() {} })
  six.printQRIfNecessaryListener(ev, { error: (_error, text) => errors.push(text) })
  ev.emit('connection.update', { qr: 'a,b,c,d' })
  assert.equal(errors.length, 1, 'without the package it is said')
  const Module = require('node:module')
  const load = Module._load
  t.after(() => (Module._load = load))
  Module._load = (request, ...rest) => (request === 'qrcode-terminal' ? { generate: (text, options) => printed.push([text, options]) } : load(request, ...rest))
  ev.emit('connection.update', { qr: 'a,b,c,d' })
  ev.emit('connection.update', { connection: 'open' })
  assert.deepEqual(printed, [['a,b,c,d', { small: true }]])
})
