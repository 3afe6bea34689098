// Unmodified npm Baileys as a peer: a stranger's client that shares no line of code with us.

import { mkdtempSync, rmSync } from 'node:fs'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'

import makeWASocket, {
  DisconnectReason,
  WA_CERT_DETAILS,
  downloadMediaMessage,
  makeCacheableSignalKeyStore,
  useMultiFileAuthState,
} from 'baileys'

import { mediaDispatcher } from './dispatcher.mjs'
import { waitFor } from './emulator.mjs'

// Baileys leaves its long time-outs behind when a socket ends; they may not hold the tests' process.
const LONG = 10_000
const { setTimeout: heldTimeout } = globalThis
globalThis.setTimeout = Object.assign(
  (callback, delay, ...args) => {
    const timer = heldTimeout(callback, delay, ...args)
    return delay >= LONG ? timer.unref() : timer
  },
  heldTimeout,
)

// The library beneath Baileys prints whole sessions, keys included, to the console.
for (const method of ['info', 'warn', 'error', 'log']) console[method] = quiet(console[method])


function quiet(write) {
  return (...args) => {
    if (!/session|Decrypted message/i.test(String(args[0]))) write(...args)
  }
}

/** Baileys logs through a pino-like object; silence, or stderr with BAILEYS_LOG=1. */
export function logger() {
  const write = (level) => (...args) => {
    if (process.env.BAILEYS_LOG) console.error(level, ...args)
  }
  const log = { level: 'trace', child: () => log }
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) log[level] = write(level)
  return log
}

const folders = mkdtempSync(path.join(os.tmpdir(), 'chasqui-test-'))
// Only at the very end: Baileys still saves after its socket has ended.
process.on('exit', () => rmSync(folders, { recursive: true, force: true }))

/** A new folder for a session's state, gone when the process is. */
export const temporaryFolder = () => mkdtempSync(path.join(folders, 'session-'))

/**
 * One session of Baileys. `start()` connects, pairs if there is nothing in `folder` yet (the emulator's phone scans),
 * and resolves when it is open.
 *
 * @param {{ info: object, call: Function }} emulator
 * @param {{ name: string, folder: string, door?: object, auth?: object, plain?: boolean, reconnect?: boolean, socketOptions?: object }} options name: push name, which chooses
 *   the account; door: `chasqui/baileys`, used in
 *   its place; auth: a state of the test's own, `{ state, saveCreds }`, or what gives one for each socket; reconnect: as a program does that lives for long
 */
