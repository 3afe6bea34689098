import { ChangeCustomer } from '@/lib/api'
import { setConsent } from '@/lib/customers'
import { route } from '@/lib/route'

export const PATCH = route({ body: ChangeCustomer }, async ({ user, params, body }) => (
  { success: true, customer: await setConsent(user.id, params.id!, body.consent) }
))
