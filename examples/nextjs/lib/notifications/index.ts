// Notifications: a text to all customers who consented, one after the other.
import { and, asc, eq } from 'drizzle-orm'

import type { NotificationAnswer, NotificationView } from '../api'
import { customers, db, notificationRecipients as recipients, notifications, write, type Database } from '../db'
import { publish } from '../events'
import { AppError } from '../failure'
import { notificationViews, peopleOf } from './report'
import { checkLength } from './text'

export { startNotifications } from './worker'

/** As many as the pages get at once. */
const MOST_LISTED = 50
/** This is for the customers of a shop. */
const MOST_RECIPIENTS = 2000
const ROWS_AT_ONCE = 500

/** Newest first. */
export const listNotifications = async (userId: string): Promise<NotificationView[]> => notificationViews(await db(), userId, MOST_LISTED)

export async function notificationReport(userId: string, id: string): Promise<Omit<NotificationAnswer, 'success'>> {
  const database = await db()
  const notification = await viewOf(database, userId, id)
  return { notification, people: await peopleOf(database, id) }
}

/** Writes down who is to get it; `startNotifications().wake` begins to send it. */
export async function createNotification(userId: string, content: string): Promise<NotificationView> {
  checkLength(content)
  const notification = await write(async (transaction) => {
    const consenting = await transaction
      .select({ customerId: customers.id })
      .from(customers)
      .where(and(eq(customers.userId, userId), eq(customers.consent, 'given')))
      .orderBy(asc(customers.createdAt), asc(customers.id))
      .limit(MOST_RECIPIENTS + 1)
    if (!consenting.length) throw new AppError('CONFLICT', 'No customer has agreed to get notifications.')
    if (consenting.length > MOST_RECIPIENTS) throw new AppError('CONFLICT', `A notification goes to ${MOST_RECIPIENTS} customers at most.`)
    const [created] = await transaction.insert(notifications).values({ userId, content }).onConflictDoNothing().returning()
    if (!created) throw new AppError('CONFLICT', 'Another notification is being sent.')
    const rows = consenting.map(({ customerId }) => ({ userId, notificationId: created.id, customerId }))
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) await transaction.insert(recipients).values(rows.slice(from, from + ROWS_AT_ONCE))
    return viewOf(transaction, userId, created.id)
  })
  publish(userId, 'notification', notification)
  return notification
}

/** Who has not got it yet does not get it any more. */
export async function cancelNotification(userId: string, id: string): Promise<NotificationView> {
  const notification = await write(async (transaction) => {
    const [cancelled] = await transaction
      .update(notifications)
      .set({ state: 'cancelled' })
      .where(and(eq(notifications.userId, userId), eq(notifications.id, id), eq(notifications.state, 'sending')))
      .returning()
    const before = await viewOf(transaction, userId, id)
    if (!cancelled) throw new AppError('CONFLICT', 'This notification is not being sent any more.')
    await transaction
      .update(recipients)
      .set({ state: 'skipped', reason: 'cancelled' })
      .where(and(eq(recipients.notificationId, id), eq(recipients.state, 'queued')))
    return { ...before, queued: 0, skipped: before.skipped + before.queued }
  })
  publish(userId, 'notification', notification)
  return notification
}

async function viewOf(database: Pick<Database, 'select'>, userId: string, id: string): Promise<NotificationView> {
  const [notification] = await notificationViews(database, userId, 1, [id])
  if (!notification) throw new AppError('NOT_FOUND', 'There is no such notification.')
  return notification
}
