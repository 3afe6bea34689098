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

/** Who knows of a post: everybody in its audience, and nobody else. */
const seenBy = async (post, { seen, hidden }) => {
  const { id } = await post
  for (const side of seen) await side.showed(id)
  // It was sent in one stanza: whoever else was to have it would have it by now.
  for (const side of hidden) assert.deepEqual(await side.stanzas({ direction: 'in', tag: 'message', id }), [], `what ${side.name} gets`)
}

for (const archive of [true, false]) {
  test(`a post goes to whom the settings of the account name, ${archive ? 'with' : 'without'} an archive`, async (t) => {
    const here = await stage(t)
    const ana = await here.chasqui('Ana', { archive })
    const [ben, eva] = [await here.baileys('Ben'), await here.baileys('Eva')]
    const { status } = ana.client
    const settings = async () => {
      const posts = await ana.stanzas({ direction: 'out', tag: 'message' })
      return posts.at(-1).content.find(({ tag }) => tag === 'meta').attrs.status_setting
    }
    assert.deepEqual(await status.privacy(), { audience: 'contacts', allow: [], deny: [] })
    await assert.rejects(status.post({ text: 'to nobody' }), { code: 'INVALID_ARGUMENT', message: /address book/ })
    await here.emulator.statusPrivacy('Ana', 'allow', ['Eva'])
    const { audience, allow } = await status.privacy()
    assert.deepEqual([audience, allow.map(({ lid }) => lid)], ['allow', [eva.lid]])
    await seenBy(status.post({ text: 'for Eva' }), { seen: [eva], hidden: [ben] })
    assert.equal(await settings(), 'allowlist')

    // One of them with both addresses, one with the number alone, as older phones write them; and one who has no account.
    await ana.client.change([
      { type: 'contact', jid: ben.jid, name: 'Ben B.', firstName: 'Ben', lid: ben.lid },
      { type: 'contact', jid: eva.jid, name: 'Eva E.' },
      { type: 'contact', jid: '15550009999@s.whatsapp.net', name: 'Nobody' },
    ])
    await here.emulator.statusPrivacy('Ana', 'deny', ['Eva'])
    await seenBy(status.post({ text: 'not for Eva' }), { seen: [ben], hidden: [eva] })
    assert.equal(await settings(), 'denylist')
    await here.emulator.statusPrivacy('Ana', 'contacts')
    await seenBy(status.post({ text: 'for all' }), { seen: [ben, eva], hidden: [] })
    assert.equal(await settings(), 'contacts')
    assert.deepEqual([ben.texts, eva.texts], [['not for Eva', 'for all'], ['for Eva', 'for all']])

    // The address book is there again after a restart, and follows what becomes of it.
    await ana.stop()
    await ana.start()
    await seenBy(ana.client.status.post({ text: 'once more' }), { seen: [ben, eva], hidden: [] })
    await here.emulator.phoneChanges('Ana', [{ type: 'contact', jid: eva.jid, removed: true }])
    await waitFor(() => ana.changes.some(({ type, removed }) => type === 'contact' && removed), 'the contact to go')
    await seenBy(ana.client.status.post({ text: 'without her' }), { seen: [ben], hidden: [eva] })
    await ana.client.privacy.block(ben.jid)
    await assert.rejects(ana.client.status.post({ text: 'to whom?' }), { code: 'BLOCKED' })
    await seenBy(ana.client.status.post({ text: 'not for Ben' }, { to: [ben, eva] }), { seen: [eva], hidden: [ben] })
    await here.emulator.statusPrivacy('Ana', 'allow', [])
    await assert.rejects(ana.client.status.post({ text: 'x' }), { code: 'INVALID_ARGUMENT', message: /chosen none/ })
    assert.deepEqual(ana.errors, [])
  })
}

test('right after pairing a post waits for the address book', async (t) => {
  const here = await stage(t)
  const ben = await here.baileys('Ben')
  await here.emulator.contact('Ana')
  await here.emulator.phoneChanges('Ana', [{ type: 'contact', jid: ben.jid, name: 'Ben B.', lid: ben.lid }])
  const ana = await here.chasqui('Ana')
  await seenBy(ana.client.status.post({ text: 'at once' }), { seen: [ben], hidden: [] })
})

test('Chasqui sees posts of Baileys, and what is wrong with one of its own is refused', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  await ben.socket.sendMessage(STATUS, { text: 'from Ben' }, { statusJidList: [ana.lid] })
  const post = await ana.got('from Ben')
  assert.deepEqual([post.chat, post.original.sender.lid], [STATUS, ben.lid])
  await ana.read(post)
  await waitFor(async () => (await ben.stanzas({ direction: 'in', tag: 'receipt', type: 'read' })).some(({ attrs }) => attrs.id === post.id), 'that it was seen')
  for (const content of [{ text: 'x', background: 'green' }, { text: 'x', font: 99 }, { image: PIXEL, background: '#000000' }]) {
    await assert.rejects(ana.client.status.post(content, { to: ben.jid }), { code: 'INVALID_CONTENT' })
  }
  await assert.rejects(ana.client.send(ben.jid, { text: 'x', background: '#000000' }), { code: 'INVALID_OPTION' })
  await assert.rejects(ana.client.status.post({ text: 'x' }, { to: [5] }), { code: 'INVALID_ARGUMENT' })
})
