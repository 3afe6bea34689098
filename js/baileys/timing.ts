/** Promises and timers: waiting, giving up, and waiting for events. */
import { Boom } from '@hapi/boom'

import { DisconnectReason } from './disconnect.js'
import type { BaileysEvent, BaileysEventEmitter, BaileysEventMap, ConnectionState } from './types.js'

const MAX_TIMER = 2 ** 31 - 1

export const delayCancellable = (ms: number): { delay: Promise<void>; cancel: () => void } => {
  const { stack } = new Error()
  let timer: NodeJS.Timeout | undefined
  let give: ((error: Error) => void) | undefined
  const delay = new Promise<void>((resolve, reject) => {
    timer = setTimeout(resolve, ms)
    give = reject
  })
  const cancel = (): void => {
    clearTimeout(timer)
    give?.(new Boom('Cancelled', { statusCode: 500, data: { stack } }))
  }
  return { delay, cancel }
}

export const delay = (ms: number): Promise<void> => delayCancellable(ms).delay

/** A promise that is given up after `ms`; never without. */
export async function promiseTimeout<T>(
  ms: number | undefined,
  promise: (resolve: (v: T) => void, reject: (error: any) => void) => void,
): Promise<T> {
  if (!ms) return new Promise<T>(promise)
  const { stack } = new Error()
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<T>((resolve, reject) => {
      const late = (): void => reject(new Boom('Timed Out', { statusCode: DisconnectReason.timedOut, data: { stack } }))
      timer = setTimeout(late, Math.min(ms, MAX_TIMER))
      promise(resolve, reject)
    })
  } finally {
    clearTimeout(timer)
  }
}

export interface DebouncedTimeout {
  start: (newIntervalMs?: number, newTask?: () => void) => void
  cancel: () => void
  setTask: (newTask: () => void) => () => void
  setInterval: (newInterval: number) => number
}

/** A task that runs once nobody has started it again for a while. */
export const debouncedTimeout = (intervalMs = 1000, task?: () => void): DebouncedTimeout => {
  let interval = intervalMs
  let work = task
  let timer: NodeJS.Timeout | undefined
  return {
    start: (newIntervalMs, newTask) => {
      work = newTask || work
      interval = newIntervalMs || interval
      clearTimeout(timer)
      timer = setTimeout(() => work?.(), interval)
    },
    cancel: () => {
      clearTimeout(timer)
      timer = undefined
    },
    setTask: newTask => (work = newTask),
    setInterval: newInterval => (interval = newInterval),
  }
}

type Check<T> = (update: T) => Promise<boolean | undefined> | boolean | undefined

/** Waits until an event of that name passes the check; a connection that closes ends it. */
export function bindWaitForEvent<T extends BaileysEvent>(
  ev: BaileysEventEmitter,
  event: T,
): (check: Check<BaileysEventMap[T]>, timeoutMs?: number) => Promise<void> {
  return async (check, timeoutMs) => {
    let onEvent: ((update: BaileysEventMap[T]) => Promise<void>) | undefined
    let onConnection: ((update: Partial<ConnectionState>) => void) | undefined
    try {
      await promiseTimeout<void>(timeoutMs, (resolve, reject) => {
        onConnection = ({ connection, lastDisconnect }) => {
          if (connection !== 'close') return
          reject(lastDisconnect?.error || new Boom('Connection Closed', { statusCode: DisconnectReason.connectionClosed }))
        }
        onEvent = async update => {
          try {
            if (await check(update)) resolve()
          } catch (error) {
            reject(error)
          }
        }
        ev.on('connection.update', onConnection)
        ev.on(event, onEvent)
      })
    } finally {
      if (onEvent) ev.off(event, onEvent)
      if (onConnection) ev.off('connection.update', onConnection)
    }
  }
}

export const bindWaitForConnectionUpdate = (
  ev: BaileysEventEmitter,
): ((check: Check<Partial<ConnectionState>>, timeoutMs?: number) => Promise<void>) => bindWaitForEvent(ev, 'connection.update')
