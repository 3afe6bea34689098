// The tables in SQLite. schema.postgres.ts has the same ones for Postgres; lib/db/schema.ts checks that rows look alike in both.
import { sql } from 'drizzle-orm'
import { blob, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

const id = () => text().primaryKey().$defaultFn(() => crypto.randomUUID())
const time = () => integer({ mode: 'timestamp_ms' })
const now = () => time().notNull().$defaultFn(() => new Date())
const flag = () => integer({ mode: 'boolean' })

// Who signs in. The columns of these four are better-auth's.

export const users = sqliteTable('users', {
  id: text().primaryKey(),
  name: text().notNull(),
  email: text().notNull().unique(),
  emailVerified: flag().notNull().default(false),
  image: text(),
  createdAt: now(),
  updatedAt: now(),
})

const userId = () => text().notNull().references(() => users.id, { onDelete: 'cascade' })

export const signIns = sqliteTable('sign_ins', {
  id: text().primaryKey(),
  userId: userId(),
  token: text().notNull().unique(),
  expiresAt: time().notNull(),
  ipAddress: text(),
  userAgent: text(),
  createdAt: now(),
  updatedAt: now(),
}, (table) => [index('sign_ins_user').on(table.userId)])

export const accounts = sqliteTable('accounts', {
  id: text().primaryKey(),
  userId: userId(),
  accountId: text().notNull(),
  providerId: text().notNull(),
  accessToken: text(),
  refreshToken: text(),
  idToken: text(),
  accessTokenExpiresAt: time(),
  refreshTokenExpiresAt: time(),
  scope: text(),
  password: text(),
  createdAt: now(),
  updatedAt: now(),
}, (table) => [index('accounts_user').on(table.userId)])

export const verifications = sqliteTable('verifications', {
  id: text().primaryKey(),
  identifier: text().notNull(),
  value: text().notNull(),
  expiresAt: time().notNull(),
  createdAt: now(),
  updatedAt: now(),
})

/** The state of each user's WhatsApp session. */
export const connections = sqliteTable('connections', {
  userId: userId().primaryKey(),
  /** Whether the session is to be open: it is restored when the server starts. */
  wanted: flag().notNull().default(false),
  phoneNumber: text(),
  lastConnectedAt: time(),
  updatedAt: now(),
})

/** People who wrote to the shop, or whom the shop wrote to. */
export const customers = sqliteTable('customers', {
  id: id(),
  userId: userId(),
  /** `number@s.whatsapp.net` where the number is known, else `...@lid`. */
  jid: text().notNull(),
  lid: text(),
  phoneNumber: text(),
  name: text(),
  /** Whether the customer takes notifications: 'unknown' and 'withdrawn' get none. */
  consent: text({ enum: ['unknown', 'given', 'withdrawn'] }).notNull().default('unknown'),
  consentAt: time(),
  createdAt: now(),
}, (table) => [uniqueIndex('customers_jid').on(table.userId, table.jid), index('customers_lid').on(table.userId, table.lid)])

export const conversations = sqliteTable('conversations', {
  id: id(),
  userId: userId(),
  /** Where messages go: the customer's or the group's JID. */
  jid: text().notNull(),
  /** Null for a group. */
  customerId: text().references(() => customers.id, { onDelete: 'cascade' }),
  name: text(),
  unread: integer().notNull().default(0),
  /** Whether rules, commands and AI answer here. */
  automatic: flag().notNull().default(true),
  lastMessageAt: now(),
  createdAt: now(),
}, (table) => [
  uniqueIndex('conversations_jid').on(table.userId, table.jid),
  index('conversations_recent').on(table.userId, table.lastMessageAt),
])

/** Messages in both directions, in the order in which they were written here. */
export const messages = sqliteTable('messages', {
  id: integer().primaryKey({ autoIncrement: true }),
  userId: userId(),
  conversationId: text().notNull().references(() => conversations.id, { onDelete: 'cascade' }),
  /** The id that WhatsApp knows it by; ours is made before it is sent, so that sending it again does not double it. */
  whatsappId: text().notNull(),
  direction: text({ enum: ['in', 'out'] }).notNull(),
  author: text({ enum: ['customer', 'operator', 'phone', 'rule', 'command', 'ai', 'notification'] }).notNull(),
  /** Who wrote it in a group. */
  senderJid: text(),
  senderName: text(),
  type: text({ enum: ['text', 'image', 'video', 'audio', 'document', 'sticker', 'location', 'contact', 'poll', 'deleted', 'other'] }).notNull(),
  text: text(),
  mimetype: text(),
  fileName: text(),
  fileSize: integer(),
  /** The message as WhatsApp gave it, to download its file. */
  raw: blob({ mode: 'buffer' }),
  status: text({ enum: ['received', 'pending', 'sent', 'delivered', 'read', 'failed'] }).notNull(),
  /** Why it failed. */
  error: text(),
  edited: flag().notNull().default(false),
  /** It waits for rules, commands or AI to look at it. */
  answerDue: flag().notNull().default(false),
  timestamp: time().notNull(),
  createdAt: now(),
}, (table) => [
  uniqueIndex('messages_whatsapp').on(table.conversationId, table.direction, table.whatsappId),
  index('messages_conversation').on(table.conversationId, table.id),
  index('messages_known_by').on(table.userId, table.whatsappId),
  index('messages_answer_due').on(table.userId, table.id).where(sql`answer_due`),
  index('messages_pending').on(table.userId, table.id).where(sql`status = 'pending'`),
])

export const products = sqliteTable('products', {
  id: id(),
  userId: userId(),
  /** What customers type to order it. */
  code: text().notNull(),
  /** The code as it is compared: without case and accents. */
  codeKey: text().notNull(),
  name: text().notNull(),
  description: text().notNull().default(''),
  /** What searches look at: the words of code, name and description, without case and accents, with a space before each. */
  search: text().notNull(),
  /** In the smallest unit of the currency. */
  price: integer().notNull(),
  currency: text().notNull(),
  available: flag().notNull().default(true),
  createdAt: now(),
}, (table) => [uniqueIndex('products_code').on(table.userId, table.codeKey)])

export const orders = sqliteTable('orders', {
  id: id(),
  userId: userId(),
  customerId: text().notNull().references(() => customers.id, { onDelete: 'cascade' }),
  /** The message that asked for it: the same message orders once. */
  messageId: integer().notNull().unique().references(() => messages.id, { onDelete: 'cascade' }),
  productCode: text().notNull(),
  productName: text().notNull(),
  quantity: integer().notNull(),
  /** Of all pieces, in the smallest unit of the currency. */
  total: integer().notNull(),
  currency: text().notNull(),
  createdAt: now(),
}, (table) => [index('orders_user').on(table.userId, table.createdAt)])

/** A text to all customers who consented. */
export const notifications = sqliteTable('notifications', {
  id: id(),
  userId: userId(),
  content: text().notNull(),
  state: text({ enum: ['sending', 'done', 'cancelled'] }).notNull().default('sending'),
  createdAt: now(),
}, (table) => [
  index('notifications_user').on(table.userId, table.createdAt),
  // One at a time for each user.
  uniqueIndex('notifications_sending').on(table.userId).where(sql`state = 'sending'`),
])

export const notificationRecipients = sqliteTable('notification_recipients', {
  id: integer().primaryKey({ autoIncrement: true }),
  userId: userId(),
  notificationId: text().notNull().references(() => notifications.id, { onDelete: 'cascade' }),
  customerId: text().notNull().references(() => customers.id, { onDelete: 'cascade' }),
  /** 'sent' has a message, whose status says the rest. */
  state: text({ enum: ['queued', 'sent', 'skipped'] }).notNull().default('queued'),
  /** Why it was skipped: 'withdrawn' or 'cancelled'. */
  reason: text(),
  messageId: integer().references(() => messages.id, { onDelete: 'set null' }),
}, (table) => [
  uniqueIndex('notification_recipients_once').on(table.notificationId, table.customerId),
  index('notification_recipients_message').on(table.messageId),
])
