// What is given to both libraries. A target makes random input and says what is done with it; what comes out is compared.
import { copy, jid, key, likeJid, message, text, webMessage, wrapped } from './values.mjs'

const ME = '15550001002@s.whatsapp.net'
const CONTENTS = ['extendedTextMessage', 'imageMessage', 'videoMessage', 'audioMessage', 'documentMessage', 'stickerMessage', 'contextInfo', 'protocolMessage', 'reactionMessage', 'pollCreationMessage', 'quotedMessage']
const content = (dice, odd = 0) => wrapped(dice, message(dice, ['Message'], { odd, likely: [dice.pick(CONTENTS), 'contextInfo', 'quotedMessage'] }))

/** As an application holds it: a plain object, or an instance. */
const held = (lib, plain, instance) => (instance ? lib.proto.Message.fromObject(copy(plain)) : copy(plain))

/** Contents as programs give them to `sendMessage`. */
function given(dice) {
  const some = (make) => (dice.chance(0.3) ? make() : undefined)
  const one = dice.pick([
    () => ({ text: text(dice), linkPreview: dice.pick([null, { 'canonical-url': 'https://example.com', 'matched-text': 'https://example.com', title: text(dice) }]) }),
    () => ({ location: { degreesLatitude: dice.pick([0, 1.5, -90]), degreesLongitude: 2, name: some(() => text(dice)) } }),
    () => ({ contacts: { displayName: some(() => text(dice)), contacts: dice.many(dice.below(4), () => ({ vcard: text(dice), displayName: some(() => text(dice)) })) } }),
    () => ({ react: { text: text(dice), key: key(dice) } }),
    () => ({ delete: key(dice) }),
    () => ({ forward: webMessage(dice), force: dice.pick([undefined, true, false]) }),
    () => ({ poll: { name: text(dice), values: dice.pick([['a', 'b'], [], 'ab', ['a', text(dice), 'c']]), selectableCount: dice.pick([undefined, 0, 1, 2, 9, -1]), toAnnouncementGroup: dice.pick([undefined, true]), messageSecret: Buffer.alloc(32, 7) } }),
    () => ({ event: { name: text(dice), description: some(() => text(dice)), startDate: new Date(1_700_000_000_000), endDate: some(() => new Date(1_700_003_600_000)), isCancelled: some(() => true), extraGuestsAllowed: some(() => true), location: some(() => ({ degreesLatitude: 1, degreesLongitude: 2, name: 'n' })), messageSecret: Buffer.alloc(32, 7) } }),
    () => ({ pin: key(dice), type: dice.pick([0, 1, 2]), time: dice.pick([undefined, 86_400, 604_800]) }),
    () => ({ disappearingMessagesInChat: dice.pick([true, false, 0, 86_400]) }),
    () => ({ groupInvite: { jid: jid(dice), inviteCode: text(dice), inviteExpiration: 9, subject: text(dice), text: text(dice) } }),
    () => ({ buttonReply: { id: text(dice), displayText: text(dice), index: dice.below(3) }, type: dice.pick(['plain', 'template']) }),
    () => ({ listReply: { title: text(dice), listType: dice.below(3), singleSelectReply: { selectedRowId: text(dice) } } }),
    () => ({ album: { expectedImageCount: dice.below(3), expectedVideoCount: dice.below(3) } }),
    () => ({ [dice.pick(['sharePhoneNumber', 'requestPhoneNumber', 'limitSharing'])]: dice.pick([true, false]) }),
    () => ({ [text(dice) || 'nothing']: text(dice) }),
  ])()
  return {
    ...one,
    ...(dice.chance(0.2) ? { mentions: dice.many(dice.below(3), () => jid(dice)) } : {}), ...(dice.chance(0.1) ? { mentionAll: true } : {}),
    ...(dice.chance(0.15) ? { viewOnce: dice.pick([true, false]) } : {}), ...(dice.chance(0.1) ? { edit: key(dice) } : {}),
    ...(dice.chance(0.15) ? { contextInfo: dice.pick([{ isForwarded: true }, { mentionedJid: [jid(dice)], expiration: 5 }, { externalAdReply: { title: 't' } }]) } : {}),
    ...(dice.chance(0.1) ? { ephemeral: true, ai: true } : {}), ...(dice.chance(0.05) ? { albumParentKey: key(dice) } : {}),
  }
}
const options = { userJid: ME, upload: () => undefined, jid: '15550001001@s.whatsapp.net' }

