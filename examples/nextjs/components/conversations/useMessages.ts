import { useEffect, useRef, useState } from 'react'

import type { MessagesAnswer, MessageView } from '@/lib/api'
import type { ShownError } from '@/lib/i18n'

import { codeOf, request } from '../request'
import { useEvents } from '../useEvents'
import { withMessages, withNews, withSent } from './thread'

/** As many pages as are asked for again after the connection of the events was lost; older ones are then asked for anew on demand. */
const MOST_PAGES = 10
/** Above this, what is far above the last messages is dropped while nobody looks at it. */
const MOST_MESSAGES = 500

interface Thread {
  messages: MessageView[]
  /** There are older ones. */
  more: boolean
}

/** The messages of a conversation, kept up to date. */
export function useMessages(conversationId: string) {
  const [thread, setThread] = useState<Thread | null>(null)
  const [loading, setLoading] = useState(true)
  const [error, setError] = useState<ShownError | null>(null)
  const shown = useRef<Thread>(null)
  const running = useRef<AbortController>(null)
  /** What events told while a question was under way: it is newer than the answer. */
  const heard = useRef(new Map<number, MessageView>())
  shown.current = thread

  const ask = (before: number | undefined, signal: AbortSignal) =>
    request<MessagesAnswer>(`/api/conversations/${encodeURIComponent(conversationId)}/messages${before ? `?before=${before}` : ''}`, {
      signal,
    })
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
  const reload = () =>
    run(async (signal) => {
      const oldest = shown.current?.messages[0]?.id ?? Infinity
      let found: MessageView[] = []
      let answer: MessagesAnswer
      let pages = 0
      do {
        answer = await ask(found[0]?.id, signal)
        found = withMessages(found, answer.messages)
        pages += 1
      } while (answer.more && found[0]!.id > oldest && pages < MOST_PAGES)
      if (signal.aborted) return
      const messages = [...heard.current.values()].reduce((list, message) => withNews(list, message, answer.more), found)
      setThread({ messages, more: answer.more })
    })
  const loadOlder = () =>
    run(async (signal) => {
      const answer = await ask(shown.current?.messages[0]?.id, signal)
      if (signal.aborted) return
      setThread((now) => ({ messages: withMessages(answer.messages, now?.messages ?? []), more: answer.more }))
    })

  useEffect(() => {
    void reload()
    return () => running.current?.abort()
    // Another conversation is another component.
  }, [])

  useEvents({
    ready: () => void reload(),
    message: (message) => {
      if (message.conversationId !== conversationId) return
      heard.current.set(message.id, message)
      setThread((now) => now && { ...now, messages: withNews(now.messages, message, now.more) })
    },
  })

  /** Shows a message that was handed over for sending. */
  const add = (message: MessageView) => setThread((now) => now && { ...now, messages: withSent(now.messages, message) })
  /** Drops the oldest when there are very many; for a list that shows its end. */
  const trim = () =>
    setThread((now) =>
      now && now.messages.length > MOST_MESSAGES ? { messages: now.messages.slice(-MOST_MESSAGES / 2), more: true } : now,
    )

  return { messages: thread?.messages ?? null, more: thread?.more ?? false, loading, error, reload, loadOlder, add, trim }
}
