/**
 * At-least-once delivery: what is behind `client.onMessage`.
 *
 * A message is *held* until every handler has settled it, and only then confirmed, so that it outlives the process. Each
 * handler has queues of its own: the messages of one chat follow each other, those of different chats run side by side up
 * to a bound. What a handler throws on is tried again after a growing pause, in which its chat waits; after so many
 * retries the message is let go, with an `error` event. So is what comes again over and over because the process dies.
 *
 * At most the window of the addon (1,024 events) is here at a time; the rest waits in the store.
 */

import type * as contract from '../index.js'
import { type Work, begins, dispatch } from './dispatch.js'
import { ChasquiError } from './error.js'
import type { Outcome } from './native.js'

export type Handler = (message: contract.Message) => unknown
type Settings = Required<contract.HandlerOptions>

const LONGEST_PAUSE = 60_000
/**
 * How often a message comes again in all, at least: a process may be killed a few times in a row for reasons of its own, and
 * what was in hand beside a culprit is not one.
 */
const LEAST_AGAIN = 10
/** How long handlers that run have at `disconnect()`; what takes longer comes again. */
const GRACE_MS = 2000

// Bound at load, so that a test's fake timers do not stop the delivery of messages.
const later = setImmediate
const startTimer = setTimeout
const stopTimer = clearTimeout

/** A held message and the handlers that have not settled it. */
interface Delivery {
  message: contract.Message
  /** The number to confirm; `undefined` once that means nothing any more. */
  seq: number | undefined
  /** How often it was given again after an end of the process, with this time. */
  again: number
  /** Calls of the handler that it takes most calls of, so far. */
  calls: number
  left: Set<Consumer>
  /** Some handler has taken it, or it was let go. */
  taken: boolean
  /** Some handler could not begin or end it: it has to come again. */
  returned: boolean
}

/** What became of a delivery: `left` says that the handler itself is gone. */
type Verdict = 'taken' | 'again' | 'left'

export class Handlers {
  readonly #finish: (seqs: number[], outcome: Outcome) => void
  readonly #retried: (seq: number) => void
  readonly #fail: (error: ChasquiError) => void
  readonly #consumers = new Set<Consumer>()
  readonly #open = new Set<Delivery>()
  #reports = new Map<Outcome, number[]>()
  #flushing = false
  #paused = false
  #idle: (() => void) | undefined

  /** `finish` confirms or returns what is held; `retried` says that it is begun once more. */
  constructor(
    finish: (seqs: number[], outcome: Outcome) => void,
    retried: (seq: number) => void,
    fail: (error: ChasquiError) => void,
  ) {
    this.#finish = finish
    this.#retried = retried
    this.#fail = fail
  }

