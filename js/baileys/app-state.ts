/** The state of app-state collections, and which of their failures are final. */
import { MAX_SYNC_ATTEMPTS } from './constants.js'

export interface LTHashState {
  version: number
  hash: Buffer
  indexValueMap: { [indexMacBase64: string]: { valueMac: Uint8Array | Buffer } }
}

export const newLTHashState = (): LTHashState => ({ version: 0, hash: Buffer.alloc(128), indexValueMap: {} })

/** A state from a damaged store may lack its number: it begins anew. */
export const ensureLTHashStateVersion = (state: LTHashState): LTHashState => {
  if (typeof state.version !== 'number' || Number.isNaN(state.version)) state.version = 0
  return state
}

/** The phone has not shared the key yet: it may come. */
export const isMissingKeyError = (error: unknown): boolean =>
  (error as { data?: { isMissingKey?: unknown } } | null | undefined)?.data?.isMissingKey === true

/** Whether a collection is given up, after that many attempts. */
export const isAppStateSyncIrrecoverable = (error: unknown, attempts: number): boolean =>
  attempts >= MAX_SYNC_ATTEMPTS || (error as Error | null | undefined)?.name === 'TypeError'
