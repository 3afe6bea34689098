/** Media on its way out: encrypted into a temporary file, which the program or the socket uploads. */
import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WriteStream } from 'node:fs'
import { once } from 'node:events'

import type { MediaType } from './constants.js'
import { generateMessageIDV2 } from './content.js'
import { getMediaKeys } from './media-keys.js'
import { getStream } from './streams.js'
import type { WAMediaUpload } from './types.js'

const MAC_BYTES = 10

interface UploadLogger {
  debug(value: unknown, message?: string): void
}
export interface EncryptedStreamOptions {
  saveOriginalFileIfRequired?: boolean
  logger?: UploadLogger
  opts?: RequestInit & { maxContentLength?: number }
}

const temporary = (mediaType: string, suffix = ''): string => join(tmpdir(), `${mediaType}${generateMessageIDV2()}${suffix}`)

async function write(file: WriteStream, bytes: Buffer): Promise<void> {
  if (!file.write(bytes)) await once(file, 'drain')
}
async function finish(file: WriteStream): Promise<void> {
  file.end()
  await once(file, 'close')
}

/** Takes the media in, without encryption: as channels have it. */
export const getRawMediaUploadData = async (
  media: WAMediaUpload,
  mediaType: MediaType,
  logger: UploadLogger | undefined,
): Promise<{ filePath: string; fileSha256: Buffer; fileLength: number }> => {
  const { stream } = await getStream(media)
  logger?.debug({ mediaType }, 'got the media')
  const filePath = temporary(mediaType)
  const hash = createHash('sha256')
  let fileLength = 0
  const file = createWriteStream(filePath)
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      fileLength += piece.length
      hash.update(piece)
      await write(file, piece)
    }
    await finish(file)
  } catch (error) {
    file.destroy()
    stream.destroy()
    await rm(filePath, { force: true })
    throw error
  }
  return { filePath, fileSha256: hash.digest(), fileLength }
}

/** The media encrypted into a file, with a MAC of ten bytes at its end. */
export const encryptedStream = async (
  media: WAMediaUpload,
  mediaType: MediaType,
  { logger, saveOriginalFileIfRequired, opts }: EncryptedStreamOptions = {},
): Promise<{
  mediaKey: Buffer
  originalFilePath: string | undefined
  encFilePath: string
  mac: Buffer
  fileEncSha256: Buffer
  fileSha256: Buffer
  fileLength: number
}> => {
  const { stream, type } = await getStream(media, opts)
  logger?.debug({ mediaType, type }, 'got the media')
  const mediaKey = randomBytes(32)
  const { cipherKey, iv, macKey } = await getMediaKeys(mediaKey, mediaType)
  const encFilePath = temporary(mediaType, '-enc')
  const encrypted = createWriteStream(encFilePath)
  const originalFilePath = saveOriginalFileIfRequired ? temporary(mediaType, '-original') : undefined
  const original = originalFilePath ? createWriteStream(originalFilePath) : undefined
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv)
  const hmac = createHmac('sha256', macKey as Uint8Array).update(iv)
  const [plainHash, encryptedHash] = [createHash('sha256'), createHash('sha256')]
  let fileLength = 0
  const put = async (bytes: Buffer): Promise<void> => {
    encryptedHash.update(bytes)
    hmac.update(bytes)
    await write(encrypted, bytes)
  }
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      fileLength += piece.length
      if (type === 'remote' && opts?.maxContentLength && fileLength > opts.maxContentLength) {
        throw new Error(`content length exceeded when encrypting "${type}"`)
      }
      plainHash.update(piece)
      if (original) await write(original, piece)
      await put(cipher.update(piece))
    }
    await put(cipher.final())
    const mac = hmac.digest().subarray(0, MAC_BYTES)
    encryptedHash.update(mac)
    await write(encrypted, mac)
    await finish(encrypted)
    if (original) await finish(original)
    const [fileSha256, fileEncSha256] = [plainHash.digest(), encryptedHash.digest()]
    return { mediaKey, originalFilePath, encFilePath, mac, fileEncSha256, fileSha256, fileLength }
  } catch (error) {
    encrypted.destroy()
    original?.destroy()
    stream.destroy()
    await Promise.all([encFilePath, originalFilePath].map(path => path && rm(path, { force: true })))
    throw error
  }
}