export async function makePeer(emulator, { name, folder, door, auth, plain = false, reconnect = false, socketOptions }) {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(emulator.info.rootKey, 'base64')
  const library = door ?? { makeWASocket, useMultiFileAuthState, makeCacheableSignalKeyStore }
  const agent = new https.Agent({ ca: emulator.info.caPem })
  const dispatcher = await mediaDispatcher(emulator.info)
  const peer = {
    name,
    socket: undefined,
    state: 'new',
    /** `connection.update` events of all sockets, in order. */
    updates: [],
    /** Messages of `messages.upsert`, each with the event's `type` as `upsert`. */
    messages: [],
    /** `messaging-history.set` events, in order. */
    history: [],
    /** Statuses of `messages.update` and receipts, as `{ id, status }`. */
    statuses: [],
    qrs: [],
    reconnects: 0,
    get jid() {
      return peer.socket.user.id.replace(/:\d+@/, '@')
    },
    get lid() {
      return peer.socket.user.lid.replace(/:\d+@/, '@')
    },
    texts: () => peer.messages.map((message) => textOf(message)).filter(Boolean),
    send: async (to, text, id) => {
      const message = await peer.socket.sendMessage(to, { text }, { messageId: id })
      // The event that tells of it may come later than a request to send it again.
      sent.set(message.key.id, message.message)
      return message.key.id
    },
    /** The file of a message, from the emulator; `range` is in bytes of the file, `{ startByte, endByte }`. */
    download: (message, range) => downloadMediaMessage(message, 'buffer', { ...range, options: { dispatcher } }),
    /** Baileys folds an update that comes together with its message into that message. */
    status: (id) => {
      const folded = peer.messages.filter((message) => message.key.id === id).map((message) => message.status ?? 0)
      const updates = peer.statuses.filter((entry) => entry.id === id).map((entry) => entry.status)
      return Math.max(0, ...folded, ...updates)
    },
    start,
    stop,
  }
  const sent = new Map()

  /** A device may ask for a message again before `sendMessage` has told what it was. */
  const getMessage = async (key) => waitFor(() => sent.get(key.id), 'the message', 2000).catch(() => undefined)

  async function open() {
    const { state, saveCreds } = typeof auth === 'function' ? await auth() : auth ?? (await library.useMultiFileAuthState(folder))
    const keys = auth ? state.keys : library.makeCacheableSignalKeyStore(state.keys, logger())
    const socket = library.makeWASocket({
      auth: { creds: state.creds, keys },
      logger: logger(),
      waWebSocketUrl: door ? emulator.info.endpoint : plain ? emulator.info.wsUrl : emulator.info.wssUrl,
      agent: plain ? undefined : agent,
      fetchAgent: agent,
      options: { dispatcher },
      pushName: name,
      getMessage,
      ...socketOptions,
    })
    peer.socket = socket
    socket.ev.on('creds.update', saveCreds)
    socket.ev.on('messages.upsert', ({ messages, type }) => {
      for (const message of messages) {
        if (message.key.fromMe && message.message) sent.set(message.key.id, message.message)
        peer.messages.push({ ...message, upsert: type })
      }
    })
    socket.ev.on('messaging-history.set', (history) => peer.history.push(history))
    socket.ev.on('messages.update', (updates) => {
      for (const { key, update } of updates) {
        if (update.status != null) peer.statuses.push({ id: key.id, status: update.status })
      }
    })
    socket.ev.on('connection.update', (update) => {
      peer.updates.push(update)
      if (update.qr) {
        peer.qrs.push(update.qr)
        if (peer.state === 'connecting') {
          peer.state = 'pairing'
          emulator.call('scan', { qr: update.qr }).catch((error) => (peer.failure = error))
        }
      }
      if (update.connection === 'open') peer.state = 'open'
      if (update.connection === 'close') {
        const code = update.lastDisconnect?.error?.output?.statusCode
        const again = reconnect && ['open', 'reconnecting'].includes(peer.state) && code !== DisconnectReason.loggedOut
        if (again) {
          peer.reconnects++
          peer.state = 'reconnecting'
        }
        if (code === DisconnectReason.restartRequired || again) open()
        else {
          peer.state = 'closed'
          peer.code = code
        }
      }
    })
  }

  async function start() {
    peer.state = 'connecting'
    await open()
    await waitFor(() => {
      if (peer.failure) throw peer.failure
      if (peer.state === 'closed') throw new Error(`${name}: closed with ${peer.code}`)
      return peer.state === 'open'
    }, `${name} to be open`)
    // After pairing Baileys first learns its own name; until it is "available" its receipts are of the inactive kind.
    // Until its first app-state sync is done, the next login would hold all events back for 20 seconds.
    const { creds } = peer.socket.authState
    await waitFor(() => creds.me?.name && creds.accountSyncCounter > 0, `${name} to have its name and state`, 40_000)
    await peer.socket.sendPresenceUpdate('available')
    return peer
  }

  /** Ends the connection and keeps the session. */
  async function stop() {
    if (['open', 'pairing', 'connecting', 'reconnecting'].includes(peer.state)) {
      reconnect = false
      peer.socket.end(undefined)
      await waitFor(() => peer.state === 'closed', `${name} to be closed`)
    }
    agent.destroy()
    await dispatcher.destroy()
  }

  return peer
}

/** The text of a message as Baileys gives it. */
export function textOf(message) {
  return message.message?.conversation ?? message.message?.extendedTextMessage?.text
}

/** A peer that is open, and closed when the test ends; options as for `makePeer`. */
export async function openPeer(t, emulator, name, options) {
  const it = await makePeer(emulator, { name, folder: temporaryFolder(), ...options })
  t.after(() => it.stop())
  return it.start()
}

/** The message with this text that a peer showed. */
export const arrived = (it, text) => it.messages.find((message) => textOf(message) === text)
