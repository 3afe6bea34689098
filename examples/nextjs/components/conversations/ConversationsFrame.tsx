'use client'
import { useSelectedLayoutSegment } from 'next/navigation'
import type { ReactNode } from 'react'

import { ConversationList } from './ConversationList'

/** List and conversation side by side; where there is no room for both, the one that was asked for. */
export function ConversationsFrame({ children }: { children: ReactNode }) {
  const chosen = useSelectedLayoutSegment()
  return (
    <div className="conversations" data-open={chosen !== null}>
      <ConversationList chosen={chosen} />
      <section className="conversation-pane">{children}</section>
    </div>
  )
}
