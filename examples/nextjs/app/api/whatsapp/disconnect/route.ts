import type { DisconnectAnswer } from '@/lib/api'
import { route } from '@/lib/route'
import { whatsapp } from '@/lib/whatsapp'

export const POST = route({}, async ({ user }): Promise<DisconnectAnswer> => {
  await whatsapp.disconnect(user.id)
  return { success: true, message: 'Disconnected. The files of the session are deleted.' }
})
