// The messages of a conversation as a page holds them: a run without gaps, oldest first.
import type { MessageView } from '@/lib/api'

const byId = (a: MessageView, b: MessageView) => a.id - b.id

/** The messages with these in it, in the place of what was known of them. */
export function withMessages(list: MessageView[], changed: Iterable<MessageView>): MessageView[] {
  const all = new Map(list.map((message) => [message.id, message]))
  for (const message of changed) all.set(message.id, message)
  return [...all.values()].sort(byId)
}

/** After an event: messages older than the run are not shown yet, and would leave a gap. */
export function withNews(list: MessageView[], message: MessageView, more: boolean): MessageView[] {
  const last = list.at(-1)
  if (!last || message.id > last.id) return [...list, message]
  const known = list.findIndex(({ id }) => id === message.id)
  if (known >= 0) return list.with(known, message)
  return more && message.id < list[0]!.id ? list : withMessages(list, [message])
}

/** The answer of sending: an event may have told more about the message already. */
export const withSent = (list: MessageView[], message: MessageView): MessageView[] =>
  list.some(({ id }) => id === message.id) ? list : withMessages(list, [message])
