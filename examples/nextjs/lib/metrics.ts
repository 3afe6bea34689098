// What Prometheus reads. Labels come from short lists: no user, number or text is in them, and nobody can make more of them by asking.
import { count, eq } from 'drizzle-orm'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

import type { ConnectionStatus, MessageView } from './api'
import { db, messages } from './db'
import { once } from './once'
import { withTimeLimit } from './time-limit'

const STATUSES: ConnectionStatus[] = ['CONNECTED', 'CONNECTING', 'QR', 'DISCONNECTED']
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const MOST_NAMES = 60
const OUTBOX_PATIENCE = 2000

/** How many sessions are in each state; a state that none is in may be left out. */
export type SessionCounts = Partial<Record<ConnectionStatus, number>>

/** Values that code gives, such as error codes: kept as they are up to a number, so that a mistake does not fill the memory. */
class Names {
  private readonly known = new Set<string>()

  bounded(name: string): string {
    if (this.known.has(name)) return name
    if (this.known.size >= MOST_NAMES || !/^[\w/.[\]-]{1,100}$/.test(name)) return 'other'
    this.known.add(name)
    return name
  }
}

const all = () =>
  once('metrics', () => {
    const register = new Registry()
    const registers = [register]
    collectDefaultMetrics({ register })
    let countSessions: () => SessionCounts = () => ({})

    new Gauge({
      name: 'chasqui_sessions',
      help: 'WhatsApp sessions of this server, by status',
      labelNames: ['status'] as const,
      registers,
      collect() {
        const counts = countSessions()
        for (const status of STATUSES) this.set({ status }, counts[status] ?? 0)
      },
    })
    new Gauge({
      name: 'chasqui_outbox_pending',
      help: 'Messages that are written and not yet sent',
      registers,
      async collect() {
        const pending = await withTimeLimit(countPending(), OUTBOX_PATIENCE).catch(() => Number.NaN)
        this.set(pending)
      },
    })
    return {
      register,
      routes: new Names(),
      codes: new Names(),
      reasons: new Names(),
      sessions: () => countSessions(),
      setSessions: (read: () => SessionCounts) => void (countSessions = read),
      messages: new Counter({
        name: 'chasqui_messages_total',
        help: 'Messages that were received and sent',
        labelNames: ['direction', 'author'] as const,
        registers,
      }),
      failures: new Counter({
        name: 'chasqui_send_failures_total',
        help: 'Messages that could not be sent, by code',
        labelNames: ['code'] as const,
        registers,
      }),
      reconnects: new Counter({
        name: 'chasqui_reconnects_total',
        help: 'Connections that were made again, by why the last one ended',
        labelNames: ['reason'] as const,
        registers,
      }),
      requests: new Counter({
        name: 'chasqui_http_requests_total',
        help: 'Requests to the API',
        labelNames: ['route', 'method', 'status'] as const,
        registers,
      }),
      seconds: new Histogram({
        name: 'chasqui_http_request_seconds',
        help: 'How long requests to the API take',
        labelNames: ['route'] as const,
        buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
        registers,
      }),
      limited: new Counter({
        name: 'chasqui_rate_limited_total',
        help: 'Requests that were refused because there were too many',
        labelNames: ['group'] as const,
        registers,
      }),
      streams: new Gauge({ name: 'chasqui_event_streams', help: 'Pages that listen to events', registers }),
    }
  })

async function countPending(): Promise<number> {
  const [row] = await (await db()).select({ pending: count() }).from(messages).where(eq(messages.status, 'pending'))
  return row?.pending ?? 0
}

/** Who has the sessions says here how to count them; asked at each reading. */
export const setSessionCounter = (read: () => SessionCounts) => all().setSessions(read)
export const sessionCounts = (): SessionCounts => all().sessions()

export const countMessage = (direction: MessageView['direction'], author: MessageView['author']) =>
  all().messages.inc({ direction, author })

/** `code`: of an AppError, or of the engine. */
export const countSendFailure = (code: string) => all().failures.inc({ code: all().codes.bounded(code) })

/** `reason`: why the last connection ended, as a name or status code. */
export const countReconnect = (reason: string | number) => all().reconnects.inc({ reason: all().reasons.bounded(String(reason)) })

/** A request that was answered. `route` is as in the folder app: see `routeName`. */
export function countRequest({ route, method, status, seconds }: { route: string; method: string; status: number; seconds: number }) {
  const it = all()
  const name = it.routes.bounded(route)
  it.requests.inc({ route: name, method: METHODS.includes(method) ? method : 'other', status: String(status) })
  it.seconds.observe({ route: name }, seconds)
}

/** `/api/conversations/[id]` for `/api/conversations/7c1`: the path with the names of its parameters instead of their values. */
export function routeName(pathname: string, params: Record<string, string | string[] | undefined> = {}): string {
  const names = new Map(Object.entries(params).flatMap(([name, value]) => [value ?? []].flat().map((part) => [part, `[${name}]`] as const)))
  const decoded = (part: string) => {
    try {
      return decodeURIComponent(part)
    } catch {
      return part
    }
  }
  return pathname
    .split('/')
    .map((part) => names.get(part) ?? names.get(decoded(part)) ?? part)
    .join('/')
}

export const countRateLimited = (group: 'send' | 'change' | 'read') => all().limited.inc({ group })

/** A page begins to listen to events; the function that this gives says that it has gone. */
export function countStream(): () => void {
  all().streams.inc()
  let here = true
  return () => {
    if (here) all().streams.dec()
    here = false
  }
}

/** Everything, as Prometheus reads it. */
export async function readMetrics(): Promise<{ contentType: string; text: string }> {
  const { register } = all()
  return { contentType: register.contentType, text: await register.metrics() }
}
