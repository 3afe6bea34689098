/** The shapes of Baileys 7 that this door gives and takes. */

import type { Boom } from '@hapi/boom'

import type { Endpoint, Logger } from '../../index.js'
import type { EventResponse, PollUpdate, Reaction, UserReceipt } from './polls.js'

/** A 64-bit number as protobufjs gives it. */
export interface Long {
  low: number
  high: number
  unsigned: boolean
  toNumber(): number
  toString(): string
}

export interface ContextInfo {
  stanzaId?: string | null
  participant?: string | null
  quotedMessage?: WAMessageContent | null
  mentionedJid?: string[] | null
  [field: string]: unknown
}

/** `proto.IMessage`. The text fields are typed; the others are there too, as protobufjs gives them. */
export interface WAMessageContent {
  conversation?: string | null
  extendedTextMessage?: { text?: string | null; contextInfo?: ContextInfo | null; [field: string]: unknown } | null
  [field: string]: unknown
}
export type WAContextInfo = ContextInfo

export interface MessageKey {
  remoteJid?: string | null | undefined
  fromMe?: boolean | null | undefined
  id?: string | null | undefined
  participant?: string | null | undefined
}

export interface WAMessageKey extends MessageKey {
  /** The other form, phone number or LID, of `remoteJid`. */
  remoteJidAlt?: string | undefined
  participantAlt?: string | undefined
  remoteJidUsername?: string | undefined
  participantUsername?: string | undefined
  addressingMode?: string | undefined
  server_id?: string | undefined
  isViewOnce?: boolean | undefined
}

export interface WAMessage {
  key: WAMessageKey
  message?: WAMessageContent | null | undefined
  /** Seconds. */
  messageTimestamp?: number | Long | null | undefined
  status?: number | null | undefined
  participant?: string | null | undefined
  pushName?: string | null | undefined
  broadcast?: boolean | null | undefined
  category?: string | undefined
  messageStubType?: number | null | undefined
  messageStubParameters?: string[] | undefined
  userReceipt?: UserReceipt[] | null
  reactions?: Reaction[] | null
  pollUpdates?: PollUpdate[] | null
  eventResponses?: EventResponse[] | null
}

/** A protobuf message class. */
export interface ProtoClass<T> {
  new (properties?: Partial<T>): T
  create(properties?: Partial<T>): T
  encode(message: Partial<T>): { finish(): Uint8Array }
  decode(bytes: Uint8Array): T
  fromObject(object: object): T
  toObject(message: T, options?: object): { [field: string]: unknown }
}

/** Everything that the schema declares: classes, their nested classes, and enums (name to number and back). */
export interface ProtoRoot {
  Message: ProtoClass<WAMessageContent> & { ExtendedTextMessage: ProtoClass<object>; [name: string]: unknown }
  MessageKey: ProtoClass<MessageKey>
  WebMessageInfo: ProtoClass<WAMessage> & {
    Status: { [name in 'ERROR' | 'PENDING' | 'SERVER_ACK' | 'DELIVERY_ACK' | 'READ' | 'PLAYED']: number }
    StubType: { [name: string]: number }
  }
  [name: string]: unknown
}

export type WAVersion = [number, number, number]
export type WABrowserDescription = [os: string, name: string, version: string]

export interface Contact {
  /** JID; of the session's own user with device. */
  id: string
  lid?: string | undefined
  phoneNumber?: string | undefined
  name?: string | undefined
  notify?: string | undefined
  verifiedName?: string | undefined
}

export interface AuthenticationCreds {
  me?: Contact
  registered: boolean
  [field: string]: unknown
}

export interface SignalKeyStore {
  get(type: string, ids: string[]): Promise<{ [id: string]: unknown }>
  set(data: { [type: string]: { [id: string]: unknown } }): Promise<void>
}

export interface AuthenticationState {
  creds: AuthenticationCreds
  keys: SignalKeyStore
}

