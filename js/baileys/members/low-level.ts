/** What programs use of the connection itself: waiting for answers, frames, and the objects that Baileys keeps beside them. */
import { Boom } from '@hapi/boom'

import type { SocketContext } from '../context.js'
import { closed } from '../disconnect.js'
import type { BinaryNode } from '../nodes.js'

/** Entries of a cache of messages that were asked for. */
const MAX_ENTRIES = 1024

/** In the shape of the caches that a program may give; the oldest entries are forgotten. */
export function makeCache(given: unknown, most = MAX_ENTRIES): { get(key: string): any; set(key: string, value: unknown): unknown; del(key: string): unknown; flushAll(): unknown } {
  if (given) return given as ReturnType<typeof makeCache>
  const entries = new Map<string, unknown>()
  return {
    get: key => entries.get(key),
    del: key => entries.delete(key),
    flushAll: () => entries.clear(),
    set: (key, value) => {
      entries.delete(key)
      entries.set(key, value)
      const [oldest] = entries.keys()
      if (entries.size > most && oldest !== undefined) entries.delete(oldest)
      return true
    },
  }
}

export const makeLowLevel = ({ ask, config, ws, sendNode, logger }: SocketContext) => ({
  placeholderResendCache: makeCache(config.placeholderResendCache),

  /** The next stanza with this id. Without a time it waits for ever. */
  waitForMessage: (msgId: string, timeoutMs: number | undefined = config.defaultQueryTimeoutMs): Promise<BinaryNode> =>
    new Promise((resolve, reject) => {
      const name = `TAG:${msgId}`
      const timer = timeoutMs ? setTimeout(() => finish(() => reject(new Boom('Timed Out', { statusCode: 408, data: { stack: new Error().stack } }))), timeoutMs) : undefined
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        ws.off(name, taken)
        ws.off('close', gone)
        settle()
      }
      const taken = (node: BinaryNode): void => finish(() => resolve(node))
      const gone = (error?: Error): void => finish(() => reject(error ?? closed()))
      ws.on(name, taken)
      ws.on('close', gone)
    }),

  /** A stanza in its binary form. */
  sendRawMessage: async (data: Uint8Array | Buffer): Promise<void> => {
    const { decodeBinaryNode } = (await import('../index.js')) as unknown as { decodeBinaryNode(data: Uint8Array): Promise<BinaryNode> }
    await sendNode(await decodeBinaryNode(data))
  },

  /** The engine asks for whatever it cannot read; this asks once more, and counts with it. */
  sendRetryRequest: async ({ attrs }: BinaryNode, forceIncludeKeys = false): Promise<void> => {
    const asked = await ask<boolean>('signal.askAgain', { attrs, withKeys: forceIncludeKeys })
    if (!asked) logger.debug({ id: attrs['id'] }, 'it was asked for often enough')
  },
})
