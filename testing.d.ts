/**
 * The emulator of the service, for tests: everything runs on this machine, with no phone and no network.
 *
 * This file is the public contract of `chasqui/testing`. Everything here is reviewed by hand.
 */

import type { Change, ChangeEvent, Endpoint, ToldChange } from './index.js'

/** What a phone has of the past. */
export interface PhoneHistory {
  chats?: PhoneChat[]
  /** What people call themselves. */
  contacts?: { jid: string; name: string }[]
  /** Pairs of addresses beside those that chats tell. */
  mappings?: { pn: string; lid: string }[]
  pastParticipants?: { group: string; jid: string; removed?: boolean; at: number }[]
  /** Further chats, made up: the same seed makes the same ones. Every tenth is a group. */
  generate?: { chats: number; messages: number; seed?: number }
  /** Messages in one blob. Default 500. */
  perBlob?: number
  /** Newest messages of each chat that come with the list of chats. Default 1. */
  initial?: number
  /** Newest messages of each chat that every device gets; older ones are for devices that want all, and for those that ask. Default: all. */
  recent?: number
  /** Blobs stand in their notifications, and not on the media hosts. Default `false`. */
  inline?: boolean
  /**
   * What is wrong with blobs: of a kind (the schema's number), of an order, so many times (1). `bomb`: it inflates to 64 MiB
   * of zeros. `cut`: its end is missing. `noise`: it was never deflated. `missing`: the media hosts do not have it. With
   * all of these the hashes fit; for wrong bytes there are `media.faults`.
   */
  spoil?: { what: 'bomb' | 'cut' | 'noise' | 'missing'; kind?: number; order?: number; times?: number }[]
}

/** A chat that a phone has. All times are seconds. */
export interface PhoneChat {
  /** In either form. */
  jid: string
  /** The other form, where the chat tells it. */
  pn?: string
  lid?: string
  name?: string
  unread?: number
  archived?: boolean
  /** When it was pinned. */
  pinned?: number
  mutedUntil?: number
  ephemeral?: number
  /** What entitles to write to the person. */
  token?: Uint8Array
  tokenTimestamp?: number
  /** Of a group. */
  members?: { jid: string; admin?: boolean }[]
  /** Newest first. */
  messages?: {
    id?: string
    fromMe?: boolean
    /** In groups: who wrote it. */
    participant?: string
    text?: string
    /** Instead of a text: the Message protobuf. */
    raw?: Uint8Array
    timestamp?: number
    pushName?: string
    /** How far it got: the schema's number, 0 to 5. */
    status?: number
    starred?: boolean
    reactions?: { from?: string; fromMe?: boolean; emoji: string }[]
    secret?: Uint8Array
    /** What happened, instead of a message: the schema's number. */
    stub?: number
    stubParameters?: string[]
  }[]
}

/** The history of accounts. */
export interface History {
  /** What the phone of an account, made if it is new, has: devices that are linked from now on get it. Resolves with how many messages. */
  set(account: string, history: PhoneHistory): Promise<{ messages: number }>
}

export interface EmulatorOptions {
  /** Address to listen on. Default `127.0.0.1`. */
  host?: string
  /** Default 0: a free one. */
  port?: number
  /**
   * One port always serves `ws`, `wss`, `http` and `https`. `false`: `emulator.endpoint` is the `ws` address.
   * An object: the authority (PEM) that signs the certificate, and the names in it, so that they outlast a restart.
   * Default: a new authority, for `localhost`, `127.0.0.1` and `::1`.
   */
  tls?: boolean | { certificate?: string; key?: string; names?: string[] }
  /** Private half of the Noise root key, base64 of 32 bytes. Default: a new one. */
  rootKey?: string
  /** Clients older than this are refused as outdated. Default: none. */
  minVersion?: [number, number, number]
  /** Seconds added to the clock wherever the service tells the time. Default 0. */
  clockOffsetSeconds?: number
  /** How many stanzas `stanzas()` can look back. Default 20,000. */
  captureLimit?: number
  /** How long a "typing" waits for a device that is away. Default 15. */
  chatstateTtlSeconds?: number
  /** `true`: clients cannot resume the Noise session and do the whole handshake. Default `false`. */
  refuseResume?: boolean
  /** `true`: the device that changes a group is notified of it like everybody else. Default `false`. */
  echoGroupChanges?: boolean
  /**
   * `false`: accounts are not migrated to LIDs, as they were when Baileys 6 was made: clients that ask write to people by number.
   * Groups are by LID unless they are made otherwise. Default `true`.
   */
  lidMigrated?: boolean
  /** `true`: a client gets its backlog in the batches that it asks for, or after a second each. Default `false`: all at once. */
  offlineBatches?: boolean
  /**
   * `true`: every account with a linked device owns a group named "Baileys Group Test", which nobody is told of, as
   * suites for other clients expect it. Default `false`; the program `chasqui emulator` has it on.
   */
  testGroup?: boolean
  /** How long, in seconds, clients may use what they learned of the media hosts. Default 300. */
  mediaTtlSeconds?: number
  /** How long, in seconds, what authorizes their uploads is good. Default 21,600. */
  mediaAuthTtlSeconds?: number
  /** Longest file that can be uploaded, in bytes. Default 2 GiB. */
  mediaLimit?: number
  /**
   * Variables that set what the options above leave out, usually `process.env`: `PORT`, `HOST` and the others of
   * docs/emulator.md. Default: none; the program `chasqui emulator` passes its environment.
   */
  environment?: Record<string, string | undefined>
}

