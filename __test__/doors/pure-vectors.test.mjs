// The recorded inputs and outputs of Baileys' pure helpers.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

import { ours } from './differential.mjs'

const vectors = JSON.parse(await readFile(new URL('pure-vectors.json', import.meta.url), 'utf8'))
const hex = (text) => Buffer.from(text, 'hex')
const nothing = (value) => (value === null ? undefined : value)
const each = (name, call) => test(name, () => vectors[name].forEach((row) => assert.deepEqual(call(row.slice(0, -1), row.at(-1)), nothing(row.at(-1)), JSON.stringify(row))))

test('jid', () => {
  for (const { jid, jidDecode, signalAddress, ...predicates } of vectors.jid) {
    const parts = ours.jidDecode(jid)
    assert.deepEqual(parts && JSON.parse(JSON.stringify(parts)), nothing(jidDecode), jid)
    for (const [name, value] of Object.entries(predicates)) assert.equal(ours[name](jid), value, `${name} ${jid}`)
  }
})
each('areJidsSameUser', ([a, b]) => ours.areJidsSameUser(nothing(a), nothing(b)))
each('jidEncode', ([args]) => ours.jidEncode(...args))
each('transferDevice', ([from, to]) => ours.transferDevice(from, to))
each('bytesToCrockford', ([bytes]) => ours.bytesToCrockford(hex(bytes)))
each('generateParticipantHashV2', ([people]) => ours.generateParticipantHashV2(people))
each('buildPairingQRData', (args) => ours.buildPairingQRData(...args))
each('getCompanionPlatformId', ([browser]) => ours.getCompanionPlatformId(browser))
each('getPlatformId', ([browser]) => ours.getPlatformId(browser))
each('getDevice', ([id]) => ours.getDevice(id))
each('getStatusFromReceiptType', ([type]) => ours.getStatusFromReceiptType(nothing(type)))
each('getCodeFromWSError', ([error]) => ours.getCodeFromWSError(error))
each('getKeyAuthor', (args) => ours.getKeyAuthor(...args))
each('getContentType', ([content]) => ours.getContentType(content))
each('encodeBigEndian', ([number, length], out) => Buffer.from(ours.encodeBigEndian(number, length)).toString('hex') === out && out)
each('encodeBase64EncodedStringForUpload', ([text]) => ours.encodeBase64EncodedStringForUpload(text))
each('extractUrlFromText', ([text]) => ours.extractUrlFromText(text))
test('unpad', () => {
  for (const [padded, plain] of vectors.unpad) assert.equal(Buffer.from(ours.unpadRandomMax16(hex(padded))).toString('hex'), plain)
})
test('getErrorCodeFromStreamError', () => {
  for (const [text, expected] of vectors.getErrorCodeFromStreamError) {
    const [, tag, code] = /^<([\w:]+) (?:code='(\d+)')?/.exec(text)
    const [, child, type] = /> <(\w+) (?:type='(\w+)')?/.exec(text) ?? []
    const content = child ? [{ tag: child, attrs: type ? { type } : {} }] : undefined
    assert.deepEqual(ours.getErrorCodeFromStreamError({ tag, attrs: code ? { code } : {}, content }), expected, text)
  }
})
test('polls', () => {
  const { pollMsgId, pollCreatorJid, voterJid, pollEncKey, encIv, encPayload, selectedOptions } = vectors.pollVote
  const vote = ours.decryptPollVote({ encPayload: hex(encPayload), encIv: hex(encIv) }, { pollMsgId, pollCreatorJid, voterJid, pollEncKey: hex(pollEncKey) })
  assert.deepEqual(vote.selectedOptions.map((option) => option.toString('hex')), selectedOptions)
  assert.equal(createHash('sha256').update('Yes').digest('hex'), selectedOptions[0])
  const message = { pollCreationMessage: { options: [{ optionName: 'Yes' }, { optionName: 'No' }] } }
  assert.deepEqual(ours.getAggregateVotesInPollMessage({ message, pollUpdates: [{ pollUpdateMessageKey: { remoteJid: voterJid }, vote }] }), vectors.aggregateVotes)
})
test('keys', async () => {
  const { ikm, length, info, out } = vectors.hkdf
  assert.equal(Buffer.from(ours.hkdf(hex(ikm), length, { info })).toString('hex'), out)
  const { code, salt, out: key } = vectors.derivePairingCodeKey
  assert.equal((await ours.derivePairingCodeKey(code, hex(salt))).toString('hex'), key)
  const media = vectors.getMediaKeys
  const keys = await ours.getMediaKeys(hex(media.mediaKey), media.type)
  for (const name of ['iv', 'cipherKey', 'macKey']) assert.equal(Buffer.from(keys[name]).toString('hex'), media[name])
})
test('aggregateMessageKeysNotFromMe', () => {
  const keys = [{ remoteJid: 'a', id: '1' }, { remoteJid: 'a', id: '2' }, { remoteJid: 'a', id: '3', fromMe: true }, { remoteJid: 'g', participant: 'p', id: '4' }]
  assert.deepEqual(JSON.parse(JSON.stringify(ours.aggregateMessageKeysNotFromMe(keys))), vectors.aggregateMessageKeysNotFromMe)
})
test('extractDeviceJids', () => {
  const result = [{ id: '15550001002@s.whatsapp.net', devices: { deviceList: [{ id: 0 }, { id: 7, keyIndex: 1 }, { id: 8, keyIndex: 2 }, { id: 9 }] } }]
  assert.deepEqual(ours.extractDeviceJids(result, '15550001002:7@s.whatsapp.net', '', false), vectors.extractDeviceJids)
})
