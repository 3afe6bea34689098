// What people do with messages, and what becomes of each: the class against virtual phones.

import assert from 'node:assert/strict'
import { createCipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import path from 'node:path'
import { test } from 'node:test'

import { proto } from 'baileys'
import { startEmulator } from 'chasqui/testing'

import { waitFor } from './harness/emulator.mjs'
import { openClient, temporary } from './help.mjs'

/** A client whose chat with María has begun. */
async function begin(t, options) {
  const emulator = await startEmulator()
  t.after(() => emulator.stop())
  const client = await openClient(t, emulator, 'Tienda', options)
  const maria = await emulator.contact('María')
  const received = []
  const receipts = []
  client.on('message', (message) => received.push(message))
  client.on('receipt', (receipt) => receipts.push(receipt))
  await maria.send(client.user.jid, { text: 'Hola' })
  const hola = await waitFor(() => received.find(({ text }) => text === 'Hola'), 'Hola')
  const typed = (type, fits = () => true) => waitFor(() => received.find((message) => message.type === type && fits(message)), `a message of type ${type}`)
  return { emulator, client, maria, hola, received, receipts, typed }
}

const stanzaOf = async (emulator, id) => (await emulator.stanzas({ account: 'Tienda', direction: 'out', tag: 'message', id })).map(({ stanza }) => stanza)
const encsOf = (stanza) => stanza.content.flatMap((node) => (node.tag === 'enc' ? [node] : node.tag === 'participants' ? node.content.flatMap(({ content }) => content) : []))
const decoded = (message) => proto.Message.decode(message.raw())

for (const [error, code] of [[403, 'NOT_ALLOWED'], [463, 'CHAT_RESTRICTED'], [475, 'CHAT_RESTRICTED'], [479, 'SEND_REJECTED']]) {
  test(`a message that the server refuses with ${error} rejects with ${code}, and has failed`, async (t) => {
    const { emulator, client, maria, receipts } = await begin(t)
    await emulator.inject({ account: 'Tienda', refuse: error })
    const failure = await client.send(maria.jid, { text: 'Buenas' }).catch((failure) => failure)
    assert.deepEqual([failure.code, failure.data.error], [code, error])
    const failed = await waitFor(() => receipts.find(({ status }) => status === 'failed'), 'the receipt')
    assert.deepEqual([failed.ids, failed.error, failed.chat], [[failure.data.id], error, maria.jid])
    // Its id is free: the same call may try again.
    const { id } = await client.send(maria.jid, { text: 'Buenas' }, { id: failure.data.id })
    assert.equal((await maria.waitForMessage()).id, id)
  })
}

for (const error of [404, 503]) {
  test(`a refusal with ${error} that need not last is answered by another attempt`, async (t) => {
    const { emulator, client, maria, receipts } = await begin(t)
    await emulator.inject({ account: 'Tienda', refuse: error })
    const first = client.send(maria.jid, { text: 'first' })
    const second = client.send(maria.jid, { text: 'second' })
    const { id } = await first
    await second
    const texts = [await maria.waitForMessage(), await maria.waitForMessage()].map(({ text }) => text)
    assert.deepEqual(texts.toSorted(), ['first', 'second'])
    assert.equal((await stanzaOf(emulator, id)).length, 2)
    assert.deepEqual(receipts.filter(({ status }) => status === 'failed'), [])
  })
}

test('a message to nobody has failed, and is told so', async (t) => {
  const { client, receipts } = await begin(t)
  const failure = await client.send('+15550009999', { text: 'Buenas' }).catch((failure) => failure)
  assert.equal(failure.code, 'NOT_ON_WHATSAPP')
  const failed = await waitFor(() => receipts.find(({ status }) => status === 'failed'), 'the receipt')
  assert.deepEqual([failed.ids, failed.error, failed.chat], [[failure.data.id], undefined, '15550009999@s.whatsapp.net'])
})

test('an id that an earlier run has sent is not sent again', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'chasqui.db')}`
  const { emulator, client, maria } = await begin(t, { store })
  await client.send(maria.jid, { text: 'Your order' }, { id: 'ORDER-1' })
  await maria.waitForMessage(({ id }) => id === 'ORDER-1')
  await client.disconnect()
  const later = await openClient(t, emulator, 'Tienda', { store })
  const { id, timestamp } = await later.send(maria.jid, { text: 'Your order' }, { id: 'ORDER-1' })
  assert.equal(id, 'ORDER-1')
  assert.ok(Math.abs(timestamp - Date.now()) < 60_000)
  assert.equal((await stanzaOf(emulator, id)).length, 1)
})

test('what a restart or a retry sends again is the same stanza', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'chasqui.db')}`
  const { emulator, client, maria, hola } = await begin(t, { store })
  const isReaction = ({ attrs, ...stanza }) => attrs.type === 'reaction' && encsOf(stanza).every(({ attrs }) => attrs['decrypt-fail'] === 'hide')

  await maria.forgetSessions()
  const asked = await client.react(hola, '👍')
  assert.equal(decoded(await maria.waitForMessage(({ id }) => id === asked.id)).reactionMessage.text, '👍')
  const sent = await stanzaOf(emulator, asked.id)
  assert.ok(sent.length > 1 && sent.every(isReaction), JSON.stringify(sent))

  await emulator.disconnect({ account: 'Tienda', how: 'silence' })
  const unconfirmed = await client.send(maria.jid, { poll: { question: 'When?', options: ['Now', 'Later'] } }, { timeout: 50 }).catch((error) => error)
  assert.equal(unconfirmed.code, 'SEND_UNCONFIRMED')
  await client.disconnect()
  await openClient(t, emulator, 'Tienda', { store })
  const { id } = await maria.waitForMessage(({ id }) => id === unconfirmed.data.id)
  for (const stanza of await stanzaOf(emulator, id)) {
    assert.equal(stanza.attrs.type, 'poll')
    assert.equal(stanza.content.find(({ tag }) => tag === 'meta').attrs.polltype, 'creation')
  }
})

