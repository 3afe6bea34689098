// Contents of messages: what is inside, how they are made, votes and receipts. Equal to npm baileys, call by call.
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'

import { differ, metDifferences, ODD, ours, random, same, theirs } from './differential.mjs'

console.warn = console.info = console.log = console.error = () => {}

const mine = {}
differ(mine)

const dice = random(666)
const odd = () => dice.pick(ODD)
const often = (value) => (dice.chance(0.05) ? odd() : value)
const JIDS = ['15550001001@s.whatsapp.net', '15550001002:7@s.whatsapp.net', '200000000000001@lid', '200000000000002:3@lid', '120363000000000001@g.us', 'status@broadcast', '1@broadcast', '120363000000000002@newsletter', '15550001003@c.us', '15550001004:99@hosted', '200000000000004:99@hosted.lid', '']
const jid = () => dice.pick(JIDS)
const key = () => ({ remoteJid: jid(), fromMe: dice.chance(0.5), id: dice.pick(['A', 'B', '3EB0AAAA']), ...(dice.chance(0.5) ? { participant: jid() } : {}) })
const context = () => (dice.chance(0.5) ? {} : { contextInfo: dice.pick([{ stanzaId: 'Q' }, { forwardingScore: 3, isForwarded: true }, { mentionedJid: [jid()] }, null, {}]) })

function content(depth = 0) {
  const inner = () => ({ message: depth < 7 ? content(depth + 1) : undefined })
  return dice.pick([
    () => ({ conversation: dice.pick(['hi', '', 'ü']) }),
    () => ({ extendedTextMessage: { text: 'hi', ...context() } }),
    () => ({ imageMessage: { caption: 'c', mimetype: dice.pick(['image/jpeg', 'image/png; x=y']), fileSha256: dice.bytes(3), ...context() } }),
    () => ({ videoMessage: { mimetype: 'video/mp4', ...context() } }),
    () => ({ audioMessage: { mimetype: 'audio/ogg; codecs=opus', fileSha256: Buffer.alloc(0) } }),
    () => ({ documentMessage: { mimetype: 'application/pdf', fileSha256: new Uint8Array(2) } }),
    () => ({ stickerMessage: { mimetype: 'image/webp' } }),
    () => ({ locationMessage: { degreesLatitude: 1 } }),
    () => ({ reactionMessage: { key: key(), text: 'x' } }),
    () => ({ pollUpdateMessage: { pollCreationMessageKey: key() } }),
    () => ({ protocolMessage: { type: 0, key: key() } }),
    () => ({ protocolMessage: { type: 5, historySyncNotification: { syncType: 0 } } }),
    () => ({ senderKeyDistributionMessage: { groupId: 'g' }, messageContextInfo: {}, imageMessage: { mimetype: 'image/gif' } }),
    () => ({ buttonsMessage: dice.pick([{ contentText: 'ct' }, { imageMessage: { mimetype: 'image/jpeg' } }, { locationMessage: {} }, {}, { documentMessage: null, videoMessage: { mimetype: 'video/x' } }]) }),
    () => ({ templateMessage: { [dice.pick(['hydratedFourRowTemplate', 'hydratedTemplate', 'fourRowTemplate', 'x'])]: dice.pick([{ hydratedContentText: 'h' }, { contentText: 'ct', hydratedContentText: 'h' }, { imageMessage: {} }, {}, null]) } }),
    ...['ephemeralMessage', 'viewOnceMessage', 'viewOnceMessageV2', 'viewOnceMessageV2Extension', 'documentWithCaptionMessage', 'editedMessage', 'associatedChildMessage', 'groupStatusMessage', 'groupStatusMessageV2', 'groupMentionedMessage', 'botInvokeMessage'].map((name) => () => ({ [name]: dice.pick([inner(), inner(), inner(), null, {}]) })),
    () => ({ call: {} }),
    () => ({ messageContextInfo: {} }),
    () => odd(),
  ])()
}
const copy = (value) => (Buffer.isBuffer(value) ? Buffer.from(value) : value instanceof Uint8Array ? new Uint8Array(value) : Array.isArray(value) ? value.map(copy) : value && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copy(item)])) : value)

