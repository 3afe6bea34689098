// One session of Baileys 6, told what to do by its parent. The package is the argument.

const [name] = process.argv.slice(2)
const six = await import(name)
const makeWASocket = six.makeWASocket ?? six.default.makeWASocket ?? six.default
const { DisconnectReason, useMultiFileAuthState } = six.useMultiFileAuthState ? six : six.default
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

// It loses a race with a service that answers its handshake at once: on a real line nothing comes that soon.
const { default: WebSocket } = await import('ws')
const { emit } = WebSocket.prototype
WebSocket.prototype.emit = function (event, ...args) {
  if (event !== 'message' && event !== 'close') return emit.call(this, event, ...args)
  setTimeout(() => emit.call(this, event, ...args), 5)
  return true
}

let socket
let stopping = false
const sent = new Map()
// Where there is none, 6.17.16 has an empty one.
const textOf = ({ message }) => message?.conversation || message?.extendedTextMessage?.text || undefined

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
// What it does not catch.
process.on('uncaughtException', (error) => socket?.end(error))
process.on('disconnect', () => process.exit(1))
process.send({ state: 'ready' })
