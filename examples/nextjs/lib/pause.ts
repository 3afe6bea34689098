// Waiting, and trying again.
import { setTimeout as after } from 'node:timers/promises'

import { isOutage } from './failure'
import { log } from './log'

/** Waits; ends early when the signal comes. Nothing is kept running for it. */
export const pauseFor = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  after(milliseconds, undefined, { signal, ref: false }).catch(() => undefined)

/** Does it until the database is there: again after pauses that grow. Any other error is thrown, and so is each one once the signal came. */
export async function persistently<T>(work: () => Promise<T>, { pause, signal }: { pause: typeof pauseFor; signal: AbortSignal }): Promise<T> {
  for (let milliseconds = 250; ; milliseconds = Math.min(milliseconds * 2, 30_000)) {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted || !isOutage(error)) throw error
      log.warn({ err: error }, 'waiting for the database')
      await pause(milliseconds, signal)
    }
  }
}
