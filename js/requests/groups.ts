/** `client.groups`: what is asked of groups and changed in them. */

import type * as contract from '../../index.js'
import { type Ask, invalidArgument, jidOf, jidsOf } from '../requests.js'

/** A group as the addon tells it: its people in one text, `ROLE:LID:NUMBER` each. */
type Packed = Omit<contract.GroupMetadata, 'participants'> & { members: string }

const ROLES = ['member', 'admin', 'superadmin'] as const

function participant(packed: string): contract.GroupParticipant {
  const [role, lidUser, pnUser] = packed.split(':')
  const lid = lidUser ? `${lidUser}@lid` : undefined
  const pn = pnUser ? `${pnUser}@s.whatsapp.net` : undefined
  return { jid: pn ?? lid ?? '', ...(pn && { pn }), ...(lid && { lid }), role: ROLES[Number(role)] ?? 'member' }
}

/** The group; its people become objects when somebody looks at them. */
export function groupOf({ members, ...group }: Packed): contract.GroupMetadata {
  const define = (descriptor: PropertyDescriptor): void => {
    Object.defineProperty(group, 'participants', { enumerable: true, configurable: true, ...descriptor })
  }
  const set = (value: contract.GroupParticipant[]): void => define({ value, writable: true })
  const get = (): contract.GroupParticipant[] => {
    const participants = members === '' ? [] : members.split(' ').map(participant)
    set(participants)
    return participants
  }
  define({ get, set })
  return group as contract.GroupMetadata
}

type Call = contract.CallOptions | undefined
type Chat = string | contract.Message | contract.GroupMetadata
type People = contract.WhoOrMany

/** Sends a protobuf to somebody. */
export type Relay = (to: string, bytes: Uint8Array, options?: contract.SendOptions) => Promise<contract.Sent>

export class Groups implements contract.Groups {
  readonly #ask: Ask
  readonly #relay: Relay

  constructor(ask: Ask, relay: Relay) {
    this.#ask = ask
    this.#relay = relay
  }

