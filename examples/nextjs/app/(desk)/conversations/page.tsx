import type { Metadata } from 'next'

import { Empty } from '@/components/Feedback'
import { currentTexts } from '@/lib/i18n/server'
import { requireUser } from '@/lib/requireUser'

export const generateMetadata = async (): Promise<Metadata> => ({ title: (await currentTexts()).conversations.title })

export default async function ConversationsPage() {
  await requireUser('/conversations')
  const { conversations } = await currentTexts()
  return <Empty title={conversations.choose}>{conversations.chooseText}</Empty>
}
