/** Whether the account is there and who else is; and calls, which are refused and linked to. */
import type { SocketContext } from '../context.js'
import { isJidGroup, isLidUser, jidDecode, jidNormalizedUser } from '../jid.js'
import type { WAPresence } from '../types.js'
import { node } from './ask.js'
import { engineCall } from './engine-call.js'

export const makePresence = ({ ask, client, creds, ev, generateMessageTag, logger, me, sendNode }: SocketContext) => ({
  /** Without the own name nothing is told, since presence goes with it. */
  sendPresenceUpdate: async (type: WAPresence, toJid?: string): Promise<void> => {
    if (type === 'available' || type === 'unavailable') {
      if (!creds.me?.name) return logger?.warn('no name present, ignoring presence update request...')
      ev.emit('connection.update', { isOnline: type === 'available' })
      return engineCall(() => client().presence[type]())
    }
    const to = toJid && jidDecode(toJid) ? jidNormalizedUser(toJid) : undefined
    if (!to) throw new TypeError(`"${type}" needs the JID of a chat`)
    const { id, lid = id } = me()
    const doing = type === 'recording' ? node('composing', { media: 'audio' }) : node(type)
    await sendNode(node('chatstate', { from: isLidUser(to) ? lid : id, to }, [doing]))
  },

  /** As the person was named: what comes then has the same name. */
  presenceSubscribe: async (toJid: string): Promise<void> => {
    const to = jidNormalizedUser(toJid)
    const [token] = isJidGroup(to) ? [] : await ask<(string | null)[]>('signal.tokens', { jids: [to] })
    const content = token ? [node('tctoken', {}, Buffer.from(token, 'base64'))] : undefined
    await sendNode(node('presence', { to: toJid, id: generateMessageTag(), type: 'subscribe' }, content))
  },

  rejectCall: async (callId: string, callFrom: string): Promise<void> =>
    sendNode({
      tag: 'call',
      attrs: { from: me().id, to: callFrom, id: generateMessageTag() },
      content: [{ tag: 'reject', attrs: { 'call-id': callId, 'call-creator': callFrom, count: '0' } }],
    }),

  /** The token of the link. `event.startTime` in seconds. */
  createCallLink: async (type: 'audio' | 'video', event?: { startTime: number }, timeoutMs?: number): Promise<string | undefined> => {
    const what = { video: type === 'video', ...(event ? { startsAt: event.startTime * 1000 } : {}) }
    return (await engineCall(() => client().calls.createLink(what, { timeout: timeoutMs }))).token
  },
})

