/** Files on their way to a media host: one POST, and the next host where one fails. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { Boom } from '@hapi/boom'

import { encodeBase64EncodedStringForUpload } from './bits.js'
import { DEFAULT_ORIGIN, MEDIA_PATH_MAP } from './constants.js'
import { getUrlFromDirectPath } from './media-keys.js'
import { toBuffer } from './streams.js'
import type { MediaConnInfo, UploadParams, WAMediaUploadFunction } from './types.js'

const MAX_REDIRECTS = 5
/** An answer says where the file is; more is none. */
const MAX_ANSWER = 1 << 20

export interface MediaUploadResult {
  url?: string
  direct_path?: string
  meta_hmac?: string
  ts?: number
  fbid?: number
}
const parsed = (json: string): MediaUploadResult | undefined => {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  let length = 0
  answer.on('data', (piece: Buffer) => {
    length += piece.length
    if (length > MAX_ANSWER) answer.destroy(new Error('The answer of the media host is too long'))
  })
  return (await toBuffer(answer)).toString('utf8')
}

function post({ url, filePath, headers, timeoutMs, agent }: UploadParams, length: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const target = new URL(url)
    const request = target.protocol === 'http:' ? httpRequest : httpsRequest
    const file = createReadStream(filePath)
    const fail = (error: Error): void => {
      file.destroy()
      sent.destroy()
      reject(error)
    }
    const sent = request(target, { method: 'POST', headers: { ...headers, 'Content-Length': length }, agent }, answer => {
      file.destroy()
      resolve(answer)
    })
    if (timeoutMs) sent.setTimeout(timeoutMs, () => fail(new Boom('Upload timeout', { statusCode: 408 })))
    sent.on('error', fail)
    file.on('error', fail)
    file.pipe(sent)
  })
}

/** What the host answered; nothing where that is no JSON. A redirection gets the file anew. */
export const uploadWithNodeHttp = async (params: UploadParams, redirectCount = 0): Promise<MediaUploadResult | undefined> => {
  if (redirectCount > MAX_REDIRECTS) throw new Error('Too many redirects')
  const { size } = await stat(params.filePath)
  const answer = await post(params, size)
  const { statusCode = 0, headers } = answer
  if (statusCode >= 300 && statusCode < 400 && headers.location) {
    answer.resume()
    return uploadWithNodeHttp({ ...params, url: new URL(headers.location, params.url).href }, redirectCount + 1)
  }
  return parsed(await bodyOf(answer))
}

async function uploadWithFetch({ url, filePath, headers, timeoutMs, agent }: UploadParams): Promise<MediaUploadResult | undefined> {
  const { size } = await stat(filePath)
  const answer = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'Content-Length': String(size) },
    body: Readable.toWeb(createReadStream(filePath)) as never,
    duplex: 'half',
    dispatcher: agent as never,
    ...(timeoutMs ? { signal: AbortSignal.timeout(timeoutMs) } : {}),
  } as RequestInit)
  return parsed(await answer.text())
}

const isDispatcher = (agent: unknown): boolean => typeof (agent as { dispatch?: unknown } | undefined)?.dispatch === 'function'

export interface UploadConfig {
  customUploadHosts?: { hostname: string }[] | undefined
  fetchAgent?: UploadParams['agent']
  logger?: { debug(value: unknown, message?: string): void; warn(value: unknown, message?: string): void } | undefined
  options?: { headers?: unknown } | undefined
}

/** Uploads to the program's hosts first, then to the service's, until one takes the file. */
export const getWAUploadToServer = (
  { customUploadHosts, fetchAgent, logger, options }: UploadConfig,
  refreshMediaConn: (force: boolean) => Promise<MediaConnInfo>,
): WAMediaUploadFunction => {
  const send = isDispatcher(fetchAgent) ? uploadWithFetch : (params: UploadParams) => uploadWithNodeHttp(params)
  return async (filePath, { mediaType, fileEncSha256B64, timeoutMs }) => {
    const path = Object.hasOwn(MEDIA_PATH_MAP, mediaType) ? MEDIA_PATH_MAP[mediaType as keyof typeof MEDIA_PATH_MAP] : undefined
    const token = encodeBase64EncodedStringForUpload(fileEncSha256B64)
    const headers = {
      ...(options?.headers as Record<string, string> | undefined),
      'Content-Type': 'application/octet-stream',
      Origin: DEFAULT_ORIGIN,
    }
    let connection = await refreshMediaConn(false)
    const hosts = path === undefined ? [] : [...(customUploadHosts ?? []), ...connection.hosts]
    for (const { hostname } of hosts) {
      const url = `https://${hostname}${path}/${token}?auth=${encodeURIComponent(connection.auth)}&token=${token}`
      try {
        const result = await send({ url, filePath, headers, timeoutMs, agent: fetchAgent })
        if (result?.url || result?.direct_path) {
          const { direct_path: directPath = '', url: mediaUrl = getUrlFromDirectPath(directPath, hostname), meta_hmac, fbid, ts } = result
          return { mediaUrl, directPath, meta_hmac, fbid, ts }
        }
        // What authorizes uploads may have run out.
        connection = await refreshMediaConn(true)
        logger?.debug({ hostname }, 'a media host did not take a file')
      } catch (error) {
        logger?.warn({ hostname, message: (error as Error).message }, 'a media host failed')
      }
    }
    throw new Boom('Media upload failed on all hosts', { statusCode: 500 })
  }
}
