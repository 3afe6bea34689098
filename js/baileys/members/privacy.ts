/** Who may see and do what, and who is blocked. */
import { Boom } from '@hapi/boom'

import type { SocketContext } from '../context.js'
import { isLidUser, isPnUser, jidNormalizedUser } from '../jid.js'
import { getBinaryNodeChild, getBinaryNodeChildren, reduceBinaryNodeToDictionary } from '../nodes.js'
import type {
  WAPrivacyCallValue, WAPrivacyGroupAddValue, WAPrivacyMessagesValue, WAPrivacyOnlineValue, WAPrivacyValue, WAReadReceiptsValue,
} from '../types.js'
import { attributes, iq, node } from './ask.js'

const unresolved = (of: string, jid: string): Boom => new Boom(`Unable to resolve ${of}: ${jid}`, { statusCode: 400 })

export const makePrivacy = (context: SocketContext) => {
  const { query, client } = context
  let settings: { [category: string]: string } | undefined

  const change = async (name: string, value: string): Promise<void> => {
    await query(iq('set', 'privacy', [node('privacy', {}, [node('category', { name, value })])]))
  }

  /** Both addresses of somebody. */
  async function addressesOf(jid: string, ofBlocked: boolean): Promise<{ lid: string; pn: string | undefined }> {
    const asked = jidNormalizedUser(jid)
    if (!isLidUser(asked) && !isPnUser(asked)) throw new Boom(`Invalid jid: ${jid}`, { statusCode: 400 })
    if (isLidUser(asked) && !ofBlocked) return { lid: asked, pn: undefined }
    const person = await client().resolve(asked).catch(() => undefined)
    if (isPnUser(asked)) {
      if (!person?.lid) throw unresolved('LID for PN JID', jid)
      return { lid: person.lid, pn: asked }
    }
    if (!person?.pn) throw unresolved('PN JID for LID', jid)
    return { lid: asked, pn: person.pn }
  }

  return {
    /** Asked for once, unless `force` is set. */
    fetchPrivacySettings: async (force = false): Promise<{ [category: string]: string }> => {
      if (!settings || force) {
        const answer = await query(iq('get', 'privacy', [node('privacy')]))
        settings = reduceBinaryNodeToDictionary(getBinaryNodeChild(answer, 'privacy') ?? node('privacy'), 'category')
      }
      return settings
    },

    updateLastSeenPrivacy: async (value: WAPrivacyValue): Promise<void> => change('last', value),
    updateOnlinePrivacy: async (value: WAPrivacyOnlineValue): Promise<void> => change('online', value),
    updateProfilePicturePrivacy: async (value: WAPrivacyValue): Promise<void> => change('profile', value),
    updateStatusPrivacy: async (value: WAPrivacyValue): Promise<void> => change('status', value),
    updateReadReceiptsPrivacy: async (value: WAReadReceiptsValue): Promise<void> => change('readreceipts', value),
    updateGroupsAddPrivacy: async (value: WAPrivacyGroupAddValue): Promise<void> => change('groupadd', value),
    updateCallPrivacy: async (value: WAPrivacyCallValue): Promise<void> => change('calladd', value),
    updateMessagesPrivacy: async (value: WAPrivacyMessagesValue): Promise<void> => change('messages', value),

    /** Seconds after which messages of new chats disappear; 0: never. */
    updateDefaultDisappearingMode: async (duration: number): Promise<void> => {
      await query(iq('set', 'disappearing_mode', [node('disappearing_mode', { duration: String(duration) })]))
    },

    fetchBlocklist: async (): Promise<(string | undefined)[]> => {
      const answer = await query(iq('get', 'blocklist'))
      return getBinaryNodeChildren(getBinaryNodeChild(answer, 'list') ?? answer, 'item').map(({ attrs }) => attrs['jid'])
    },

    /** The service knows the blocked by LID. */
    updateBlockStatus: async (jid: string, action: 'block' | 'unblock'): Promise<void> => {
      const blocking = action === 'block'
      const { lid, pn } = await addressesOf(jid, blocking)
      await query(iq('set', 'blocklist', [node('item', attributes({ action, jid: lid, pn_jid: blocking ? pn : undefined }))]))
    },
  }
}
