// What the shop sells.
import { and, asc, count, desc, eq, like, or, sql, type SQL } from 'drizzle-orm'
import type { z } from 'zod'

import type { ChangeProduct, NewProduct, ProductView } from './api'
import { db, products, write, type Product } from './db'
import { isDuplicate } from './db/unique'
import { AppError } from './failure'
import { fold, words } from './fold'

/** As many as the pages get at once. */
const MOST_LISTED = 500
const LONGEST_SEARCH = 500
const MOST_WORDS = 8

/** The products in which all words of `search` occur; without a search, all. */
export async function listProducts(userId: string, search = ''): Promise<ProductView[]> {
  const found = await (await db()).select().from(products).where(matching(userId, search)).orderBy(asc(products.name), asc(products.id)).limit(MOST_LISTED)
  return found.map(productView)
}

/** As `listProducts`, of those that can be ordered: the first ones, and how many there are. */
export async function searchCatalogue(userId: string, search: string, limit: number): Promise<{ found: Product[]; total: number }> {
  const where = and(matching(userId, search), eq(products.available, true))
  const database = await db()
  const found = await database.select().from(products).where(where).orderBy(asc(products.name), asc(products.id)).limit(limit)
  if (found.length < limit) return { found, total: found.length }
  const [all] = await database.select({ total: count() }).from(products).where(where)
  return { found, total: all?.total ?? found.length }
}

/** Products that have something to do with what somebody wrote, those with most of its words first; else the first of the catalogue. */
export async function relatedProducts(userId: string, text: string, limit: number): Promise<Product[]> {
  const patterns = searchWords(text).filter((word) => word.length > 3).map((word) => like(products.search, patternOf(word)))
  const database = await db()
  const its = and(eq(products.userId, userId), eq(products.available, true))
  if (patterns.length) {
    const matches = patterns.map((pattern) => sql`case when ${pattern} then 1 else 0 end`)
    const score = sql.join(matches, sql` + `)
    const found = await database.select().from(products).where(and(its, or(...patterns))).orderBy(desc(score), asc(products.name)).limit(limit)
    if (found.length) return found
  }
  return database.select().from(products).where(its).orderBy(asc(products.name), asc(products.id)).limit(limit)
}

/** The product with this code, however it is typed. */
export async function productWithCode(userId: string, code: string): Promise<Product | undefined> {
  const [product] = await (await db()).select().from(products).where(and(eq(products.userId, userId), eq(products.codeKey, fold(code))))
  return product
}

export async function createProduct(userId: string, product: z.output<typeof NewProduct>): Promise<ProductView> {
  const [created] = await unlessDuplicate(() => write((transaction) => transaction.insert(products).values({ userId, ...product, ...keysOf(product) }).returning()))
  return productView(created!)
}

export async function changeProduct(userId: string, id: string, change: z.output<typeof ChangeProduct>): Promise<ProductView> {
  const its = and(eq(products.userId, userId), eq(products.id, id))
  const [changed] = await unlessDuplicate(() =>
    write(async (transaction) => {
      const [before] = await transaction.select().from(products).where(its)
      if (!before) throw notFound()
      return transaction.update(products).set({ ...change, ...keysOf({ ...before, ...change }) }).where(its).returning()
    }),
  )
  if (!changed) throw notFound()
  return productView(changed)
}

export async function deleteProduct(userId: string, id: string): Promise<void> {
  const deleted = await write((transaction) =>
    transaction.delete(products).where(and(eq(products.userId, userId), eq(products.id, id))).returning({ id: products.id }),
  )
  if (!deleted.length) throw notFound()
}

const notFound = () => new AppError('NOT_FOUND', 'There is no such product.')

async function unlessDuplicate<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isDuplicate(error)) throw new AppError('CONFLICT', 'Another product has this code.', { cause: error })
    throw error
  }
}

const keysOf = ({ code, name, description }: Pick<Product, 'code' | 'name' | 'description'>) => ({
  codeKey: fold(code),
  search: ` ${words(`${code} ${name} ${description}`)}`,
})

const searchWords = (text: string) => words(text.slice(0, LONGEST_SEARCH)).match(/\S{1,40}/gu) ?? []

function matching(userId: string, search: string): SQL | undefined {
  const wanted = searchWords(search).slice(0, MOST_WORDS)
  const hopeless = !wanted.length && search.trim() ? sql`1 = 0` : undefined
  return and(eq(products.userId, userId), hopeless, ...wanted.map((word) => like(products.search, patternOf(word))))
}

/** Longer words are found within others, too, and in singular where they are in plural; short ones only where a word begins. */
function patternOf(word: string) {
  if (word.length < 4) return `% ${word}%`
  return `%${word.replace(/(?<=...)es$|s$/, '')}%`
}

function productView({ id, code, name, description, price, currency, available }: Product): ProductView {
  return { id, code, name, description, price, currency, available }
}
