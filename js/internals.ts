/** What the doors need of a client and programs do not: events as they crossed the wire. */

import type { MessageNode } from '../index.js'
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
  /** Milliseconds: how long a message that cannot be read waits before it is asked for again. Default: 0. */
  retryDelay?: number
  /** Is given what calls methods of the addon that have no member of their own. */
  bind?(ask: Ask): void
  /** `creds.json` of a program that keeps an auth state of Baileys: a new device is made from its keys. */
  creds?: string
  /** What has changed of it, as JSON with bytes as `BufferJSON` has them: its fields replace those of the program. */
  onCreds?(fields: string): void
  /** Answers questions about keys that the program keeps itself: `{ get: { type, ids } }` and `{ set: { type: { id: value } } }`. */
  keys?(question: string): Promise<string>
  /** Whether Baileys 6 is to be able to go on with them. */
  keysOfSix?: boolean
  bindAuth?(control: AuthControl): void
}

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
