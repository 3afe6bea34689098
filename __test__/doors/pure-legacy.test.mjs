// The helpers that have other results in Baileys 6: the same calls on npm baileys 6.7.21 and on chasqui/baileys/legacy.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'

import * as theirs from 'baileys-6'

import { comparison, ODD, random, seen } from './differential.mjs'

const ours = createRequire(import.meta.url)('../../dist/baileys/legacy/index.js')
const { same, differ, metDifferences } = comparison(theirs, ours)
console.warn = console.info = console.log = console.error = () => {}

/** Each stands in docs/baileys-differences.md. */
const NEWER_KINDS = ['event', 'album', 'limitSharing']
const mine = {
  // Wrappers that came with 7.
  normalizeMessageContent: ({ args: [content] }) => Object.keys(content).some((name) => ['associatedChildMessage', 'groupStatusMessage', 'groupStatusMessageV2'].includes(name)),
  generateWAMessageContent: ({ args: [content], expected }) => NEWER_KINDS.some((kind) => kind in content) && expected.message === 'Invalid media type',
  // What could not be stored is lost there, and nobody is told.
  addTransactionCapability: ({ expected, got }) => expected.gives === 'done' && got.message === 'the disk is full',
}
differ(mine)

const dice = random(67)
const ME = '15550001001:3@s.whatsapp.net'
const PN = ['15550001001@s.whatsapp.net', '15550001002@s.whatsapp.net', '15550001003:7@s.whatsapp.net']
const LID = ['200000000000001@lid', '200000000000002:4@lid']
const CHATS = [...PN, ...LID, '120363000000000001@g.us', 'status@broadcast', '15550009@broadcast', '120363000000000002@newsletter']
const maybe = (value) => (dice.chance(0.5) ? value : undefined)
const clean = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
const copy = (value) => structuredClone(value)

/** What 7 has besides, as fields that a program of 6 does not look at. */
const NEWER = ['remoteJidAlt', 'participantAlt', 'addressingMode', 'remoteJidUsername', 'participantUsername', 'category', 'retryCount', 'username', 'phoneNumber', 'lidPnMappings', 'pastParticipants']
function older(value) {
  if (Array.isArray(value)) return value.map(older)
  if (!value || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => !NEWER.includes(name)).map(([name, item]) => [name, older(item)]))
}

test('it answers at once or later, and takes as many parameters, as 6 does', () => {
  for (const [name, value] of Object.entries(theirs)) {
    assert.equal(typeof ours[name], typeof value, name)
    if (typeof value === 'function') assert.ok(ours[name].length <= Math.max(value.length, 1) || name.startsWith('make'), `${name}: ${ours[name].length} parameters, not ${value.length}`)
  }
})

test('constants and enums', () => {
  /** Other constants by their nature, or compared below. */
  // The service knows the queries for channels by newer numbers.
  const skipped = ['QueryIds', 'proto', 'WAProto', 'DEFAULT_CONNECTION_CONFIG', 'LT_HASH_ANTI_TAMPERING', 'BufferJSON', 'Curve', 'Browsers', 'default']
  let compared = 0
  for (const [name, value] of Object.entries(theirs)) {
    if (typeof value === 'function' || skipped.includes(name) || name.startsWith('WEB_')) continue
    compared++
    const plain = value && typeof value === 'object' && !Array.isArray(value) && !Buffer.isBuffer(value) && !(value instanceof RegExp)
    // There may be more: 7 has newer kinds.
    if (name === 'MEDIA_KEYS') assert.deepEqual(ours[name].slice(0, value.length), value)
    else if (plain) for (const [field, item] of Object.entries(value)) assert.deepEqual(seen(ours[name][field]), seen(item), `${name}.${field}`)
    else assert.deepEqual(seen(ours[name]), seen(value), name)
  }
  assert.ok(compared > 35, `${compared}`)
})

