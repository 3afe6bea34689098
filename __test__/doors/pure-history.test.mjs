// The history that the phone sends, as npm baileys and chasqui read it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { deflateSync } from 'node:zlib'

import { ODD, ours, random, same, theirs } from './differential.mjs'

const PN = ['15550001001@s.whatsapp.net', '15550001002@s.whatsapp.net', '15550001003@hosted']
const LID = ['100000000001@lid', '100000000002@lid', '100000000003@hosted.lid']
const CHATS = [...PN, ...LID, '120363000000000001@g.us', '120363000000000002@newsletter', 'status@broadcast', '']
const TYPES = Object.values(theirs.proto.HistorySync.HistorySyncType)

/** A random history as JSON; the same dice make the same. */
function history(dice) {
  const maybe = (probability, make) => (dice.chance(probability) ? make() : undefined)
  const clean = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
  const message = () =>
    clean({
      key: clean({ remoteJid: dice.pick(CHATS), fromMe: dice.chance(0.5), id: `3EB0${dice.below(1e6)}`, participant: maybe(0.3, () => dice.pick(CHATS)) }),
      message: maybe(0.8, () => ({ conversation: `text ${dice.below(100)}` })),
      messageTimestamp: maybe(0.9, () => dice.below(2 ** 31)),
      userReceipt: maybe(0.5, () => dice.many(1 + dice.below(2), () => ({ userJid: dice.pick(CHATS) }))),
      messageStubType: maybe(0.4, () => dice.pick([127, 128, 129, 130])),
      messageStubParameters: maybe(0.5, () => dice.pick([['Shop'], [''], ['Shop', 'x'], []])),
    })
  const chat = () =>
    clean({
      id: dice.pick(CHATS),
      name: maybe(0.4, () => dice.pick(['Ana', ''])),
      displayName: maybe(0.4, () => dice.pick(['Ana B.', ''])),
      username: maybe(0.3, () => dice.pick(['ana', ''])),
      pnJid: maybe(0.4, () => dice.pick([...PN, ''])),
      lidJid: maybe(0.4, () => dice.pick([...LID, ''])),
      accountLid: maybe(0.3, () => dice.pick(LID)),
      unreadCount: maybe(0.3, () => dice.below(9)),
      conversationTimestamp: maybe(0.3, () => dice.below(2 ** 31)),
      messages: maybe(0.8, () => dice.many(dice.below(4), () => ({ message: message() }))),
    })
  return clean({
    syncType: dice.pick(TYPES),
    progress: maybe(0.5, () => dice.below(101)),
    conversations: dice.many(dice.below(4), chat),
    pushnames: dice.many(dice.below(3), () => clean({ id: dice.pick(CHATS), pushname: maybe(0.8, () => dice.pick(['Ana', ''])) })),
    phoneNumberToLidMappings: dice.many(dice.below(3), () => clean({ lidJid: maybe(0.8, () => dice.pick(LID)), pnJid: maybe(0.8, () => dice.pick(PN)) })),
    pastParticipants: dice.many(dice.below(2), () => ({ groupJid: CHATS[6], pastParticipants: [{ userJid: dice.pick(PN), leaveReason: 1, leaveTs: 5 }] })),
  })
}

const encode = (json) => Buffer.from(theirs.proto.HistorySync.encode(theirs.proto.HistorySync.fromObject(json)).finish())

test('random pieces of history, as objects and as decoded messages', async () => {
  for (let seed = 0; seed < 400; seed++) {
    await same('processHistoryMessage', () => [history(random(seed)), undefined], { after: ([item]) => item })
    const bytes = encode(history(random(seed)))
    await same('processHistoryMessage', () => [bytes], { call: (lib, [item]) => lib.processHistoryMessage(lib.proto.HistorySync.decode(item)) })
  }
})

test('odd pieces of history', async () => {
  for (const value of ODD) {
    await same('processHistoryMessage', () => [value])
    await same('processHistoryMessage', () => [{ syncType: value, conversations: [] }])
    for (const syncType of TYPES) {
      await same('processHistoryMessage', () => [{ syncType, conversations: value, pushnames: value }])
      await same('processHistoryMessage', () => [{ syncType, conversations: [{ id: value, messages: value }], pushnames: [{ id: value, pushname: value }] }])
      await same('processHistoryMessage', () => [{ syncType, conversations: [{ id: PN[0], messages: [{ message: value }] }], pushnames: [] }])
    }
  }
})

let server
let base
const files = new Map()
before(async () => {
  server = createServer((request, response) => {
    const file = files.get(request.url)
    if (!file) return response.writeHead(404).end()
    response.end(file)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${server.address().port}`
})
after(() => {
  server.closeAllConnections()
  server.close()
})

/** Uploads `bytes` and gives the notification of them. */
async function uploaded(name, bytes) {
  const made = await theirs.encryptedStream(bytes, 'md-msg-hist')
  files.set(name, await readFile(made.encFilePath))
  await rm(made.encFilePath, { force: true })
  return { url: `${base}${name}`, mediaKey: made.mediaKey }
}

test('history is fetched, or comes with its notification', async () => {
  const json = { ...history(random(7)), syncType: 3 }
  const packed = deflateSync(encode(json))
  const notification = await uploaded('/history', packed)
  await same('downloadHistory', () => [notification, {}])
  await same('downloadAndProcessHistorySyncNotification', () => [notification, {}, undefined])
  await same('downloadAndProcessHistorySyncNotification', () => [{ initialHistBootstrapInlinePayload: packed }, {}, undefined])
  const { chats } = await ours.downloadAndProcessHistorySyncNotification({ initialHistBootstrapInlinePayload: packed }, {}, undefined)
  assert.equal(chats.length, json.conversations.length)
})

test('history that cannot be read is refused', async () => {
  const packed = deflateSync(encode(history(random(7))))
  for (const [name, bytes] of [['/plain', Buffer.from('no zlib')], ['/cut', packed.subarray(0, -9)], ['/nothing', Buffer.alloc(0)]]) {
    const notification = await uploaded(name, bytes)
    // Of Baileys the error of the stream is not caught, and ends the program.
    await assert.rejects(ours.downloadHistory(notification, {}), { code: /^Z_/ })
    await same('downloadAndProcessHistorySyncNotification', () => [{ initialHistBootstrapInlinePayload: bytes }, {}, undefined])
  }
  await same('downloadHistory', () => [{ url: `${base}/none`, mediaKey: Buffer.alloc(32) }, {}])
  await same('downloadHistory', () => [{ mediaKey: Buffer.alloc(32) }, {}])
  for (const value of ODD.slice(0, 3)) await same('downloadAndProcessHistorySyncNotification', () => [value, {}, undefined])
})
