// A program in the way in which programs were written for Baileys 6: a store in memory that goes to a file, codes in the terminal, polls whose
// votes come in `messages.update`. It prints what it sees, one line of JSON each.

const {
  default: makeWASocket, DisconnectReason, getAggregateVotesInPollMessage, isJidGroup, isJidUser, makeCacheableSignalKeyStore, makeInMemoryStore,
  proto, useMultiFileAuthState,
} = await import(process.env.WHATSAPP_LIBRARY)

const STORE = 'store.json'
const nothing = () => {}
const logger = { level: 'silent', child: () => logger, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing }
const tell = (what, value) => console.log(JSON.stringify({ [what]: value }))

// 6.7.18 to 6.7.24 have none.
const store = makeInMemoryStore?.({ logger })
store?.readFromFile(STORE)
/** What programs do that keep it themselves. */
const kept = new Map()

async function getMessage(key) {
  const message = store ? (await store.loadMessage(key.remoteJid, key.id))?.message : kept.get(key.id)
  tell('asked', { id: key.id, found: Boolean(message) })
  return message ?? proto.Message.fromObject({})
}

async function start() {
  const { state, saveCreds } = await useMultiFileAuthState('session')
  const sock = makeWASocket({
    logger,
    printQRInTerminal: true,
    auth: { creds: state.creds, keys: makeCacheableSignalKeyStore(state.keys, logger) },
    generateHighQualityLinkPreview: true,
    getMessage,
  })
  store?.bind(sock.ev)
  sock.ev.process(async (events) => {
    if (events['creds.update']) await saveCreds()
    if (events['connection.update']) {
      const { connection, lastDisconnect, qr } = events['connection.update']
      if (qr) tell('qr', qr)
      if (connection) tell('connection', connection)
      const status = lastDisconnect?.error?.output?.statusCode
      if (connection === 'close' && status !== DisconnectReason.loggedOut) void start()
    }
    for (const message of events['messages.upsert']?.messages ?? []) await received(sock, message, events['messages.upsert'].type)
    for (const { key, update } of events['messages.update'] ?? []) {
      if (!update.pollUpdates) continue
      const message = await getMessage(key)
      const votes = getAggregateVotesInPollMessage({ message, pollUpdates: update.pollUpdates })
      tell('votes', votes.map(({ name, voters }) => [name, voters.length]))
    }
  })
}

async function received(sock, { key, message, pushName }, type) {
  if (message) kept.set(key.id, message)
  const text = message?.conversation || message?.extendedTextMessage?.text
  if (type !== 'notify' || key.fromMe || !text) return
  // A chat by LID is one with a person, too: `senderPn` is the number.
  const person = [key.remoteJid, key.senderPn].find((jid) => jid && isJidUser(jid))
  tell('text', { text, pushName, person: Boolean(person), group: Boolean(isJidGroup(key.remoteJid)), participant: key.participant })
  await sock.readMessages([key])
  if (text === 'poll') await sock.sendMessage(key.remoteJid, { poll: { name: 'Which?', values: ['tea', 'coffee'], selectableCount: 1 } })
  else if (text === 'stop') {
    store?.writeToFile(STORE)
    process.once('SIGTERM', () => void Promise.resolve(sock.end(undefined)).then(() => process.exit(0)))
    tell('stored', store ? store.messages[key.remoteJid].array.length : 0)
  } else await sock.sendMessage(key.remoteJid, { text: `${text}, too` }, { quoted: { key, message } })
}

tell('read', store ? Object.values(store.messages).reduce((sum, { array }) => sum + array.length, 0) : undefined)
await start()
