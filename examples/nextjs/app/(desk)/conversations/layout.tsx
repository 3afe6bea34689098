import type { ReactNode } from 'react'

import { ConversationsFrame } from '@/components/conversations/ConversationsFrame'

/** The list stays as it is while conversations are opened beside it. */
export default function ConversationsLayout({ children }: { children: ReactNode }) {
  return <ConversationsFrame>{children}</ConversationsFrame>
}
