import { and, eq, inArray } from 'drizzle-orm'

import { db, notificationRecipients as recipients } from '../db'
import { publish } from '../events'
import { log } from '../log'
import type { pauseFor } from '../pause'
import { notificationViews } from './report'

const INTERVAL = 1000
const MOST_AT_ONCE = 500

interface Surroundings {
  now(): number
  pause: typeof pauseFor
  signal: AbortSignal
}

/** Tells the pages how far a user's notifications are: once a second at most, and in the end as they are then. */
export class Announcer {
  private readonly notifications = new Set<string>()
  private readonly messages = new Set<number>()
  private announcing = false
  private last = -Infinity

  constructor(private readonly userId: string, private readonly surroundings: Surroundings) {}

  changed(notificationId: string) {
    this.notifications.add(notificationId)
    this.begin()
  }

  /** A message that belongs to a notification has got further. */
  messageChanged(messageId: number) {
    this.messages.add(messageId)
    this.begin()
  }

  private begin() {
    if (this.announcing) return
    this.announcing = true
    void this.announce()
  }

  private async announce(): Promise<void> {
    const { now, pause, signal } = this.surroundings
    try {
      while (this.notifications.size + this.messages.size > 0 && !signal.aborted) {
        const wait = this.last + INTERVAL - now()
        if (wait > 0) await pause(Math.min(wait, INTERVAL), signal)
        this.last = now()
        await this.tell(take(this.notifications), take(this.messages))
      }
    } catch (err) {
      log.warn({ err, userId: this.userId }, 'pages were not told of a notification')
    } finally {
      this.announcing = false
    }
  }

  private async tell(ids: string[], messageIds: number[]): Promise<void> {
    const database = await db()
    const theirs = messageIds.length
      ? await database
          .selectDistinct({ id: recipients.notificationId })
          .from(recipients)
          .where(and(eq(recipients.userId, this.userId), inArray(recipients.messageId, messageIds)))
      : []
    const changed = [...new Set([...ids, ...theirs.map(({ id }) => id)])]
    if (!changed.length) return
    for (const view of await notificationViews(database, this.userId, changed.length, changed)) publish(this.userId, 'notification', view)
  }
}

function take<T>(set: Set<T>): T[] {
  const some = [...set].slice(0, MOST_AT_ONCE)
  for (const one of some) set.delete(one)
  return some
}
