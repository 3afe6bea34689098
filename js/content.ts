/** From what a program sends to the JSON that the addon takes. What it means is checked there. */

import { types } from 'node:util'

import type * as contract from '../index.js'
import { ChasquiError } from './error.js'

/** Parts of a content that are a message, and whether its bytes or its text are needed. */
const MESSAGES: Record<string, 'key' | 'bytes'> = {
  quote: 'bytes', forward: 'bytes', vote: 'bytes', react: 'key', edit: 'key', delete: 'key', pin: 'key', unpin: 'key',
  keep: 'key', unkeep: 'key', attend: 'bytes', partOf: 'key',
}
/** Deeper than any content. */
const MAX_DEPTH = 24

type Plain = Record<string, unknown>

/** The content in its JSON form; bytes are base64, messages are their keys. */
export function toPlain(content: unknown, more: Record<string, unknown>): Plain {
  if (!isObject(content)) throw invalid('The content must be an object such as { text: "Hola" }.')
  const plain: Plain = {}
  for (const [name, value] of Object.entries(content)) {
    if (value === undefined || value === null) continue
    const kind = MESSAGES[name]
    if (kind) plain[name] = reference(name, value, kind)
    else if (name === 'raw') plain[name] = base64(value)
    else plain[name] = plainOf(value, 0)
  }
  for (const [name, value] of Object.entries(more)) if (value !== undefined) plain[name] = plainOf(value, 0)
  return plain
}

function reference(name: string, value: unknown, kind: 'key' | 'bytes'): Plain {
  if (!isObject(value)) throw invalid(`"${name}" must be a message, or { id, chat, fromMe, sender } of one.`)
  const { id, chat, fromMe, sender, text } = value
  const key: Plain = { id, chat, fromMe, sender: isObject(sender) ? sender['jid'] : sender }
  if (kind === 'bytes') {
    key['text'] = text
    const raw: unknown = typeof value['raw'] === 'function' ? Reflect.apply(value['raw'] as () => unknown, value, []) : undefined
    if (raw !== undefined) key['raw'] = base64(raw)
  }
  return plainOf(key, 0) as Plain
}

function base64(value: unknown): string {
  if (!isBytes(value)) throw invalid('The message must be bytes: a Uint8Array.')
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
}

function plainOf(value: unknown, depth: number): unknown {
  if (value === undefined || value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (isBytes(value)) return { base64: base64(value) }
  if (types.isDate(value)) return plainOf(value.getTime(), depth)
  if (typeof value !== 'object' || depth > MAX_DEPTH) throw invalid(`The content holds ${describe(value)}.`)
  if (Array.isArray(value)) return value.map((part) => plainOf(part, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plainOf(part, depth + 1)]))
}

function describe(value: unknown): string {
  if (typeof value === 'number') return String(value)
  return typeof value === 'object' ? 'objects without end' : `a ${typeof value}`
}

/** Also those of another realm, as in tests under Jest. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && value.constructor.name !== 'DataView' && (value as Uint8Array).BYTES_PER_ELEMENT === 1
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const invalid = (message: string): ChasquiError => new ChasquiError('INVALID_CONTENT', message)

/** The content of a call with options of its own. */
export function rawContent(bytes: Uint8Array, { nodes, attrs }: Omit<contract.RawContent, 'raw'>): contract.RawContent {
  return { raw: bytes, ...(nodes ? { nodes } : {}), ...(attrs ? { attrs } : {}) }
}
