/** Small pictures: what is shown before media is fetched, and pictures of profiles. The engine makes them. */
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { Boom } from '@hapi/boom'

import { ffmpeg } from './ffmpeg.js'
import { optional } from './optional.js'
import { getStream, toBuffer } from './streams.js'
import type { WAMediaUpload } from './types.js'
import { fromThrown } from '../error.js'
import { loadClientAddon } from '../native.js'

const THUMBNAIL_WIDTH = 32
const PROFILE_EDGE = 640
const QUALITY = 50
const MAX_EDGE = 4096

interface Small {
  jpeg: Buffer
  width: number | undefined
  height: number | undefined
}
interface Sharp {
  metadata(): Promise<{ width?: number; height?: number }>
  resize(width: number, height?: number): Sharp
  jpeg(options: { quality: number }): Sharp
  toBuffer(): Promise<Buffer>
}

/** Pictures of kinds that the engine does not know are made by `sharp`, if it is installed. */
async function shrink(file: Buffer, size: number, square: boolean): Promise<Small> {
  const edge = Math.min(Math.max(Math.round(size), 1), MAX_EDGE)
  try {
    const made = await loadClientAddon().shrinkPicture(file, edge, QUALITY, square)
    return { jpeg: Buffer.from(made.jpeg), width: made.originalWidth, height: made.originalHeight }
  } catch (thrown) {
    const sharp = (await optional<{ default: (file: Buffer) => Sharp }>('sharp'))?.default
    if (!sharp) throw new Boom('No image processing library available', { data: { reason: fromThrown(thrown).message } })
    const { width, height } = await sharp(file).metadata()
    const jpeg = await sharp(file).resize(edge, square ? edge : undefined).jpeg({ quality: QUALITY }).toBuffer()
    return { jpeg, width, height }
  }
}

/** A JPEG of that width, and how large the picture is. @throws Boom 500 where it is no picture that can be read */
export const extractImageThumb = async (
  bufferOrFilePath: Readable | Buffer | string,
  width: number = THUMBNAIL_WIDTH,
): Promise<{ buffer: Buffer; original: { width: number | undefined; height: number | undefined } }> => {
  const given = bufferOrFilePath
  const file = typeof given === 'string' ? await readFile(given) : Buffer.isBuffer(given) ? given : await toBuffer(given as Readable)
  const { jpeg, ...original } = await shrink(file, width, false)
  return { buffer: jpeg, original }
}

interface ThumbnailLogger {
  debug(value: unknown, message?: string): void
}

/** In base64. Of videos `ffmpeg` makes it; where it is not installed, there is none. */
export async function generateThumbnail(
  file: string,
  mediaType: 'video' | 'image',
  options: { logger?: ThumbnailLogger },
): Promise<{ thumbnail: string | undefined; originalImageDimensions: { width: number; height: number } | undefined }> {
  if (mediaType === 'image') {
    const { buffer, original: { width, height } } = await extractImageThumb(file)
    return { thumbnail: buffer.toString('base64'), originalImageDimensions: width && height ? { width, height } : undefined }
  }
  let thumbnail: string | undefined
  if (mediaType === 'video') {
    try {
      const frame = await ffmpeg(['-i', `file:${file}`, '-vf', `scale=${THUMBNAIL_WIDTH}:-1`, '-frames:v', '1', '-f', 'mjpeg'])
      thumbnail = frame.toString('base64')
    } catch (error) {
      options.logger?.debug(error, 'no thumbnail of a video')
    }
  }
  return { thumbnail, originalImageDimensions: undefined }
}

/** A square out of the middle of a picture, as large as the smaller of `dimensions`. */
export const generateProfilePicture = async (
  mediaUpload: WAMediaUpload,
  dimensions: { width: number; height: number } | undefined,
): Promise<{ img: Buffer }> => {
  const file = Buffer.isBuffer(mediaUpload) ? mediaUpload : await toBuffer((await getStream(mediaUpload)).stream)
  const { width = PROFILE_EDGE, height = PROFILE_EDGE } = dimensions ?? {}
  const { jpeg } = await shrink(file, Math.min(width, height), true)
  return { img: jpeg }
}
