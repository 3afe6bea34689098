// The archive beside npm Baileys and a phone: what they write, change, delete and read is in it as it happened, and after
// kills in the middle of everything it has what the session has, once.

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { temporaryFolder } from '../harness/baileys.mjs'
import { killAgainAndAgain, phoneChat } from '../harness/kills.mjs'
import { openClient } from '../help.mjs'
import { stage, waitFor } from './sides.mjs'

/** The message in the archive, once it is as wanted. */
const becomes = (side, chat, id, what, wanted) => waitFor(async () => {
  const message = await side.client.archive.message(chat, id)
  return wanted(message) && message
}, `${what} of ${id}`)

const found = async (side, text) => (await side.client.archive.search(text)).messages.map(({ id }) => id)

test('edits, deletions, reactions and receipts are told with the messages, in both directions', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana', { archive: true })
  const ben = await here.baileys('Ben')
  const theirs = await ben.send(ana.jid, 'vemos mañana')
  const gone = await ben.send(ana.jid, 'borrado')
  const original = (await ana.got('vemos mañana')).original
  await ana.got('borrado')
  const mine = await ana.send(ben.jid, 'una respuesta')
  const lost = await ana.send(ben.jid, 'una equivocación')
  const answer = (await ben.got('una respuesta')).original
  await ben.got('una equivocación')
  const chat = original.chat

  // What they do.
  const { key } = ben.shown.find((message) => message.key.id === theirs)
  const wrong = ben.shown.find((message) => message.key.id === gone)
  await ben.socket.sendMessage(ana.jid, { text: 'nos vemos mañana', edit: key })
  await ben.socket.sendMessage(ana.jid, { delete: wrong.key })
  await ben.socket.sendMessage(ana.jid, { react: { text: '👍', key: answer.key } })
  await ben.socket.readMessages([answer.key])
  const edited = await becomes(ana, chat, theirs, 'the edit', ({ editedAt }) => editedAt)
  assert.deepEqual([edited.type, edited.text], ['text', 'nos vemos mañana'])
  assert.deepEqual(edited.raw(), original.raw(), 'as it first came')
  const revoked = await becomes(ana, chat, gone, 'the deletion', ({ revokedAt }) => revokedAt)
  assert.deepEqual([revoked.type, revoked.text, revoked.raw().length], ['revoke', undefined, 0])
  const reacted = await becomes(ana, chat, mine, 'the reaction', ({ reactions }) => reactions)
  assert.deepEqual(reacted.reactions.map(({ emoji, sender }) => [emoji, sender.jid]), [['👍', ben.jid]])
  const read = await becomes(ana, chat, mine, 'the receipt', ({ status }) => status === 'read')
  assert.deepEqual(read.receipts.map(({ recipient }) => recipient.jid), [ben.jid])
  assert.ok(read.receipts[0].read > 0)

  // What is done here.
  await ana.client.react(original, '❤️')
  await ana.client.edit({ id: mine, chat, fromMe: true }, { text: 'otra respuesta' })
  await ana.client.delete({ id: lost, chat, fromMe: true })
  const own = await becomes(ana, chat, mine, 'the own edit', ({ editedAt }) => editedAt)
  assert.equal(own.text, 'otra respuesta')
  await becomes(ana, chat, lost, 'the own deletion', ({ revokedAt }) => revokedAt)
  const { reactions } = await becomes(ana, chat, theirs, 'the own reaction', ({ reactions }) => reactions)
  assert.deepEqual(reactions.map(({ emoji, sender }) => [emoji, sender.jid]), [['❤️', ana.jid]])

  // By the words of now, and nothing else.
  assert.deepEqual(await found(ana, 'nos vemos'), [theirs])
  assert.deepEqual(await found(ana, 'otra'), [mine])
  for (const text of ['borrado', 'equivocación', 'una']) assert.deepEqual(await found(ana, text), [], text)
  const { messages } = await ana.client.archive.messages(chat)
  assert.deepEqual(messages.map(({ id }) => id), [lost, mine, gone, theirs], 'and no row for what was said of them')
  assert.deepEqual(ana.errors, [])
})

