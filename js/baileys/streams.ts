/** Bytes that come in pieces: from memory, files, URLs. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { Boom } from '@hapi/boom'

import type { WAMediaUpload } from './types.js'

export const toReadable = (buffer: Buffer): Readable => {
  const stream = new Readable({ read: () => undefined })
  stream.push(buffer)
  stream.push(null)
  return stream
}

export const toBuffer = async (stream: Readable): Promise<Buffer<ArrayBuffer>> => {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(piece as Buffer)
  stream.destroy()
  return Buffer.concat(pieces)
}

export const getHttpStream = async (url: string | URL, options: RequestInit & { isStream?: true } = {}): Promise<Readable> => {
  const { isStream: _, ...init } = options
  const answer = await fetch(url.toString(), { ...init, method: 'GET' })
  if (!answer.ok) {
    await answer.body?.cancel()
    throw new Boom(`Failed to fetch stream from ${url}`, { statusCode: answer.status, data: { url } })
  }
  return answer.body ? Readable.fromWeb(answer.body as unknown as ReadableStream) : Readable.from([])
}

/** What a program gave as media, as a stream. */
export const getStream = async (
  item: WAMediaUpload,
  opts?: RequestInit & { maxContentLength?: number },
): Promise<{ stream: Readable; type: 'buffer' | 'readable' | 'remote' | 'file' }> => {
  if (Buffer.isBuffer(item)) return { stream: toReadable(item), type: 'buffer' }
  if ('stream' in item) return { stream: item.stream, type: 'readable' }
  const url = item.url.toString()
  if (url.startsWith('data:')) return { stream: toReadable(Buffer.from(url.split(',')[1] ?? '', 'base64')), type: 'buffer' }
  if (url.startsWith('http://') || url.startsWith('https://')) return { stream: await getHttpStream(item.url, opts), type: 'remote' }
  return { stream: createReadStream(item.url), type: 'file' }
}