/** An account of the emulated service. */
export interface Account {
  /** The push name that chose it. */
  name: string
  /** Phone-number JID. */
  jid: string
  lid: string
}

/** An account with its linked devices. */
export interface AccountDetails extends Account {
  /** The name that others are shown now. */
  pushName: string
  /** Whether its phone acts as a person, see {@link Emulator.contact}. */
  contact: boolean
  devices: {
    device: number
    connected: boolean
    /** Connected, and it has asked for what was queued. */
    active: boolean
    /** Stanzas that it has not acknowledged. */
    queued: number
    /** One-time keys that were not handed out yet. */
    prekeys: number
  }[]
}

/** A message as a virtual phone shows it. */
export interface PhoneMessage {
  id: string
  /** Phone-number JID of the other person; or the group's JID, `status@broadcast`, or a list's JID. */
  chat: string
  /** The group, when `chat` is one. */
  group?: string
  /** Who wrote it: phone-number JID, LID and device number. */
  from: string
  fromLid: string
  fromDevice: number
  /** Written by another device of the same account. */
  fromMe: boolean
  /** The name that the message gave for its sender. */
  pushName?: string
  text?: string
  /** `pkmsg`: it began an encryption session. `skmsg`: one ciphertext for all. */
  encryption: 'pkmsg' | 'msg' | 'skmsg'
  /** Milliseconds since the epoch. */
  timestamp: number
  /** The Message protobuf. */
  raw(): Uint8Array
}

/**
 * What a virtual phone writes: a text, or any Message protobuf, and with that further children of the stanza, as an app
 * newer than this emulator might send them.
 */
export type PhoneContent = { text: string } | { raw: Uint8Array; nodes?: StanzaNode[] }

/** What a virtual phone was told about messages that it sent. */
export interface PhoneReceipt {
  ids: string[]
  receipt: 'delivery' | 'read' | 'played' | 'inactive' | 'retry' | (string & {})
  /** The group, `status@broadcast` or the list that the messages were sent to. */
  group?: string
  /** Phone-number JID and device number of the reader. */
  from: string
  fromDevice: number
  /** Milliseconds since the epoch. */
  timestamp: number
}

/** What a virtual phone hears of a call. */
export interface PhoneCall {
  id: string
  action: 'offer' | 'preaccept' | 'accept' | 'reject' | 'terminate' | (string & {})
  /** Phone-number JID and device number of who does it. */
  from: string
  fromDevice: number
  /** Of an offer: to be seen, too. */
  video: boolean
  /** The group, if it is a group's call. */
  group?: string
  reason?: string
  /** Milliseconds since the epoch. */
  timestamp: number
}

export interface WaitOptions {
  /** Milliseconds until the promise rejects with `TIMEOUT`. Default 10,000. */
  timeout?: number
}

