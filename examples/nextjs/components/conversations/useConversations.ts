import { useEffect, useRef, useState } from 'react'

import type { ConversationsAnswer, ConversationView } from '@/lib/api'
import type { ShownError } from '@/lib/i18n'

import { codeOf, request } from '../request'
import { useEvents } from '../useEvents'
import { withConversation, withConversations } from './list'

/** As many pages as are asked for again after the connection of the events was lost. */
const MOST_PAGES = 10

/** The conversations that match a search, newest first, kept up to date. */
export function useConversations(search: string) {
  const [conversations, setConversations] = useState<ConversationView[] | null>(null)
  const [more, setMore] = useState(false)
  const [loading, setLoading] = useState(true)
  const [error, setError] = useState<ShownError | null>(null)
  const shown = useRef<ConversationView[]>([])
  const running = useRef<AbortController>(null)
  /** What events told while a question was under way: it is newer than the answer. */
  const heard = useRef(new Map<string, ConversationView>())
  shown.current = conversations ?? []

  const ask = (before: string | undefined, signal: AbortSignal) => {
    const query = new URLSearchParams({ ...(search && { search }), ...(before && { before }) })
    return request<ConversationsAnswer>(`/api/conversations?${query}`, { signal })
  }
  const run = async (work: (signal: AbortSignal) => Promise<void>) => {
    running.current?.abort()
    const { signal } = (running.current = new AbortController())
    heard.current.clear()
    setLoading(true)
    try {
      await work(signal)
      setError(null)
    } catch (thrown) {
      if (signal.aborted) return
      setError(codeOf(thrown))
    }
    if (!signal.aborted) setLoading(false)
  }

  /** Asks again for all that is shown. */
  const reload = (least = 0) =>
    run(async (signal) => {
      let found: ConversationView[] = []
      let answer: ConversationsAnswer
      let pages = 0
      do {
        answer = await ask(found.at(-1)?.id, signal)
        found = withConversations(found, answer.conversations)
        pages += 1
      } while (answer.more && found.length < least && pages < MOST_PAGES)
      if (signal.aborted) return
      const known = new Set(found.map(({ id }) => id))
      setConversations(
        withConversations(
          found,
          [...heard.current.values()].filter(({ id }) => !search || known.has(id)),
        ),
      )
      setMore(answer.more)
    })
  const loadMore = () =>
    run(async (signal) => {
      const answer = await ask(shown.current.at(-1)?.id, signal)
      if (signal.aborted) return
      setConversations((now) => withConversations(withConversations(answer.conversations, now ?? []), [...heard.current.values()]))
      setMore(answer.more)
    })

  useEffect(() => {
    void reload()
    return () => running.current?.abort()
    // Only another search begins anew.
  }, [search])

  useEvents({
    ready: () => void reload(shown.current.length),
    conversation: (changed) => {
      heard.current.set(changed.id, changed)
      setConversations((now) => {
        if (!now) return now
        const known = now.some(({ id }) => id === changed.id)
        // Whether an unknown one matches the search, or stands on a page that is not shown yet, only the server can tell.
        const belongs = known || (!search && (!more || changed.lastMessageAt >= (now.at(-1)?.lastMessageAt ?? '')))
        return belongs ? withConversation(now, changed) : now
      })
    },
  })

  return { conversations, more, loading, error, reload: () => reload(shown.current.length), loadMore }
}
