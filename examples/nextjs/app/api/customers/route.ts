import type { CustomersAnswer } from '@/lib/api'
import { listCustomers } from '@/lib/customers'
import { route } from '@/lib/route'

export const GET = route({}, async ({ user }): Promise<CustomersAnswer> => ({ success: true, customers: await listCustomers(user.id) }))
