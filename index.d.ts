/**
 * Chasqui: the WhatsApp engine for Node.js.
 *
 * This file is the public contract. Everything here is reviewed by hand.
 */

/** `memory:` (gone with the process) or `sqlite:PATH`. */
export type StoreUrl = 'memory:' | `memory:${string}` | `sqlite:${string}`

/** What an emulator's `endpoint` is, and what a server of one's own would be described by. */
export interface Endpoint {
  /** `wss://…` or `ws://…` */
  url: string
  /** Noise root public key, base64 of 32 bytes. Default: the service's own. */
  rootKey?: string
  /** Certificate authority of the TLS certificate, PEM. Default: the public web's. */
  ca?: string
}

/** pino, console and the like fit. Chasqui writes nothing to stdout or stderr by itself. */
export interface Logger {
  trace?(message: string): void
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

export interface ClientOptions {
  /** Name of the session inside the store; one session is one linked device. 1 to 128 characters. */
  session: string
  store: StoreUrl
  /** Default: the real service. `emulator.endpoint`, or a `ws(s):` URL. */
  endpoint?: Endpoint | string
  logger?: Logger
  /** How the device is named on the phone. Default: `{ os: 'Mac OS', name: 'Chrome' }`. */
  browser?: { os: string; name: string }
  /** Name given to the service at pairing. Against the emulator it chooses the account. */
  pushName?: string
  /**
   * Client version, for when the service calls the default one outdated. A function is asked for a newer one when that
   * happens, once per `connect()`: `version: fetchLatestVersion`. Default: that of the release.
   */
  version?: Version | (() => Version | Promise<Version>)
  /**
   * Goes through a proxy, which also resolves names: `http://user:password@host:port` (CONNECT) or
   * `socks5://user:password@host:port`, the credentials percent-encoded or left out. Default: none.
   */
  proxy?: `http://${string}` | `socks5://${string}`
  /** Wipes the session when it is unlinked on the phone. Default `false`: `logout()` wipes it. */
  wipeOnLogout?: boolean
  /**
   * Gives a message that a device wants again and that this store does not keep (any more): the Message protobuf, a
   * content as for `send`, or `undefined`. It has 10 seconds. Default: none; `keepSent` says what is kept here.
   */
  getMessage?: (key: { id: string; chat: string }) => MessageAnswer | Promise<MessageAnswer>
  /** Two-letter country code. Default `US`. */
  country?: string
  /**
   * `false`: do not reconnect; `connection` then says `willRetry: false`. A function decides each time, within 10 seconds: it
   * gives the pause before the next attempt in milliseconds, `false` to stop, `true` or `undefined` for what is proposed.
   * Default `true`.
   */
  reconnect?: boolean | ((end: ConnectionEnd) => ReconnectAnswer | Promise<ReconnectAnswer>)
  /**
   * Milliseconds, up to 30 days, for which what was sent is kept in the store, so that a device that cannot read it gets it
   * again; at most the last 65,536 messages. Default 86,400,000: a day.
   */
  keepSent?: number
  /** Milliseconds that `send` waits for the server's acknowledgement. Default 60,000. */
  sendTimeout?: number
  /** Milliseconds that connecting and each request may take. Default 20,000. */
  connectTimeout?: number
  /**
   * Seals every value in the store (AES-256-GCM). 32 random bytes, as a Buffer or in hex or base64. To replace a key, name
   * the former ones as `previous` once. A session that is not sealed yet, or under an earlier key, is sealed anew when it
   * is opened. Default: values are stored as they are.
   */
  encryptionKey?: EncryptionKey | { current: EncryptionKey; previous?: EncryptionKey[] }
}

export type EncryptionKey = Uint8Array | string

export type State = 'closed' | 'connecting' | 'qr' | 'code' | 'open' | 'reconnecting'

export type Version = [number, number, number]

export type MessageAnswer = Content | Uint8Array | undefined

/** Who the session is, once paired. */
export interface User {
  /** Phone-number JID without device. */
  jid: string
  lid?: string
  device: number
  name?: string
}

/** Both addresses of somebody, as far as known. */
export interface Person {
  /** The phone number's JID where it is known, else the LID. */
  jid: string
  pn?: string
  lid?: string
}

/** Somebody's security code has changed: the account was registered anew, as on another phone. */
export type IdentityChange = Person

export interface QrCode {
  /** The text in the code. */
  text: string
  /** PNG as a data URL, for an `<img>`. */
  dataUrl: string
  svg: string
  /** Block characters, for a terminal. */
  terminal: string
  /** Milliseconds since the epoch; a new `qr` event follows until the codes run out. */
  expiresAt: number
}

/** How a connection ended, and what the client would do by itself. */
export interface ConnectionEnd {
  reason: { code: ErrorCode; message: string; data?: Record<string, unknown> }
  /** Attempts in a row that have failed, with this one. */
  attempt: number
  /** Milliseconds until it would try again; absent when it would stop. */
  pause?: number
}

export type ReconnectAnswer = number | boolean | undefined

export interface ConnectionEvent {
  state: State
  /** Why the connection ended; absent while things go well. */
  reason?: { code: ErrorCode; message: string; data?: Record<string, unknown> }
  /** Whether the client reconnects by itself. */
  willRetry?: boolean
  /** Milliseconds until the next attempt. */
  retryIn?: number
  /** On `open`: whether this login followed a new pairing. */
  isNewLogin?: boolean
}

export interface Sender {
  jid: string
  pn?: string
  lid?: string
  device: number
  /** The name that the sender gives to himself. */
  name?: string
}

/**
 * `undecryptable`: it was asked for again, and comes with the same id. `unavailable`: its sender did not send it to this
 * device. `protocol`: what apps tell each other. `unknown`: newer than this version; `raw()` has it.
 */
export type MessageType =
  | 'text' | 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker' | 'contact' | 'location' | 'poll' | 'event'
  | 'edit' | 'revoke' | 'reaction' | 'vote' | 'event-response' | 'comment' | 'pin' | 'keep' | 'ephemeral'
  | 'protocol' | 'undecryptable' | 'unavailable' | 'unknown'

/** Names one message; a {@link Message} does so too. */
export interface MessageKey {
  id: string
  /** A JID; in what is sent also a number. */
  chat: string
  fromMe: boolean
  /** Its author; needed for others' messages in groups. */
  sender?: string | Sender
}

export interface Poll {
  /** 1 to 255 characters. */
  question: string
  /** 2 to 12, each different and of 1 to 100 characters. */
  options: string[]
  /** Whether more than one may be chosen. Default `false`. */
  multiple?: boolean
}

/** A message, the same on every path. */
export interface Message {
  id: string
  /** Canonical JID of the conversation: the phone number where it is known, else the LID. */
  chat: string
  sender: Sender
  fromMe: boolean
  source: 'live' | 'offline' | 'echo' | 'own-device' | 'history'
  /** Milliseconds since the epoch, by the server's clock. */
  timestamp: number
  type: MessageType
  /** The text, or the caption; of an `edit` the new one. */
  text?: string
  quoted?: { id: string; sender?: string; text?: string }
  mentions: string[]
  /** The message that this one edits, revokes, reacts to, votes in, answers, comments on, pins or keeps. */
  target?: MessageKey & { sender: string }
  /** `reaction`: empty when it is taken back; absent when it is encrypted and its target is not known here. */
  emoji?: string
  poll?: Required<Poll>
  /** `vote`: all options that the voter chooses now, none to withdraw; absent when the poll is not known here. */
  vote?: string[]
  /** `startsAt` and `endsAt` are milliseconds since the epoch. */
  event?: { name: string; description?: string; startsAt?: number; endsAt?: number; canceled: boolean }
  /** `event-response`; absent when the event is not known here. */
  attendance?: { answer: 'going' | 'not-going' | 'maybe'; guests: number }
  /** `pin`: `false` when it is taken down. */
  pinned?: boolean
  /** `keep`: `false` when it is no longer kept. */
  kept?: boolean
  /** Seconds: of a `pin` how long, of an `ephemeral` the chat's new timer (0 for off), else until the message disappears. */
  expiresIn?: number
  /** Meant to be looked at once. */
  viewOnce?: true
  /** Passed on from elsewhere, so many times as far as it says. */
  forwarded?: number
  /** What stands in its stanza beside the content and is not the engine's own, at most 64 KB; contents are bytes. */
  nodes?: MessageNode[]
  /** Given again: the program did not take it before the last end of the process, or a handler threw on it. */
  redelivered: boolean
  /** The Message protobuf as received, byte for byte, unknown fields included. */
  raw(): Uint8Array
}

/** How far the delivery is of what waited at the service while the session was away. */
export interface OfflineEvent {
  /** Stanzas that the service announced: messages, receipts, notifications. */
  total: number
  /** How many of them have come, and are stored. */
  received: number
  /** Told once per login, also when nothing waited. */
  done: boolean
}

export interface ConnectOptions {
  /**
   * Takes the session from whoever has it open, as in a deployment that overlaps: they finish what they work on, free it,
   * and end with `SESSION_TAKEN_OVER`. Default `false`: `SESSION_HELD`.
   */
  takeOver?: boolean
  /**
   * Milliseconds for which `takeOver` waits for them; then `SESSION_HELD`. Default 30,000: within half of it the lease of a
   * process that no longer answers has expired.
   */
  timeout?: number
}

export interface HandlerOptions {
  /**
   * How often a message comes again on which the handler threw, before it is let go with `HANDLER_FAILED`; default 3. Over
   * all runs of the program, and with those that died, it is let go when it came again so often, but at least ten times.
   */
  retries?: number
  /** Milliseconds before the first of these; each further pause is twice as long, at most a minute. Default 1,000. */
  backoff?: number
  /** Chats whose messages are worked on at once. Default 16. */
  concurrency?: number
}

export interface Receipt {
  /** Ids of the messages that it is about. */
  ids: string[]
  chat: string
  /** Who got, read or played them; for `sent` the chat. */
  recipient: { jid: string; pn?: string; lid?: string; device: number }
  /** `failed`: it will not be sent any more; the call that sent it, or the event `error`, says why. */
  status: 'sent' | 'delivered' | 'read' | 'played' | 'failed'
  /** `failed`: the number with which the server refused it, if it did. */
  error?: number
  timestamp: number
}

export interface Sent {
  id: string
  /** The server's time, milliseconds since the epoch. */
  timestamp: number
}

export interface SendOptions {
  /** For an idempotent retry: the id of the first attempt. */
  id?: string
  /** Milliseconds until `SEND_UNCONFIRMED`. Default: `sendTimeout`. */
  timeout?: number
  signal?: AbortSignal
  /** Seconds until a text, a poll or what is forwarded disappears; as the chat's timer says. */
  expiresIn?: number
  /** Who sees a status post: 1 to 1,024 people, by number or JID. For `status@broadcast`, and needed there. */
  recipients?: string[]
}

export interface TextContent {
  /** 1 to 65,536 characters. */
  text: string
  /** Up to 1,024 people, by number or JID. Apps highlight an `@573005550100` in the text for each. */
  mentions?: string[]
  /** The message that it answers. Of a `Message` the quote shows the content, of a key nothing but the answer's link. */
  quote?: Message | (MessageKey & { text?: string })
  /** To be looked at once. */
  viewOnce?: boolean
}

/** What can be sent. Everything about an earlier message goes to that message's chat. */
export type Content =
  | TextContent
  | { poll: Poll; quote?: TextContent['quote'] }
  /** Names of options; none withdraws the vote. Of a poll that the session no longer knows, give the `Message`. */
  | { vote: Message | MessageKey; options: string[] }
  /** `''` takes the reaction back. */
  | { react: Message | MessageKey; emoji: string }
  /** Own texts, within 20 minutes. */
  | { edit: Message | MessageKey; text: string; mentions?: string[] }
  /** For everyone: own messages, and as an admin of a group others'. */
  | { delete: Message | MessageKey }
  | { pin: Message | MessageKey; days: 1 | 7 | 30 }
  | { unpin: Message | MessageKey }
  /** Keeps a disappearing message. */
  | { keep: Message | MessageKey }
  | { unkeep: Message | MessageKey }
  /** Timer of a one-to-one chat in seconds; apps offer 86,400, 604,800 and 7,776,000. 0 is off. */
  | { ephemeral: number }
  /** Passes on what a person wrote; nothing is uploaded anew. */
  | { forward: Message }
  | RawContent

/** Any `Message` protobuf. The attributes of its stanza follow from it. */
export interface RawContent {
  raw: Uint8Array
  /** Further children of the stanza. */
  nodes?: MessageNode[]
  /** Further attributes of the stanza. */
  attrs?: Record<string, string>
}

export interface MessageNode {
  tag: string
  attrs?: Record<string, string>
  content?: MessageNode[] | string | Uint8Array
}

export interface Stats {
  session: string
  state: State
  /** Messages and receipts committed but not yet taken by JavaScript. */
  inboxDepth: number
  /** Messages sent but not yet acknowledged by the server. */
  outboxDepth: number
  /** Everything that the session holds in memory beyond its keys: how many entries, and how many at most. */
  caches: Record<string, { size: number; cap: number }>
  received: number
  sent: number
  undecryptable: number
  reconnects: number
}

export interface ClientEvents {
  qr: [QrCode]
  connection: [ConnectionEvent]
  message: [Message]
  receipt: [Receipt]
  offline: [OfflineEvent]
  identity: [IdentityChange]
  /** Something went wrong that no call waits for. Without a listener it is only logged. */
  error: [ChasquiError]
}

export class WhatsAppClient {
  /** @throws ChasquiError INVALID_OPTION; STORE_FAILED when there is no such folder */
  constructor(options: ClientOptions)
  readonly state: State
  /** `undefined` until paired. */
  readonly user: User | undefined
  /**
   * Opens the session and connects. Resolves when the connection is open or a QR code waits to be scanned.
   * @throws ChasquiError SESSION_HELD, ALREADY_CONNECTED, INVALID_OPTION, and what ended the attempt
   */
  connect(options?: ConnectOptions): Promise<{ state: 'open' | 'qr' }>
  /** Resolves once paired and logged in; rejects when that can no longer happen. */
  opened(): Promise<void>
  /**
   * Pairs by a code instead of the QR code: while the state is `qr`, resolves with 8 characters that are typed into the
   * phone with this number (Linked devices, Link with phone number). The state is `code` then, for up to 3 minutes.
   * @param phone international number
   * @param options.code 8 characters of 1 to 9 and A to Z without I, O and U. Default: random ones.
   * @throws ChasquiError NOT_CONNECTED, ALREADY_PAIRED, INVALID_RECIPIENT, INVALID_OPTION, REQUEST_FAILED, TIMEOUT
   */
  requestPairingCode(phone: string, options?: { code?: string }): Promise<string>
  /** Resolves when the server has the message. */
  send(to: string | Message, content: Content, options?: SendOptions): Promise<Sent>
  /** Sends them in this order. Rejects with the first error, after the others have been sent. */
  sendMany(to: string | Message, contents: Content[], options?: Omit<SendOptions, 'id'>): Promise<Sent[]>
  /** `''` takes the reaction back. */
  react(message: Message | MessageKey, emoji: string, options?: SendOptions): Promise<Sent>
  edit(message: Message | MessageKey, content: { text: string; mentions?: string[] }, options?: SendOptions): Promise<Sent>
  /** For everyone. */
  delete(message: Message | MessageKey, options?: SendOptions): Promise<Sent>
  /** @param duration Default: 7 days. */
  pin(message: Message | MessageKey, duration?: { days: 1 | 7 | 30 }, options?: SendOptions): Promise<Sent>
  unpin(message: Message | MessageKey, options?: SendOptions): Promise<Sent>
  /** Replaces an earlier vote; no options withdraw it. */
  vote(poll: Message | MessageKey, options: string[], sendOptions?: SendOptions): Promise<Sent>
  forward(to: string | Message, message: Message, options?: SendOptions): Promise<Sent>
  /** Sends a `Message` protobuf as it is. */
  relay(to: string | Message, bytes: Uint8Array, options?: SendOptions & Omit<RawContent, 'raw'>): Promise<Sent>
  /** Keeps the session. Resolves when everything is durable and the lease is free. */
  disconnect(): Promise<void>
  /** Unlinks the device and wipes the session. */
  logout(): Promise<void>
  /**
   * Both addresses of somebody, by number, JID or message: from what is known, else from the server.
   * @throws ChasquiError NOT_ON_WHATSAPP, INVALID_RECIPIENT, NOT_CONNECTED
   */
  resolve(who: string | Message): Promise<Person>
  /** Marks messages as read. */
  read(messages: Message | Message[]): Promise<void>
  stats(): Stats
  /**
   * At-least-once: a message is confirmed when the handler has returned (or what it returned has resolved). What it had not
   * finished when the process ended comes again, marked `redelivered`; so does what it threw on; neither for ever (see
   * `retries`). Messages of one chat are handed out one after the other, different chats side by side. With several
   * handlers all have to return. Register before `connect()`. Gives the function that unregisters.
   * @throws ChasquiError INVALID_OPTION
   */
  onMessage(handler: (message: Message) => unknown, options?: HandlerOptions): () => void
  on<E extends keyof ClientEvents>(event: E, listener: (...args: ClientEvents[E]) => void): this
  once<E extends keyof ClientEvents>(event: E, listener: (...args: ClientEvents[E]) => void): this
  off<E extends keyof ClientEvents>(event: E, listener: (...args: ClientEvents[E]) => void): this
  [Symbol.asyncDispose](): Promise<void>
}

/** The list with explanations: docs/errors.md. */
// error codes: made from crates/chasqui-error
export type ErrorCode =
  | 'INVALID_OPTION'
  | 'INVALID_RECIPIENT'
  | 'INVALID_CONTENT'
  | 'INVALID_QR'
  | 'QR_EXPIRED'
  | 'NOT_ON_WHATSAPP'
  | 'NOT_IN_GROUP'
  | 'BLOCKED'
  | 'RECIPIENT_LIMIT'
  | 'NOT_CONNECTED'
  | 'ALREADY_CONNECTED'
  | 'ALREADY_PAIRED'
  | 'DISCONNECTED'
  | 'SEND_UNCONFIRMED'
  | 'SEND_REJECTED'
  | 'NOT_ALLOWED'
  | 'CHAT_RESTRICTED'
  | 'RATE_LIMITED'
  | 'QUEUE_FULL'
  | 'ABORTED'
  | 'TIMEOUT'
  | 'REQUEST_FAILED'
  | 'PAIRING_FAILED'
  | 'PAIRING_TIMEOUT'
  | 'PASSKEY_UNSUPPORTED'
  | 'LOGGED_OUT'
  | 'REPLACED'
  | 'BANNED'
  | 'TEMPORARILY_BANNED'
  | 'CLIENT_OUTDATED'
  | 'CONNECTION_FAILED'
  | 'CONNECTION_LOST'
  | 'PROXY_FAILED'
  | 'SERVER_NOT_TRUSTED'
  | 'PROTOCOL_ERROR'
  | 'INBOX_FULL'
  | 'SESSION_HELD'
  | 'SESSION_TAKEN_OVER'
  | 'LEASE_LOST'
  | 'STORE_CORRUPT'
  | 'STORE_FAILED'
  | 'WRONG_KEY'
  | 'HANDLER_FAILED'
  | 'UNSUPPORTED_FOLDER'
  | 'PORT_IN_USE'
  | 'EMULATOR_FAILED'
  | 'NOT_IMPLEMENTED'
  | 'INTERNAL'
// end of error codes

/** Known by its `code`, not by `instanceof`: a program may load the module twice. */
export class ChasquiError extends Error {
  readonly code: ErrorCode
  readonly data: Record<string, unknown>
}

export const version: string

export interface LatestVersionOptions {
  /** Milliseconds. Default 10,000. */
  timeout?: number
  /** Given instead of an error. */
  fallback?: Version
  /** Where the service tells it. Default: `https://web.whatsapp.com/sw.js`. */
  url?: string
  /** Instead of the global one, as for a proxy. */
  fetch?: typeof fetch
}

/**
 * The version of the web client that the service gives out now.
 * @throws ChasquiError TIMEOUT, REQUEST_FAILED, unless there is a `fallback`
 */
export function fetchLatestVersion(options?: LatestVersionOptions): Promise<Version>