/** A person with a virtual phone. */
export interface Contact extends Account {
  /**
   * Writes to a JID, a number or an account's name; to a group that it is in, to `status@broadcast`, or to a list
   * (`ANY@broadcast`).
   * @param options.recipients For the status and for lists: who gets it. Default: everybody there is.
   * @param options.unavailable For a person: only the phone gets it, and its linked devices are told this reason
   * (`view_once`; or empty). They can ask their phone for it.
   */
  send(
    to: string | { jid: string },
    content: PhoneContent,
    options?: { id?: string; recipients?: string[]; unavailable?: 'view_once' | (string & {}) },
  ): Promise<{ id: string }>
  /** The phone loses its encryption sessions, as phones do: it has to ask again for what it is sent next. */
  forgetSessions(): Promise<void>
  /** The phone is set up anew: another identity, no linked devices; whoever knows its devices is notified. */
  renewIdentity(): Promise<void>
  /**
   * The first fitting message among those that came already and no earlier call has given, or else that comes; without a
   * predicate any fits.
   */
  waitForMessage(predicate?: ((message: PhoneMessage) => boolean) | WaitOptions, options?: WaitOptions): Promise<PhoneMessage>
  /** The same for receipts. */
  waitForReceipt(predicate?: ((receipt: PhoneReceipt) => boolean) | WaitOptions, options?: WaitOptions): Promise<PhoneReceipt>
  /**
   * Calls a person, or a group that it is in.
   * @param options.video To be seen, too. Default `false`.
   * @param options.notice Linked devices get no keys, and are only told of the call. Default `false`.
   */
  call(
    to: string | { jid: string },
    options?: { video?: boolean; notice?: boolean },
  ): Promise<{ id: string; end(reason?: 'timeout' | (string & {})): Promise<void> }>
  /** Answers a call that somebody makes to it. */
  answerCall(call: { id: string }, action: 'preaccept' | 'accept' | 'reject' | 'terminate', options?: { reason?: string }): Promise<void>
  /** Like `waitForMessage`, for what it hears of calls. */
  waitForCall(predicate?: ((call: PhoneCall) => boolean) | WaitOptions, options?: WaitOptions): Promise<PhoneCall>
  /** Opens the conversations: sends read receipts for everything that came and is not read yet. */
  read(): Promise<void>
}

/** A group that is to be made. People are named by name, number or JID; a new name makes a person whose phone is silent. */
export interface GroupOptions {
  /** 1 to 100 characters. */
  subject: string
  /** Everybody in it, at most 1,024. */
  members: string[]
  /** Who makes it. Default: the first member. */
  owner?: string
  /** Whether members are addressed by LID, as in all newer groups, or by phone number. Default `lid`. */
  addressing?: 'lid' | 'pn'
  description?: string
  /** Only admins write. Default `false`. */
  announcement?: boolean
  /** Only admins edit it. Default `false`. */
  locked?: boolean
  /** Seconds until messages disappear. Default 0: never. */
  ephemeral?: number
}

/** One change of a group. */
export type GroupChange =
  | { add: string[] }
  | { remove: string[] }
  | { promote: string[] }
  | { demote: string[] }
  /** A member goes by himself. */
  | { leave: string }
  | { subject: string }
  /** An empty one removes it. */
  | { description: string }
  | { announcement: boolean }
  | { locked: boolean }
  | { ephemeral: number }
  /** Whether every member gives the invite link away, and shares what was written before with those who come. */
  | { allMembersLink: boolean }
  | { allMembersShare: boolean }
  | { limitSharing: boolean }
  /** Whether members report messages to the admins. */
  | { adminReports: boolean }
  /** Nobody is told: clients find out when the service refuses their next message with 421. */
  | { addressing: 'lid' | 'pn' }

/** A group as the service sees it. */
export interface GroupDetails {
  jid: string
  subject: string
  description?: string
  addressing: 'lid' | 'pn'
  announcement: boolean
  locked: boolean
  ephemeral: number
  /** Code of the invite link. */
  invite: string
  members: (Account & { role: 'member' | 'admin' | 'superadmin' })[]
}

/** A group. Its fields are as they were when it was made; `details()` gives the present ones. */
export interface Group extends GroupDetails {
  /**
   * Changes it, by default as its owner; all members' devices are told.
   * @param options.untold They are told only that their groups are out of date (`dirty`), until they have cleaned that. Default `false`.
   */
  change(what: GroupChange, options?: { by?: string; untold?: boolean }): Promise<GroupDetails>
  details(): Promise<GroupDetails>
}

