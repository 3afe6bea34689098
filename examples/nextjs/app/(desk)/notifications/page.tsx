import type { Metadata } from 'next'

import { Notifications } from '@/components/notifications/Notifications'
import { currentTexts } from '@/lib/i18n/server'
import { requireUser } from '@/lib/requireUser'

export const generateMetadata = async (): Promise<Metadata> => ({ title: (await currentTexts()).notifications.title })

export default async function NotificationsPage() {
  await requireUser('/notifications')
  return <Notifications />
}
