/** What the engine does itself, with the errors that Baileys' users know. */
import { Boom } from '@hapi/boom'

import { boomify } from '../disconnect.js'

interface Refusal {
  /** The number that the service gave. */
  error?: unknown
  text?: unknown
}

/** A refusal of the service as `query` tells it; any other error as the socket tells it. */
export function refusal(thrown: unknown): Error {
  if (thrown instanceof Boom) return thrown
  const { error, text } = ((thrown as { data?: Refusal } | null)?.data ?? {}) satisfies Refusal
  if (typeof error !== 'number') {
    const { code, message } = (thrown ?? {}) as { code?: string; message?: string }
    if (code === 'APP_STATE_KEY_MISSING') return new Boom('App state key not present!', { statusCode: 400 })
    if (code?.startsWith('INVALID_')) return Object.assign(new Boom(message, { statusCode: 400 }), { code })
    return boomify(thrown)
  }
  return new Boom(typeof text === 'string' && text ? text : 'Unknown error', { data: error })
}

export async function engineCall<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw refusal(error)
  }
}