test('what another companion sends and reads, and what the phone changes and deletes, is so in the archive', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana', { archive: true })
  const other = await here.baileys('Ana', { session: 'Ana again' })
  const ben = await here.emulator.contact('Ben')
  const { archive } = ana.client
  const chat = async () => (await archive.chat(ben.jid)) ?? {}
  for (const text of ['uno', 'dos', 'tres']) await ben.send('Ana', { text })
  const [one, two] = await Promise.all(['uno', 'dos', 'tres'].map(async (text) => (await ana.got(text)).original))
  assert.equal((await chat()).unread, 3)
  await other.read(await other.got('dos'))
  await waitFor(async () => (await chat()).unread === 1, 'what the other one has read')
  const echo = await other.send(ben.jid, 'desde el otro')
  const sent = await becomes(ana, ben.jid, echo, 'what the other one sent', Boolean)
  assert.deepEqual([sent.source, sent.fromMe, sent.text], ['own-device', true, 'desde el otro'])

  const phone = (...changes) => here.emulator.phoneChanges('Ana', changes)
  await phone(
    { type: 'contact', jid: 'Ben', name: 'Ben Ruiz', lid: ben.lid },
    { type: 'archive', chat: 'Ben', archived: true }, { type: 'pin', chat: 'Ben', pinned: true },
    { type: 'mute', chat: 'Ben', muted: true },
    { type: 'label', id: '4', name: 'VIP', color: 2 }, { type: 'labelAssociation', labelId: '4', chat: 'Ben', labeled: true },
    { type: 'star', chat: 'Ben', id: one.id, fromMe: false, starred: true },
    { type: 'markRead', chat: 'Ben', read: true },
  )
  await waitFor(async () => (await archive.message(one)).starred, 'the star')
  await waitFor(async () => (await chat()).unread === 0, 'the mark')
  const { name, archived, pinned, muted, labels } = await chat()
  assert.deepEqual([name, archived, pinned, muted, labels], ['Ben Ruiz', true, true, true, ['4']])
  assert.deepEqual(await archive.labels(), [{ id: '4', name: 'VIP', color: 2 }])
  assert.equal((await archive.chats({ archived: true, label: '4' })).chats.length, 1)

  await phone({ type: 'deleteForMe', chat: 'Ben', id: two.id, fromMe: false, messageTimestamp: two.timestamp })
  await waitFor(async () => !(await archive.message(two)), 'the message to go')
  assert.deepEqual(await found(ana, 'dos'), [])
  await phone({ type: 'clear', chat: 'Ben' })
  await waitFor(async () => (await archive.messages(ben.jid)).messages.length === 1, 'the chat to be empty but for the star')
  await ben.send('Ana', { text: 'cuatro' })
  await ana.got('cuatro')
  assert.deepEqual((await archive.messages(ben.jid)).messages.map(({ text }) => text), ['cuatro', 'uno'])
  await phone({ type: 'deleteChat', chat: 'Ben' })
  await waitFor(async () => (await archive.chats()).chats.every(({ jid }) => jid !== ben.jid), 'the chat to go')
  assert.deepEqual(await found(ana, 'cuatro'), [])
  assert.deepEqual(ana.errors, [])
})

test('messages of a group come with their authors, and its name', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana', { archive: true })
  const [ben, carla] = [await here.emulator.contact('Ben'), await here.emulator.contact('Carla')]
  const group = await here.emulator.group({ subject: 'Vecinos', members: ['Ana', 'Ben', 'Carla'] })
  await ben.send(group, { text: 'de Ben' })
  await carla.send(group, { text: 'de Carla' })
  await ana.got('de Carla')
  await ana.got('de Ben')
  const id = await ana.send(group.jid, 'de Ana')
  const own = await becomes(ana, group.jid, id, 'both receipts', ({ receipts }) => receipts?.length === 2)
  assert.deepEqual(own.receipts.map(({ recipient }) => recipient.jid).sort(), [ben.jid, carla.jid].sort())
  const { messages } = await ana.client.archive.messages(group.jid)
  assert.deepEqual(messages.map(({ text, sender }) => `${text} ${sender.name}`).sort(), ['de Ana Ana', 'de Ben Ben', 'de Carla Carla'])
  const chat = await ana.client.archive.chat(group.jid)
  assert.deepEqual([chat.name, chat.unread, chat.group.members], ['Vecinos', 2, 3])
})

test('after kills in the middle of a flood the archive has what the session has, and each message once', async (t) => {
  const emulator = await startEmulator({ captureLimit: 50_000 })
  t.after(() => emulator.stop())
  const folder = temporaryFolder(t)
  const written = []
  let chat
  const makeChats = async () => {
    chat = await phoneChat(emulator, 'Killed', 'María')
    const write = async (text) => {
      const id = await chat.write(text)
      written.push(id)
      return id
    }
    return [{ ...chat, got: () => chat.got(), write }]
  }
  const options = { rounds: 6, folder, session: 'Killed', seed: 11, makeChats, client: { archive: true } }
  const { wrong } = await killAgainAndAgain(t, emulator, options)
  assert.deepEqual([wrong.lost, wrong.doubled], [[], []])

  const client = await openClient(t, emulator, 'Killed', { store: `sqlite:${path.join(folder, 'killed.db')}`, archive: true })
  const archived = []
  for (let cursor; ;) {
    const page = await client.archive.messages(chat.jid, { limit: 500, cursor })
    archived.push(...page.messages)
    if (!(cursor = page.cursor)) break
  }
  const ids = (fromMe) => archived.filter((message) => message.fromMe === fromMe).map(({ id }) => id).sort()
  assert.deepEqual(ids(false), [...new Set(written)].sort(), 'what was received')
  assert.deepEqual(ids(true), [...new Set(chat.got())].sort(), 'what was sent')
  assert.ok(archived.every(({ fromMe, status }) => !fromMe || ['sent', 'delivered', 'read'].includes(status)))
  const unread = (await client.archive.chat(chat.jid)).unread
  assert.equal(unread, new Set(written).size)
})
