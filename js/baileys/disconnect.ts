/** Why a connection ended, in the codes and sentences that Baileys' users act on. */
import { Boom } from '@hapi/boom'

import type { MessageNode } from '../../index.js'
import { binaryNode } from './binary-node.js'
import { getAllBinaryNodeChildren, type BinaryNode } from './nodes.js'
import { getErrorCodeFromStreamError } from './stanzas.js'

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
  TIMEOUT: [408, 'Timed Out'],
  CONNECTION_LOST: [428, 'Connection Terminated'],
  PROTOCOL_ERROR: [428, 'Connection Terminated by Server'],
  DISCONNECTED: [428, 'Connection Closed'],
  NOT_CONNECTED: [428, 'Connection Closed'],
  STORE_CORRUPT: [500, 'Bad session'],
  INVALID_RECIPIENT: [400, ''],
  INVALID_CONTENT: [400, ''],
  INVALID_ARGUMENT: [400, ''],
  INVALID_OPTION: [400, ''],
  INVALID_CHANGE: [400, ''],
  RECIPIENT_LIMIT: [400, ''],
  NOT_ALLOWED: [403, ''],
  NOT_FOUND: [404, ''],
  RATE_LIMITED: [429, ''],
  REQUEST_FAILED: [500, ''],
  NOT_ON_WHATSAPP: [404, ''],
  SEND_UNCONFIRMED: [408, 'Timed Out'],
}

/** Why the phone's word on a pairing was not taken. */
const PAIRING: { [refusal: string]: string | undefined } = {
  'internal-error': 'Missing device-identity or device in pair success node',
  'hmac-mismatch': 'Invalid account signature',
}

/** An engine's reason or error as the Boom that Baileys would have given; the engine's own is its `cause`. */
export function boomOf(reason: Reason): Boom {
  const [statusCode, message, data] = codeOf(reason)
  const boom = new Boom(message || reason.message, data === undefined ? { statusCode } : { statusCode, data })
  return Object.defineProperty(boom, 'cause', { value: reason, configurable: true, writable: true })
}

function codeOf({ code, message, data }: Reason): [statusCode: number, message: string, data?: unknown] {
  const timedOut: [number, string, unknown] = [408, 'Timed Out', { stack: new Error(message).stack }]
  if (code === 'TIMEOUT' || code === 'SEND_UNCONFIRMED') return timedOut
  if (code === 'PAIRING_FAILED') return [500, PAIRING[data?.['refusal'] as string] ?? 'Failed to verify account signature']
  // The service names it so when it is asked about the group.
  if (code === 'NOT_IN_GROUP') return [500, 'forbidden', 403]
  if (code === 'CONNECTION_LOST' && data?.['timeout']) return [408, 'Connection was lost']
  if (code === 'CONNECTION_FAILED') {
    const cause = data?.['cause']
    if (cause === 'timeout') return timedOut
    const system = cause === 'refused' ? Object.assign(new Error(`connect ECONNREFUSED ${String(data?.['address'])}`), { code: 'ECONNREFUSED' }) : undefined
    return [408, `WebSocket Error (${system?.message ?? message})`, system ?? new Error(message)]
  }
  return CODES[code] ?? [503, '']
}

/** Why a connection ended: in the server's words where there are some. */
export function endOf(reason: Reason): Boom {
  const node = reason.data?.['node'] as MessageNode | undefined
  const boom = node && wordsOf(binaryNode(node))
  return boom ? Object.defineProperty(boom, 'cause', { value: reason, configurable: true, writable: true }) : boomOf(reason)
}

function wordsOf(node: BinaryNode): Boom | undefined {
  switch (node.tag) {
    case 'stream:error': {
      const { reason, statusCode } = getErrorCodeFromStreamError(node)
      const [child] = getAllBinaryNodeChildren(node)
      return new Boom(`Stream Errored (${reason})`, { statusCode, data: child ?? node })
    }
    case 'failure':
      return new Boom('Connection Failure', { statusCode: Number(node.attrs['reason'] || DisconnectReason.badSession), data: node.attrs })
    case 'xmlstreamend':
      return new Boom('Connection Terminated by Server', { statusCode: DisconnectReason.connectionClosed })
    case 'downgrade_webclient':
    case 'ib':
      return new Boom('Multi-device beta not joined', { statusCode: DisconnectReason.multideviceMismatch })
    default:
      return undefined
  }
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

/** What the service has refused, in the form that programs look at: its text, and its number as `data`. Other errors as they are. */
export function refused(error: unknown): Error {
  const { error: number, text } = ((isReason(error) ? error.data : undefined) ?? {}) as { error?: unknown; text?: unknown }
  if (typeof number !== 'number') return boomify(error)
  const boom = new Boom(typeof text === 'string' && text ? text : 'Unknown error', { data: number })
  return Object.defineProperty(boom, 'cause', { value: error, configurable: true, writable: true })
}

export const restartRequired = (): Boom =>
  new Boom('Stream Errored (restart required)', { statusCode: 515, data: { tag: 'stream:error', attrs: { code: '515' } } })
export const replaced = (): Boom =>
  new Boom('Stream Errored (conflict)', { statusCode: 440, data: { tag: 'conflict', attrs: { type: 'replaced' } } })
export const loggedOut = (message?: string): Boom => new Boom(message || 'Intentional Logout', { statusCode: 401 })
export const closed = (): Boom => new Boom('Connection Closed', { statusCode: 428 })
export const terminated = (): Boom => new Boom('Connection Terminated', { statusCode: 428 })
