// Messages as they are kept and shown. What is to be sent is written here first, and sent from here.
import { randomBytes } from 'node:crypto'

import { and, desc, eq } from 'drizzle-orm'
import type { PgSelect } from 'drizzle-orm/pg-core'

import type { ConversationView, MessageView } from './api'
import {
  conversations, customers, messages, POSTGRES, users, type Conversation, type Customer, type Database, type Message, type NewMessage, type Transaction,
} from './db'

const FILES = ['image', 'video', 'audio', 'document', 'sticker']

/** An id for a message of ours, as WhatsApp's own programs make them. */
export const newWhatsappId = () => `3EB0${randomBytes(9).toString('hex').toUpperCase()}`

/** Where a message is to go, what it says, and who says it. */
export interface Outgoing {
  userId: string
  conversationId: string
  content: string
  author: 'operator' | 'rule' | 'command' | 'ai' | 'notification'
}

/** Writes a message that is to be sent: it leaves once the transaction is done and `whatsapp.wake(userId)` is called, or after the next start. */
export async function enqueue(transaction: Transaction, { userId, conversationId, content, author }: Outgoing): Promise<Message> {
  if (POSTGRES) await oneAfterTheOther(transaction, userId)
  const timestamp = new Date()
  const [message] = await transaction
    .insert(messages)
    .values({ userId, conversationId, whatsappId: newWhatsappId(), direction: 'out', author, type: 'text', text: content, status: 'pending', timestamp })
    .returning()
  await transaction.update(conversations).set({ lastMessageAt: timestamp }).where(eq(conversations.id, conversationId))
  return message!
}

/** Postgres has many writers: without this a message could be there to be sent before another one that has the smaller id. */
async function oneAfterTheOther(transaction: Transaction, userId: string) {
  const user = transaction.select({ id: users.id }).from(users).where(eq(users.id, userId)) as unknown as PgSelect
  await user.for('no key update')
}

/** The conversation with a customer, or of a group; it begins with the first message. */
export async function conversationWith(
  transaction: Transaction,
  { userId, jid, id, name }: Pick<Customer, 'userId' | 'jid' | 'name'> & { id: string | null },
): Promise<Conversation> {
  await transaction.insert(conversations).values({ userId, jid, customerId: id, name }).onConflictDoNothing()
  const [conversation] = await transaction.select().from(conversations).where(and(eq(conversations.userId, userId), eq(conversations.jid, jid)))
  return conversation!
}

export function messageView(message: Message | NewMessage & { id: number }): MessageView {
  const { id, whatsappId, conversationId, direction, author, senderName, type, text, mimetype, fileName, fileSize, status, error, edited, timestamp } = message
  const media = FILES.includes(type) ? { url: `/api/media/${id}`, mimetype: mimetype ?? null, fileName: fileName ?? null, size: fileSize ?? null } : null
  return {
    id, whatsappId, conversationId, direction, author, senderName: senderName ?? null, type, text: text ?? null, media, status,
    error: error ?? null, edited: edited ?? false, timestamp: timestamp.toISOString(),
  }
}

export function conversationView(conversation: Conversation, customer: Customer | null, last: Message | undefined): ConversationView {
  const { id, jid, unread, automatic, lastMessageAt } = conversation
  const phoneNumber = customer?.phoneNumber ?? null
  return {
    id, jid, group: jid.endsWith('@g.us'), unread, automatic, phoneNumber,
    name: conversation.name ?? customer?.name ?? phoneNumber ?? jid.split('@')[0]!,
    lastMessage: last
      ? { direction: last.direction, type: last.type, text: last.text, status: last.status, timestamp: last.timestamp.toISOString() }
      : null,
    lastMessageAt: lastMessageAt.toISOString(),
  }
}

/** A conversation as the pages show it, if it is this user's. */
export async function readConversation(database: Pick<Database, 'select'>, userId: string, id: string): Promise<ConversationView | undefined> {
  const [found] = await database
    .select()
    .from(conversations)
    .leftJoin(customers, eq(conversations.customerId, customers.id))
    .where(and(eq(conversations.userId, userId), eq(conversations.id, id)))
  if (!found) return undefined
  const [last] = await database.select().from(messages).where(eq(messages.conversationId, id)).orderBy(desc(messages.id)).limit(1)
  return conversationView(found.conversations, found.customers, last)
}
