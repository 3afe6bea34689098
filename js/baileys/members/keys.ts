/** Pre-keys: the engine keeps them at the service in number, and changes the signed one by itself. */
import type { SocketContext } from '../context.js'
import { getBinaryNodeChild } from '../nodes.js'
import { expectChild, iq, node } from './ask.js'

const DAY_MS = 24 * 60 * 60_000
const WEEK_MS = 7 * DAY_MS

export const makeKeys = ({ query, client, sendNode }: SocketContext) => ({
  /** Asks what the service has. @throws Boom 500 where it has nothing */
  digestKeyBundle: async (): Promise<void> => {
    expectChild(await query(iq('get', 'encrypt', [node('digest')])), 'digest', 'digest')
  },

  uploadPreKeysToServerIfRequired: async (): Promise<void> => {
    const count = getBinaryNodeChild(await query(iq('get', 'encrypt', [node('count')])), 'count')?.attrs['value']
    if (count === undefined) expectChild(undefined, 'count', 'pre-key count')
  },

  /** There are enough there whenever the connection is open. */
  uploadPreKeys: async (_count = 5): Promise<void> => void client(),
  rotateSignedPreKey: async (): Promise<void> => void client(),

  /** By its number the service knows which uses of a week belong together. */
  sendUnifiedSession: async (): Promise<void> => {
    const id = String((Date.now() + 3 * DAY_MS) % WEEK_MS)
    await sendNode(node('ib', {}, [node('unified_session', { id })]))
  },
})
