import type { Metadata } from 'next'

import { Customers } from '@/components/Customers'
import { currentTexts } from '@/lib/i18n/server'
import { requireUser } from '@/lib/requireUser'

export const generateMetadata = async (): Promise<Metadata> => ({ title: (await currentTexts()).customers.title })

export default async function CustomersPage() {
  await requireUser('/customers')
  return <Customers />
}
