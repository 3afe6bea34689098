/** Media of messages: fetched, and decrypted as it comes. */
import { createDecipheriv, type Decipher } from 'node:crypto'
import { Transform, type Readable } from 'node:stream'
import { Boom } from '@hapi/boom'

import { DEF_MEDIA_HOST, DEFAULT_ORIGIN, type MediaType } from './constants.js'
import { extractMessageContent, getContentType } from './content.js'
import { getMediaKeys, getUrlFromDirectPath } from './media-keys.js'
import { getHttpStream, toBuffer } from './streams.js'
import type { DownloadableMessage, MediaDecryptionKeyInfo, MediaDownloadOptions, WAMessage } from './types.js'

const BLOCK = 16
/** These serve no media. */
const OTHER_HOSTS = ['web.whatsapp.net', 'a.whatsapp.net']
const GONE = [404, 410]

const wholeBlocks = (bytes: number): number => Math.floor(bytes / BLOCK) * BLOCK

function hostOf(url: string | null | undefined): string {
  const host = url && URL.canParse(url) ? new URL(url).host : ''
  return host && !OTHER_HOSTS.includes(host) ? host : DEF_MEDIA_HOST
}

export const downloadContentFromMessage = async (
  { mediaKey, directPath, url }: DownloadableMessage,
  type: MediaType,
  opts: MediaDownloadOptions = {},
): Promise<Transform> => {
  const from = directPath ? getUrlFromDirectPath(directPath, opts.host ?? hostOf(url)) : url
  if (!from) throw new Boom('No valid media URL or directPath present in message', { statusCode: 400 })
  return downloadEncryptedContent(from, await getMediaKeys(mediaKey, type), opts)
}

/** Plaintext from `startByte` up to `endByte`; only the blocks of the range are fetched. The bytes after the last block are dropped. */
export const downloadEncryptedContent = async (
  downloadUrl: string,
  { cipherKey, iv }: MediaDecryptionKeyInfo,
  { startByte, endByte, options }: MediaDownloadOptions = {},
): Promise<Transform> => {
  const firstBlock = startByte ? wholeBlocks(startByte) : 0
  // The block before is the IV of the first one.
  const fetchFrom = firstBlock ? firstBlock - BLOCK : 0
  const fetchTo = endByte ? wholeBlocks(endByte) + BLOCK : undefined
  const headers: Record<string, string> = { ...(options?.headers as Record<string, string> | undefined), Origin: DEFAULT_ORIGIN }
  if (fetchFrom || fetchTo) headers['Range'] = `bytes=${fetchFrom}-${fetchTo ?? ''}`
  const fetched = await getHttpStream(downloadUrl, { ...options, headers })
  return decrypting(fetched, cipherKey, firstBlock ? undefined : iv, firstBlock, startByte ?? 0, endByte)
}

function decrypting(source: Readable, key: Uint8Array, iv: Uint8Array | undefined, position: number, start: number, end?: number): Transform {
  let rest = Buffer.alloc(0)
  let decipher: Decipher | undefined
  const output = new Transform({
    transform(piece: Buffer, _encoding, done) {
      try {
        let data = Buffer.concat([rest, piece])
        if (!decipher) {
          if (data.length < BLOCK && !iv) {
            rest = data
            return done()
          }
          decipher = createDecipheriv('aes-256-cbc', key, iv ?? data.subarray(0, BLOCK))
          if (!iv) data = data.subarray(BLOCK)
          if (end) decipher.setAutoPadding(false)
        }
        const whole = wholeBlocks(data.length)
        rest = Buffer.from(data.subarray(whole))
        give(decipher.update(data.subarray(0, whole)))
        done()
      } catch (error) {
        done(error as Error)
      }
    },
    final(done) {
      try {
        if (decipher) give(decipher.final())
        done()
      } catch (error) {
        done(error as Error)
      }
    },
  })
  function give(bytes: Buffer): void {
    const from = Math.min(Math.max(start - position, 0), bytes.length)
    const to = end ? Math.min(Math.max(end - position, 0), bytes.length) : bytes.length
    position += bytes.length
    if (to > from) output.push(bytes.subarray(from, to))
  }
  source.on('error', error => output.destroy(error))
  output.on('close', () => source.destroy())
  return source.pipe(output, { end: true })
}

interface DownloadContext {
  /** Asks the phone to upload the media once more. */
  reuploadRequest: (message: WAMessage) => Promise<WAMessage>
  logger: { info(value: unknown, message?: string): void }
}

export const downloadMediaMessage = async <Type extends 'buffer' | 'stream'>(
  message: WAMessage,
  type: Type,
  options: MediaDownloadOptions,
  ctx?: DownloadContext,
): Promise<Type extends 'buffer' ? Buffer : Transform> => {
  const attempt = async (from: WAMessage): Promise<Buffer | Transform> => {
    const stream = await mediaStream(from, options)
    return type === 'buffer' ? toBuffer(stream) : stream
  }
  const result = await attempt(message).catch(async (error: unknown) => {
    const { output, status } = error as { output?: { statusCode: number }; status?: number }
    if (!ctx || !GONE.includes(output?.statusCode ?? status ?? 0)) throw error
    ctx.logger.info({ key: message.key }, 'asking the phone to upload the media again')
    return attempt(await ctx.reuploadRequest(message))
  })
  return result as Type extends 'buffer' ? Buffer : Transform
}

async function mediaStream(message: WAMessage, options: MediaDownloadOptions): Promise<Transform> {
  const content = extractMessageContent(message.message)
  if (!content) throw new Boom('No message present', { statusCode: 400, data: message })
  const type = getContentType(content)
  const media = (type ? content[type] : undefined) as (DownloadableMessage & { thumbnailDirectPath?: string | null }) | null | undefined
  if (!type || !media || typeof media !== 'object' || (!('url' in media) && !('thumbnailDirectPath' in media))) {
    throw new Boom(`"${type}" message is not a media message`)
  }
  // The larger picture of a link.
  if (!media.url && !media.directPath && media.thumbnailDirectPath) {
    return downloadContentFromMessage({ directPath: media.thumbnailDirectPath, mediaKey: media.mediaKey ?? null }, 'thumbnail-link', options)
  }
  return downloadContentFromMessage(media, type.replace('Message', '') as MediaType, options)
}