export interface StanzaNode {
  tag: string
  attrs: Record<string, string>
  /** With `forms`: the attributes that are JIDs on the wire, and not text. */
  jids?: string[]
  /** Child nodes, a text, or bytes in base64. */
  content?: StanzaNode[] | string | { base64: string }
}

/** A stanza as it crossed a connection, decrypted. */
export interface Stanza {
  /** Counts from 1. */
  sequence: number
  /** Milliseconds since the epoch. */
  time: number
  /** `out`: the client sent it. `in`: it got it. */
  direction: 'in' | 'out'
  /** Number of the connection. */
  connection: number
  /** Name of the account and number of the device, once the connection has them. */
  account?: string
  device?: number
  stanza: StanzaNode
}

/** Which stanzas are wanted; what is left out matches all. */
export interface StanzaFilter {
  /** Name, number or JID of an account. */
  account?: string
  device?: number
  connection?: number
  direction?: 'in' | 'out'
  tag?: string
  id?: string
  type?: string
  xmlns?: string
  /** Tag of a child node. */
  child?: string
  /** Only stanzas after this `sequence`. */
  after?: number
  /** Only the last so many. */
  limit?: number
  /** Also tell which attributes crossed in the form of a JID, as `jids` of each node. Default `false`. */
  forms?: boolean
}

/** Whose connections are meant; without an account everybody's. */
export interface Target {
  /** Name, number or JID. */
  account?: string
  device?: number
}

/** How a connection ends; see docs/emulator.md. Default: `abrupt`. */
export type Fault =
  | { how?: 'clean' | 'abrupt' | 'silence' }
  | { how: 'streamError'; code?: number; conflict?: string }
  /** The next logins, by default one, are refused: 402 with `code` and `expire` (seconds) is a temporary ban. */
  | { how: 'failure'; reason: number; code?: number; expire?: number; times?: number }

/**
 * Something that a client gets out of turn: a stanza, the base64 of a frame's plaintext, or a broken frame. `refuse`:
 * the error number that answers its next message, instead of being relayed. `notification`: queued like every other, also
 * for a device that is away; `from` is the service itself by default. A stanza for all also goes to clients that show a code.
 */
export type Injection =
  | { stanza: StanzaNode }
  | { plaintext: string }
  | { frame: 'truncated' | 'oversized' | 'deep' | 'bomb' | 'wrongTag' | 'garbage' }
  | { refuse: number }
  | { notification: { type: string; from?: string; child: StanzaNode } }

/** Which stanzas, or which devices, a fault concerns. What is left out fits everything. */
export interface FaultFilter {
  /** Name, number or JID. */
  account?: string
  device?: number
  /** `in`: to the client. `out`: from it. Default: `out` for `refuse` and `slowReader`, else `in`. */
  direction?: 'in' | 'out'
  tag?: string
  type?: string
  class?: string
  xmlns?: string
  /** How many that fit are left alone first. Default 0. */
  skip?: number
  /** How often it strikes at most. Default: without end. */
  times?: number
  /** The part of those that fit which it strikes, from 0 to 1. Default 1. */
  rate?: number
  /** Decides which they are: the same seed strikes the same ones. Default 0. */
  seed?: number
}

/**
 * - `drop`: never arrives. An `ack` that is dropped: the service never acknowledges.
 * - `delay`: arrives later, and others before it. An `ack` that is delayed: the service acknowledges late.
 * - `duplicate`: arrives twice. `reorder`: arrives after the next one, or after 100 ms. `corrupt`: its frame does not decrypt.
 * - `close`: the socket ends instead; with `skip: n - 1` at the n-th stanza.
 * - `refuse`: requests and messages are answered with an error number, by default 503; `backoff`: requests also with the
 *   pause, in seconds, that the service wants. With `times` the next one is answered.
 * - `phash`: messages are acknowledged with a hash of devices that is none.
 * - `otherAddress`: messages of persons name their author by the other address alone.
 * - `slowReader`: the service takes one stanza in so many milliseconds, and reads no further.
 * - `prekeys`: the keys of the account's devices are without one-time key, with one that was used before, with a wrong
 *   signature, or refused (406).
 * - `appState`: a device is served settings in which the last patch has a wrong MAC (`patchMac`, `valueMac`), says that its
 *   writer has other settings (`snapshotMac`) or is under a key that nobody has (`unknownKey`); in which the first patch is
 *   missing (`gap`) or the order is wrong (`order`); or uploads find somebody faster (`conflict`), or it is refused
 *   (`refused`).
 * - `halfOpen`: new connections, of whomever, are taken, and nothing is said or heard on them.
 */
