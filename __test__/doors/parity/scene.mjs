// What a scenario is given: the emulator, the library under test, people, and a book in which everything is written that the library
// tells, gives back and throws.
import { createRequire } from 'node:module'

import { proto } from 'baileys'

import { makePeer } from '../../harness/baileys.mjs'
import { slower, waitFor } from '../../harness/emulator.mjs'
import { lackedBy } from './lacking.mjs'
import { Normal } from './normal.mjs'
import { Subject, newFolder } from './subject.mjs'

const { startEmulator } = createRequire(import.meta.url)('../../../dist/testing.js')

/** No event for so long: everything has been told. */
const QUIET_MS = 150
const QUIET_MAX_MS = 3000
/** Until something that does not come is given up: at first, and after the first that did not come. */
const PATIENCE_MS = 30_000
const IMPATIENCE_MS = 2500

/** Baileys 6 cannot read the answer of somebody who goes by LID: here people go by their numbers, as they did in its time. */
const BY_NUMBER = /^(texts: |connection: what comes while)/

export class Scene {
  /** Batches as they came, with the step in which they did. */
  raw = []
  steps = [{ name: 'start', events: [], calls: [], missing: [], creds: {} }]
  normal = new Normal()
  #last = Date.now()
  #subjects = []
  #peers = []
  #ids = 0
  #stepFrom = 0
  #patience = PATIENCE_MS
  #muted = true

  constructor(engine) {
    this.engine = engine
    this.lib = engine.lib
    // A scenario takes what it needs apart.
    for (const name of ['account', 'paired', 'peer', 'contact', 'newGroup', 'say', 'call', 'record', 'leaveOut', 'step', 'until', 'maybe', 'seen', 'synced', 'message', 'settle', 'send', 'sent', 'got', 'nudge', 'waitFor']) {
      this[name] = this[name].bind(this)
    }
  }

  async prepare(options, name) {
    this.emulator = await startEmulator(options)
    if (this.engine.edition !== 6) return
    // Of several faults the first one strikes.
    if (BY_NUMBER.test(name)) await this.emulator.faults.add({ what: 'otherAddress' })
    this.slow = await slower(this.emulator)
  }

  /** From now on messages are not slower than all else: what waits for a program comes before the news that it has come. */
  async prompt() {
    if (this.slow) await this.emulator.faults.clear(this.slow.id)
  }

