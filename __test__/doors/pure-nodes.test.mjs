// Addresses, stanzas and keys: equal to npm baileys, call by call.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { differ, metDifferences, ODD, ours, random, same } from './differential.mjs'

console.warn = console.info = console.log = console.error = () => {}

const mine = {
  // Names of Object.prototype are found in a table there.
  getStatusFromReceiptType: ({ args }) => args[0] in {},
  getCompanionWebClientType: ({ args }) => args[0][1] in {},
  getCompanionPlatformId: ({ args }) => args[0][1] in {},
  buildPairingQRData: ({ args }) => args[4][1] in {},
  // The own LID is taken with its server, too; and one hosted device does not make those after it hosted.
  extractDeviceJids: ({ args }) => args[2]?.includes('@') || JSON.stringify(args[0]).includes('"isHosted":true'),
}
differ(mine)

const dice = random(66)
const odd = () => dice.pick(ODD)
const often = (value) => (dice.chance(0.1) ? odd() : value)

const USERS = ['15550001001', '15550001002', '200000000000001', '120363000000000001', 'status', '13135550002', '131655500', '1', '', '0']
const SERVERS = ['s.whatsapp.net', 'lid', 'g.us', 'broadcast', 'newsletter', 'hosted', 'hosted.lid', 'c.us', 'bot', 'call', 'x']
const jid = () =>
  `${dice.pick(USERS)}${dice.chance(0.2) ? `_${dice.pick(['1', '128', '0', 'x'])}` : ''}${dice.chance(0.4) ? `:${dice.pick(['0', '7', '99', ''])}` : ''}${dice.chance(0.95) ? '@' : ''}${dice.pick(SERVERS)}`

test('addresses', async () => {
  for (let turn = 0; turn < 400; turn++) {
    const [a, b] = [often(jid()), often(jid())]
    for (const name of ['jidDecode', 'jidNormalizedUser', 'isPnUser', 'isLidUser', 'isJidGroup', 'isJidBroadcast', 'isJidStatusBroadcast', 'isJidNewsletter', 'isHostedPnUser', 'isHostedLidUser', 'isJidMetaAI', 'isJidBot']) {
      await same(name, () => [a])
    }
    await same('areJidsSameUser', () => [a, b])
    await same('transferDevice', () => [a, b])
    const [user, server, device, agent] = [often('1'), dice.pick(SERVERS), often(dice.below(3)), often(dice.below(3))]
    await same('jidEncode', () => [user, server, device, agent])
    const domain = dice.pick([0, 1, 128, 129, 5, '1', ...ODD])
    await same('getServerFromDomainType', () => [server, domain])
  }
})

const TAGS = ['iq', 'error', 'message', 'conflict', 'devices', 'id', 'p', 'ack', 'offer', 'terminate', 'mute']
const ATTRS = ['id', 'from', 'to', 'type', 'participant', 'recipient', 'code', 'text', 'name', 'value', 'config_code', 'config_value', 'reason', 'addressing_mode', 'sender_pn', 'sender_lid', 'recipient_pn', 'recipient_lid', 'participant_pn', 'participant_lid', 'peer_recipient_pn', 'peer_recipient_lid']
const VALUES = () => dice.pick(['403', '515', 'timeout', 'lid', 'pn', 'text', '', jid(), undefined, '0', 'retry', "it's"])
function node(depth = 0) {
  const attrs = Object.fromEntries(dice.many(dice.below(5), () => [dice.pick(ATTRS), VALUES()]))
  const content = dice.chance(0.5) && depth < 3 ? dice.many(dice.below(4), () => node(depth + 1)) : dice.pick([undefined, 'text', '', dice.bytes(3), new Uint8Array(dice.bytes(2)), Buffer.alloc(0)])
  return { tag: dice.pick(TAGS), attrs, content }
}

test('nodes', async () => {
  for (let turn = 0; turn < 400; turn++) {
    const tree = often(node())
    const tag = dice.pick(TAGS)
    for (const name of ['getBinaryNodeChild', 'getBinaryNodeChildren', 'getBinaryNodeChildBuffer', 'getBinaryNodeChildString', 'reduceBinaryNodeToDictionary']) await same(name, () => [tree, tag])
    const length = dice.below(4)
    await same('getBinaryNodeChildUInt', () => [tree, tag, length])
    for (const name of ['getAllBinaryNodeChildren', 'assertNodeErrorFree', 'binaryNodeToString', 'getErrorCodeFromStreamError', 'getCallStatusFromNode', 'extractAddressingContext']) await same(name, () => [tree])
    const [code, me] = [dice.pick([undefined, 0, 487, 500]), dice.pick([undefined, '', jid()])]
    await same('buildAckStanza', () => [tree, code, me])
  }
  const { WebMessageInfo } = ours.proto
  const bytes = WebMessageInfo.encode({ key: { id: '1', fromMe: true }, message: { conversation: 'hi' }, messageTimestamp: 5 }).finish()
  await same('getBinaryNodeMessages', () => [{ tag: 'x', attrs: {}, content: [{ tag: 'message', attrs: {}, content: bytes }, { tag: 'y', attrs: {} }] }])
})

test('receipts, stream errors, WebSocket errors', async () => {
  for (const type of ['sender', 'played', 'read', 'read-self', 'inactive', 'toString', 'constructor', ...ODD]) await same('getStatusFromReceiptType', () => [type])
  for (const error of [{ message: 'Unexpected server response: 403' }, { message: 'Unexpected server response: 99' }, { message: 'Unexpected server response: x' }, { message: '' }, { code: 'E' }, { code: 5 }, { code: 'x', message: 'timed out' }, { code: 'ENOTFOUND', message: 'Unexpected server response: 200' }, {}, undefined]) {
    await same('getCodeFromWSError', () => [error])
  }
})

