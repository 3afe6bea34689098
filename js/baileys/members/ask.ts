/** How requests are put together, and their answers read. */
import { Boom } from '@hapi/boom'

import { S_WHATSAPP_NET } from '../jid.js'
import { getBinaryNodeChild, type BinaryNode } from '../nodes.js'

type Content = BinaryNode['content']

/** A request to the service itself, or to `to`. The id comes with the sending. */
export const iq = (type: 'get' | 'set', xmlns: string, content?: Content, to: string = S_WHATSAPP_NET): BinaryNode => ({
  tag: 'iq',
  attrs: { type, xmlns, to },
  ...(content === undefined ? {} : { content }),
})

export const node = (tag: string, attrs: BinaryNode['attrs'] = {}, content?: Content): BinaryNode => ({
  tag,
  attrs,
  ...(content === undefined ? {} : { content }),
})

/** A text as a content: as bytes, which every reader takes for what they are. */
export const text = (tag: string, value: string, attrs: BinaryNode['attrs'] = {}): BinaryNode => ({
  tag,
  attrs,
  content: Buffer.from(value),
})

/** Only the attributes that have a value. */
export const attributes = (values: { [name: string]: string | number | undefined | null }): BinaryNode['attrs'] =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [name, String(value)]),
  )

/** The child that an answer must have. */
export function expectChild(answer: BinaryNode | undefined, tag: string, what: string): BinaryNode {
  const child = getBinaryNodeChild(answer, tag)
  if (!child) throw new Boom(`Invalid ${what} response: missing <${tag}> node`, { data: answer })
  return child
}

/** A number as an attribute has it; nothing where it is missing or no number. */
export function numberOf(value: string | undefined): number | undefined {
  const number = value === undefined || value === '' ? NaN : Number(value)
  return Number.isFinite(number) ? number : undefined
}
