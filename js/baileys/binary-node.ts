/** Stanzas of the engine in the shape of Baileys. */
import type { MessageNode } from '../../index.js'
import type { BinaryNode } from './nodes.js'

/** A stanza as Baileys has it: with `attrs`, and bytes as a Buffer. */
export function binaryNode({ tag, attrs = {}, content }: MessageNode): BinaryNode {
  if (content === undefined) return { tag, attrs }
  return { tag, attrs, content: Array.isArray(content) ? content.map(binaryNode) : content }
}