  async stop() {
    this.#muted = true
    for (const peer of this.#peers) await peer.stop().catch(() => {})
    for (const subject of this.#subjects) await subject.stop()
    await this.emulator.stop()
  }

  /** Everything that was written down. */
  get book() {
    return this.steps.filter(({ events, calls, missing, creds }) => events.length + calls.length + missing.length + Object.keys(creds).length > 0)
  }

  /** An account with its program; nothing is opened yet, and everything is written down. */
  account(name = 'Tienda', options = {}) {
    const subject = new Subject(this, name, options)
    this.#subjects.push(subject)
    this.#muted = false
    return subject
  }

  /** An account that is paired and open. How it became so is another scenario's matter: what is told before the first step is not written down. */
  async paired(name = 'Tienda', options = {}) {
    const subject = new Subject(this, name, options)
    this.#subjects.push(subject)
    this.#muted = true
    await subject.start()
    subject.nudged = true
    // The phone's keys are a message, which is slow here.
    if (this.engine.edition === 6) await this.waitFor(() => subject.creds.myAppStateKeyId, 'the keys of the phone', 3000).catch(() => undefined)
    await this.settle()
    return subject
  }

  /** npm Baileys as another person, paired and open. */
  async peer(name, options = {}) {
    const { emulator } = this
    const info = { rootKey: emulator.rootKey, caPem: emulator.ca, wsUrl: emulator.wsUrl, wssUrl: emulator.url }
    const call = (method, { qr }) => emulator[method](qr, { account: name })
    const it = await makePeer({ info, call }, { name, folder: await newFolder(), ...options })
    this.#peers.push(it)
    return it.start()
  }

  /** A person with a phone. */
  contact(name) {
    return this.emulator.contact(name)
  }

  /** A group; an account that is open and in it has been told of it. */
  async newGroup(options) {
    const group = await this.emulator.group(options)
    if (!this.#subjects.some(({ name, nudged }) => nudged && options.members.includes(name))) return group
    await this.nudge()
    const { jid } = group
    await this.until('groups.upsert', (groups) => groups.some(({ id }) => id === jid), { from: 0 })
    await this.until('messages.upsert', ({ messages }) => messages.some(({ key }) => key.remoteJid === jid), { from: 0 })
    return group
  }

  /** A contact writes: a text or a Message. Its ids are known. */
  async say(contact, to, content, options = {}) {
    const id = options.id ?? `IN${++this.#ids}`
    const raw = typeof content === 'string' ? { text: content } : { raw: proto.Message.encode(proto.Message.fromObject(content)).finish() }
    await contact.send(to, raw, { ...options, id })
    return id
  }

  /** What comes from now on belongs to a step of this name. */
  async step(name) {
    await this.settle()
    this.#muted = false
    this.steps.push({ name, events: [], calls: [], missing: [], creds: {} })
    this.#stepFrom = this.raw.length
  }

  take(events, subject) {
    this.#last = Date.now()
    this.raw.push(events)
    const changed = events['creds.update'] ? subject.changed(events['creds.update']) : {}
    if (this.#muted) return
    for (const [field, value] of Object.entries(changed)) this.steps.at(-1).creds[field] = this.normal.value(value, { field })
    const names = Object.keys(events)
    for (const name of names) this.steps.at(-1).events.push(...this.#entries(name, events[name], names))
  }

  /** One entry for each thing told: how many come in one event depends on the moment. */
  #entries(event, payload, names) {
    const together = names.length > 1 ? { with: names.filter((name) => name !== event).sort() } : {}
    const shown = (value) => ({ event, ...together, payload: this.normal.value(value, { keepUndefined: event === 'connection.update' }) })
    // How many updates tell of what has changed, and what else they have in them, depends on the moment.
    if (event === 'creds.update') return []
    if (event === 'messages.upsert') return payload.messages.map((message) => shown({ ...payload, messages: [message] }))
    return Array.isArray(payload) ? payload.map((one) => shown([one])) : [shown(payload)]
  }

  /** Writes down a value. */
  record(name, value) {
    this.steps.at(-1).calls.push({ name, gives: this.normal.value(value) })
    return value
  }

  /** What the reference does not have is not compared. */
  leaveOut(name) {
    this.steps.at(-1).calls.push({ name, lacks: name })
  }

  /** Calls, and writes down what it gives or throws. */
  async call(name, callback) {
    const { calls } = this.steps.at(-1)
    try {
      const value = await callback()
      calls.push({ name, gives: this.normal.value(value) })
      return value
    } catch (error) {
      const lacks = lackedBy(this.engine, error)
      calls.push({ name, throws: this.normal.value(error), ...(lacks ? { lacks } : {}) })
      return undefined
    }
  }

  /**
   * Sends, writes down what comes back, and waits until the account is told of its own message. npm Baileys holds that back until the
   * next stanza comes, so one comes that means nothing.
   */
  async send(subject, jid, content, options, name = 'sendMessage') {
    const sent = await this.call(name, () => subject.sock.sendMessage(jid, content, options))
    await this.nudge()
    if (sent) await this.until('messages.upsert', ({ messages }) => messages.some(({ key }) => key.id === sent.key.id), { what: `the own message after ${name}` })
    return sent
  }

  /** Something that no program hears of comes to the accounts that are open. */
  async nudge() {
    for (const { name, nudged } of this.#subjects) {
      if (nudged) await this.emulator.inject({ account: name, notification: { type: 'nothing', child: { tag: 'nothing', attrs: {} } } }).catch(() => {})
    }
  }

  missing(what) {
    this.steps.at(-1).missing.push(what)
    this.#patience = IMPATIENCE_MS
  }

  /** The first fitting payload since `from`. */
  async seen(event, test = () => true, { from = this.#stepFrom, what = event, timeout = this.#patience } = {}) {
    const find = () => {
      for (let at = from; at < this.raw.length; at++) {
        const payload = this.raw[at][event]
        if (payload !== undefined && test(payload)) return { payload }
      }
    }
    return (await this.waitFor(find, what, timeout)).payload
  }

  /** The same for a scenario: what the reference does not tell is the scenario's mistake, what the door does not tell is a difference. */
  async until(event, test, options = {}) {
    try {
      return await this.seen(event, test, { what: `${event} in "${this.steps.at(-1).name}"`, ...options })
    } catch (error) {
      if (this.engine.reference) throw error
      this.missing(event)
      return undefined
    }
  }

  /** What may be told, or not: it is waited for, and nothing is missing without it. */
  maybe(event, test, { timeout = 1500, ...options } = {}) {
    return this.seen(event, test, { timeout, ...options }).catch(() => undefined)
  }

  /** The message that fits, as it was told. */
  async message(test, options) {
    const payload = await this.until('messages.upsert', ({ messages }) => messages.some(test), options)
    return payload?.messages.find(test)
  }

  /** The stanzas that the account has sent in this process, as far as they do not depend on keys; different kinds of them in an order of their own. */
  async sent(subject, filter, name = `sent ${filter.tag}`) {
    await this.settle()
    const found = await this.emulator.stanzas({ account: subject.name, direction: 'out', ...filter })
    const kind = ({ attrs: { class: of = '', type = '' } = {} }) => `${of} ${type === 'inactive' ? '' : type}`
    const shown = found.map(({ stanza }) => outline(stanza)).sort((a, b) => (kind(a) < kind(b) ? -1 : kind(a) > kind(b) ? 1 : 0))
    this.record(name, shown)
  }

  /** Until the first sync of an account is over, which follows its first login. */
  async synced(subject) {
    // Baileys 6 keeps no count of it.
    if (this.engine.edition === 6) return this.settle(1000)
    const known = () => subject.creds.me?.name && subject.creds.accountSyncCounter > 0
    await this.waitFor(known, `${subject.name} to know its name and state`, this.engine.reference ? PATIENCE_MS : 3000).catch((error) => {
      if (this.engine.reference) throw error
      this.missing(`the own name and the first sync of ${subject.name}`)
    })
    // The last thing that a new device learns.
    await this.maybe('settings.update', undefined, { from: 0, timeout: this.#patience })
  }

  /** What a contact got, and writes it down: the Message as JSON. */
  async got(contact, test, name = `${contact.name} got`) {
    const received = await contact.waitForMessage(test, { timeout: this.#patience }).catch((error) => {
      if (this.engine.reference) throw error
      this.missing(`${name}`)
    })
    if (!received) return undefined
    const { from, chat, fromMe, encryption } = received
    const message = proto.Message.decode(received.raw())
    this.record(name, { from, chat, fromMe, encryption: encryption === 'skmsg' ? 'skmsg' : 'session', message: proto.Message.toObject(message, { longs: String, bytes: Buffer, enums: String }) })
    return received
  }

  /** Until nothing more is told. */
  async settle(quiet = QUIET_MS) {
    await this.nudge()
    const began = Date.now()
    this.#last = Math.max(this.#last, began)
    await this.waitFor(() => Date.now() - this.#last >= quiet || Date.now() - began > QUIET_MAX_MS + 3 * quiet, 'the events to end', QUIET_MAX_MS + 6 * quiet)
  }

  waitFor(condition, what, timeout = this.#patience) {
    return waitFor(condition, what, timeout)
  }
}

/** What npm Baileys sends along, or not, from one run to the next. */
const UNSTEADY = ['reporting']

/** Not in every message of the same kind. */
const LAST = ['device-identity']

/** Children in an order of their own: the service does not look at it. */
const ordered = (children) => {
  const keyed = children.map((child) => ({ child, key: `${LAST.includes(child.tag) ? '~' : ''}${child.tag} ${child.attrs.jid ?? ''}` }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ child }) => child)
}

/** Tags and attributes. */
function outline({ tag, attrs, content }) {
  const { t, ...rest } = attrs
  const shown = Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)))
  const secret = ['enc', 'plaintext', 'device-identity', 'reporting', 'tctoken', 'cstoken'].includes(tag)
  return { tag, ...(Object.keys(shown).length > 0 ? { attrs: shown } : {}), ...(Array.isArray(content) ? { content: ordered(content.filter((child) => !UNSTEADY.includes(child.tag))).map(outline) } : content && !secret ? { content: typeof content === 'string' ? content : '<bytes>' } : {}) }
}
