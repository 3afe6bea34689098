/** `Client`: one session, in the sequence of events that users of whatsapp-web.js know. */

import { randomBytes, randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import path from 'node:path'

import type { ConnectionEvent, Endpoint, Logger, Message as EngineMessage, QrCode, Receipt } from '../../index.js'
import { WhatsAppClient } from '../client.js'
import { chooseEndpoint } from '../doors/endpoint.js'
import { notImplemented } from '../doors/missing.js'
import { DEFAULT_VERSION } from '../doors/version.js'
import { CLIENT_METHODS } from './absent.js'
import { type AuthStrategy, NoAuth } from './auth.js'
import { Browser, type Page } from './browser.js'
import { DefaultOptions, MessageAck } from './constants.js'
import { Message, type RawMessage, rawOf, rawSent } from './message.js'
import { type Wid, messageId, toJid, toPublic, toWid } from './wid.js'

export interface ClientOptions {
  authStrategy?: AuthStrategy
  /** Read by strategies; there is no browser that it could be given to. */
  puppeteer?: { userDataDir?: string; [option: string]: unknown }
  /** After this many renewals of the QR code the client gives up. 0: never. */
  qrMaxRetries?: number
  takeoverOnConflict?: boolean
  takeoverTimeoutMs?: number
  deviceName?: string
  browserName?: string
  /** Chasqui's own: an emulator's `endpoint`. Default: `CHASQUI_ENDPOINT` of the environment, else the real service. */
  endpoint?: Endpoint | string
  /** Chasqui's own. */
  logger?: Logger
  /** Chasqui's own: name given at pairing. */
  pushName?: string
  /** whatsapp-web.js' other options are accepted; they have no effect here. */
  [option: string]: unknown
}

export interface MessageSendOptions {
  /** `false`: do not mark the chat as read. */
  sendSeen?: boolean
  quotedMessageId?: string
  ignoreQuoteErrors?: boolean
  linkPreview?: boolean
  parseVCards?: boolean
  waitUntilMsgSent?: boolean
  [option: string]: unknown
}

export interface ClientInfo {
  pushname: string | undefined
  wid: Wid
  me: Wid
  phone: undefined
  platform: string | undefined
}

/** The events that are emitted. Listening to whatsapp-web.js' other events is allowed. */
export interface ClientEvents {
  qr: [qr: string]
  authenticated: [payload: unknown]
  auth_failure: [payload: unknown]
  ready: []
  message: [message: Message]
  message_create: [message: Message]
  message_ciphertext: [message: Message]
  message_ack: [message: Message, ack: number]
  change_state: [state: string]
  disconnected: [reason: string]
}

/** Options of `sendMessage` that have their meaning here, or none. */
const KNOWN_OPTIONS = ['sendSeen', 'quotedMessageId', 'ignoreQuoteErrors', 'linkPreview', 'parseVCards', 'waitUntilMsgSent']
/** Own messages whose acknowledgements are followed, and chats whose unread messages are known; the oldest are forgotten. */
const MAX_SENT = 1000
const MAX_CHATS = 500
const MAX_UNREAD = 100

const ACKS = { failed: MessageAck.ACK_ERROR, sent: MessageAck.ACK_SERVER, delivered: MessageAck.ACK_DEVICE, read: MessageAck.ACK_READ, played: MessageAck.ACK_PLAYED }
/** Ends after which the client is of no use, as states. */
const FATAL: Record<string, string> = {
  REPLACED: 'CONFLICT', SESSION_HELD: 'CONFLICT', SESSION_TAKEN_OVER: 'CONFLICT', LEASE_LOST: 'CONFLICT',
  CLIENT_OUTDATED: 'DEPRECATED_VERSION', BANNED: 'TOS_BLOCK',
  TEMPORARILY_BANNED: 'TOS_BLOCK',
}

type EngineEvent = () => void | Promise<void>

export class Client extends EventEmitter<ClientEvents> {
  readonly options: ClientOptions & { puppeteer: NonNullable<ClientOptions['puppeteer']> }
  readonly authStrategy: AuthStrategy
  info: ClientInfo | undefined
  pupBrowser: Browser | null = null
  pupPage: Page | null = null

  #engine: WhatsAppClient | undefined
  #starting: Promise<void> | undefined
  #state: string | null = null
  #paired = false
  #announced = false
  #qrCount = 0
  /** What the engine reported and is not handled yet: it waits for initialize() to resolve and for the strategy's hooks. */
  readonly #queue: EngineEvent[] = []
  #held = false
  #pumping = false
  readonly #sent = new Map<string, { message: Message; created: boolean }>()
  readonly #unread = new Map<string, EngineMessage[]>()

  constructor(options: ClientOptions = {}) {
    super()
    this.options = { ...DefaultOptions, ...options, puppeteer: options.puppeteer ?? { ...DefaultOptions.puppeteer } }
    this.authStrategy = options.authStrategy ?? new NoAuth()
    this.authStrategy.setup(this)
  }

  // Upstream's own steps, which subclasses override; nothing happens in them here.
  async inject(): Promise<void> {}
  async attachEventListeners(): Promise<void> {}
  async initWebVersionCache(): Promise<void> {}
  async setDeviceName(): Promise<void> {}

  /** Starts connecting. Resolves before anybody has scanned; `ready` tells that the session is open. */
  async initialize(): Promise<void> {
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined))
    return this.#starting
  }

  async #start(): Promise<void> {
    if (this.#engine) return
    await this.authStrategy.beforeBrowserInitialized()
    this.pupBrowser = new Browser()
    this.pupPage = this.pupBrowser.page
    await this.authStrategy.afterBrowserInitialized()
    await this.inject()

    const engine = this.#makeEngine()
    this.#engine = engine
    this.#announced = false
    this.#paired = false
    this.#qrCount = 0
    this.#state = 'OPENING'
    // Nothing is emitted before initialize() has resolved: programs attach their handlers after it.
    this.#held = true
    const underway = new Promise<void>((resolve) => {
      engine.once('qr', () => resolve())
      engine.on('connection', ({ state }) => (state === 'open' || state === 'reconnecting') && resolve())
    })
    engine.on('qr', (qr) => this.#handle(() => this.#onQr(engine, qr)))
    engine.on('connection', (event) => this.#handle(() => this.#onConnection(engine, event)))
    engine.on('message', (message) => this.#handle(() => this.#onMessage(message)))
    engine.on('receipt', (receipt) => this.#handle(() => this.#onReceipt(receipt)))
    const connected = engine.connect()
    connected.catch(() => undefined)
    try {
      await Promise.race([connected, underway])
    } catch (error) {
      await this.destroy()
      throw error
    } finally {
      setImmediate(() => {
        this.#held = false
        void this.#pump()
      })
    }
  }

  #makeEngine(): WhatsAppClient {
    const { options } = this
    const folder = this.authStrategy.userDataDir
    const endpoint = chooseEndpoint(options.endpoint)
    return new WhatsAppClient({
      session: folder === undefined ? `whatsapp-web-${randomUUID()}` : 'whatsapp-web',
      store: folder === undefined ? 'memory:' : `sqlite:${path.join(folder, 'chasqui.db')}`,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(options.logger ? { logger: options.logger } : {}),
      ...(options.pushName === undefined ? {} : { pushName: options.pushName }),
      ...(options.deviceName || options.browserName
        ? { browser: { os: options.deviceName ?? 'Mac OS', name: options.browserName ?? 'Chrome' } }
        : {}),
    })
  }

  #handle(event: EngineEvent): void {
    this.#queue.push(event)
    void this.#pump()
  }

  /** Handles one event after the other, at once where no hook has to be waited for. */
  async #pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    for (let next = this.#next(); next; next = this.#next()) {
      try {
        const done = next()
        if (done) await done
      } catch (error) {
        warn(error)
      }
    }
    this.#pumping = false
  }

  #next(): EngineEvent | undefined {
    return this.#held ? undefined : this.#queue.shift()
  }

  /** A listener's exception is a warning, as it was when a browser stood in between. */
  #tell<E extends keyof ClientEvents>(event: E, ...args: ClientEvents[E]): void {
    for (const listener of this.rawListeners(event)) {
      try {
        Reflect.apply(listener, this, args)
      } catch (error) {
        warn(error)
      }
    }
  }

  async #onQr(engine: WhatsAppClient, qr: QrCode): Promise<void> {
    if (engine !== this.#engine) return
    if (this.#state !== 'UNPAIRED') {
      this.#state = 'UNPAIRED'
      const { failed, restart, failureEventPayload } = (await this.authStrategy.onAuthenticationNeeded()) ?? {}
      if (failed) {
        this.#tell('auth_failure', failureEventPayload)
        await this.destroy()
        if (restart) await this.initialize()
        return
      }
    }
    const { qrMaxRetries = 0 } = this.options
    if (qrMaxRetries > 0 && this.#qrCount++ > qrMaxRetries) {
      this.#tell('disconnected', 'Max qrcode retries reached')
      return this.destroy()
    }
    this.#tell('qr', qr.text.slice(qr.text.indexOf('#') + 1))
  }

  #onConnection(engine: WhatsAppClient, event: ConnectionEvent): void | Promise<void> {
    if (engine !== this.#engine) return
    switch (event.state) {
      case 'open':
        return this.#onOpen(engine)
      case 'reconnecting':
      case 'connecting':
        if (this.#state === 'UNPAIRED' && engine.user) this.#state = 'PAIRING'
        else if (this.#state !== 'PAIRING') this.#changeState('OPENING')
        return
      case 'closed':
        return event.reason && this.#onClosed(engine, event.reason.code)
    }
  }

  #changeState(state: string): void {
    if (this.#state === state) return
    this.#state = state
    if (this.#announced) this.#tell('change_state', state)
  }

  async #onOpen(engine: WhatsAppClient): Promise<void> {
    if (this.#announced) return this.#changeState('CONNECTED')
    this.#state = 'CONNECTED'
    this.#paired = true
    this.#tell('authenticated', await this.authStrategy.getAuthEventPayload())
    const { user } = engine
    const wid = toWid(toPublic(user?.jid ?? ''))
    this.info = { pushname: user?.name, wid, me: wid, phone: undefined, platform: undefined }
    this.#announced = true
    this.#tell('ready')
    void Promise.resolve(this.authStrategy.afterAuthReady()).catch(warn)
  }

  async #onClosed(engine: WhatsAppClient, code: string): Promise<void> {
    if (code === 'PAIRING_TIMEOUT') {
      // The codes ran out; new ones come for as long as nobody scans.
      this.#state = 'UNPAIRED_IDLE'
      return void engine.connect().catch((error: unknown) => this.#fail(error))
    }
    if (code === 'LOGGED_OUT') {
      this.#tell('disconnected', 'LOGOUT')
      await this.#stop()
      await this.authStrategy.logout()
      return this.initialize().catch((error: unknown) => this.#fail(error))
    }
    const state = FATAL[code] ?? code
    this.#changeState(state)
    if (state === 'CONFLICT' && this.options.takeoverOnConflict) {
      setTimeout(() => void engine.connect().catch((error: unknown) => this.#fail(error)), this.options.takeoverTimeoutMs ?? 0)
      return
    }
    await this.authStrategy.disconnect()
    this.#tell('disconnected', state)
    await this.destroy()
  }

  #fail(error: unknown): void {
    this.#tell('disconnected', (error as { code?: string }).code ?? String(error))
    void this.destroy()
  }

  #onMessage(received: EngineMessage): void {
    // What this client sent is told by sendMessage.
    if (received.source === 'echo' || received.source === 'history') return
    const raw = rawOf(received, this.#me())
    if (!raw) return
    const message = new Message(this, raw)
    if (message.type === 'ciphertext') return this.#tell('message_ciphertext', message)
    if (message.fromMe) this.#follow(message, true)
    else this.#rememberUnread(received)
    this.#tell('message_create', message)
    if (!message.fromMe) this.#tell('message', message)
  }

  #onReceipt({ ids, chat, recipient, status }: Receipt): void {
    const remote = toPublic(chat)
    // Own devices do not change what others have seen; of a group it is not known whether all have.
    if (status !== 'sent' && (toPublic(recipient.pn ?? recipient.jid) === this.#me() || remote.endsWith('@g.us'))) return
    const ack = ACKS[status]
    for (const id of ids) {
      const known = this.#sent.get(id)
      const message = known?.message ?? new Message(this, this.#unknown(remote, id))
      if (known && !known.created) this.#create(known)
      if (status !== 'failed' && (message.ack ?? 0) >= ack) continue
      message.ack = ack
      message._data.ack = ack
      this.#tell('message_ack', message, ack)
    }
  }

  /** A message that was sent before this process began. */
  #unknown(remote: string, id: string): RawMessage {
    const me = toWid(this.#me())
    return { id: messageId(true, remote, id), type: 'chat', ack: MessageAck.ACK_PENDING, from: me, to: toWid(remote) }
  }

  #create(sent: { message: Message; created: boolean }): void {
    sent.created = true
    this.#tell('message_create', sent.message)
  }

  #follow(message: Message, created: boolean): { message: Message; created: boolean } {
    const sent = { message, created }
    this.#sent.set(message.id.id, sent)
    forgetOldest(this.#sent, MAX_SENT)
    return sent
  }

  #rememberUnread(message: EngineMessage): void {
    const chat = toPublic(message.chat)
    const unread = this.#unread.get(chat) ?? []
    unread.push(message)
    if (unread.length > MAX_UNREAD) unread.shift()
    this.#unread.delete(chat)
    this.#unread.set(chat, unread)
    forgetOldest(this.#unread, MAX_CHATS)
  }

  #me(): string {
    return this.info?.wid._serialized ?? toPublic(this.#engine?.user?.jid ?? '')
  }

  #need(): WhatsAppClient {
    if (!this.#engine) throw new Error('Client is not initialized')
    return this.#engine
  }

  /** Resolves once the server has the message; its `ack` grows with the receipts. */
  async sendMessage(chatId: string | number, content: string, options: MessageSendOptions = {}): Promise<Message> {
    const engine = this.#need()
    if (typeof content !== 'string') throw notImplemented('sendMessage with anything but text')
    for (const [name, value] of Object.entries(options)) {
      const nothing = value === undefined || value === false || value === null || (Array.isArray(value) && value.length === 0)
      if (!nothing && !KNOWN_OPTIONS.includes(name)) throw notImplemented(`sendMessage's option "${name}"`)
    }
    if (options.quotedMessageId && options.ignoreQuoteErrors === false) throw new Error('Could not get the quoted message.')
    const jid = toJid(chatId)
    if (options.sendSeen !== false) await this.sendSeen(toPublic(jid)).catch(() => false)
    const id = `3EB0${randomBytes(9).toString('hex').toUpperCase()}`
    const sent = this.#follow(new Message(this, rawSent(jid, id, content, this.#me())), false)
    try {
      const { timestamp } = await engine.send(jid, { text: content }, { id })
      sent.message.timestamp = sent.message._data.t = Math.floor(timestamp / 1000)
    } catch (error) {
      this.#sent.delete(id)
      throw translate(error)
    }
    if (!sent.created) this.#create(sent)
    return sent.message
  }

  /** Marks what came in since the start of this process as read. `false` where nothing is known of the chat. */
  async sendSeen(chatId: string): Promise<boolean> {
    const engine = this.#need()
    const chat = toPublic(toJid(chatId))
    const unread = this.#unread.get(chat)
    if (!unread) return false
    this.#unread.delete(chat)
    await engine.read(unread)
    return true
  }

  /** `null` where there is no connection at all. */
  async getState(): Promise<string | null> {
    return this.#state
  }

  async getWWebVersion(): Promise<string> {
    return DEFAULT_VERSION.join('.')
  }

  /** Unlinks the device. */
  async logout(): Promise<void> {
    const engine = this.#engine
    const paired = this.#paired
    if (engine) {
      this.#engine = undefined
      await engine.logout().catch((error: unknown) => this.options.logger?.warn(String(error)))
      if (paired) this.#tell('disconnected', 'LOGOUT')
      await this.#stop(engine)
    }
    await this.authStrategy.logout()
  }

  /** Closes the connection and keeps the session. Allowed in any state. */
  async destroy(): Promise<void> {
    await this.#stop()
    await this.authStrategy.destroy()
  }

  async #stop(engine = this.#engine): Promise<void> {
    this.#engine = undefined
    this.#state = null
    await engine?.disconnect().catch(() => undefined)
    await this.pupBrowser?.close()
  }
}

for (const name of CLIENT_METHODS) {
  const value = async function absent(): Promise<never> {
    throw notImplemented(`Client.${name}`)
  }
  Object.defineProperty(Client.prototype, name, { value, writable: true, configurable: true })
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return
  for (const oldest of map.keys()) return void map.delete(oldest)
}

/** The sentences that callers look for. */
function translate(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string }
  if (code === 'NOT_ON_WHATSAPP') return Object.assign(new Error(`No LID for user: ${message}`, { cause: error }), { code })
  if (code === 'INVALID_RECIPIENT') return Object.assign(new Error(`wid error: invalid wid: ${message}`, { cause: error }), { code })
  return error
}
