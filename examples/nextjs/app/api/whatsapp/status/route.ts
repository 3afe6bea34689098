import { route } from '@/lib/route'
import { whatsapp } from '@/lib/whatsapp'

export const GET = route({}, ({ user }) => whatsapp.status(user.id))
