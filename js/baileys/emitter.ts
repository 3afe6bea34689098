/**
 * `sock.ev`: one event at a time for `on`, all events of one occurrence together for `process`.
 *
 * While somebody buffers, the events about chats and messages wait and come together at the flush, `messages.upsert` of
 * each type by itself. Events of the socket itself never wait.
 */
import { EventEmitter } from 'node:events'
import type { BaileysEventEmitter, BaileysEventMap } from './types.js'

type Events = Partial<BaileysEventMap>
type Listener = (arg: never) => void
type NodeListener = (arg: unknown) => void
type Handler = (events: Events) => void | Promise<void>

/** In the order in which a batch is given out. */
const BUFFERABLE: readonly string[] = [
  'messaging-history.set', 'chats.upsert', 'chats.update', 'chats.delete', 'messages.upsert', 'messages.update', 'messages.delete',
  'messages.reaction', 'message-receipt.update', 'contacts.upsert', 'contacts.update', 'groups.update',
]
const MAX_BUFFER_MS = 30_000
/** More than this is given out although somebody buffers. */
const MAX_BUFFERED = 10_000

export class DoorEmitter implements BaileysEventEmitter {
  readonly #listeners = new EventEmitter().setMaxListeners(0)
  readonly #handlers = new Set<Handler>()
  #waiting: Events[] = []
  #buffering: NodeJS.Timeout | undefined

  // Users take these off the object, so none may need `this`.
  readonly on = (event: string, listener: Listener): void => void this.#listeners.on(event, listener as NodeListener)
  readonly once = (event: string, listener: Listener): void => void this.#listeners.once(event, listener as NodeListener)
  readonly off = (event: string, listener: Listener): void => void this.#listeners.off(event, listener as NodeListener)
  readonly removeAllListeners = (event?: string): void => void this.#listeners.removeAllListeners(event)

  readonly process = (handler: Handler): (() => void) => {
    this.#handlers.add(handler)
    return () => void this.#handlers.delete(handler)
  }

  readonly emit = (event: string, arg: unknown): boolean => this.#give({ [event]: arg } as Events)

  /** Gives out what the engine reported; a throwing listener surfaces by itself and stops nothing here. */
  readonly deliver = (events: Events): void => {
    try {
      this.#give(events)
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }

  readonly buffer = (): void => {
    this.#buffering ??= setTimeout(this.flush, MAX_BUFFER_MS).unref()
  }

  readonly flush = (): boolean => {
    const buffering = this.#buffering !== undefined
    clearTimeout(this.#buffering)
    this.#buffering = undefined
    const waiting = this.#waiting
    this.#waiting = []
    for (const batch of merge(waiting)) this.#give(batch)
    return buffering
  }

  readonly isBuffering = (): boolean => this.#buffering !== undefined

  readonly createBufferedFunction =
    <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      this.buffer()
      try {
        return await work(...args)
      } finally {
        this.flush()
      }
    }

  readonly destroy = (): void => {
    clearTimeout(this.#buffering)
    this.#buffering = undefined
    this.#waiting = []
    this.#handlers.clear()
    this.#listeners.removeAllListeners()
  }

  #give(events: Events): boolean {
    const names = Object.keys(events) as (keyof Events)[]
    if (this.#buffering && names.every(name => BUFFERABLE.includes(name))) {
      this.#waiting.push(events)
      if (this.#waiting.length > MAX_BUFFERED) this.flush()
      return true
    }
    let heard = false
    for (const name of names) heard = this.#listeners.emit(name, events[name]) || heard
    for (const handler of [...this.#handlers]) void handler(events)
    return heard || this.#handlers.size > 0
  }
}

/** The waiting occurrences as few batches: lists of the same event are joined until the type of an upsert changes. */
function merge(waiting: Events[]): Events[] {
  const batches: Events[] = []
  let current: Record<string, unknown> = {}
  const finish = (): void => {
    if (Object.keys(current).length === 0) return
    batches.push(Object.fromEntries(BUFFERABLE.filter(name => name in current).map(name => [name, current[name]])) as Events)
    current = {}
  }
  for (const events of waiting) {
    const before = current['messages.upsert'] as BaileysEventMap['messages.upsert'] | undefined
    const upsert = events['messages.upsert']
    if (before && upsert && before.type !== upsert.type) finish()
    for (const [name, value] of Object.entries(events)) {
      const known = current[name]
      if (name === 'messages.upsert' && known) {
        const { messages, type } = known as BaileysEventMap['messages.upsert']
        current[name] = { messages: [...messages, ...(value as BaileysEventMap['messages.upsert']).messages], type }
      } else if (Array.isArray(known) && Array.isArray(value)) current[name] = [...(known as unknown[]), ...(value as unknown[])]
      else current[name] = value
    }
  }
  finish()
  return batches
}
