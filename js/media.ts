/** Files: what a program may give as one, and how its bytes pass to and from the addon piece by piece. */

import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

import type * as contract from '../index.js'
import { ChasquiError, fromThrown, invalidOption } from './error.js'
import type { NativeClient } from './native.js'

/** The parts of a content that are a file. */
export const FILES = ['image', 'video', 'gif', 'note', 'audio', 'voice', 'document', 'sticker'] as const

/** A source as the addon takes it. */
export interface Source {
  path?: string
  url?: string
  bytes?: Uint8Array
  pieces?: AsyncIterator<unknown> | Iterator<unknown>
}

/** What a transfer does with the addon's events. */
export interface Transfer {
  onProgress?: ((progress: contract.Progress) => void) | undefined
  /** The next piece is wanted. */
  pull?: () => void
  /** A piece has come. */
  piece?: (bytes: Uint8Array) => void
}

/** What a program may say about a file. */
const ABOUT = [
  'kind', 'mimetype', 'fileName', 'width', 'height', 'seconds', 'pageCount', 'thumbnail', 'waveform', 'animated',
  'reuse', 'channel',
  // For the engine's own calls.
  'area' as never,
] as const satisfies (keyof contract.UploadOptions)[]

/** A content with a file that is still to be uploaded. */
export interface FileContent {
  kind: contract.FileKind
  source: contract.FileSource
  /** What it says about the file, and the rest of it. */
  about: Record<string, unknown>
  rest: Record<string, unknown>
}

export function fileToUpload(content: unknown): FileContent | undefined {
  if (!isObject(content)) return undefined
  const kind = FILES.find((name) => content[name] !== undefined && content[name] !== null)
  if (!kind || isUploaded(content[kind])) return undefined
  const about: Record<string, unknown> = { kind }
  const rest: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(content)) {
    if (name === kind) continue
    if ((ABOUT as readonly string[]).includes(name)) about[name] = value
    else rest[name] = value
  }
  return { kind, source: content[kind] as contract.FileSource, about, rest }
}

/** What the addon is told about a file. */
export function aboutOf(options: unknown): string {
  if (!isObject(options)) throw invalidOption('options', 'must be an object')
  const about = ABOUT.map((name) => [name, options[name]] as const).filter(([, value]) => value !== undefined && value !== null)
  return JSON.stringify(Object.fromEntries(about.map(([name, value]) => [name, isBytes(value) ? base64(value) : value])))
}

function base64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

function isUploaded(value: unknown): boolean {
  return isObject(value) && typeof value['mediaKey'] === 'string' && typeof value['directPath'] === 'string'
}

/** Reads what a program names as a file. */
export function sourceOf(source: unknown): Source {
  if (typeof source === 'string') {
    if (source === '') throw invalid('The path of the file is empty.')
    return /^(https?|file):\/\//i.test(source) ? sourceOf(new URL(source)) : { path: source }
  }
  if (isBytes(source)) return { bytes: source }
  if (isObject(source) && typeof source['href'] === 'string' && typeof source['protocol'] === 'string') {
    return source['protocol'] === 'file:' ? { path: fileURLToPath(source['href']) } : { url: source['href'] }
  }
  if (isObject(source) && typeof source['stream'] === 'function') {
    // A Blob or File.
    return sourceOf(Reflect.apply(source['stream'] as () => unknown, source, []))
  }
  const iterable = source as Partial<AsyncIterable<unknown> & Iterable<unknown>> | undefined
  const iterate = iterable?.[Symbol.asyncIterator] ?? iterable?.[Symbol.iterator]
  if (typeof iterate === 'function') {
    return { pieces: Reflect.apply(iterate, source, []) as AsyncIterator<unknown> }
  }
  throw invalid('A file must be a path, a URL, bytes, a stream or an iterable of bytes.')
}

