/** Groups: what is known of them, who is in them, and what may be done there. */
import { unixTimestampSeconds } from '../bits.js'
import { generateMessageIDV2 } from '../content.js'
import type { SocketContext } from '../context.js'
import { getAllBinaryNodeChildren, getBinaryNodeChild, getBinaryNodeChildren, type BinaryNode } from '../nodes.js'
import { loadProto } from '../proto.js'
import type { GroupMetadata, ParticipantAction, WAMessage, WAMessageKey } from '../types.js'
import { attributes, iq, node, text } from './ask.js'
import { engineCall } from './engine-call.js'
import { extractGroupMetadata, metadataOf } from './group-metadata.js'

/** The address of all groups together. */
const GROUPS = '@g.us'
/** `Message.ProtocolMessage.Type` */
const GROUP_MEMBER_LABEL_CHANGE = 30
/** Characters. */
const MAX_LABEL = 30

export interface GroupInvite {
  groupJid?: string | null
  inviteCode?: string | null
  /** Seconds. */
  inviteExpiration?: { toString(): string } | number | null
  [field: string]: unknown
}

export const people = (jids: string[]): BinaryNode[] => jids.map(jid => node('participant', { jid }))

/** What an answer says of each person: what was done, or the number of why not. */
export const outcomes = (answer: BinaryNode | undefined): { status: string; jid: string | undefined; content: BinaryNode }[] =>
  getBinaryNodeChildren(answer, 'participant').map(content => ({
    status: content.attrs['error'] || '200',
    jid: content.attrs['jid'],
    content,
  }))

/** Turns the invitation that was used into an expired one, and tells of the joining as WhatsApp shows it. */
export async function tellAccepted(
  { ev, creds, upsertMessage }: SocketContext,
  key: WAMessageKey,
  invite: GroupInvite,
): Promise<void> {
  if (key.id) {
    const used = (loadProto()['Message'] as { GroupInviteMessage?: unknown; fromObject(object: object): WAMessage['message'] }).fromObject({
      groupInviteMessage: { ...invite, inviteExpiration: 0, inviteCode: '' },
    })
    ev.emit('messages.update', [{ key, update: { message: used ?? null } }])
  }
  const joined: WAMessage = {
    key: {
      remoteJid: invite.groupJid,
      id: generateMessageIDV2(creds.me?.id),
      fromMe: false,
      participant: key.remoteJid,
    },
    messageStubType: loadProto().WebMessageInfo.StubType['GROUP_PARTICIPANT_ADD'] as number,
    messageStubParameters: [JSON.stringify(creds.me)],
    participant: key.remoteJid,
    messageTimestamp: unixTimestampSeconds(),
  }
  await upsertMessage(joined, 'notify')
}