/** Events of a socket, in the order in which nobody would expect them. Each group is changed once: Baileys loses the second change. */
function events(dice) {
  const chat = () => dice.pick(['a@s.whatsapp.net', 'b@lid', 'c@g.us'])
  const own = () => ({ remoteJid: chat(), id: dice.pick(['M1', 'M2', 'M3']), fromMe: dice.chance(0.5) })
  let groups = 0
  const makers = [
    () => ['messages.upsert', { type: dice.pick(['notify', 'append']), messages: dice.many(1 + dice.below(2), () => ({ key: own(), message: { conversation: text(dice) }, messageTimestamp: 1_700_000_000 + dice.below(9), status: dice.below(6) })) }],
    () => ['messages.update', [{ key: own(), update: dice.pick([{ status: dice.below(6) }, { starred: true }, { message: null }, { messageTimestamp: 5 }]) }]],
    () => ['messages.reaction', [{ key: own(), reaction: { text: dice.pick(['👍', '']), key: own() } }]],
    () => ['message-receipt.update', [{ key: own(), receipt: { userJid: chat(), readTimestamp: dice.below(9) } }]],
    () => ['messages.delete', dice.chance(0.7) ? { keys: [own()] } : { jid: chat(), all: true }],
    () => ['chats.upsert', [{ id: chat(), unreadCount: dice.below(3), conversationTimestamp: 1_700_000_000 + dice.below(9) }]],
    () => ['chats.update', [{ id: chat(), ...dice.pick([{ unreadCount: dice.pick([1, 1, 0, -1, null]) }, { archived: true }, { conversationTimestamp: 1_700_000_000 + dice.below(9) }, { name: text(dice) }]) }]],
    () => ['chats.delete', [chat()]],
    () => ['contacts.upsert', [{ id: `${dice.below(3)}@lid`, name: text(dice) }]],
    () => ['contacts.update', [{ id: `${3 + dice.below(3)}@lid`, notify: text(dice) }]],
    () => ['groups.update', [{ id: `${groups++}@g.us`, subject: text(dice) }]],
    () => ['connection.update', { isOnline: dice.chance(0.5) }],
    () => ['messaging-history.set', { chats: [{ id: chat(), unreadCount: dice.below(3) }], contacts: [{ id: chat(), name: text(dice) }], messages: [{ key: own() }], isLatest: dice.chance(0.5), syncType: dice.below(5), progress: dice.below(100) }],
  ]
  return dice.many(1 + dice.below(8), () => (dice.chance(0.15) ? [dice.pick(['buffer', 'flush'])] : dice.pick(makers)()))
}

const nothing = () => {}
const silent = { level: 'silent', child: () => silent, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing }

const helper = (name, make) => ({ input: make, run: (lib, args) => lib[name](...args) })

