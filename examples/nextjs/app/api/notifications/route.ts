import { NewNotification, type NotificationsAnswer } from '@/lib/api'
import { createNotification, listNotifications } from '@/lib/notifications'
import { route } from '@/lib/route'
import { whatsapp } from '@/lib/whatsapp'

export const GET = route({}, async ({ user }): Promise<NotificationsAnswer> => (
  { success: true, notifications: await listNotifications(user.id) }
))

export const POST = route({ body: NewNotification, limit: 'send' }, async ({ user, body }) => {
  const notification = await createNotification(user.id, body.content)
  whatsapp.notifications.wake(user.id)
  return { success: true, notification }
})
