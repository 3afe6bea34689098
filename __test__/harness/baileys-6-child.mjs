// One session of Baileys 6.7.21, told what to do by its parent.

import * as six from 'baileys-6'

const makeWASocket = six.makeWASocket ?? six.default.makeWASocket ?? six.default
const { DisconnectReason, useMultiFileAuthState } = six.useMultiFileAuthState ? six : six.default
const { WA_CERT_DETAILS } = await import('baileys-6/lib/Defaults/index.js').then((module) => module.default ?? module)

const quiet = { level: 'silent', child: () => quiet }
for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) quiet[level] = () => undefined
for (const level of ['log', 'info', 'warn', 'error']) console[level] = () => undefined

let socket
let stopping = false
const sent = new Map()
const textOf = ({ message }) => message?.conversation ?? message?.extendedTextMessage?.text

async function open({ name, folder, url, rootKey }) {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'base64')
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  socket = makeWASocket({
    auth: state,
    logger: quiet,
    waWebSocketUrl: url,
    pushName: name,
    getMessage: async ({ id }) => sent.get(id),
  })
  socket.ev.on('creds.update', saveCreds)
  socket.ev.on('messages.upsert', ({ messages }) => {
    for (const message of messages) {
      if (textOf(message) !== undefined) process.send({ received: { id: message.key.id, text: textOf(message), chat: message.key.remoteJid } })
    }
  })
  socket.ev.on('connection.update', ({ connection, qr, lastDisconnect }) => {
    if (qr) process.send({ qr })
    if (connection === 'open') process.send({ me: state.creds.me, state: 'open' })
    if (connection !== 'close') return
    if (stopping) process.exit(0)
    if (lastDisconnect?.error?.output?.statusCode !== DisconnectReason.loggedOut) void open({ name, folder, url, rootKey })
    else process.send({ state: 'logged out' })
  })
}

const calls = {
  async send({ to, text }) {
    const { key, message } = await socket.sendMessage(to, { text })
    sent.set(key.id, message)
    return key.id
  },
  async group({ subject, members }) {
    return (await socket.groupCreate(subject, members)).id
  },
}

process.on('message', async ({ call, what, args }) => {
  if (what === 'start') return open(args)
  if (what === 'stop') {
    stopping = true
    socket.end(undefined)
    // It saves after its socket has ended.
    setTimeout(() => process.exit(0), 300)
    return
  }
  try {
    process.send({ done: call, value: await calls[what](args) })
  } catch (error) {
    process.send({ done: call, error: String(error) })
  }
})
// It loses a race with a service that answers its handshake at once, and does not catch that.
process.on('uncaughtException', (error) => socket?.end(error))
process.on('disconnect', () => process.exit(1))
process.send({ state: 'ready' })
