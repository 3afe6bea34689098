/**
 * Chasqui: the WhatsApp engine for Node.js.
 *
 * This file is the public contract. Everything here is reviewed by hand.
 */

import type { Readable } from 'node:stream'

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
  /**
   * How much of the past the phone is asked for, and `history` tells. `recent`: what every device gets, some months. `full`:
   * a year, which may be hundreds of megabytes; it is asked for at pairing, and cannot be later. `false`: nothing, except
   * what {@link WhatsAppClient.fetchHistory} asks for. Default `recent`.
   */
  history?: 'full' | 'recent' | false
  /** Two-letter country code. Default `US`. */
  country?: string
  /**
   * `false`: do not reconnect; `connection` then says `willRetry: false`. A function decides each time, within 10 seconds: it
   * gives the pause before the next attempt in milliseconds, `false` to stop, `true` or `undefined` for what is proposed.
   * Default `true`.
   */
  reconnect?: boolean | ((end: ConnectionEnd) => ReconnectAnswer | Promise<ReconnectAnswer>)
  /**
   * The ffmpeg that looks into audio and video, and makes voice notes: a path, or a name on the PATH; `false`: none.
   * Default `'ffmpeg'`, which may be missing.
   */
  ffmpeg?: string | boolean
  /** Lets URLs of files lead into private networks: only for URLs that are the program's own. Default `false`. */
  allowPrivateUrls?: boolean
  /**
   * Milliseconds, up to 30 days, for which what was sent is kept in the store, so that a device that cannot read it gets it
   * again; at most the last 65,536 messages. Default 86,400,000: a day.
   */
  keepSent?: number
  /**
   * Keeps chats, messages and people in the store, to be asked for by {@link WhatsAppClient.archive}: what is received and
   * sent from here on, in the transactions of the session itself. Needs `sqlite:`; not together with `encryptionKey`, since
   * what is searched is not sealed. `maxAge`: milliseconds after which a message goes; `maxPerChat`: how many stay in a chat.
   * Default `false`: nothing of it is kept.
   */
  archive?: boolean | { maxAge?: number; maxPerChat?: number }
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

/** The end of a chat, by which the other devices see whether a change still applies to what they know of it. */
export interface ChatExtent {
  /** Milliseconds since the epoch. Default: that of the last of `lastMessages`. */
  lastMessageTimestamp?: number
  /** Oldest first; a {@link Message} will do. */
  lastMessages?: { id: string; fromMe: boolean; sender?: string | Sender; timestamp: number }[]
}

/** Names a message in a change; a {@link Message} does so too. */
export interface ChangedMessage {
  /** A JID; in what is changed also a number. */
  chat: string
  id: string
  fromMe: boolean
  /** Its author; needed for others' messages in groups. */
  sender?: string | Sender
}

/** What `change()` makes, and the event `change` tells. Chats and people are JIDs, or numbers in what is made. */
export type Change =
  | ({ type: 'archive'; chat: string; archived: boolean } & ChatExtent)
  | { type: 'pin'; chat: string; pinned: boolean }
  /** `until`: milliseconds since the epoch; for ever without it. */
  | { type: 'mute'; chat: string; muted: boolean; until?: number }
  | ({ type: 'markRead'; chat: string; read: boolean } & ChatExtent)
  | { type: 'lock'; chat: string; locked: boolean }
  | ({ type: 'clear'; chat: string; deleteStarred?: boolean; deleteMedia?: boolean } & ChatExtent)
  | ({ type: 'deleteChat'; chat: string; deleteMedia?: boolean } & ChatExtent)
  | ({ type: 'star'; starred: boolean } & ChangedMessage)
  /** On the own devices. `messageTimestamp`: when it was sent, milliseconds since the epoch. */
  | ({ type: 'deleteForMe'; messageTimestamp?: number; deleteMedia?: boolean } & ChangedMessage)
  /** `jid` is a phone number's; a LID only for a person whose number is not known. */
  | {
      type: 'contact'
      jid: string
      lid?: string
      name?: string
      firstName?: string
      username?: string
      /** Whether it is to be in the phone's own address book. */
      saveOnPhone?: boolean
      removed?: boolean
    }
  /** The own name. */
  | { type: 'pushName'; name: string }
  /** The language of the phone, such as `pt_BR`. */
  | { type: 'locale'; locale: string }
  /** All of them, every time. */
  | { type: 'favorites'; chats: string[] }
  | { type: 'label'; id: string; name?: string; color?: number; predefinedId?: number; order?: number; deleted?: boolean }
  /** With `messageId` the label of a message, else of the chat. */
  | { type: 'labelAssociation'; labelId: string; chat: string; messageId?: string; labeled: boolean }
  | { type: 'labelOrder'; ids: number[] }
  /** Without `id` a new one. */
  | {
      type: 'quickReply'
      id?: string
      shortcut?: string
      message?: string
      count?: number
      keywords?: string[]
      deleted?: boolean
    }
  | { type: 'note'; id: string; chat: string; text?: string; deleted?: boolean }
  /** Whether archived chats come back with new messages. */
  | { type: 'unarchiveChats'; enabled: boolean }
  | { type: 'linkPreviews'; enabled: boolean }
  /** Whether calls go through the service, which hides the own address. */
  | { type: 'relayCalls'; enabled: boolean }
  | { type: 'channelRecommendations'; enabled: boolean }
  | { type: 'timeFormat'; twentyFourHours: boolean }
  /** Whether somebody's status updates are hidden. */
  | { type: 'muteStatus'; jid: string; muted: boolean }
  | {
      type: 'statusPrivacy'
      audience: 'allow-list' | 'deny-list' | 'contacts' | 'close-friends' | 'custom-list'
      jids?: string[]
    }

/** What only the phone or the service changes. */
export type ToldChange =
  | { type: 'phoneVersion'; version: string }
  | { type: 'lidMapping'; lid: string; pn: string }
  | {
      type: 'call'
      id: string
      creator: string
      fromMe: boolean
      result?:
        | 'connected' | 'rejected' | 'cancelled' | 'accepted-elsewhere' | 'missed' | 'invalid' | 'unavailable'
        | 'upcoming' | 'failed' | 'abandoned' | 'ongoing'
      video: boolean
      /** Milliseconds since the epoch. */
      started?: number
      /** Milliseconds. */
      duration?: number
      group?: string
      participants?: string[]
    }
  | { type: 'agent'; id: string; name: string; device?: number; deleted: boolean }
  | { type: 'agentChat'; chat: string; agent?: string }
  /** An action that has no form of its own here. `value`: the `SyncActionValue` protobuf in base64. */
  | { type: 'other'; action: string; index: string[]; value: string; version: number; removed?: boolean }
  /** The same of an action that this version does not know, or not so; `index` is a text with JSON. */
  | { type: 'unknown'; index: string; value: string; version: number; removed?: boolean }

export interface ChangeEvent {
  collection: 'critical_block' | 'critical_unblock_low' | 'regular_high' | 'regular_low' | 'regular'
  /**
   * `patch`: another device of the account, the phone for instance, has made them. `snapshot`: the settings were read as a
   * whole, after pairing or a repair; what is different from what was told before. `echo`: `change()` has made them.
   */
  source: 'snapshot' | 'patch' | 'echo'
  /** In the order in which they were made; `timestamp` is when, milliseconds since the epoch by the clock of who made it. */
  changes: ((Change | ToldChange) & { timestamp: number })[]
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
 * device. `protocol`: what apps tell each other. `system`: what the phone noted in a chat; only in history. `unknown`: newer
 * than this version; `raw()` has it.
 */
export type MessageType =
  | 'text' | 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker' | 'album' | 'contact' | 'location' | 'poll'
  | 'invitation'
  | 'event' | 'edit' | 'revoke' | 'reaction' | 'vote' | 'event-response' | 'comment' | 'pin' | 'keep' | 'ephemeral'
  | 'protocol' | 'system' | 'undecryptable' | 'unavailable' | 'unknown'

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
  /** `startsAt` and `endsAt` are milliseconds since the epoch; `guests`: who comes may bring others. */
  event?: {
    name: string
    description?: string
    startsAt?: number
    endsAt?: number
    place?: Place
    link?: string
    guests?: true
    canceled: boolean
  }
  /** `event-response`; absent when the event is not known here. */
  attendance?: { answer: 'going' | 'not-going' | 'maybe'; guests: number }
  /** What has a file; `download()` fetches it. */
  media?: Media
  /** What its sender shows of a link in the text; `download()` fetches a `large` picture. */
  linkPreview?: { url: string; title?: string; description?: string; thumbnail?: string; large?: true }
  /** `album`: how many files follow, each a message of its own. */
  album?: { images: number; videos: number }
  /** The id of the album that an image or a video is a part of. */
  albumId?: string
  /** `contact`. */
  contacts?: { name: string; vcard: string }[]
  /** `location`; a `live` one is where its sender is now: the place with the highest `sequence` counts. */
  location?: Place & { live?: true; sequence?: number; offset?: number }
  /** `invitation` to a group, which `client.groups.acceptInvitation()` takes. */
  invitation?: GroupInvite & { subject?: string }
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
  /** In a channel: the number that the service gave it, by which reactions and views name it. */
  serverId?: number
  /** What stands in its stanza beside the content and is not the engine's own, at most 64 KB; contents are bytes. */
  nodes?: MessageNode[]
  /** Given again: the program did not take it before the last end of the process, or a handler threw on it. */
  redelivered: boolean
  /** The Message protobuf as received, byte for byte, unknown fields included. */
  raw(): Uint8Array
}

/** A file, as far as its message tells: its sender may have written anything here. */
export interface Media {
  mimetype: string
  /** Bytes. */
  size?: number
  /** Of a document. */
  fileName?: string
  /** Pixels. */
  width?: number
  height?: number
  /** How long it plays. */
  seconds?: number
  /** Pages of a document. */
  pageCount?: number
  /** SHA-256 of the file, in base64. */
  sha256?: string
  /** A small JPEG, in base64. */
  thumbnail?: string
  /** Of a voice note: up to 64 loudnesses from 0 to 100. */
  waveform?: number[]
  /** A video that plays as a GIF. */
  gif?: true
  /** A video note. */
  note?: true
  /** An animated sticker. */
  animated?: true
}

