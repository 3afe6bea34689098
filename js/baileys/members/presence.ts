/** Whether the account is there and who else is; and calls, which are refused and linked to. */
import { Boom } from '@hapi/boom'

import type { SocketContext } from '../context.js'
import { jidDecode, jidNormalizedUser } from '../jid.js'
import type { WAPresence } from '../types.js'
import { engineCall } from './engine-call.js'

export const makePresence = ({ client, creds, ev, logger }: SocketContext) => ({
  /** Without the own name nothing is told, since presence goes with it. */
  sendPresenceUpdate: async (type: WAPresence, toJid?: string): Promise<void> => {
    if (type === 'available' || type === 'unavailable') {
      if (!creds.me?.name) return logger?.warn('no name present, ignoring presence update request...')
      ev.emit('connection.update', { isOnline: type === 'available' })
      return engineCall(() => client().presence[type]())
    }
    const chat = toJid && jidDecode(toJid) ? jidNormalizedUser(toJid) : undefined
    if (!chat) throw new Boom(`Presence "${type}" needs the JID of a chat`, { statusCode: 400 })
    const { presence } = client()
    await engineCall(() => (type === 'composing' ? presence.typing(chat) : presence[type](chat)))
  },

  presenceSubscribe: async (toJid: string): Promise<void> => engineCall(() => client().presence.subscribe(jidNormalizedUser(toJid))),

  rejectCall: async (callId: string, callFrom: string): Promise<void> =>
    engineCall(() => client().calls.reject({ id: callId, from: callFrom })),

  /** The token of the link. `event.startTime` in seconds. */
  createCallLink: async (type: 'audio' | 'video', event?: { startTime: number }, timeoutMs?: number): Promise<string | undefined> => {
    const what = { video: type === 'video', ...(event ? { startsAt: event.startTime * 1000 } : {}) }
    return (await engineCall(() => client().calls.createLink(what, { timeout: timeoutMs }))).token
  },
})

