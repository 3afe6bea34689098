'use client'
import Link from 'next/link'
import { useEffect, useRef, useState } from 'react'

import type { ConversationAnswer, StatusAnswer } from '@/lib/api'
import type { ShownError } from '@/lib/i18n'

import { ErrorNotice, Loading } from '../Feedback'
import { BackIcon } from '../icons'
import { useLanguage } from '../LanguageProvider'
import { codeOf, request } from '../request'
import { Switch } from '../Switch'
import { useEvents } from '../useEvents'
import { useResource } from '../useResource'
import { Avatar } from './Avatar'
import { MessageList } from './MessageList'
import { SendBox } from './SendBox'
import { useMarkRead } from './useMarkRead'
import { useMessages } from './useMessages'

/** A conversation with its messages and the box to answer in. */
export function Conversation({ id, longestText }: { id: string; longestText: number }) {
  const { texts: { conversations: texts } } = useLanguage()
  const path = `/api/conversations/${encodeURIComponent(id)}`
  const { data, error, reload, change } = useResource<ConversationAnswer>(path)
  const status = useResource<StatusAnswer>('/api/whatsapp/status')
  const thread = useMessages(id)
  const [changeError, setChangeError] = useState<ShownError | null>(null)
  useEvents({
    conversation: (conversation) => { if (conversation.id === id) change((now) => ({ ...now, conversation })) },
    status: (now) => status.change(() => now),
  })
  // Where the list has given way to the conversation, the row that was chosen has lost the focus.
  const back = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    if (back.current?.offsetParent) back.current.focus({ preventScroll: true })
  }, [])
  const conversation = data?.conversation
  useMarkRead(id, conversation?.unread ?? 0)

  const setAutomatic = async (automatic: boolean) => {
    setChangeError(null)
    try {
      const answer = await request<ConversationAnswer>(path, { method: 'PATCH', body: { automatic } })
      change(() => answer)
    } catch (thrown) {
      setChangeError(codeOf(thrown))
    }
  }

  const failed = error ?? thread.error
  const retry = () => {
    void reload()
    void thread.reload()
  }
  return (
    <div className="conversation">
      <header className="conversation-header">
        <Link ref={back} className="back" href="/conversations" aria-label={texts.back} data-testid="back"><BackIcon /></Link>
        {conversation && (
          <>
            <Avatar name={conversation.name} jid={conversation.jid} />
            <div className="who">
              <h1 dir="auto">{conversation.name}</h1>
              <p>{conversation.group ? texts.group : conversation.phoneNumber !== conversation.name && conversation.phoneNumber}</p>
            </div>
            <Switch on={conversation.automatic} label={texts.automatic} change={setAutomatic} testId="automatic" />
          </>
        )}
      </header>
      {failed && <ErrorNotice code={failed} retry={failed === 'NOT_FOUND' ? undefined : retry} />}
      {changeError && <ErrorNotice code={changeError} />}
      {!failed && (!conversation || !thread.messages) && <Loading />}
      {conversation && thread.messages && (
        <>
          <MessageList
            name={conversation.name}
            messages={thread.messages}
            more={thread.more}
            loading={thread.loading}
            loadOlder={() => void thread.loadOlder()}
            trim={thread.trim}
          />
          {status.data?.isConnected === false && (
            <p className="not-connected" role="status">{texts.notConnected} <Link href="/">{texts.toConnection}</Link></p>
          )}
          <SendBox conversationId={id} longest={longestText} sent={thread.add} />
        </>
      )}
    </div>
  )
}
