/** Which version of the web client the service gives out: its service worker names the revision. */

import type * as contract from '../index.js'
import { ChasquiError } from './error.js'

const SOURCE = 'https://web.whatsapp.com/sw.js'
const TIMEOUT = 10_000
/** The worker has some 100 kB. */
const MAX_LENGTH = 4 << 20
/** Before the revision; it has not changed in years. */
const MAJOR = 2
const MINOR = 3000

export async function fetchLatestVersion(options: contract.LatestVersionOptions = {}): Promise<contract.Version> {
  const { timeout = TIMEOUT, fallback, url = SOURCE, fetch = globalThis.fetch } = options
  const signal = AbortSignal.timeout(timeout)
  try {
    const response = await fetch(url, { signal, headers: { 'sec-fetch-site': 'none', 'user-agent': 'Mozilla/5.0' } })
    if (!response.ok) throw failed(`answered with ${response.status}`, { error: response.status })
    const revision = /client_revision\\?"\s*:\s*(\d{6,10})\b/.exec(await textOf(response))?.[1]
    if (!revision) throw failed('names no version')
    return [MAJOR, MINOR, Number(revision)]
  } catch (error) {
    if (fallback) return fallback
    if (error instanceof ChasquiError) throw error
    if (signal.aborted) throw new ChasquiError('TIMEOUT', `${url} did not answer within ${timeout} ms.`, {}, { cause: error })
    throw failed('cannot be read', {}, { cause: error })
  }

  function failed(what: string, data: Record<string, unknown> = {}, cause?: ErrorOptions): ChasquiError {
    return new ChasquiError('REQUEST_FAILED', `${url} ${what}.`, data, cause)
  }
}

/** The body, or its beginning if it has no end. */
async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    if (text.length > MAX_LENGTH) break
  }
  return text
}
