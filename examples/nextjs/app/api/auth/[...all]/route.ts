import { auth } from '@/lib/auth'
import { failed } from '@/lib/route'

async function handle(request: Request): Promise<Response> {
  try {
    return await (await auth()).handler(request)
  } catch (error) {
    return failed(error)
  }
}

export { handle as GET, handle as POST }