/** By name: `input(dice)`, and what a library makes of it. */
export const targets = {
  ...Object.fromEntries(
    ['getContentType', 'normalizeMessageContent', 'extractMessageContent'].map((name) => [
      name, { input: (dice) => ({ plain: content(dice, 0.02), instance: dice.chance(0.5) }), run: (lib, { plain, instance }) => lib[name](held(lib, plain, instance)) },
    ]),
  ),
  'proto.Message': {
    input: (dice) => message(dice),
    run: ({ proto }, plain) => {
      const read = proto.Message.decode(proto.Message.encode(proto.Message.fromObject(copy(plain))).finish())
      return JSON.parse(JSON.stringify(read))
    },
  },
  'proto.WebMessageInfo': {
    input: (dice) => message(dice, ['WebMessageInfo'], { likely: ['key', 'message', 'messageTimestamp', 'status'] }),
    run: ({ proto }, plain) => JSON.parse(JSON.stringify(proto.WebMessageInfo.decode(proto.WebMessageInfo.encode(copy(plain)).finish()))),
  },
  'proto: damaged bytes': {
    input: (dice) => ({ plain: message(dice), cut: dice.next(), flip: dice.next(), bit: dice.below(8) }),
    run: ({ proto }, { plain, cut, flip, bit }) => {
      const bytes = Buffer.from(proto.Message.encode(proto.Message.fromObject(copy(plain))).finish())
      const damaged = bytes.subarray(0, Math.ceil(bytes.length * (0.5 + cut / 2)))
      if (damaged.length > 0) damaged[Math.floor(flip * damaged.length)] ^= 1 << bit
      // What half a message is differs, and is meant to; but it is refused as such, or read.
      try {
        proto.Message.decode(damaged)
      } catch (error) {
        if (!(error instanceof RangeError) && error.constructor !== Error) throw error
      }
      return 'read, or refused'
    },
  },
  cleanMessage: {
    input: (dice) => ({ given: webMessage(dice), lid: dice.pick(['200000000000002@lid', undefined]) }),
    run: (lib, { given: plain, lid }) => {
      const changed = copy(plain)
      lib.cleanMessage(changed, ME, lid)
      return changed
    },
  },
  isRealMessage: helper('isRealMessage', (dice) => [webMessage(dice)]),
  getChatId: helper('getChatId', (dice) => [key(dice)]),
  getKeyAuthor: helper('getKeyAuthor', (dice) => [dice.pick([key(dice), key(dice), undefined]), ME]),
  getDevice: helper('getDevice', (dice) => [dice.pick(['3EB0', '3A', 'BAE5', '3F', '']) + 'A'.repeat(dice.below(33))]),
  ...Object.fromEntries(
    ['jidDecode', 'jidNormalizedUser', 'isJidGroup', 'isJidBroadcast', 'isJidNewsletter', 'isLidUser', 'isPnUser', 'isJidStatusBroadcast', 'isJidBot', 'isJidMetaAI', 'isHostedPnUser', 'isHostedLidUser'].map((name) => [name, helper(name, (dice) => [likeJid(dice)])]),
  ),
  areJidsSameUser: helper('areJidsSameUser', (dice) => [likeJid(dice), likeJid(dice)]),
  transferDevice: helper('transferDevice', (dice) => [jid(dice), jid(dice)]),
  BufferJSON: {
    input: (dice) => dice.pick([() => webMessage(dice), () => message(dice), () => ({ a: dice.bytes(5), b: [new Uint8Array(dice.bytes(3))], c: { type: 'Buffer', data: 'AQ==' }, d: { 0: 1, 1: 2 }, e: { type: 'Buffer' } })])(),
    run: ({ BufferJSON }, value) => {
      const written = JSON.stringify(copy(value), BufferJSON.replacer)
      return { written, read: JSON.parse(written, BufferJSON.reviver) }
    },
  },
  'BufferJSON of instances': {
    input: (dice) => message(dice),
    run: ({ BufferJSON, proto }, plain) => JSON.parse(JSON.stringify(proto.Message.fromObject(copy(plain)), BufferJSON.replacer), BufferJSON.reviver),
  },
  generateWAMessageContent: { input: given, run: (lib, value) => lib.generateWAMessageContent(copy(value), { ...options, logger: silent }) },
  generateWAMessageFromContent: {
    input: (dice) => ({ jid: jid(dice), plain: content(dice), instance: dice.chance(0.5), quoted: dice.chance(0.5) ? webMessage(dice) : undefined, ephemeral: dice.pick([undefined, 0, 86_400]) }),
    run: (lib, { jid: to, plain, instance, quoted, ephemeral }) =>
      lib.generateWAMessageFromContent(to, held(lib, plain, instance), { userJid: ME, quoted: copy(quoted), messageId: 'MID', timestamp: new Date(1_700_000_000_000), ephemeralExpiration: ephemeral }),
  },
  generateForwardMessageContent: { input: (dice) => [webMessage(dice), dice.pick([undefined, true, false])], run: (lib, [plain, force]) => lib.generateForwardMessageContent(copy(plain), force) },
  updateMessageWithReceipt: {
    input: (dice) => ({ to: webMessage(dice), updates: dice.many(3, () => ({ userJid: jid(dice), ...dice.pick([{ readTimestamp: 5 }, { receiptTimestamp: 6 }, { playedTimestamp: 7 }]) })) }),
    run: (lib, { to, updates }) => changed(to, (target) => updates.forEach((update) => lib.updateMessageWithReceipt(target, copy(update)))),
  },
  updateMessageWithReaction: {
    input: (dice) => ({ to: webMessage(dice), updates: dice.many(3, () => ({ key: key(dice), text: dice.pick(['👍', '']), senderTimestampMs: 5 })) }),
    run: (lib, { to, updates }) => changed(to, (target) => updates.forEach((update) => lib.updateMessageWithReaction(target, copy(update)))),
  },
  updateMessageWithPollUpdate: {
    input: (dice) => ({ to: webMessage(dice), updates: dice.many(3, () => ({ pollUpdateMessageKey: key(dice), vote: { selectedOptions: dice.many(dice.below(3), () => dice.bytes(32)) }, senderTimestampMs: 5 })) }),
    run: (lib, { to, updates }) => changed(to, (target) => updates.forEach((update) => lib.updateMessageWithPollUpdate(target, copy(update)))),
  },
  updateMessageWithEventResponse: {
    input: (dice) => ({ to: webMessage(dice), updates: dice.many(2, () => ({ eventResponseMessageKey: key(dice), timestampMs: 5, response: { response: 1 } })) }),
    run: (lib, { to, updates }) => changed(to, (target) => updates.forEach((update) => lib.updateMessageWithEventResponse(target, copy(update)))),
  },
  getAggregateVotesInPollMessage: {
    input: (dice) => ({
      message: { [dice.pick(['pollCreationMessage', 'pollCreationMessageV2', 'pollCreationMessageV3'])]: { name: 'q', options: dice.many(dice.below(4), () => ({ optionName: text(dice) })) } },
      pollUpdates: dice.pick([undefined, dice.many(dice.below(4), () => ({ pollUpdateMessageKey: key(dice), vote: dice.pick([undefined, { selectedOptions: dice.many(dice.below(2), () => dice.bytes(32)) }]) }))]),
    }),
    run: (lib, plain) => lib.getAggregateVotesInPollMessage(copy(plain), ME),
  },
  'makeEventBuffer': {
    input: events,
    run: (lib, sequence) => {
      const ev = lib.makeEventBuffer(silent)
      const told = []
      ev.process((batch) => told.push(copy(batch)))
      for (const [event, payload] of sequence) {
        if (payload === undefined) told.push([event, ev[event]()])
        else ev.emit(event, copy(payload))
      }
      told.push(['flush', ev.flush()])
      return told
    },
  },
}

function changed(plain, change) {
  const target = copy(plain)
  change(target)
  return target
}
