// The two sides of an interop test behind one face: Chasqui's public class, and npm Baileys as it comes.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import path from 'node:path'

import { WhatsAppClient } from 'chasqui'
import { startEmulator } from 'chasqui/testing'

import { recordStage } from '../coverage/record.mjs'
import { makePeer, temporaryFolder, textOf } from '../harness/baileys.mjs'
import { waitFor } from '../harness/emulator.mjs'

export { waitFor }

/** How far a message got, for both sides. */
export const SENT = 2
export const DELIVERED = 3
export const READ = 4

const RANKS = { sent: SENT, delivered: DELIVERED, read: READ }

/** An emulator of its own for a test, and the clients that belong to it; all end with the test, the clients first. */
export async function stage(t, options) {
  const emulator = await startEmulator(options)
  const sides = []
  t.after(async () => {
    await recordStage(emulator, sides)
    await Promise.all(sides.map((side) => side.stop()))
    await emulator.stop()
  })
  const add = async (side) => {
    sides.push(side)
    await side.start()
    return side
  }
  return {
    emulator,
    chasqui: (name, more) => add(new Chasqui(emulator, name, { folder: temporaryFolder(t), ...more })),
    baileys: async (name, more) => add(await Baileys.make(emulator, name, { folder: temporaryFolder(t), ...more })),
  }
}

/**
 * One device. Every side has `name`, `jid` and `lid` (without device), `device`, `start()`, `stop()`, `send(to, text, id?)`,
 * `logout()`, `read(message)`, `played(message)`, `there(whether)`, `rank(id)` and `received`: `{ id, text, fromMe, chat, offline, name, original }` in the order of arrival.
 */
class Side {
  constructor(emulator, name) {
    this.emulator = emulator
    this.name = name
  }

  /** What others wrote to it, as texts. */
  get texts() {
    return this.received.filter(({ fromMe }) => !fromMe).map(({ text }) => text)
  }

  /** Until the service has its word for all that it was given: what it stops before comes again. */
  acknowledged() {
    const queued = async () => {
      const accounts = await this.emulator.accounts()
      return accounts.find(({ name }) => name === this.name)?.devices.find(({ device }) => device === this.device)?.queued
    }
    return waitFor(async () => (await queued()) === 0, `all to be acknowledged by ${this.name}`)
  }

  /** The message with this text, once it is there. */
  got(text, timeout) {
    return waitFor(() => this.received.find((message) => message.text === text), `"${text.slice(0, 40)}" at ${this.name}`, timeout)
  }

  /** The message with this id as the program was given it, once it is there. */
  async showed(id) {
    return (await waitFor(() => this.received.find((message) => message.id === id), `${id} at ${this.name}`)).original
  }

  /** Resolves once the message got so far. */
  reaches(id, rank) {
    return waitFor(() => this.rank(id) >= rank, `${id} of ${this.name} to get to ${rank}`)
  }

  /**
   * Fails unless exactly these texts came, once each and in this order. What did not decrypt, and had to be asked for
   * again, may come late; a side that asks again for what it has shown already may show it again. Resolves with how many
   * texts were asked for again.
   */
  async assertTexts(expected) {
    const asked = new Set((await this.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })).map(({ attrs }) => attrs.id))
    const late = new Set(this.received.filter(({ id }) => asked.has(id)).map(({ text }) => text))
    const steady = (texts) => texts.filter((text) => !late.has(text))
    const once = (texts) => [...steady(texts), ...new Set(texts.filter((text) => late.has(text)))].toSorted()
    assert.deepEqual(once(this.texts), once(expected), `the texts at ${this.name}`)
    assert.deepEqual(steady(await this.order()), steady(expected), `the order at ${this.name}`)
    return late.size
  }

  /** What others wrote to it, as texts, in the order in which it is held to have come. */
  async order() {
    return this.texts
  }

  /** The stanzas of this device. */
  async stanzas(filter) {
    const found = await this.emulator.stanzas({ account: this.name, device: this.device, ...filter })
    return found.map(({ stanza }) => stanza)
  }

  /** Kinds of encryption of the messages that it got from people, by id. */
  async encryptions() {
    const found = await this.stanzas({ direction: 'in', tag: 'message', child: 'enc' })
    const ofPeople = found.filter(({ attrs }) => attrs.category !== 'peer')
    return new Map(ofPeople.map(({ attrs, content }) => [attrs.id, content.find(({ tag }) => tag === 'enc').attrs.type]))
  }
}

export class Chasqui extends Side {
  kind = 'Chasqui'
  received = []
  /** Messages that could not be read at first. */
  unreadable = []
  errors = []
  /** Changes of the account's settings, each with source and collection of its event. */
  changes = []
  /** `history` events. */
  history = []
  /** `group` events. */
  groups = []
  #ranks = new Map()

  /** `byCode`: pairs by a code that is typed into the phone, and not by the QR code. */
  constructor(emulator, name, { folder, session = name, byCode = false, ...options }) {
    super(emulator, name)
    this.byCode = byCode
    this.database = path.join(folder, 'session.db')
    this.options = { session, store: `sqlite:${this.database}`, endpoint: emulator.endpoint, ...options }
  }

  get jid() {
    return this.client.user.jid
  }

  get lid() {
    return this.client.user.lid
  }

  get device() {
    return this.client.user?.device
  }

