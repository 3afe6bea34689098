// What people do with messages, between Chasqui and npm Baileys: each kind both ways, as the other's program sees it.

import assert from 'node:assert/strict'
import { createCipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { test } from 'node:test'

import { decryptPollVote, proto } from 'baileys'

import { stage, waitFor } from './sides.mjs'

/** A Chasqui and a Baileys that have written to each other. */
async function pair(t) {
  const here = await stage(t)
  const [chasqui, baileys] = [await here.chasqui('chasqui'), await here.baileys('baileys')]
  await baileys.send(chasqui.jid, 'hello')
  await chasqui.got('hello')
  await chasqui.send(baileys.jid, 'welcome')
  await baileys.got('welcome')
  const events = { 'messages.reaction': [], 'messages.update': [] }
  for (const [name, list] of Object.entries(events)) baileys.socket.ev.on(name, (entries) => list.push(...entries))
  return { ...here, chasqui, baileys, events }
}

/** The message of this type at Chasqui. */
const typed = (chasqui, type, fits = () => true) =>
  waitFor(() => chasqui.received.map(({ original }) => original).find((message) => message.type === type && fits(message)), `a message of type ${type}`)

/** What Baileys showed of a message, with the wrapper if there is one. */
const shown = (baileys, id) => waitFor(() => baileys.shown.find(({ key, message }) => key.id === id && message), `${id} at Baileys`)

const sha256 = (text) => createHash('sha256').update(text).digest()

test('Baileys shows what Chasqui sends: quotes, mentions, forwards, view-once and disappearing texts', async (t) => {
  const { chasqui, baileys } = await pair(t)
  const { client } = chasqui
  const hello = (await chasqui.got('hello')).original

  const quote = await client.send(baileys.jid, { text: 'hello yourself', quote: hello, mentions: [`+${baileys.jid.split('@')[0]}`] })
  const { contextInfo, text } = (await shown(baileys, quote.id)).message.extendedTextMessage
  assert.equal(text, 'hello yourself')
  assert.equal(contextInfo.stanzaId, hello.id)
  assert.ok([baileys.jid, baileys.lid].includes(contextInfo.participant), contextInfo.participant)
  assert.equal(contextInfo.quotedMessage.extendedTextMessage.text, 'hello')
  assert.equal(contextInfo.quotedMessage.extendedTextMessage.contextInfo, null)
  assert.equal(contextInfo.mentionedJid.length, 1)
  assert.ok([baileys.jid, baileys.lid].includes(contextInfo.mentionedJid[0]), contextInfo.mentionedJid[0])

  const forward = await client.forward(baileys.jid, hello, { expiresIn: 86_400 })
  const passed = (await shown(baileys, forward.id)).message.extendedTextMessage
  assert.equal(passed.text, 'hello')
  assert.equal(passed.contextInfo.isForwarded, true)
  assert.equal(passed.contextInfo.forwardingScore, 1)
  assert.equal(passed.contextInfo.expiration, 86_400)

  const once = await client.send(baileys.jid, { text: 'look', viewOnce: true })
  assert.equal((await shown(baileys, once.id)).message.viewOnceMessage.message.extendedTextMessage.text, 'look')

  const timer = await client.send(baileys.jid, { ephemeral: 604_800 })
  const setting = (await shown(baileys, timer.id)).message.ephemeralMessage.message.protocolMessage
  assert.equal(setting.type, proto.Message.ProtocolMessage.Type.EPHEMERAL_SETTING)
  assert.equal(setting.ephemeralExpiration, 604_800)
})

test('Baileys follows what Chasqui does with messages: edit, react, pin, delete', async (t) => {
  const { chasqui, baileys, events } = await pair(t)
  const { client } = chasqui
  const hello = (await chasqui.got('hello')).original
  const { id } = await client.send(baileys.jid, { text: 'helo again' })
  const own = { id, chat: baileys.jid, fromMe: true }

  await client.edit(own, { text: 'hello again' })
  const update = await waitFor(() => events['messages.update'].find(({ key, update }) => key.id === id && update.message), 'the edit')
  assert.equal(update.update.message.editedMessage.message.extendedTextMessage.text, 'hello again')

  await client.react(hello, '👍')
  const reaction = await waitFor(() => events['messages.reaction'].find(({ key }) => key.id === hello.id), 'the reaction')
  assert.equal(reaction.reaction.text, '👍')
  assert.equal(reaction.key.fromMe, true, "it is Baileys' own message")
  await client.react(hello, '')
  await waitFor(() => events['messages.reaction'].find(({ reaction }) => !reaction.text), 'the reaction to be gone')

  const pin = await client.pin(hello, { days: 30 })
  const pinned = (await shown(baileys, pin.id)).message
  assert.equal(pinned.pinInChatMessage.type, 1)
  assert.equal(pinned.pinInChatMessage.key.id, hello.id)
  assert.equal(pinned.messageContextInfo.messageAddOnDurationInSecs, 30 * 86_400)
  const unpin = await client.unpin(hello)
  assert.equal((await shown(baileys, unpin.id)).message.pinInChatMessage.type, 2)
  const keep = await client.send(hello, { keep: hello })
  assert.equal((await shown(baileys, keep.id)).message.keepInChatMessage.keepType, 1)

  await client.delete(own)
  const gone = await waitFor(() => events['messages.update'].find(({ key, update }) => key.id === id && update.message === null), 'the revoke')
  assert.equal(gone.update.messageStubType, proto.WebMessageInfo.StubType.REVOKE)
})

test("Baileys decrypts Chasqui's vote in its poll, and Chasqui Baileys' vote in its own", async (t) => {
  const { chasqui, baileys } = await pair(t)
  const { client } = chasqui

  const theirs = await baileys.socket.sendMessage(chasqui.jid, { poll: { name: 'Lunch?', values: ['Soup', 'Rice', 'Fish'], selectableCount: 0 } })
  const poll = await typed(chasqui, 'poll')
  assert.deepEqual(poll.poll, { question: 'Lunch?', options: ['Soup', 'Rice', 'Fish'], multiple: true })
  await assert.rejects(client.vote(poll, ['Cake']), { code: 'INVALID_CONTENT' })
  const { id } = await client.vote(poll, ['Rice', 'Soup'])
  const { pollUpdateMessage } = (await shown(baileys, id)).message
  assert.equal(pollUpdateMessage.pollCreationMessageKey.id, poll.id)
  const vote = decryptPollVote(pollUpdateMessage.vote, {
    pollCreatorJid: baileys.lid, pollMsgId: poll.id, pollEncKey: theirs.message.messageContextInfo.messageSecret, voterJid: chasqui.lid,
  })
  assert.deepEqual(vote.selectedOptions.map((hash) => Buffer.from(hash)), ['Rice', 'Soup'].map(sha256))

  const ours = await client.send(baileys.jid, { poll: { question: 'Dinner?', options: ['Pasta', 'Pizza'] } })
  const creation = (await shown(baileys, ours.id)).message
  assert.equal(creation.pollCreationMessageV3.selectableOptionsCount, 1)
  const secret = creation.messageContextInfo.messageSecret
  // Baileys has no call for voting; it writes phone-number forms where it does the like.
  for (const [creator, voter] of [[chasqui.jid, baileys.jid], [chasqui.lid, baileys.lid]]) {
    for (const options of [['Pizza'], []]) {
      const message = { pollUpdateMessage: { pollCreationMessageKey: { id: ours.id, fromMe: false, remoteJid: chasqui.jid }, vote: seal(secret, ours.id, creator, voter, options), senderTimestampMs: Date.now() } }
      const sent = await baileys.socket.relayMessage(chasqui.jid, message, {})
      const voted = await typed(chasqui, 'vote', (message) => message.id === sent)
      assert.deepEqual(voted.vote, options)
      assert.deepEqual(voted.target, { id: ours.id, chat: baileys.jid, sender: chasqui.jid, fromMe: true })
    }
  }
})

/** A vote as the protocol's document says, by Node's own cryptography. */
function seal(secret, id, creator, voter, options) {
  const key = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(32), `${id}${creator}${voter}Poll Vote`, 32))
  const encIv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, encIv)
  cipher.setAAD(Buffer.from(`${id}\0${voter}`))
  const plaintext = proto.Message.PollVoteMessage.encode({ selectedOptions: options.map(sha256) }).finish()
  return { encIv, encPayload: Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]) }
}

