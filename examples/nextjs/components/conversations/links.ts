// Addresses in a text that somebody else wrote.

export interface Piece {
  text: string
  /** Where it is a link. */
  href?: string
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+/gi
/** At the end of an address these belong to the sentence around it. */
const CLOSING = '.,;:!?)]}*_~'

/** Not a regular expression: one that looks for the end from every point takes minutes for a text that is made for that. */
function withoutClosing(address: string): string {
  let end = address.length
  while (end > 0 && CLOSING.includes(address[end - 1]!)) end -= 1
  return address.slice(0, end)
}

function hrefOf(address: string): string | undefined {
  try {
    const { protocol, href } = new URL(address)
    return protocol === 'http:' || protocol === 'https:' ? href : undefined
  } catch {
    return undefined
  }
}

/** The text in pieces, of which some are links; together they are the text. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutClosing(found)
    const href = hrefOf(address)
    if (!href) continue
    if (index > end) pieces.push({ text: text.slice(end, index) })
    pieces.push({ text: address, href })
    end = index + address.length
  }
  if (end < text.length) pieces.push({ text: text.slice(end) })
  return pieces
}
