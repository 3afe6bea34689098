/** Whether the account is there and who else is; and calls, which are refused and linked to. */
import { Boom } from '@hapi/boom'

import type { SocketContext } from '../context.js'
import { isJidGroup, isLidUser, jidDecode, jidNormalizedUser } from '../jid.js'
import type { BinaryNode } from '../nodes.js'
import type { WAPresence } from '../types.js'
import { engineCall } from './engine-call.js'

export const makePresence = ({ ask, client, creds, ev, generateMessageTag, logger, me, sendNode }: SocketContext) => ({
  /** Without the own name nothing is told, since presence goes with it. */
  sendPresenceUpdate: async (type: WAPresence, toJid?: string): Promise<void> => {
    if (type === 'available' || type === 'unavailable') {
      if (!creds.me?.name) return logger?.warn('no name present, ignoring presence update request...')
      ev.emit('connection.update', { isOnline: type === 'available' })
      return engineCall(() => client().presence[type]())
    }
    const chat = toJid && jidDecode(toJid) ? jidNormalizedUser(toJid) : undefined
    if (!chat) throw new Boom(`Presence "${type}" needs the JID of a chat`, { statusCode: 400 })
    const { id, lid = id } = me()
    const from = isLidUser(chat) ? lid : id
    const state = { tag: type === 'recording' ? 'composing' : type, attrs: type === 'recording' ? { media: 'audio' } : {} }
    await sendNode({ tag: 'chatstate', attrs: { from, to: chat }, content: [state as BinaryNode] })
  },

  /** As the person was named: what comes then has the same name. */
  presenceSubscribe: async (toJid: string): Promise<void> => {
    const to = jidNormalizedUser(toJid)
    const [token] = isJidGroup(to) ? [] : await ask<(string | null)[]>('signal.tokens', { jids: [to] })
    const content = token ? [{ tag: 'tctoken', attrs: {}, content: Buffer.from(token, 'base64') }] : undefined
    await sendNode({ tag: 'presence', attrs: { to: toJid, id: generateMessageTag(), type: 'subscribe' }, ...(content ? { content } : {}) })
  },

  rejectCall: async (callId: string, callFrom: string): Promise<void> =>
    engineCall(() => client().calls.reject({ id: callId, from: callFrom })),

  /** The token of the link. `event.startTime` in seconds. */
  createCallLink: async (type: 'audio' | 'video', event?: { startTime: number }, timeoutMs?: number): Promise<string | undefined> => {
    const what = { video: type === 'video', ...(event ? { startsAt: event.startTime * 1000 } : {}) }
    return (await engineCall(() => client().calls.createLink(what, { timeout: timeoutMs }))).token
  },
})

