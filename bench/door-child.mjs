// The process under measurement: an echo bot as it is written for Baileys, on many sockets, with npm Baileys or with the door that takes
// its place. Only where the library comes from differs, and how it is pointed at the emulator. Beside it the same bot on the native class.

import { readFileSync } from 'node:fs'

import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'

import { given, serve, tell } from './ipc.mjs'

const { engine, server, folder, auth = 'folder' } = given()
const library = await import(engine === 'chasqui' ? 'chasqui/baileys' : 'baileys')
const { default: makeWASocket, initAuthCreds, useChasquiAuthState, useMultiFileAuthState } = library
if (engine === 'baileys') library.WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(server.rootKey, 'base64')
const waWebSocketUrl = engine === 'baileys' ? server.wsUrl : { url: server.wsUrl, rootKey: server.rootKey, ca: server.ca }

const nothing = () => {}
const logger = { level: 'silent', child: () => logger, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing }
const sockets = new Map()
let answered = nothing

/** A program's own store of keys, in memory. */
const stores = new Map()
function ownKeys(name) {
  const known = stores.get(name)
  if (known) return known
  const kept = new Map()
  const keys = {
    get: async (type, ids) => {
      const values = ids.map((id) => [id, kept.get(`${type}-${id}`)])
      return Object.fromEntries(values.filter(([, value]) => value !== undefined))
    },
    set: async (data) => {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries)) {
          if (value) kept.set(`${type}-${id}`, value)
          else kept.delete(`${type}-${id}`)
        }
      }
    },
  }
  const store = { state: { creds: initAuthCreds(), keys }, saveCreds: nothing }
  stores.set(name, store)
  return store
}

/** Where the session is kept. */
const auths = {
  folder: (name) => useMultiFileAuthState(path.join(folder, name)),
  keys: ownKeys,
  shared: (name) => useChasquiAuthState(`sqlite:${path.join(folder, 'all.db')}`, { session: name }),
  sqlite: (name) => useChasquiAuthState(`sqlite:${path.join(folder, `${name}.db`)}`),
}

/** The bot on the native class of Chasqui. */
async function openNative(name) {
  const { WhatsAppClient } = await import('chasqui')
  const endpoint = { url: server.wsUrl, rootKey: server.rootKey }
  const client = new WhatsAppClient({ session: name, store: `sqlite:${path.join(folder, `${name}.db`)}`, endpoint, pushName: name })
  sockets.set(name, { end: () => client.disconnect() })
  client.on('qr', ({ text }) => tell('qr', { qr: text, name }))
  client.on('message', async ({ chat, text, fromMe }) => {
    if (!text || fromMe) return
    await client.send(chat, { text })
    answered()
  })
  await client.connect()
  await client.opened()
}

const open = (name) => (auth === 'native' ? openNative(name) : openSocket(name))

async function openSocket(name) {
  const { state, saveCreds } = await auths[auth](name)
  const sock = makeWASocket({ auth: state, logger, waWebSocketUrl, shouldSyncHistoryMessage: () => false })
  sockets.set(name, sock)
  sock.ev.on('creds.update', saveCreds)
  sock.ev.on('messages.upsert', async ({ messages, type }) => {
    if (type !== 'notify') return
    for (const { key, message } of messages) {
      const text = message?.conversation ?? message?.extendedTextMessage?.text
      if (!text || key.fromMe) continue
      await sock.sendMessage(key.remoteJid, { text })
      answered()
    }
  })
  return new Promise((resolve, reject) => {
    sock.ev.on('connection.update', ({ connection, qr, lastDisconnect }) => {
      if (qr) tell('qr', { qr, name })
      if (connection === 'open') resolve()
      if (connection !== 'close') return
      const { error } = lastDisconnect
      if (error?.output?.statusCode === 515) resolve(open(name))
      else reject(error ?? new Error('closed'))
    })
  })
}

async function forEach(items, atOnce, work) {
  const rest = items[Symbol.iterator]()
  const worker = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** By this process, since it began; 0 where the system does not tell. */
function bytesWritten() {
  try {
    return Number(/^write_bytes: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

const close = async (name) => {
  await sockets.get(name)?.end(undefined)
  sockets.delete(name)
}

serve({
  /** Pairs sessions, lets what follows a login pass, and closes them. */
  async pair({ names, atOnce }) {
    await forEach(names, atOnce, async (name) => {
      await open(name)
      await sleep(300)
      await close(name)
    })
    // The last writes of npm Baileys are under way, and nothing says when they are done.
    await sleep(200)
  },

  async open({ names, atOnce }) {
    const before = process.cpuUsage()
    await forEach(names.filter((name) => !sockets.has(name)), atOnce, open)
    const { user, system } = process.cpuUsage(before)
    return { cpu: (user + system) / 1000 }
  },

  /**
   * Until so many texts have come and were answered; from a heap that was collected just before, if wanted. Milliseconds of CPU and of
   * time, the delays of the event loop, and the bytes that went to the disk, as Linux counts them.
   */
  async echo({ count, collect = true }) {
    if (collect) globalThis.gc()
    let left = count
    const all = new Promise((resolve) => {
      answered = () => --left === 0 && resolve()
    })
    const delays = monitorEventLoopDelay({ resolution: 1 })
    delays.enable()
    const disk = bytesWritten()
    const [wall, before] = [performance.now(), process.cpuUsage()]
    tell('armed')
    await all
    const { user, system } = process.cpuUsage(before)
    const figures = { cpu: (user + system) / 1000, wall: performance.now() - wall }
    // A delay is told by the tick after it; what is recorded is the time between two ticks of a timer of 1 ms.
    await sleep(10)
    delays.disable()
    answered = nothing
    figures.written = bytesWritten() - disk
    return { ...figures, longest: delays.max / 1e6 - 1, p99: delays.percentile(99) / 1e6 - 1 }
  },

  /** CPU of doing nothing for so long, in milliseconds per second. */
  async idle({ seconds }) {
    const before = process.cpuUsage()
    await sleep(seconds * 1000)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000 / seconds
  },

  /** Resident memory in bytes, after so many seconds without work and after what can be given back is. */
  async memory({ rest = 0 }) {
    await sleep(rest * 1000)
    for (let round = 0; round < 4; round++) {
      globalThis.gc()
      await sleep(250)
    }
    return process.memoryUsage.rss()
  },
})
