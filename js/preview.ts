/** Previews of links in texts: what a program asks for, and which link it is about. */

import type * as contract from '../index.js'
import { ChasquiError } from './error.js'

/** The preview that a content asks for, and the rest of it. */
export interface Wanted {
  preview: { fetch: { matched: string; url: string } } | { given: contract.LinkPreviewContent } | undefined
  rest: Record<string, unknown>
}

export function previewWanted(content: unknown): Wanted | undefined {
  if (typeof content !== 'object' || content === null) return undefined
  const { linkPreview, ...rest } = content as Record<string, unknown>
  if (linkPreview === undefined || linkPreview === null || linkPreview === false) return undefined
  if (typeof rest['text'] !== 'string' || 'edit' in rest) throw invalid('Only a text has a "linkPreview".')
  if (typeof linkPreview === 'object' && !Array.isArray(linkPreview)) return { preview: { given: linkPreview as contract.LinkPreviewContent }, rest }
  if (linkPreview !== true) throw invalid('"linkPreview" must be true, false or { url, title }.')
  const fetch = linkIn(rest['text'])
  return { preview: fetch && { fetch }, rest }
}

/** The first link of a text, as it stands there, and where it leads. What ends a sentence is no part of it. */
export function linkIn(text: string): { matched: string; url: string } | undefined {
  const found = /(?<![\p{L}\p{N}@./_-])(?:https?:\/\/|www\.)[^\s<>"]+/iu.exec(text)?.[0]
  if (found === undefined) return undefined
  let matched = found.slice(0, 2048)
  for (;;) {
    const last = matched.at(-1) ?? ''
    const opening = { ')': '(', ']': '[', '}': '{' }[last]
    const closes = opening !== undefined && count(matched, opening) < count(matched, last)
    if (!closes && !/[.,;:!?'*_~…»”’]/u.test(last)) break
    matched = matched.slice(0, -1)
  }
  const url = /^www\./i.test(matched) ? `https://${matched}` : matched
  return URL.canParse(url) ? { matched, url } : undefined
}

function count(text: string, part: string): number {
  return text.split(part).length - 1
}

const invalid = (message: string): ChasquiError => new ChasquiError('INVALID_CONTENT', message)
