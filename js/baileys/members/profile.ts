/** Pictures, the own name and text, and what the account is told about itself. */
import { Boom } from '@hapi/boom'

import { unixTimestampSeconds } from '../bits.js'
import type { SocketContext } from '../context.js'
import { isJidGroup, jidNormalizedUser } from '../jid.js'
import { getBinaryNodeChild, getBinaryNodeChildren, type BinaryNode } from '../nodes.js'
import { getStream } from '../streams.js'
import type { BotListInfo, ReachoutTimelockState, WAMediaUpload } from '../types.js'
import { iq, node, text } from './ask.js'
import { engineCall } from './engine-call.js'
import { mex } from './mex.js'

const REACHOUT_TIMELOCK = '23983697327930364'
const MESSAGE_CAPPING = '24503548349331633'

interface ReachoutTimelock {
  is_active?: boolean
  /** Seconds, as a text; "0" for none. */
  time_enforcement_ends?: string | null
  enforcement_type?: string | null
}
const HIDDEN = 401

export const makeProfile = (context: SocketContext) => {
  const { query, ev, client, me } = context

  /** Whose picture: a group's, or with nothing the own. */
  function pictureOf(jid: string): string | undefined {
    if (!jid) throw new Boom('Illegal no-jid profile update. Please specify either your ID or the ID of the chat you wish to update')
    const target = jidNormalizedUser(jid)
    const { id, lid } = me()
    return target === jidNormalizedUser(id) || target === jidNormalizedUser(lid) ? undefined : target
  }

  return {
    /** Nothing where there is none although one may be seen. @throws Boom with `data` 404, or 401 where it is hidden */
    profilePictureUrl: async (jid: string, type: 'preview' | 'image' = 'preview', timeoutMs?: number): Promise<string | undefined> => {
      const target = jidNormalizedUser(jid)
      const asked = iq('get', 'w:profile:picture', [node('picture', { type, query: 'url' })])
      asked.attrs['target'] = target
      try {
        const answer = await query(asked, timeoutMs)
        return getBinaryNodeChild(answer, 'picture')?.attrs['url']
      } catch (error) {
        // With the token of a contact some more can be seen; the engine keeps these.
        if (!(error instanceof Boom) || error.data !== HIDDEN || isJidGroup(target)) throw error
        const picture = await client().people.picture(target, { preview: type === 'preview' }).catch(() => null)
        if (picture?.url) return picture.url
        throw error
      }
    },

    /** The engine makes the picture square, 640 × 640 and a JPEG. */
    updateProfilePicture: async (jid: string, content: WAMediaUpload, _dimensions?: { width: number; height: number }): Promise<void> => {
      const group = pictureOf(jid)
      const { stream } = await getStream(content)
      await engineCall(() => client().profile.setPicture(stream, { crop: true, ...(group === undefined ? {} : { group }) }))
    },

    removeProfilePicture: async (jid: string): Promise<void> => {
      const target = pictureOf(jid)
      const asked = iq('set', 'w:profile:picture')
      if (target) asked.attrs['target'] = target
      await query(asked)
    },

    updateProfileStatus: async (status: string): Promise<void> => {
      await query(iq('set', 'status', [text('status', status)]))
    },

    /** The assistants that one may write to. */
    getBotListV2: async (): Promise<BotListInfo[]> => {
      const bot = getBinaryNodeChild(await query(iq('get', 'bot', [node('bot', { v: '2' })])), 'bot')
      const sections = getBinaryNodeChildren(bot, 'section').filter(({ attrs }) => attrs['type'] === 'all')
      const bots = sections.flatMap(section => getBinaryNodeChildren(section, 'bot'))
      return bots.map(({ attrs }) => ({ jid: attrs['jid'] ?? '', personaId: attrs['persona_id'] ?? '' }))
    },

    /** Whether the account may not write to people who have not written to it. */
    fetchAccountReachoutTimelock: async (): Promise<ReachoutTimelockState> => {
      const told = await mex<ReachoutTimelock>(context, REACHOUT_TIMELOCK, {}, 'xwa2_fetch_account_reachout_timelock')
      const ends = Number(told.time_enforcement_ends ?? 0)
      const reachoutTimeLock = {
        isActive: Boolean(told.is_active),
        timeEnforcementEnds: ends > 0 ? new Date(ends * 1000) : undefined,
        enforcementType: (told.enforcement_type ?? 'DEFAULT') as ReachoutTimelockState['enforcementType'],
      }
      ev.emit('connection.update', { reachoutTimeLock } as object)
      return reachoutTimeLock
    },

    /** To how many new people the account may still write. */
    fetchNewChatMessageCap: async (): Promise<unknown> =>
      mex(context, MESSAGE_CAPPING, { input: { type: 'INDIVIDUAL_NEW_CHAT_MSG' } }, 'xwa2_message_capping_info'),

    /** Gives people the token by which they are known to be contacts. `timestamp` in seconds. */
    issuePrivacyTokens: async (jids: string[], timestamp?: number): Promise<BinaryNode> => {
      const t = String(timestamp ?? unixTimestampSeconds())
      const tokens = jids.map(jid => node('token', { jid: jidNormalizedUser(jid), t, type: 'trusted_contact' }))
      return query(iq('set', 'privacy', [node('tokens', {}, tokens)]))
    },
  }
}