test('what is inside a message', async () => {
  for (let turn = 0; turn < 600; turn++) {
    const one = content()
    for (const name of ['getContentType', 'normalizeMessageContent', 'extractMessageContent', 'assertMediaContent', 'mediaMessageSHA256B64', 'extensionForMediaMessage', 'getHistoryMsg']) await same(name, () => [copy(one)])
    const field = dice.pick(['conversation', 'imageMessage', 'length', undefined, Symbol.iterator])
    await same('hasNonNullishProperty', () => [copy(one), field])
    const message = { key: key(), message: one, messageStubType: dice.pick([undefined, 0, 1, 45]), ...(dice.chance(0.1) ? { message: undefined } : {}) }
    await same('isRealMessage', () => [copy(message)])
    await same('shouldIncrementChatUnread', () => [copy(message)])
    const [me, lid] = ['15550001002@s.whatsapp.net', dice.pick(['200000000000002@lid', undefined, ''])]
    await same('cleanMessage', () => [copy(message), me, lid], { after: ([changed]) => changed })
  }
})

test('ids and links', async () => {
  const chars = ['0', 'A', 'a', '3', 'E', 'F']
  for (let length = 0; length < 36; length++) {
    for (const start of ['', '3A', '3E', '3EB0', '3F', '3f']) {
      const id = (start + dice.many(length, () => dice.pick(chars)).join('')).slice(0, length)
      await same('getDevice', () => [id])
    }
  }
  for (const value of ODD) await same('getDevice', () => [value])
  const texts = ['see https://example.com/a?b=1 ok', 'http://example.com', 'https://user:pw@example.com/x', 'https://a.b', 'https://a.bc:80/x https://second.com', 'HTTPS://A.COM', 'https://a_b.com', 'https://ü.com', ...ODD]
  for (const text of texts) await same('extractUrlFromText', () => [text])
  assert.match(ours.generateMessageIDV2('15550001001@s.whatsapp.net'), /^3EB0[0-9A-F]{18}$/)
  assert.match(ours.generateMessageID(), /^3EB0[0-9A-F]{36}$/)
})

test('receipts, reactions, votes and answers of a message', async () => {
  for (let turn = 0; turn < 300; turn++) {
    const receipt = () => ({ userJid: jid(), receiptTimestamp: dice.below(9) })
    const reaction = () => ({ key: key(), text: dice.pick(['a', '', undefined, null]) })
    const vote = () => ({ pollUpdateMessageKey: key(), vote: dice.pick([undefined, null, {}, { selectedOptions: [] }, { selectedOptions: [dice.bytes(32)] }]) })
    const answer = () => ({ eventResponseMessageKey: key(), eventResponse: dice.pick(['GOING', 'MAYBE', 'NOT_GOING', 'UNKNOWN', undefined, 1]) })
    const list = (make) => (dice.chance(0.2) ? dice.pick([undefined, null]) : dice.many(dice.below(4), make))
    for (const [name, field, make] of [
      ['updateMessageWithReceipt', 'userReceipt', receipt],
      ['updateMessageWithReaction', 'reactions', reaction],
      ['updateMessageWithPollUpdate', 'pollUpdates', vote],
      ['updateMessageWithEventResponse', 'eventResponses', answer],
    ]) {
      const [message, update] = [{ [field]: list(make) }, make()]
      await same(name, () => [copy(message), copy(update)], { after: (args) => args })
    }
    const message = { eventResponses: list(answer) }
    const me = dice.pick([undefined, 'me@s.whatsapp.net'])
    await same('getAggregateResponsesInEventMessage', () => [copy(message), me])
    const names = dice.many(dice.below(4), () => dice.pick(['Yes', 'No', '', 'ü', undefined, '1']))
    const hash = (name) => createHash('sha256').update(name ?? '').digest()
    const votes = list(() => ({ pollUpdateMessageKey: key(), vote: dice.pick([null, undefined, { selectedOptions: dice.many(dice.below(3), () => hash(dice.pick([...names, 'other']))) }]) }))
    const field = dice.pick(['pollCreationMessage', 'pollCreationMessageV2', 'pollCreationMessageV3', 'pollCreationMessageV5', 'x'])
    const poll = { message: dice.chance(0.9) ? { [field]: { options: names.map((optionName) => ({ optionName })) } } : undefined, pollUpdates: votes }
    await same('getAggregateVotesInPollMessage', () => [copy(poll), me])
  }
})

