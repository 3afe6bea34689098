import type { NotificationAnswer } from '@/lib/api'
import { notificationReport } from '@/lib/notifications'
import { route } from '@/lib/route'

export const GET = route({}, async ({ user, params }): Promise<NotificationAnswer> => (
  { success: true, ...(await notificationReport(user.id, params.id!)) }
))
