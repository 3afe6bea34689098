import type { Metadata } from 'next'

import { WhatsAppConnection } from '@/components/WhatsAppConnection'
import { currentTexts } from '@/lib/i18n/server'
import { requireUser } from '@/lib/requireUser'

export const generateMetadata = async (): Promise<Metadata> => ({ title: (await currentTexts()).connection.title })

export default async function ConnectionPage() {
  await requireUser('/')
  return <WhatsAppConnection />
}
