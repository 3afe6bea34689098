// Addresses in a text that somebody else wrote.

export interface Piece {
  text: string
  /** Where it is a link. */
  href?: string
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+/gi
/** Belongs to the sentence, not to the address. */
const TRAILING = /[.,;:!?)\]}*_~]+$/

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
    const address = found.replace(TRAILING, '')
    const href = hrefOf(address)
    if (!href) continue
    if (index > end) pieces.push({ text: text.slice(end, index) })
    pieces.push({ text: address, href })
    end = index + address.length
  }
  if (end < text.length) pieces.push({ text: text.slice(end) })
  return pieces
}