test('a device that the sender did not know of gets the message as soon as the server says so', async (t) => {
  const { emulator, client } = await begin(t)
  const ben = await openClient(t, emulator, 'Ben')
  const heard = []
  ben.on('message', ({ text }) => heard.push(text))
  await client.send(ben.user.jid, { text: 'one' })
  await waitFor(() => heard.includes('one'), 'the first text')
  // The server's word that Ben has unlinked his device.
  const hash = (jid) => `2:${createHash('sha256').update(jid.replace('@', '.0:0@')).digest().subarray(0, 6).toString('base64')}`
  const { jid, lid, device } = ben.user
  const remove = {
    tag: 'remove', attrs: { device_hash: hash(jid), device_lid_hash: hash(lid) },
    content: [{ tag: 'device', attrs: { jid: jid.replace('@', `:${device}@`), lid: lid.replace('@', `:${device}@`) } }, { tag: 'key-index-list', attrs: { ts: `${Math.floor(Date.now() / 1000)}` } }],
  }
  await emulator.inject({ account: 'Tienda', stanza: { tag: 'notification', attrs: { id: '901', from: jid, lid, type: 'devices', t: '1700000000' }, content: [remove] } })
  await waitFor(async () => (await emulator.stanzas({ account: 'Tienda', direction: 'out', tag: 'ack', id: '901' })).length > 0, 'its ack')
  const { id } = await client.send(jid, { text: 'two' })
  await waitFor(() => heard.includes('two'), 'the second text')
  const [first, ...others] = await stanzaOf(emulator, id)
  assert.equal(encsOf(first).length, 2, "for Ben's and the own phone")
  assert.equal(others.length, 1, 'then for the device that was missed')
  assert.deepEqual(heard, ['one', 'two'])
})