test('Chasqui tells what Baileys does with messages', async (t) => {
  const { chasqui, baileys } = await pair(t)
  const send = (content, options) => baileys.socket.sendMessage(chasqui.jid, content, options)
  const mine = { ...(await baileys.got('welcome')).original.key }
  const welcome = { id: mine.id, chat: baileys.jid, sender: chasqui.jid, fromMe: true }

  const quote = await send({ text: 'thanks @you', mentions: [chasqui.jid] }, { quoted: (await baileys.got('welcome')).original })
  const quoting = await typed(chasqui, 'text', ({ id }) => id === quote.key.id)
  assert.deepEqual(quoting.quoted, { id: mine.id, sender: chasqui.jid, text: 'welcome' })
  assert.deepEqual(quoting.mentions, [chasqui.jid])
  const target = { id: quote.key.id, chat: baileys.jid, sender: baileys.jid, fromMe: false }

  await send({ react: { text: '❤️', key: mine } })
  assert.deepEqual((await typed(chasqui, 'reaction')).target, welcome)
  assert.equal((await typed(chasqui, 'reaction')).emoji, '❤️')
  await send({ react: { text: '', key: mine } })
  await typed(chasqui, 'reaction', ({ emoji }) => emoji === '')

  await send({ text: 'many thanks', edit: quote.key })
  const edit = await typed(chasqui, 'edit')
  assert.equal(edit.text, 'many thanks')
  assert.deepEqual(edit.target, target)

  await send({ pin: mine, type: 1, time: 604_800 })
  const pin = await typed(chasqui, 'pin')
  assert.deepEqual([pin.pinned, pin.expiresIn, pin.target], [true, 604_800, welcome])
  await send({ pin: mine, type: 2 })
  await typed(chasqui, 'pin', ({ pinned }) => pinned === false)

  await send({ forward: (await baileys.got('welcome')).original })
  const forwarded = await typed(chasqui, 'text', ({ forwarded }) => forwarded)
  assert.deepEqual([forwarded.text, forwarded.forwarded], ['welcome', 1])

  await send({ text: 'once', viewOnce: true })
  assert.equal((await typed(chasqui, 'text', ({ text }) => text === 'once')).viewOnce, true)
  await send({ text: 'soon gone' }, { ephemeralExpiration: 86_400 })
  assert.equal((await typed(chasqui, 'text', ({ text }) => text === 'soon gone')).expiresIn, 86_400)
  await send({ disappearingMessagesInChat: 604_800 })
  assert.equal((await typed(chasqui, 'ephemeral')).expiresIn, 604_800)
  await send({ disappearingMessagesInChat: false })
  await typed(chasqui, 'ephemeral', ({ expiresIn }) => expiresIn === 0)

  await send({ event: { name: 'Party', startDate: new Date(1_800_000_000_000) } })
  const { event } = await typed(chasqui, 'event')
  assert.deepEqual(event, { name: 'Party', startsAt: 1_800_000_000_000, canceled: false })

  await send({ delete: quote.key })
  assert.deepEqual((await typed(chasqui, 'revoke')).target, target)
  assert.deepEqual(chasqui.errors, [])
})

