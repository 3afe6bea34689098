import { ChangeConversation, type ConversationAnswer } from '@/lib/api'
import { changeConversation, getConversation } from '@/lib/conversations'
import { route } from '@/lib/route'

export const GET = route({}, async ({ user, params }): Promise<ConversationAnswer> => (
  { success: true, conversation: await getConversation(user.id, params.id!) }
))

export const PATCH = route({ body: ChangeConversation }, async ({ user, params, body }): Promise<ConversationAnswer> => (
  { success: true, conversation: await changeConversation(user.id, params.id!, body) }
))