/** Gives the addon piece after piece; what the source throws ends the upload. */
export function feeder(
  native: NativeClient,
  ticket: number,
  pieces: AsyncIterator<unknown> | Iterator<unknown>,
  fail: (error: unknown) => void,
): () => void {
  const next = async (): Promise<void> => {
    try {
      const { done, value } = await pieces.next()
      if (done) return native.give(ticket)
      const bytes = typeof value === 'string' ? Buffer.from(value) : value
      if (!isBytes(bytes)) throw invalid('The source of a file must give bytes.')
      native.give(ticket, bytes)
    } catch (error) {
      fail(error)
    }
  }
  return () => void next()
}

/** A stream of what comes, which ends the download when it is destroyed. */
export function reader(native: NativeClient, start: (transfer: Transfer) => { ticket: number; done: Promise<unknown> }): Readable {
  let taken: (() => void) | undefined
  let ended = false
  const stream = new Readable({
    read: () => {
      taken?.()
      taken = undefined
    },
    destroy: (error, callback) => {
      if (!ended) native.abort(ticket)
      callback(error)
    },
  })
  const { ticket, done } = start({
    piece: (bytes) => {
      const tell = (): void => native.taken(ticket)
      // Only when the consumer wants more may the addon give more than it has given already.
      if (stream.push(bytes)) tell()
      else {
        const before = taken
        taken = () => {
          before?.()
          tell()
        }
      }
    },
  })
  done.then(
    () => {
      ended = true
      stream.push(null)
    },
    (error: unknown) => {
      ended = true
      stream.destroy(error instanceof Error ? error : fromThrown(error))
    },
  )
  return stream
}

/** The request of a download, for the addon. */
export function downloadRequest(message: unknown, options: unknown): { json: string; signal: AbortSignal | undefined } & Pick<Transfer, 'onProgress'> {
  const raw: unknown = isObject(message) && typeof message['raw'] === 'function'
    ? Reflect.apply(message['raw'] as () => unknown, message, [])
    : isBytes(message) ? message : undefined
  if (!isBytes(raw)) throw invalid('This takes a message as the "message" event gives it, or the bytes of one.')
  if (!isObject(options)) throw invalidOption('options', 'must be an object')
  const { path, limit, start, end, signal, onProgress } = options
  if (path !== undefined && (typeof path !== 'string' || path === '')) throw invalidOption('path', 'must be a path')
  if (limit !== undefined && !(typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 0)) {
    throw invalidOption('limit', 'must be a number of bytes')
  }
  for (const [name, value] of Object.entries({ start, end })) {
    if (value !== undefined && !(typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)) {
      throw invalidOption(name, 'must be a number of bytes')
    }
  }
  // By these the phone finds a file that the hosts no longer have.
  const { id, chat, fromMe, sender } = isObject(message) ? message : ({} as Record<string, unknown>)
  const about = { id, chat, fromMe, sender: isObject(sender) ? sender['jid'] : undefined }
  return { json: JSON.stringify({ raw: base64(raw), path, limit, start, end, ...about }), signal: signalOf(signal), onProgress: progressOf(onProgress) }
}

export function progressOf(onProgress: unknown): Transfer['onProgress'] {
  if (onProgress === undefined || typeof onProgress === 'function') return onProgress as Transfer['onProgress']
  throw invalidOption('onProgress', 'must be a function')
}

/** Throws when it was aborted already. */
export function signalOf(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined
  if (!isObject(signal) || typeof signal['aborted'] !== 'boolean' || typeof signal['addEventListener'] !== 'function') {
    throw invalidOption('signal', 'must be an AbortSignal')
  }
  if (signal['aborted']) {
    throw new ChasquiError('ABORTED', 'The call was aborted before it began.', {}, { cause: signal['reason'] })
  }
  return signal as unknown as AbortSignal
}

/** Also those of another realm, as in tests under Jest. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && value.constructor.name !== 'DataView' && (value as Uint8Array).BYTES_PER_ELEMENT === 1
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const invalid = (message: string): ChasquiError => new ChasquiError('INVALID_CONTENT', message)
