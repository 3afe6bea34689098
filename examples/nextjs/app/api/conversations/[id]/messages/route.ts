import { Answer, type SendAnswer } from '@/lib/api'
import { listMessages } from '@/lib/conversations'
import { route } from '@/lib/route'
import { whatsapp } from '@/lib/whatsapp'

export const GET = route({}, ({ user, params, query }) => listMessages(user.id, params.id!, query.get('before') ?? undefined))

export const POST = route({ body: Answer, limit: 'send' }, async ({ user, params, body }): Promise<SendAnswer> => (
  { success: true, message: await whatsapp.answer(user.id, params.id!, body.content) }
))
