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
  /** Client version, for when the service calls the default one outdated. */
  version?: [number, number, number]
  /** Two-letter country code. Default `US`. */
  country?: string
  /** `false`: do not reconnect; `connection` then says `willRetry: false`. Default `true`. */
  reconnect?: boolean
  /** Milliseconds that `send` waits for the server's acknowledgement. Default 60,000. */
  sendTimeout?: number
  /** Milliseconds that connecting and each request may take. Default 20,000. */
  connectTimeout?: number
}

export type State = 'closed' | 'connecting' | 'qr' | 'open' | 'reconnecting'

/** Who the session is, once paired. */
export interface User {
  /** Phone-number JID without device. */
  jid: string
  lid?: string
  device: number
  name?: string
}

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

export type MessageType =
  | 'text' | 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker' | 'contact' | 'location'
  | 'poll' | 'reaction' | 'protocol' | 'undecryptable' | 'unknown'

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
  text?: string
  quoted?: { id: string; sender?: string; text?: string }
  mentions: string[]
  /** Given again after a restart, since the program did not take it the first time. */
  redelivered: boolean
  /** The Message protobuf as received, byte for byte, unknown fields included. */
  raw(): Uint8Array
}

export interface Receipt {
  /** Ids of the messages that it is about. */
  ids: string[]
  chat: string
  /** Who got, read or played them; for `sent` the chat. */
  recipient: { jid: string; pn?: string; lid?: string; device: number }
  status: 'sent' | 'delivered' | 'read' | 'played'
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
}

export interface TextContent {
  /** 1 to 65,536 characters. */
  text: string
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
  /** Something went wrong that no call waits for. Without a listener it is only logged. */
  error: [ChasquiError]
}

export class WhatsAppClient {
  /** @throws ChasquiError INVALID_OPTION; STORE_FAILED when there is no such folder */
  constructor(options: ClientOptions)
  readonly state: State
  /** `undefined` until paired. */
  readonly user: User | undefined
  /** Opens the session and connects. Resolves when the connection is open or a QR code waits to be scanned. */
  connect(): Promise<{ state: 'open' | 'qr' }>
  /** Resolves once paired and logged in; rejects when that can no longer happen. */
  opened(): Promise<void>
  send(to: string | Message, content: TextContent, options?: SendOptions): Promise<Sent>
  /** Keeps the session. Resolves when everything is durable and the lease is free. */
  disconnect(): Promise<void>
  /** Unlinks the device and wipes the session. */
  logout(): Promise<void>
  /** Marks messages as read. */
  read(messages: Message | Message[]): Promise<void>
  stats(): Stats
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
  | 'NOT_CONNECTED'
  | 'ALREADY_CONNECTED'
  | 'DISCONNECTED'
  | 'SEND_UNCONFIRMED'
  | 'SEND_REJECTED'
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
  | 'SERVER_NOT_TRUSTED'
  | 'PROTOCOL_ERROR'
  | 'INBOX_FULL'
  | 'SESSION_HELD'
  | 'LEASE_LOST'
  | 'STORE_CORRUPT'
  | 'STORE_FAILED'
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
