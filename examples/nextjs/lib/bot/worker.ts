// Answers the messages that are marked `answerDue`. What is to be done stands in the database, and an answer is written in the same
// transaction that takes the mark away: whenever the process ends, each message is answered once.
import { and, asc, count, eq, gt, inArray, notInArray, sql } from 'drizzle-orm'

import { conversations, customers, db, messages, write, type Message } from '../db'
import { publish } from '../events'
import { log } from '../log'
import { enqueue, messageView, readConversation } from '../messages'
import { once } from '../once'
import { orderOfMessage } from '../orders'
import { pauseFor, persistently } from '../pause'
import { Runner } from '../runner'
import { answer as answerOf } from './index'
import { answerConsent } from './consent'
import { isRecent } from './due'
import type { Answer, Hook, Incoming } from './types'

/** Of each user. */
const MOST_AT_ONCE = 4
// Two programs that answer each other would never end.
const MOST_ANSWERS = 10
const WITHIN = 5 * 60_000
/** How long what is underway may take when the server ends. */
const ENDING = 5000

export interface AnsweringOptions {
  /** Replies are in the outbox. */
  wakeOutbox(userId: string): void
  answer?: Hook
  now?(): number
  pause?: typeof pauseFor
}

export interface Answering {
  /** There are messages of this user that are to be answered. */
  wake(userId: string): void
  /** Goes on where the last process ended. */
  restore(): Promise<void>
  /** Waits for what is underway, a few seconds at most: what is not done by then is done after the next start. */
  stop(): Promise<void>
}

// As the partial index says it: SQLite uses it only so.
const isDue = sql`${messages.answerDue}`

/** The one of this process. */
export const startAnswering = (options: AnsweringOptions): Answering => once('answering', () => makeAnswering(options))

export function makeAnswering({ wakeOutbox, answer = answerOf, now = Date.now, pause = pauseFor }: AnsweringOptions): Answering {
  const stopping = new AbortController()
  const users = new Map<string, Answerer>()

  const wake = (userId: string) => {
    if (stopping.signal.aborted) return
    const answerer = users.get(userId) ?? new Answerer(userId, { wakeOutbox, answer, now, pause, signal: stopping.signal })
    users.set(userId, answerer)
    answerer.wake()
  }

  return {
    wake,
    async restore() {
      const due = await (await db()).selectDistinct({ userId: messages.userId }).from(messages).where(isDue)
      for (const { userId } of due) wake(userId)
    },
    async stop() {
      stopping.abort()
      const late = new AbortController()
      await Promise.race([Promise.all([...users.values()].map((answerer) => answerer.ended())), pause(ENDING, late.signal)])
      late.abort()
    },
  }
}

interface Surroundings extends Required<AnsweringOptions> {
  signal: AbortSignal
}

/** The messages of one user: conversation by conversation in their order, some conversations at once. */
class Answerer {
  private readonly underway = new Map<string, Promise<void>>()
  private readonly runner = new Runner(() => this.look())

  constructor(private readonly userId: string, private readonly surroundings: Surroundings) {}

  wake() {
    this.runner.wake()
  }

  async ended(): Promise<void> {
    await Promise.all([this.runner.ended(), ...this.underway.values()])
  }

  private async look(): Promise<void> {
    const { signal } = this.surroundings
    try {
      while (this.underway.size < MOST_AT_ONCE && !signal.aborted) {
        const incoming = await persistently(() => this.next(), this.surroundings)
        if (!incoming || signal.aborted) return
        this.begin(incoming)
      }
    } catch (err) {
      if (!signal.aborted) log.error({ err, userId: this.userId }, 'messages that wait for an answer could not be read')
    }
  }

  private begin(incoming: Incoming) {
    const { id } = incoming.conversation
    const done = this.handle(incoming).finally(() => {
      this.underway.delete(id)
      this.wake()
    })
    this.underway.set(id, done)
  }

