/** What is remembered about messages that could not be decrypted: to send them again, to give up, or to begin a new session. */
import { RetryReason } from './enums.js'
import type { WAMessageContent } from './types.js'

const MINUTE = 60_000
const MAX_RECENT = 512
const RECENT_MS = 5 * MINUTE
const COUNTER_MS = 15 * MINUTE
const HISTORY_MS = 120 * MINUTE
const RECREATE_MS = 60 * MINUTE
const PHONE_DELAY_MS = 3000
const MAX_REMEMBERED = 10_000

interface RetryLogger {
  debug(value: unknown, message?: string): void
}
export interface RecentMessage {
  message: WAMessageContent
  timestamp: number
}

/** Forgets by age and by number, without timers. */
class Remembered<T> {
  readonly #entries = new Map<string, { value: T; at: number }>()

  constructor(
    readonly age: number,
    readonly most: number,
  ) {}

  get(name: string): T | undefined {
    const entry = this.#entries.get(name)
    if (!entry) return undefined
    if (Date.now() - entry.at <= this.age) return entry.value
    this.#entries.delete(name)
    return undefined
  }
  set(name: string, value: T): void {
    this.#entries.delete(name)
    this.#entries.set(name, { value, at: Date.now() })
    if (this.#entries.size > this.most) this.delete(this.#entries.keys().next().value as string)
  }
  delete(name: string): void {
    this.#entries.delete(name)
  }
  clear(): void {
    this.#entries.clear()
  }
}

const joined = (address: string, id: string): string => `${address}\0${id}`

export class MessageRetryManager {
  readonly #recent = new Remembered<RecentMessage>(RECENT_MS, MAX_RECENT)
  readonly #recreated = new Remembered<number>(HISTORY_MS, MAX_REMEMBERED)
  readonly #counters = new Remembered<number>(COUNTER_MS, MAX_REMEMBERED)
  readonly #baseKeys = new Remembered<Uint8Array>(COUNTER_MS, MAX_REMEMBERED)
  readonly #chats = new Remembered<string>(RECENT_MS, MAX_RECENT)
  readonly #requests = new Map<string, NodeJS.Timeout>()
  readonly #logger: RetryLogger
  readonly #maxRetries: number
  statistics = MessageRetryManager.#none()

  constructor(logger: RetryLogger, maxMsgRetryCount: number) {
    this.#logger = logger
    this.#maxRetries = maxMsgRetryCount
  }

  static #none(): { [name in 'totalRetries' | 'successfulRetries' | 'failedRetries' | 'mediaRetries' | 'sessionRecreations' | 'phoneRequests']: number } {
    return { totalRetries: 0, successfulRetries: 0, failedRetries: 0, mediaRetries: 0, sessionRecreations: 0, phoneRequests: 0 }
  }

  addRecentMessage(to: string, id: string, message: WAMessageContent): void {
    this.#recent.set(joined(to, id), { message, timestamp: Date.now() })
    this.#chats.set(id, to)
    this.#logger.debug({ to, id }, 'remembered a message for retries')
  }

  getRecentMessage(to: string, id: string): RecentMessage | undefined {
    return this.#recent.get(joined(to, id))
  }

  /** A MAC that is wrong asks for a new session at once; anything else once an hour. */
  shouldRecreateSession(jid: string, hasSession: boolean, errorCode?: RetryReason): { reason: string; recreate: boolean } {
    const recreate = (reason: string): { reason: string; recreate: boolean } => {
      this.#recreated.set(jid, Date.now())
      this.statistics.sessionRecreations++
      return { reason, recreate: true }
    }
    if (!hasSession) return recreate('there is no session with them')
    if (this.isMacError(errorCode)) {
      return recreate(`their MAC was wrong (${errorCode}: ${RetryReason[errorCode as RetryReason]})`)
    }
    const before = this.#recreated.get(jid)
    if (before !== undefined && Date.now() - before <= RECREATE_MS) return { reason: '', recreate: false }
    return recreate('the last new session is more than an hour old')
  }

  parseRetryErrorCode(errorAttr: string | undefined): RetryReason | undefined {
    const code = parseInt(errorAttr ?? '', 10)
    if (Number.isNaN(code)) return undefined
    return RetryReason[code] === undefined ? RetryReason.UnknownError : code
  }

  isMacError(errorCode: RetryReason | undefined): boolean {
    return errorCode === RetryReason.SignalErrorInvalidMessage || errorCode === RetryReason.SignalErrorBadMac
  }

  incrementRetryCount(messageId: string): number {
    const count = this.getRetryCount(messageId) + 1
    this.#counters.set(messageId, count)
    this.statistics.totalRetries++
    return count
  }

  getRetryCount(messageId: string): number {
    return this.#counters.get(messageId) ?? 0
  }

  hasExceededMaxRetries(messageId: string): boolean {
    return this.getRetryCount(messageId) >= this.#maxRetries
  }

  markRetrySuccess(messageId: string): void {
    this.statistics.successfulRetries++
    this.#forget(messageId)
  }

  markRetryFailed(messageId: string): void {
    this.statistics.failedRetries++
    this.#forget(messageId)
  }

  schedulePhoneRequest(messageId: string, callback: () => void, delay: number = PHONE_DELAY_MS): void {
    this.cancelPendingPhoneRequest(messageId)
    const timer = setTimeout(() => {
      this.#requests.delete(messageId)
      this.statistics.phoneRequests++
      callback()
    }, delay)
    this.#requests.set(messageId, timer)
  }

  cancelPendingPhoneRequest(messageId: string): void {
    clearTimeout(this.#requests.get(messageId))
    this.#requests.delete(messageId)
  }

  clear(): void {
    for (const id of [...this.#requests.keys()]) this.cancelPendingPhoneRequest(id)
    for (const remembered of [this.#recent, this.#recreated, this.#counters, this.#baseKeys, this.#chats]) remembered.clear()
    this.statistics = MessageRetryManager.#none()
  }

  saveBaseKey(addr: string, msgId: string, baseKey: Uint8Array): void {
    this.#baseKeys.set(joined(addr, msgId), baseKey)
  }

  hasSameBaseKey(addr: string, msgId: string, baseKey: Uint8Array): boolean {
    const known = this.#baseKeys.get(joined(addr, msgId))
    return known !== undefined && Buffer.compare(known, baseKey) === 0
  }

  deleteBaseKey(addr: string, msgId: string): void {
    this.#baseKeys.delete(joined(addr, msgId))
  }

  #forget(id: string): void {
    this.#counters.delete(id)
    this.cancelPendingPhoneRequest(id)
    const chat = this.#chats.get(id)
    if (chat !== undefined) this.#recent.delete(joined(chat, id))
    this.#chats.delete(id)
  }
}
