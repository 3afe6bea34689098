// What all routes have in common: who asks, whether what came is what it should be, and errors as JSON.
import { NextResponse } from 'next/server'
import type { z } from 'zod'

import type { Failure } from './api'
import { userOf, type User } from './auth'
import { AppError, toAppError } from './failure'
import { log } from './log'
import { countRequest, routeName } from './metrics'
import { allow, type RateGroup } from './rate-limit'

/** The longest body of a request, in bytes: a text of WhatsApp's length, each character escaped. */
const MAX_BODY = 512 * 1024
/** So much of a longer one is read before it is refused. */
const DISCARDED = 16 * 1024 * 1024

interface Options<B extends z.ZodType | undefined> {
  /** What the body has to be; without it the body is not read. */
  body?: B
  /** Which of the user's limits it counts towards. Default: 'read' of a GET, else 'change'. */
  limit?: RateGroup
}

interface Asked<B extends z.ZodType | undefined> {
  user: User
  body: B extends z.ZodType ? z.output<B> : undefined
  params: Record<string, string>
  /** Of the address. */
  query: URLSearchParams
  request: Request
}

/**
 * A route for people who are signed in. What `handle` gives is sent as JSON, unless it is a Response; what it throws becomes
 * `{ success: false, error, code }`.
 */
export function route<B extends z.ZodType | undefined = undefined>(
  { body: schema, limit }: Options<B>,
  handle: (asked: Asked<B>) => Promise<object>,
) {
  return async (request: Request, { params }: { params: Promise<object> }): Promise<Response> => {
    const began = performance.now()
    const url = new URL(request.url)
    const parameters = (await params) as Record<string, string>
    let response: Response
    try {
      if (request.method !== 'GET') sameOrigin(request)
      const user = await userOf(request.headers)
      if (!user) throw new AppError('NOT_SIGNED_IN', 'Sign in first.')
      await allow(user.id, limit ?? (request.method === 'GET' ? 'read' : 'change'))
      const body = (schema ? check(schema, await json(request)) : undefined) as Asked<B>['body']
      const answer = await handle({ user, body, params: parameters, query: url.searchParams, request })
      response = answer instanceof Response ? answer : NextResponse.json(answer)
    } catch (error) {
      response = failed(error, `${request.method} ${url.pathname}`)
    }
    const seconds = (performance.now() - began) / 1000
    countRequest({ route: routeName(url.pathname, parameters), method: request.method, status: response.status, seconds })
    return response
  }
}

/** An error as the answer of a route; those of the program itself and of its database are logged. */
export function failed(error: unknown, where?: string): Response {
  const failure = toAppError(error)
  if (failure.status >= 500) log.error({ err: error, code: failure.code, where }, failure.message)
  const body: Failure = { success: false, error: failure.message, code: failure.code }
  const headers = failure.retryAfter ? { 'Retry-After': String(failure.retryAfter) } : undefined
  return NextResponse.json(body, { status: failure.status, headers })
}

/** Cookies come with requests that another site's page makes, too; those change nothing here. */
function sameOrigin(request: Request) {
  const origin = request.headers.get('origin')
  if (!origin) return
  const host = request.headers.get('x-forwarded-host') ?? request.headers.get('host')
  let from: string | undefined
  try {
    from = new URL(origin).host
  } catch {
    // 'null' and the like.
  }
  if (from !== host) throw new AppError('FORBIDDEN', 'This request comes from the page of another site.')
}

async function json(request: Request): Promise<unknown> {
  const pieces: Uint8Array[] = []
  let length = 0
  const body = request.body as unknown as AsyncIterable<Uint8Array> | null
  for await (const piece of body ?? []) {
    length += piece.length
    // Read on for a while: who is cut off while it sends does not see the answer.
    if (length <= MAX_BODY) pieces.push(piece)
    else if (length > DISCARDED) break
  }
  if (length > MAX_BODY) throw new AppError('TOO_LARGE', `A request has at most ${MAX_BODY} bytes.`)
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'))
  } catch {
    throw new AppError('INVALID_JSON', 'The body of the request is not JSON.')
  }
}

function check<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const { success, data, error } = schema.safeParse(value)
  if (success) return data
  const told = error.issues.slice(0, 5).map(({ path, message }) => (path.length ? `${path.join('.')}: ${message}` : message))
  throw new AppError('INVALID_INPUT', told.join(' '))
}
