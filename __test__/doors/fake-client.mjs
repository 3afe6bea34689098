// A WhatsAppClient in memory, put in the place of the real one before a door is loaded. Tests play the server through it.
import { EventEmitter, once } from 'node:events'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export class FakeClient extends EventEmitter {
  /** Every client made, in order. */
  static made = []
  /** What `connect` does; a test may replace it. */
  static connecting = async (client) => client.open()

  state = 'closed'
  user = undefined
  sent = []
  readMessages = []
  calls = []

  constructor(options) {
    super()
    this.options = options
    FakeClient.made.push(this)
    FakeClient.events.emit('made', this)
  }
  static events = new EventEmitter()

  async connect() {
    this.calls.push('connect')
    this.connection({ state: 'connecting' })
    await FakeClient.connecting(this)
    return { state: this.state }
  }
  async send(to, content, options = {}) {
    if (this.refuse) throw this.refuse
    this.sent.push({ to, content, options })
    return { id: options.id ?? '3EB0000000000000000000', timestamp: 1_700_000_000_000 }
  }
  async read(messages) {
    this.readMessages.push(...[messages].flat())
  }
  async disconnect() {
    this.calls.push('disconnect')
    if (this.state !== 'closed') this.connection({ state: 'closed', willRetry: false })
  }
  async logout() {
    this.calls.push('logout')
    this.user = undefined
    this.connection({ state: 'closed', reason: { code: 'LOGGED_OUT', message: 'Unlinked.' }, willRetry: false })
  }

  // What a test plays.
  connection(event) {
    this.state = event.state
    this.emit('connection', event)
  }
  qr(text = 'ref,a,b,c,1') {
    this.connection({ state: 'qr' })
    this.emit('qr', { text, dataUrl: '', svg: '', terminal: '', expiresAt: 0 })
  }
  pair(user = bob) {
    this.user = user
    this.connection({ state: 'reconnecting', willRetry: true, retryIn: 0 })
  }
  open(user = this.user ?? bob, isNewLogin = false) {
    this.user = user
    this.connection({ state: 'open', ...(isNewLogin ? { isNewLogin } : {}) })
  }
  close(code, data, message = 'It ended.') {
    this.connection({ state: 'closed', reason: { code, message, ...(data ? { data } : {}) }, willRetry: false })
  }
  message(fields) {
    this.emit('message', message(fields))
  }
}

export const bob = { jid: '15550001002@s.whatsapp.net', lid: '200000000000002@lid', device: 7, name: 'Bob' }

/** A text from Erin, or what `fields` say. The protobuf is `conversation: text`. */
export function message({ text = 'hola', ...fields } = {}) {
  const bytes = Buffer.from(text)
  return {
    id: 'LIVE1',
    chat: '15550001005@s.whatsapp.net',
    sender: { jid: '15550001005@s.whatsapp.net', pn: '15550001005@s.whatsapp.net', lid: '500000000000005@lid', device: 0, name: 'Erin' },
    fromMe: false,
    source: 'live',
    timestamp: 1_700_000_700_500,
    type: 'text',
    text,
    mentions: [],
    redelivered: false,
    raw: () => Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes]),
    ...fields,
  }
}

/** The next client that a door makes. */
export const nextClient = async () => (await once(FakeClient.events, 'made'))[0]

/** Loads a door on fake clients. */
export function loadDoor(name) {
  const path = require.resolve('../../dist/client.js')
  require.cache[path] = { id: path, filename: path, loaded: true, children: [], paths: [], exports: { WhatsAppClient: FakeClient } }
  return require(`../../dist/${name}/index.js`)
}

/** Collects what `subscribe` hands out, and lets a test wait for it. */
export class Log {
  entries = []
  #waiting = new Set()
  add = (entry) => {
    this.entries.push(entry)
    for (const check of this.#waiting) check()
  }
  /** The first entry, from `from` on, that `predicate` likes. */
  async until(predicate, from = 0) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not seen in ${JSON.stringify(this.entries.map((entry) => entry.event ?? entry[0] ?? entry))}`)), 10_000)
      const check = () => {
        const found = this.entries.slice(from).find(predicate)
        if (found === undefined) return
        clearTimeout(timer)
        this.#waiting.delete(check)
        resolve(found)
      }
      this.#waiting.add(check)
      check()
    })
  }
}
