// A program as Baileys' users write it; it is only compiled.
import makeWASocket, {
  type AuthenticationState, type BaileysEventMap, Browsers, type ConnectionState, DisconnectReason, type WAMessage, type WAMessageKey, type WASocket,
  fetchLatestBaileysVersion, jidNormalizedUser, makeCacheableSignalKeyStore, makeWASocket as named, proto, useChasquiAuthState, useMultiFileAuthState,
} from 'chasqui/baileys'
import type { Boom } from '@hapi/boom'

export async function start(folder: string): Promise<WASocket> {
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  const { version, isLatest } = await fetchLatestBaileysVersion()
  const auth: AuthenticationState = { creds: state.creds, keys: makeCacheableSignalKeyStore(state.keys) }
  const sock = makeWASocket({ version, auth, browser: Browsers.macOS('Chrome'), printQRInTerminal: isLatest, getMessage: async () => undefined })
  sock.ev.on('creds.update', saveCreds)
  sock.ev.on('connection.update', (update: Partial<ConnectionState>) => {
    const { connection, lastDisconnect, qr } = update
    if (connection === 'close' && (lastDisconnect?.error as Boom)?.output?.statusCode !== DisconnectReason.loggedOut) void start(folder)
    if (qr) console.log(qr.length)
  })
  sock.ev.on('messages.upsert', async ({ messages, type }) => {
    for (const message of messages) if (type === 'notify') await answer(sock, message)
  })
  sock.ev.on('group-participants.update', () => undefined)
  sock.ev.process(async (events: Partial<BaileysEventMap>) => {
    for (const { key, update } of events['messages.update'] ?? []) seen(key, update.status)
  })
  return sock
}

async function answer(sock: WASocket, { key, message, pushName }: WAMessage): Promise<void> {
  const text: string | null | undefined = message?.conversation ?? message?.extendedTextMessage?.text
  const content: proto.IMessage | null | undefined = message
  if (!key.remoteJid || !content) return
  const sent = await sock.sendMessage(jidNormalizedUser(key.remoteJid), { text: `${pushName ?? sock.user?.id}: ${text}` })
  seen(sent?.key ?? {}, proto.WebMessageInfo.Status.READ)
  await sock.readMessages([key])
}

function seen(key: WAMessageKey, status: number | null | undefined): void {
  const info: proto.IWebMessageInfo = proto.WebMessageInfo.fromObject({ key, status })
  console.log(info.key?.id)
}

export const end = (sock: WASocket): Promise<void> => sock.end(new Error('enough'))
export const same: boolean = named === makeWASocket

export async function inStore(): Promise<WASocket> {
  const { state, saveCreds, clear } = await useChasquiAuthState('sqlite:rosa.db', { session: 'Rosa' })
  const sock = makeWASocket({ auth: { creds: state.creds, keys: makeCacheableSignalKeyStore(state.keys) } })
  sock.ev.on('creds.update', saveCreds)
  sock.ev.on('connection.update', ({ connection }) => void (connection === 'close' && clear()))
  return sock
}