export type FaultRule = FaultFilter &
  (
    | { what: 'drop' | 'duplicate' | 'reorder' | 'corrupt' | 'close' | 'phash' | 'otherAddress' | 'halfOpen' }
    | { what: 'delay' | 'slowReader'; milliseconds: number }
    | { what: 'refuse'; code?: number; backoff?: number }
    | { what: 'prekeys'; how: 'missing' | 'stale' | 'forged' | 'refused' }
    | { what: 'appState'; wrong: AppStateFault; collection?: Collection }
  )

export type AppStateFault =
  | 'patchMac' | 'snapshotMac' | 'valueMac' | 'gap' | 'order' | 'unknownKey' | 'conflict' | 'refused'

/** A part of an account's settings. */
export type Collection = ChangeEvent['collection']

export type PhoneChange = Change

/** A part of an account's settings as the phone has it. */
export interface CollectionDetails {
  /** The service's version. */
  version: number
  /** The version up to which the phone could follow. */
  followed: number
  /** A device wrote a patch whose hash is not that of these settings. */
  mismatch: boolean
  /** `timestamp`: milliseconds since the epoch. */
  records: { change: Change | ToldChange; timestamp: number }[]
}

/** A fault that stands. */
export interface StandingFault {
  id: number
  rule: FaultRule
  /** How many fitted it. */
  seen: number
  /** How many it struck. */
  hits: number
}

/** The service misbehaves on request. Of several faults that fit, the first one that strikes decides. */
export interface Faults {
  add(rule: FaultRule): Promise<{ id: number }>
  list(): Promise<StandingFault[]>
  /** Ends one, or all. What was held back still comes. */
  clear(id?: number): Promise<void>
}

/** What files are. It decides their keys, and where they are uploaded to. */
export type MediaKind =
  | 'image'
  | 'sticker'
  | 'video'
  | 'gif'
  | 'ptv'
  | 'audio'
  | 'ptt'
  | 'document'
  | 'history'
  | 'appState'
  | 'linkThumbnail'
  | 'imageThumbnail'
  | 'videoThumbnail'
  | 'documentThumbnail'
  | 'stickerPack'
  | 'stickerPackThumbnail'
  | 'groupHistory'

/** A file on the media hosts, with what its message says about it, under the names of the protobuf's fields. */
export interface StoredMedia {
  url: string
  directPath: string
  /** 32 bytes; not there for a plain file. */
  mediaKey?: Uint8Array
  /** Seconds since the epoch. */
  mediaKeyTimestamp: number
  fileSha256: Uint8Array
  /** Not there for a plain file. */
  fileEncSha256?: Uint8Array
  /** Bytes of the file. */
  fileLength: number
  /** For `video`, `gif`, `ptv`, `audio` and `ptt`. */
  streamingSidecar?: Uint8Array
}

/** A direct path of the media hosts. */
export interface MediaEntry {
  directPath: string
  /** As it was uploaded: `image`, `ptt`, `md-app-state`, … */
  kind: string
  /** base64url of the SHA-256 of what is stored. */
  token: string
  /** Bytes stored. */
  length: number
  /** How often it was downloaded, parts included and refusals not. */
  fetched: number
}

/**
 * Which requests a fault of the media hosts concerns. What is left out fits everything; what only asks how much of an upload
 * is there (`resume=1`) never does.
 */
export interface MediaFaultFilter {
  /**
   * A part of the request's path: a direct path (what follows its `?` is not looked at), a token, `/mms/image/`. Of a
   * retry: the message's id.
   */
  path?: string
  /** How many that fit are left alone first. Default 0. */
  skip?: number
  /** How often it strikes at most. Default: without end. */
  times?: number
}

/**
 * - `status`: the request is refused with this HTTP status, and a `Retry-After` in seconds.
 * - `slow`: the answer begins so much later, or bytes go at this speed.
 * - `cut`: the connection ends after so many bytes, by default 0. What was uploaded until then can be resumed.
 * - `truncate`: the file ends after so many bytes, and seems whole. `flip`: the byte with this number, by default the first
 *   one sent, is wrong. `endless`: zeros follow it, without end and without an announced length.
 * - `page`: the answer is a page of HTML with status 200, as from a network that wants a login.
 * - `noAnswer`, `notFound`, `wrongTag`: a phone that is asked to upload a file again does not answer, has it no longer,
 *   or answers with what does not decrypt.
 */
