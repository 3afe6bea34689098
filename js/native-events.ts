/** What the addon gives, in batches: the shape of each event, and what listeners and doors get of it. */

import type * as contract from '../index.js'
import { type NativeNode, openedNode } from './archive.js'
import type { Work } from './dispatch.js'
import type { PublicError } from './error.js'
import type { NativePart } from './history.js'
import type { WireEvent } from './internals.js'
import type { NativeClient } from './native.js'
import type { LogLevel } from './options.js'
import { groupEvent } from './requests/groups.js'

export type MessageFields = Omit<contract.Message, 'raw'>

/** What the addon gives in batches, in order. */
export type NativeEvent =
  | ({ t: 'qr' } & contract.QrCode)
  | ({ t: 'connection' } & contract.ConnectionEvent)
  | ({ t: 'user' } & contract.User)
  | {
      t: 'message'
      seq: number
      again?: number
      message: Omit<MessageFields, 'nodes'> & { nodes?: NativeNode[] }
      rawAt: [start: number, end: number]
    }
  | NativeWire
  | { t: 'receipt'; seq: number; receipt: contract.Receipt }
  | ({ t: 'change'; seq: number } & contract.ChangeEvent)
  | { t: 'notice'; seq: number; event: NoticeName; value: never }
  | { t: 'passing'; event: NoticeName; value: never }
  | { t: 'node'; numbers: number[]; node: NativeNode }
  | { t: 'history'; seq: number; history: NativePart; rawAt: [start: number, end: number] }
  | ({ t: 'offline' } & contract.OfflineEvent)
  | { t: 'creds'; fields: string }
  | { t: 'wanted' }
  | { t: 'released' }
  | ({ t: 'identity' } & contract.IdentityChange)
  | ({ t: 'ask'; ask: string } & Question)
  | ({ t: 'error' } & PublicError)
  | ({ t: 'progress'; ticket: number } & contract.Progress)
  | { t: 'pull'; ticket: number }
  | { t: 'piece'; ticket: number; rawAt: [start: number, end: number] }
  | { t: 'found'; ticket: number; value: unknown; rawAt: [start: number, end: number] }
  | { t: 'done'; ticket: number; value?: unknown }
  | { t: 'failed'; ticket: number; error: PublicError }
  | { t: 'gone'; error: PublicError }
  | { t: 'log'; level: LogLevel; message: string }

/** A message as it came. */
interface NativeWire {
  t: 'wire'
  seq: number
  again?: number
  attrs: Record<string, string>
  nodes?: NativeNode[]
  problem?: Extract<WireEvent, { kind: 'message' }>['problem']
  count?: number
  redelivered?: boolean
  rawAt: [start: number, end: number]
}

/** Events that the addon names itself. */
type NoticeName = 'stanza' | 'sync' | 'raw' | 'presence' | 'person' | 'group' | 'account' | 'call' | 'channel' | 'business' | 'restriction' | 'address' | 'mex'

/** What is told, with the bytes of nodes in place. */
export function opened(event: Exclude<NoticeName, 'stanza' | 'sync'>, value: never): never {
  if (event === 'raw') return openedNode(value) as never
  const { node } = value as { node?: NativeNode }
  if (event === 'group') return (node ? { ...(value as object), node: openedNode(node) } : groupEvent(value)) as never
  return value
}

/** What the addon asks the program. */
export type Question =
  | { what: 'message'; id: string; chat: string }
  | { what: 'version' }
  | { what: 'retries'; id: string; participant: string; count?: number }
  | ({ what: 'reconnect' } & contract.ConnectionEnd)

/** One call of the addon, dispatched event by event. */
export class Batch implements Work {
  readonly #native: NativeClient
  readonly #raw: Uint8Array | undefined
  readonly #take: (event: NativeEvent, raw: Uint8Array | undefined) => boolean
  #json: string
  #events: NativeEvent[] | undefined
  #next = 0
  #seq = 0
  #count = 0
  #held: number[] | undefined

  constructor(
    native: NativeClient,
    json: string,
    raw: Uint8Array | undefined,
    take: (event: NativeEvent, raw: Uint8Array | undefined) => boolean,
  ) {
    this.#native = native
    this.#json = json
    this.#raw = raw
    this.#take = take
  }

  step(): boolean {
    if (!this.#events) {
      this.#events = JSON.parse(this.#json) as NativeEvent[]
      this.#json = ''
    }
    const event = this.#events[this.#next++]
    if (event) {
      const held = this.#take(event, this.#raw)
      // Without a number it is no row that is confirmed.
      if ('seq' in event && event.seq) {
        this.#seq = event.seq
        this.#count++
        if (held) (this.#held ??= []).push(event.seq)
      }
    }
    if (this.#next < this.#events.length) return true
    this.#native.delivered(this.#seq, this.#count, this.#held)
    return false
  }
}

/** An event as the doors get it, if it is one of those. */
export function wireEvent(event: NativeEvent, raw: Uint8Array | undefined): WireEvent | undefined {
  switch (event.t) {
    case 'wire': {
      const { attrs, nodes = [], problem, count, redelivered = false, again = 0, rawAt } = event
      const bytes = raw?.subarray(...rawAt) ?? new Uint8Array()
      return { kind: 'message', attrs, nodes: nodes.map(openedNode), problem, count, redelivered, again, raw: bytes }
    }
    case 'history': {
      const { type, order, progress, request, last, redelivered } = event.history
      const bytes = raw?.subarray(...event.rawAt) ?? new Uint8Array()
      return { kind: 'history', type, order, progress, request, last, redelivered, raw: bytes }
    }
    case 'notice':
    case 'passing':
      if (event.event === 'stanza') return { kind: 'stanza', node: openedNode(event.value) }
      if (event.event === 'sync') return { kind: 'sync', ...(event.value as Omit<Extract<WireEvent, { kind: 'sync' }>, 'kind'>) }
      return undefined
    case 'receipt': {
      const { status, chat, ids, error } = event.receipt
      return status === 'failed' ? { kind: 'refused', chat, id: ids[0] ?? '', error } : undefined
    }
    default:
      return undefined
  }
}

/** `raw()` cuts the message's bytes out of the batch only when asked; JSON and comparisons do not see it. */
export function withRaw(fields: MessageFields, batch: Uint8Array | undefined, [start, end]: [number, number]): contract.Message {
  const raw = (): Uint8Array => batch?.subarray(start, end) ?? new Uint8Array()
  return Object.defineProperty(fields, 'raw', { value: raw }) as contract.Message
}
