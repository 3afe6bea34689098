/**
 * Checks what JSON would lose or bend on the way to the addon: functions, undefined, NaN, foreign types. Meaning and
 * ranges are checked there, with the same error codes.
 */

import type * as contract from '../index.js'
import { toPlain } from './content.js'
import { ChasquiError, invalidOption } from './error.js'
import type { Internals, RelayOptions } from './internals.js'

export type LogLevel = keyof contract.Logger

export interface CheckedOptions {
  json: string
  /** Beside the JSON, since that is a text which lives on. */
  keys: Uint8Array | undefined
  logger: contract.Logger | undefined
  program: Program
}

/** What the addon may ask the program. */
export interface Program {
  getMessage: contract.ClientOptions['getMessage']
  version: (() => contract.Version | Promise<contract.Version>) | undefined
  reconnect: Extract<contract.ClientOptions['reconnect'], (...args: never[]) => unknown> | undefined
}

/** The options with a JSON form. */
const NAMES = [
  'session', 'store', 'endpoint', 'browser', 'pushName', 'version', 'country', 'reconnect', 'sendTimeout',
  'connectTimeout', 'keepSent', 'wipeOnLogout', 'proxy', 'allowPrivateUrls', 'history', 'archive', 'ffmpeg',
] as const satisfies (keyof contract.ClientOptions)[]

const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error']

export function checkOptions(options: contract.ClientOptions, internals: Internals = {}): CheckedOptions {
  if (!isObject(options)) throw invalidOption('options', 'must be an object')
  const plain: Record<string, unknown> = {}
  const version: unknown = options.version
  const { reconnect } = options
  const program: Program = {
    getMessage: options.getMessage,
    version: isFunction(version) ? version : undefined,
    reconnect: typeof reconnect === 'function' ? reconnect : undefined,
  }
  if (program.getMessage !== undefined) {
    if (!isFunction(program.getMessage)) throw invalidOption('getMessage', 'must be a function')
    plain['getMessage'] = true
  }
  if (program.version) plain['refreshVersion'] = true
  if (internals.onWire) plain['wire'] = true
  for (const name of ['keepAlive', 'qrTimeout'] as const) if (internals[name]) plain[name] = internals[name]
  for (const name of ['markOnline', 'maxRetries', 'retryDelay', 'initQueries', 'renewSessions', 'verifyPatches', 'verifySnapshots'] as const) {
    if (internals[name] !== undefined) plain[name] = internals[name]
  }
  if (internals.retries) plain['countRetries'] = true
  if (program.reconnect) plain['askReconnect'] = true
  if (internals.keysOfSix) plain['keysOfSix'] = true
  for (const name of NAMES) {
    // What is a function the addon asks for.
    const value: unknown = (name === 'version' || name === 'reconnect') && program[name] ? undefined : options[name]
    if (value === undefined) continue
    if (!isPlain(value)) throw invalidOption(name, `cannot be ${describe(value)}`)
    plain[name] = value
  }
  const logger = checkLogger(options.logger)
  const level = logger && levelOf(logger)
  if (level) plain['log'] = level
  return { json: toJson(plain), keys: checkKeys(options.encryptionKey), logger, program }
}

const KEY_BYTES = 32

/** The keys as bytes, one after the other, the present one first. */
function checkKeys(given: unknown): Uint8Array | undefined {
  if (given === undefined || given === null) return undefined
  const isRing = isObject(given) && !isBytes(given)
  const previous: unknown = isRing ? (given['previous'] ?? []) : []
  if (!Array.isArray(previous)) throw invalidOption('encryptionKey', 'must have an array as "previous"')
  return Buffer.concat([isRing ? given['current'] : given, ...(previous as unknown[])].map(keyBytes))
}

/** 32 bytes, or their form in hex or base64(url). */
function keyBytes(given: unknown): Uint8Array {
  if (isBytes(given) && given.length === KEY_BYTES) return given
  const encoding = typeof given !== 'string' ? undefined
    : /^[0-9a-f]{64}$/i.test(given) ? 'hex'
    : /^[\w+/-]{43}=?$/.test(given) ? 'base64'
    : undefined
  if (encoding) return Buffer.from(given as string, encoding)
  // Never with what was given: it may be nearly the key.
  throw invalidOption('encryptionKey', 'must be 32 bytes, as a Buffer or in hex or base64')
}

