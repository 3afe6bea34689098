/** Communities: groups that hold others together. What is the same for both is done as for groups. */
import { generateMessageIDV2 } from '../content.js'
import type { SocketContext } from '../context.js'
import { jidEncode, jidNormalizedUser } from '../jid.js'
import { getAllBinaryNodeChildren, getBinaryNodeChild, getBinaryNodeChildren, type BinaryNode } from '../nodes.js'
import type { GroupMetadata, WAMessageKey } from '../types.js'
import { iq, node, numberOf, text } from './ask.js'
import { metadataOf } from './group-metadata.js'
import { outcomes, people, type GroupInvite, type makeGroups } from './groups.js'

const GROUPS = '@g.us'
/** Characters of the id of a description. */
const DESCRIPTION_ID = 12

export interface LinkedGroup {
  id: string | undefined
  subject: string
  creation: number | undefined
  owner: string | undefined
  size: number | undefined
}

function linkedGroup({ attrs }: BinaryNode): LinkedGroup {
  const { id, jid, creator } = attrs
  const named = jid ?? id
  return {
    id: named && !named.includes('@') ? jidEncode(named, 'g.us') : named,
    subject: attrs['subject'] || '',
    creation: numberOf(attrs['creation']),
    owner: creator ? jidNormalizedUser(creator) : undefined,
    size: numberOf(attrs['size']),
  }
}

export const makeCommunities = (context: SocketContext, groups: ReturnType<typeof makeGroups>) => {
  const { query, ev } = context
  const ask = (to: string, type: 'get' | 'set', ...content: BinaryNode[]): Promise<BinaryNode> => query(iq(type, 'w:g2', content, to))
  const set = async (jid: string, content: BinaryNode): Promise<void> => void (await ask(jid, 'set', content))

  /** The metadata of what was made, once more as it is now. */
  async function made(answer: BinaryNode): Promise<GroupMetadata | null> {
    const group = getBinaryNodeChild(answer, 'group')
    return group ? groups.groupMetadata(metadataOf(group).id) : null
  }

  return {
    communityMetadata: async (jid: string): Promise<GroupMetadata> => groups.groupMetadata(jid),

    /** With a group for announcements and one for everybody; people ask to join. */
    communityCreate: async (subject: string, body: string): Promise<GroupMetadata | null> => {
      const description = node('description', { id: generateMessageIDV2().slice(0, DESCRIPTION_ID) }, [text('body', body || '')])
      const options = [
        node('parent', { default_membership_approval_mode: 'request_required' }),
        node('allow_non_admin_sub_group_creation'),
        node('create_general_chat'),
      ]
      return made(await ask(GROUPS, 'set', node('create', { subject }, [description, ...options])))
    },

    communityCreateGroup: async (subject: string, participants: string[], parentCommunityJid: string): Promise<GroupMetadata | null> => {
      const content = [...people(participants), node('linked_parent', { jid: parentCommunityJid })]
      return made(await ask(GROUPS, 'set', node('create', { subject, key: generateMessageIDV2() }, content)))
    },

    communityLeave: async (id: string): Promise<void> => set(GROUPS, node('leave', {}, [node('community', { id })])),
    communityUpdateSubject: async (jid: string, subject: string): Promise<void> => groups.groupUpdateSubject(jid, subject),
    communityUpdateDescription: async (jid: string, description?: string): Promise<void> =>
      groups.groupUpdateDescription(jid, description),

    communityLinkGroup: async (groupJid: string, parentCommunityJid: string): Promise<void> =>
      set(parentCommunityJid, node('links', {}, [node('link', { link_type: 'sub_group' }, [node('group', { jid: groupJid })])])),
    communityUnlinkGroup: async (groupJid: string, parentCommunityJid: string): Promise<void> =>
      set(parentCommunityJid, node('unlink', { unlink_type: 'sub_group' }, [node('group', { jid: groupJid })])),

    /** Of a community, or of the one that the group belongs to. */
    communityFetchLinkedGroups: async (
      jid: string,
    ): Promise<{ communityJid: string; isCommunity: boolean; linkedGroups: LinkedGroup[] }> => {
      const { linkedParent } = await groups.groupMetadata(jid)
      const communityJid = linkedParent ?? jid
      const list = getBinaryNodeChild(await ask(communityJid, 'get', node('sub_groups')), 'sub_groups')
      return { communityJid, isCommunity: !linkedParent, linkedGroups: getBinaryNodeChildren(list, 'group').map(linkedGroup) }
    },

    communityRequestParticipantsList: async (jid: string) => groups.groupRequestParticipantsList(jid),
    communityRequestParticipantsUpdate: async (jid: string, participants: string[], action: 'approve' | 'reject') =>
      groups.groupRequestParticipantsUpdate(jid, participants, action),

    /** Who is removed leaves all groups of the community. */
    communityParticipantsUpdate: async (jid: string, participants: string[], action: 'add' | 'remove' | 'promote' | 'demote') => {
      const attrs: BinaryNode['attrs'] = action === 'remove' ? { linked_groups: 'true' } : {}
      return outcomes(getBinaryNodeChild(await ask(jid, 'set', node(action, attrs, people(participants))), action))
    },

    communityInviteCode: async (jid: string) => groups.groupInviteCode(jid),
    communityRevokeInvite: async (jid: string) => groups.groupRevokeInvite(jid),
    communityAcceptInvite: async (code: string) => {
      const answer = await ask(GROUPS, 'set', node('invite', { code }))
      return (getBinaryNodeChild(answer, 'community') ?? getBinaryNodeChild(answer, 'group'))?.attrs['jid']
    },
    communityRevokeInviteV4: async (communityJid: string, invitedJid: string) => groups.groupRevokeInviteV4(communityJid, invitedJid),
    communityAcceptInviteV4: async (...args: [key: string | WAMessageKey, inviteMessage: GroupInvite]) => groups.groupAcceptInviteV4(...args),
    communityGetInviteInfo: async (code: string) => groups.groupGetInviteInfo(code),

    communityToggleEphemeral: async (jid: string, ephemeralExpiration: number) => groups.groupToggleEphemeral(jid, ephemeralExpiration),
    communitySettingUpdate: async (jid: string, setting: 'announcement' | 'not_announcement' | 'locked' | 'unlocked') =>
      groups.groupSettingUpdate(jid, setting),
    communityMemberAddMode: async (jid: string, mode: 'admin_add' | 'all_member_add') => groups.groupMemberAddMode(jid, mode),
    communityJoinApprovalMode: async (jid: string, mode: 'on' | 'off'): Promise<void> =>
      set(jid, node('membership_approval_mode', {}, [node('community_join', { state: mode })])),

    communityFetchAllParticipating: async (): Promise<{ [jid: string]: GroupMetadata }> => {
      const answer = await ask(GROUPS, 'get', node('participating', {}, [node('participants'), node('description')]))
      const all = getAllBinaryNodeChildren(getBinaryNodeChild(answer, 'groups') ?? node('groups')).map(metadataOf)
      const communities = all.filter(({ isCommunity }) => isCommunity)
      ev.emit('groups.update', communities)
      return Object.fromEntries(communities.map(community => [community.id, community]))
    },
  }
}
