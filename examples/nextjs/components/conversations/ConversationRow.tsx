import Link from 'next/link'
import { memo } from 'react'

import type { ConversationView } from '@/lib/api'

import { useLanguage } from '../LanguageProvider'
import { Avatar } from './Avatar'
import { withoutMarks } from './formatting'
import { Ticks } from './Ticks'

const PREVIEW = 160

interface Props {
  conversation: ConversationView
  chosen: boolean
}

export const ConversationRow = memo(function ConversationRow({ conversation, chosen }: Props) {
  const { texts, formats } = useLanguage()
  const { id, jid, name, unread, lastMessage: last, lastMessageAt } = conversation
  return (
    <li>
      <Link
        className="conversation-row"
        href={`/conversations/${id}`}
        // A long list would otherwise ask the server for every conversation that it shows.
        prefetch={false}
        aria-current={chosen ? 'page' : undefined}
        data-testid="conversation"
        data-jid={jid}
      >
        <Avatar name={name} jid={jid} />
        <span className="conversation-name" dir="auto">{name}</span>
        <time className="conversation-time" dateTime={lastMessageAt}>{formats.recent(lastMessageAt)}</time>
        <span className="conversation-last">
          {last?.direction === 'out' && <Ticks status={last.status} />}
          <span className="ellipsis" dir="auto">{last && (last.text ? withoutMarks(last.text, PREVIEW) : texts.messages.types[last.type])}</span>
        </span>
        {unread > 0 && !chosen && (
          <span className="unread" data-testid="unread">
            <span aria-hidden="true">{unread > 999 ? '999+' : unread}</span><span className="visually-hidden">{texts.conversations.unread(unread)}</span>
          </span>
        )}
      </Link>
    </li>
  )
})
