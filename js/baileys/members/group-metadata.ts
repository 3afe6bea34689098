/** `<group>`, as answers and notifications have it, and what Baileys makes of it. */
import { isLidUser, isPnUser, jidEncode, jidNormalizedUser } from '../jid.js'
import { getBinaryNodeChild, getBinaryNodeChildren, getBinaryNodeChildString, type BinaryNode } from '../nodes.js'
import type { WAMessageAddressingMode } from '../enums.js'
import type { GroupMetadata, GroupParticipant } from '../types.js'
import { expectChild, numberOf } from './ask.js'

const normalized = (jid: string | undefined): string | undefined => (jid ? jidNormalizedUser(jid) : undefined)

export function participantOf({ attrs }: BinaryNode): GroupParticipant {
  const { jid = '', phone_number: phoneNumber, lid, type } = attrs
  return {
    id: jid,
    phoneNumber: isLidUser(jid) && isPnUser(phoneNumber) ? phoneNumber : undefined,
    lid: isPnUser(jid) && isLidUser(lid) ? lid : undefined,
    username: attrs['participant_username'] ?? attrs['username'],
    admin: type === 'admin' || type === 'superadmin' ? type : null,
  }
}

/** The metadata in an answer. @throws Boom 500 where there is none */
export const extractGroupMetadata = (answer: BinaryNode | undefined): GroupMetadata =>
  metadataOf(expectChild(answer, 'group', 'group metadata'))

export function metadataOf(group: BinaryNode): GroupMetadata {
  const { attrs } = group
  const has = (tag: string): boolean => getBinaryNodeChild(group, tag) !== undefined
  const description = getBinaryNodeChild(group, 'description')
  const about = description?.attrs ?? {}
  const people = getBinaryNodeChildren(group, 'participant')
  const id = attrs['id'] ?? ''
  return {
    id: id.includes('@') ? id : jidEncode(id, 'g.us'),
    notify: attrs['notify'],
    addressingMode: (attrs['addressing_mode'] === 'lid' ? 'lid' : 'pn') as WAMessageAddressingMode,
    subject: attrs['subject'] as string,
    subjectOwner: attrs['s_o'],
    subjectOwnerPn: attrs['s_o_pn'],
    subjectOwnerUsername: attrs['s_o_username'],
    subjectTime: numberOf(attrs['s_t']),
    size: numberOf(attrs['size']) ?? people.length,
    creation: numberOf(attrs['creation']),
    owner: normalized(attrs['creator']),
    ownerPn: normalized(attrs['creator_pn']),
    ownerUsername: attrs['creator_username'],
    owner_country_code: attrs['creator_country_code'],
    desc: getBinaryNodeChildString(description, 'body'),
    descId: about['id'],
    descOwner: normalized(about['participant']),
    descOwnerPn: normalized(about['participant_pn']),
    descOwnerUsername: about['participant_username'],
    descTime: numberOf(about['t']),
    linkedParent: getBinaryNodeChild(group, 'linked_parent')?.attrs['jid'],
    restrict: has('locked'),
    announce: has('announcement'),
    isCommunity: has('parent'),
    isCommunityAnnounce: has('default_sub_group'),
    joinApprovalMode: has('membership_approval_mode'),
    memberAddMode: getBinaryNodeChildString(group, 'member_add_mode') === 'all_member_add',
    participants: people.map(participantOf),
    ephemeralDuration: numberOf(getBinaryNodeChild(group, 'ephemeral')?.attrs['expiration']),
  }
}