  async metadata(group: Chat, { refresh = false, ...call }: contract.CallOptions & { refresh?: boolean } = {}): Promise<contract.GroupMetadata> {
    return groupOf(await this.#about('metadata', group, { refresh }, call))
  }

  async metadataOf(
    groups: Chat[], { refresh = false, ...call }: contract.CallOptions & { refresh?: boolean } = {},
  ): Promise<contract.GroupLookup[]> {
    type Told = Omit<contract.GroupLookup, 'metadata'> & { metadata?: Packed }
    const told = await this.#ask<Told[]>('groups.metadataOf', { groups: jidsOf(groups, 'groups'), refresh }, call)
    return told.map(({ metadata, ...rest }) => (metadata ? { ...rest, metadata: groupOf(metadata) } : rest))
  }

  async pictures(groups: Chat[], { preview = false, ...call }: contract.CallOptions & { preview?: boolean } = {}): Promise<contract.GroupPicture[]> {
    return this.#ask('groups.pictures', { groups: jidsOf(groups, 'groups'), preview }, call)
  }

  async report(message: contract.Message | { chat: string; id: string }, call?: Call): Promise<void> {
    if (typeof message !== 'object' || message === null) throw invalidArgument('message', 'must be a message of a group')
    return this.#ask('groups.report', { group: message.chat, message: message.id }, call)
  }

  reports(group: Chat, call?: Call): Promise<contract.GroupReport[]> {
    return this.#about('reports', group, {}, call)
  }

  async list({ communities, ...call }: contract.CallOptions & { communities?: boolean } = {}): Promise<contract.GroupMetadata[]> {
    return (await this.#ask<Packed[]>('groups.list', { communities }, call)).map(groupOf)
  }

  async create(subject: string, people: People = [], options: contract.GroupOptions = {}, call?: Call): Promise<contract.CreatedGroup> {
    return createdGroup(await this.#ask('groups.create', { subject, people: jidsOf(people, 'people'), options }, call))
  }

  add(group: Chat, people: People, call?: Call): Promise<contract.GroupResult[]> {
    return this.#people('add', group, people, call)
  }

  remove(group: Chat, people: People, call?: Call): Promise<contract.GroupResult[]> {
    return this.#people('remove', group, people, call)
  }

  promote(group: Chat, people: People, call?: Call): Promise<contract.GroupResult[]> {
    return this.#people('promote', group, people, call)
  }

  demote(group: Chat, people: People, call?: Call): Promise<contract.GroupResult[]> {
    return this.#people('demote', group, people, call)
  }

  leave(group: Chat, call?: Call): Promise<void> {
    return this.#about('leave', group, {}, call)
  }

  setSubject(group: Chat, subject: string, call?: Call): Promise<void> {
    return this.#about('setSubject', group, { text: subject }, call)
  }

  setDescription(group: Chat, description: string, call?: Call): Promise<void> {
    return this.#about('setDescription', group, { text: description }, call)
  }

  async setAnnouncement(group: Chat, on: boolean, call?: Call): Promise<void> {
    return this.#about('set', group, { announcement: switched(on) }, call)
  }

  async setLocked(group: Chat, on: boolean, call?: Call): Promise<void> {
    return this.#about('set', group, { locked: switched(on) }, call)
  }

  async setMemberAddMode(group: Chat, who: 'all' | 'admins', call?: Call): Promise<void> {
    return this.#about('set', group, { memberAddMode: allowed(who) }, call)
  }

  async setMemberLinkMode(group: Chat, who: 'all' | 'admins', call?: Call): Promise<void> {
    return this.#about('set', group, { memberLinkMode: allowed(who) }, call)
  }

  async setMemberHistoryMode(group: Chat, who: 'all' | 'admins', call?: Call): Promise<void> {
    return this.#about('set', group, { memberHistoryMode: allowed(who) }, call)
  }

  async setLimitSharing(group: Chat, on: boolean, call?: Call): Promise<void> {
    return this.#about('set', group, { limitSharing: switched(on) }, call)
  }

  async setAdminReports(group: Chat, on: boolean, call?: Call): Promise<void> {
    return this.#about('set', group, { adminReports: switched(on) }, call)
  }

  async setJoinApproval(group: Chat, on: boolean, call?: Call): Promise<void> {
    return this.#about('set', group, { joinApproval: switched(on) }, call)
  }

  async setDisappearing(group: Chat, seconds: number, call?: Call): Promise<void> {
    if (!Number.isInteger(seconds) || seconds < 0) throw invalidArgument('seconds', 'must be a whole number, 0 for never')
    return this.#about('set', group, { disappearing: seconds }, call)
  }

  joinRequests(group: Chat, call?: Call): Promise<contract.JoinRequest[]> {
    return this.#about('joinRequests', group, {}, call)
  }

  async approve(group: Chat, people: People, call?: Call): Promise<contract.GroupResult[]> {
    return this.#about('decide', group, { people: jidsOf(people, 'people'), approve: true }, call)
  }

  async reject(group: Chat, people: People, call?: Call): Promise<contract.GroupResult[]> {
    return this.#about('decide', group, { people: jidsOf(people, 'people'), approve: false }, call)
  }

  cancelJoin(group: Chat, call?: Call): Promise<void> {
    return this.#about('cancelJoin', group, {}, call)
  }

  async inviteCode(group: Chat, call?: Call): Promise<string> {
    return (await this.#about<{ code: string }>('inviteCode', group, {}, call)).code
  }

  async revokeInvite(group: Chat, call?: Call): Promise<string> {
    return (await this.#about<{ code: string }>('revokeInvite', group, {}, call)).code
  }

  async inviteInfo(invite: string | contract.Message | contract.GroupInvitation, call?: Call): Promise<contract.GroupMetadata> {
    if (typeof invite === 'string') return groupOf(await this.#ask('groups.inviteInfo', { invite }, call))
    return groupOf(await this.#ask('groups.invitationInfo', invitation(invite), call))
  }

  async join(invite: string, call?: Call): Promise<contract.JoinedGroup> {
    if (typeof invite !== 'string') throw invalidArgument('invite', 'must be a code or a link')
    return this.#ask('groups.join', { invite }, call)
  }

  async acceptInvitation(message: contract.Message | contract.GroupInvitation, call?: Call): Promise<contract.JoinedGroup> {
    return this.#ask('groups.acceptInvitation', invitation(message), call)
  }

  async sendInvite(
    to: string | contract.Person | contract.GroupResult,
    invite?: contract.GroupInvite,
    { subject, caption, ...options }: contract.SendOptions & { subject?: string; caption?: string } = {},
  ): Promise<contract.Sent> {
    const given = invite ?? (typeof to === 'object' && to !== null && 'invitation' in to ? to.invitation : undefined)
    if (typeof given !== 'object' || given === null) throw invalidArgument('invite', 'must be the invitation of a result')
    const { group, code, expiresAt } = given
    const { raw } = await this.#ask<{ raw: string }>('groups.invitation', { group, code, expiresAt, subject, caption })
    return this.#relay(jidOf(to, 'to'), Buffer.from(raw, 'base64'), options)
  }

  async revokeInvitation(group: Chat, people: People, call?: Call): Promise<void> {
    return this.#about('revokeInvitation', group, { people: jidsOf(people, 'people') }, call)
  }

  async #people(action: string, group: Chat, people: People, call: Call): Promise<contract.GroupResult[]> {
    return this.#about('people', group, { action, people: jidsOf(people, 'people') }, call)
  }

  async #about<T>(method: string, group: Chat, args: object, call: Call): Promise<T> {
    return this.#ask<T>(`groups.${method}`, { group: jidOf(group, 'group'), ...args }, call)
  }
}

export class Communities implements contract.Communities {
  readonly #ask: Ask

  constructor(ask: Ask) {
    this.#ask = ask
  }

  async create(subject: string, options: contract.CommunityOptions = {}, call?: Call): Promise<contract.GroupMetadata> {
    return groupOf(await this.#ask('communities.create', { subject, ...options }, call))
  }

  async createGroup(
    community: Chat, subject: string, people: People = [], options: contract.GroupOptions = {}, call?: Call,
  ): Promise<contract.CreatedGroup> {
    const args = { parent: jidOf(community, 'community'), subject, people: jidsOf(people, 'people'), options }
    return createdGroup(await this.#ask('groups.create', args, call))
  }

  groups(community: Chat, call?: Call): Promise<contract.SubGroup[]> {
    return this.#about('groups', community, {}, call)
  }

  async group(community: Chat, group: Chat, call?: Call): Promise<contract.GroupMetadata> {
    return groupOf(await this.#about('group', community, { group: jidOf(group, 'group') }, call))
  }

  participants(community: Chat, call?: Call): Promise<contract.Person[]> {
    return this.#about('participants', community, {}, call)
  }

  async link(community: Chat, groups: Chat | Chat[], call?: Call): Promise<contract.LinkResult[]> {
    return this.#about('link', community, { groups: jidsOf(groups, 'groups') }, call)
  }

  async unlink(
    community: Chat, groups: Chat | Chat[], { removeOrphans = false, ...call }: contract.CallOptions & { removeOrphans?: boolean } = {},
  ): Promise<contract.LinkResult[]> {
    return this.#about('unlink', community, { groups: jidsOf(groups, 'groups'), removeOrphans }, call)
  }

  async join(community: Chat, group: Chat, call?: Call): Promise<contract.GroupMetadata> {
    return groupOf(await this.#about('join', community, { group: jidOf(group, 'group') }, call))
  }

  async remove(community: Chat, people: People, call?: Call): Promise<contract.GroupResult[]> {
    const args = { group: jidOf(community, 'community'), action: 'remove', people: jidsOf(people, 'people'), everywhere: true }
    return this.#ask('groups.people', args, call)
  }

  async leave(community: Chat, call?: Call): Promise<void> {
    return this.#ask('groups.leave', { group: jidOf(community, 'community'), community: true }, call)
  }

  deactivate(community: Chat, call?: Call): Promise<void> {
    return this.#about('deactivate', community, {}, call)
  }

  async #about<T>(method: string, community: Chat, args: object, call: Call): Promise<T> {
    return this.#ask<T>(`communities.${method}`, { community: jidOf(community, 'community'), ...args }, call)
  }
}

function createdGroup({ group, people }: { group: Packed; people: contract.GroupResult[] }): contract.CreatedGroup {
  return { group: groupOf(group), people }
}

/** An event as the addon tells it. */
export function groupEvent(event: { metadata?: Packed }): object {
  return event.metadata ? { ...event, metadata: groupOf(event.metadata) } : event
}

function allowed(who: 'all' | 'admins'): 'all' | 'admins' {
  if (who !== 'all' && who !== 'admins') throw invalidArgument('who', 'must be "all" or "admins"')
  return who
}

function switched(on: boolean): boolean {
  if (typeof on !== 'boolean') throw invalidArgument('on', 'must be true or false')
  return on
}

/** An invitation as the addon reads it: the message that brought it, or what is in it. */
function invitation(message: contract.Message | contract.GroupInvitation): object {
  if (typeof message !== 'object' || message === null) throw invalidArgument('message', 'must be a message with an invitation')
  if ('raw' in message) return { raw: Buffer.from(message.raw()).toString('base64'), inviter: jidOf(message.sender, 'message') }
  const { group, code, expiresAt, inviter } = message
  return { group, code, expiresAt, inviter: jidOf(inviter, 'inviter') }
}
