/** Stanzas as trees of nodes, and how to find things in them. */
import { Boom } from '@hapi/boom'

import { loadProto } from './proto.js'
import type { WAMessage } from './types.js'

export interface BinaryNode {
  tag: string
  attrs: { [key: string]: string }
  content?: BinaryNode[] | string | Uint8Array
}
export type BinaryNodeAttributes = BinaryNode['attrs']
export type BinaryNodeData = BinaryNode['content']

export const getBinaryNodeChildren = (node: BinaryNode | undefined, childTag: string): BinaryNode[] =>
  Array.isArray(node?.content) ? node.content.filter(({ tag }) => tag === childTag) : []

export const getBinaryNodeChild = (node: BinaryNode | undefined, childTag: string): BinaryNode | undefined =>
  Array.isArray(node?.content) ? node.content.find(({ tag }) => tag === childTag) : undefined

export const getAllBinaryNodeChildren = ({ content }: BinaryNode): BinaryNode[] => (Array.isArray(content) ? content : [])

export const getBinaryNodeChildBuffer = (node: BinaryNode | undefined, childTag: string): Uint8Array | Buffer | undefined => {
  const content = getBinaryNodeChild(node, childTag)?.content
  return content instanceof Uint8Array ? content : undefined
}

export const getBinaryNodeChildString = (node: BinaryNode | undefined, childTag: string): string | undefined => {
  const content = getBinaryNodeChild(node, childTag)?.content
  if (content instanceof Uint8Array) return Buffer.from(content).toString('utf8')
  return typeof content === 'string' ? content : undefined
}

/** The first `length` bytes of the child as a number, the highest first. */
export const getBinaryNodeChildUInt = (node: BinaryNode, childTag: string, length: number): number | undefined => {
  const bytes = getBinaryNodeChildBuffer(node, childTag)
  if (!bytes) return undefined
  let value = 0
  for (let index = 0; index < length; index++) value = value * 256 + (bytes[index] ?? NaN)
  return value
}

/** Throws what an `error` child says: its text, and its number as `data`. */
export const assertNodeErrorFree = (node: BinaryNode): void => {
  const error = getBinaryNodeChild(node, 'error')
  if (error) throw new Boom(error.attrs['text'] || 'Unknown error', { data: Number(error.attrs['code']) })
}

/** Children that are a name and a value each. */
export const reduceBinaryNodeToDictionary = (node: BinaryNode, tag: string): { [name: string]: string } => {
  const entries = getBinaryNodeChildren(node, tag).map(({ attrs }) => [
    attrs['name'] || attrs['config_code'],
    attrs['value'] || attrs['config_value'],
  ])
  return Object.fromEntries(entries) as { [name: string]: string }
}

/** As JSON has it. */
const plain = (message: object): WAMessage => (message as { toJSON(): WAMessage }).toJSON()

/** The messages that lie in the node in the open. */
export const getBinaryNodeMessages = ({ content }: BinaryNode): WAMessage[] => {
  const messages = Array.isArray(content) ? content.filter(({ tag }) => tag === 'message') : []
  return messages.map(({ content: bytes }) => plain(loadProto().WebMessageInfo.decode(bytes as Uint8Array)))
}

const tabs = (count: number): string => '\t'.repeat(count)

/** For people to read; `i` is how far it is indented. */
export function binaryNodeToString(node: BinaryNode | BinaryNode['content'], i = 0): string {
  if (!node) return node as unknown as string
  if (typeof node === 'string') return tabs(i) + node
  if (node instanceof Uint8Array) return tabs(i) + Buffer.from(node).toString('hex')
  if (Array.isArray(node)) return node.map(child => tabs(i + 1) + binaryNodeToString(child, i + 1)).join('\n')
  const attrs = Object.entries(node.attrs ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}='${value}'`)
    .join(' ')
  const inside = binaryNodeToString(node.content, i + 1)
  return `<${node.tag} ${attrs}${inside ? `>\n${inside}\n${tabs(i)}</${node.tag}>` : '/>'}`
}