test('the default configuration', () => {
  const { logger, makeSignalRepository, version, ...config } = ours.DEFAULT_CONNECTION_CONFIG
  const { logger: pino, makeSignalRepository: repository, version: old, ...expected } = theirs.DEFAULT_CONNECTION_CONFIG
  assert.deepEqual(seen(config), seen(expected))
  assert.deepEqual([typeof logger.info, typeof makeSignalRepository, version.length], [typeof pino.info, typeof repository, old.length])
  for (let syncType = -1; syncType < 9; syncType++) assert.equal(config.shouldSyncHistoryMessage({ syncType }), true)
})

test('ciphers that answer later', async () => {
  const key = dice.bytes(32)
  for (let length = 0; length < 50; length += 7) {
    const text = dice.bytes(length)
    await same('md5', () => [text])
    for (const kind of ['image', 'ptt', 'md-msg-hist']) await same('getMediaKeys', () => [text.length > 0 ? text : undefined, kind])
    for (const info of [{}, { info: 'x' }, { salt: text, info: 'ü' }]) {
      for (const size of [1, 32, 112]) await same('hkdf', () => [text, size, info])
    }
    await same('hkdf', () => [text, 16, { info: 'x' }], { call: (lib, args) => lib.hkdf(...args) instanceof Promise })
  }
  const about = { id: 'M1', remoteJid: PN[1], fromMe: true }
  const sealed = await theirs.encryptMediaRetryRequest(about, key, ME)
  const mine = await ours.encryptMediaRetryRequest(about, key, ME)
  const shape = ({ tag, attrs, content }) => [tag, Object.keys(attrs).sort(), Array.isArray(content) ? content.map(shape) : content?.length]
  assert.deepEqual(shape(mine), shape(sealed))
  const made = (bytes, iv) => [{ ciphertext: bytes, iv }, key, 'M1']
  await same('decryptMediaRetryData', () => made(dice && Buffer.alloc(40, 1), Buffer.alloc(12, 2)))
  await same('decryptMediaRetryData', () => made(Buffer.alloc(40, 1), Buffer.alloc(12, 2)), { call: (lib, args) => {
    const answer = lib.decryptMediaRetryData(...args)
    answer.catch(() => {})
    return answer instanceof Promise
  } })
})

test('the hash of a collection', async () => {
  const macs = dice.many(4, () => dice.bytes(32))
  const lanes = (bytes) => new Uint8Array(bytes).buffer
  const start = lanes(dice.bytes(128))
  const shown = async (hash) => Buffer.from(await hash).toString('hex')
  const [add, gone] = [macs.slice(0, 3).map(lanes), macs.slice(3).map(lanes)]
  for (const call of [
    (lib) => shown(lib.LT_HASH_ANTI_TAMPERING.add(start, add)),
    (lib) => shown(lib.LT_HASH_ANTI_TAMPERING.subtract(start, gone)),
    (lib) => shown(lib.LT_HASH_ANTI_TAMPERING.subtractThenAdd(start, add, gone)),
  ]) await same('LT_HASH_ANTI_TAMPERING', () => [], { call })
})

test('BufferJSON reads what older versions wrote', async () => {
  const values = [
    Buffer.from([1, 2]), new Uint8Array([3]), { a: Buffer.alloc(2) }, { type: 'Buffer', data: 'AQI=' }, { type: 'Buffer', data: [1, 2] },
    { buffer: true, data: 'AQ==' }, { type: 'Buffer', value: 'AQ==' }, { type: 'Buffer' }, { 0: 1, 1: 2 }, { 0: 'a' }, new Date(5), ...ODD,
  ]
  for (const value of values) {
    await same('BufferJSON', () => [value], { call: (lib, [item]) => lib.BufferJSON.replacer('key', item) })
    await same('BufferJSON', () => [value], { call: (lib, [item]) => lib.BufferJSON.reviver('key', item) })
  }
  const creds = theirs.initAuthCreds()
  const written = JSON.stringify(creds, theirs.BufferJSON.replacer)
  assert.equal(JSON.stringify(creds, ours.BufferJSON.replacer), written)
  assert.deepEqual(JSON.parse(written, ours.BufferJSON.reviver), JSON.parse(written, theirs.BufferJSON.reviver))
})

