/** Media uploaded for a message. Pictures are not made smaller here: a program may give `jpegThumbnail`. */
import { rm } from 'node:fs/promises'
import { Boom } from '@hapi/boom'

import { unixTimestampSeconds } from './bits.js'
import { MEDIA_KEYS, type MediaType } from './constants.js'
import type { MessageContentGenerationOptions } from './generate.js'
import { isJidNewsletter } from './jid.js'
import { loadProto } from './proto.js'
import { encryptedStream, getRawMediaUploadData } from './upload.js'
import type { WAMediaUpload, WAMessageContent } from './types.js'

type Fields = { [field: string]: any }
interface Uploaded {
  mediaUrl: string
  directPath: string
}
type Upload = (path: string, about: { fileEncSha256B64: string; mediaType: MediaType; timeoutMs?: number }) => Promise<Uploaded>
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
  const uploaded = newsletter ? await inTheOpen(media, mediaType, options) : await encrypted(media, mediaType, options)
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

async function encrypted(media: WAMediaUpload, mediaType: MediaType, options: MessageContentGenerationOptions): Promise<Fields> {
  const as = (options['mediaTypeOverride'] as MediaType | undefined) ?? mediaType
  const file = await encryptedStream(media, as, options.options ? { opts: options.options } : {})
  const { upload, timeout } = uploading(options)
  try {
    const { mediaUrl, directPath } = await upload(file.encFilePath, {
      fileEncSha256B64: file.fileEncSha256.toString('base64'),
      mediaType: as,
      ...timeout,
    })
    return {
      url: mediaUrl,
      directPath,
      mediaKey: file.mediaKey,
      fileEncSha256: file.fileEncSha256,
      fileSha256: file.fileSha256,
      fileLength: file.fileLength,
      mediaKeyTimestamp: unixTimestampSeconds(),
    }
  } finally {
    await rm(file.encFilePath, { force: true })
  }
}
