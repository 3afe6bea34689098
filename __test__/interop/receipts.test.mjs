// Receipts that say more than "arrived" and "read": of a device in the background, and of what was played.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { proto } from 'baileys'

import { DELIVERED, READ, stage, waitFor } from './sides.mjs'

const PLAYED = 5
const STATUS = 'status@broadcast'
/** A voice note of which nobody needs the file. */
const VOICE = {
  url: 'https://mmg.whatsapp.net/v/t62/1', directPath: '/v/t62/1', mimetype: 'audio/ogg; codecs=opus', ptt: true, seconds: 3,
  mediaKey: Buffer.alloc(32, 7), fileSha256: Buffer.alloc(32, 8), fileEncSha256: Buffer.alloc(32, 9), fileLength: 900,
}

/** The types of the receipts for a message that got to a side. */
const typesOf = async (side, id) => {
  const receipts = await side.stanzas({ direction: 'in', tag: 'receipt', id })
  return receipts.map(({ attrs }) => attrs.type)
}
const arrives = (side, id, type) => waitFor(async () => (await typesOf(side, id)).includes(type), `the receipt ${type} at ${side.name}`)
/** What Baileys tells of receipts in groups and of status posts. */
const receiptsAt = (side) => {
  const told = []
  side.socket.ev.on('message-receipt.update', (updates) => told.push(...updates))
  return told
}
/** The voice note with this id as a side of Chasqui was given it. */
const voiceAt = async (side, id) => {
  const note = await side.showed(id)
  assert.equal(note.type, 'voice')
  return note
}
const record = (from, to, options = {}) => from.socket.relayMessage(to, { audioMessage: VOICE }, options)

test('Baileys alone: a device in the background delivers without a second tick, and what was played is told', async (t) => {
  const here = await stage(t)
  const [ben, eva] = [await here.baileys('Ben'), await here.baileys('Eva')]
  const group = await here.emulator.group({ subject: 'Paseo', members: ['Ben', 'Eva'] })
  await eva.socket.sendPresenceUpdate('unavailable')
  const quiet = await ben.send(eva.jid, 'quietly')
  await arrives(ben, quiet, 'inactive')
  await eva.socket.sendPresenceUpdate('available')
  await ben.reaches(await ben.send(eva.jid, 'loudly'), DELIVERED)
  assert.ok(ben.rank(quiet) < DELIVERED)

  const told = receiptsAt(ben)
  for (const to of [eva.jid, group.jid]) {
    const id = await record(ben, to)
    const { key } = await eva.showed(id)
    await eva.socket.sendReceipts([key], 'played')
    await arrives(ben, id, 'played')
    if (to === eva.jid) await ben.reaches(id, PLAYED)
    else await waitFor(() => told.some(({ key, receipt }) => key.id === id && receipt.readTimestamp > 0), 'who played it in the group')
  }
})

test('what arrives while the program says that it is not there is delivered without a second tick, after reconnects, too', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const group = await here.emulator.group({ subject: 'Paseo', members: ['Ana', 'Ben'] })
  const told = receiptsAt(ben)
  await waitFor(() => ana.client.user.name === 'Ana', 'the own name')
  const before = await ben.send(ana.jid, 'before')
  await ben.reaches(before, DELIVERED)
  await ana.client.presence.unavailable()
  const quiet = [await ben.send(ana.jid, 'quietly')]
  await arrives(ben, quiet[0], 'inactive')
  const shared = await ben.send(group.jid, 'quietly to all')
  await arrives(ben, shared, 'inactive')
  const post = (await ben.socket.sendMessage(STATUS, { text: 'quiet news' }, { statusJidList: [ana.lid] })).key.id
  await arrives(ben, post, 'inactive')

  await here.emulator.disconnect({ account: 'Ana' })
  quiet.push(await ben.send(ana.jid, 'quietly again'))
  await arrives(ben, quiet[1], 'inactive')
  // What is read is read, from wherever.
  await ana.read(await ana.got('quietly again'))
  await ben.reaches(quiet[1], READ)
  assert.ok(ben.rank(quiet[0]) < DELIVERED)
  assert.deepEqual(told, [])

  await ana.client.presence.available()
  await ben.reaches(await ben.send(ana.jid, 'loudly'), DELIVERED)
  const heard = await ben.socket.relayMessage(group.jid, { conversation: 'loudly to all' }, {})
  await waitFor(() => told.some(({ key, receipt }) => key.id === heard && receipt.receiptTimestamp > 0), 'the delivery in the group')
  await here.emulator.disconnect({ account: 'Ana' })
  await ben.reaches(await ben.send(ana.jid, 'loudly again'), DELIVERED)
  await ana.got('loudly again')
  assert.deepEqual(ana.texts.filter((text) => !text.endsWith('news')), ['before', 'quietly', 'quietly to all', 'quietly again', 'loudly', 'loudly to all', 'loudly again'])
  assert.deepEqual(ana.errors, [])
})

