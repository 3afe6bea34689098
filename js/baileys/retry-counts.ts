/** How often a message was asked for, and given again, in the program's `msgRetryCounterCache`: it may outlive the socket. */
import type { RetryCounts } from '../internals.js'
import type { SocketContext } from './context.js'
import type { CacheStore } from './types.js'

/** Under the keys of Baileys, which writes `undefined` where there is no participant. A cache that fails counts nothing. */
export function countsIn(cache: CacheStore, logger: SocketContext['logger']): RetryCounts {
  const key = (id: string, participant: string): string => `${id}:${participant || undefined}`
  const failed = (error: unknown): void => void logger.warn(error, 'msgRetryCounterCache has failed')
  return {
    async get(id, participant) {
      try {
        const count = Number(await cache.get(key(id, participant)))
        return count > 0 ? Math.min(Math.floor(count), Number.MAX_SAFE_INTEGER) : 0
      } catch (error) {
        failed(error)
        return 0
      }
    },
    async set(id, participant, count) {
      try {
        await cache.set(key(id, participant), count)
      } catch (error) {
        failed(error)
      }
    },
  }
}