test('what one changes of the other is not told as a change', async (t) => {
  const { chasqui, baileys } = await pair(t)
  const id = (await baileys.got('welcome')).original.key.id
  const key = { id, fromMe: false, remoteJid: chasqui.jid }
  const { ProtocolMessage } = proto.Message
  const forged = [
    { protocolMessage: { key, type: ProtocolMessage.Type.MESSAGE_EDIT, editedMessage: { conversation: 'I owe you money' }, timestampMs: Date.now() } },
    { protocolMessage: { key, type: ProtocolMessage.Type.REVOKE } },
  ]
  for (const message of forged) await baileys.socket.relayMessage(chasqui.jid, message, {})
  await baileys.send(chasqui.jid, 'done')
  await chasqui.got('done')
  const told = chasqui.received.map(({ original }) => original).filter(({ type }) => type !== 'text')
  assert.deepEqual(told.map(({ type, text, target }) => ({ type, text, target })), forged.map(() => ({ type: 'protocol', text: undefined, target: undefined })))
})

test('a batch arrives in its order, and raw messages with their nodes', async (t) => {
  const { chasqui, baileys, emulator } = await pair(t)
  const texts = Array.from({ length: 20 }, (_, n) => `part ${n}`)
  const sent = await chasqui.client.sendMany(baileys.jid, texts.map((text) => ({ text })))
  assert.equal(new Set(sent.map(({ id }) => id)).size, 20)
  await baileys.got('part 19')
  assert.deepEqual(baileys.texts.filter((text) => text.startsWith('part')), texts)

  const bytes = proto.Message.encode({ locationMessage: { degreesLatitude: 4.5, degreesLongitude: -74 } }).finish()
  const { id } = await chasqui.client.relay(baileys.jid, bytes, { nodes: [{ tag: 'biz', attrs: { v: '1' }, content: [{ tag: 'x', content: Buffer.from('hi') }] }] })
  assert.equal((await shown(baileys, id)).message.locationMessage.degreesLatitude, 4.5)
  const [{ stanza }] = await emulator.stanzas({ account: 'chasqui', direction: 'out', tag: 'message', id })
  const child = (node, tag) => node.content.find((child) => child.tag === tag)
  assert.equal(stanza.attrs.type, 'media')
  assert.equal(child(child(child(stanza, 'participants'), 'to'), 'enc').attrs.mediatype, 'location')
  assert.equal(child(stanza, 'biz').attrs.v, '1')
  assert.equal(child(child(stanza, 'biz'), 'x').content.base64, Buffer.from('hi').toString('base64'))
})