export type MediaFaultRule = MediaFaultFilter &
  (
    | { what: 'status'; code: number; retryAfter?: number; direction?: 'upload' | 'download' }
    | { what: 'slow'; milliseconds?: number; bytesPerSecond?: number; direction?: 'upload' | 'download' }
    | { what: 'cut'; after?: number; direction?: 'upload' | 'download' }
    | { what: 'page'; direction?: 'upload' | 'download' }
    | { what: 'endless'; direction?: 'download' }
    | { what: 'truncate' | 'flip'; after?: number; direction?: 'download' }
    | { what: 'noAnswer' | 'notFound' | 'wrongTag'; direction?: 'retry' }
  )

/** A fault of the media hosts that stands. */
export interface StandingMediaFault {
  id: number
  rule: MediaFaultRule
  /** How many fitted it. */
  seen: number
  /** How many it struck. */
  hits: number
}

/** The media hosts. */
export interface Media {
  /**
   * Encrypts and stores a file, as a client does that sends it. With the result and `contact.send(to, { raw })`, contacts
   * send files.
   * @param options.mediaKey Of another file: the picture, for its thumbnail. Default: a new one.
   * @param options.plain As it is: files of channels, profile pictures.
   * @throws ChasquiError INVALID_OPTION
   */
  put(kind: MediaKind, file: Uint8Array, options?: { mediaKey?: Uint8Array; plain?: boolean }): Promise<StoredMedia>
  /**
   * The bytes that are stored under a direct path; or the file itself, checked.
   * @throws ChasquiError EMULATOR_FAILED if there is none, INVALID_OPTION for another key or kind
   */
  get(directPath: string, open?: { mediaKey: Uint8Array; kind: MediaKind }): Promise<Uint8Array>
  /** Every direct path, oldest first. */
  list(): Promise<MediaEntry[]>
  /**
   * Takes a direct path away, as the hosts do after some weeks: downloads end with 404. The phones of those who sent or got
   * the file upload it again when they are asked, under another path.
   * @param options.everywhere The phones do not have the file either.
   * @throws ChasquiError EMULATOR_FAILED if there is none
   */
  remove(directPath: string, options?: { everywhere?: boolean }): Promise<void>
  /** Uploads with what clients got to authorize them until now are refused with 401. */
  expireAuth(): Promise<void>
  /** Misbehaviour of the hosts, until it is cleared or used up. Of several faults that fit, the first one decides. */
  readonly faults: {
    /** The direction is `download` by default. */
    add(rule: MediaFaultRule): Promise<{ id: number }>
    list(): Promise<StandingMediaFault[]>
    /** Ends one, or all. */
    clear(id?: number): Promise<void>
  }
}

/** What a person does on the phone. */
export interface PersonChange {
  about?: string
  /** The file; `null` for none. */
  picture?: Uint8Array | null
  /** Settings by the service's names and words: `{ last: 'contacts' }`. */
  privacy?: Record<string, string>
  /** Who comes into the address book. */
  contacts?: string[]
  /** The name that the service vouches for: makes a business of it. */
  business?: string
  /** Seconds of new chats. */
  disappearing?: number
  /** Whether the phone shows the app. */
  available?: boolean
  /** In `chat`: a name, number or JID, also of a group. */
  state?: 'typing' | 'recording' | 'paused'
  chat?: string
  /** Who is given a privacy token. */
  token?: string
  /** Who is blocked. */
  block?: string
}

export interface ShownPerson {
  about: string | null
  /** Id. */
  picture: string | null
  disappearing: number
  /** How many people have its privacy token. */
  tokens: number
}