test('new credentials', () => {
  const [creds, expected] = [ours.initAuthCreds(), theirs.initAuthCreds()]
  assert.deepEqual(Object.keys(creds).filter((name) => !(name in expected)), Object.keys(creds).filter((name) => name === 'additionalData'))
  assert.deepEqual(Object.keys(expected).filter((name) => !(name in creds)), [])
})

const key = () => clean({ remoteJid: dice.pick(CHATS), fromMe: dice.chance(0.5), id: dice.pick(['A', 'B']), participant: maybe(dice.pick(PN)) })
const content = () =>
  dice.pick([
    { conversation: 'x' }, { extendedTextMessage: { text: 'x' } }, { reactionMessage: { key: key(), text: '👍' } }, { pollUpdateMessage: { pollCreationMessageKey: key() } },
    { protocolMessage: { type: 0, key: key() } }, { ephemeralMessage: { message: { reactionMessage: { key: key(), text: '' } } } }, {}, undefined,
  ])

test('keys of messages', async () => {
  for (let turn = 0; turn < 400; turn++) {
    const me = maybe(ME)
    const message = { key: key(), message: content(), messageStubType: dice.pick([undefined, 1, 27]), messageStubParameters: [ME] }
    await same('cleanMessage', () => [copy(message), ME], { after: ([changed]) => changed })
    await same('isRealMessage', () => [copy(message), ME])
    await same('getChatId', () => [copy(message.key)])
    await same('getKeyAuthor', () => [copy(message.key), me])
    await same('getKeyAuthor', () => [{ ...message.key, participantAlt: LID[0], remoteJidAlt: LID[1] }, ME])
    await same('shouldIncrementChatUnread', () => [copy(message)])
    await same('getContentType', () => [copy(message.message)])
    await same('normalizeMessageContent', () => [copy(message.message)])
  }
  for (const value of [undefined, null]) await same('getKeyAuthor', () => [value, ME])
})

test('votes are of those whom the key names', async () => {
  for (let turn = 0; turn < 50; turn++) {
    const names = ['tea', 'coffee']
    const votes = dice.many(4, () => ({ pollUpdateMessageKey: { ...key(), participantAlt: LID[0] }, vote: { selectedOptions: [theirs.sha256(Buffer.from(dice.pick([...names, 'water'])))] }, senderTimestampMs: 5 }))
    const poll = { message: { pollCreationMessageV3: { options: names.map((optionName) => ({ optionName })) } }, pollUpdates: votes }
    const me = maybe(ME)
    await same('getAggregateVotesInPollMessage', () => [copyOf(poll), me])
  }
})

test('what stands in a message stanza in the open', async () => {
  for (let turn = 0; turn < 1500; turn++) {
    const from = dice.pick(CHATS)
    const participant = /@(g\.us|broadcast)/.test(from) ? dice.pick([PN[1], PN[2], LID[1]]) : undefined
    const person = participant ? 'participant' : 'sender'
    // The service names the other address of who wrote; of channels there is none.
    const other = from.endsWith('@newsletter') || [PN[0], LID[0]].includes(from) ? {} : (participant ?? from).endsWith('@lid') ? { [`${person}_pn`]: maybe(PN[1]) } : { [`${person}_lid`]: maybe(LID[1]) }
    const attrs = clean({ id: 'M1', t: '1700000000', from, participant, ...other, notify: maybe('Ana'), server_id: maybe('7') })
    const call = (lib, args) => older(lib.decodeMessageNode(...args))
    await same('decodeMessageNode', () => [{ tag: 'message', attrs: { ...attrs } }, ME, LID[0]], { call })
  }
})

