/** The devices of people, for a while: `userDevicesCache` of the program, or one of our own that cannot grow without end. */
import type { FullJid } from '../types.js'

export interface UserDevicesCache {
  get<T>(key: string): T | undefined | Promise<T | undefined>
  set(key: string, value: unknown): unknown
  del(key: string): unknown
  flushAll(): unknown
}

const LIFE_MS = 5 * 60_000
const MAX_USERS = 5_000

/** What is oldest goes when there is too much. */
export class BoundedCache implements UserDevicesCache {
  readonly #entries = new Map<string, { value: unknown; until: number }>()
  readonly #life: number
  readonly #max: number

  constructor(lifeMs = LIFE_MS, max = MAX_USERS) {
    this.#life = lifeMs
    this.#max = max
  }

  // Programs take these off the object, so none may need `this`.
  readonly get = <T>(key: string): T | undefined => {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    if (entry.until > Date.now()) return entry.value as T
    this.#entries.delete(key)
    return undefined
  }

  readonly set = (key: string, value: unknown): boolean => {
    this.#entries.delete(key)
    this.#entries.set(key, { value, until: Date.now() + this.#life })
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > this.#max && oldest !== undefined) this.#entries.delete(oldest)
    return true
  }

  readonly del = (key: string): number => Number(this.#entries.delete(key))
  readonly flushAll = (): void => this.#entries.clear()
}

export const userDevicesCacheOf = (given: unknown): UserDevicesCache => (given as UserDevicesCache | undefined) ?? new BoundedCache()

export type CachedDevices = FullJid[]
