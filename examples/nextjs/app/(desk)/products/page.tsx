import type { Metadata } from 'next'

import { Products } from '@/components/products/Products'
import { currentTexts } from '@/lib/i18n/server'
import { requireUser } from '@/lib/requireUser'

export const generateMetadata = async (): Promise<Metadata> => ({ title: (await currentTexts()).products.title })

export default async function ProductsPage() {
  await requireUser('/products')
  return <Products />
}