export const makeGroups = (context: SocketContext) => {
  const { query, ev, client } = context
  const ask = (to: string, type: 'get' | 'set', ...content: BinaryNode[]): Promise<BinaryNode> => query(iq(type, 'w:g2', content, to))
  const set = async (jid: string, content: BinaryNode): Promise<void> => void (await ask(jid, 'set', content))

  const groupMetadata = async (jid: string): Promise<GroupMetadata> =>
    extractGroupMetadata(await ask(jid, 'get', node('query', { request: 'interactive' })))

  const acceptInvite = ev.createBufferedFunction(async (key: string | WAMessageKey, inviteMessage: GroupInvite) => {
    const about: WAMessageKey = typeof key === 'string' ? { remoteJid: key } : key
    const { groupJid, inviteCode, inviteExpiration } = inviteMessage
    const accept = attributes({ code: inviteCode, expiration: inviteExpiration?.toString(), admin: about.remoteJid })
    const answer = await ask(groupJid as string, 'set', node('accept', accept))
    await tellAccepted(context, about, inviteMessage)
    return answer.attrs['from']
  })

  return {
    groupMetadata,

    groupCreate: async (subject: string, participants: string[]): Promise<GroupMetadata> =>
      extractGroupMetadata(
        await ask(GROUPS, 'set', node('create', { subject, key: generateMessageIDV2() }, people(participants))),
      ),

    groupLeave: (id: string): Promise<void> => set(GROUPS, node('leave', {}, [node('group', { id })])),

    groupUpdateSubject: (jid: string, subject: string): Promise<void> => set(jid, text('subject', subject)),

    groupRequestParticipantsList: async (jid: string): Promise<BinaryNode['attrs'][]> => {
      const answer = await ask(jid, 'get', node('membership_approval_requests'))
      const list = getBinaryNodeChild(answer, 'membership_approval_requests')
      return getBinaryNodeChildren(list, 'membership_approval_request').map(({ attrs }) => attrs)
    },

    groupRequestParticipantsUpdate: async (
      jid: string,
      participants: string[],
      action: 'approve' | 'reject',
    ): Promise<{ status: string; jid: string | undefined }[]> => {
      const answer = await ask(jid, 'set', node('membership_requests_action', {}, [node(action, {}, people(participants))]))
      const done = getBinaryNodeChild(getBinaryNodeChild(answer, 'membership_requests_action'), action)
      return outcomes(done).map(({ status, jid }) => ({ status, jid }))
    },

    groupParticipantsUpdate: async (jid: string, participants: string[], action: ParticipantAction) =>
      outcomes(getBinaryNodeChild(await ask(jid, 'set', node(action, {}, people(participants))), action)),

    groupUpdateDescription: async (jid: string, description?: string): Promise<void> => {
      const prev = (await groupMetadata(jid)).descId
      const attrs = description ? { id: generateMessageIDV2() } : { delete: 'true' }
      const body = description ? [text('body', description)] : undefined
      await set(jid, node('description', attributes({ ...attrs, prev }), body))
    },

    groupInviteCode: async (jid: string): Promise<string | undefined> =>
      getBinaryNodeChild(await ask(jid, 'get', node('invite')), 'invite')?.attrs['code'],

    groupRevokeInvite: async (jid: string): Promise<string | undefined> =>
      getBinaryNodeChild(await ask(jid, 'set', node('invite')), 'invite')?.attrs['code'],

    groupAcceptInvite: async (code: string): Promise<string | undefined> =>
      getBinaryNodeChild(await ask(GROUPS, 'set', node('invite', { code })), 'group')?.attrs['jid'],

    /** Takes the invitation of somebody back. */
    groupRevokeInviteV4: async (groupJid: string, invitedJid: string): Promise<boolean> => {
      const answer = await ask(groupJid, 'set', node('revoke', {}, people([invitedJid])))
      return Boolean(answer)
    },

    /** Joins by an invitation in a message; `key` is the message's, or who invited. */
    groupAcceptInviteV4: (...args: [key: string | WAMessageKey, inviteMessage: GroupInvite]): Promise<string | undefined> =>
      acceptInvite(...args),

    groupGetInviteInfo: async (code: string): Promise<GroupMetadata> =>
      extractGroupMetadata(await ask(GROUPS, 'get', node('invite', { code }))),

    groupToggleEphemeral: (jid: string, ephemeralExpiration: number): Promise<void> =>
      set(jid, ephemeralExpiration ? node('ephemeral', { expiration: String(ephemeralExpiration) }) : node('not_ephemeral')),

    groupSettingUpdate: (jid: string, setting: 'announcement' | 'not_announcement' | 'locked' | 'unlocked'): Promise<void> =>
      set(jid, node(setting)),

    groupMemberAddMode: (jid: string, mode: 'admin_add' | 'all_member_add'): Promise<void> => set(jid, node('member_add_mode', {}, mode)),

    groupJoinApprovalMode: (jid: string, mode: 'on' | 'off'): Promise<void> =>
      set(jid, node('membership_approval_mode', {}, [node('group_join', { state: mode })])),

    /** The own label in the group; without one it is taken away. Gives the id of the message that tells of it. */
    updateMemberLabel: async (jid: string, memberLabel: string): Promise<string> => {
      const { Message } = loadProto()
      const label = { label: memberLabel?.slice(0, MAX_LABEL) ?? '', labelTimestamp: unixTimestampSeconds() }
      const bytes = Message.encode(Message.fromObject({ protocolMessage: { type: GROUP_MEMBER_LABEL_CHANGE, memberLabel: label } })).finish()
      const id = generateMessageIDV2(context.me().id)
      const nodes = [node('meta', { tag_reason: 'user_update', appdata: 'member_tag' })]
      await engineCall(() => client().relay(jid, bytes, { id, nodes }))
      return id
    },

    groupFetchAllParticipating: async (): Promise<{ [jid: string]: GroupMetadata }> => {
      const answer = await ask(GROUPS, 'get', node('participating', {}, [node('participants'), node('description')]))
      const groups = getAllBinaryNodeChildren(getBinaryNodeChild(answer, 'groups') ?? node('groups'))
      const all = groups.filter(({ tag }) => tag === 'group').map(metadataOf)
      ev.emit('groups.update', all)
      return Object.fromEntries(all.map(group => [group.id, group]))
    },
  }
}

