// How far notifications got. A message's own status says whether it was delivered and read.
import { and, asc, count, desc, eq, inArray } from 'drizzle-orm'

import type { NotificationAnswer, NotificationView } from '../api'
import { customers, messages, notificationRecipients as recipients, notifications, type Database, type Message } from '../db'

type Reader = Pick<Database, 'select'>
type Recipient = typeof recipients.$inferSelect
type Notification = typeof notifications.$inferSelect
type State = NotificationAnswer['people'][number]['state']

/** Newest first; with `ids`, only these. */
export async function notificationViews(database: Reader, userId: string, limit: number, ids?: string[]): Promise<NotificationView[]> {
  const found = await database
    .select()
    .from(notifications)
    .where(and(eq(notifications.userId, userId), ids && inArray(notifications.id, ids)))
    .orderBy(desc(notifications.createdAt), desc(notifications.id))
    .limit(limit)
  if (!found.length) return []
  const counts = await database
    .select({ id: recipients.notificationId, state: recipients.state, status: messages.status, number: count() })
    .from(recipients)
    .leftJoin(messages, eq(recipients.messageId, messages.id))
    .where(inArray(recipients.notificationId, found.map(({ id }) => id)))
    .groupBy(recipients.notificationId, recipients.state, messages.status)
  return found.map((notification) => view(notification, counts.filter(({ id }) => id === notification.id)))
}

function view({ id, content, state, createdAt }: Notification, counts: { state: Recipient['state']; status: Message['status'] | null; number: number }[]) {
  const numbers: Record<State, number> = { queued: 0, pending: 0, sent: 0, delivered: 0, read: 0, failed: 0, skipped: 0 }
  for (const one of counts) numbers[stateOf(one.state, one.status)] += one.number
  const all = Object.values(numbers).reduce((sum, number) => sum + number, 0)
  return { id, content, state, createdAt: createdAt.toISOString(), recipients: all, ...numbers }
}

/** One row for each customer, in the order in which they get it. */
export async function peopleOf(database: Reader, notificationId: string): Promise<NotificationAnswer['people']> {
  const rows = await database
    .select({ recipient: recipients, status: messages.status, error: messages.error, id: customers.id, name: customers.name, phoneNumber: customers.phoneNumber })
    .from(recipients)
    .innerJoin(customers, eq(recipients.customerId, customers.id))
    .leftJoin(messages, eq(recipients.messageId, messages.id))
    .where(eq(recipients.notificationId, notificationId))
    .orderBy(asc(recipients.id))
  return rows.map(({ recipient, status, error, ...customer }) => (
    { customer, state: stateOf(recipient.state, status), reason: recipient.reason ?? error }
  ))
}

function stateOf(state: Recipient['state'], status: Message['status'] | null): State {
  if (state !== 'sent') return state
  return status === null || status === 'received' ? 'sent' : status
}
