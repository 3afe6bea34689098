/** The emitter of Baileys: while it buffers, what happened waits, is drawn together, and comes as one batch. */
import { EventEmitter } from 'node:events'

import type { ILogger } from './quiet-logger.js'
import { BatchOfEvents, isBufferable, type EventMap } from './event-batch.js'

type Listener = (arg: any) => void
type Handler = (events: Partial<EventMap>) => void | Promise<void>
interface BufferLogger {
  debug(value: unknown, message?: string): void
  warn(value: unknown, message?: string): void
}

export interface BaileysBufferableEventEmitter {
  on(event: string, listener: Listener): void
  off(event: string, listener: Listener): void
  removeAllListeners(event?: string): void
  emit(event: string, arg: any): boolean
  process(handler: Handler): () => void
  buffer(): void
  flush(): boolean
  isBuffering(): boolean
  createBufferedFunction<A extends any[], T>(work: (...args: A) => Promise<T>): (...args: A) => Promise<T>
  destroy(): void
}

const MAX_BUFFER_MS = 30_000
/** After the last buffered function, for those that follow at once. */
const FLUSH_DELAY_MS = 100
/** No event has this name. */
const BATCH = Symbol('batch')

export const makeEventBuffer = (logger: BufferLogger | ILogger): BaileysBufferableEventEmitter => {
  const emitter = new EventEmitter().setMaxListeners(0)
  const batch = new BatchOfEvents()
  let buffering = false
  let depth = 0
  let limit: NodeJS.Timeout | undefined
  let later: NodeJS.Timeout | undefined

  const stopTimers = (): void => {
    clearTimeout(limit)
    clearTimeout(later)
    limit = later = undefined
  }
  const give = (events: Partial<EventMap>): boolean => {
    for (const [name, value] of Object.entries(events)) emitter.emit(name, value)
    return emitter.emit(BATCH, events)
  }
  const buffer = (): void => {
    depth++
    if (buffering) return
    buffering = true
    depth = 1
    limit = setTimeout(() => {
      if (!buffering) return
      logger.warn('events were buffered for too long: they are given out')
      flush()
    }, MAX_BUFFER_MS).unref()
  }
  const flush = (): boolean => {
    if (!buffering) return false
    buffering = false
    depth = 0
    stopTimers()
    const events = batch.take()
    if (Object.keys(events).length > 0) give(events)
    return true
  }
  return {
    process(handler) {
      const listener = (events: Partial<EventMap>): void => void handler(events)
      emitter.on(BATCH, listener)
      return () => void emitter.off(BATCH, listener)
    },
    emit(event, arg) {
      if (event === 'messages.upsert') {
        const before = batch.takeOtherUpserts(arg.type)
        if (before) give({ 'messages.upsert': before })
      }
      if (buffering && isBufferable(event)) {
        batch.add(event, arg)
        return true
      }
      give({ [event]: arg })
      return true
    },
    isBuffering: () => buffering,
    buffer,
    flush,
    createBufferedFunction(work) {
      return async (...args) => {
        buffer()
        try {
          return await work(...args)
        } finally {
          depth = Math.max(0, depth - 1)
          if (depth === 0 && buffering) later ??= setTimeout(flush, FLUSH_DELAY_MS)
        }
      }
    },
    on: (event, listener) => void emitter.on(event, listener),
    off: (event, listener) => void emitter.off(event, listener),
    removeAllListeners: event => void emitter.removeAllListeners(event),
    destroy() {
      stopTimers()
      buffering = false
      emitter.removeAllListeners()
    },
  }
}