  private async next(): Promise<Incoming | undefined> {
    const busy = [...this.underway.keys()]
    const [found] = await (await db())
      .select({ message: messages, conversation: conversations, customer: customers })
      .from(messages)
      .innerJoin(conversations, eq(messages.conversationId, conversations.id))
      .innerJoin(customers, eq(conversations.customerId, customers.id))
      .where(and(
        eq(messages.userId, this.userId),
        isDue,
        busy.length ? notInArray(messages.conversationId, busy) : undefined,
      ))
      .orderBy(asc(messages.id))
      .limit(1)
    return found && { userId: this.userId, ...found }
  }

  private async handle(incoming: Incoming): Promise<void> {
    const { signal } = this.surroundings
    const about = { userId: this.userId, conversationId: incoming.conversation.id, messageId: incoming.message.id }
    try {
      await persistently(() => this.answer(incoming, about), this.surroundings)
    } catch (err) {
      if (signal.aborted) return
      log.error({ err, ...about }, 'a message could not be answered')
      // Tried again it would fail again, and hold up what comes after it.
      await persistently(() => this.settle(incoming, undefined), this.surroundings).catch((error: unknown) => {
        if (signal.aborted) return
        log.error({ err: error, ...about }, 'a message could not be marked as done')
        return this.surroundings.pause(30_000, signal)
      })
    }
  }

  private async answer(incoming: Incoming, about: object): Promise<void> {
    const { signal, now, answer, wakeOutbox } = this.surroundings
    const { message, conversation } = incoming
    let found: Answer | undefined
    if (!conversation.automatic || !isRecent(message.timestamp, now())) {
      found = silently(answerConsent(incoming))
    } else if ((await this.answersLately(conversation.id)) >= MOST_ANSWERS) {
      log.warn(about, 'too many automatic answers in a short time: this message gets none')
      found = silently(answerConsent(incoming))
    } else {
      found = await answer(incoming)
    }
    // The server ends, and the database may be closed already: the next start does it again.
    if (signal.aborted) return
    const replies = await this.settle(incoming, found)
    if (replies.length) wakeOutbox(this.userId)
    if (found) await this.tell(incoming, replies).catch((err: unknown) => log.warn({ err, ...about }, 'pages were not told of an answer'))
  }

  private async answersLately(conversationId: string): Promise<number> {
    const [row] = await (await db())
      .select({ answers: count() })
      .from(messages)
      .where(and(
        eq(messages.conversationId, conversationId),
        inArray(messages.author, ['rule', 'command', 'ai']),
        gt(messages.createdAt, new Date(this.surroundings.now() - WITHIN)),
      ))
    return row?.answers ?? 0
  }

  /** Takes the mark away and writes what is answered, all or nothing; where the mark is gone, nothing. */
  private settle(incoming: Incoming, answer: Answer | undefined): Promise<Message[]> {
    const { userId } = this
    const { message: { id }, conversation: { id: conversationId } } = incoming
    return write(async (transaction) => {
      const [marked] = await transaction
        .update(messages)
        .set({ answerDue: false })
        .where(and(eq(messages.id, id), eq(messages.answerDue, true)))
        .returning({ type: messages.type })
      if (!marked || !answer || marked.type === 'deleted') return []
      const [now] = await transaction.select({ automatic: conversations.automatic }).from(conversations).where(eq(conversations.id, conversationId))
      // Somebody took over while the answer was thought about. What the customer said about notifications holds nevertheless.
      const { replies, effects } = (now?.automatic ? answer : silently(answerConsent(incoming))) ?? { replies: [] }
      await effects?.(transaction, incoming)
      const written: Message[] = []
      for (const { content, author } of replies) written.push(await enqueue(transaction, { userId, conversationId, content, author }))
      return written
    })
  }

  private async tell({ message, conversation }: Incoming, replies: Message[]): Promise<void> {
    const { userId } = this
    for (const reply of replies) publish(userId, 'message', messageView(reply))
    const view = replies.length ? await readConversation(await db(), userId, conversation.id) : undefined
    if (view) publish(userId, 'conversation', view)
    const order = await orderOfMessage(message.id)
    if (order) publish(userId, 'order', order)
  }
}

const silently = (answer: Answer | undefined): Answer | undefined => answer && { ...answer, replies: [] }