test('what was not encrypted for this device is told as unavailable', async (t) => {
  const { emulator, client, maria, typed } = await begin(t)
  const attrs = { from: maria.lid, sender_pn: maria.jid, addressing_mode: 'lid', type: 'text', t: '1700000000', notify: 'María' }
  for (const [id, unavailable] of [['PLAIN', {}], ['ONCE', { type: 'view_once' }]]) {
    await emulator.inject({ account: 'Tienda', stanza: { tag: 'message', attrs: { ...attrs, id }, content: [{ tag: 'unavailable', attrs: unavailable }] } })
  }
  const once = await typed('unavailable', ({ id }) => id === 'ONCE')
  const plain = await typed('unavailable', ({ id }) => id === 'PLAIN')
  assert.deepEqual([once.viewOnce, plain.viewOnce, plain.chat, plain.raw().length], [true, undefined, maria.jid, 0])
  assert.equal(client.stats().undecryptable, 0)
  // An answer of a bot whose question is not known can be asked for from nobody.
  await emulator.inject({ account: 'Tienda', stanza: { tag: 'message', attrs: { ...attrs, id: 'BOT' }, content: [{ tag: 'enc', attrs: { v: '2', type: 'msmsg' }, content: { base64: 'AAAA' } }] } })
  await typed('undecryptable', ({ id }) => id === 'BOT')
  const answers = await waitFor(async () => {
    const found = await emulator.stanzas({ account: 'Tienda', direction: 'out', id: 'BOT' })
    return found.length > 0 && found
  }, 'the answer')
  assert.deepEqual(answers.map(({ stanza }) => [stanza.tag, stanza.attrs.error]), [['ack', '495']])
})

test('reactions, comments, edits and answers that are encrypted with the secret of their message are opened', async (t) => {
  const { client, maria, typed, received } = await begin(t)
  const { Message } = proto
  const { id } = await client.send(maria.jid, { text: 'Party on Friday' })
  const { messageSecret } = decoded(await maria.waitForMessage((message) => message.id === id)).messageContextInfo
  const targetMessageKey = { id, fromMe: false, remoteJid: client.user.lid }
  const seal = (useCase, type, value, { secret = messageSecret, target = id, author = client.user.lid, aad = '' } = {}) => {
    const key = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(32), `${target}${author}${maria.lid}${useCase}`, 32))
    const encIv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, encIv).setAAD(Buffer.from(aad))
    return { encIv, encPayload: Buffer.concat([cipher.update(type.encode(value).finish()), cipher.final(), cipher.getAuthTag()]) }
  }
  const send = (message) => maria.send(client.user.jid, { raw: Message.encode(message).finish() })
  const target = { id, chat: maria.jid, sender: client.user.jid, fromMe: true }

  await send({ encReactionMessage: { targetMessageKey, ...seal('Enc Reaction', Message.ReactionMessage, { text: '🎉' }) } })
  const reaction = await typed('reaction')
  assert.deepEqual([reaction.emoji, reaction.target], ['🎉', target])
  await send({ encCommentMessage: { targetMessageKey, ...seal('Enc Comment', Message, { conversation: 'I will bring cake' }) } })
  const comment = await typed('comment')
  assert.deepEqual([comment.text, comment.target], ['I will bring cake', target])

  // Her own event, and an edit of it that is encrypted; her answer to it comes by the same secret.
  const secret = randomBytes(32)
  const event = await maria.send(client.user.jid, { raw: Message.encode({ eventMessage: { name: 'Lunch', startTime: 1_800_000_000 }, messageContextInfo: { messageSecret: secret } }).finish() })
  assert.equal((await typed('event')).event.startsAt, 1_800_000_000_000)
  const own = { secret, target: event.id, author: maria.lid }
  const ofEvent = { id: event.id, fromMe: true, remoteJid: client.user.lid }
  await send({ encEventResponseMessage: { eventCreationMessageKey: ofEvent, ...seal('Event Response', Message.EventResponseMessage, { response: 1, timestampMs: Date.now(), extraGuestCount: 2 }, { ...own, aad: `${event.id}\0${maria.lid}` }) } })
  assert.deepEqual((await typed('event-response')).attendance, { answer: 'going', guests: 2 })
  await send({ secretEncryptedMessage: { targetMessageKey: ofEvent, secretEncType: 1, ...seal('Event Edit', Message, { protocolMessage: { type: 14, editedMessage: { eventMessage: { name: 'Dinner' } } } }, own) } })
  const edit = await typed('edit')
  assert.deepEqual([edit.event.name, edit.target.id], ['Dinner', event.id])

  // Without the secret there is the kind, and nothing else.
  await send({ encReactionMessage: { targetMessageKey: { ...targetMessageKey, id: 'UNKNOWN' }, ...seal('Enc Reaction', Message.ReactionMessage, { text: '🎉' }) } })
  const unknown = await typed('reaction', ({ target }) => target.id === 'UNKNOWN')
  assert.equal(unknown.emoji, undefined)
  assert.equal(received.some(({ type }) => type === 'undecryptable'), false)
})

