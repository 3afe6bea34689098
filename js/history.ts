/** History: the shape of the event, and listeners that take their time. */

import type * as contract from '../index.js'
import { surface } from './dispatch.js'

/** A part as the addon gives it; `at` is the place of a message's bytes among those of the part. */
export interface NativePart extends Omit<contract.HistoryEvent, 'messages'> {
  messages: (Omit<contract.HistoryMessage, 'raw'> & { at: [start: number, end: number] })[]
}

/** The event; `raw()` of a message cuts its bytes out of the part's only when asked. */
export function historyEvent(part: NativePart, raw: Uint8Array | undefined): contract.HistoryEvent {
  for (const message of part.messages) {
    const [start, end] = message.at
    Reflect.deleteProperty(message, 'at')
    Object.defineProperty(message, 'raw', { value: () => raw?.subarray(start, end) ?? new Uint8Array() })
  }
  return part as unknown as contract.HistoryEvent
}

/**
 * Waits for what listeners have returned. Says whether something has to be waited for; then `end` follows, with whether all
 * of it went well. What a listener throws surfaces, as everywhere.
 */
export function awaited(returned: unknown[], end: (taken: boolean) => void): boolean {
  const promises = returned.filter(isThenable)
  if (promises.length === 0) return false
  void Promise.allSettled(promises).then((results) => {
    const failed = results.filter((result) => result.status === 'rejected')
    end(failed.length === 0)
    for (const { reason } of failed) surface(reason)
  })
  return true
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