  add(handler: Handler, settings: Settings): () => void {
    const consumer = new Consumer(
      handler,
      settings,
      (delivery, verdict) => this.#settle(consumer, delivery, verdict),
      (delivery) => delivery.seq !== undefined && this.#retried(delivery.seq),
      this.#fail,
    )
    this.#consumers.add(consumer)
    return () => {
      if (!this.#consumers.delete(consumer)) return
      consumer.end()
    }
  }

  /** Whether the message is held. `again`: how often it was given again after an end of the process, with this time. */
  take(message: contract.Message, seq: number, again = 0): boolean {
    if (this.#consumers.size === 0) return false
    if (this.#paused) {
      this.report(seq, 'left')
      return true
    }
    const same = message.redelivered ? this.#stillRunning(message) : undefined
    if (same) {
      same.seq = seq
      return true
    }
    const delivery = { message, seq, again, calls: 0, left: new Set(this.#consumers), taken: false, returned: false }
    this.#open.add(delivery)
    for (const consumer of this.#consumers) consumer.push(delivery)
    return true
  }

  /** What is given and not confirmed will be given again: only what runs goes on. */
  release(): void {
    for (const delivery of this.#open) {
      const { seq } = delivery
      delivery.seq = undefined
      if (seq !== undefined) this.report(seq, delivery.calls > 0 ? 'begun' : 'left')
    }
    for (const consumer of this.#consumers) consumer.drop('again')
  }

  /**
   * Starts nothing more, and gives back what was not begun. Resolves when what runs has ended, or has had its time;
   * `undefined` when nothing runs.
   */
  pause(): Promise<void> | undefined {
    this.#paused = true
    for (const consumer of this.#consumers) consumer.drop('again')
    this.#flush()
    if (this.#open.size === 0) return undefined
    return new Promise((resolve) => {
      const end = (): void => {
        stopTimer(timer)
        this.#idle = undefined
        this.release()
        this.#flush()
        resolve()
      }
      const timer = startTimer(end, GRACE_MS)
      this.#idle = end
    })
  }

  resume(): void {
    this.#paused = false
  }

  /** A message that comes again while it is still being worked on is not handed out twice. */
  #stillRunning({ id, chat, sender }: contract.Message): Delivery | undefined {
    for (const delivery of this.#open) {
      const { message, seq, returned } = delivery
      if (seq === undefined && !returned && message.id === id && message.chat === chat && message.sender.jid === sender.jid) return delivery
    }
    return undefined
  }

  #settle(consumer: Consumer, delivery: Delivery, verdict: Verdict): void {
    delivery.taken ||= verdict === 'taken'
    delivery.returned ||= verdict === 'again'
    if (!delivery.left.delete(consumer) || delivery.left.size > 0) return
    this.#open.delete(delivery)
    const { seq, taken, returned, calls } = delivery
    if (seq !== undefined) this.report(seq, taken && !returned ? 'taken' : calls > 0 ? 'begun' : 'left')
    if (this.#open.size === 0) this.#idle?.()
  }

  /** Confirms or returns what is held, with others. */
  report(seq: number, outcome: Outcome): void {
    const reports = this.#reports.get(outcome)
    if (reports) reports.push(seq)
    else this.#reports.set(outcome, [seq])
    if (this.#flushing) return
    this.#flushing = true
    later(() => this.#flush())
  }

  #flush(): void {
    this.#flushing = false
    const reports = this.#reports
    this.#reports = new Map()
    for (const [outcome, seqs] of reports) this.#finish(seqs, outcome)
  }
}

/** What one chat has for one handler; the first delivery is the one that runs, waits for its retry, or may start. */
interface Queue {
  deliveries: Delivery[]
  attempts: number
  running: boolean
  /** What is behind the one that runs was let go: if that fails, it is not tried again here. */
  dropped: boolean
  timer: NodeJS.Timeout | undefined
}

/** One handler with its queues. */
class Consumer implements Work {
  readonly #handler: Handler
  readonly #settings: Settings
  readonly #settle: (delivery: Delivery, verdict: Verdict) => void
  readonly #retried: (delivery: Delivery) => void
  readonly #fail: (error: ChasquiError) => void
  readonly #chats = new Map<string, Queue>()
  /** Queues whose first delivery may start. */
  #ready: Queue[] = []
  #running = 0
  #scheduled = false
  #ended = false

  constructor(
    handler: Handler,
    settings: Settings,
    settle: (delivery: Delivery, verdict: Verdict) => void,
    retried: (delivery: Delivery) => void,
    fail: (error: ChasquiError) => void,
  ) {
    this.#handler = handler
    this.#settings = settings
    this.#settle = settle
    this.#retried = retried
    this.#fail = fail
  }

  push(delivery: Delivery): void {
    const { again, message: { chat } } = delivery
    if (again > this.#most) {
      this.#letGo(delivery, again, `The process ended ${again} times while a handler had`)
      return this.#settle(delivery, 'taken')
    }
    const queue = this.#chats.get(chat)
    if (queue) return void queue.deliveries.push(delivery)
    const fresh = { deliveries: [delivery], attempts: 0, running: false, dropped: false, timer: undefined }
    this.#chats.set(chat, fresh)
    this.#start(fresh)
  }

  /** Lets go of everything that does not run. */
  drop(verdict: Verdict): void {
    this.#ready = []
    for (const [chat, queue] of this.#chats) {
      stopTimer(queue.timer)
      queue.timer = undefined
      queue.dropped = true
      const dropped = queue.deliveries.splice(queue.running ? 1 : 0)
      if (!queue.running) this.#chats.delete(chat)
      for (const delivery of dropped) this.#settle(delivery, verdict)
    }
  }

  /** The handler is no longer wanted: what runs ends, and is not tried again. */
  end(): void {
    this.#ended = true
    this.drop('left')
  }

  /** Starts one delivery. */
  step(): boolean {
    const queue = this.#running < this.#settings.concurrency ? this.#ready.shift() : undefined
    if (queue) this.#run(queue)
    this.#scheduled = this.#ready.length > 0 && this.#running < this.#settings.concurrency
    return this.#scheduled
  }

  #start(queue: Queue): void {
    this.#ready.push(queue)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || this.#ready.length === 0 || this.#running >= this.#settings.concurrency) return
    this.#scheduled = true
    dispatch(this)
  }

  #run(queue: Queue): void {
    const delivery = queue.deliveries[0]
    if (!delivery) return
    queue.running = true
    queue.attempts++
    delivery.calls = Math.max(delivery.calls, queue.attempts)
    this.#running++
    begins()
    void this.#call(queue.attempts === 1 ? delivery.message : asRedelivered(delivery.message)).then(
      () => this.#done(queue, delivery, 'taken'),
      (cause: unknown) => this.#failed(queue, delivery, cause),
    )
  }

  async #call(message: contract.Message): Promise<void> {
    await this.#handler(message)
  }

  #done(queue: Queue, delivery: Delivery, verdict: Verdict): void {
    this.#idle(queue)
    queue.deliveries.shift()
    queue.attempts = 0
    queue.dropped = false
    if (queue.deliveries.length === 0) this.#chats.delete(delivery.message.chat)
    else this.#ready.push(queue)
    this.#settle(delivery, verdict)
    this.#schedule()
  }

  #failed(queue: Queue, delivery: Delivery, cause: unknown): void {
    const { attempts } = queue
    if (queue.dropped) return this.#done(queue, delivery, this.#ended ? 'left' : 'again')
    const earlier = Math.max(delivery.again - 1, 0)
    if (attempts > this.#settings.retries || earlier + attempts > this.#most) {
      this.#letGo(delivery, earlier + attempts, `A handler threw ${attempts === 1 ? 'once' : `${attempts} times`} on`, { cause })
      return this.#done(queue, delivery, 'taken')
    }
    if (attempts === delivery.calls) this.#retried(delivery)
    this.#idle(queue)
    const pause = Math.min(this.#settings.backoff * 2 ** (attempts - 1), LONGEST_PAUSE)
    queue.timer = startTimer(() => {
      queue.timer = undefined
      this.#start(queue)
    }, pause)
    this.#schedule()
  }

  get #most(): number {
    return Math.max(this.#settings.retries, LEAST_AGAIN)
  }

  #letGo({ message: { id, chat } }: Delivery, attempts: number, why: string, options?: ErrorOptions): void {
    this.#fail(new ChasquiError('HANDLER_FAILED', `${why} message ${id}, which was let go.`, { id, chat, attempts }, options))
  }

  #idle(queue: Queue): void {
    queue.running = false
    this.#running--
  }
}

/** The same message, marked; `raw()` stays what it is. */
function asRedelivered(message: contract.Message): contract.Message {
  const copy = Object.create(Object.getPrototypeOf(message) as object, Object.getOwnPropertyDescriptors(message)) as contract.Message
  copy.redelivered = true
  return copy
}