test('Chasqui tells what it has played, to people, in groups and of status posts, and its own devices', async (t) => {
  const here = await stage(t)
  const [ana, sibling] = [await here.chasqui('Ana'), await here.chasqui('Ana', { session: 'Ana again', archive: true })]
  const ben = await here.baileys('Ben')
  const group = await here.emulator.group({ subject: 'Paseo', members: ['Ana', 'Ben'] })
  const told = receiptsAt(ben)
  const unread = async () => Object.fromEntries((await sibling.client.archive.chats()).chats.map(({ jid, unread }) => [jid, unread]))
  for (const chat of [ana.jid, group.jid]) {
    const id = await record(ben, chat)
    await sibling.showed(id)
    const inChat = chat === ana.jid ? ben.jid : chat
    await waitFor(async () => (await unread())[inChat] === 1, 'it to be unread at the other device')
    await ana.client.played(await voiceAt(ana, id))
    await arrives(ben, id, 'played')
    if (chat === ana.jid) await ben.reaches(id, PLAYED)
    else {
      const update = await waitFor(() => told.find(({ key, receipt }) => key.id === id && receipt.readTimestamp), 'who played it')
      assert.ok([ana.jid, ana.lid].includes(update.receipt.userJid))
    }
    await arrives(sibling, id, 'played')
    await waitFor(async () => (await unread())[inChat] === 0, 'it to be read at the other device')
  }
  const post = await record(ben, STATUS, { statusJidList: [ana.lid] })
  await ana.client.played([await voiceAt(ana, post)])
  await arrives(ben, post, 'played')

  // Of several messages of one chat: one receipt.
  const notes = [await record(ben, ana.jid), await record(ben, ana.jid)]
  const sent = async () => ana.stanzas({ direction: 'out', tag: 'receipt', type: 'played' })
  const before = (await sent()).length
  await ana.client.played(await Promise.all(notes.map((id) => voiceAt(ana, id))))
  for (const id of notes) await ben.reaches(id, PLAYED)
  assert.equal((await sent()).length - before, 1)

  // Without read receipts: the own devices alone.
  await ana.client.privacy.set({ readReceipts: 'none' })
  const secret = await record(ben, ana.jid)
  await ana.client.played(await voiceAt(ana, secret))
  await arrives(sibling, secret, 'played-self')
  await ben.reaches(await ben.send(ana.jid, 'after it'), DELIVERED)
  assert.ok(!(await typesOf(ben, secret)).includes('played'))
  assert.ok(ben.rank(secret) < READ)
  await assert.rejects(ana.client.played({ id: 'x' }), { code: 'INVALID_CONTENT' })
  await ana.client.disconnect()
  await assert.rejects(ana.client.played(await voiceAt(ana, secret)), { code: 'NOT_CONNECTED' })
  assert.deepEqual([...ana.errors, ...sibling.errors], [])
})

test('Chasqui is told what Baileys has played', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const group = await here.emulator.group({ subject: 'Paseo', members: ['Ana', 'Ben'] })
  const told = []
  ana.client.on('receipt', (receipt) => told.push(receipt))
  for (const chat of [ben.jid, group.jid]) {
    const { id } = await ana.client.relay(chat, proto.Message.encode({ audioMessage: VOICE }).finish())
    const { key } = await ben.showed(id)
    await ben.socket.sendReceipts([key], 'played')
    const { chat: where, recipient } = await waitFor(() => told.find(({ ids, status }) => ids.includes(id) && status === 'played'), 'it to be played')
    assert.deepEqual([where, recipient.jid, recipient.lid], [chat, ben.jid, ben.lid])
  }
  assert.deepEqual(ana.errors, [])
})
