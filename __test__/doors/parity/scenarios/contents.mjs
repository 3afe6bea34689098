// Every kind of content, sent and received.

const KEY = { remoteJid: '15550001001@s.whatsapp.net', fromMe: false, id: 'MSG1' }
const SECRET = Buffer.alloc(32, 7)

/** What `sendMessage` takes; a function is given the person. */
const SENT = {
  'text': { text: 'hi' },
  'text with context': { text: 'x', contextInfo: { externalAdReply: { title: 't', body: 'b' } } },
  'text with a link preview': { text: 'see https://example.com', linkPreview: { 'canonical-url': 'https://example.com', 'matched-text': 'https://example.com', title: 'T', description: 'D' } },
  'text without a link preview': { text: 'see https://example.com', linkPreview: null },
  'location': { location: { degreesLatitude: 1.5, degreesLongitude: 2.5, name: 'n' } },
  'live location': { location: { degreesLatitude: 1.5, degreesLongitude: 2.5, isLive: true } },
  'one contact': { contacts: { displayName: 'A', contacts: [{ vcard: 'BEGIN:VCARD' }] } },
  'two contacts': { contacts: { displayName: 'A', contacts: [{ vcard: 'v1' }, { vcard: 'v2' }] } },
  'no contacts': { contacts: { displayName: 'A', contacts: [] } },
  'reaction': { react: { text: '👍', key: KEY } },
  'delete': { delete: { ...KEY, fromMe: true } },
  'edit': { text: 'new', edit: { ...KEY, fromMe: true } },
  'poll for one': { poll: { name: 'q', values: ['a', 'b'], selectableCount: 1, messageSecret: SECRET } },
  'poll': { poll: { name: 'q', values: ['a', 'b'], messageSecret: SECRET } },
  'poll for announcements': { poll: { name: 'q', values: ['a'], toAnnouncementGroup: true, messageSecret: SECRET } },
  'poll for too many': { poll: { name: 'q', values: ['a'], selectableCount: 2 } },
  'poll of nothing': { poll: { name: 'q', values: 'a' } },
  'event': { event: { name: 'e', startDate: new Date(1_700_000_000_000), messageSecret: SECRET } },
  'event with all': { event: { name: 'e', description: 'd', startDate: new Date(1_700_000_000_000), endDate: new Date(1_700_003_600_000), location: { degreesLatitude: 1, degreesLongitude: 2, name: 'n' }, extraGuestsAllowed: true, isCancelled: true, messageSecret: SECRET } },
  'pin': { pin: KEY, type: 1, time: 604_800 },
  'unpin': { pin: KEY, type: 2 },
  'album': { album: { expectedImageCount: 2, expectedVideoCount: 1 } },
  'disappearing on': { disappearingMessagesInChat: true },
  'disappearing off': { disappearingMessagesInChat: false },
  'group invitation': { groupInvite: { jid: '120363000000000001@g.us', inviteCode: 'C', inviteExpiration: 9, subject: 's', text: 't' } },
  'plain button reply': { buttonReply: { id: 'i', displayText: 'd', index: 2 }, type: 'plain' },
  'template button reply': { buttonReply: { id: 'i', displayText: 'd', index: 2 }, type: 'template' },
  'list reply': { listReply: { title: 't', listType: 1, singleSelectReply: { selectedRowId: 'r' } } },
  'share the number': { sharePhoneNumber: true },
  'ask for the number': { requestPhoneNumber: true },
  'limit sharing': { limitSharing: true },
  'text for one look': { text: 'x', viewOnce: true },
  'forwarded': { forward: { key: KEY, message: { conversation: 'orig' } } },
  'forwarded by force': { forward: { key: { ...KEY, fromMe: true }, message: { extendedTextMessage: { text: 'orig', contextInfo: { forwardingScore: 3, isForwarded: true } } } }, force: true },
  'forwarded nothing': { forward: { key: KEY } },
  'nothing known': { nothing: true },
}

/** Contents that Baileys 6 does not know. */
const NEWER = new Set(['event', 'event with all', 'album', 'limit sharing'])

