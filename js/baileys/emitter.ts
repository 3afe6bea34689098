/**
 * `sock.ev`: one event at a time for `on`, all events of one occurrence together for `process`.
 *
 * While somebody buffers, the events about chats and messages wait, are drawn together, and come as one batch at the flush.
 * What listeners return counts: events that are stored until they are taken are confirmed when the promises have resolved.
 */
import { EventEmitter } from 'node:events'

import { BatchOfEvents, isBufferable, type EventMap } from './event-batch.js'
import type { BaileysEventEmitter, BaileysEventMap } from './types.js'

type Events = Partial<BaileysEventMap> | EventMap
type Listener = (arg: never) => void
type Handler = (events: Partial<BaileysEventMap>) => void | Promise<void>

const MAX_BUFFER_MS = 30_000
/** After the last buffered function, for those that follow at once. */
const FLUSH_DELAY_MS = 100

interface Settled {
  promise: Promise<unknown>
  resolve(value?: unknown): void
  reject(reason: unknown): void
}

export class DoorEmitter implements BaileysEventEmitter {
  readonly #listeners = new EventEmitter().setMaxListeners(0)
  readonly #handlers = new Set<Handler>()
  readonly #batch = new BatchOfEvents()
  readonly #shape: ((events: EventMap) => EventMap) | undefined
  #buffering: NodeJS.Timeout | undefined
  #later: NodeJS.Timeout | undefined
  #on = false
  #depth = 0
  /** What listeners have returned since somebody began to look. */
  #returned: Promise<unknown>[] | undefined
  /** Settles when what is buffered has been given out and taken. */
  #flushed: Settled | undefined
  /** Settles when it has been given out. */
  #given: Settled | undefined

  /** `shape` turns events into those of an earlier version. */
  constructor(shape?: (events: EventMap) => EventMap) {
    this.#shape = shape
  }

  // Users take these off the object, so none may need `this`.
  readonly on = (event: string, listener: Listener): void => void this.#listeners.on(event, listener as (arg: unknown) => void)
  readonly once = (event: string, listener: Listener): void => void this.#listeners.once(event, listener as (arg: unknown) => void)
  readonly off = (event: string, listener: Listener): void => void this.#listeners.off(event, listener as (arg: unknown) => void)
  readonly removeAllListeners = (event?: string): void => void this.#listeners.removeAllListeners(event)

  readonly process = (handler: Handler): (() => void) => {
    this.#handlers.add(handler)
    return () => void this.#handlers.delete(handler)
  }

  readonly emit = (event: string, arg: unknown): boolean => {
    if (event === 'messages.upsert') {
      const before = this.#batch.takeOtherUpserts((arg as { type: string }).type)
      if (before) this.#give({ 'messages.upsert': before })
    }
    if (this.#on && isBufferable(event)) {
      this.#batch.add(event, arg)
      return true
    }
    return this.#give({ [event]: arg })
  }

  /** Gives out what happened; a throwing listener surfaces by itself and stops nothing here. */
  deliver(events: Events): void {
    try {
      for (const [event, value] of Object.entries(events)) this.emit(event, value)
    } catch (error) {
      surface(error)
    }
  }

  readonly buffer = (): void => {
    this.#depth++
    this.#on = true
    this.#buffering ??= setTimeout(this.flush, MAX_BUFFER_MS).unref()
  }

  readonly flush = (): boolean => {
    if (!this.#on) return false
    this.#on = false
    this.#depth = 0
    this.#stopTimers()
    const flushed = this.#flushed
    this.#flushed = undefined
    const given = this.#given
    this.#given = undefined
    const returned = this.#collect(() => this.#giveBatch())
    given?.resolve()
    if (flushed) void Promise.all(returned).then(flushed.resolve, flushed.reject)
    return true
  }

  readonly isBuffering = (): boolean => this.#on

  readonly createBufferedFunction =
    <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      this.buffer()
      try {
        return await work(...args)
      } finally {
        this.#depth = Math.max(0, this.#depth - 1)
        if (this.#depth === 0 && this.#on) this.#later ??= setTimeout(this.flush, FLUSH_DELAY_MS)
      }
    }

  /** While somebody buffers: settles when what waits has been given out. */
  flushing(): Promise<unknown> | undefined {
    return this.#on ? (this.#given ??= settled()).promise : undefined
  }

  /**
   * Does work whose events belong together. Gives what confirms them: a promise where a listener has returned one, or where
   * they wait for a flush; it rejects when one of those does. Not `joined`, each event comes by itself.
   */
  together(work: () => void, joined = true): Promise<unknown> | undefined {
    if (!joined && !this.#on) return confirmation(this.#collect(work))
    if (this.#on) {
      this.#run(work)
      if (!this.#batch.isEmpty()) return (this.#flushed ??= settled()).promise
      return undefined
    }
    this.#on = true
    const returned = this.#collect(() => {
      this.#run(work)
      // A listener may have begun to buffer meanwhile: then it goes on.
      this.#on = this.#depth > 0
      if (!this.#on) this.#giveBatch()
    })
    return confirmation(returned)
  }

  readonly destroy = (): void => {
    this.#stopTimers()
    this.#on = false
    this.#depth = 0
    this.#handlers.clear()
    this.#listeners.removeAllListeners()
    this.#given = undefined
    this.#flushed?.reject(new Error('The socket was closed.'))
    this.#flushed = undefined
  }

  #stopTimers(): void {
    clearTimeout(this.#buffering)
    clearTimeout(this.#later)
    this.#buffering = this.#later = undefined
  }

  #run(work: () => void): void {
    try {
      work()
    } catch (error) {
      surface(error)
    }
  }

  #collect(work: () => void): Promise<unknown>[] {
    const outer = this.#returned
    const returned: Promise<unknown>[] = []
    this.#returned = returned
    this.#run(work)
    this.#returned = outer
    return returned
  }

  #giveBatch(): void {
    if (this.#batch.isEmpty()) return
    const events = this.#batch.take()
    if (Object.keys(events).length > 0) this.#give(events)
  }

  #give(told: EventMap): boolean {
    const events = this.#shape ? this.#shape(told) : told
    let heard = false
    for (const name of Object.keys(events)) {
      for (const listener of this.#listeners.rawListeners(name)) {
        heard = true
        this.#note(Reflect.apply(listener, this.#listeners, [events[name]]))
      }
    }
    if (this.#handlers.size === 0) return heard
    for (const handler of [...this.#handlers]) this.#note(handler(events as Partial<BaileysEventMap>))
    return true
  }

  #note(returned: unknown): void {
    if (!this.#returned || typeof (returned as PromiseLike<unknown> | undefined)?.then !== 'function') return
    const promise = Promise.resolve(returned)
    // Looking at it must not hide that nobody else handles its rejection.
    promise.catch((error: unknown) => void Promise.reject(error as Error))
    this.#returned.push(promise)
  }
}

/** Whoever does not look at it is told of a rejection once, by the listener's own promise. */
function confirmation(returned: Promise<unknown>[]): Promise<unknown> | undefined {
  const [first] = returned
  // Its rejection was looked at when it was noted.
  if (returned.length <= 1) return first
  const all = Promise.all(returned)
  all.catch(() => undefined)
  return all
}

function settled(): Settled {
  let resolve!: Settled['resolve']
  let reject!: Settled['reject']
  const promise = new Promise<unknown>((yes, no) => ((resolve = yes), (reject = no)))
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}

function surface(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}
