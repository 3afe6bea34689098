/** Encrypted media on its way to the media servers. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import * as http from 'node:http'
import * as https from 'node:https'
import { Readable } from 'node:stream'
import { Boom } from '@hapi/boom'

import { encodeBase64EncodedStringForUpload } from './bits.js'
import { DEFAULT_ORIGIN, MEDIA_PATH_MAP } from './constants.js'
import type { MediaConnInfo, UploadParams, WAMediaUploadFunction } from './types.js'

const MAX_REDIRECTS = 5
const MAX_ANSWER = 1 << 20

export interface MediaUploadResult {
  url?: string
  direct_path?: string
  meta_hmac?: string
  ts?: number
  fbid?: number
  [field: string]: unknown
}

/** Posts a file; gives the JSON of the answer, or nothing where it is none. Redirects are followed. */
export const uploadWithNodeHttp = async (params: UploadParams, redirectCount: number = 0): Promise<MediaUploadResult | undefined> => {
  if (redirectCount > MAX_REDIRECTS) throw new Error('Too many redirects')
  const { status, location, body } = await post(params)
  if (status >= 300 && status < 400 && location) {
    return uploadWithNodeHttp({ ...params, url: new URL(location, params.url).toString() }, redirectCount + 1)
  }
  return resultOf(body)
}

function resultOf(body: string): MediaUploadResult | undefined {
  try {
    return JSON.parse(body) as MediaUploadResult
  } catch {
    return undefined
  }
}

interface Answer {
  status: number
  location: string | undefined
  body: string
}

async function post({ url, filePath, headers, timeoutMs, agent }: UploadParams): Promise<Answer> {
  const { request } = new URL(url).protocol === 'https:' ? https : http
  const { size } = await stat(filePath)
  return new Promise<Answer>((resolve, reject) => {
    const fail = (error: Error): void => {
      sending.destroy()
      file.destroy()
      reject(error)
    }
    const sending = request(
      url,
      { method: 'POST', headers: { ...headers, 'Content-Length': size }, agent, timeout: timeoutMs },
      answer => {
        let body = ''
        answer.setEncoding('utf8').on('data', (piece: string) => {
          if (body.length < MAX_ANSWER) body += piece
        })
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, location: answer.headers.location, body }))
        answer.on('error', fail)
      },
    )
    const file = createReadStream(filePath)
    sending.on('error', fail)
    sending.on('timeout', () => fail(new Error('Upload timeout')))
    file.on('error', fail)
    file.pipe(sending)
  })
}

/** Undici's dispatchers are for `fetch` only. */
const isDispatcher = (agent: unknown): boolean => typeof (agent as { dispatch?: unknown } | undefined)?.dispatch === 'function'

async function uploadWithFetch({ url, filePath, headers, timeoutMs, agent }: UploadParams): Promise<MediaUploadResult | undefined> {
  const init = {
    method: 'POST',
    headers,
    body: Readable.toWeb(createReadStream(filePath)),
    duplex: 'half',
    dispatcher: agent,
    ...(timeoutMs ? { signal: AbortSignal.timeout(timeoutMs) } : {}),
  }
  return resultOf(await (await fetch(url, init as unknown as RequestInit)).text())
}

export interface UploadConfig {
  customUploadHosts?: MediaConnInfo['hosts'] | undefined
  fetchAgent?: unknown
  logger: { debug(value: unknown, message?: string): void; warn(value: unknown, message?: string): void }
  options?: RequestInit | undefined
}
/** Tries the hosts one after another. @throws Boom 500 where none takes the file */
export const getWAUploadToServer =
  (
    { customUploadHosts, fetchAgent, logger, options }: UploadConfig,
    refreshMediaConn: (force: boolean) => Promise<MediaConnInfo>,
  ): WAMediaUploadFunction =>
  async (filePath, { mediaType, fileEncSha256B64, timeoutMs }) => {
    let connection = await refreshMediaConn(false)
    const given = (options?.headers ?? {}) as Record<string, string> | [string, string][]
    const headers: Record<string, string> = {
      ...(Array.isArray(given) ? (Object.fromEntries(given) as Record<string, string>) : given),
      'Content-Type': 'application/octet-stream',
      Origin: DEFAULT_ORIGIN,
    }
    const token = encodeBase64EncodedStringForUpload(fileEncSha256B64)
    const send = isDispatcher(fetchAgent) ? uploadWithFetch : uploadWithNodeHttp
    for (const { hostname } of [...(customUploadHosts ?? []), ...connection.hosts]) {
      const path = (MEDIA_PATH_MAP as { [type: string]: string | undefined })[mediaType]
      const url = `https://${hostname}${path}/${token}?auth=${encodeURIComponent(connection.auth)}&token=${token}`
      try {
        logger.debug({ hostname }, 'uploading')
        const result = await send({ url, filePath, headers, timeoutMs, agent: fetchAgent as https.Agent | undefined })
        if (result?.url || result?.direct_path) {
          const { meta_hmac, fbid, ts } = result
          // One of the two may lack.
          return { mediaUrl: result.url as string, directPath: result.direct_path as string, meta_hmac, fbid, ts }
        }
        logger.warn({ hostname, result }, 'a media server refused a file')
        // The permission may have run out.
        connection = await refreshMediaConn(true)
      } catch (error) {
        logger.warn({ hostname, error }, 'a media server could not be reached')
      }
    }
    throw new Boom('Media upload failed on all hosts', { statusCode: 500 })
  }