/** Degrees; what is there, where that is, and more about it. */
export interface Place {
  latitude: number
  longitude: number
  name?: string
  address?: string
  url?: string
  /** Metres. */
  accuracy?: number
  /** Metres per second. */
  speed?: number
  /** Degrees clockwise from north, 0 to 359. */
  heading?: number
}

/** Where the sender is now. Further ones tell where it goes. */
export interface LivePlace extends Place {
  live: true
  caption?: string
  /** Higher with each further one. Default: the time in milliseconds. */
  sequence?: number
  /** Seconds since the first one. */
  offset?: number
}

/** Something to come together for. Times are Dates or milliseconds since the epoch. */
export interface Occasion {
  /** 1 to 100 characters. */
  name: string
  startsAt: number | Date
  endsAt?: number | Date
  /** Up to 2,048 characters. */
  description?: string
  place?: Place
  /** A call by which people join. */
  link?: string
  /** Whether who comes may bring others. Default `false`. */
  guests?: boolean
  canceled?: boolean
}

/** How the recipient sees a file: `gif` is a video that plays as one, `note` a video note, `voice` a voice note. */
export type FileKind = 'image' | 'video' | 'gif' | 'note' | 'audio' | 'voice' | 'document' | 'sticker'

/**
 * Where a file comes from: a path, a URL (`http:`, `https:`, `file:`; also as text), bytes, a Blob, a stream or whatever can be
 * iterated and gives bytes; or a file that was uploaded already.
 */
export type FileSource =
  | string
  | URL
  | Uint8Array
  | Blob
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>
  | UploadedFile

/** What recipients are told about a file. What is left out is found in the file where that is possible. */
export interface FileFacts {
  /** Default: what the file's first bytes look like. */
  mimetype?: string
  /** Of a document. Default: that of the path. */
  fileName?: string
  /** Pixels. */
  width?: number
  height?: number
  /** How long it plays. */
  seconds?: number
  pageCount?: number
  /** A small JPEG, at most 256 kB; it is in every copy of the message. */
  thumbnail?: Uint8Array
  /** Of a voice note: 64 loudnesses from 0 to 100. */
  waveform?: Uint8Array
  /** Whether a sticker is animated. */
  animated?: boolean
  /** `false`: uploads it anew, also when the same bytes were uploaded in the last three days. Default `true`. */
  reuse?: boolean
}

/** Bytes that are through, and in all where that is known. */
export interface Progress {
  bytes: number
  total?: number
}

export interface TransferOptions {
  signal?: AbortSignal | undefined
  /** Called at most ten times a second, and at the end. */
  onProgress?: ((progress: Progress) => void) | undefined
}

export interface UploadOptions extends FileFacts, TransferOptions {
  kind: FileKind
  /** For channels: the file is not encrypted, and only they take it. Default `false`. */
  channel?: boolean
}

export interface DownloadOptions extends TransferOptions {
  /** Most bytes to take. Default: 2 GiB. */
  limit?: number
  /**
   * A part of the file: from this byte up to the byte before `end`. Of audio and video with a sidecar each 64 KiB of it are
   * verified before any is given; **a part of other files cannot be verified**.
   */
  start?: number
  end?: number
}

/** Downloaded to a path. */
export interface SavedFile {
  path: string
  size: number
}

/** A file at the service; it can be sent as often as wanted, within some weeks. Keep it like a password: it has the key. */
export interface UploadedFile {
  readonly kind: FileKind
  readonly url: string
  readonly directPath: string
  readonly mediaKey: string
  readonly size: number
  readonly [fact: string]: unknown
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
  /** In a channel: the number that the service gave the message. */
  serverId?: number
}

/** `id` is that of the message which the album begins with. */
export interface SentAlbum extends Sent {
  /** In the order of the files. */
  parts: Sent[]
}

export interface SendOptions extends TransferOptions {
  /** For an idempotent retry: the id of the first attempt. */
  id?: string
  /** Milliseconds until `SEND_UNCONFIRMED`. Default: `sendTimeout`. */
  timeout?: number
  /** Seconds until a text, a poll, a file or what is forwarded disappears; as the chat's timer says. */
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
  /**
   * What is shown of the first link in the text. `true`: its page is fetched, which tells its host that it was, and takes up to
   * 10 seconds; where that fails the text is sent without. Default: none.
   */
  linkPreview?: boolean | LinkPreviewContent
}

/** What is shown of a link. */
export interface LinkPreviewContent {
  /** The link as it stands in the text. */
  url: string
  title?: string
  description?: string
  /** A small JPEG, at most 64 kB. Default: made of the `image`. */
  thumbnail?: Uint8Array
  /** A larger picture. It is uploaded; where that fails the text is sent without it. */
  image?: FileSource
}

/** What can be sent. Everything about an earlier message goes to that message's chat. */
export type Content =
  | TextContent
  | FileContent
  | { contact: ContactCard | ContactCard[]; quote?: TextContent['quote'] }
  | { location: Place | LivePlace; quote?: TextContent['quote'] }
  | AlbumContent
  | { event: Occasion; quote?: TextContent['quote'] }
  /** Replaces an earlier answer. Of an event that the session no longer knows, give the `Message`. */
  | { attend: Message | MessageKey; answer: 'going' | 'not-going' | 'maybe'; guests?: number }
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

/** One file with what belongs to it. Audio, voice notes, video notes and stickers have no caption. */
export type FileContent = FileFacts & { [Kind in FileKind]?: FileSource } & {
  caption?: string
  /** In the caption. */
  mentions?: string[]
  quote?: TextContent['quote']
  /** To be looked at, or listened to, once: images, videos and voice notes. */
  viewOnce?: boolean
}

/** 2 to 100 images and videos that apps show together; each is a message of its own. */
export interface AlbumContent {
  album: (FileFacts & { caption?: string; mentions?: string[]; viewOnce?: boolean } & ({ image: FileSource } | { video: FileSource }))[]
  /** Of the first file, unless that has one. */
  caption?: string
  mentions?: string[]
  quote?: TextContent['quote']
}

/** Somebody's card: with a number that has an account, or as a vCard (RFC 2426). */
export type ContactCard = { name: string; phone: string } | { name: string; vcard: string }

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

/** Which stanzas are meant: everything that is named has to be so. */
export interface NodePattern {
  tag?: string
  /** Attributes and their values. */
  attrs?: Record<string, string>
  /** The tag of one of its children. */
  child?: string
}

/** Of a call that asks the service. */
export interface CallOptions {
  /** Milliseconds. Without it each request has the time of `connectTimeout`. */
  timeout?: number | undefined
  signal?: AbortSignal | undefined
}

/** Somebody, by JID or number, or by an object with a JID: a {@link Person}, a {@link GroupParticipant}. */
export type Whoever = string | { jid: string }
export type WhoOrMany = Whoever | Whoever[]

export interface GroupParticipant extends Person {
  /** `superadmin`: who made the group. */
  role: 'member' | 'admin' | 'superadmin'
}

/** A group, or a community. Times are milliseconds since the epoch. */
export interface GroupMetadata {
  /** Ends with `@g.us`. */
  jid: string
  subject: string
  subjectAuthor?: Person
  subjectTimestamp?: number
  /** Who made it. */
  owner?: Person
  created?: number
  description?: { text: string; id: string; author?: Person; timestamp?: number }
  /** Whether only admins write. */
  announcement: boolean
  /** Whether only admins edit subject, description, picture and timer. */
  locked: boolean
  memberAddMode: 'all' | 'admins'
  /** Who gives the invite link away. */
  memberLinkMode: 'all' | 'admins'
  /** Who shares what was written before with those who come. */
  memberHistoryMode: 'all' | 'admins'
  /** Whether what is written is to stay in the group: official clients do not export it, save its files or give it to Meta AI. */
  limitSharing: boolean
  /** Whether members report messages to the admins. */
  adminReports: boolean
  /** Whether an admin has to agree to who joins. */
  joinApproval: boolean
  /** Seconds until messages disappear; 0 is never. */
  disappearing: number
  /** How its members are addressed: by LID or by phone number. */
  addressing: 'lid' | 'pn'
  /** Whether it is a community, and not a group. */
  community: boolean
  /** The community to which it belongs. */
  parent?: string
  /** Whether it is the group for announcements of its community, or the general chat. */
  announcements: boolean
  general: boolean
  /** How many people are in it. */
  size: number
  /** They; in what an invitation tells of a group they may be fewer than `size`, or none. */
  participants: GroupParticipant[]
}

/** What came of it for one of several groups. */
export interface GroupLookup {
  group: string
  ok: boolean
  metadata?: GroupMetadata
  /** Why not: NOT_IN_GROUP, NOT_FOUND, REQUEST_FAILED or PROTOCOL_ERROR, with the number of the service and a sentence. */
  code?: ErrorCode
  error?: number
  message?: string
}

/** The picture of one of several groups; absent where it has none. */
export interface GroupPicture {
  group: string
  ok: boolean
  picture?: Picture
  /** Why not: NOT_ALLOWED or REQUEST_FAILED, with the number of the service and a sentence. */
  code?: ErrorCode
  error?: number
  message?: string
}

/** A message that members have reported to the admins. */
export interface GroupReport {
  /** The message's. */
  id: string
  reporters: (Person & { /** Milliseconds since the epoch. */ timestamp?: number })[]
}

export interface GroupOptions {
  /** At most 2,048 characters. */
  description?: string
  announcement?: boolean
  locked?: boolean
  /** Seconds: 86,400, 604,800 or 7,776,000; 0 is never. */
  disappearing?: number
  memberAddMode?: 'all' | 'admins'
  memberLinkMode?: 'all' | 'admins'
  joinApproval?: boolean
}

