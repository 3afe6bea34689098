// What customers ordered.
import { desc, eq } from 'drizzle-orm'

import type { OrderView } from './api'
import { customers, db, orders, type Database, type Product, type Transaction } from './db'

/** As many as the pages get at once. */
const MOST_LISTED = 500

/** Newest first. */
export async function listOrders(userId: string): Promise<OrderView[]> {
  const found = await withCustomer(await db()).where(eq(orders.userId, userId)).orderBy(desc(orders.createdAt), desc(orders.id)).limit(MOST_LISTED)
  return found.map(orderView)
}

/** The order that a message made, if it made one. */
export async function orderOfMessage(messageId: number): Promise<OrderView | undefined> {
  const [found] = await withCustomer(await db()).where(eq(orders.messageId, messageId))
  return found && orderView(found)
}

/** `messageId`: the message that asked for it, which orders once. */
export async function placeOrder(
  transaction: Transaction,
  { userId, customerId, messageId, product, quantity }: { userId: string; customerId: string; messageId: number; product: Product; quantity: number },
) {
  const { code: productCode, name: productName, currency } = product
  await transaction
    .insert(orders)
    .values({ userId, customerId, messageId, productCode, productName, quantity, total: product.price * quantity, currency })
}

const withCustomer = (database: Pick<Database, 'select'>) =>
  database.select({ order: orders, customer: customers }).from(orders).innerJoin(customers, eq(orders.customerId, customers.id))

type Found = Awaited<ReturnType<ReturnType<typeof withCustomer>['execute']>>[number]

function orderView({ order, customer: { id, name, phoneNumber } }: Found): OrderView {
  const { productCode, productName, quantity, total, currency, createdAt } = order
  return { id: order.id, customer: { id, name, phoneNumber }, productCode, productName, quantity, total, currency, createdAt: createdAt.toISOString() }
}
