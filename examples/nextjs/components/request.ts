// Calls of this program's routes.
import type { Failure } from '@/lib/api'
import type { ShownError } from '@/lib/i18n'

import { toSignIn } from './signInAddress'

export class RequestError extends Error {
  constructor(
    readonly code: ShownError,
    message: string,
  ) {
    super(message)
    this.name = 'RequestError'
  }
}

const PATIENCE_MS = 60_000

interface Options {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  body?: unknown
  signal?: AbortSignal
}

/** The answer of a route; throws a RequestError. When the sign-in has ended, the browser goes to the sign-in page. */
export async function request<T>(path: string, { method = 'GET', body, signal }: Options = {}): Promise<T> {
  const timeout = AbortSignal.timeout(PATIENCE_MS)
  let answer: T | Failure
  try {
    const response = await fetch(path, {
      method,
      headers: body === undefined ? undefined : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      cache: 'no-store',
    })
    answer = await response.json()
  } catch (error) {
    if (signal?.aborted) throw error
    throw new RequestError(timeout.aborted ? 'TIMED_OUT' : error instanceof SyntaxError ? 'INTERNAL' : 'OFFLINE', String(error))
  }
  if (!isFailure(answer)) return answer
  if (answer.code === 'NOT_SIGNED_IN') toSignIn()
  throw new RequestError(answer.code, answer.error)
}

const isFailure = (answer: unknown): answer is Failure =>
  typeof answer === 'object' && answer !== null && 'success' in answer && answer.success === false

/** The code to show for anything that was thrown. */
export const codeOf = (error: unknown): ShownError => (error instanceof RequestError ? error.code : 'INTERNAL')