test('sealed votes and answers are opened', async () => {
  const seal = (kind, id, creator, author, secret, plain, iv) => {
    const first = createHmac('sha256', Buffer.alloc(32)).update(secret).digest()
    const sealKey = createHmac('sha256', first).update(Buffer.concat([Buffer.from(id + creator + author + kind), Buffer.from([1])])).digest()
    return ours.aesEncryptGCM(plain, sealKey, iv, Buffer.from(`${id}\0${author}`))
  }
  for (let turn = 0; turn < 20; turn++) {
    const [id, creator, author, secret, iv] = ['3EB0', jid(), jid(), dice.bytes(32), dice.bytes(12)]
    const vote = theirs.proto.Message.PollVoteMessage.encode({ selectedOptions: dice.many(dice.below(4), () => dice.bytes(32)) }).finish()
    const encPayload = seal('Poll Vote', id, creator, author, secret, vote, iv)
    const about = { pollCreatorJid: creator, pollMsgId: id, pollEncKey: secret, voterJid: author }
    await same('decryptPollVote', () => [{ encPayload, encIv: iv }, about])
    await same('decryptPollVote', () => [{ encPayload, encIv: iv }, { ...about, voterJid: 'other' }])
    const answer = theirs.proto.Message.EventResponseMessage.encode({ response: 1, timestampMs: 5 }).finish()
    const sealed = { encPayload: seal('Event Response', id, creator, author, secret, answer, iv), encIv: iv }
    const event = { eventCreatorJid: creator, eventMsgId: id, eventEncKey: secret, responderJid: author }
    await same('decryptEventResponse', () => [sealed, event])
    for (const value of [{}, undefined, { encPayload: Buffer.alloc(3), encIv: iv }]) await same('decryptPollVote', () => [value, about])
  }
})

