// Status posts between Chasqui and npm Baileys: to named people, and to whom the account's settings name.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage, waitFor } from './sides.mjs'

const STATUS = 'status@broadcast'
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64')

test('Baileys alone: a post is seen by whom it names, and its author hears of that', async (t) => {
  const here = await stage(t)
  const [ben, eva] = [await here.baileys('Ben'), await here.baileys('Eva')]
  const { key } = await ben.socket.sendMessage(STATUS, { text: 'hello all' }, { statusJidList: [eva.lid], backgroundColor: '#1f7a5c', font: 2 })
  const post = await eva.got('hello all')
  assert.deepEqual([post.chat, post.original.message.extendedTextMessage.backgroundArgb, post.original.message.extendedTextMessage.font], [STATUS, 0xff1f7a5c, 2])
  await eva.read(post)
  await waitFor(async () => (await ben.stanzas({ direction: 'in', tag: 'receipt', type: 'read' })).some(({ attrs }) => attrs.id === key.id), 'who saw it')
})

test('Chasqui posts texts and pictures, and is told who saw them', async (t) => {
  const here = await stage(t)
  const [ana, ben, eva] = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.baileys('Eva')]
  const receipts = []
  ana.client.on('receipt', (receipt) => receipts.push(receipt))
  const { id } = await ana.client.status.post({ text: 'buenos días', background: '#1F7A5C', color: '#ffffff', font: 2 }, { to: [ben, eva.lid] })
  const { message, key } = await ben.showed(id)
  assert.equal(key.remoteJid, STATUS)
  const { text, backgroundArgb, textArgb, font } = message.extendedTextMessage
  assert.deepEqual([text, backgroundArgb, textArgb, font], ['buenos días', 0xff1f7a5c, 0xffffffff, 2])
  await ben.read(await ben.got('buenos días'))
  await ana.reaches(id, 4)
  const seen = await waitFor(() => receipts.find(({ ids, status }) => ids.includes(id) && status === 'read'), 'who saw it')
  assert.deepEqual([seen.chat, seen.recipient.jid, seen.recipient.lid], [STATUS, ben.jid, ben.lid])
  const image = await ana.client.status.post({ image: PIXEL, caption: 'sunrise' }, { to: ben.jid })
  const picture = await ben.showed(image.id)
  assert.equal(picture.message.imageMessage.caption, 'sunrise')
  assert.deepEqual(await ben.download(picture), PIXEL)
  assert.ok(!eva.shown.some(({ key }) => key.id === image.id))
  await ana.client.delete({ id, chat: STATUS, fromMe: true }, { recipients: [ben.jid] })
  assert.deepEqual(ana.errors, [])
})

test('a post goes to whom the settings of the account name', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana', { archive: true })
  const [ben, eva] = [await here.baileys('Ben'), await here.baileys('Eva')]
  const { status } = ana.client
  assert.deepEqual(await status.privacy(), { audience: 'contacts', allow: [], deny: [] })
  await assert.rejects(status.post({ text: 'to nobody' }), { code: 'INVALID_ARGUMENT' })
  await here.emulator.statusPrivacy('Ana', 'allow', ['Eva'])
  const { audience, allow } = await status.privacy()
  assert.deepEqual([audience, allow.map(({ lid }) => lid)], ['allow', [eva.lid]])
  await status.post({ text: 'for Eva' })
  await eva.got('for Eva')

  await ana.client.change([{ type: 'contact', jid: ben.jid, name: 'Ben B.', firstName: 'Ben', lid: ben.lid }, { type: 'contact', jid: eva.jid, name: 'Eva E.', lid: eva.lid }])
  await waitFor(async () => (await ana.client.archive.contacts()).contacts.filter(({ name }) => name).length === 2, 'the address book')
  await here.emulator.statusPrivacy('Ana', 'deny', ['Eva'])
  await status.post({ text: 'not for Eva' })
  await ben.got('not for Eva')
  await here.emulator.statusPrivacy('Ana', 'contacts')
  await status.post({ text: 'for all' })
  for (const side of [ben, eva]) await side.got('for all')
  assert.deepEqual([ben.texts, eva.texts], [['not for Eva', 'for all'], ['for Eva', 'for all']])
})

test('Chasqui sees posts of Baileys, and what is wrong with one of its own is refused', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  await ben.socket.sendMessage(STATUS, { text: 'from Ben' }, { statusJidList: [ana.lid] })
  const post = await ana.got('from Ben')
  assert.deepEqual([post.chat, post.original.sender.lid], [STATUS, ben.lid])
  await ana.read(post)
  await waitFor(async () => (await ben.stanzas({ direction: 'in', tag: 'receipt', type: 'read' })).some(({ attrs }) => attrs.id === post.id), 'that it was seen')
  await here.emulator.statusPrivacy('Ana', 'contacts')
  await assert.rejects(ana.client.status.post({ text: 'x' }), { code: 'ARCHIVE_OFF' })
  for (const content of [{ text: 'x', background: 'green' }, { text: 'x', font: 99 }, { image: PIXEL, background: '#000000' }]) {
    await assert.rejects(ana.client.status.post(content, { to: ben.jid }), { code: 'INVALID_CONTENT' })
  }
  await assert.rejects(ana.client.send(ben.jid, { text: 'x', background: '#000000' }), { code: 'INVALID_OPTION' })
  await assert.rejects(ana.client.status.post({ text: 'x' }, { to: [5] }), { code: 'INVALID_ARGUMENT' })
})
