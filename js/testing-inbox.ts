/** What a virtual phone got, for tests that wait for it: nothing is missed that comes before somebody waits. */

import type { WaitOptions } from '../testing.js'
import { ChasquiError, invalidOption } from './error.js'

/** Items that nobody asked for are forgotten beyond this number, the oldest first. */
const KEPT = 10_000

type Predicate<T> = (item: T) => boolean

interface Waiter<T> {
  predicate: Predicate<T>
  resolve(item: T): void
  reject(error: Error): void
  timer: NodeJS.Timeout
}

export class Inbox<T> {
  readonly #what: string
  readonly #show: (item: T) => string
  readonly #items: T[] = []
  readonly #waiters = new Set<Waiter<T>>()

  /** `what` and `show` are for the message of the error when something does not come. */
  constructor(what: string, show: (item: T) => string) {
    this.#what = what
    this.#show = show
  }

  push(item: T): void {
    for (const waiter of this.#waiters) {
      if (!this.#fits(waiter, item)) continue
      this.#finish(waiter)
      return waiter.resolve(item)
    }
    this.#items.push(item)
    if (this.#items.length > KEPT) this.#items.shift()
  }

  /** Options may stand in the place of the predicate: then any item fits. */
  wait(owner: string, which: Predicate<T> | WaitOptions = () => true, options: WaitOptions = {}): Promise<T> {
    const [predicate, { timeout = 10_000 }] = typeof which === 'object' && which ? [() => true, which] : [which, options ?? {}]
    if (typeof predicate !== 'function') return Promise.reject(invalidOption('predicate', 'must be a function'))
    if (typeof timeout !== 'number') return Promise.reject(invalidOption('timeout', 'must be a number of milliseconds'))
    return new Promise((resolve, reject) => {
      const at = this.#items.findIndex(predicate)
      if (at >= 0) return resolve(this.#items.splice(at, 1)[0] as T)
      const timer = setTimeout(() => {
        this.#finish(waiter)
        const last = this.#items.slice(-3).map((item) => JSON.stringify(this.#show(item).slice(0, 80)))
        const got = last.length > 0 ? `the last others were ${last.join(', ')}` : 'there were no others'
        reject(new ChasquiError('TIMEOUT', `${owner} got no such ${this.#what} within ${timeout} ms; ${got}.`))
      }, timeout)
      const waiter = { predicate, resolve, reject, timer }
      this.#waiters.add(waiter)
    })
  }

  /** Rejects all who wait. */
  stop(): void {
    for (const waiter of this.#waiters) {
      this.#finish(waiter)
      waiter.reject(new ChasquiError('EMULATOR_FAILED', `The emulator was stopped while a ${this.#what} was waited for.`))
    }
  }

  #finish(waiter: Waiter<T>): void {
    clearTimeout(waiter.timer)
    this.#waiters.delete(waiter)
  }

  /** A predicate that throws fails its own wait. */
  #fits(waiter: Waiter<T>, item: T): boolean {
    try {
      return waiter.predicate(item)
    } catch (error) {
      this.#finish(waiter)
      waiter.reject(error as Error)
      return false
    }
  }
}
