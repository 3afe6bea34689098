import type { Metadata } from 'next'

import { Conversation } from '@/components/conversations/Conversation'
import { MAX_TEXT } from '@/lib/api'
import { currentTexts } from '@/lib/i18n/server'
import { requireUser } from '@/lib/requireUser'

export const generateMetadata = async (): Promise<Metadata> => ({ title: (await currentTexts()).conversations.title })

export default async function ConversationPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  await requireUser(`/conversations/${id}`)
  return <Conversation key={id} id={id} longestText={MAX_TEXT} />
}
