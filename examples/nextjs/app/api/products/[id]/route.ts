import { ChangeProduct } from '@/lib/api'
import { changeProduct, deleteProduct } from '@/lib/products'
import { route } from '@/lib/route'

export const PATCH = route({ body: ChangeProduct }, async ({ user, params, body }) => (
  { success: true, product: await changeProduct(user.id, params.id!, body) }
))

export const DELETE = route({}, async ({ user, params }) => {
  await deleteProduct(user.id, params.id!)
  return { success: true }
})
