// For Prometheus, which authenticates by a token and not by signing in.
import { createHash, timingSafeEqual } from 'node:crypto'

import { toAppError } from '@/lib/failure'
import { log } from '@/lib/log'
import { readMetrics } from '@/lib/metrics'

export const dynamic = 'force-dynamic'

const digest = (text: string) => createHash('sha256').update(text).digest()

export async function GET(request: Request): Promise<Response> {
  const token = process.env.METRICS_TOKEN
  // How much a shop writes and when is nobody else's business: without a token it is told in development only.
  if (!token && process.env.NODE_ENV === 'production') {
    return Response.json({ success: false, error: 'Metrics are off: METRICS_TOKEN is not set.', code: 'NOT_FOUND' }, { status: 404 })
  }
  if (token && !timingSafeEqual(digest(request.headers.get('authorization') ?? ''), digest(`Bearer ${token}`))) {
    const headers = { 'www-authenticate': 'Bearer' }
    return Response.json({ success: false, error: 'The token is missing or wrong.', code: 'NOT_SIGNED_IN' }, { status: 401, headers })
  }
  try {
    const { contentType, text } = await readMetrics()
    return new Response(text, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } })
  } catch (error) {
    log.error({ err: error }, 'The metrics could not be read')
    const { code, message, status } = toAppError(error)
    return Response.json({ success: false, error: message, code }, { status })
  }
}
