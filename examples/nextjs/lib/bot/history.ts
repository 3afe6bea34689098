import { and, desc, eq, lt, ne, or } from 'drizzle-orm'

import { db, messages, type Message } from '../db'
import type { Incoming } from './types'

/** The last messages of the conversation, oldest first; the one that is to be answered is the last. */
export async function history({ message, conversation }: Incoming, limit: number): Promise<Message[]> {
  if (limit < 2) return limit === 1 ? [message] : []
  const before = await (await db())
    .select()
    .from(messages)
    .where(and(
      eq(messages.conversationId, conversation.id),
      ne(messages.id, message.id),
      // Customers who write two messages at once: what came after this one is answered after it.
      or(eq(messages.direction, 'out'), lt(messages.id, message.id)),
    ))
    .orderBy(desc(messages.id))
    .limit(limit - 1)
  return [...before.reverse(), message]
}
