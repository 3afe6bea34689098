// The tables in Postgres: those of schema.sqlite.ts, where they are explained.
import { sql } from 'drizzle-orm'
import { bigint, boolean, customType, index, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'

const id = () => text().primaryKey().$defaultFn(() => crypto.randomUUID())
const time = () => timestamp({ withTimezone: true, precision: 3, mode: 'date' })
const now = () => time().notNull().$defaultFn(() => new Date())
const flag = () => boolean()
const integer = () => bigint({ mode: 'number' })
const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const serial = () => integer().primaryKey().generatedAlwaysAsIdentity()

// Who signs in. The columns of these four are better-auth's.

export const users = pgTable('users', {
  id: text().primaryKey(),
  name: text().notNull(),
  email: text().notNull().unique(),
  emailVerified: flag().notNull().default(false),
  image: text(),
  createdAt: now(),
  updatedAt: now(),
})

const userId = () => text().notNull().references(() => users.id, { onDelete: 'cascade' })

export const signIns = pgTable('sign_ins', {
  id: text().primaryKey(),
  userId: userId(),
  token: text().notNull().unique(),
  expiresAt: time().notNull(),
  ipAddress: text(),
  userAgent: text(),
  createdAt: now(),
  updatedAt: now(),
}, (table) => [index('sign_ins_user').on(table.userId)])

export const accounts = pgTable('accounts', {
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

export const verifications = pgTable('verifications', {
  id: text().primaryKey(),
  identifier: text().notNull(),
  value: text().notNull(),
  expiresAt: time().notNull(),
  createdAt: now(),
  updatedAt: now(),
})

export const connections = pgTable('connections', {
  userId: userId().primaryKey(),
  wanted: flag().notNull().default(false),
  phoneNumber: text(),
  lastConnectedAt: time(),
  updatedAt: now(),
})

export const customers = pgTable('customers', {
  id: id(),
  userId: userId(),
  jid: text().notNull(),
  lid: text(),
  phoneNumber: text(),
  name: text(),
  consent: text({ enum: ['unknown', 'given', 'withdrawn'] }).notNull().default('unknown'),
  consentAt: time(),
  createdAt: now(),
}, (table) => [uniqueIndex('customers_jid').on(table.userId, table.jid), index('customers_lid').on(table.userId, table.lid)])

export const conversations = pgTable('conversations', {
  id: id(),
  userId: userId(),
  jid: text().notNull(),
  customerId: text().references(() => customers.id, { onDelete: 'cascade' }),
  name: text(),
  unread: integer().notNull().default(0),
  automatic: flag().notNull().default(true),
  lastMessageAt: now(),
  createdAt: now(),
}, (table) => [
  uniqueIndex('conversations_jid').on(table.userId, table.jid),
  index('conversations_recent').on(table.userId, table.lastMessageAt),
])

export const messages = pgTable('messages', {
  id: serial(),
  userId: userId(),
  conversationId: text().notNull().references(() => conversations.id, { onDelete: 'cascade' }),
  whatsappId: text().notNull(),
  direction: text({ enum: ['in', 'out'] }).notNull(),
  author: text({ enum: ['customer', 'operator', 'phone', 'rule', 'command', 'ai', 'notification'] }).notNull(),
  senderJid: text(),
  senderName: text(),
  type: text({ enum: ['text', 'image', 'video', 'audio', 'document', 'sticker', 'location', 'contact', 'poll', 'deleted', 'other'] }).notNull(),
  text: text(),
  mimetype: text(),
  fileName: text(),
  fileSize: integer(),
  raw: bytes(),
  status: text({ enum: ['received', 'pending', 'sent', 'delivered', 'read', 'failed'] }).notNull(),
  error: text(),
  edited: flag().notNull().default(false),
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

export const products = pgTable('products', {
  id: id(),
  userId: userId(),
  code: text().notNull(),
  codeKey: text().notNull(),
  name: text().notNull(),
  description: text().notNull().default(''),
  search: text().notNull(),
  price: integer().notNull(),
  currency: text().notNull(),
  available: flag().notNull().default(true),
  createdAt: now(),
}, (table) => [uniqueIndex('products_code').on(table.userId, table.codeKey)])

export const orders = pgTable('orders', {
  id: id(),
  userId: userId(),
  customerId: text().notNull().references(() => customers.id, { onDelete: 'cascade' }),
  messageId: integer().notNull().unique().references(() => messages.id, { onDelete: 'cascade' }),
  productCode: text().notNull(),
  productName: text().notNull(),
  quantity: integer().notNull(),
  total: integer().notNull(),
  currency: text().notNull(),
  createdAt: now(),
}, (table) => [index('orders_user').on(table.userId, table.createdAt)])

export const notifications = pgTable('notifications', {
  id: id(),
  userId: userId(),
  content: text().notNull(),
  state: text({ enum: ['sending', 'done', 'cancelled'] }).notNull().default('sending'),
  createdAt: now(),
}, (table) => [
  index('notifications_user').on(table.userId, table.createdAt),
  uniqueIndex('notifications_sending').on(table.userId).where(sql`state = 'sending'`),
])

export const notificationRecipients = pgTable('notification_recipients', {
  id: serial(),
  userId: userId(),
  notificationId: text().notNull().references(() => notifications.id, { onDelete: 'cascade' }),
  customerId: text().notNull().references(() => customers.id, { onDelete: 'cascade' }),
  state: text({ enum: ['queued', 'sent', 'skipped'] }).notNull().default('queued'),
  reason: text(),
  messageId: integer().references(() => messages.id, { onDelete: 'set null' }),
}, (table) => [
  uniqueIndex('notification_recipients_once').on(table.notificationId, table.customerId),
  index('notification_recipients_message').on(table.messageId),
])