test('a poll can be voted in after a restart, and by its message when the session has never seen it', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'chasqui.db')}`
  const { emulator, client, maria, typed } = await begin(t, { store })
  const messageSecret = randomBytes(32)
  const raw = proto.Message.encode({ pollCreationMessageV3: { name: 'When?', options: [{ optionName: 'Now' }, { optionName: 'Later' }], selectableOptionsCount: 1 }, messageContextInfo: { messageSecret } }).finish()
  await maria.send(client.user.jid, { raw })
  const poll = await typed('poll')
  assert.deepEqual(poll.poll, { question: 'When?', options: ['Now', 'Later'], multiple: false })
  await client.disconnect()

  const later = await openClient(t, emulator, 'Tienda', { store })
  const { id } = await later.vote(JSON.parse(JSON.stringify(poll)), ['Later'])
  assert.equal(decoded(await maria.waitForMessage((message) => message.id === id)).pollUpdateMessage.pollCreationMessageKey.id, poll.id)
  await assert.rejects(later.vote(poll, ['Now', 'Later']), { code: 'INVALID_CONTENT' })
  const unseen = { id: 'UNSEEN', chat: maria.jid, sender: maria.jid, fromMe: false }
  await assert.rejects(later.vote(unseen, ['Now']), { code: 'INVALID_CONTENT' })
  await later.vote({ ...unseen, raw: () => raw }, ['Now'])
})

test('what is passed on is the same, byte by byte, with its file', async (t) => {
  const { client, maria, typed } = await begin(t)
  const image = { url: 'https://mmg.example/1', mimetype: 'image/jpeg', mediaKey: randomBytes(32), fileSha256: randomBytes(32), caption: 'Look', contextInfo: { stanzaId: 'OLD', forwardingScore: 4, isForwarded: true } }
  // A field that no version knows yet.
  const raw = Buffer.concat([proto.Message.ImageMessage.encode(image).finish(), Buffer.from([0xfa, 0x3f, 0x02, 0x68, 0x69])])
  await maria.send(client.user.jid, { raw: Buffer.concat([Buffer.from([0x1a, 0x80 | (raw.length & 0x7f), raw.length >> 7]), raw]) })
  const received = await typed('image')
  assert.deepEqual([received.text, received.forwarded], ['Look', 4])
  const { id } = await client.forward(maria.jid, received)
  const copy = await maria.waitForMessage((message) => message.id === id)
  const { contextInfo, ...rest } = decoded(copy).imageMessage.toJSON()
  const { contextInfo: _, ...original } = proto.Message.ImageMessage.fromObject(image).toJSON()
  assert.deepEqual(rest, original)
  assert.deepEqual(contextInfo, { forwardingScore: 5, isForwarded: true })
  assert.ok(Buffer.from(copy.raw()).includes(Buffer.from([0xfa, 0x3f, 0x02, 0x68, 0x69])))
  const [, stanza] = [copy, (await client.relay(maria.jid, copy.raw())).id]
  assert.equal(decoded(await maria.waitForMessage((message) => message.id === stanza)).imageMessage.caption, 'Look')
})

test('of several messages none leaves when one of them cannot be sent', async (t) => {
  const { emulator, client, maria } = await begin(t)
  const before = (await emulator.stanzas({ account: 'Tienda', direction: 'out', tag: 'message' })).length
  const wrong = { poll: { question: 'When?', options: ['Five', 'Five'] } }
  await assert.rejects(client.sendMany(maria.jid, [{ text: 'one' }, wrong, { text: 'three' }]), { code: 'INVALID_CONTENT' })
  await client.send(maria.jid, { text: 'last' })
  assert.equal((await maria.waitForMessage()).text, 'last')
  const sent = await emulator.stanzas({ account: 'Tienda', direction: 'out', tag: 'message' })
  assert.equal(sent.length, before + 1)
})

test('contents that cannot be are refused before anything leaves', async (t) => {
  const { emulator, client, maria, hola } = await begin(t)
  const before = (await emulator.stanzas({ account: 'Tienda', direction: 'out', tag: 'message' })).length
  const circle = {}
  circle.circle = circle
  const contents = [
    {}, { text: 'x', mentions: Array(1025).fill(maria.jid) }, { edit: hola, text: 'mine now' }, { delete: hola }, { forward: { ...hola } },
    { poll: { question: '?', options: ['one'] } }, { react: hola, emoji: 'x'.repeat(100) }, { pin: hola, days: 3 }, { raw: new Uint8Array([0xff]) },
    { raw: new Uint8Array(), nodes: [] }, { text: 'x', quote: 'Hola' }, { text: () => 'x' }, { text: NaN }, { poll: circle }, { ephemeral: -1 },
  ]
  for (const content of contents) await assert.rejects(client.send(maria.jid, content), { code: 'INVALID_CONTENT' }, JSON.stringify(Object.keys(content)))
  await assert.rejects(client.send(maria.jid, { text: 'x', mentions: ['nobody'] }), { code: 'INVALID_RECIPIENT' })
  await assert.rejects(client.react(undefined, '👍'), { code: 'INVALID_CONTENT' })
  assert.equal((await emulator.stanzas({ account: 'Tienda', direction: 'out', tag: 'message' })).length, before)
})

test('in a group others’ messages are reacted to, quoted and, by an admin, deleted, each by its author', async (t) => {
  const { emulator, client, maria, typed } = await begin(t)
  const group = await emulator.group({ subject: 'Shop', members: ['Tienda', 'María', 'Ben'], owner: 'Tienda' })
  const ben = await emulator.contact('Ben')
  await maria.send(group.jid, { text: 'Who is there?' })
  const question = await typed('text', ({ text }) => text === 'Who is there?')
  assert.equal(question.chat, group.jid)
  const heard = async (sent) => decoded(await ben.waitForMessage(({ id }) => id === sent.id))

  const { key } = (await heard(await client.react(question, '🙋'))).reactionMessage
  assert.deepEqual([key.id, key.fromMe, key.participant, key.remoteJid], [question.id, false, maria.lid, group.jid])
  const { contextInfo } = (await heard(await client.send(group.jid, { text: 'I am', quote: question, mentions: [maria.jid] }))).extendedTextMessage
  assert.deepEqual([contextInfo.participant, contextInfo.mentionedJid], [maria.lid, [maria.lid]])
  const deleted = await client.delete(question)
  const { protocolMessage } = await heard(deleted)
  assert.deepEqual([protocolMessage.type, protocolMessage.key.participant], [0, maria.lid])
  const [stanza] = await stanzaOf(emulator, deleted.id)
  assert.deepEqual([stanza.attrs.edit, encsOf(stanza).map(({ attrs }) => attrs['decrypt-fail'])], ['8', encsOf(stanza).map(() => undefined)])

  const poll = await client.send(group.jid, { poll: { question: 'Close at six?', options: ['Yes', 'No'] } })
  const creation = await heard(poll)
  const voter = ben.lid
  const encKey = Buffer.from(hkdfSync('sha256', creation.messageContextInfo.messageSecret, Buffer.alloc(32), `${poll.id}${client.user.lid}${voter}Poll Vote`, 32))
  const encIv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', encKey, encIv).setAAD(Buffer.from(`${poll.id}\0${voter}`))
  const choice = proto.Message.PollVoteMessage.encode({ selectedOptions: [createHash('sha256').update('No').digest()] }).finish()
  const encPayload = Buffer.concat([cipher.update(choice), cipher.final(), cipher.getAuthTag()])
  const pollCreationMessageKey = { id: poll.id, fromMe: false, remoteJid: group.jid, participant: client.user.lid }
  await ben.send(group.jid, { raw: proto.Message.encode({ pollUpdateMessage: { pollCreationMessageKey, vote: { encIv, encPayload } } }).finish() })
  const vote = await typed('vote')
  assert.deepEqual([vote.vote, vote.sender.jid, vote.target.fromMe], [['No'], ben.jid, true])
})