test('platforms and the text of the QR code', async () => {
  const browsers = ['Chrome', 'chrome', 'firefox', 'Desktop', 'foo', 'Safari', 'Edge', 'opera', 'IE', 'uwp', 'catalina', 'ios_phone', 'toString', '', 'vr', 'constructor', undefined, null, 5]
  for (const browser of browsers) {
    await same('getPlatformId', () => [browser])
    for (const os of ['Mac OS', 'Windows', 'Ubuntu', undefined]) {
      await same('getCompanionWebClientType', () => [[os, browser]])
      await same('getCompanionPlatformId', () => [[os, browser, '1']])
      await same('buildPairingQRData', () => ['ref', 'noise', undefined, 'adv', [os, browser, '1']])
    }
  }
})

test('pre-keys', async () => {
  const key = (byte, length = 32) => Buffer.alloc(length, byte)
  const leaf = (tag, content) => ({ tag, attrs: {}, content })
  for (let turn = 0; turn < 200; turn++) {
    const whole = (make) => (dice.chance(0.85) ? [make()] : [])
    const skey = leaf('skey', [...whole(() => leaf('id', key(3, 3))), ...whole(() => leaf('value', key(2, dice.pick([32, 33])))), ...whole(() => leaf('signature', key(3, 64)))])
    const once = leaf('key', [...whole(() => leaf('id', key(4, 3))), ...whole(() => leaf('value', key(4)))])
    const receipt = leaf('receipt', [...whole(() => leaf('registration', key(1, 4))), ...whole(() => leaf('keys', [...whole(() => leaf('type', key(dice.pick([5, 5, 5, 6]), 1))), ...whole(() => leaf('identity', key(1))), ...whole(() => skey), ...(dice.chance(0.5) ? [once] : [])]))])
    await same('extractE2ESessionFromRetryReceipt', () => [receipt])
    const creds = { nextPreKeyId: dice.below(10) + 1, firstUnuploadedPreKeyId: dice.below(10) + 1 }
    const count = dice.below(12)
    const ids = (lib) => {
      const result = lib.generateOrGetPreKeys({ ...creds }, count)
      return { ...result, newPreKeys: Object.keys(result.newPreKeys) }
    }
    await same('generateOrGetPreKeys', () => [creds, count], { call: ids })
    const node = async (lib) => {
      const stored = {}
      const keys = {
        set: ({ 'pre-key': made }) => void Object.assign(stored, made),
        get: (_type, wanted) => Object.fromEntries(wanted.filter((id) => stored[id]).map((id) => [id, { public: Buffer.from([Number(id)]) }])),
      }
      const state = { creds: { ...creds, registrationId: 258, signedIdentityKey: { public: key(1) }, signedPreKey: { keyId: 5, keyPair: { public: key(2) }, signature: key(3, 64) } }, keys }
      return [await lib.getNextPreKeysNode(state, count), Object.keys(stored)]
    }
    await same('getNextPreKeysNode', () => [creds, count], { call: node })
  }
  await same('xmppPreKey', () => [{ public: key(1) }, 258])
  await same('xmppSignedPreKey', () => [{ keyId: 5, keyPair: { public: key(1) }, signature: key(2, 64) }])
  await same('createSignalIdentity', () => ['200000000000001:3@lid', key(1)])
  for (const include of [true, false]) {
    for (const accountSignatureKey of [key(2), Buffer.alloc(0), undefined]) {
      await same('encodeSignedDeviceIdentity', () => [{ details: key(1, 4), accountSignatureKey, accountSignature: key(3, 64), deviceSignature: key(4, 64) }, include])
    }
  }
})

test('devices, participants', async () => {
  for (let turn = 0; turn < 200; turn++) {
    const list = () => dice.many(dice.below(4), () => ({ id: dice.pick([0, 1, 7, 99]), keyIndex: dice.pick([undefined, 0, 1, 5]), isHosted: dice.chance(0.2) }))
    const valid = () => `${dice.pick(['1', '2', '3'])}@${dice.pick(['s.whatsapp.net', 'lid', 'hosted'])}`
    const result = dice.many(dice.below(4), () => ({ id: valid(), devices: dice.chance(0.9) ? { deviceList: dice.chance(0.9) ? list() : undefined } : undefined }))
    const exclude = dice.chance(0.5)
    const myLid = dice.pick(['2', '2@lid', '2:7@lid', undefined])
    await same('extractDeviceJids', () => [result, '1:7@s.whatsapp.net', myLid, exclude])
    const people = dice.many(dice.below(5), jid)
    await same('generateParticipantHashV2', () => [[...people]])
  }
})

test('keys of messages', async () => {
  const key = () => ({ remoteJid: often(jid()), participant: often(jid()), fromMe: dice.pick([true, false, undefined]), id: often('ID'), ...(dice.chance(0.3) ? { participantAlt: often(jid()) } : {}), ...(dice.chance(0.3) ? { remoteJidAlt: often(jid()) } : {}) })
  for (let turn = 0; turn < 300; turn++) {
    const one = often(key())
    await same('getKeyAuthor', () => [one])
    await same('getKeyAuthor', () => [one, '15550001001@s.whatsapp.net'])
    await same('getChatId', () => [one])
    const keys = dice.many(dice.below(6), key)
    await same('aggregateMessageKeysNotFromMe', () => [keys])
  }
})

test('the differences that were allowed were met', () => {
  for (const name of Object.keys(mine)) assert.ok(metDifferences().has(name), name)
})
