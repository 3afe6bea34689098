import { route } from '@/lib/route'
import { whatsapp } from '@/lib/whatsapp'

export const POST = route({}, async ({ user, params }) => {
  await whatsapp.markRead(user.id, params.id!)
  return { success: true }
})
