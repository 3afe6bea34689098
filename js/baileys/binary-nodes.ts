/** Stanzas as the bytes of a frame; made and read by the engine. */
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'

import { fromThrown } from '../error.js'
import { loadClientAddon } from '../native.js'
import type { BinaryNode } from './nodes.js'

/** The bit of a frame's first byte that says that the rest is compressed. */
const COMPRESSED = 2
/** What one stanza may inflate to. */
const MAX_INFLATED = 1 << 26

/** As nodes cross to the engine: their bytes go beside them. */
type Inside = { text: string } | { at: [offset: number, length: number] } | Item[] | null
type Item = [tag: string, attrs: string[], inside: Inside]

const native = <T>(call: () => T): T => {
  try {
    return call()
  } catch (error) {
    throw fromThrown(error)
  }
}

/** Attributes that are no text are left out. Behind `buffer`, which begins with the flags of a frame. */
export const encodeBinaryNode = (node: BinaryNode, _opts: unknown = undefined, buffer: number[] = [0]): Buffer => {
  const pieces: Uint8Array[] = []
  let length = 0
  const insideOf = (tag: string, content: BinaryNode['content']): Inside => {
    if (content === undefined) return null
    if (content instanceof Uint8Array) {
      pieces.push(content)
      length += content.length
      return { at: [length - content.length, content.length] }
    }
    if (typeof content === 'string') return { text: content }
    if (Array.isArray(content)) return content.filter(Boolean).map(itemOf)
    throw new Error(`invalid children for header "${tag}": ${String(content)} (${typeof content})`)
  }
  const itemOf = ({ tag, attrs, content }: BinaryNode): Item => {
    if (!tag) throw new Error('Invalid node: tag cannot be undefined')
    const texts = Object.entries(attrs ?? {}).filter(([, value]) => typeof value === 'string')
    return [String(tag), texts.flat(), insideOf(tag, content)]
  }
  const json = JSON.stringify(itemOf(node))
  const encoded = native(() => loadClientAddon().encodeNode(json, Buffer.concat(pieces)))
  return Buffer.concat([Buffer.from(buffer), encoded.subarray(1)])
}

/** Takes the flags off, and inflates the rest where they say so. */
export const decompressingIfRequired = async (buffer: Buffer): Promise<Buffer> => {
  const rest = buffer.subarray(1)
  return buffer.readUInt8() & COMPRESSED ? promisify(inflateBounded)(rest) : rest
}
const inflateBounded = (bytes: Buffer, done: (error: Error | null, inflated: Buffer) => void): void =>
  inflate(bytes, { maxOutputLength: MAX_INFLATED }, done)

/** The node that begins at `indexRef.index`, which goes on to its end. Its bytes are those of `buffer`. */
export const decodeDecompressedBinaryNode = (buffer: Buffer, _opts: unknown, indexRef: { index: number } = { index: 0 }): BinaryNode => {
  const bytes = buffer.subarray(indexRef.index)
  const { json, length } = native(() => loadClientAddon().decodeNode(bytes))
  indexRef.index += length
  const nodeOf = ([tag, texts, inside]: Item): BinaryNode => {
    const attrs: BinaryNode['attrs'] = {}
    for (let index = 0; index < texts.length; index += 2) {
      const [name = '', value = ''] = texts.slice(index, index + 2)
      if (name !== '__proto__') attrs[name] = value
    }
    return { tag, attrs, ...contentOf(inside) }
  }
  const contentOf = (inside: Inside): Pick<BinaryNode, 'content'> => {
    if (inside === null) return {}
    if (Array.isArray(inside)) return { content: inside.map(nodeOf) }
    if ('text' in inside) return { content: inside.text }
    const [start, size] = inside.at
    return { content: bytes.subarray(start, start + size) }
  }
  return nodeOf(JSON.parse(json) as Item)
}

/** The node of a decrypted frame. */
export const decodeBinaryNode = async (buff: Buffer): Promise<BinaryNode> =>
  decodeDecompressedBinaryNode(await decompressingIfRequired(buff), undefined)
