'use client'
import { useEffect, useRef, useState } from 'react'

import { Empty, ErrorNotice, Loading } from '../Feedback'
import { useLanguage } from '../LanguageProvider'
import { SearchBox } from '../SearchBox'
import { useDebounced } from '../useDebounced'
import { ConversationRow } from './ConversationRow'
import { NewConversation } from './NewConversation'
import { useConversations } from './useConversations'

export function ConversationList({ chosen }: { chosen: string | null }) {
  const { texts: { conversations: texts } } = useLanguage()
  const [search, setSearch] = useState('')
  const wanted = useDebounced(search.trim())
  const { conversations, more, loading, error, reload, loadMore } = useConversations(wanted)

  // On a phone: whoever comes back from a conversation goes on where it stands in the list.
  const list = useRef<HTMLUListElement>(null)
  const chosenBefore = useRef(chosen)
  useEffect(() => {
    if (!chosen && chosenBefore.current) list.current?.querySelector<HTMLElement>(`[href$="/${CSS.escape(chosenBefore.current)}"]`)?.focus()
    chosenBefore.current = chosen
  }, [chosen])

  // A page has one heading of the first rank: of the conversation, where one is open.
  const Title = chosen ? 'h2' : 'h1'

  return (
    <section className="conversation-list" aria-label={texts.title}>
      <header>
        <div className="list-title"><Title>{texts.title}</Title><NewConversation /></div>
        <SearchBox label={texts.search} value={search} change={setSearch} />
      </header>
      <div className="conversation-scroll">
        {error && <ErrorNotice code={error} retry={() => void reload()} />}
        {!conversations && loading && <Loading />}
        {conversations?.length === 0 && (wanted ? <Empty title={texts.noneFound} /> : <Empty title={texts.none}>{texts.noneText}</Empty>)}
        <ul aria-busy={loading} ref={list}>
          {conversations?.map((conversation) => (
            <ConversationRow key={conversation.id} conversation={conversation} chosen={conversation.id === chosen} />
          ))}
        </ul>
        {more && <button type="button" className="quiet more" aria-disabled={loading} onClick={() => { if (!loading) void loadMore() }}>{texts.more}</button>}
      </div>
    </section>
  )
}
