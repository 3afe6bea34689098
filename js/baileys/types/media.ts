/** Media on their way in and out. */
import type { Agent } from 'node:https'
import type { Readable } from 'node:stream'

import type { MediaType } from '../constants.js'
import type { proto } from './proto.js'

export type { MediaType } from '../constants.js'

export interface WAMediaPayloadURL {
  url: URL | string
}
export interface WAMediaPayloadStream {
  stream: Readable
}
export type WAMediaUpload = Buffer | WAMediaPayloadStream | WAMediaPayloadURL

export interface DownloadableMessage {
  mediaKey?: Uint8Array | null | undefined
  directPath?: string | null | undefined
  url?: string | null | undefined
}
export interface MediaDownloadOptions {
  startByte?: number | undefined
  endByte?: number | undefined
  options?: RequestInit | undefined
  /** Default: the host of the message's URL. */
  host?: string | undefined
}
export interface MediaDecryptionKeyInfo {
  iv: Uint8Array
  cipherKey: Uint8Array
  macKey?: Uint8Array
}

export interface MediaConnInfo {
  auth: string
  /** Seconds. */
  ttl: number
  hosts: { hostname: string; maxContentLengthBytes: number }[]
  fetchDate: Date
}
/** Where an upload went. */
export interface UploadResult {
  mediaUrl: string
  directPath: string
  meta_hmac?: string | undefined
  ts?: number | undefined
  fbid?: number | undefined
}
export type WAMediaUploadFunction = (
  encFilePath: string,
  options: { fileEncSha256B64: string; mediaType: MediaType; timeoutMs?: number | undefined },
) => Promise<UploadResult>
export interface UploadParams {
  url: string
  filePath: string
  headers: Record<string, string>
  timeoutMs?: number | undefined
  agent?: Agent | undefined
}

/** The preview of a link. */
export interface WAUrlInfo {
  'canonical-url': string
  'matched-text': string
  title: string
  description?: string | undefined
  jpegThumbnail?: Buffer | undefined
  highQualityThumbnail?: proto.Message.IImageMessage | undefined
  originalThumbnailUrl?: string | undefined
}