/** Also of another realm, such as Jest's. */
function isBytes(value: unknown): value is Uint8Array {
  return Object.prototype.toString.call(value) === '[object Uint8Array]'
}

/** pino's `silent` and the like: no lines at all. */
function levelOf(logger: contract.Logger): LogLevel | undefined {
  const { level } = logger as { level?: unknown }
  if (level === undefined) return 'debug'
  return LEVELS.find((known) => known === level)
}

function checkLogger(logger: unknown): contract.Logger | undefined {
  if (logger === undefined || logger === null) return undefined
  if (!isObject(logger)) throw invalidOption('logger', 'must be an object with debug, info, warn and error')
  for (const level of LEVELS) {
    if (level === 'trace' && logger[level] === undefined) continue
    if (typeof logger[level] !== 'function') throw invalidOption('logger', `has no function "${level}"`)
  }
  return logger as unknown as contract.Logger
}

export function checkConnect(options: unknown): { takeOver: boolean; timeout: number | undefined } {
  if (!isObject(options)) throw invalidOption('options', 'must be an object')
  const { takeOver = false, timeout } = options
  if (typeof takeOver !== 'boolean') throw invalidOption('takeOver', 'must be true or false')
  return { takeOver, timeout: checkTimeout(timeout) }
}

function checkTimeout(timeout: unknown): number | undefined {
  if (timeout === undefined || (typeof timeout === 'number' && timeout >= 1 && timeout <= 86_400_000)) return timeout
  throw invalidOption('timeout', 'must be milliseconds, from 1 to 86,400,000')
}

/** The options of `onMessage` with their defaults. */
export function checkHandler(handler: unknown, options: contract.HandlerOptions): Required<contract.HandlerOptions> {
  if (typeof handler !== 'function') throw invalidOption('handler', 'must be a function')
  if (!isObject(options)) throw invalidOption('options', 'must be an object')
  const { retries = 3, backoff = 1000, concurrency = 16 } = options
  return {
    retries: whole('retries', retries, 0, 1000),
    backoff: whole('backoff', backoff, 0, 60_000),
    concurrency: whole('concurrency', concurrency, 1, 1024),
  }
}

function whole(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  throw invalidOption(name, `must be a whole number from ${least} to ${most.toLocaleString('en-US')}`)
}

/** The arguments of `send`, ready for the addon. */
export interface Call {
  recipient: string
  json: string
  id: string | undefined
  timeout: number | undefined
  signal: AbortSignal | undefined
}

export function checkSend(to: unknown, content: unknown, options: unknown): Call {
  const recipient = isObject(to) ? to['chat'] : to
  if (typeof recipient !== 'string') {
    throw new ChasquiError('INVALID_RECIPIENT', 'send() takes a number, a JID or a message to answer to.')
  }
  if (!isObject(options)) throw invalidOption('options', 'must be an object')
  const { id, signal, expiresIn, recipients } = options
  const json = toJson(toPlain(content, { expiresIn, recipients }))
  if (id !== undefined && (typeof id !== 'string' || id === '')) throw invalidOption('id', 'must be a text')
  const timeout = checkTimeout(options['timeout'])
  return { recipient, json, id, timeout, signal: checkSignal(signal) }
}

/** What belongs to a message that a program has made, for the addon. */
export const relayJson = (options: RelayOptions): string => toJson(toPlain(options, {}))

/** What the addon needs of the messages to mark as read or played, by the method of that name. */
export function readKeys(messages: unknown, method: 'read' | 'played'): string {
  const list: unknown[] = Array.isArray(messages) ? messages : [messages]
  const keys = list.map((message) => {
    const sender = isObject(message) && isObject(message['sender']) ? message['sender']['jid'] : undefined
    if (!isObject(message) || ![message['id'], message['chat'], sender].every((part) => typeof part === 'string')) {
      throw new ChasquiError('INVALID_CONTENT', `${method}() takes messages as the "message" event gives them.`)
    }
    return { id: message['id'], chat: message['chat'], sender }
  })
  return JSON.stringify(keys)
}

