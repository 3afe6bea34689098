import type { Metadata } from 'next'

import { Orders } from '@/components/Orders'
import { currentTexts } from '@/lib/i18n/server'
import { requireUser } from '@/lib/requireUser'

export const generateMetadata = async (): Promise<Metadata> => ({ title: (await currentTexts()).orders.title })

export default async function OrdersPage() {
  await requireUser('/orders')
  return <Orders />
}
