/** Media uploaded for a message, with what is shown of it before it is fetched, where the program does not say that itself. */
import { rm } from 'node:fs/promises'
import { Boom } from '@hapi/boom'

import { getAudioDuration, getAudioWaveform } from './audio.js'
import { unixTimestampSeconds } from './bits.js'
import { MEDIA_KEYS, type MediaType } from './constants.js'
import { opaque, type MessageContentGenerationOptions } from './generate.js'
import { isJidNewsletter } from './jid.js'
import { loadProto } from './proto.js'
import { generateThumbnail } from './thumbnails.js'
import { encryptedStream, getRawMediaUploadData } from './upload.js'
import type { WAMediaUpload, WAMessageContent } from './types.js'

type Fields = { [field: string]: any }
interface Uploaded {
  mediaUrl: string
  directPath: string
}
type Upload = (path: string, about: { fileEncSha256B64: string; mediaType: MediaType; timeoutMs?: number }) => Promise<Uploaded>
interface Logger {
  debug(value: unknown, message?: string): void
  warn(value: unknown, message?: string): void
}
interface Cache {
  get(key: string): unknown
  set(key: string, value: unknown): unknown
}

const MIMETYPES: { [mediaType: string]: string } = {
  image: 'image/jpeg',
  video: 'video/mp4',
  document: 'application/pdf',
  audio: 'audio/ogg; codecs=opus',
  sticker: 'image/webp',
  'product-catalog-image': 'image/jpeg',
}

export const prepareWAMessageMedia = async (message: object, options: MessageContentGenerationOptions): Promise<WAMessageContent> => {
  const mediaType = MEDIA_KEYS.find(name => name in message)
  if (!mediaType) throw new Boom('Invalid media type', { statusCode: 400 })
  const { [mediaType]: media, ...shown } = message as Fields
  if (!media) throw new TypeError(`The ${mediaType} is empty`)
  const field = `${mediaType}Message`
  if (mediaType === 'document' && !shown['fileName']) shown['fileName'] = 'file'
  if (!shown['mimetype']) shown['mimetype'] = MIMETYPES[mediaType]

  const cache = options['mediaCache'] as Cache | undefined
  const cached = cache && typeof media === 'object' && 'url' in media && media.url ? `${mediaType}:${media.url}` : undefined
  const { Message } = loadProto()
  const kept = cached && (await cache?.get(cached))
  if (kept) {
    const content = Message.decode(kept as Uint8Array) as Fields
    Object.assign(content[field], shown)
    return content
  }
  const newsletter = options.jid !== undefined && isJidNewsletter(options.jid)
  const uploaded = newsletter ? await inTheOpen(media, mediaType, options) : await encrypted(media, mediaType, shown, options)
  const fields = { ...uploaded, ...shown, ...(shown['ptv'] ? { ptv: undefined } : {}) }
  const content = Message.fromObject({ [shown['ptv'] ? 'ptvMessage' : field]: fields })
  if (cached) await cache?.set(cached, Message.encode(content).finish())
  return content
}

const uploading = (options: MessageContentGenerationOptions): { upload: Upload; timeout: { timeoutMs?: number } } => {
  const timeoutMs = options['mediaUploadTimeoutMs'] as number | undefined
  return { upload: options['upload'] as Upload, timeout: timeoutMs === undefined ? {} : { timeoutMs } }
}

async function inTheOpen(media: WAMediaUpload, mediaType: MediaType, options: MessageContentGenerationOptions): Promise<Fields> {
  const { filePath, fileSha256, fileLength } = await getRawMediaUploadData(media, mediaType, undefined)
  const { upload, timeout } = uploading(options)
  try {
    const { mediaUrl, directPath } = await upload(filePath, { fileEncSha256B64: fileSha256.toString('base64'), mediaType, ...timeout })
    return { url: mediaUrl, directPath, fileSha256, fileLength }
  } finally {
    await rm(filePath, { force: true })
  }
}

/** What a program did not say of its media and can be found out. */
interface Lacks {
  thumbnail: boolean
  duration: boolean
  waveform: boolean
}
const lacksOf = (mediaType: MediaType, shown: Fields): Lacks => ({
  thumbnail: (mediaType === 'image' || mediaType === 'video') && shown['jpegThumbnail'] === undefined,
  duration: mediaType === 'audio' && shown['seconds'] === undefined,
  waveform: mediaType === 'audio' && shown['ptt'] === true && shown['waveform'] === undefined,
})

/** Never fails: media goes out without what cannot be found out. */
async function foundOut(path: string, mediaType: MediaType, lacks: Lacks, shown: Fields, logger: Logger | undefined): Promise<Fields> {
  const found: Fields = {}
  try {
    if (lacks.thumbnail) {
      const { thumbnail, originalImageDimensions } = await generateThumbnail(path, mediaType as 'image' | 'video', logger ? { logger } : {})
      found['jpegThumbnail'] = thumbnail
      if (!shown['width']) Object.assign(found, originalImageDimensions)
    }
    if (lacks.duration) found['seconds'] = await getAudioDuration(path)
    if (lacks.waveform) found['waveform'] = await getAudioWaveform(path, logger)
  } catch (error) {
    logger?.warn(error, 'could not find out how media looks or sounds')
  }
  return found
}

async function encrypted(media: WAMediaUpload, mediaType: MediaType, shown: Fields, options: MessageContentGenerationOptions): Promise<Fields> {
  const as = (options['mediaTypeOverride'] as MediaType | undefined) ?? mediaType
  const lacks = lacksOf(mediaType, shown)
  const file = await encryptedStream(media, as, {
    saveOriginalFileIfRequired: lacks.thumbnail || lacks.duration || lacks.waveform,
    ...(options.options ? { opts: options.options } : {}),
  })
  const { upload, timeout } = uploading(options)
  const logger = options['logger'] as Logger | undefined
  const { originalFilePath } = file
  try {
    const [{ mediaUrl, directPath }, found] = await Promise.all([
      upload(file.encFilePath, { fileEncSha256B64: file.fileEncSha256.toString('base64'), mediaType: as, ...timeout }),
      originalFilePath ? foundOut(originalFilePath, mediaType, lacks, shown, logger) : {},
    ])
    return {
      url: mediaUrl,
      directPath,
      mediaKey: file.mediaKey,
      fileEncSha256: file.fileEncSha256,
      fileSha256: file.fileSha256,
      fileLength: file.fileLength,
      mediaKeyTimestamp: unixTimestampSeconds(),
      ...found,
      // Of a voice note in a status.
      ...(options.backgroundColor && mediaType === 'audio' && shown['ptt'] === true ? { backgroundArgb: opaque(options.backgroundColor) } : {}),
    }
  } finally {
    await Promise.all([file.encFilePath, originalFilePath].map(path => path && rm(path, { force: true })))
  }
}
