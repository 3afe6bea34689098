// The tables as the program sees them, whichever database they are in.
import * as postgres from './schema.postgres'
import * as sqlite from './schema.sqlite'

export const POSTGRES = /^postgres(ql)?:/.test(process.env.DATABASE_URL ?? '')

// Queries are the same in both; they are typed as SQLite's. That rows look alike is checked here, when this is compiled.
type Tables = typeof sqlite
type Postgres = typeof postgres
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never
type Alike = {
  [K in keyof Tables]: Same<Tables[K]['$inferSelect'], Postgres[K]['$inferSelect']> &
    Same<Omit<Tables[K]['$inferInsert'], 'id'>, Omit<Postgres[K]['$inferInsert'], 'id'>>
}
const alike: Alike[keyof Tables] = true
void alike

export const tables = (POSTGRES ? postgres : sqlite) as unknown as Tables
export const {
  users, signIns, accounts, verifications, connections, customers, conversations, messages, products, orders,
  notifications, notificationRecipients,
} = tables

export type Customer = typeof customers.$inferSelect
export type Conversation = typeof conversations.$inferSelect
export type Message = typeof messages.$inferSelect
export type NewMessage = typeof messages.$inferInsert
export type Product = typeof products.$inferSelect
