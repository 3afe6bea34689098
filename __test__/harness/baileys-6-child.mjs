// One session of Baileys 6, told what to do by its parent. The package is the argument.
import { onPatientLine } from './patient-line.mjs'

const [name] = process.argv.slice(2)
const six = await import(name)
const makeWASocket = six.makeWASocket ?? six.default.makeWASocket ?? six.default
const { BufferJSON, DisconnectReason, initAuthCreds, proto, useMultiFileAuthState } = six.useMultiFileAuthState ? six : six.default
const part = async (of, path) => import(`${of}/lib/${path}`).then((module) => module.default ?? module)
const { WA_CERT_DETAILS, NOISE_WA_HEADER } = await part(name, 'Defaults/index.js')

// 6.17.16 is older than its number, and speaks with the dictionary before the emulator's.
const dictionary = await part(name, 'WABinary/constants.js')
if (NOISE_WA_HEADER[3] !== 3) {
  const { SINGLE_BYTE_TOKENS, DOUBLE_BYTE_TOKENS, TOKEN_MAP } = await part('baileys-6', 'WABinary/constants.js')
  NOISE_WA_HEADER[3] = 3
  dictionary.SINGLE_BYTE_TOKENS.splice(0, Infinity, ...SINGLE_BYTE_TOKENS)
  dictionary.DOUBLE_BYTE_TOKENS.splice(0, Infinity, ...DOUBLE_BYTE_TOKENS)
  for (const token of Object.keys(dictionary.TOKEN_MAP)) delete dictionary.TOKEN_MAP[token]
  Object.assign(dictionary.TOKEN_MAP, TOKEN_MAP)
}

const quiet = { level: 'silent', child: () => quiet }
for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) quiet[level] = () => undefined
for (const level of ['log', 'info', 'warn', 'error']) console[level] = () => undefined

await onPatientLine()

/** A program's own store: all of it as text. */
function textAuth(rows) {
  const saved = rows.get('creds')
  const creds = saved ? JSON.parse(saved, BufferJSON.reviver) : initAuthCreds()
  const keys = {
    async get(type, ids) {
      const value = (id) => JSON.parse(rows.get(`${type}-${id}`) ?? 'null', BufferJSON.reviver)
      const shaped = (id) => (type === 'app-state-sync-key' && value(id) ? proto.Message.AppStateSyncKeyData.fromObject(value(id)) : value(id))
      return Object.fromEntries(ids.map((id) => [id, shaped(id)]))
    },
    async set(data) {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries)) {
          if (value) rows.set(`${type}-${id}`, JSON.stringify(value, BufferJSON.replacer))
          else rows.delete(`${type}-${id}`)
        }
      }
    },
  }
  return { state: { creds, keys }, saveCreds: async () => void rows.set('creds', JSON.stringify(creds, BufferJSON.replacer)) }
}

let texts
let socket
let stopping = false
const sent = new Map()
// Where there is none, 6.17.16 has an empty one.
const textOf = ({ message }) => message?.conversation || message?.extendedTextMessage?.text || undefined

async function open(args) {
  const { name, folder, rows, url, rootKey } = args
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'base64')
  if (rows) texts ??= new Map(rows)
  const { state, saveCreds } = texts ? textAuth(texts) : await useMultiFileAuthState(folder)
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
    if (stopping) return leave()
    if (lastDisconnect?.error?.output?.statusCode !== DisconnectReason.loggedOut) void open(args)
    else process.send({ state: 'logged out' })
  })
}

/** It saves after its socket has ended. */
function leave() {
  if (!texts) process.exit(0)
  setTimeout(() => process.send({ rows: [...texts] }, () => process.exit(0)), 300)
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
    setTimeout(leave, 300)
    return
  }
  try {
    process.send({ done: call, value: await calls[what](args) })
  } catch (error) {
    process.send({ done: call, error: String(error) })
  }
})
// What it does not catch.
process.on('uncaughtException', (error) => socket?.end(error))
process.on('disconnect', () => process.exit(1))
process.send({ state: 'ready' })
