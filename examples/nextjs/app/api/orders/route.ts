import type { OrdersAnswer } from '@/lib/api'
import { listOrders } from '@/lib/orders'
import { route } from '@/lib/route'

export const GET = route({}, async ({ user }): Promise<OrdersAnswer> => ({ success: true, orders: await listOrders(user.id) }))