export interface UserFacingSocketConfig {
  /** From `useMultiFileAuthState`; other stores come later. */
  auth: AuthenticationState
  /** An emulator's `endpoint` fits too. Default: `CHASQUI_ENDPOINT` of the environment, else the real service. */
  waWebSocketUrl?: string | URL | Endpoint | undefined
  /** Chasqui's own name for the same. */
  endpoint?: Endpoint | string | undefined
  version?: WAVersion | undefined
  browser?: WABrowserDescription | undefined
  logger?: (Logger & { level?: string }) | undefined
  pushName?: string | undefined
  countryCode?: string | undefined
  connectTimeoutMs?: number | undefined
  /** Whether messages sent by this socket come as `messages.upsert` too. Default `true`. */
  emitOwnEvents?: boolean | undefined
  markOnlineOnConnect?: boolean | undefined
  shouldIgnoreJid?: ((jid: string) => boolean | undefined) | undefined
  /** Baileys' other options are accepted; they have no effect here. */
  [option: string]: unknown
}
export type SocketConfig = UserFacingSocketConfig

export type WAConnectionState = 'open' | 'connecting' | 'close'

export interface ConnectionState {
  connection: WAConnectionState
  lastDisconnect?: { error: Boom | Error | undefined; date: Date } | undefined
  isNewLogin?: boolean | undefined
  qr?: string | undefined
  receivedPendingNotifications?: boolean | undefined
  isOnline?: boolean | undefined
}

export type MessageUpsertType = 'append' | 'notify'
export interface WAMessageUpdate {
  key: WAMessageKey
  update: Partial<WAMessage>
}
export interface MessageUserReceiptUpdate {
  key: WAMessageKey
  receipt: { userJid: string; receiptTimestamp?: number; readTimestamp?: number }
}
export interface ChatUpdate {
  id: string
  conversationTimestamp?: number
  unreadCount?: number
  messages?: { message: WAMessage }[]
}

/** The events that are emitted. Listening to any other of Baileys' events is allowed. */
export interface BaileysEventMap {
  'connection.update': Partial<ConnectionState>
  'creds.update': Partial<AuthenticationCreds>
  'chats.update': ChatUpdate[]
  'contacts.update': Partial<Contact>[]
  'messages.upsert': { messages: WAMessage[]; type: MessageUpsertType; requestId?: string }
  'messages.update': WAMessageUpdate[]
  'message-receipt.update': MessageUserReceiptUpdate[]
}
export type BaileysEvent = keyof BaileysEventMap

/** As `addListener` and its like, for the events above with their types and for the others without. */
export interface Subscribe {
  <E extends BaileysEvent>(event: E, listener: (arg: BaileysEventMap[E]) => void): void
  (event: string, listener: (arg: never) => void): void
}

export interface BaileysEventEmitter {
  on: Subscribe
  once: Subscribe
  off: Subscribe
  removeAllListeners(event?: string): void
  emit<E extends BaileysEvent>(event: E, arg: BaileysEventMap[E]): boolean
  emit(event: string, arg: unknown): boolean
  /** Several events at once; returns how to unsubscribe. */
  process(handler: (events: Partial<BaileysEventMap>) => void | Promise<void>): () => void
  buffer(): void
  flush(): boolean
  isBuffering(): boolean
  createBufferedFunction<A extends unknown[], T>(work: (...args: A) => Promise<T>): (...args: A) => Promise<T>
  destroy(): void
}

export interface AnyMessageContent {
  text: string
  linkPreview?: null
}
export interface MiscMessageGenerationOptions {
  messageId?: string
}

export interface WASocket {
  type: 'md'
  ev: BaileysEventEmitter
  authState: AuthenticationState
  user?: Contact
  logger: Logger & { level?: string }
  /** Resolves once the server has the message. */
  sendMessage(jid: string, content: AnyMessageContent, options?: MiscMessageGenerationOptions): Promise<WAMessage | undefined>
  readMessages(keys: WAMessageKey[]): Promise<void>
  logout(message?: string): Promise<void>
  end(error?: Error): Promise<void>
  waitForConnectionUpdate(
    check: (update: Partial<ConnectionState>) => boolean | undefined | Promise<boolean | undefined>,
    timeoutMs?: number,
  ): Promise<void>
  ws: {
    readonly isOpen: boolean
    readonly isClosed: boolean
    readonly isClosing: boolean
    readonly isConnecting: boolean
    close(): Promise<void>
    [member: string]: unknown
  }
  /** Baileys' other methods; each rejects with `NOT_IMPLEMENTED` and its name. */
  [member: string]: unknown
}

export interface FullJid {
  user: string
  server: string
  device?: number
  domainType?: number
}