/** What is random or of the moment. */
function still(message) {
  const text = JSON.stringify(message, (name, value) => {
    if (['senderTimestampMs', 'timestampMs', 'limitSharingSettingTimestamp'].includes(name)) return 'now'
    if (name === 'messageSecret' && value !== 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=') return 'secret'
    return value
  })
  return JSON.parse(text)
}

const secret = () => Buffer.alloc(32, 7)
const CONTENTS = [
  () => ({ text: 'hi' }),
  () => ({ text: '' }),
  () => ({ text: 'see https://ex.com' }),
  () => ({ text: 'see https://ex.com', linkPreview: null }),
  () => ({ text: 'see https://ex.com', linkPreview: { 'matched-text': 'https://ex.com', 'canonical-url': 'https://ex.com', title: 'T', description: 'D', jpegThumbnail: Buffer.from([1]) } }),
  () => ({ text: 'see', linkPreview: { 'matched-text': 'm', title: 'T', highQualityThumbnail: { directPath: '/d', mediaKey: Buffer.from([2]), mediaKeyTimestamp: 5, width: 1, height: 2, fileSha256: Buffer.from([3]), fileEncSha256: Buffer.from([4]) } } }),
  () => ({ text: '@x', mentions: ['15550001001@s.whatsapp.net'] }),
  () => ({ text: '@all', mentionAll: true }),
  () => ({ text: '@x', mentions: [] }),
  () => ({ text: 'x', mentions: ['a@lid'], mentionAll: true, contextInfo: { externalAdReply: { title: 't' } } }),
  () => ({ text: 'x', contextInfo: { stanzaId: '1' } }),
  () => ({ text: 'new', edit: key0() }),
  () => ({ text: 'new', edit: key0(), mentions: ['a@lid'] }),
  () => ({ text: 'x', viewOnce: true }),
  () => ({ text: 'x', viewOnce: true, mentions: ['a@lid'] }),
  () => ({ text: 'x', albumParentKey: key0() }),
  () => ({ contacts: { displayName: 'A', contacts: [{ displayName: 'A', vcard: 'v' }] } }),
  () => ({ contacts: { displayName: 'A', contacts: [{ vcard: 'v1' }, { vcard: 'v2' }] } }),
  () => ({ contacts: { contacts: [] } }),
  () => ({ location: { degreesLatitude: 1.5, degreesLongitude: 2.5, name: 'n' } }),
  () => ({ react: { text: 'x', key: key0() } }),
  () => ({ react: { text: '', key: key0() } }),
  () => ({ react: { key: key0(), senderTimestampMs: 5 } }),
  () => ({ delete: key0() }),
  () => ({ forward: { key: { fromMe: false }, message: { conversation: 'orig' } } }),
  () => ({ forward: { key: { fromMe: true }, message: { conversation: 'orig' } } }),
  () => ({ forward: { key: { fromMe: true }, message: { conversation: 'orig' } }, force: true }),
  () => ({ forward: { key: {}, message: { extendedTextMessage: { text: 'a', contextInfo: { forwardingScore: 4, stanzaId: 'x' } } } } }),
  () => ({ forward: { key: {}, message: { ephemeralMessage: { message: { imageMessage: { caption: 'c' } } } } } }),
  () => ({ forward: { key: {} } }),
  () => ({ poll: { name: 'q', values: ['a', 'b'], selectableCount: 1, messageSecret: secret() } }),
  () => ({ poll: { name: 'q', values: ['a', 'b'], messageSecret: secret() } }),
  () => ({ poll: { name: 'q', values: ['a', 'b'], selectableCount: 2 } }),
  () => ({ poll: { name: 'q', values: ['a'], toAnnouncementGroup: true } }),
  () => ({ poll: { name: 'q', values: ['a'], selectableCount: 2 } }),
  () => ({ poll: { name: 'q', values: ['a'], selectableCount: -1 } }),
  () => ({ poll: { name: 'q', values: 'a' } }),
  () => ({ poll: { name: 'q', values: [] } }),
  () => ({ event: { name: 'e', startDate: new Date(1_700_000_000_000), messageSecret: secret() } }),
  () => ({ event: { name: 'e', description: 'd', startDate: new Date(1_700_000_000_500), endDate: new Date(1_700_000_005_000), location: { name: 'n' }, isCancelled: true, isScheduleCall: true, extraGuestsAllowed: true, call: 'audio' } }),
  () => ({ event: { name: 'e', startDate: new Date(1_700_000_000_000), call: 'video' } }),
  () => ({ pin: key0(), type: 1 }),
  () => ({ pin: key0(), type: 1, time: 604800 }),
  () => ({ pin: key0(), type: 2, time: 604800 }),
  () => ({ disappearingMessagesInChat: true }),
  () => ({ disappearingMessagesInChat: false }),
  () => ({ disappearingMessagesInChat: 86400 }),
  () => ({ groupInvite: { inviteCode: 'C', inviteExpiration: 9, text: 't', jid: '1@g.us', subject: 's' } }),
  () => ({ buttonReply: { displayText: 'd', id: 'i', index: 2 }, type: 'plain' }),
  () => ({ buttonReply: { displayText: 'd', id: 'i', index: 2 }, type: 'template' }),
  () => ({ buttonReply: { displayText: 'd', id: 'i', index: 2 }, type: 'x' }),
  () => ({ listReply: { title: 't', listType: 1, singleSelectReply: { selectedRowId: 'r' } } }),
  () => ({ sharePhoneNumber: true }),
  () => ({ sharePhoneNumber: false }),
  () => ({ requestPhoneNumber: true }),
  () => ({ requestPhoneNumber: false }),
  () => ({ limitSharing: true }),
  () => ({ limitSharing: false }),
  () => ({ album: { expectedImageCount: 2, expectedVideoCount: 0 } }),
  () => ({ album: { expectedImageCount: 0 } }),
  () => ({ album: {} }),
  () => ({}),
  () => ({ text: undefined }),
  () => ({ text: null, delete: key0() }),
  () => ({ foo: 1 }),
  () => ({ image: undefined }),
]
const key0 = () => ({ remoteJid: '15550001001@s.whatsapp.net', fromMe: false, id: 'MSG1' })
const generate = { call: async (lib, args) => still(await lib.generateWAMessageContent(...args)) }

test('contents that need no upload', async () => {
  const options = [
    () => ({}),
    () => ({ jid: '15550001001@s.whatsapp.net', backgroundColor: '#ff0000', font: 3 }),
    () => ({ backgroundColor: '12345678', getCallLink: async (type, event) => `${type}-${event.startTime}`, getUrlInfo: async (url) => ({ 'matched-text': url, title: 'T' }) }),
    () => ({ backgroundColor: 5, logger: { warn() {} }, getUrlInfo: async () => { throw new Error('no') } }),
  ]
  for (const make of CONTENTS) for (const option of options) await same('generateWAMessageContent', () => [make(), option()], generate)
  for (let turn = 0; turn < 500; turn++) {
    // Several kinds at once, and broken ones.
    const parts = dice.many(1 + dice.below(2), () => dice.below(CONTENTS.length))
    const seed = dice.below(2 ** 30)
    const make = () => {
      const local = random(seed)
      const merged = Object.assign({}, ...parts.map((index) => CONTENTS[index]()))
      for (const name of Object.keys(merged)) {
        if (local.chance(0.1)) merged[name] = local.pick(ODD.filter((item) => typeof item !== 'function'))
        else if (merged[name] && typeof merged[name] === 'object' && !Array.isArray(merged[name]) && local.chance(0.1)) delete merged[name][local.pick(Object.keys(merged[name]))]
      }
      return merged
    }
    await same('generateWAMessageContent', () => [make(), {}], generate)
  }
})

test('forwarded contents, settings of disappearing messages, link previews', async () => {
  for (let turn = 0; turn < 300; turn++) {
    const message = { key: key(), message: content() }
    const force = dice.pick([true, false, undefined])
    await same('generateForwardMessageContent', () => [copy(message), force])
  }
  for (const time of [0, 86400, ...ODD.slice(0, 5)]) await same('prepareDisappearingMessageSettingContent', () => [time])
  for (const info of [undefined, async (url) => ({ url }), async () => { throw new Error('no') }]) {
    for (const text of ['a', 'https://example.com x']) await same('generateLinkPreviewIfRequired', () => [text, info, { warn() {} }])
  }
})

test('whole messages from contents', async () => {
  const finish = { call: (lib, args) => JSON.parse(JSON.stringify(lib.generateWAMessageFromContent(...args))), after: ([, message]) => message }
  for (let turn = 0; turn < 500; turn++) {
    const message = dice.chance(0.7) ? dice.pick([{ conversation: 'a' }, { extendedTextMessage: { text: 'a', ...context() } }, { imageMessage: { caption: 'c', ...context() } }, { ephemeralMessage: { message: { extendedTextMessage: { text: 'a' } } } }, { protocolMessage: { type: 0 } }]) : content()
    const options = {
      userJid: '15550001002:7@s.whatsapp.net',
      messageId: 'MID',
      timestamp: new Date(1_700_000_000_000),
      ...(dice.chance(0.5) ? { quoted: { key: key(), message: content(), ...(dice.chance(0.3) ? { participant: jid() } : {}) } } : {}),
      ...(dice.chance(0.3) ? { ephemeralExpiration: dice.pick([86400, 0, '604800']) } : {}),
    }
    const chat = jid()
    await same('generateWAMessageFromContent', () => [chat, copy(message), { ...copy({ ...options, timestamp: undefined }), timestamp: options.timestamp }], finish)
  }
  const message = ours.generateWAMessageFromContent('15550001001@s.whatsapp.net', { conversation: 'x' }, { userJid: 'me' })
  assert.match(message.key.id, /^3EB0/)
  assert.equal(typeof message.messageTimestamp.toNumber(), 'number')
  const whole = { call: async (lib, args) => still(await lib.generateWAMessage(...args)) }
  for (const make of CONTENTS) {
    await same('generateWAMessage', () => ['120363000000000001@g.us', make(), { userJid: '15550001002:7@s.whatsapp.net', messageId: 'MID', timestamp: new Date(5000), quoted: { key: key0(), message: { conversation: 'orig' } } }], whole)
  }
})

test('contents as bytes', async () => {
  for (let turn = 0; turn < 200; turn++) {
    const one = content()
    await same('encodeNewsletterMessage', () => [copy(one)])
    await same('encodeWAMessage', () => [copy(one)], { call: (lib, args) => theirs.unpadRandomMax16(lib.encodeWAMessage(...args)) })
  }
})

test('the differences that were allowed were met', () => {
  for (const name of Object.keys(mine)) assert.ok(metDifferences().has(name), name)
})
