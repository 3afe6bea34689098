// The list of conversations, newest first.
import type { ConversationView } from '@/lib/api'

const newestFirst = (a: ConversationView, b: ConversationView) => b.lastMessageAt.localeCompare(a.lastMessageAt) || b.id.localeCompare(a.id)

/** The list with these in it, in the place of what it had of them. */
export function withConversations(list: ConversationView[], changed: ConversationView[]): ConversationView[] {
  const all = new Map([...list, ...changed].map((conversation) => [conversation.id, conversation]))
  return [...all.values()].sort(newestFirst)
}

export const withConversation = (list: ConversationView[], changed: ConversationView) => withConversations(list, [changed])
