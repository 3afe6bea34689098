import { cancelNotification } from '@/lib/notifications'
import { route } from '@/lib/route'

export const POST = route({}, async ({ user, params }) => ({ success: true, notification: await cancelNotification(user.id, params.id!) }))
