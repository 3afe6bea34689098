// A bot: commands, answers, reactions, media, presence.
import makeWASocket, {
  type AnyMessageContent, Browsers, DisconnectReason, type MessageUpsertType, type MiscMessageGenerationOptions, type WAMessage, type WASocket,
  areJidsSameUser, delay, downloadMediaMessage, extractMessageContent, fetchLatestBaileysVersion, getContentType, isJidBroadcast, isJidGroup,
  isJidNewsletter, isJidStatusBroadcast, jidNormalizedUser, makeCacheableSignalKeyStore, normalizeMessageContent, useMultiFileAuthState,
} from 'baileys'
import type { Boom } from '@hapi/boom'
import { writeFile } from 'node:fs/promises'

interface Command {
  name: string
  onlyAdmins?: boolean
  run(context: Context): Promise<void>
}
interface Context {
  sock: WASocket
  message: WAMessage
  chat: string
  sender: string
  args: string[]
  reply(content: AnyMessageContent, options?: MiscMessageGenerationOptions): Promise<WAMessage | undefined>
}

const logger = {
  level: 'info',
  child: () => logger,
  trace: (..._: unknown[]) => undefined,
  debug: (..._: unknown[]) => undefined,
  info: (..._: unknown[]) => undefined,
  warn: (..._: unknown[]) => undefined,
  error: (..._: unknown[]) => undefined,
}

const commands = new Map<string, Command>()
const add = (command: Command): void => void commands.set(command.name, command)

add({ name: 'ping', run: async ({ reply }) => void (await reply({ text: 'pong' })) })
add({
  name: 'sticker',
  async run({ sock, message, reply }) {
    const buffer = await downloadMediaMessage(message, 'buffer', {}, { logger, reuploadRequest: sock.updateMediaMessage })
    await writeFile('sticker.webp', buffer)
    await reply({ sticker: buffer })
  },
})
add({
  name: 'menu',
  async run({ sock, chat, message, reply }) {
    await sock.sendMessage(chat, { react: { text: '✅', key: message.key } })
    await reply({ image: { url: './menu.png' }, caption: 'Menu', mentions: [message.key.participant!] })
    await reply({ video: { url: 'https://example.com/a.mp4' }, gifPlayback: true, caption: 'gif' })
    await reply({ audio: { url: './a.mp3' }, mimetype: 'audio/mp4', ptt: true })
    await reply({ document: Buffer.from('x'), mimetype: 'text/plain', fileName: 'x.txt' })
    await reply({ location: { degreesLatitude: -12.04, degreesLongitude: -77.03 } })
    await reply({ contacts: { displayName: 'Ana', contacts: [{ vcard: 'BEGIN:VCARD\nEND:VCARD' }] } })
    await reply({ poll: { name: 'Which?', values: ['a', 'b'], selectableCount: 1 } })
    await reply({ forward: message, force: true })
    await reply({ delete: message.key })
    const sent = await reply({ text: 'one' })
    if (sent) await reply({ text: 'two', edit: sent.key })
    await reply({ disappearingMessagesInChat: 604800 })
    await reply({ pin: message.key, type: 1, time: 86400 })
    await reply({ text: 'with context', contextInfo: { externalAdReply: { title: 't', body: 'b', mediaType: 1, thumbnailUrl: 'https://example.com' } } })
    await reply({ image: Buffer.alloc(1), viewOnce: true })
    await reply({ event: { name: 'party', startDate: new Date(), call: 'audio' } })
    await reply({ groupInvite: { jid: 'x@g.us', inviteCode: 'c', inviteExpiration: 1, subject: 's', text: 't' } })
    await reply({ sharePhoneNumber: true })
  },
})

async function onMessages(sock: WASocket, { messages, type }: { messages: WAMessage[]; type: MessageUpsertType }): Promise<void> {
  if (type !== 'notify') return
  for (const message of messages) {
    const { key, pushName } = message
    const chat = key.remoteJid
    if (!chat || !message.message || key.fromMe) continue
    if (isJidBroadcast(chat) || isJidStatusBroadcast(chat) || isJidNewsletter(chat)) continue
    const content = extractMessageContent(message.message)
    const kind = getContentType(normalizeMessageContent(message.message) ?? undefined)
    const text = content?.conversation || content?.extendedTextMessage?.text || content?.imageMessage?.caption || content?.videoMessage?.caption || ''
    const quoted = content?.extendedTextMessage?.contextInfo?.quotedMessage
    const sender = jidNormalizedUser(isJidGroup(chat) ? key.participant! : chat)
    if (areJidsSameUser(sender, sock.user?.id)) continue
    const seconds: number = typeof message.messageTimestamp === 'number' ? message.messageTimestamp : (message.messageTimestamp?.toNumber() ?? 0)
    if (Date.now() / 1000 - seconds > 60 || !text.startsWith('!')) continue
    const [name = '', ...args] = text.slice(1).split(' ')
    await sock.readMessages([key])
    await sock.presenceSubscribe(chat)
    await sock.sendPresenceUpdate('composing', chat)
    await delay(500)
    await commands.get(name)?.run({
      sock, message, chat, sender, args,
      reply: (answer, options) => sock.sendMessage(chat, answer, { quoted: message, ...options }),
    })
    await sock.sendPresenceUpdate('paused', chat)
    console.log(pushName, kind, quoted?.conversation, key.participantAlt, key.remoteJidAlt)
  }
}

export async function start(number?: string): Promise<WASocket> {
  const { state, saveCreds } = await useMultiFileAuthState('auth_info')
  const { version } = await fetchLatestBaileysVersion()
  const sock = makeWASocket({
    version,
    logger,
    printQRInTerminal: false,
    browser: Browsers.ubuntu('Chrome'),
    auth: { creds: state.creds, keys: makeCacheableSignalKeyStore(state.keys, logger) },
    markOnlineOnConnect: false,
    generateHighQualityLinkPreview: true,
    shouldIgnoreJid: (jid) => isJidBroadcast(jid),
    getMessage: async () => ({ conversation: 'hi' }),
  })
  if (number && !sock.authState.creds.registered) console.log(await sock.requestPairingCode(number))
  sock.ev.on('connection.update', ({ connection, lastDisconnect, qr }) => {
    if (qr) console.log(qr)
    if (connection !== 'close') return
    const code = (lastDisconnect?.error as Boom)?.output?.statusCode
    if (code !== DisconnectReason.loggedOut) void start(number)
  })
  sock.ev.on('creds.update', saveCreds)
  sock.ev.on('messages.upsert', (upsert) => void onMessages(sock, upsert))
  return sock
}
