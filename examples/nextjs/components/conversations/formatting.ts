// How WhatsApp marks what is bold, italic, struck out or code in a text.
import { piecesOf } from './links'

export type Mark = 'bold' | 'italic' | 'strike' | 'code'
export interface Marked {
  text: string
  href?: string
  marks: Mark[]
}

const MARKS: Record<string, Mark> = { '*': 'bold', _: 'italic', '~': 'strike', '`': 'code' }
/** Around code that may go over several lines. */
const FENCE = '```'
const WORD = /[\p{L}\p{N}]/u
/** Deeper than this nobody writes. */
const DEEPEST = 3

/** The text in pieces with their marks; the signs that make the marks are left out, addresses stay as they are. */
export function formatted(text: string): Marked[] {
  return piecesOf(text).flatMap(({ text: piece, href }) => (href ? [{ text: piece, href, marks: [] }] : marked(piece, 0, piece.length, [])))
}

/** The beginning of a text without the signs, for a single line. */
export const withoutMarks = (text: string, longest: number): string =>
  formatted(text.slice(0, longest)).map((piece) => piece.text).join('')

/** A sign marks what follows when it stands before a word and not inside of one. */
const begins = (text: string, at: number, until: number): boolean =>
  (at === 0 || !WORD.test(text[at - 1]!)) && at + 1 < until && !/\s/.test(text[at + 1]!) && text[at + 1] !== text[at]

/** Where the mark that begins at `start` ends: on the same line, right behind a word and not inside of one; -1 when nowhere. */
function endOf(text: string, start: number, until: number): number {
  for (let at = start + 2; at < until && text[at] !== '\n'; at++) {
    if (text[at] === text[start] && !/\s/.test(text[at - 1]!) && (at + 1 >= text.length || !WORD.test(text[at + 1]!))) return at
  }
  return -1
}

function marked(text: string, from: number, until: number, marks: Mark[]): Marked[] {
  const pieces: Marked[] = []
  let plain = from
  /** Signs that do not end any more on this line: they are not looked for again, which would take forever in a text full of them. */
  const endless = new Set<string>()
  const push = (upTo: number) => {
    if (upTo > plain) pieces.push({ text: text.slice(plain, upTo), marks })
  }
  for (let at = from; at < until; at++) {
    const sign = text[at]!
    if (sign === '\n') for (const other of Object.keys(MARKS)) endless.delete(other)
    const mark = MARKS[sign]
    if (!mark || marks.includes(mark) || marks.length >= DEEPEST) continue
    const fence = mark === 'code' && text.startsWith(FENCE, at)
    const what = fence ? FENCE : sign
    if (endless.has(what) || (!fence && !begins(text, at, until))) continue
    const end = fence ? text.indexOf(FENCE, at + FENCE.length) : endOf(text, at, until)
    if (end < 0 || end >= until) {
      endless.add(what)
      continue
    }
    push(at)
    const inner: Mark[] = [...marks, mark]
    const inside = at + what.length
    pieces.push(...(mark === 'code' ? [{ text: text.slice(inside, end), marks: inner }] : marked(text, inside, end, inner)))
    plain = end + what.length
    at = plain - 1
  }
  push(until)
  return pieces
}
