import { listConversations } from '@/lib/conversations'
import { route } from '@/lib/route'

export const GET = route({}, ({ user, query }) =>
  listConversations(user.id, { before: query.get('before') ?? undefined, search: query.get('search') ?? undefined }),
)
