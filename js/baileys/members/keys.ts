/** Pre-keys: the engine keeps them at the service in number, and changes the signed one by itself; programs may ask for it. */
import type { SocketContext } from '../context.js'
import { getBinaryNodeChild } from '../nodes.js'
import { expectChild, iq, node } from './ask.js'

const DAY_MS = 24 * 60 * 60_000
const WEEK_MS = 7 * DAY_MS

/** How many keys the service gets when it has none, and when it has few; and what few are. */
const FIRST_COUNT = 812
const COUNT = 50
const FEW = 5

export const makeKeys = ({ ask, query, sendNode }: SocketContext) => ({
  /** Asks what the service has. Where it has nothing, it gets new keys. @throws Boom 500 then */
  digestKeyBundle: async (): Promise<void> => {
    const answer = await query(iq('get', 'encrypt', [node('digest')]))
    if (!getBinaryNodeChild(answer, 'digest')) await ask('signal.upload', { count: FIRST_COUNT })
    expectChild(answer, 'digest', 'digest')
  },

  uploadPreKeysToServerIfRequired: async (): Promise<void> => {
    const count = getBinaryNodeChild(await query(iq('get', 'encrypt', [node('count')])), 'count')?.attrs['value']
    if (count === undefined) expectChild(undefined, 'count', 'pre-key count')
    if (Number(count) <= FEW) await ask('signal.upload', { count: Number(count) === 0 ? FIRST_COUNT : COUNT })
  },

  /** So many new ones; one upload goes on at a time. */
  uploadPreKeys: async (count = FEW): Promise<void> => ask('signal.upload', { count }),
  rotateSignedPreKey: async (): Promise<void> => ask('signal.rotate', {}),

  /** By its number the service knows which uses of a week belong together. */
  sendUnifiedSession: async (): Promise<void> => {
    const id = String((Date.now() + 3 * DAY_MS) % WEEK_MS)
    await sendNode(node('ib', {}, [node('unified_session', { id })]))
  },
})
