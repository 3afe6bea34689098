import { Send, type SendAnswer } from '@/lib/api'
import { route } from '@/lib/route'
import { whatsapp } from '@/lib/whatsapp'

export const POST = route({ body: Send, limit: 'send' }, async ({ user, body }): Promise<SendAnswer> => {
  return { success: true, message: await whatsapp.send(user.id, body.to, body.content) }
})