/** What one person needs to come into a group. */
export interface GroupInvite {
  group: string
  code: string
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** The same, with who invites. */
export interface GroupInvitation extends GroupInvite {
  inviter: string | Person
}

/** What came of it for one person. */
export interface GroupResult extends Person {
  ok: boolean
  /** Why not: NOT_ALLOWED, NOT_FOUND or REQUEST_FAILED, with the number of the service; INVALID_RECIPIENT for what is no address; and a sentence. */
  code?: ErrorCode
  error?: number
  message?: string
  /** Of somebody who does not let others add him: what `sendInvite()` takes. */
  invitation?: GroupInvite
  /** Whether admins are asked to let the person in. */
  requested?: boolean
}

export interface CreatedGroup {
  group: GroupMetadata
  /** One for each person who was to be in it. */
  people: GroupResult[]
}

export interface JoinRequest extends Person {
  /** Milliseconds since the epoch. */
  timestamp?: number
  /** By the link, out of the community, or because a member who is no admin wanted to add the person. */
  method: 'link' | 'community' | 'member' | (string & {})
  /** Who asked, when it was somebody else. */
  requestor?: Person
}

export interface JoinedGroup {
  group: string
  /** Whether an admin has to agree first. */
  pending: boolean
}

/**
 * Groups. What is known of one is kept current by what the service tells, so that nothing is asked for before each message.
 * Every method takes `timeout` and `signal`; `group` is a JID, a message in the group, or its metadata.
 * @throws ChasquiError NOT_ALLOWED: no member, or no admin; NOT_FOUND; REQUEST_FAILED; RATE_LIMITED; INVALID_ARGUMENT,
 * INVALID_RECIPIENT; NOT_CONNECTED, TIMEOUT
 */
export interface Groups {
  /**
   * From what is known; from the service where that is nothing, or with `refresh`, or for more than 1,024 people.
   * @throws ChasquiError NOT_IN_GROUP, NOT_FOUND
   */
  metadata(group: string | Message | GroupMetadata, options?: CallOptions & { refresh?: boolean }): Promise<GroupMetadata>
  /** Of up to 1,000 groups, with a result for each: what is not known is asked for in one request. With `refresh` all are. */
  metadataOf(groups: (string | Message | GroupMetadata)[], options?: CallOptions & { refresh?: boolean }): Promise<GroupLookup[]>
  /** Where the pictures of up to 1,000 groups are, in one request: the large ones, or with `preview` the small ones. */
  pictures(groups: (string | Message | GroupMetadata)[], options?: CallOptions & { preview?: boolean }): Promise<GroupPicture[]>
  /** Reports a message to the admins of its group, where they allow that: `setAdminReports()`. */
  report(message: Message | { chat: string; id: string }, options?: CallOptions): Promise<void>
  /** What was reported; admins are told. */
  reports(group: string | Message | GroupMetadata, options?: CallOptions): Promise<GroupReport[]>
  /** Every group that the account is in; only those that are (`true`) or are not (`false`) communities. Asks the service. */
  list(options?: CallOptions & { communities?: boolean }): Promise<GroupMetadata[]>
  /** @param subject 1 to 100 characters. @param people at most 1,024 */
  create(subject: string, people?: WhoOrMany, options?: GroupOptions, call?: CallOptions): Promise<CreatedGroup>
  /** A result for each person: it does not reject because one of them is refused. */
  add(group: string | Message | GroupMetadata, people: WhoOrMany, options?: CallOptions): Promise<GroupResult[]>
  remove(group: string | Message | GroupMetadata, people: WhoOrMany, options?: CallOptions): Promise<GroupResult[]>
  /** To admins. */
  promote(group: string | Message | GroupMetadata, people: WhoOrMany, options?: CallOptions): Promise<GroupResult[]>
  /** To members again. */
  demote(group: string | Message | GroupMetadata, people: WhoOrMany, options?: CallOptions): Promise<GroupResult[]>
  leave(group: string | Message | GroupMetadata, options?: CallOptions): Promise<void>
  /** 1 to 100 characters. */
  setSubject(group: string | Message | GroupMetadata, subject: string, options?: CallOptions): Promise<void>
  /** At most 2,048 characters; `''` takes it away. */
  setDescription(group: string | Message | GroupMetadata, description: string, options?: CallOptions): Promise<void>
  /** Whether only admins write. */
  setAnnouncement(group: string | Message | GroupMetadata, on: boolean, options?: CallOptions): Promise<void>
  /** Whether only admins edit. */
  setLocked(group: string | Message | GroupMetadata, on: boolean, options?: CallOptions): Promise<void>
  setMemberAddMode(group: string | Message | GroupMetadata, who: 'all' | 'admins', options?: CallOptions): Promise<void>
  /** Who gives the invite link away, and may ask for it: `inviteCode()`. */
  setMemberLinkMode(group: string | Message | GroupMetadata, who: 'all' | 'admins', options?: CallOptions): Promise<void>
  /** Who shares what was written before with those who come. */
  setMemberHistoryMode(group: string | Message | GroupMetadata, who: 'all' | 'admins', options?: CallOptions): Promise<void>
  /** Whether what is written is to stay in the group. */
  setLimitSharing(group: string | Message | GroupMetadata, on: boolean, options?: CallOptions): Promise<void>
  /** Whether members may report messages to the admins. */
  setAdminReports(group: string | Message | GroupMetadata, on: boolean, options?: CallOptions): Promise<void>
  setJoinApproval(group: string | Message | GroupMetadata, on: boolean, options?: CallOptions): Promise<void>
  /** Seconds: 86,400, 604,800 or 7,776,000; 0 is never. */
  setDisappearing(group: string | Message | GroupMetadata, seconds: number, options?: CallOptions): Promise<void>
  /** Who waits for an admin. */
  joinRequests(group: string | Message | GroupMetadata, options?: CallOptions): Promise<JoinRequest[]>
  approve(group: string | Message | GroupMetadata, people: WhoOrMany, options?: CallOptions): Promise<GroupResult[]>
  reject(group: string | Message | GroupMetadata, people: WhoOrMany, options?: CallOptions): Promise<GroupResult[]>
  /** Takes the own request back. */
  cancelJoin(group: string | Message | GroupMetadata, options?: CallOptions): Promise<void>
  /** The link is `https://chat.whatsapp.com/` and this. */
  inviteCode(group: string | Message | GroupMetadata, options?: CallOptions): Promise<string>
  /** Makes the link worthless; gives the new code. */
  revokeInvite(group: string | Message | GroupMetadata, options?: CallOptions): Promise<string>
  /** The group to which a code, a link or an invitation leads. The service may tell few of its people. */
  inviteInfo(invite: string | Message | GroupInvitation, options?: CallOptions): Promise<GroupMetadata>
  /** @param invite a code or a link */
  join(invite: string, options?: CallOptions): Promise<JoinedGroup>
  /** Goes into the group of a message that invites the account. */
  acceptInvitation(message: Message | GroupInvitation, options?: CallOptions): Promise<JoinedGroup>
  /** Sends an invitation: the result of `add()` for somebody who does not let others add him, or one of one's own. */
  sendInvite(
    to: string | Person | GroupResult,
    invite?: GroupInvite,
    options?: SendOptions & { subject?: string; caption?: string },
  ): Promise<Sent>
  /** Makes the invitations of these people worthless. */
  revokeInvitation(group: string | Message | GroupMetadata, people: WhoOrMany, options?: CallOptions): Promise<void>
}

export interface CommunityOptions {
  /** At most 2,048 characters. */
  description?: string
  /** Whether who wants to come in has to be let in. Default `false`. */
  closed?: boolean
  /** Whether members who are no admins may make groups in it. Default `false`. */
  open?: boolean
  /** Whether it begins with a chat for everybody. Default `false`. */
  general?: boolean
}

/** A group of a community, as everybody in the community sees it. */
export interface SubGroup {
  group: string
  subject: string
  /** Milliseconds since the epoch. */
  created?: number
  owner?: Person
  size?: number
  announcements: boolean
  general: boolean
}

/** What came of it for one group. */
export interface LinkResult {
  group: string
  ok: boolean
  code?: ErrorCode
  error?: number
  message?: string
}

/** Communities: groups of groups. A community is itself a group in most respects: `client.groups` changes it, too. */
export interface Communities {
  /** The service adds the group for announcements. */
  create(subject: string, options?: CommunityOptions, call?: CallOptions): Promise<GroupMetadata>
  /** Makes a group in it. */
  createGroup(
    community: string | GroupMetadata,
    subject: string,
    people?: WhoOrMany,
    options?: GroupOptions,
    call?: CallOptions,
  ): Promise<CreatedGroup>
  groups(community: string | GroupMetadata, options?: CallOptions): Promise<SubGroup[]>
  /** One of its groups, in which the account need not be. */
  group(community: string | GroupMetadata, group: string | GroupMetadata, options?: CallOptions): Promise<GroupMetadata>
  /** Everybody in its groups, each once. */
  participants(community: string | GroupMetadata, options?: CallOptions): Promise<Person[]>
  /** Makes groups part of it, with a result for each. */
  link(community: string | GroupMetadata, groups: string | GroupMetadata | (string | GroupMetadata)[], options?: CallOptions): Promise<LinkResult[]>
  /** @param options.removeOrphans whether who is in no other group of the community leaves it */
  unlink(
    community: string | GroupMetadata,
    groups: string | GroupMetadata | (string | GroupMetadata)[],
    options?: CallOptions & { removeOrphans?: boolean },
  ): Promise<LinkResult[]>
  /** Goes into one of its groups. */
  join(community: string | GroupMetadata, group: string, options?: CallOptions): Promise<GroupMetadata>
  /** Removes people from the community and from all its groups. */
  remove(community: string | GroupMetadata, people: WhoOrMany, options?: CallOptions): Promise<GroupResult[]>
  /** Leaves it and all its groups. */
  leave(community: string | GroupMetadata, options?: CallOptions): Promise<void>
  /** Ends it; its groups become ordinary ones. */
  deactivate(community: string | GroupMetadata, options?: CallOptions): Promise<void>
}

/** Something has changed in a group. `people` is absent when there are more than 1,024. */
export type GroupEvent = {
  group: string
  /** Who did it; absent when the service did. */
  author?: Person
  /** Milliseconds since the epoch. */
  timestamp: number
} & (
  /** The group is new, or the account is new in it. `reason`: `invite`, for instance. */
  | { action: 'create'; metadata?: GroupMetadata; reason?: string }
  /**
   * Something in it has changed that was not told, and this is the group now; without `metadata` the account is not in it
   * any more.
   */
  | { action: 'refresh'; metadata?: GroupMetadata }
  | { action: 'picture'; id?: string; removed?: true }
  /** `role` where it is more than a member's. `communityPromote` and `communityDemote` are about the community's admins. */
  | {
      action: 'add' | 'remove' | 'leave' | 'promote' | 'demote' | 'communityPromote' | 'communityDemote'
      people?: (Person & { role?: 'admin' | 'superadmin' })[]
      count: number
      reason?: string
    }
  /** Somebody has another number now: this one. */
  | { action: 'number'; people?: Person[]; count: number }
  | { action: 'subject'; subject?: string }
  /** Without `description` there is none any more. */
  | { action: 'description'; description?: string }
  | { action: 'announcement' | 'locked' | 'joinApproval'; on: boolean }
  /** 0 is never. */
  | { action: 'disappearing'; seconds: number }
  | { action: 'memberAddMode'; who?: 'all' | 'admins' }
  /** The link has another code. */
  | { action: 'inviteCode'; code?: string }
  | { action: 'invitationRevoked'; people?: Person[]; count: number }
  /** Somebody wants to come in. */
  | { action: 'joinRequest'; people?: Person[]; method: JoinRequest['method'] }
  | { action: 'joinCancelled' | 'joinRejected'; people?: Person[]; count: number }
  /** Groups were made part of a community, or no longer: `what` these groups are to this one. */
  | {
      action: 'link' | 'unlink'
      what: 'community' | 'group' | 'sibling' | 'other'
      groups: { group: string; subject?: string }[]
      reason?: string
    }
  /** Members have reported these messages, by id; told to admins. */
  | { action: 'report'; messages: string[] }
  /** It is gone. */
  | { action: 'delete'; reason?: string }
  | {
      action: 'setting'
      setting:
        | 'suspended' | 'growthLocked' | 'frequentlyForwarded' | 'adminReports' | 'memberGroups' | 'history' | 'limitSharing'
        | 'autoAdd' | 'safetyCheck' | 'capi' | 'missingParticipants' | 'memberLinks' | 'memberHistory'
      on: boolean
    }
  /** Something that this version does not know. */
  | { action: 'other'; node: MessageNode }
)

/** A person, by JID, number or an object with a `jid`; where a chat is meant, also a group or a message of it. */
export type Somebody = Whoever | Message

/** Whether a number has an account. */
export interface FoundNumber {
  /** As it was given. */
  input: string
  /** `null` when that could not be asked: see `code`. */
  exists: boolean | null
  jid?: string
  pn?: string
  lid?: string
  /** `INVALID_RECIPIENT` for what is no number (`exists` is `false`), else why it could not be asked. */
  code?: ErrorCode
  error?: string
}

export interface About {
  /** Empty when there is none, or it is not shown to this account. */
  text: string
  hidden: boolean
  /** When it was set: milliseconds since the epoch. */
  timestamp?: number
}

export interface Device {
  /** 0 is the phone. */
  device: number
  keyIndex?: number
  hosted?: true
}

export interface PersonInfo extends Person {
  exists: boolean
  business: boolean
  /** The name that the service vouches for. */
  verifiedName?: string
  about?: About
  /** Id of the picture, where it is shown. */
  picture?: string
  /** The timer of new chats, in seconds, and since when. */
  disappearing?: { seconds: number; timestamp?: number }
  username?: string
  devices: Device[]
  /** Why nothing could be asked. */
  code?: ErrorCode
  error?: string
}

export interface PictureOptions extends CallOptions {
  /** The small one. */
  preview?: boolean
  /** Id of the picture that the program has: the same is not given again. */
  known?: string
}

export interface Picture {
  id: string
  /** Where it is; to be fetched soon. */
  url?: string
  directPath?: string
  hash?: string
  preview: boolean
  /** It is the `known` one: there is no URL. */
  unchanged: boolean
}

/**
 * @throws ChasquiError INVALID_ARGUMENT, INVALID_RECIPIENT; what the service refuses: NOT_ALLOWED, NOT_FOUND, RATE_LIMITED,
 * REQUEST_FAILED; NOT_CONNECTED, TIMEOUT, ABORTED
 */
export interface People {
  /** Whether a number, written in any way, has an account. */
  exists(number: string, options?: CallOptions): Promise<FoundNumber>
  /**
   * The same for up to 10,000 of them, each with a result, in their order; what is no number has one, too. Asked for by some
   * hundred at once. Rejects only when nothing could be asked.
   */
  exists(numbers: string[], options?: CallOptions): Promise<FoundNumber[]>
  /** What the service tells of somebody. What it does not show is absent. */
  info(person: Somebody, options?: CallOptions): Promise<PersonInfo>
  /** The same for up to 1,000 people. */
  info(people: Somebody[], options?: CallOptions): Promise<PersonInfo[]>
  /** @throws ChasquiError NOT_ON_WHATSAPP */
  about(person: Somebody, options?: CallOptions): Promise<About>
  /** @throws ChasquiError NOT_ON_WHATSAPP */
  devices(person: Somebody, options?: CallOptions): Promise<Device[]>
  /**
   * The picture of a person or a group; `null` when there is none.
   * @throws ChasquiError NOT_ALLOWED when it is not shown to this account
   */
  picture(of: Somebody, options?: PictureOptions): Promise<Picture | null>
  /**
   * Whom a link names: `https://wa.me/qr/CODE` of a person, `https://wa.me/message/CODE` of a business, or the code alone.
   * @throws ChasquiError NOT_FOUND for a link that leads to nobody, or was withdrawn; INVALID_ARGUMENT
   */
  fromLink(link: string, options?: CallOptions): Promise<LinkedPerson>
}

/** Whom a link names. */
export interface LinkedPerson extends Person {
  /** `message`: a business's, with a text for it. */
  type: 'contact' | 'message'
  /** As the person is called there. */
  name?: string
  /** What is to be written to it. */
  message?: string
  /** What the service knows of the business. */
  business?: { verifiedName?: string; verifiedLevel?: string; signed: boolean }
}

/** A link that leads to the account, also as what its QR code says. */
export interface ProfileLink {
  code: string
  /** `https://wa.me/qr/CODE`. */
  url: string
}

/** What is said here holds after the next login, too. @throws ChasquiError NOT_CONNECTED, INVALID_RECIPIENT */
export interface Presence {
  /** The account is there on this device, as it is after each login: others see it, and the phone rings less. */
  available(): Promise<void>
  /**
   * It is not. Others' presence is not told meanwhile, and what arrives is confirmed as arrived in the background: its
   * senders keep one tick.
   */
  unavailable(): Promise<void>
  /** Has `presence` events told of a person, or how many of a group are there. */
  subscribe(of: Somebody): Promise<void>
  unsubscribe(of: Somebody): Promise<void>
  /** Shown for some seconds: say it again while it lasts. */
  typing(chat: Somebody): Promise<void>
  recording(chat: Somebody): Promise<void>
  paused(chat: Somebody): Promise<void>
}

export interface PresenceEvent {
  /** The phone number's JID where it is known, else the LID; a group's JID. */
  chat: string
  /** Not where a group's number of people is told. */
  person?: Person
  state: 'available' | 'unavailable' | 'typing' | 'recording' | 'paused'
  /** Where that is shown: milliseconds since the epoch. */
  lastSeen?: number
  /** How many of a group are there. */
  online?: number
}

export interface SetPictureOptions extends CallOptions {
  /** Of this group, and not of the account. */
  group?: string | { jid: string }
  /** Whether the middle square is taken; otherwise the picture keeps its shape. Default: true. */
  crop?: boolean
}

/** @throws ChasquiError INVALID_ARGUMENT; what the service refuses: NOT_ALLOWED, RATE_LIMITED, REQUEST_FAILED; NOT_CONNECTED, TIMEOUT, ABORTED */
export interface Profile {
  /** The name that others see; up to 25 characters. */
  setName(name: string, options?: CallOptions): Promise<void>
  /** Up to 139 characters. */
  setAbout(text: string, options?: CallOptions): Promise<void>
  /**
   * Sets the picture of the account, or of a group, from a JPEG, PNG, WebP or GIF of up to 64 MB: scaled to 640 pixels, with a
   * preview of 96, beside JavaScript's thread.
   * @throws ChasquiError INVALID_ARGUMENT for what is no picture; MEDIA_TOO_LARGE, FILE_FAILED, URL_NOT_ALLOWED, MEDIA_FAILED
   */
  setPicture(picture: FileSource, options?: SetPictureOptions): Promise<{ id: string }>
  removePicture(options?: Omit<SetPictureOptions, 'crop'>): Promise<void>
  /** The link by which others find the account; made at the first call. `people.fromLink()` reads it. */
  link(options?: CallOptions): Promise<ProfileLink>
  /** Withdraws the link, and makes another. */
  renewLink(options?: CallOptions): Promise<ProfileLink>
}

/** Settings by name. Those that this version does not know have the service's names and words. */
export interface PrivacySettings {
  lastSeen?: 'all' | 'contacts' | 'contacts-except' | 'none'
  online?: 'all' | 'match-last-seen'
  picture?: 'all' | 'contacts' | 'contacts-except' | 'none'
  about?: 'all' | 'contacts' | 'contacts-except' | 'none'
  readReceipts?: 'all' | 'none'
  groupAdd?: 'all' | 'contacts' | 'contacts-except' | 'none'
  /** Whose calls ring. */
  calls?: 'all' | 'known'
  messages?: 'all' | 'contacts'
  /** The strict mode. */
  defense?: 'off' | 'on'
  stickers?: 'contacts' | 'only' | 'none'
  [other: string]: string | undefined
}

/** A value, or one with a list: who comes onto it and who goes. */
export type PrivacyList<Value extends string> =
  | Value
  | { value: Extract<Value, 'contacts-except' | 'only'>; add?: Somebody[]; remove?: Somebody[] }

export interface PrivacyChange {
  lastSeen?: PrivacyList<'all' | 'contacts' | 'contacts-except' | 'none'>
  online?: 'all' | 'match-last-seen'
  picture?: PrivacyList<'all' | 'contacts' | 'contacts-except' | 'none'>
  about?: PrivacyList<'all' | 'contacts' | 'contacts-except' | 'none'>
  readReceipts?: 'all' | 'none'
  groupAdd?: PrivacyList<'all' | 'contacts' | 'contacts-except' | 'none'>
  calls?: 'all' | 'known'
  messages?: 'all' | 'contacts'
  defense?: 'off' | 'on'
  stickers?: PrivacyList<'contacts' | 'only' | 'none'>
}

/** @throws ChasquiError INVALID_ARGUMENT, INVALID_RECIPIENT; what the service refuses: NOT_ALLOWED, RATE_LIMITED, REQUEST_FAILED; NOT_CONNECTED, TIMEOUT */
export interface Privacy {
  get(options?: CallOptions): Promise<PrivacySettings>
  /**
   * Changes settings one after the other; resolves with what they are now. An error has the name of its setting in `data.setting`: those
   * before it, by their names, are changed.
   */
  set(settings: PrivacyChange, options?: CallOptions): Promise<PrivacySettings>
  /** Whom the account has blocked. */
  blocked(options?: CallOptions): Promise<Person[]>
  /** Nothing is sent to them from then on (`BLOCKED`), and nothing of theirs comes but in groups. */
  block(person: Somebody, options?: CallOptions): Promise<void>
  unblock(person: Somebody, options?: CallOptions): Promise<void>
}

export interface OwnDevice extends Device {
  /** That of this session. */
  this: boolean
  /** The phone. */
  primary: boolean
}

/** @throws ChasquiError INVALID_ARGUMENT; what the service refuses: NOT_ALLOWED, NOT_FOUND, REQUEST_FAILED; NOT_CONNECTED, TIMEOUT */
export interface OwnAccount {
  devices(options?: CallOptions): Promise<OwnDevice[]>
  /** Unlinks another device than this one, and than the phone. */
  removeDevice(device: number, options?: CallOptions): Promise<void>
  /** The timer of new chats: 0 (off), 86,400, 604,800 or 7,776,000 seconds. */
  setDefaultDisappearing(seconds: number, options?: CallOptions): Promise<void>
  /** The service's switches by number, as of the last login. @throws ChasquiError NOT_FOUND when it has told none */
  props(options?: CallOptions): Promise<Record<string, string>>
}

/** Something about a person has changed. Times are milliseconds since the epoch. */
export type PersonEvent = { person: Person; timestamp: number } & (
  | { action: 'picture'; id?: string; removed?: true; author?: Person }
  | { action: 'about'; about: string }
  | { action: 'devices'; added?: number[]; removed?: number[] }
  /** The timer of new chats. */
  | { action: 'disappearing'; seconds: number }
  /** The person has this number now. */
  | { action: 'number'; old?: Person }
  /** The address book: what there is to know of somebody is to be asked for again. */
  | { action: 'contact'; what: 'update' | 'add' | 'remove' }
)

/** Another device of the account has changed something about it. Times are milliseconds since the epoch. */
export type AccountEvent = { timestamp: number } & (
  | { action: 'name'; name: string }
  /** The numbers of all devices that there are. */
  | { action: 'devices'; devices: number[] }
  | { action: 'privacy'; settings: PrivacySettings }
  /** Nobody named: the list is to be asked for. */
  | { action: 'blocklist'; people: (Person & { blocked: boolean })[] }
  | { action: 'picture' }
  | { action: 'about'; about?: string }
  | { action: 'disappearing'; seconds: number }
  | { action: 'terms' | 'notice'; ids: string[] }
  | { action: 'user' | 'businesses' }
)

/** What a card says. */
export interface ContactFields {
  name: string
  numbers: { number: string; /** Where the card says which account it has. */ jid?: string; type?: string }[]
  emails?: string[]
  urls?: string[]
  addresses?: string[]
  organization?: string
  title?: string
}

/** Reads a vCard, such as those in the `contacts` of a message. What cannot be read is left out; nothing is thrown. */
export function readContact(card: string | { name?: string; vcard: string }): ContactFields

/** What `importFromBaileys()` has taken over. */
export interface ImportedSession {
  /** The account's addresses, with the device. */
  pn: string
  lid: string
  counts: { prekeys?: number; sessions?: number; senderKeys?: number; appStateKeys?: number; pairs?: number; privacyTokens?: number }
  /** What could not be read, and was left behind: such a session or key is made anew when it is needed. */
  skipped: { file: string; reason: string }[]
}

/** What `exportToBaileys()` has written. */
export interface ExportedSession {
  /** The account's addresses, with the device. */
  pn: string
  lid: string
  /** How many files there are of each type, as Baileys names it: `{ 'pre-key': 812, session: 7, … }`. */
  counts: Record<string, number>
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
  /** Events that only count at the time (who types, stanzas of `onNode`), and that were let go because JavaScript did not keep up. */
  missed: number
}

/** A part of the history: up to some hundred records, chats and people of a blob before its messages. */
export interface HistoryEvent {
  /**
   * `initial`: all chats with their newest messages. `recent`: messages of the last months. `full`: older ones. `names`:
   * what people call themselves. `status`: status posts. `other`: who has left groups, and the like. `on-demand`: what
   * `fetchHistory()` asked for.
   */
  type: 'initial' | 'recent' | 'full' | 'names' | 'status' | 'other' | 'on-demand'
  /** Percent of the type, where the phone tells; 100 of `recent` (and of `full`) is the end. */
  progress?: number
  /** Which blob of the type, from 0. */
  order: number
  /** Which part of the blob, from 0. */
  part: number
  /** Whether it is the blob's last part. */
  last: boolean
  /** Of `on-demand`: what `fetchHistory()` resolves with, too. */
  request?: string
  /** It was given before, in an earlier run, and may have been taken. */
  redelivered: boolean
  chats: HistoryChat[]
  contacts: HistoryContact[]
  /** Newest first within a chat. One that also came live has the same `id`, `chat` and `fromMe`. */
  messages: HistoryMessage[]
  lidMappings: { pn: string; lid: string }[]
  pastParticipants: { group: string; jid: string; removed: boolean; timestamp: number }[]
  /** Records that could not be read and were left out, if any. */
  unreadable?: number
}

/** A chat as the phone has it. All times are milliseconds since the epoch. */
export interface HistoryChat {
  /** Canonical JID. */
  jid: string
  pn?: string
  lid?: string
  name?: string
  username?: string
  description?: string
  /** Of its newest message. */
  timestamp?: number
  unread?: number
  unreadMentions?: number
  markedUnread?: boolean
  archived?: boolean
  pinned?: boolean
  pinnedAt?: number
  mutedUntil?: number
  locked?: boolean
  readOnly?: boolean
  /** Seconds after which its messages disappear. */
  expiresIn?: number
  createdAt?: number
  createdBy?: string
  /** The community that a group belongs to. */
  community?: string
  /** Of a group, where the phone tells. */
  members?: { jid: string; admin?: 'admin' | 'superadmin' }[]
  /** Whether the phone has older messages than it has given. */
  more?: boolean
}

export interface HistoryContact {
  /** Canonical JID. */
  jid: string
  pn?: string
  lid?: string
  /** As the person calls itself. */
  pushName?: string
  /** As the phone's address book has it. */
  name?: string
  username?: string
}

export interface HistoryMessage extends Message {
  source: 'history'
  /** Of an own message: how far it got. */
  status?: 'failed' | 'pending' | 'sent' | 'delivered' | 'read' | 'played'
  starred?: true
  reactions?: { sender: string; fromMe: boolean; emoji: string; timestamp?: number }[]
  /** What happened, in messages of type `system`: the schema's name, such as `GROUP_CREATE` or `REVOKE`. */
  system?: { what: string; parameters: string[] }
}

/** The oldest message that is known; a {@link Message} does so too. */
export interface OldestMessage {
  id: string
  fromMe: boolean
  /** Milliseconds since the epoch. */
  timestamp: number
}

export interface FetchedHistory {
  /** Of the `history` events that told it. */
  request: string
  /** How many messages that was. */
  messages: number
  /** Whether the phone has older ones. */
  more: boolean
}

export interface ClientEvents {
  qr: [QrCode]
  connection: [ConnectionEvent]
  message: [Message]
  receipt: [Receipt]
  /** The account's settings have changed, on whichever device: archived and pinned chats, contacts, labels and the like. */
  change: [ChangeEvent]
  /**
   * What the phone has of the past, in parts. At-least-once: the next part comes when the listeners have returned, and what
   * they returned has resolved; a part that was not taken comes again after a restart.
   */
  history: [HistoryEvent]
  offline: [OfflineEvent]
  /**
   * Who is there, and who types. Told while it is true and not stored: of what comes faster than it is taken, the last of each person
   * in each chat. Others are told of whoever `presence.subscribe()` named.
   */
  presence: [PresenceEvent]
  /** Something about a person has changed. */
  person: [PersonEvent]
  /** Another device of the account has changed something about it. */
  account: [AccountEvent]
  identity: [IdentityChange]
  /** Something has changed in a group. At-least-once, as messages are. */
  group: [GroupEvent]
  /** A stage of a call, told once for each device that acts. What the service kept is told with `offline`. */
  call: [CallEvent]
  /** What happens in channels besides messages. */
  channel: [ChannelEvent]
  /** What a business tells about itself, or sells, has changed. */
  business: [BusinessEvent]
  /** The service restricts the account, or does so no longer. */
  restriction: [RestrictionEvent]
  /** Somebody's addresses have changed, or became known. */
  address: [AddressEvent]
  /** What the service pushes in GraphQL and has no event of its own here; at most 64 KB. */
  mex: [{ operation: string; data: unknown; timestamp: number }]
  /** A notification that this version does not know, or another stanza; at most 64 KB. It was acknowledged. */
  raw: [MessageNode]
  /** Something went wrong that no call waits for. Without a listener it is only logged. */
  error: [ChasquiError]
}

/** What happens to a call. The sound itself is not for this engine. */
export interface CallEvent {
  /** The call's; all its stages have it. */
  id: string
  /** The group, or the person. */
  chat: string
  /** The device that calls, as the service addresses it. */
  from: string
  /** Whose stanza this is: who calls, or who answers. */
  person: Person
  /** Who calls. */
  caller?: Person
  /**
   * `offer`: it rings here. `notice`: a call without keys for this device, as for groups. `ringing`: it rings there. `timeout`:
   * nobody took it. `terminate`: it ended, or was taken or refused on another device (`reason`). `other`: what else clients tell
   * each other (`action`).
   */
  stage: 'offer' | 'notice' | 'ringing' | 'accept' | 'reject' | 'timeout' | 'terminate' | 'other'
  /** `other`: the stanza's name. */
  action?: string
  /** `busy`, `timeout`, `accepted_elsewhere`, `rejected_elsewhere`, … */
  reason?: string
  /** Seconds that it went on. */
  duration?: number
  /** To be seen, too. Known from the offer. */
  video?: boolean
  /** Of a group. Known from the offer. */
  group?: boolean
  /** It waited at the service. */
  offline?: true
  /** Milliseconds since the epoch. */
  timestamp: number
}

export interface Calls {
  /**
   * Refuses a call: the caller is told, and the account's other devices stop ringing.
   * @throws ChasquiError INVALID_ARGUMENT; NOT_FOUND for a call that is over; NOT_CONNECTED
   */
  reject(call: Pick<CallEvent, 'id' | 'from'>, options?: CallOptions): Promise<void>
  /**
   * A link by which people join a call.
   * @param what.video Default `false`.
   * @param what.startsAt When the call is planned: a date, or milliseconds since the epoch.
   * @throws ChasquiError INVALID_ARGUMENT; REQUEST_FAILED; NOT_CONNECTED
   */
  createLink(what?: { video?: boolean; startsAt?: number | Date }, options?: CallOptions): Promise<{ token: string; url: string }>
}

/** When a business is open on one day of the week. */
export interface BusinessDay {
  day: 'sun' | 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat'
  /** `open`: all day. `hours`: from `opens` to `closes`. `appointment`: by appointment only. */
  mode: 'open' | 'hours' | 'appointment'
  /** Minutes from midnight. */
  opens?: number
  closes?: number
}

export interface BusinessHours {
  /** Such as `America/Bogota`. */
  timezone: string
  /** A day may have several entries; one without any is closed. */
  days: BusinessDay[]
}

/** What a business tells about itself. */
export interface BusinessProfile extends Person {
  address?: string
  description?: string
  email?: string
  websites: string[]
  categories: { id: string; name: string }[]
  latitude?: number
  longitude?: number
  hours?: BusinessHours
  /** The id of its cover picture. */
  cover?: string
  /** What else it has set, by the service's names. */
  options?: Record<string, string>
}

/** What is not named stays. An empty text takes something away. */
export interface BusinessProfileUpdate {
  address?: string
  description?: string
  email?: string
  /** At most 2. */
  websites?: string[]
  /** Ids of categories. */
  categories?: string[]
  latitude?: number
  longitude?: number
  hours?: BusinessHours
}

export interface Product {
  id: string
  name?: string
  description?: string
  url?: string
  retailerId?: string
  /** In units of the currency. */
  price?: number
  currency?: string
  /** URLs. */
  images: { small?: string; original?: string }[]
  /** Of the service's review: `approved`, … */
  status?: string
  hidden: boolean
}

/** What a product is to be. An edit replaces all of it. */
export interface NewProduct {
  /** 1 to 150 characters. */
  name: string
  description?: string
  url?: string
  retailerId?: string
  /** In units of the currency; three decimal places count. */
  price: number
  /** Three letters, such as `COP`. */
  currency: string
  /** At most 10: pictures, which are uploaded, or URLs of the service. */
  images?: (FileSource | { url: string })[]
  /** Default `false`. */
  hidden?: boolean
  /** Two letters. Default: the product need not tell where it comes from. */
  originCountry?: string
}

export interface ProductCollection {
  id: string
  name?: string
  products: Product[]
  status?: string
}

export interface Order {
  id: string
  /** Milliseconds since the epoch. */
  createdAt?: number
  products: { id: string; name?: string; image?: string; price?: number; currency?: string; quantity: number }[]
  /** In units of the currency. */
  subtotal?: number
  total?: number
  currency?: string
}

export type BusinessEvent = {
  person: Person
  /** Milliseconds since the epoch. */
  timestamp: number
} & (
  | { change: 'profile' }
  | { change: 'verified-name'; name: string; level?: string }
  /** Ids. */
  | { change: 'catalog'; products: string[]; collections: string[] }
  /** It is a business no more. */
  | { change: 'removed' }
)

/** Businesses: what they tell about themselves, and their shops. Without a person the own account is meant. */
export interface Business {
  /** `undefined` for who is no business. */
  profile(person?: Whoever, options?: CallOptions): Promise<BusinessProfile | undefined>
  /** @throws ChasquiError INVALID_ARGUMENT; NOT_ALLOWED for an account that is no business */
  setProfile(what: BusinessProfileUpdate, options?: CallOptions): Promise<void>
  /** Uploads a picture and puts it at the top of the profile. Resolves with its id. */
  setCover(picture: FileSource, options?: CallOptions): Promise<string>
  removeCover(id: string, options?: CallOptions): Promise<void>
  /** The name that the service has checked; `undefined` without one. */
  verifiedName(person: Whoever, options?: CallOptions): Promise<{ name: string; level?: string; issuer?: string } | undefined>
  /**
   * @param options.limit Default 10, at most 100.
   * @param options.cursor That of the page before.
   */
  catalog(person?: Whoever, options?: CallOptions & { limit?: number; cursor?: string }): Promise<{ products: Product[]; cursor?: string }>
  collections(person?: Whoever, options?: CallOptions & { limit?: number }): Promise<ProductCollection[]>
  createProduct(product: NewProduct, options?: CallOptions): Promise<Product>
  /** @throws ChasquiError NOT_FOUND */
  editProduct(id: string, product: NewProduct, options?: CallOptions): Promise<Product>
  /** Resolves with how many are gone. */
  deleteProducts(ids: string | string[], options?: CallOptions): Promise<number>
  /**
   * What was ordered: id and token stand in the order's message.
   * @throws ChasquiError NOT_FOUND; NOT_ALLOWED for another token
   */
  order(id: string, token: string, options?: CallOptions): Promise<Order>
}

export interface Bot {
  jid: string
  personaId: string
  /** Names of the lists that it stands in. */
  sections: string[]
  /** The one that apps offer first. */
  default: boolean
}

export interface Bots {
  /** Those that the service offers. */
  list(options?: CallOptions): Promise<Bot[]>
}

/** Of a status post. A text may have a look of its own. */
export type StatusContent =
  | (TextContent & {
      /** Such as `#1f7a5c`. */
      background?: string
      /** Of the text. */
      color?: string
      /** The number of a font, 0 to 10. */
      font?: number
    })
  | Content

export interface StatusOptions extends Omit<SendOptions, 'recipients'> {
  /**
   * 1 to 1,024 people; or `contacts`, the default: whom the account's settings name, which is all contacts, all but some, or
   * some people; 1,024 of them at most, too. Who is blocked is left out in any case.
   */
  to?: 'contacts' | Whoever | Whoever[]
}

/** Who sees the account's status posts, as the phone has set it. */
export interface StatusPrivacy {
  /** `allow`: only these. `deny`: the contacts without these. */
  audience: 'contacts' | 'allow' | 'deny'
  allow: Person[]
  deny: Person[]
}

/** Posts that disappear after a day. Who saw one is told as receipts with the chat `status@broadcast`. */
export interface Status {
  /**
   * @throws ChasquiError INVALID_CONTENT; RECIPIENT_LIMIT; INVALID_ARGUMENT when the settings name nobody; BLOCKED when
   * everybody named is blocked; APP_STATE_KEY_MISSING or APP_STATE_BROKEN when the address book is needed and has not come
   * from the phone; what `send()` rejects with
   */
  post(content: StatusContent, options?: StatusOptions): Promise<Sent>
  privacy(options?: CallOptions): Promise<StatusPrivacy>
}

/** A picture on the media hosts. */
export interface ChannelPicture {
  id: string
  directPath: string
}

export interface Channel {
  /** `…@newsletter` */
  jid: string
  name?: string
  description?: string
  /** The code of its link. */
  invite?: string
  link?: string
  handle?: string
  state?: 'active' | 'suspended' | 'geosuspended' | 'deleted' | (string & {})
  /** Milliseconds since the epoch. */
  createdAt?: number
  subscribers?: number
  verified: boolean
  picture?: ChannelPicture
  preview?: ChannelPicture
  /** Which reactions may be given. */
  reactions?: 'all' | 'basic' | 'none' | 'blocklist' | (string & {})
  /** What the account is in it. */
  role?: 'owner' | 'admin' | 'subscriber' | 'guest' | (string & {})
  muted?: boolean
}

export interface NewChannel {
  /** 1 to 100 characters. */
  name: string
  /** At most 2,048 characters. */
  description?: string
  /** JPEG, PNG, WebP or GIF; its middle is made a square of at most 640 pixels. */
  picture?: Uint8Array
}

/** What is not named stays. */
export interface ChannelUpdate {
  name?: string
  /** An empty one takes it away. */
  description?: string
  /** `null` takes it away. */
  picture?: Uint8Array | null
  /** Which reactions may be given. */
  reactions?: 'all' | 'basic' | 'none'
}

export interface ChannelFollower extends Person {
  name?: string
  username?: string
  role?: 'owner' | 'admin' | 'subscriber' | (string & {})
  /** Milliseconds since the epoch. */
  since?: number
}

/** How often a message of a channel was seen, and what it was answered with. */
export interface ChannelCounts {
  serverId: number
  id?: string
  views?: number
  reactions?: { emoji: string; count: number }[]
}

/** A message of a channel as the service keeps it. It has what {@link Message} has of its type. */
export interface ChannelMessage extends ChannelCounts, Partial<Omit<Message, keyof ChannelCounts | 'raw' | 'type' | 'sender' | 'chat'>> {
  channel: string
  /** As of {@link Message}; `revoke` of one that was taken back. */
  type: Message['type']
  fromMe: boolean
  /** Milliseconds since the epoch. */
  editedAt?: number
  /** The `Message` protobuf. Downloads take it. */
  raw(): Uint8Array
}

export interface ChannelMessages {
  /** The oldest first. */
  messages: ChannelMessage[]
  /** For `before`, as long as there are older ones; from pages that `after` has begun for `after`, until nothing is newer. */
  cursor?: number
}

/**
 * - `counts`: views and reactions have changed; comes with `subscribe()`.
 * - `reaction`: an emoji to a message, in the older form.
 * - `join`, `leave`, `mute`: the account did so on another device.
 * - `update`: name, description or picture are others; `info` where the service tells all of it.
 * - `state`: the channel was deleted or suspended.
 * - `role`: somebody became an admin or the owner, or is none any more. `invite-revoked`: the account's invitation is void.
 */
export type ChannelEvent = {
  channel: string
  /** Milliseconds since the epoch. */
  timestamp: number
} & (
  | { action: 'counts'; messages: ChannelCounts[] }
  | { action: 'reaction'; serverId: number; emoji?: string }
  | { action: 'join'; info: Channel }
  | { action: 'leave' | 'invite-revoked' }
  | { action: 'mute'; muted: boolean }
  | { action: 'update'; name?: string; description?: string; info?: Channel }
  | { action: 'state'; state?: string }
  | { action: 'role'; person?: Person; by?: Person; role?: string; change?: string }
)

/** `lid`: the person has a new LID. `linked`, `unlinked`: phone number and LID belong together, or no longer. */
export type AddressEvent = {
  person: Person
  /** Milliseconds since the epoch. */
  timestamp: number
} & ({ change: 'lid'; oldLid: string } | { change: 'linked' | 'unlinked' })

export interface RestrictionEvent {
  /** `new-chats`: nobody can be written to who has not written. `messages-in-new-chats`: only so many (`quota`). */
  what: 'new-chats' | 'messages-in-new-chats'
  active: boolean
  /** The service's word for it. */
  type?: string
  quota?: number
  used?: number
  /** Milliseconds since the epoch. */
  endsAt?: number
}

/** A channel's JID, or an object that has it: a message its chat. */
export type ChannelName = string | { jid: string } | { chat: string }

/**
 * Channels. A channel is named by its JID, or by an object that has it (a message its chat). Messages are sent with
 * `client.send()`, `edit()` and `delete()`. Everything rejects with NOT_FOUND for a channel that is not there, NOT_ALLOWED for
 * what is not for the account, NOT_CONNECTED.
 */
export interface Channels {
  create(what: NewChannel, options?: CallOptions): Promise<Channel>
  /** @param channel Also a link, or its code. */
  metadata(channel: ChannelName, options?: CallOptions): Promise<Channel>
  /** Those that the account follows or keeps. */
  list(options?: CallOptions): Promise<Channel[]>
  follow(channel: ChannelName, options?: CallOptions): Promise<void>
  unfollow(channel: ChannelName, options?: CallOptions): Promise<void>
  mute(channel: ChannelName, options?: CallOptions): Promise<void>
  unmute(channel: ChannelName, options?: CallOptions): Promise<void>
  update(channel: ChannelName, what: ChannelUpdate, options?: CallOptions): Promise<Channel>
  /** For good. */
  delete(channel: ChannelName, options?: CallOptions): Promise<void>
  /** Only admins see them. @param options.limit Default 100, at most 1,000. */
  followers(channel: ChannelName, options?: CallOptions & { limit?: number }): Promise<ChannelFollower[]>
  /** How many keep it, the owner included. */
  adminCount(channel: ChannelName, options?: CallOptions): Promise<number>
  /** `expiresAt`: milliseconds since the epoch. */
  inviteAdmin(channel: ChannelName, person: Whoever, options?: CallOptions): Promise<{ expiresAt?: number }>
  revokeInvite(channel: ChannelName, person: Whoever, options?: CallOptions): Promise<void>
  /** Takes an invitation to be an admin. */
  acceptInvite(channel: ChannelName, options?: CallOptions): Promise<void>
  demote(channel: ChannelName, person: Whoever, options?: CallOptions): Promise<void>
  /** Only to an admin. */
  changeOwner(channel: ChannelName, person: Whoever, options?: CallOptions): Promise<void>
  /** @param options.country Two letters. @param options.limit Default 50, at most 200. */
  recommended(options?: CallOptions & { limit?: number; country?: string }): Promise<Channel[]>
  /**
   * What the service keeps, in pages from the newest on; with `after` from that message on to the newer ones.
   * @param options.limit Default 50, at most 300; a page may have fewer, and `cursor` says whether there is another.
   * @param options.before Only messages below this `serverId`: the `cursor` of the page before.
   * @param options.after Only messages above it. With both, those in between.
   */
  messages(channel: ChannelName, options?: CallOptions & { limit?: number; before?: number; after?: number }): Promise<ChannelMessages>
  /**
   * Views and reactions of messages.
   * @param options.after Only of messages with a higher `serverId`.
   * @param options.since Only what is newer: a date, or milliseconds since the epoch.
   */
  updates(
    channel: ChannelName,
    options?: CallOptions & { limit?: number; after?: number; since?: number | Date },
  ): Promise<ChannelCounts[]>
  /** `''` takes the reaction back. `client.react()` does the same with a received message. */
  react(channel: ChannelName, message: number | { serverId?: number }, emoji: string, options?: CallOptions): Promise<void>
  /** Tells the service that messages were seen, which it counts. At most 256. */
  viewed(channel: ChannelName, messages: (number | { serverId?: number })[], options?: CallOptions): Promise<void>
  /**
   * Views and reactions come as event `channel` from now on, also after reconnections and restarts, until `unsubscribe()`.
   * Of at most 256 channels.
   */
  subscribe(channel: ChannelName, options?: CallOptions): Promise<{ duration: number }>
  unsubscribe(channel: ChannelName, options?: CallOptions): Promise<void>
}

/** A message of the archive, and what became of it. Its text is that of the last edit; `raw()` is as it first came. */
export interface ArchivedMessage extends Message {
  /** Of own messages: how far it got; in groups, with whoever it got furthest. */
  status?: 'pending' | Receipt['status']
  starred?: true
  /** Milliseconds since the epoch. */
  editedAt?: number
  /** It was deleted for everyone: its `type` is `revoke`, and nothing is left of what it said. */
  revokedAt?: number
  /** Ids of labels. */
  labels?: string[]
  reactions?: { sender: Person; emoji: string; timestamp: number }[]
  /** With whom an own message got how far, and when. Only `message()` tells it. */
  receipts?: { recipient: Person; delivered?: number; read?: number; played?: number }[]
}

export interface ArchivedChat {
  /** The phone number's JID where it is known, else the LID; a group's JID. */
  jid: string
  lid?: string
  /** A group's subject; a person's name in the address book, else the one that the person gives to himself. */
  name?: string
  /** When something was last said in it: milliseconds since the epoch. */
  lastTime?: number
  lastMessage?: ArchivedMessage
  /** How many the archive holds. */
  messages: number
  /** Others' messages that were read on no device of the account. */
  unread: number
  markedUnread: boolean
  archived: boolean
  pinned: boolean
  muted: boolean
  /** Milliseconds since the epoch; for ever without it. */
  mutedUntil?: number
  locked: boolean
  /** Ids of labels. */
  labels?: string[]
  group?: { owner?: string; created?: number; members?: number }
}

export interface ArchivedContact extends Person {
  /** As the address book has it. */
  name?: string
  firstName?: string
  /** The name that the person gives to himself. */
  pushName?: string
  username?: string
}

export interface ArchivedLabel {
  id: string
  name: string
  color: number
}

export interface ArchivePageOptions {
  /** 1 to 500. Default 50. A page with large messages may be shorter. */
  limit?: number
  /** That of the page before, of the same question. */
  cursor?: string
}

export interface ArchivedChatsOptions extends ArchivePageOptions {
  /** Only those that are (`true`) or are not (`false`) archived. */
  archived?: boolean
  /** Only those with something to be read. */
  unread?: boolean
  /** Only those with this label. */
  label?: string
}

export interface ArchivedMessagesOptions extends ArchivePageOptions {
  /** Those before a message, or before a time (milliseconds since the epoch). */
  before?: number | { id: string; timestamp: number }
  /** Those after it. Without `before` the oldest come first. */
  after?: number | { id: string; timestamp: number }
}

export interface ArchivedSearchOptions extends ArchivePageOptions {
  /** Only in this chat. */
  chat?: string | Message
}

/**
 * What the session keeps with the option `archive`, from `connect()` to `disconnect()`, also while the connection is away. A page has a
 * `cursor` as long as there may be more; what comes in meanwhile is neither left out nor given twice.
 * @throws ChasquiError ARCHIVE_OFF, NOT_CONNECTED, INVALID_OPTION, STORE_FAILED
 */
export interface Archive {
  /** Those in which something was said last first. A chat that gets a message between two pages moves to the front. */
  chats(options?: ArchivedChatsOptions): Promise<{ chats: ArchivedChat[]; cursor?: string }>
  chat(chat: string | Message): Promise<ArchivedChat | undefined>
  /** The newest first. */
  messages(
    chat: string | Message,
    options?: ArchivedMessagesOptions,
  ): Promise<{ messages: ArchivedMessage[]; cursor?: string }>
  /** One message with its receipts; `undefined` when it is not there, or deleted on the own devices. */
  message(chat: string, id: string): Promise<ArchivedMessage | undefined>
  message(key: Message | MessageKey): Promise<ArchivedMessage | undefined>
  /**
   * Messages whose text or caption has all these words, in any case and with or without accents; the last word may be
   * unfinished, unless a space follows it, which is quicker where many words begin so. What was stored last comes first.
   */
  search(text: string, options?: ArchivedSearchOptions): Promise<{ messages: ArchivedMessage[]; cursor?: string }>
  /** Everybody who is known, in the order of becoming so. */
  contacts(options?: ArchivePageOptions): Promise<{ contacts: ArchivedContact[]; cursor?: string }>
  /** By phone number's JID or LID. */
  contact(jid: string): Promise<ArchivedContact | undefined>
  /** Chats with something to be read, and how many messages that is; status posts do not count. */
  unread(): Promise<{ chats: number; messages: number }>
  labels(): Promise<ArchivedLabel[]>
}

export class WhatsAppClient {
  /** @throws ChasquiError INVALID_OPTION; STORE_FAILED when there is no such folder */
  constructor(options: ClientOptions)
  readonly state: State
  /** Calls: refusing them, and links to join them. */
  readonly calls: Calls
  /** Channels. */
  readonly channels: Channels
  /** Businesses and their shops. */
  readonly business: Business
  /** The bots of the service. */
  readonly bots: Bots
  /** Status posts. */
  readonly status: Status
  /** Chats, messages and people that are kept with the option `archive`. */
  readonly archive: Archive
  readonly groups: Groups
  readonly communities: Communities
  /** Who has an account, and what the service tells of somebody. */
  readonly people: People
  /** Whether the account is there, who else is, and who types. */
  readonly presence: Presence
  /** What others see of the account. */
  readonly profile: Profile
  /** Who may see and do what, and who is blocked. */
  readonly privacy: Privacy
  /** The account itself and its devices. */
  readonly account: OwnAccount
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
  /** The files of an album are uploaded first, then sent. What a part rejects with has the album's `id`: give it to try again. */
  send(to: string | Message, content: AlbumContent, options?: SendOptions): Promise<SentAlbum>
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
  /** Answers an event. */
  attend(
    event: Message | MessageKey,
    answer: 'going' | 'not-going' | 'maybe',
    options?: SendOptions & { guests?: number },
  ): Promise<Sent>
  forward(to: string | Message, message: Message, options?: SendOptions): Promise<Sent>
  /** Sends a `Message` protobuf as it is. */
  relay(to: string | Message, bytes: Uint8Array, options?: SendOptions & Omit<RawContent, 'raw'>): Promise<Sent>
  /**
   * Uploads a file, encrypted, to be sent later or more than once. `send()` does that by itself.
   * @throws ChasquiError FILE_FAILED, URL_NOT_ALLOWED, MEDIA_TOO_LARGE, MEDIA_FAILED, NOT_CONNECTED, ABORTED, and what its
   * source throws
   */
  upload(source: FileSource, options: UploadOptions): Promise<UploadedFile>
  /**
   * Downloads the file of a message into a file that has its name only when all of it is there and verified.
   * @throws ChasquiError MEDIA_GONE, MEDIA_CORRUPT, MEDIA_TOO_LARGE, MEDIA_FAILED, FILE_FAILED, INVALID_CONTENT, ABORTED
   */
  download(message: Message | Uint8Array, options: DownloadOptions & { path: string }): Promise<SavedFile>
  /** The same into memory. */
  download(message: Message | Uint8Array, options?: DownloadOptions): Promise<Buffer>
  /** The same as a stream. What is read is not verified before the stream has ended; a bad file ends it with an error. */
  downloadStream(message: Message | Uint8Array, options?: DownloadOptions): Readable
  /** Keeps the session. Resolves when everything is durable and the lease is free. */
  disconnect(): Promise<void>
  /**
   * Takes over the session of Baileys in the folder of its `useMultiFileAuthState` (6.7, 6.17 or 7): the device goes on
   * without a code to scan, with its keys, sessions and prekeys. Before `connect()`, into a session that is empty; the folder
   * is only read. From then on Baileys must not use it: both would turn the same ratchets. The settings of the account are
   * asked for again at the first login.
   * @throws ChasquiError INVALID_ARGUMENT when there is no paired session in the folder, or one in the store already;
   * STORE_CORRUPT when its credentials cannot be read; FILE_FAILED, ALREADY_CONNECTED, SESSION_HELD
   */
  importFromBaileys(folder: string): Promise<ImportedSession>
  /**
   * The way back: writes the session into a folder as `useMultiFileAuthState` of Baileys 7 reads it, for Baileys to go on with. While
   * the client is not connected; the folder is made, or has no session in it. From then on this session must not be opened again.
   * Baileys 6 would find only some of the conversations in it.
   * @throws ChasquiError INVALID_ARGUMENT when the session is not paired, or the folder has one; FILE_FAILED, ALREADY_CONNECTED,
   * SESSION_HELD
   */
  exportToBaileys(folder: string): Promise<ExportedSession>
  /** Unlinks the device and wipes the session. */
  logout(): Promise<void>
  /**
   * Both addresses of somebody, by number, JID or message: from what is known, else from the server.
   * @throws ChasquiError NOT_ON_WHATSAPP, INVALID_RECIPIENT, NOT_CONNECTED
   */
  resolve(who: string | Message): Promise<Person>
  /** Marks messages as read. */
  read(messages: Message | Message[]): Promise<void>
  /**
   * Marks voice notes, videos and the like as played, and what can be seen once as opened: their author gets a receipt
   * `played`, and the own devices know them as read. Without read receipts (`privacy`) only the own devices are told.
   * @throws ChasquiError INVALID_CONTENT, NOT_CONNECTED
   */
  played(messages: Message | Message[]): Promise<void>
  /**
   * Changes the account's settings on all its devices. Resolves when the server has the changes; those of one call that
   * belong together go in one patch. What other devices changed at the same time is taken in first.
   * @param options.timeout milliseconds until `TIMEOUT`. Default: `sendTimeout`.
   * @throws ChasquiError INVALID_CHANGE, NOT_CONNECTED, TIMEOUT, REQUEST_FAILED, APP_STATE_BROKEN, APP_STATE_KEY_MISSING
   */
  change(changes: Change | Change[], options?: { timeout?: number; signal?: AbortSignal }): Promise<void>
  /**
   * Makes any request: an `iq` with type `get` or `set`; `id` is the engine's, `to` is the service by default.
   * @throws ChasquiError INVALID_ARGUMENT; what the service refuses: NOT_ALLOWED, NOT_FOUND, RATE_LIMITED, REQUEST_FAILED; NOT_CONNECTED, TIMEOUT
   */
  query(node: MessageNode, options?: CallOptions): Promise<MessageNode>
  /**
   * Calls the handler with stanzas of the service, decrypted, as they come: they are not stored, and while JavaScript does not
   * keep up they are let go (`stats().missed`). Gives a function that ends it. At most 256 at once.
   * @throws ChasquiError INVALID_ARGUMENT
   */
  onNode(pattern: NodePattern, handler: (node: MessageNode) => void): () => void
  /**
   * Asks the phone for messages of a chat that are older than `before`, or for its newest. They are told by `history` events
   * of type `on-demand` with the same `request`; resolves when those were taken. A phone that is offline, or does not have
   * the chat, does not answer.
   * @param options.count 1 to 500. Default 50.
   * @param options.timeout milliseconds until `TIMEOUT`. Default 60,000.
   * @throws ChasquiError TIMEOUT, NOT_CONNECTED, INVALID_OPTION, HISTORY_FAILED, QUEUE_FULL, ABORTED
   */
  fetchHistory(
    chat: string | Message,
    options?: { count?: number; before?: Message | OldestMessage; timeout?: number; signal?: AbortSignal },
  ): Promise<FetchedHistory>
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
  | 'INVALID_CHANGE'
  | 'INVALID_ARGUMENT'
  | 'INVALID_QR'
  | 'QR_EXPIRED'
  | 'NOT_ON_WHATSAPP'
  | 'NOT_FOUND'
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
  | 'MEDIA_CORRUPT'
  | 'MEDIA_GONE'
  | 'MEDIA_TOO_LARGE'
  | 'MEDIA_FAILED'
  | 'FFMPEG_MISSING'
  | 'URL_NOT_ALLOWED'
  | 'FILE_FAILED'
  | 'SESSION_HELD'
  | 'SESSION_TAKEN_OVER'
  | 'LEASE_LOST'
  | 'STORE_CORRUPT'
  | 'STORE_FAILED'
  | 'ARCHIVE_OFF'
  | 'ARCHIVE_NEWER'
  | 'WRONG_KEY'
  | 'APP_STATE_BROKEN'
  | 'APP_STATE_KEY_MISSING'
  | 'HANDLER_FAILED'
  | 'HISTORY_FAILED'
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
