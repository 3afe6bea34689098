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
  if (typeof error !== 'number') return boomify(thrown)
  return new Boom(typeof text === 'string' && text ? text : 'Unknown error', { data: error })
}

export async function engineCall<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw refusal(error)
  }
}
