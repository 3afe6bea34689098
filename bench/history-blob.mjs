// Blobs of history, as the phone makes them, and what npm Baileys takes to read one, through its own functions.
//
//   node bench/history-blob.mjs write FILE      one of 20,000 messages in 200 chats
//   node bench/history-blob.mjs read FILE       `{ messages, decoded }` as JSON: messages per second

import { readFileSync, writeFileSync } from 'node:fs'
import { deflateSync } from 'node:zlib'

import { downloadAndProcessHistorySyncNotification, proto } from 'baileys'

import { median } from './report.mjs'

const [CHATS, EACH, ROUNDS] = [200, 100, 9]
const WORDS = 'hola mensaje pedido cliente gracias mañana factura precio llega hoy tarde pago foto perfecto'.split(' ')

let state = 1
const below = (bound) => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) % bound
const bytes = (length) => Uint8Array.from({ length }, () => below(256))
const text = () => Array.from({ length: 4 + below(20) }, () => WORDS[below(WORDS.length)]).join(' ')
const id = () => `3EB0${Buffer.from(bytes(9)).toString('hex').toUpperCase()}`

function content(at) {
  if (at % 10 === 9) {
    return {
      imageMessage: {
        mimetype: 'image/jpeg', caption: text(), fileSha256: bytes(32), fileLength: 123_456, height: 1280, width: 720,
        mediaKey: bytes(32), fileEncSha256: bytes(32), directPath: `/v/${id()}`, jpegThumbnail: bytes(700),
      },
    }
  }
  if (at % 7 === 6) {
    return { extendedTextMessage: { text: text(), contextInfo: { stanzaId: id(), quotedMessage: { conversation: text() } } } }
  }
  return { conversation: text() }
}

function chat(at) {
  const jid = at % 4 === 3 ? `120363${String(at).padStart(12, '0')}@g.us` : `1555${String(at).padStart(7, '0')}@s.whatsapp.net`
  const messages = Array.from({ length: EACH }, (_, place) => {
    const fromMe = place % 2 === 0
    const message = { ...content(place), messageContextInfo: { messageSecret: bytes(32) } }
    const participant = jid.endsWith('@g.us') && !fromMe ? '15550009999@s.whatsapp.net' : undefined
    const key = { remoteJid: jid, fromMe, id: id(), participant }
    return { message: { key, message, messageTimestamp: 1_700_000_000 + at * 1000 + place, status: 4 }, msgOrderId: place }
  })
  return { id: jid, displayName: `Person ${at}`, conversationTimestamp: 1_700_000_000 + at, unreadCount: at % 3, messages }
}

const [, , what, file] = process.argv
if (what === 'write') {
  const conversations = Array.from({ length: CHATS }, (_, at) => chat(at))
  const history = { syncType: proto.HistorySync.HistorySyncType.RECENT, progress: 50, chunkOrder: 1, conversations }
  writeFileSync(file, deflateSync(proto.HistorySync.encode(proto.HistorySync.fromObject(history)).finish()))
} else {
  const blob = readFileSync(file)
  const rates = []
  let count
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    const { messages } = await downloadAndProcessHistorySyncNotification({ initialHistBootstrapInlinePayload: blob }, {}, undefined)
    count = messages.length
    rates.push(count / ((performance.now() - start) / 1000))
  }
  console.log(JSON.stringify({ messages: count, decoded: median(rates) }))
}
process.exit(0)
