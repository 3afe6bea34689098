// The account under test: a program in the form that the documentation of Baileys shows, with everything that its socket tells written
// down.
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import https from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { mediaDispatcher } from '../../harness/dispatcher.mjs'

const nothing = () => {}
const silent = { level: 'silent', child: () => silent, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing }

const folders = []
// Only at the very end: Baileys still saves after its socket has ended.
process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

/** A folder that is gone when the process is. */
export async function newFolder() {
  folders.push(await mkdtemp(path.join(tmpdir(), 'chasqui-parity-')))
  return folders.at(-1)
}

export class Subject {
  /** Sockets in the order in which they were made. */
  sockets = []
  creds = undefined
  scanned = false
  /** Whether things may come to it out of turn. */
  nudged = false
  closed = undefined
  #known

  constructor(scene, name, { config = {}, autoScan = true, autoRestart = true, watch = nothing, receipts = 'delay' } = {}) {
    Object.assign(this, { scene, name, given: config, autoScan, autoRestart, watch, receipts })
  }

  get sock() {
    return this.sockets.at(-1)
  }

  get jid() {
    return this.sock.authState.creds.me.id.replace(/:\d+@/, '@')
  }

  get lid() {
    return this.sock.authState.creds.me.lid.replace(/:\d+@/, '@')
  }

  async prepare() {
    const { emulator } = this.scene
    this.folder ??= await newFolder()
    this.agent ??= new https.Agent({ ca: emulator.ca })
    this.dispatcher ??= await mediaDispatcher({ caPem: emulator.ca, wssUrl: emulator.url })
  }

  /** One socket, as a program makes it. */
  async open(more = {}) {
    const { scene } = this
    await this.prepare()
    const { state, saveCreds } = await scene.lib.useMultiFileAuthState(this.folder)
    this.creds = state.creds
    this.#known ??= Object.fromEntries(Object.entries(state.creds).map(([field, value]) => [field, JSON.stringify(value)]))
    this.closed = undefined
    const config = { auth: state, logger: silent, ...scene.engine.config(scene.emulator, this), ...this.given, ...more }
    const sock = scene.engine.makeWASocket(config)
    this.sockets.push(sock)
    sock.ev.process((events) => scene.take(events, this))
    sock.ev.on('creds.update', saveCreds)
    sock.ev.on('connection.update', (update) => this.#update(sock, update))
    this.watch(sock)
    return sock
  }

  /** The fields of the credentials that an update changes. */
  changed(update) {
    const fields = Object.entries(update).filter(([field, value]) => value !== undefined && this.#known?.[field] !== JSON.stringify(value))
    for (const [field, value] of fields) this.#known[field] = JSON.stringify(value)
    return Object.fromEntries(fields)
  }

  async #update(sock, { qr, connection, lastDisconnect }) {
    if (sock !== this.sock) return
    if (qr && this.autoScan && !this.scanned) {
      this.scanned = true
      await this.scene.emulator.scan(qr, { account: this.name })
    }
    if (connection === 'close') {
      const restart = this.autoRestart && lastDisconnect?.error?.output?.statusCode === 515
      if (restart) await this.open()
      else this.closed = lastDisconnect
    }
  }

  /** Opens the folder's session, or pairs it, and waits until everything that follows a login is over. */
  async start(more) {
    const { scene } = this
    const from = scene.raw.length
    await this.open(more)
    const seen = (test) => scene.seen('connection.update', test, { from, what: `${this.name} to be open` })
    await seen(({ connection }) => connection === 'open')
    await seen(({ receivedPendingNotifications }) => receivedPendingNotifications)
    await scene.synced(this)
    // What others say of messages comes a while after them, so that it is never told together with them; or not at all.
    const fault = this.receipts === 'drop' ? { what: 'drop' } : { what: 'delay', milliseconds: 500 }
    await scene.emulator.faults.add({ ...fault, account: this.name, direction: 'in', tag: 'receipt' })
    return this
  }

  async stop() {
    for (const sock of this.sockets) await Promise.resolve(sock.end(undefined)).catch(nothing)
    this.agent?.destroy()
    await this.dispatcher?.destroy()
  }
}