/** What the addon needs to change the account's state. */
export function checkChange(
  changes: unknown,
  options: unknown,
): { json: string; timeout: number | undefined; signal: AbortSignal | undefined } {
  const list: unknown[] = Array.isArray(changes) ? changes : [changes]
  if (!isObject(options)) throw invalidOption('options', 'must be an object')
  const timeout = checkTimeout(options['timeout'])
  const signal = checkSignal(options['signal'])
  try {
    return { json: toJson(list.map(plainChange)), timeout, signal }
  } catch (cause) {
    throw new ChasquiError('INVALID_CHANGE', 'change() takes plain objects.', {}, { cause })
  }
}

/** What the addon needs to ask the phone for older messages. */
export function checkFetch(chat: string, options: unknown): { json: string; signal: AbortSignal | undefined } {
  if (!isObject(options)) throw invalidOption('options', 'must be an object')
  const { before } = options
  if (before !== undefined && !isObject(before)) throw invalidOption('before', 'must be a message, or { id, fromMe, timestamp }')
  const timeout = checkTimeout(options['timeout'])
  const count = options['count'] === undefined ? undefined : whole('count', options['count'], 1, 500)
  return { json: toJson({ chat, count, before: before && keyOf(before), timeout }), signal: checkSignal(options['signal']) }
}

/** Of the messages of the "message" event only what names them. */
function plainChange(change: unknown): unknown {
  if (!isObject(change) || !Array.isArray(change['lastMessages'])) return change
  const messages = change['lastMessages'] as unknown[]
  return { ...change, lastMessages: messages.map((message) => (isObject(message) ? keyOf(message) : message)) }
}

function keyOf({ id, fromMe, sender, timestamp }: Record<string, unknown>): Record<string, unknown> {
  return { id, fromMe, sender, timestamp }
}

function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal !== undefined && !isSignal(signal)) throw invalidOption('signal', 'must be an AbortSignal')
  if (signal?.aborted) {
    throw new ChasquiError('ABORTED', 'The call was aborted before it began.', {}, { cause: signal.reason as unknown })
  }
  return signal
}

/** `resolve` takes what `send` takes. */
export function recipientOf(to: unknown): string {
  const recipient = isObject(to) ? to['chat'] : to
  if (typeof recipient === 'string') return recipient
  throw new ChasquiError('INVALID_RECIPIENT', 'This takes a number, a JID or a message.')
}

/** The answer to the question how to go on after an end, for the addon. */
export function reconnectAnswer(answer: unknown): string | undefined {
  if (answer === undefined || answer === null || answer === true) return undefined
  if (answer === false || (typeof answer === 'number' && answer >= 0 && Number.isFinite(answer))) return JSON.stringify(answer)
  throw invalidOption('reconnect', 'must give milliseconds, true, false or undefined')
}

/** The answer to the question for a message, for the addon. */
export function messageAnswer(answer: unknown): string | undefined {
  if (ArrayBuffer.isView(answer)) {
    const { buffer, byteOffset, byteLength } = answer
    return JSON.stringify({ raw: Buffer.from(buffer, byteOffset, byteLength).toString('base64') })
  }
  return answer === undefined || answer === null ? undefined : toJson(toPlain(answer, {}))
}

function isFunction(value: unknown): value is () => contract.Version {
  return typeof value === 'function'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSignal(value: unknown): value is AbortSignal {
  return isObject(value) && typeof value['aborted'] === 'boolean' && typeof value['addEventListener'] === 'function'
}

/** Whether JSON carries the value unchanged. Three levels are more than any option has. */
function isPlain(value: unknown, depth = 0): boolean {
  if (value === undefined || value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth > 3) return false
  return Object.values(value).every((part) => isPlain(part, depth + 1))
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'number') return String(value)
  return typeof value === 'object' ? 'such an object' : `a ${typeof value}`
}

const HALVES = /\\ud[89a-f]/

/** A half surrogate pair, as `slice` leaves it, becomes U+FFFD as in every encoder: it has no UTF-8 form. */
function toJson(value: unknown): string {
  const json = JSON.stringify(value)
  // Halves stand escaped; the replacing is slow, and hardly ever needed.
  if (!HALVES.test(json)) return json
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? part.toWellFormed() : part))
}
