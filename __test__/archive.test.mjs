// The archive: what is received and sent is found again, in pages, by words, by id; what is not allowed is refused.

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'

import { WhatsAppClient } from 'chasqui'
import { startEmulator } from 'chasqui/testing'

import { waitFor } from './harness/emulator.mjs'
import { clientOf, next, openClient, temporary } from './help.mjs'

async function stage(t, options = {}) {
  const emulator = await startEmulator()
  t.after(() => emulator.stop())
  const store = `sqlite:${path.join(temporary(t), 'archive.db')}`
  const open = (more) => openClient(t, emulator, 'Tienda', { store, archive: true, ...options, ...more })
  const ana = await emulator.contact('Ana')
  return { emulator, store, open, ana }
}

const texts = ({ messages }) => messages.map(({ text }) => text)

/** The text, once it is in the archive. */
const stored = (client, text) => waitFor(async () => {
  const { messages } = await client.archive.search(text)
  return messages.find((message) => message.text === text)
}, `"${text}" in the archive`)

test('what was received and sent is in the archive, also after a restart', async (t) => {
  const { open, ana } = await stage(t)
  const client = await open()
  const received = next(client, 'message')
  await ana.send('Tienda', { text: 'Buenos días' })
  const message = await received
  const { id, timestamp } = await client.send(ana.jid, { text: 'Hola, ¿qué tal?' })
  const page = await client.archive.messages(ana.jid)
  assert.deepEqual(texts(page), ['Hola, ¿qué tal?', 'Buenos días'])
  assert.equal(page.cursor, undefined)
  const [sent, first] = page.messages
  assert.deepEqual({ ...first }, { ...message })
  assert.deepEqual(first.raw(), message.raw())
  assert.equal(JSON.stringify(first).includes('raw'), false)
  assert.deepEqual([sent.id, sent.timestamp, sent.source, sent.fromMe, sent.sender.jid], [id, timestamp, 'echo', true, client.user.jid])
  assert.ok(sent.raw().length > 0)
  await waitFor(async () => (await client.archive.message(ana.jid, id)).status === 'delivered', 'the receipt')
  const { receipts } = await client.archive.message(ana.jid, id)
  assert.deepEqual(receipts.map(({ recipient }) => recipient), [{ jid: ana.jid, pn: ana.jid, lid: ana.lid }])
  assert.ok(receipts[0].delivered > 0)
  await client.disconnect()

  const again = await open()
  assert.deepEqual(texts(await again.archive.messages(ana.lid)), ['Hola, ¿qué tal?', 'Buenos días'], 'by either address')
  const [chat] = (await again.archive.chats()).chats
  assert.deepEqual([chat.jid, chat.lid, chat.name, chat.unread, chat.lastMessage.id], [ana.jid, ana.lid, 'Ana', 1, id])
  assert.deepEqual(chat.lastMessage.raw(), sent.raw())
  await again.read(message)
  await waitFor(async () => (await again.archive.unread()).messages === 0, 'the chat to be read')
  assert.equal((await again.archive.contact(ana.lid)).pushName, 'Ana')
})

test('pages of chats, messages, people and words go on where they ended', async (t) => {
  const { emulator, open, ana } = await stage(t)
  const client = await open()
  for (let n = 0; n < 12; n++) await ana.send('Tienda', { text: `número ${n}` })
  for (const name of ['Ben', 'Carla', 'Dora']) await (await emulator.contact(name)).send('Tienda', { text: `soy ${name}` })
  await stored(client, 'soy Dora')
  const all = async (ask, kind) => {
    const found = []
    for (let cursor; ;) {
      const page = await ask({ limit: 2, cursor })
      assert.ok(page[kind].length <= 2)
      found.push(...page[kind])
      if (!(cursor = page.cursor)) return found
    }
  }
  const numbers = Array.from({ length: 12 }, (_, n) => `número ${n}`)
  const newest = await all((options) => client.archive.messages(ana.jid, options), 'messages')
  assert.deepEqual(newest.map(({ text }) => text), numbers.toReversed())
  const oldest = await all((options) => client.archive.messages(ana.jid, { after: 0, ...options }), 'messages')
  assert.deepEqual(oldest.map(({ text }) => text), numbers)
  const between = await client.archive.messages(ana.jid, { after: oldest[3], before: oldest[6] })
  assert.deepEqual(texts(between), ['número 5', 'número 4'])
  const chats = await all((options) => client.archive.chats(options), 'chats')
  assert.deepEqual(chats.map(({ name }) => name).sort(), ['Ana', 'Ben', 'Carla', 'Dora'])
  const words = await all((options) => client.archive.search('NUMERO', { chat: ana.jid, ...options }), 'messages')
  assert.deepEqual(words.map(({ text }) => text), numbers.toReversed())
  const people = await all((options) => client.archive.contacts(options), 'contacts')
  assert.equal(new Set(people.map(({ jid }) => jid)).size, people.length)
  assert.ok(people.some(({ pushName }) => pushName === 'Carla'))
  for (const typed of ['"', 'OR', 'a AND', 'NEAR(', 'text:x', '* ^', "'; DROP TABLE", '\0', '']) {
    assert.deepEqual((await client.archive.search(typed)).messages.filter(({ text }) => !text.includes('a')), [])
  }
})

