// Who wrote to the shop, and whether they take notifications.
import { and, desc, eq } from 'drizzle-orm'

import type { CustomerView } from './api'
import { conversations, customers, db, write, type Customer, type Database } from './db'
import { AppError } from './failure'

/** As many as the pages get at once. */
const MOST_LISTED = 1000

/** Newest first. */
export async function listCustomers(userId: string): Promise<CustomerView[]> {
  const found = await withConversation(await db())
    .where(eq(customers.userId, userId))
    .orderBy(desc(customers.createdAt), desc(customers.id))
    .limit(MOST_LISTED)
  return found.map(({ customer, conversationId }) => customerView(customer, conversationId))
}

/** What somebody told the shop in another way than by BAJA or ALTA. */
export function setConsent(userId: string, id: string, consent: boolean): Promise<CustomerView> {
  return write(async (transaction) => {
    const its = and(eq(customers.userId, userId), eq(customers.id, id))
    await transaction.update(customers).set({ consent: consent ? 'given' : 'withdrawn', consentAt: new Date() }).where(its)
    const [found] = await withConversation(transaction).where(its).limit(1)
    if (!found) throw new AppError('NOT_FOUND', 'There is no such customer.')
    return customerView(found.customer, found.conversationId)
  })
}

const withConversation = (database: Pick<Database, 'select'>) =>
  database
    .select({ customer: customers, conversationId: conversations.id })
    .from(customers)
    .leftJoin(conversations, and(eq(conversations.userId, customers.userId), eq(conversations.jid, customers.jid)))

function customerView({ id, name, phoneNumber, consent, createdAt }: Customer, conversationId: string | null): CustomerView {
  return { id, name, phoneNumber, consent, createdAt: createdAt.toISOString(), conversationId }
}