test('pieces of history', async () => {
  for (let turn = 0; turn < 200; turn++) {
    const conversations = dice.many(3, () => clean({
      id: dice.pick(CHATS), name: maybe('Ana'), lidJid: maybe(LID[0]), unreadCount: dice.below(3),
      messages: dice.many(dice.below(3), () => ({ message: { key: key(), messageTimestamp: 1_700_000_000 + dice.below(9), message: content() } })),
    }))
    const item = { syncType: dice.pick([0, 1, 2, 3, 4, 5, 6]), progress: 5, conversations, pushnames: [{ id: PN[0], pushname: 'Ana' }] }
    await same('processHistoryMessage', () => [copy(item)], { call: (lib, args) => older(lib.processHistoryMessage(...args)) })
  }
})

test('devices of people', async () => {
  const devices = (id) => ({ id, devices: { deviceList: [{ id: 0 }, { id: 3, keyIndex: 1 }, { id: 9 }, { id: 12, keyIndex: 4 }] } })
  for (const zero of [true, false]) await same('extractDeviceJids', () => [[...PN, ...LID].map(devices), ME, zero])
})

test('stages of a call', async () => {
  for (const tag of ['offer', 'offer_notice', 'accept', 'reject', 'preaccept', 'transport', 'relaylatency', 'terminate', 'other']) {
    await same('getCallStatusFromNode', () => [{ tag, attrs: {} }])
    await same('getCallStatusFromNode', () => [{ tag, attrs: { reason: 'timeout' } }])
  }
})

test('browsers, devices and addresses', async () => {
  assert.deepEqual(Object.keys(ours.Browsers), Object.keys(theirs.Browsers))
  for (const name of Object.keys(theirs.Browsers)) await same('Browsers', () => ['Chrome'], { call: (lib, args) => lib.Browsers[name](...args) })
  for (const jid of [...CHATS, '1@bot', '13135550002@c.us', 'x', '', undefined]) {
    for (const name of ['isJidUser', 'isLidUser', 'isJidGroup', 'isJidBroadcast', 'isJidStatusBroadcast', 'isJidNewsletter', 'isJidBot', 'isJidMetaIa', 'jidNormalizedUser', 'jidDecode']) await same(name, () => [jid])
    for (const other of CHATS) await same('areJidsSameUser', () => [jid, other])
  }
  for (const id of ['3EB0'.padEnd(22, 'A'), '3A'.padEnd(20, 'B'), 'C'.repeat(32), 'D'.repeat(18), 'x']) await same('getDevice', () => [id])
})

const SECRET = Buffer.alloc(32, 7)
const CONTENTS = [
  { text: 'hi' }, { text: 'x', contextInfo: { externalAdReply: { title: 't' } } }, { text: '@1', mentions: [PN[1]] }, { text: '', edit: { remoteJid: PN[1], fromMe: true, id: 'A' } },
  { location: { degreesLatitude: 1.5, degreesLongitude: 2.5 } }, { contacts: { displayName: 'A', contacts: [{ vcard: 'v' }] } },
  { contacts: { displayName: 'A', contacts: [{ vcard: 'v' }, { vcard: 'w' }] } }, { contacts: { displayName: 'A', contacts: [] } },
  { react: { text: '👍', key: { remoteJid: PN[1], id: 'A' }, senderTimestampMs: 5 } }, { delete: { remoteJid: PN[1], fromMe: true, id: 'A' } },
  { poll: { name: 'q', values: ['a', 'b'], messageSecret: SECRET } }, { poll: { name: 'q', values: ['a', 'b'], selectableCount: 1, messageSecret: SECRET } },
  { poll: { name: 'q', values: ['a'], toAnnouncementGroup: true, messageSecret: SECRET } }, { poll: { name: 'q', values: 'a' } }, { poll: { name: 'q', values: ['a'], selectableCount: 3 } },
  { disappearingMessagesInChat: true }, { disappearingMessagesInChat: 5 }, { disappearingMessagesInChat: false },
  { groupInvite: { jid: CHATS[5], inviteCode: 'C', inviteExpiration: 9, subject: 's', text: 't' } }, { buttonReply: { id: 'i', displayText: 'd', index: 2 }, type: 'plain' },
  { buttonReply: { id: 'i', displayText: 'd', index: 2 }, type: 'template' }, { listReply: { title: 't', listType: 1, singleSelectReply: { selectedRowId: 'r' } } },
  { sharePhoneNumber: true }, { requestPhoneNumber: true }, { text: 'x', viewOnce: true }, { forward: { key: { remoteJid: PN[1], id: 'A' }, message: { conversation: 'o' } } },
  { forward: { key: { remoteJid: PN[1], id: 'A' } } }, { text: 'see https://example.com', linkPreview: { 'matched-text': 'https://example.com', title: 'T', description: 'D' } },
]

