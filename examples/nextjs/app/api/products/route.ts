import { NewProduct, type ProductsAnswer } from '@/lib/api'
import { createProduct, listProducts } from '@/lib/products'
import { route } from '@/lib/route'

export const GET = route({}, async ({ user, query }): Promise<ProductsAnswer> => (
  { success: true, products: await listProducts(user.id, query.get('search') ?? undefined) }
))

export const POST = route({ body: NewProduct }, async ({ user, body }) => ({ success: true, product: await createProduct(user.id, body) }))
