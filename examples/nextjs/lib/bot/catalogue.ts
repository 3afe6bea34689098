// Products as a text that people can read on a phone.
import type { Product } from '../db'
import { searchCatalogue } from '../products'
import { priceText, quoted, texts } from './texts'
import type { Language } from './types'

const MOST_LISTED = 20

/** The products that match, or all; nothing where there are none. */
export async function catalogueText(userId: string, search: string, language: Language): Promise<string | undefined> {
  const { found, total } = await searchCatalogue(userId, search, MOST_LISTED)
  if (!found.length) return undefined
  const say = texts[language]
  const parts = [search ? say.found(quoted(search)) : say.catalogue, found.map((product) => productLine(product, language)).join('\n')]
  if (total > found.length) parts.push(say.more(total - found.length))
  parts.push(say.howToOrder(found[0]!.code))
  return parts.join('\n\n')
}

export const productLine = ({ code, name, price, currency }: Product, language: Language) =>
  `• *${code}* ${name} — ${priceText(price, currency, language)}`