test('contents become messages without a secret of their own', async () => {
  // Times of now.
  const still = (message) => JSON.parse(JSON.stringify(message, (name, value) => (['timestampMs', 'senderTimestampMs'].includes(name) ? 'now' : value)))
  for (const one of CONTENTS) {
    const again = () => copyOf(one)
    await same('generateWAMessageContent', () => [again(), { userJid: ME }], { call: async (lib, args) => still(await lib.generateWAMessageContent(...args)) })
    const options = () => ({ userJid: ME, messageId: 'M1', timestamp: new Date(1_700_000_000_000), ephemeralExpiration: maybe(86_400), quoted: { key: { remoteJid: PN[1], id: 'Q', fromMe: false }, message: { extendedTextMessage: { text: 'q', contextInfo: { stanzaId: 'x' } } } } })
    const chosen = options()
    await same('generateWAMessage', () => [PN[1], again(), { ...chosen }], { call: async (lib, args) => still(await lib.generateWAMessage(...args)) })
    await same('generateWAMessage', () => [CHATS[5], again(), { userJid: ME, messageId: 'M1', timestamp: new Date(1_700_000_000_000) }], { call: async (lib, args) => still(await lib.generateWAMessage(...args)) })
  }
  await same('generateWAMessageFromContent', () => [PN[1], { imageMessage: { jpegThumbnail: 'AQID', fileLength: 5, mediaKeyTimestamp: 7 } }, { userJid: ME, messageId: 'M1', timestamp: new Date(5000) }])
})
/** With its Buffers. */
const copyOf = (value) =>
  Buffer.isBuffer(value) ? Buffer.from(value) : Array.isArray(value) ? value.map(copyOf) : value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyOf(item)])) : value

test('what 7 knows besides is known here, too', async () => {
  for (const wrapper of ['associatedChildMessage', 'groupStatusMessage', 'groupStatusMessageV2', 'ephemeralMessage']) {
    await same('normalizeMessageContent', () => [{ [wrapper]: { message: { conversation: 'x' } } }])
  }
  const newer = { event: { name: 'e', startDate: new Date(5000) }, album: { expectedImageCount: 2 }, limitSharing: true }
  for (const kind of NEWER_KINDS) await same('generateWAMessageContent', () => [{ [kind]: newer[kind] }, { userJid: ME }])
})

test('a transaction that cannot be stored fails', async () => {
  const logger = { trace() {}, debug() {}, warn() {} }
  const failing = { get: async () => ({}), set: async () => Promise.reject(new Error('the disk is full')) }
  await same('addTransactionCapability', () => [failing, logger, { maxCommitRetries: 1, delayBetweenTriesMs: 1 }], {
    call: async (lib, args) => {
      const keys = lib.addTransactionCapability(...args)
      await keys.transaction(async () => keys.set({ session: { a: { b: 1 } } }), 'key')
      return 'done'
    },
  })
})

test('the differences that were allowed were met', () => {
  for (const name of Object.keys(mine)) assert.ok(metDifferences().has(name), name)
})