  async start() {
    const client = (this.client = new WhatsAppClient(this.options))
    client.on('qr', (qr) => {
      if (!this.byCode) this.emulator.scan(qr.text, { account: this.name }).catch((error) => this.errors.push(error))
    })
    client.on('error', (error) => this.errors.push(error))
    client.on('message', (message) => {
      const { id, chat, text, type, fromMe, source, sender, redelivered } = message
      if (redelivered) return
      const entry = { id, chat, text, type, fromMe, offline: source === 'offline', source, name: sender.name, original: message }
      if (type === 'undecryptable') this.unreadable.push(entry)
      else this.received.push(entry)
    })
    client.on('history', (part) => this.history.push(part))
    client.on('group', (event) => this.groups.push(event))
    client.on('change', ({ source, collection, changes }) => {
      this.changes.push(...changes.map((change) => ({ ...change, source, collection })))
    })
    client.on('receipt', ({ ids, status }) => {
      for (const id of ids) this.#ranks.set(id, Math.max(this.rank(id), RANKS[status] ?? READ))
    })
    const { state } = await client.connect()
    if (this.byCode && state === 'qr') {
      const { jid } = await this.emulator.contact(this.name)
      await this.emulator.enterCode(await client.requestPairingCode(jid.split('@')[0]))
    }
    await client.opened()
  }

  stop() {
    return this.client.disconnect()
  }

  logout() {
    return this.client.logout()
  }

  async send(to, text, id) {
    return (await this.client.send(to, { text }, { id })).id
  }

  read(message) {
    return this.client.read(message.original)
  }

  played(message) {
    return this.client.played(message.original)
  }

  there(whether) {
    return whether ? this.client.presence.available() : this.client.presence.unavailable()
  }

  rank(id) {
    return this.#ranks.get(id) ?? 0
  }
}

export class Baileys extends Side {
  kind = 'Baileys'
  #peer
  #folder

  static async make(emulator, name, { folder, byCode = false, ...options }) {
    const info = { rootKey: emulator.rootKey, caPem: emulator.ca, wsUrl: emulator.wsUrl, wssUrl: emulator.url, endpoint: emulator.endpoint }
    const side = new Baileys(emulator, name)
    const call = (method, { qr }) => (byCode ? side.#enterCode() : emulator[method](qr, { account: name }))
    side.#peer = await makePeer({ info, call }, { name, folder, ...options })
    side.#folder = folder
    return side
  }

  /**
   * Baileys shows messages that come close together in any order: what was queued for it goes through a line of its own,
   * and every other message first looks after its sender's addresses. So the order is that in which they reached it.
   */
  async order() {
    const ids = new Set((await this.stanzas({ direction: 'in', tag: 'message' })).map(({ attrs }) => attrs.id))
    const texts = new Map(this.received.filter(({ fromMe }) => !fromMe).map(({ id, text }) => [id, text]))
    return [...ids].filter((id) => texts.has(id)).map((id) => texts.get(id))
  }

  get socket() {
    return this.#peer.socket
  }

  get jid() {
    return this.#peer.jid
  }

  get lid() {
    return this.#peer.lid
  }

  get device() {
    const me = this.#peer.socket.user?.id
    return me && Number(/:(\d+)@/.exec(me)[1])
  }

  get history() {
    return this.#peer.history
  }

  get isOpen() {
    return this.#peer.state === 'open'
  }

  get reconnects() {
    return this.#peer.reconnects
  }

  get received() {
    const readable = this.#peer.messages.filter((message) => textOf(message) !== undefined)
    return readable.map((message) => ({
      id: message.key.id,
      chat: message.key.remoteJid,
      text: textOf(message),
      fromMe: message.key.fromMe,
      offline: message.upsert === 'append',
      name: message.pushName,
      original: message,
    }))
  }

  async showed(id) {
    return waitFor(() => this.shown.find(({ key, message }) => key.id === id && message), `${id} at ${this.name}`)
  }

  /** Its answer is not waited for by Baileys itself. */
  async #enterCode() {
    const asked = async () => (await this.emulator.stanzas({ child: 'link_code_companion_reg', direction: 'in' })).length
    const before = await asked()
    const { jid } = await this.emulator.contact(this.name)
    const code = await this.socket.requestPairingCode(jid.split('@')[0])
    await waitFor(async () => (await asked()) > before, 'the answer to the code')
    await this.emulator.enterCode(code)
  }

  /** Everything that it showed, texts or not. */
  get shown() {
    return this.#peer.messages
  }

  start() {
    return this.#peer.start()
  }

  stop() {
    return this.#peer.stop()
  }

  send(to, text, id) {
    return this.#peer.send(to, text, id)
  }

  read(message) {
    return this.socket.readMessages([message.original.key])
  }

  played(message) {
    return this.socket.sendReceipts([message.original.key], 'played')
  }

  there(whether) {
    return this.socket.sendPresenceUpdate(whether ? 'available' : 'unavailable')
  }

  /** The file of a message that it showed. */
  download(message, range) {
    return this.#peer.download(message, range)
  }

  rank(id) {
    return this.#peer.status(id)
  }

  logout() {
    return this.socket.logout()
  }

  /** Deletes every encryption session that its key store holds. Resolves with how many there were. */
  forgetSessions() {
    return this.#forget('session')
  }

  /** Deletes the sender keys of every group. Resolves with how many there were. */
  forgetSenderKeys() {
    return this.#forget('sender-key')
  }

  async #forget(kind) {
    const files = readdirSync(this.#folder).filter((file) => file.startsWith(`${kind}-`) && !file.startsWith(`${kind}-memory`))
    // A colon or slash in an id is another character in its file's name.
    const ids = files.map((file) => file.slice(kind.length + 1, -'.json'.length).replaceAll('--', '::'))
    await this.socket.authState.keys.set({ [kind]: Object.fromEntries(ids.map((id) => [id, null])) })
    return ids.length
  }
}
