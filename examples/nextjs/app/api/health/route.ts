// For load balancers and container runtimes: 200 while this server can work, else 503. It has numbers and no names, so nobody signs in.
import { readHealth } from '@/lib/health'

export const dynamic = 'force-dynamic'

export async function GET(): Promise<Response> {
  const health = await readHealth()
  const failure =
    health.status === 'shutting-down' ? { error: 'The server is ending.', code: 'SHUTTING_DOWN' }
    : health.database === 'failing' ? { error: 'The database does not answer now.', code: 'DATABASE_UNAVAILABLE' }
    : health.disk === 'failing' ? { error: 'The disk cannot be written to.', code: 'DISK_FULL' }
    : {}
  return Response.json({ ...health, ...failure }, { status: health.success ? 200 : 503, headers: { 'cache-control': 'no-store' } })
}
