/** Albums: a message that says how many images and videos follow, and these, each of which names it. */

import type * as contract from '../index.js'
import { ChasquiError } from './error.js'
import type { Transfer } from './media.js'

/** An album whose files are still to be uploaded. */
export interface Album {
  /** What its parts are, in their order. */
  parts: Record<string, unknown>[]
  /** The message that it begins with. */
  beginning: { album: { images: number; videos: number }; quote: unknown }
}

export function albumOf(content: unknown): Album | undefined {
  if (!isObject(content) || content['album'] === undefined || content['album'] === null) return undefined
  const { album, caption, mentions, quote, ...rest } = content
  const [odd] = Object.keys(rest).filter((name) => rest[name] !== undefined && rest[name] !== null)
  if (odd !== undefined) throw invalid(`An album has no "${odd}".`)
  if (!Array.isArray(album)) throw invalid('An album must be a list of images and videos.')
  const parts = album.map((part: unknown) => {
    if (!isObject(part) || isAbsent(part['image']) === isAbsent(part['video'])) {
      throw invalid('Each part of an album must be an image or a video: { image: … } or { video: … }.')
    }
    return { ...part }
  })
  const [first] = parts
  // The apps show the caption of the first file as that of the album.
  if (first && !isAbsent(caption)) Object.assign(first, { caption: first['caption'] ?? caption, mentions: first['mentions'] ?? mentions })
  const images = parts.filter((part) => !isAbsent(part['image'])).length
  return { parts, beginning: { album: { images, videos: parts.length - images }, quote } }
}

/** The ids of an album and of its parts: the same for the same album, so that a second attempt sends nothing twice. */
export function idsOf(id: string | undefined, parts: number): { album: string; parts: string[] } {
  // Loaded when it is needed: it is a tenth of the time of an import.
  const { createHash, randomBytes } = require('node:crypto') as typeof import('node:crypto')
  const album = id ?? idFrom(randomBytes(9))
  return { album, parts: Array.from({ length: parts }, (_, at) => idFrom(createHash('sha256').update(`${album}\n${at}`).digest().subarray(0, 9))) }
}

function idFrom(bytes: Uint8Array): string {
  return `3EB0${Buffer.from(bytes).toString('hex').toUpperCase()}`
}

/** Tells the progress of several transfers as that of one. */
export function together(onProgress: Transfer['onProgress'], count: number): Transfer['onProgress'][] {
  if (!onProgress) return Array.from({ length: count }, () => undefined)
  const steps: (contract.Progress | undefined)[] = Array.from({ length: count }, () => undefined)
  return steps.map((_, at) => (step: contract.Progress) => {
    steps[at] = step
    const bytes = steps.reduce((sum, known) => sum + (known?.bytes ?? 0), 0)
    const total = steps.reduce<number | undefined>((sum, known) => (sum === undefined || known?.total === undefined ? undefined : sum + known.total), 0)
    onProgress({ bytes, ...(total === undefined ? {} : { total }) })
  })
}

/** What became of an album; the error of a part tells which, and the id by which the whole can be tried again. */
export function outcome(id: string, results: PromiseSettledResult<contract.Sent>[]): contract.SentAlbum {
  const sent = results.map((result, at) => {
    if (result.status === 'fulfilled') return result.value
    const error: unknown = result.reason
    if (!(error instanceof ChasquiError)) throw error
    throw new ChasquiError(error.code, error.message, { ...error.data, id, ...(at > 0 ? { part: at - 1 } : {}) }, { cause: error })
  })
  const [beginning, ...parts] = sent
  return { ...(beginning as contract.Sent), parts }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const invalid = (message: string): ChasquiError => new ChasquiError('INVALID_CONTENT', message)
