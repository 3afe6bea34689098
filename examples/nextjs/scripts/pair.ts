// npm run pair [-- --folder auth_sessions/pair] [--qr qr.png]: links a device from the terminal, then echoes what it is sent. Everything
// here is Baileys' own API: the same file runs on npm Baileys.
import './environment'

import { rmSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'

import makeWASocket, {
  Browsers,
  DisconnectReason,
  isPnUser,
  isLidUser,
  useMultiFileAuthState,
  type WAMessage,
  type WASocket,
} from 'baileys'
import QRCode from 'qrcode'
import { RateLimiterMemory } from 'rate-limiter-flexible'

import { sessionsFolder } from '../lib/folders'
import { engineLog } from '../lib/log'

const { values } = parseArgs({ options: { folder: { type: 'string' }, qr: { type: 'string', default: 'qr.png' } } })
const folder = path.resolve(values.folder ?? path.join(sessionsFolder(), 'pair'))
const picture = path.resolve(values.qr)
const LONGEST_PAUSE = 30_000
const ENDING = 10_000

/** Two programs that echo each other would never end. */
const echoes = new RateLimiterMemory({ points: 20, duration: 60 })
/** What was sent, for devices that ask for it again. */
const sent = new Map<string, WAMessage>()
const MOST_SENT = 200

let socket: WASocket | undefined
let tries = 0
let ending = false

/** Draws the code, and writes it into a file that nobody else may read: who scans it has the account's messages. */
async function showCode(qr: string) {
  // With colours of its own in a terminal, which may be dark or light.
  console.log(await QRCode.toString(qr, { type: process.stdout.isTTY ? 'terminal' : 'utf8', small: true, errorCorrectionLevel: 'L' }))
  const draft = `${picture}.${process.pid}`
  await writeFile(draft, await QRCode.toBuffer(qr, { width: 480, margin: 4 }), { mode: 0o600, flag: 'wx' })
  await rename(draft, picture)
  console.log(`Scan it with your phone: Settings, Linked devices. It is in ${picture}, too, and is another one every 20 seconds.`)
}

const removeCode = () => rmSync(picture, { force: true })

async function start() {
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  if (ending) return
  const it = makeWASocket({
    auth: state,
    logger: engineLog,
    browser: Browsers.ubuntu('Chrome'),
    syncFullHistory: false,
    shouldSyncHistoryMessage: () => false,
    getMessage: async ({ id }) => sent.get(id ?? '')?.message ?? undefined,
  })
  socket = it
  it.ev.on('creds.update', saveCreds)
  it.ev.on('connection.update', ({ connection, qr, lastDisconnect }) => {
    if (qr) void showCode(qr).catch((error: Error) => console.error(`The code cannot be shown: ${error.message}`))
    if (connection === 'open') {
      tries = 0
      removeCode()
      console.log(
        `Open as +${it.user?.id.split(/[:@]/)[0]}. What is written to this number is echoed. Ctrl+C ends this and keeps the session.`,
      )
    }
    if (connection === 'close') closed(lastDisconnect?.error)
  })
  it.ev.on('messages.upsert', async ({ messages, type }) => {
    if (type !== 'notify') return
    for (const message of messages) await echo(it, message).catch((error: Error) => console.error(`Not answered: ${error.message}`))
  })
}

function closed(error: Error | undefined) {
  if (ending) return
  const code = (error as { output?: { statusCode?: number } } | undefined)?.output?.statusCode
  if (code === DisconnectReason.loggedOut) return end(`The phone has unlinked this device. Delete ${folder} to link a new one.`)
  if (code === DisconnectReason.connectionReplaced) return end('Another program has opened this session.')
  if ((error?.cause as { code?: unknown } | undefined)?.code === 'SESSION_HELD') return end(`${error!.message}: end that one first.`)
  // After a scan WhatsApp wants a new connection at once; otherwise later each time.
  const pause = code === DisconnectReason.restartRequired ? 0 : Math.min(LONGEST_PAUSE, 1000 * 2 ** tries++)
  if (pause) console.log(`The connection ended (${code ?? 'unknown'}); again in ${pause / 1000} s.`)
  setTimeout(() => void start().catch((failure: Error) => end(failure.message)), pause)
}

const textOf = ({ message }: WAMessage) =>
  message?.conversation ??
  message?.extendedTextMessage?.text ??
  message?.imageMessage?.caption ??
  message?.videoMessage?.caption ??
  message?.documentMessage?.caption

/** Answers people, in their own words. */
async function echo(it: WASocket, message: WAMessage) {
  const { remoteJid, fromMe } = message.key
  const text = textOf(message)
  if (fromMe || !remoteJid || !text || !(isPnUser(remoteJid) || isLidUser(remoteJid))) return
  console.log(`${message.pushName ?? remoteJid} writes: ${printable(text)}`)
  if (!(await echoes.consume(remoteJid).catch(() => false))) return
  const answer = await it.sendMessage(remoteJid, { text })
  if (!answer?.key.id) return
  sent.set(answer.key.id, answer)
  if (sent.size > MOST_SENT) sent.delete(sent.keys().next().value!)
}

/** Without what would steer the terminal, and not too long. */
const printable = (text: string) => text.replace(/[\p{Cc}\p{Cf}]/gu, ' ').slice(0, 200)

/** Keeps the session. */
function end(why?: string) {
  if (ending) return
  ending = true
  if (why) console.error(why)
  removeCode()
  const exit = () => process.exit(why ? 1 : 0)
  if (!socket || why) return exit()
  socket.ev.on('connection.update', ({ connection }) => connection === 'close' && exit())
  setTimeout(exit, ENDING)
  void socket.end(undefined)
}

process.once('SIGINT', () => end()).once('SIGTERM', () => end())
await start().catch((error: Error) => end(error.message))
