// Conversations and their messages, as pages ask for them. Everything is bound by the user whose they are.
import { and, desc, eq, inArray, lt, max, or, sql } from 'drizzle-orm'

import type { ConversationsAnswer, ConversationView, MessagesAnswer } from './api'
import { conversations, customers, db, messages, write } from './db'
import { publish } from './events'
import { AppError } from './failure'
import { conversationView, messageView, readConversation } from './messages'

const PAGE = 30
const MESSAGES = 50

/** Newest first; `before` is the last conversation of the page before. */
export async function listConversations(userId: string, { before, search }: { before?: string; search?: string }): Promise<ConversationsAnswer> {
  const database = await db()
  const [last] = before
    ? await database.select().from(conversations).where(and(eq(conversations.userId, userId), eq(conversations.id, before)))
    : []
  const older = last && or(
    lt(conversations.lastMessageAt, last.lastMessageAt),
    and(eq(conversations.lastMessageAt, last.lastMessageAt), lt(conversations.id, last.id)),
  )
  const pattern = `%${(search ?? '').trim().toLowerCase().slice(0, 100).replace(/[\\%_]/g, '\\$&')}%`
  const like = (column: typeof conversations.name | typeof customers.phoneNumber) => sql`lower(${column}) like ${pattern} escape '\\'`
  const found = await database
    .select()
    .from(conversations)
    .leftJoin(customers, eq(conversations.customerId, customers.id))
    .where(and(eq(conversations.userId, userId), older, search?.trim() ? or(like(conversations.name), like(customers.phoneNumber)) : undefined))
    .orderBy(desc(conversations.lastMessageAt), desc(conversations.id))
    .limit(PAGE + 1)
  const page = found.slice(0, PAGE)
  const ids = page.map((row) => row.conversations.id)
  const newest = database.select({ id: max(messages.id) }).from(messages).where(inArray(messages.conversationId, ids)).groupBy(messages.conversationId)
  const latest = ids.length === 0 ? [] : await database.select().from(messages).where(inArray(messages.id, newest))
  const latestOf = new Map(latest.map((message) => [message.conversationId, message]))
  return {
    success: true,
    conversations: page.map((row) => conversationView(row.conversations, row.customers, latestOf.get(row.conversations.id))),
    more: found.length > PAGE,
  }
}

export async function getConversation(userId: string, id: string): Promise<ConversationView> {
  const view = await readConversation(await db(), userId, id)
  if (!view) throw new AppError('NOT_FOUND', 'There is no such conversation.')
  return view
}

/** The last messages before the one with the id `before`, oldest first. */
export async function listMessages(userId: string, conversationId: string, before?: string): Promise<MessagesAnswer> {
  await getConversation(userId, conversationId)
  const bound = before && /^\d{1,15}$/.test(before) ? lt(messages.id, Number(before)) : undefined
  const found = await (await db())
    .select()
    .from(messages)
    .where(and(eq(messages.conversationId, conversationId), bound))
    .orderBy(desc(messages.id))
    .limit(MESSAGES + 1)
  return { success: true, messages: found.slice(0, MESSAGES).reverse().map(messageView), more: found.length > MESSAGES }
}

export async function changeConversation(userId: string, id: string, { automatic }: { automatic: boolean }): Promise<ConversationView> {
  await write((transaction) => transaction.update(conversations).set({ automatic }).where(and(eq(conversations.userId, userId), eq(conversations.id, id))))
  const conversation = await getConversation(userId, id)
  publish(userId, 'conversation', conversation)
  return conversation
}