export interface Emulator {
  /** For `new WhatsAppClient({ endpoint })`. */
  readonly endpoint: Required<Endpoint>
  /** `wss:` address, for other clients. */
  readonly url: string
  /** `ws:` address, for other clients. */
  readonly wsUrl: string
  /** Base address of the administration. */
  readonly httpUrl: string
  /** Authority of the TLS certificate, PEM. */
  readonly ca: string
  /** Noise root public key, base64. */
  readonly rootKey: string
  /**
   * Plays the phone that scans a QR code. Resolves when the code is accepted.
   * @param options.account Name of the account. Default: the one that the client's `pushName` names, else a new one.
   * @throws ChasquiError INVALID_QR, QR_EXPIRED
   */
  scan(qrText: string, options?: { account?: string }): Promise<Account & { device: number }>
  /**
   * Plays the phone into which a client's pairing code is typed: the client that gave the number of `account`, or else
   * the one that asked last. Resolves when the client has proved that it showed this code.
   * @param options.account Name, number or JID. Default: the account with the number that the client gave, else the one
   * that its `pushName` names.
   * @throws ChasquiError PAIRING_FAILED for another code than the one shown; EMULATOR_FAILED when no client waits for one
   */
  enterCode(code: string, options?: { account?: string }): Promise<Account & { device: number }>
  /** The person of this name, made on first use. */
  contact(name: string): Promise<Contact>
  accounts(): Promise<AccountDetails[]>
  /** Somebody (name, number or JID) changes something about himself, or does something, on the phone. */
  person(account: string, change: PersonChange): Promise<ShownPerson>
  /** Makes a group, as its owner would; all members' devices are told. Clients can make groups, too. */
  group(options: GroupOptions): Promise<Group>
  /** All groups, also those that clients made. */
  groups(): Promise<GroupDetails[]>
  /** What clients sent and got, oldest first. */
  stanzas(filter?: StanzaFilter): Promise<Stanza[]>
  /** Ends connections; the clients may come back. Resolves with how many ended. */
  disconnect(target?: Target & Fault): Promise<{ count: number }>
  /** Sends something out of turn. Resolves with how many connections got it. */
  inject(what: Target & Injection): Promise<{ count: number }>
  /** Gives the shop of an account what clients cannot: a name that the service has checked, collections of products. */
  shop(account: string, what: { verifiedName?: string; collections?: { name: string; products: string[] }[] }): Promise<void>
  /** Somebody orders something from the shop of an account. */
  order(account: string, items: { product: string; quantity: number }[]): Promise<{ id: string; token: string }>
  /** The phone of an account sets who sees its status posts; people by name, number or JID. */
  statusPrivacy(account: string, audience: 'contacts' | 'allow' | 'deny', people?: string[]): Promise<void>
  /** The link to an account, as its phone shows it; with a text a new one that brings it along, as businesses have them. */
  link(account: string, options?: { text?: string }): Promise<{ code: string; url: string }>
  /** Removes an account's linked devices, or one of them, as from the phone's list. */
  unlink(account: string, device?: number): Promise<void>
  /** Misbehaviour on request, until it is cleared or used up. */
  readonly faults: Faults
  /** Files on the media hosts, which are on the emulator's own port. */
  readonly media: Media
  readonly history: History
  /**
   * The phone of an account writes a Message protobuf to its linked devices, or to one, outside any chat. Resolves with how
   * many there are.
   */
  phoneWrites(account: string, raw: Uint8Array, options?: { device?: number }): Promise<{ count: number }>
  /**
   * The phone of an account changes its settings, as `change()` of a client does; chats and people may be given by name, too.
   * Its linked devices are notified. Resolves with the new version of each collection.
   */
  phoneChanges(account: string, changes: PhoneChange[]): Promise<Record<Collection, number>>
  /** The phone makes a new key for its settings, and shares it with its linked devices, or waits until they ask for it. */
  phoneRenewsKey(account: string, options?: { share?: boolean }): Promise<void>
  /** The phone writes the settings down as files: devices that ask from the beginning get those, and no patches before. */
  phoneSnapshots(account: string): Promise<void>
  /** The changes in the patches that are there now go into files, as those of large patches do. Resolves with how many. */
  externalPatches(account: string): Promise<{ count: number }>
  /** The settings of an account as its phone has them. */
  appState(account: string): Promise<Record<Collection, CollectionDetails>>
  /** Forgets all accounts, messages and stanzas, and cuts all connections. */
  reset(): Promise<void>
  /** Ends everything; the port is free afterwards. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts the service on this machine. Many can run side by side.
 * @throws ChasquiError INVALID_OPTION, PORT_IN_USE
 */
export function startEmulator(options?: EmulatorOptions): Promise<Emulator>
