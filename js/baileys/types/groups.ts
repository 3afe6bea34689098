/** Groups and communities. */
import type { WAMessageAddressingMode } from '../enums.js'
import type { Contact } from './contacts.js'

export type GroupParticipant = Contact & {
  isAdmin?: boolean | undefined
  isSuperAdmin?: boolean | undefined
  admin?: 'admin' | 'superadmin' | null | undefined
}
export type ParticipantAction = 'add' | 'remove' | 'promote' | 'demote' | 'modify'
export type RequestJoinAction = 'created' | 'revoked' | 'rejected'
export type RequestJoinMethod = 'invite_link' | 'linked_group_join' | 'non_admin_add' | undefined

export interface GroupMetadata {
  id: string
  notify?: string | undefined
  /** What the participants are named by. */
  addressingMode?: WAMessageAddressingMode | undefined
  owner: string | undefined
  ownerPn?: string | undefined
  ownerUsername?: string | undefined
  owner_country_code?: string | undefined
  subject: string
  subjectOwner?: string | undefined
  subjectOwnerPn?: string | undefined
  subjectOwnerUsername?: string | undefined
  /** Seconds, as the other times. */
  subjectTime?: number | undefined
  creation?: number | undefined
  desc?: string | undefined
  descOwner?: string | undefined
  descOwnerPn?: string | undefined
  descOwnerUsername?: string | undefined
  descId?: string | undefined
  descTime?: number | undefined
  /** The community that the group belongs to. */
  linkedParent?: string | undefined
  /** Only administrators change the group's data. */
  restrict?: boolean | undefined
  /** Only administrators write. */
  announce?: boolean | undefined
  /** Every member may add others. */
  memberAddMode?: boolean | undefined
  /** Administrators decide who joins. */
  joinApprovalMode?: boolean | undefined
  isCommunity?: boolean | undefined
  isCommunityAnnounce?: boolean | undefined
  size?: number | undefined
  participants: GroupParticipant[]
  /** Seconds. */
  ephemeralDuration?: number | undefined
  inviteCode?: string | undefined
  /** Who made the change that an event tells of. */
  author?: string | undefined
  authorPn?: string | undefined
  authorUsername?: string | undefined
}
export type GroupMetadataParticipants = Pick<GroupMetadata, 'participants'>

export interface WAGroupCreateResponse {
  status: number
  gid?: string | undefined
  participants?: [{ [key: string]: {} }] | undefined
}
export interface GroupModificationResponse {
  status: number
  participants?: { [key: string]: {} } | undefined
}

/** What came of each participant; `status` is `200` or the code of the refusal. */
export interface ParticipantResult {
  status: string
  jid: string | undefined
}