test('an archive keeps no more than it is told to', async (t) => {
  const { open, ana } = await stage(t)
  const client = await open()
  for (let n = 0; n < 9; n++) await ana.send('Tienda', { text: `palabra ${n}` })
  await stored(client, 'palabra 8')
  await client.disconnect()
  const frugal = await open({ archive: { maxPerChat: 5 } })
  await waitFor(async () => (await frugal.archive.chat(ana.jid)).messages === 5, 'the oldest to go')
  assert.equal((await frugal.archive.search('palabra')).messages.length, 5)
  await ana.send('Tienda', { text: 'palabra 9' })
  await stored(frugal, 'palabra 9')
  assert.deepEqual(texts(await frugal.archive.messages(ana.jid)), [9, 8, 7, 6, 5].map((n) => `palabra ${n}`))
  await frugal.disconnect()
  const forgetful = await open({ archive: { maxAge: 1000 } })
  await waitFor(async () => (await forgetful.archive.messages(ana.jid)).messages.length === 0, 'all to go', 20_000)
})

test('what cannot be is refused by its code', async (t) => {
  const { emulator, store, open, ana } = await stage(t)
  const refused = (options) => assert.throws(
    () => new WhatsAppClient({ session: 'x', store, archive: true, ...options }),
    { code: 'INVALID_OPTION', data: { option: options.option ?? 'archive' } },
  )
  refused({ store: 'memory:' })
  refused({ encryptionKey: Buffer.alloc(32, 7) })
  refused({ archive: 'yes' })
  refused({ archive: { maxAge: 1 }, option: 'archive.maxAge' })
  refused({ archive: { maxPerChat: 0 }, option: 'archive.maxPerChat' })
  const without = clientOf(t, emulator, 'Other')
  await assert.rejects(without.archive.chats(), { code: 'ARCHIVE_OFF' })
  const closed = clientOf(t, emulator, 'Tienda', { store, archive: true })
  await assert.rejects(closed.archive.chats(), { code: 'NOT_CONNECTED' })
  const client = await open()
  const { archive } = client
  for (const ask of [
    () => archive.chats({ limit: 0 }), () => archive.chats({ limit: 1000 }), () => archive.chats({ cursor: 'x' }),
    () => archive.chats('all'), () => archive.messages(7), () => archive.messages(ana.jid, { before: 'noon' }),
    () => archive.search(7), () => archive.contact({}), () => archive.messages(ana.jid, { limit: 1n }),
  ]) await assert.rejects(ask, { code: 'INVALID_OPTION' })
  assert.equal(await client.archive.message(ana.jid, 'none'), undefined)
  assert.equal(await client.archive.chat(ana.jid), undefined)
})

test('with the session goes its archive, and no other', async (t) => {
  const { store, open, ana, emulator } = await stage(t)
  const client = await open()
  const other = await openClient(t, emulator, 'Bodega', { store, archive: true })
  for (const name of ['Tienda', 'Bodega']) await ana.send(name, { text: `para ${name}` })
  await stored(client, 'para Tienda')
  await stored(other, 'para Bodega')
  assert.equal((await client.archive.search('para')).messages.length, 1)
  await client.logout()
  const again = await open()
  assert.deepEqual((await again.archive.chats()).chats, [])
  assert.deepEqual((await again.archive.search('para')).messages, [])
  assert.deepEqual(texts(await other.archive.search('para')), ['para Bodega'])
})
