/**
 * Which server a door talks to: what the program says, else `CHASQUI_ENDPOINT` of the environment (a `ws(s):` URL or an
 * `Endpoint` as JSON), so that a program which knows only its old library can be pointed at an emulator unchanged.
 */
import type { Endpoint } from '../../index.js'
import { ChasquiError } from '../error.js'

export function chooseEndpoint(given: Endpoint | string | URL | undefined): Endpoint | string | undefined {
  if (given instanceof URL) return given.href
  if (given !== undefined) return given
  const text = process.env['CHASQUI_ENDPOINT']?.trim()
  if (!text) return undefined
  if (!text.startsWith('{')) return text
  try {
    return JSON.parse(text) as Endpoint
  } catch {
    throw new ChasquiError('INVALID_OPTION', 'CHASQUI_ENDPOINT is neither a URL nor JSON like {"url","rootKey","ca"}.', {
      option: 'CHASQUI_ENDPOINT',
    })
  }
}
