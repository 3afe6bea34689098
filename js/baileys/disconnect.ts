/** Why a connection ended, in the codes and sentences that Baileys' users act on. */
import { Boom } from '@hapi/boom'

/** Names to codes and, as in an enum, back. */
export enum DisconnectReason {
  connectionClosed = 428,
  connectionLost = 408,
  connectionReplaced = 440,
  timedOut = 408,
  loggedOut = 401,
  badSession = 500,
  restartRequired = 515,
  multideviceMismatch = 411,
  forbidden = 403,
  unavailableService = 503,
}

interface Reason {
  code: string
  message: string
  data?: Record<string, unknown> | undefined
}

/**
 * The engine's codes. 500 makes many programs delete the session ("bad session"), so it is kept for sessions that are bad; where
 * nothing fits, 503 says that the service cannot be used.
 */
const CODES: Record<string, [statusCode: number, message: string]> = {
  LOGGED_OUT: [401, 'Stream Errored (conflict)'],
  BANNED: [403, 'Connection Failure'],
  TEMPORARILY_BANNED: [402, 'Connection Failure'],
  CLIENT_OUTDATED: [405, 'Connection Failure'],
  REPLACED: [440, 'Stream Errored (conflict)'],
  SESSION_HELD: [440, 'Stream Errored (conflict)'],
  SESSION_TAKEN_OVER: [440, 'Stream Errored (conflict)'],
  LEASE_LOST: [440, 'Stream Errored (conflict)'],
  PAIRING_TIMEOUT: [408, 'QR refs attempts ended'],
  PAIRING_FAILED: [500, 'Failed to verify account signature'],
  TIMEOUT: [408, 'Timed Out'],
  CONNECTION_LOST: [428, 'Connection Terminated'],
  PROTOCOL_ERROR: [428, 'Connection Terminated by Server'],
  DISCONNECTED: [428, 'Connection Closed'],
  NOT_CONNECTED: [428, 'Connection Closed'],
  STORE_CORRUPT: [500, 'Bad session'],
  INVALID_RECIPIENT: [400, ''],
  INVALID_CONTENT: [400, ''],
  NOT_ON_WHATSAPP: [404, ''],
  SEND_UNCONFIRMED: [408, 'Timed Out'],
}

/** An engine's reason or error as the Boom that Baileys would have given; the engine's own words are in `data`. */
export function boomOf(reason: Reason): Boom {
  const [statusCode, message] = codeOf(reason)
  const data = { ...reason.data, code: reason.code, message: reason.message }
  return Object.assign(new Boom(message || reason.message, { statusCode, data }), { code: reason.code })
}

function codeOf({ code, message, data }: Reason): [statusCode: number, message: string] {
  // The server's own number goes before ours.
  if (typeof data?.['failure'] === 'number') return [data['failure'], 'Connection Failure']
  const streamError = data?.['streamError']
  if (streamError === 515) return [515, 'Stream Errored (restart required)']
  if (code === 'CONNECTION_LOST' && typeof streamError === 'number') return [streamError, 'Stream Errored (unknown)']
  if (code === 'CONNECTION_LOST' && data?.['timeout']) return [408, 'Connection was lost']
  if (code === 'CONNECTION_FAILED') return [408, `WebSocket Error (${message})`]
  return CODES[code] ?? [503, '']
}

export function isReason(error: unknown): error is Reason & Error {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string'
}

/** Any error as a Boom, for a promise that a user awaits. */
export function boomify(error: unknown): Error {
  if (error instanceof Boom) return error
  if (isReason(error) && error.code !== 'NOT_IMPLEMENTED') return boomOf(error)
  return error instanceof Error ? error : new Error(String(error))
}

export const restartRequired = (): Boom =>
  new Boom('Stream Errored (restart required)', { statusCode: 515, data: { tag: 'stream:error', attrs: { code: '515' } } })
export const replaced = (): Boom =>
  new Boom('Stream Errored (conflict)', { statusCode: 440, data: { tag: 'conflict', attrs: { type: 'replaced' } } })
export const loggedOut = (message?: string): Boom => new Boom(message || 'Intentional Logout', { statusCode: 401 })
export const closed = (): Boom => new Boom('Connection Closed', { statusCode: 428 })