/** What people write, in the service's form. */
const RECEIVED = {
  'conversation': { conversation: 'hi' },
  'extended text': { extendedTextMessage: { text: 'hi', matchedText: 'https://example.com', title: 'T', contextInfo: { isForwarded: true, forwardingScore: 2 } } },
  'location': { locationMessage: { degreesLatitude: 1.5, degreesLongitude: -2.5, name: 'n', jpegThumbnail: Buffer.from('ffd8', 'hex') } },
  'live location': { liveLocationMessage: { degreesLatitude: 1.5, degreesLongitude: 2.5, sequenceNumber: 7 } },
  'contact': { contactMessage: { displayName: 'A', vcard: 'BEGIN:VCARD' } },
  'contacts': { contactsArrayMessage: { displayName: 'A', contacts: [{ vcard: 'v1' }, { vcard: 'v2' }] } },
  'poll': { pollCreationMessageV3: { name: 'q', options: [{ optionName: 'a' }], selectableOptionsCount: 1 }, messageContextInfo: { messageSecret: SECRET } },
  'poll vote that fits nothing': { pollUpdateMessage: { pollCreationMessageKey: { remoteJid: 'x@s.whatsapp.net', fromMe: true, id: 'P' }, vote: { encPayload: Buffer.alloc(16), encIv: Buffer.alloc(12) }, senderTimestampMs: 1_700_000_000_000 } },
  'event': { eventMessage: { name: 'e', startTime: 1_700_000_000 }, messageContextInfo: { messageSecret: SECRET } },
  'buttons': { buttonsMessage: { contentText: 'c', footerText: 'f', headerType: 1, buttons: [{ buttonId: 'b1', buttonText: { displayText: 'B' }, type: 1 }] } },
  'buttons reply': { buttonsResponseMessage: { selectedButtonId: 'b1', selectedDisplayText: 'B', type: 1 } },
  'list': { listMessage: { title: 't', description: 'd', buttonText: 'b', listType: 1, sections: [{ title: 's', rows: [{ title: 'r', rowId: '1' }] }] } },
  'list reply': { listResponseMessage: { title: 't', listType: 1, singleSelectReply: { selectedRowId: '1' } } },
  'template': { templateMessage: { hydratedTemplate: { hydratedContentText: 'c', hydratedButtons: [{ index: 0, quickReplyButton: { displayText: 'B', id: 'q' } }] } } },
  'template reply': { templateButtonReplyMessage: { selectedId: 'q', selectedDisplayText: 'B', selectedIndex: 0 } },
  'interactive': { interactiveMessage: { body: { text: 'b' }, nativeFlowMessage: { buttons: [{ name: 'quick_reply', buttonParamsJson: '{"a":1}' }], messageVersion: 1 } } },
  'interactive reply': { interactiveResponseMessage: { body: { text: 'b' }, nativeFlowResponseMessage: { name: 'menu', paramsJson: '{}', version: 1 } } },
  'group invitation': { groupInviteMessage: { groupJid: '120363000000000001@g.us', inviteCode: 'C', inviteExpiration: 1_700_000_000, groupName: 'g', caption: 'c' } },
  'product': { productMessage: { product: { productId: '1', title: 't', currencyCode: 'USD', priceAmount1000: 5000 }, businessOwnerJid: '15550001001@s.whatsapp.net' } },
  'order': { orderMessage: { orderId: '1', itemCount: 2, status: 1, orderTitle: 'o', token: 't' } },
  'payment request': { requestPaymentMessage: { currencyCodeIso4217: 'USD', amount1000: 5000, requestFrom: '15550001001@s.whatsapp.net' } },
  'call log': { callLogMesssage: { isVideo: true, callOutcome: 1, durationSecs: 5 } },
  'pin': { pinInChatMessage: { key: { remoteJid: 'x@s.whatsapp.net', fromMe: true, id: 'P' }, type: 1, senderTimestampMs: 1_700_000_000_000 } },
  'keep': { keepInChatMessage: { key: { remoteJid: 'x@s.whatsapp.net', fromMe: true, id: 'P' }, keepType: 1, timestampMs: 1_700_000_000_000 } },
  'comment': { commentMessage: { message: { conversation: 'c' }, targetMessageKey: { remoteJid: 'x@s.whatsapp.net', fromMe: true, id: 'P' } } },
  'encrypted reaction': { encReactionMessage: { targetMessageKey: { remoteJid: 'x@s.whatsapp.net', fromMe: true, id: 'P' }, encPayload: Buffer.alloc(16), encIv: Buffer.alloc(12) } },
  'view once': { viewOnceMessage: { message: { conversation: 'once' } } },
  'view once, second': { viewOnceMessageV2: { message: { extendedTextMessage: { text: 'once' } } } },
  'document with a caption': { documentWithCaptionMessage: { message: { documentMessage: { fileName: 'a.pdf', caption: 'c', mimetype: 'application/pdf' } } } },
  'edited': { editedMessage: { message: { protocolMessage: { key: { remoteJid: 'x@s.whatsapp.net', fromMe: true, id: 'P' }, type: 14, editedMessage: { conversation: 'new' } } } } },
  'album': { albumMessage: { expectedImageCount: 2 } },
  'ask for the number': { requestPhoneNumberMessage: {} },
  'share the number': { protocolMessage: { type: 11 } },
  'limit sharing': { protocolMessage: { type: 26, limitSharing: { sharingLimited: true, trigger: 1 } } },
  'a member tag': { protocolMessage: { type: 27, memberLabel: { label: 'boss' } } },
  'sender key alone': { senderKeyDistributionMessage: { groupId: '120363000000000001@g.us', axolotlSenderKeyDistributionMessage: Buffer.alloc(0) } },
  'nothing': {},
}

/** One scenario for a part of the contents: more would be long. */
const sending = (names) => async ({ engine, leaveOut, paired, contact, send, got, step }) => {
  const me = await paired('Tienda', { receipts: 'drop' })
  const maria = await contact('María')
  for (const name of names) {
    if (engine.edition === 6 && NEWER.has(name)) {
      leaveOut(name)
      continue
    }
    await step(name)
    const sent = await send(me, maria.jid, SENT[name])
    if (sent) await got(maria)
  }
}

const receiving = (names) => async ({ paired, contact, say, message, step }) => {
  const me = await paired('Tienda', { receipts: 'drop' })
  const maria = await contact('María')
  for (const name of names) {
    await step(name)
    const id = await say(maria, me.name, RECEIVED[name])
    await message(({ key }) => key.id === id)
  }
}

const parts = (names, count) => Array.from({ length: count }, (_, part) => names.filter((_, at) => at % count === part))
const all = {}
for (const [at, names] of parts(Object.keys(SENT), 3).entries()) all[`sent, part ${at + 1}`] = sending(names)
for (const [at, names] of parts(Object.keys(RECEIVED), 3).entries()) all[`received, part ${at + 1}`] = receiving(names)
export default all
