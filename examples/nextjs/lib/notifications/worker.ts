// Sends notifications, one message at a time and with a pause after each. What was sent stands in the database with the message
// itself: whenever the process ends, the next one goes on with the first customer who has none.
import { and, asc, desc, eq } from 'drizzle-orm'

import {
  customers, db, messages, notificationRecipients as recipients, notifications, write, type Message, type Transaction,
} from '../db'
import { countFrom } from '../environment'
import { publish, subscribe } from '../events'
import { log } from '../log'
import { conversationWith, enqueue, messageView, readConversation } from '../messages'
import { once } from '../once'
import { pauseFor, persistently } from '../pause'
import { Runner } from '../runner'
import { Announcer } from './announcer'
import { withOptOut } from './text'

const AFTER_AN_ERROR = 30_000

export interface NotificationsOptions {
  /** A message is in the outbox. */
  wakeOutbox(userId: string): void
  isConnected(userId: string): boolean
  /** From one message to the next. Default: NOTIFICATION_INTERVAL_MS, or 3 seconds. */
  interval?: number
  now?(): number
  pause?: typeof pauseFor
}

export interface Notifications {
  /** There is a notification to be sent. */
  wake(userId: string): void
  /** Goes on where the last process ended. */
  restore(): Promise<void>
  stop(): Promise<void>
}

/** The one of this process. */
export const startNotifications = (options: NotificationsOptions): Notifications => once('notifications', () => makeNotifications(options))

export function makeNotifications(options: NotificationsOptions): Notifications {
  const { wakeOutbox, isConnected, now = Date.now, pause = pauseFor } = options
  const interval = options.interval ?? countFrom('NOTIFICATION_INTERVAL_MS', 3000)
  const stopping = new AbortController()
  const { signal } = stopping
  const users = new Map<string, { sender: Sender; leave(): void }>()

  const senderOf = (userId: string): Sender => {
    const known = users.get(userId)
    if (known) return known.sender
    const announcer = new Announcer(userId, { now, pause, signal })
    const sender = new Sender(userId, { wakeOutbox, isConnected, interval, now, pause, signal, announcer })
    const leave = subscribe(userId, (name, data) => {
      if (name === 'status' && 'isConnected' in data && data.isConnected) sender.wake()
      if (name === 'message' && 'author' in data && data.author === 'notification') announcer.messageChanged(data.id)
    })
    users.set(userId, { sender, leave })
    return sender
  }

  return {
    wake(userId) {
      if (!signal.aborted) senderOf(userId).wake()
    },
    async restore() {
      // Also those with nothing left to send: receipts of what was sent still come.
      const known = await (await db()).selectDistinct({ userId: notifications.userId }).from(notifications)
      for (const { userId } of known) if (!signal.aborted) senderOf(userId).wake()
    },
    async stop() {
      stopping.abort()
      for (const { leave } of users.values()) leave()
      await Promise.all([...users.values()].map(({ sender }) => sender.ended()))
    },
  }
}

interface Surroundings extends Required<NotificationsOptions> {
  signal: AbortSignal
  announcer: Announcer
}

class Sender {
  private readonly runner = new Runner(() => this.sendAll())
  private nextAt?: number

  constructor(private readonly userId: string, private readonly surroundings: Surroundings) {}

  wake() {
    this.runner.wake()
  }

  ended(): Promise<void> {
    return this.runner.ended()
  }

  private async sendAll(): Promise<void> {
    const { signal, pause } = this.surroundings
    try {
      await this.send()
    } catch (err) {
      if (signal.aborted) return
      log.error({ err, userId: this.userId }, 'a notification waits')
      await pause(AFTER_AN_ERROR, signal)
      if (!signal.aborted) this.wake()
    }
  }

  /** Until there is nothing to send, or no connection: the next one wakes it. */
  private async send(): Promise<void> {
    const { signal, pause, now, interval, isConnected, wakeOutbox, announcer } = this.surroundings
    while (!signal.aborted && isConnected(this.userId)) {
      const last = await persistently(() => this.last(), this.surroundings)
      if (!last) return
      this.nextAt ??= (last.createdAt?.getTime() ?? 0) + interval
      const wait = last.status === 'pending' ? interval : Math.min(this.nextAt - now(), interval)
      if (wait > 0) {
        await pause(wait, signal)
        continue
      }
      const step = await persistently(() => write((transaction) => this.step(transaction)), this.surroundings)
      if (!step) return
      announcer.changed(step.notificationId)
      if (!step.message) continue
      this.nextAt = now() + interval
      wakeOutbox(this.userId)
      await this.tell(step.message).catch((err: unknown) => log.warn({ err, userId: this.userId }, 'pages were not told of a message'))
    }
  }

  /** The last message of the notification that is being sent, if there is one. */
  private async last(): Promise<{ createdAt: Date | null; status: Message['status'] | null } | undefined> {
    const [last] = await (await db())
      .select({ createdAt: messages.createdAt, status: messages.status })
      .from(notifications)
      .leftJoin(recipients, and(eq(recipients.notificationId, notifications.id), eq(recipients.state, 'sent')))
      .leftJoin(messages, eq(recipients.messageId, messages.id))
      .where(and(eq(notifications.userId, this.userId), eq(notifications.state, 'sending')))
      .orderBy(desc(recipients.id))
      .limit(1)
    return last
  }

  private async step(transaction: Transaction): Promise<{ notificationId: string; message?: Message } | undefined> {
    const { userId } = this
    // What is set is what was there: it keeps others from changing it until this is done. They may cancel it before or after.
    const [notification] = await transaction
      .update(notifications)
      .set({ state: 'sending' })
      .where(and(eq(notifications.userId, userId), eq(notifications.state, 'sending')))
      .returning()
    if (!notification) return undefined
    const notificationId = notification.id
    const [next, another] = await transaction
      .select({ id: recipients.id, customerId: recipients.customerId })
      .from(recipients)
      .where(and(eq(recipients.notificationId, notificationId), eq(recipients.state, 'queued')))
      .orderBy(asc(recipients.id))
      .limit(2)
    const message = next && (await this.sendTo(transaction, next, notification.content))
    if (!another) await transaction.update(notifications).set({ state: 'done' }).where(eq(notifications.id, notificationId))
    return { notificationId, message }
  }

  private async sendTo(transaction: Transaction, recipient: { id: number; customerId: string }, content: string): Promise<Message | undefined> {
    const { userId } = this
    const its = eq(recipients.id, recipient.id)
    // Consent counts as it is now; again it is kept as it is until this is done.
    const [customer] = await transaction
      .update(customers)
      .set({ consent: 'given' })
      .where(and(eq(customers.id, recipient.customerId), eq(customers.consent, 'given')))
      .returning()
    if (!customer) {
      await transaction.update(recipients).set({ state: 'skipped', reason: 'withdrawn' }).where(its)
      return undefined
    }
    const { id: conversationId } = await conversationWith(transaction, customer)
    const message = await enqueue(transaction, { userId, conversationId, content: withOptOut(content), author: 'notification' })
    await transaction.update(recipients).set({ state: 'sent', messageId: message.id }).where(its)
    return message
  }

  private async tell(message: Message): Promise<void> {
    publish(this.userId, 'message', messageView(message))
    const conversation = await readConversation(await db(), this.userId, message.conversationId)
    if (conversation) publish(this.userId, 'conversation', conversation)
  }
}
