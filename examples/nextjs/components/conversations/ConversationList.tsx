'use client'
import { useState } from 'react'

import { Empty, ErrorNotice, Loading } from '../Feedback'
import { useLanguage } from '../LanguageProvider'
import { SearchBox } from '../SearchBox'
import { useDebounced } from '../useDebounced'
import { ConversationRow } from './ConversationRow'
import { useConversations } from './useConversations'

export function ConversationList({ chosen }: { chosen: string | null }) {
  const { texts: { conversations: texts } } = useLanguage()
  const [search, setSearch] = useState('')
  const wanted = useDebounced(search.trim())
  const { conversations, more, loading, error, reload, loadMore } = useConversations(wanted)

  return (
    <section className="conversation-list" aria-label={texts.title}>
      <header>
        <h1>{texts.title}</h1>
        <SearchBox label={texts.search} value={search} change={setSearch} />
      </header>
      <div className="conversation-scroll">
        {error && <ErrorNotice code={error} retry={() => void reload()} />}
        {!conversations && loading && <Loading />}
        {conversations?.length === 0 && (wanted ? <Empty title={texts.noneFound} /> : <Empty title={texts.none}>{texts.noneText}</Empty>)}
        <ul aria-busy={loading}>
          {conversations?.map((conversation) => (
            <ConversationRow key={conversation.id} conversation={conversation} chosen={conversation.id === chosen} />
          ))}
        </ul>
        {more && <button type="button" className="quiet more" aria-disabled={loading} onClick={() => { if (!loading) void loadMore() }}>{texts.more}</button>}
      </div>
    </section>
  )
}
