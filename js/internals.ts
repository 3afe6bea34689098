/** What the doors need of a client and programs do not: events as they crossed the wire. */

import type { MessageNode, RawContent, SendOptions, Sent } from '../index.js'
import type { Ask } from './requests.js'

/** What a phone or the service says, as it came. Each is stored until it is taken. */
export type WireEvent =
  | {
      kind: 'message'
      /** Attributes of the stanza. */
      attrs: Record<string, string>
      /** What stands beside the content. */
      nodes: MessageNode[]
      /** Why there is no content. */
      problem: 'absent' | 'no-session' | 'used-key' | 'wrong-key' | 'malformed' | undefined
      /** How often it was encrypted anew for this device. */
      count: number | undefined
      /** Given again after a restart, and how often. */
      redelivered: boolean
      again: number
      /** The `Message` protobuf; empty where there is none. */
      raw: Uint8Array
    }
  | { kind: 'stanza'; node: MessageNode }
  /** Mutations of the account's state; `index` is a text with JSON, `value` a `SyncActionValue` in base64. */
  | {
      kind: 'sync'
      collection: string
      source: 'snapshot' | 'patch' | 'echo'
      mutations: { index: string; value: string; removed: boolean }[]
    }
  /** A part of a blob of history. */
  | {
      kind: 'history'
      type: string
      order: number
      progress: number | undefined
      request: string | undefined
      last: boolean
      redelivered: boolean
      /** Fields of `HistorySync`. */
      raw: Uint8Array
    }
  /** A message that had left was refused. */
  | { kind: 'refused'; chat: string; id: string; error: number | undefined }

export interface Internals {
  /**
   * Is given what crossed the wire instead of the events `message`, `receipt`, `change`, `history` and what stanzas tell. A
   * promise is its confirmation: when it rejects, the event comes again in the next run.
   */
  onWire?(event: WireEvent): Promise<unknown> | undefined
  /** Milliseconds: how long nothing may come before the server is asked, and how long each QR code is shown. */
  keepAlive?: number
  qrTimeout?: number
  /** Whether the account is there as soon as it is connected. Default: true. */
  markOnline?: boolean
  /** How often a message is asked for again, and given again. Default: 5. */
  maxRetries?: number
  /** Keeps how often a message was asked for, and given again, beyond this client. */
  retries?: RetryCounts
  /** Whether a device that asks for a message a second time gets a new session. Default: true. */
  renewSessions?: boolean
  /** Whether the MACs of patches, and of snapshots, of the account's settings are looked at, beside those of each record. Default: true. */
  verifyPatches?: boolean
  verifySnapshots?: boolean
  /** Whether switches, blocklist and privacy are asked for after each login. Default: true. */
  initQueries?: boolean
  /** Milliseconds: how long a message that cannot be read waits before it is asked for again. Default: 0. */
  retryDelay?: number
  /** Is given what calls methods of the addon that have no member of their own. */
  bind?(ask: Ask): void
  bindRelay?(relay: Relay): void
  /** `creds.json` of a program that keeps an auth state of Baileys: a new device is made from its keys. */
  creds?: string
  /** What has changed of it, as JSON with bytes as `BufferJSON` has them: its fields replace those of the program. */
  onCreds?(fields: string): void
  /** Answers questions about keys that the program keeps itself: `{ get: { type, ids } }` and `{ set: { type: { id: value } } }`. */
  keys?(question: string): Promise<string>
  /** Whether Baileys 6 is to be able to go on with them. */
  keysOfSix?: boolean
  bindAuth?(control: AuthControl): void
  /** Is given what says whether the connection keeps the process alive, as it does by itself. */
  bindHold?(hold: (isWanted: boolean) => void): void
}

export interface RetryCounts {
  /** `participant`: the device that asks; the author of a message to a group that is asked for, and nobody (`''`) of others. */
  get(id: string, participant: string): Promise<number>
  set(id: string, participant: string, count: number): Promise<void>
}

export interface RelayOptions extends Omit<RawContent, 'raw'>, Pick<SendOptions, 'recipients'> {
  /** What single devices get instead of the message. */
  variants?: { jid: string; raw: Uint8Array }[]
}

/**
 * Sends a message that the program has made, a `Message` protobuf, under an id. Where that `isNew`, made for this call, nobody looks
 * whether it was sent before.
 */
export type Relay = (to: string, message: Uint8Array, id: string, isNew: boolean, options?: RelayOptions) => Promise<Sent>

/** The engine's end of an auth state. */
export interface AuthControl {
  /** Completes the files that Baileys reads; answers whether the session is open. */
  flush(): Promise<boolean>
  /** Values in JSON by the names of their files; those that there are. */
  get(files: string[]): Promise<{ [file: string]: string }>
  /**
   * Puts values into the session: an object from file to JSON, or to null, which deletes. Answers whether that was done: not in a
   * session that is closed, unless they are wanted in it `anyway`.
   */
  set(valuesJson: string, anyway?: boolean): Promise<boolean>
  /** Removes the session, which is not open. */
  wipe(): Promise<void>
}
