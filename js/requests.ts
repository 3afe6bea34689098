/** What the areas of a client (`client.groups` and so on) are made of: methods of the addon by name. */

import type * as contract from '../index.js'
import { ChasquiError } from './error.js'
import { signalOf } from './media.js'

/** Calls a method of the addon with plain arguments. */
export type Ask = <T>(method: string, args: object, options?: contract.CallOptions) => Promise<T>

/** `INVALID_ARGUMENT` about one argument. */
export function invalidArgument(argument: string, why: string): ChasquiError {
  return new ChasquiError('INVALID_ARGUMENT', `Argument "${argument}" ${why}.`, { argument })
}

/** Arguments as JSON. Bytes are base64; what is `undefined` is not there. */
export function toJson(value: unknown, argument: string): string {
  try {
    const json = JSON.stringify(value, function (this: Record<string, unknown>, key, part: unknown) {
      const own = this[key]
      if (own instanceof Uint8Array) return Buffer.from(own.buffer, own.byteOffset, own.byteLength).toString('base64')
      return typeof part === 'string' ? part.toWellFormed() : part
    }) as string | undefined
    if (json !== undefined) return json
  } catch (cause) {
    throw new ChasquiError('INVALID_ARGUMENT', `Argument "${argument}" must be made of plain values.`, { argument }, { cause })
  }
  throw invalidArgument(argument, 'must be made of plain values')
}

/** Options of a call; throws when it was aborted already. */
export function checkCall(options: contract.CallOptions = {}): { timeout: number | undefined; signal: AbortSignal | undefined } {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'must be an object')
  const { timeout, signal } = options
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) {
    throw invalidArgument('timeout', 'must be a positive number of milliseconds')
  }
  return { timeout, signal: signalOf(signal) }
}

/** A person, group or channel, as a string: a JID, a number, or an object that has one (a message its chat, a person its JID). */
export function jidOf(who: unknown, argument: string): string {
  const jid: unknown = typeof who === 'object' && who !== null ? ((who as { jid?: unknown }).jid ?? (who as { chat?: unknown }).chat) : who
  if (typeof jid !== 'string' || jid === '') throw invalidArgument(argument, 'must be a JID, a number, or an object with one')
  return jid
}

/** A list of them, or one alone. */
export function jidsOf(who: unknown, argument: string): string[] {
  return (Array.isArray(who) ? (who as unknown[]) : [who]).map((one) => jidOf(one, argument))
}

interface PlainNode {
  tag: unknown
  attrs?: Record<string, string>
  content?: PlainNode[] | { base64: string }
}

/** A node as the addon reads it. */
export function plainNode(node: contract.MessageNode, depth = 32): PlainNode {
  if (typeof node !== 'object' || node === null || depth === 0) throw invalidArgument('node', 'must be { tag, attrs?, content? }')
  const { tag, attrs = {}, content } = node
  const values = Object.entries(attrs).filter(([, value]) => value !== undefined && value !== null)
  const plain = { tag, attrs: Object.fromEntries(values.map(([name, value]) => [name, String(value)])) }
  if (content === undefined || content === null) return plain
  if (Array.isArray(content)) return { ...plain, content: content.map((child) => plainNode(child, depth - 1)) }
  if (typeof content !== 'string' && !(content instanceof Uint8Array)) throw invalidArgument('node', 'has a content that is no text, bytes or list')
  return { ...plain, content: { base64: Buffer.from(content as string).toString('base64') } }
}
