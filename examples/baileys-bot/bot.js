// A shop's bot in the way in which bots are written for Baileys.
import { rm } from 'node:fs/promises'

import { commands } from './commands.js'

const { default: makeWASocket, DisconnectReason, downloadMediaMessage, getContentType, isJidBroadcast, isJidGroup, useMultiFileAuthState } = await import(
  process.env.WHATSAPP_LIBRARY ?? 'chasqui/baileys'
)
const folder = process.env.WHATSAPP_FOLDER ?? 'auth_info_baileys'

const nothing = () => {}
const logger = { level: 'silent', child: () => logger, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing }
const log = (...line) => console.log(...line)

/** What was sent, for those who ask for it again. */
const sent = new Map()
/** Who was answered by itself already. */
const greeted = new Set()
/** Each sees every message that is no command; the first that gives a content decides. */
const hooks = [echo, greet]
let attempts = 0

async function start() {
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  const sock = makeWASocket({
    auth: state,
    logger,
    browser: ['Ubuntu', 'Chrome', '22.04.4'],
    shouldIgnoreJid: (jid) => isJidBroadcast(jid),
    getMessage: async ({ id }) => sent.get(id),
  })
  sock.ev.on('creds.update', saveCreds)
  sock.ev.on('connection.update', (update) => connection(update))
  sock.ev.on('messages.upsert', async ({ messages, type }) => {
    if (type !== 'notify') return
    for (const message of messages) await received(sock, message).catch((error) => log('error', error.message))
  })
  sock.ev.on('group-participants.update', (update) => welcome(sock, update).catch((error) => log('error', error.message)))
}

async function connection({ connection: state, lastDisconnect, qr }) {
  if (qr) log('QR', qr)
  if (state) log(state)
  if (state === 'open') attempts = 0
  if (state !== 'close') return
  const code = lastDisconnect?.error?.output?.statusCode
  if (code === DisconnectReason.loggedOut) {
    await rm(folder, { recursive: true, force: true })
    return log('logged out')
  }
  // After pairing, at once; otherwise later each time.
  const wait = code === DisconnectReason.restartRequired ? 0 : Math.min(30_000, 250 * 2 ** attempts++)
  setTimeout(start, wait)
}

const textOf = ({ conversation, extendedTextMessage, imageMessage, videoMessage, documentMessage } = {}) =>
  conversation || extendedTextMessage?.text || imageMessage?.caption || videoMessage?.caption || documentMessage?.caption || ''

async function received(sock, message) {
  const { key } = message
  if (key.fromMe || !message.message) return
  const from = key.participant || key.remoteJid
  const send = async (content, options) => {
    const told = await sock.sendMessage(key.remoteJid, content, options)
    if (told) sent.set(told.key.id, told.message)
  }
  const reply = (text) => send({ text }, { quoted: message })
  const react = (text) => send({ react: { text, key } })
  const [, name, rest] = /^\/(\w+)\s*(.*)$/s.exec(textOf(message.message)) ?? []
  if (name) {
    await sock.readMessages([key])
    await sock.sendPresenceUpdate('composing', key.remoteJid)
    const command = commands[name.toLowerCase()]
    if (command) await command.run({ args: rest.split(/\s+/).filter(Boolean), from, reply, react })
    else await reply(`No conozco /${name}. Prueba con /ayuda.`)
    await sock.sendPresenceUpdate('paused', key.remoteJid)
    return
  }
  for (const hook of hooks) {
    const content = await hook(message, sock)
    if (content) return send(content)
  }
}

/** Files come back as they are. */
async function echo(message, sock) {
  const kind = { imageMessage: 'image', videoMessage: 'video', audioMessage: 'audio', documentMessage: 'document', stickerMessage: 'sticker' }[getContentType(message.message)]
  if (!kind) return undefined
  const file = await downloadMediaMessage(message, 'buffer', {}, { logger, reuploadRequest: sock.updateMediaMessage })
  const { mimetype, caption, fileName, ptt, seconds } = message.message[`${kind}Message`]
  return { [kind]: file, mimetype, ...(caption ? { caption } : {}), ...(fileName ? { fileName } : {}), ...(kind === 'audio' ? { ptt: ptt ?? false, seconds } : {}) }
}

/** The first text of somebody is answered, in no group. */
function greet({ key, pushName, message }) {
  if (isJidGroup(key.remoteJid) || greeted.has(key.remoteJid) || !textOf(message)) return undefined
  greeted.add(key.remoteJid)
  return { text: `¡Hola${pushName ? `, ${pushName}` : ''}! Escribe /ayuda para ver lo que puedo hacer.` }
}

async function welcome(sock, { id, participants, action }) {
  if (action !== 'add') return
  const { subject } = await sock.groupMetadata(id)
  for (const participant of participants) {
    // In Baileys 6 a participant is its JID.
    const jid = participant.id ?? participant
    await sock.sendMessage(id, { text: `Bienvenido a ${subject}, @${jid.split('@')[0]}`, mentions: [jid] })
  }
}

await start()
