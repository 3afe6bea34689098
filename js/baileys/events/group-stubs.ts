/** What notes in a group's chat say about the group. Source: 07 §13, contract §5. */
import { areJidsSameUser, jidNormalizedUser } from '../jid.js'
import type { AuthenticationCreds, WAMessage } from '../types.js'

type Fields = { [field: string]: any }
type Emit = (event: string, value: unknown) => void

/** Numbers of `WebMessageInfo.StubType`. */
export const STUB = {
  GROUP_CREATE: 20,
  GROUP_CHANGE_SUBJECT: 21,
  GROUP_CHANGE_ICON: 22,
  GROUP_CHANGE_INVITE_LINK: 23,
  GROUP_CHANGE_DESCRIPTION: 24,
  GROUP_CHANGE_RESTRICT: 25,
  GROUP_CHANGE_ANNOUNCE: 26,
  GROUP_PARTICIPANT_ADD: 27,
  GROUP_PARTICIPANT_REMOVE: 28,
  GROUP_PARTICIPANT_PROMOTE: 29,
  GROUP_PARTICIPANT_DEMOTE: 30,
  GROUP_PARTICIPANT_INVITE: 31,
  GROUP_PARTICIPANT_LEAVE: 32,
  GROUP_PARTICIPANT_CHANGE_NUMBER: 33,
  CALL_MISSED_VOICE: 40,
  CALL_MISSED_VIDEO: 41,
  CALL_MISSED_GROUP_VOICE: 45,
  CALL_MISSED_GROUP_VIDEO: 46,
  GROUP_PARTICIPANT_ADD_REQUEST_JOIN: 71,
  GROUP_MEMBERSHIP_JOIN_APPROVAL_MODE: 145,
  GROUP_MEMBER_ADD_MODE: 171,
  GROUP_MEMBERSHIP_JOIN_APPROVAL_REQUEST_NON_ADMIN_ADD: 172,
} as const

const ACTIONS: { [stub: number]: string } = {
  [STUB.GROUP_PARTICIPANT_CHANGE_NUMBER]: 'modify',
  [STUB.GROUP_PARTICIPANT_LEAVE]: 'remove',
  [STUB.GROUP_PARTICIPANT_REMOVE]: 'remove',
  [STUB.GROUP_PARTICIPANT_ADD]: 'add',
  [STUB.GROUP_PARTICIPANT_INVITE]: 'add',
  [STUB.GROUP_PARTICIPANT_ADD_REQUEST_JOIN]: 'add',
  [STUB.GROUP_PARTICIPANT_DEMOTE]: 'demote',
  [STUB.GROUP_PARTICIPANT_PROMOTE]: 'promote',
}
const READ_ONLY: { [action: string]: boolean } = { add: false, remove: true }

export function groupStub(message: WAMessage, chat: Fields, creds: AuthenticationCreds, emit: Emit): void {
  const { key } = message
  const stub = message.messageStubType as number
  const [given, second, third] = message.messageStubParameters ?? []
  const value = given ?? ''
  const id = jidNormalizedUser(key.remoteJid as string)
  const author = { author: key.participant as string | undefined, authorPn: key.participantAlt, authorUsername: key.participantUsername }
  const update = (change: Fields): void => emit('groups.update', [{ id, ...change, ...author, author: author.author ?? undefined }])
  const action = ACTIONS[stub]
  if (action) {
    const participants = (message.messageStubParameters ?? []).map(parsed)
    const { me } = creds
    const own = ({ id: jid, phoneNumber }: Fields): boolean =>
      areJidsSameUser(jid, me?.id) || (me?.lid !== undefined && areJidsSameUser(jid, me.lid)) || (phoneNumber !== undefined && areJidsSameUser(phoneNumber, me?.id))
    const readOnly = READ_ONLY[action]
    if (readOnly !== undefined && participants.some(own)) chat['readOnly'] = readOnly
    return emit('group-participants.update', { id, ...author, participants, action })
  }
  switch (stub) {
    case STUB.GROUP_CHANGE_ANNOUNCE:
      return update({ announce: value === 'true' || value === 'on' })
    case STUB.GROUP_CHANGE_RESTRICT:
      return update({ restrict: value === 'true' || value === 'on' })
    case STUB.GROUP_CHANGE_SUBJECT:
      chat['name'] = value
      return update({ subject: value })
    case STUB.GROUP_CHANGE_DESCRIPTION:
      chat['description'] = given
      return update({ desc: given })
    case STUB.GROUP_CHANGE_INVITE_LINK:
      return update({ inviteCode: value })
    case STUB.GROUP_MEMBER_ADD_MODE:
      return update({ memberAddMode: value === 'all_member_add' })
    case STUB.GROUP_MEMBERSHIP_JOIN_APPROVAL_MODE:
      return update({ joinApprovalMode: value === 'on' })
    case STUB.GROUP_MEMBERSHIP_JOIN_APPROVAL_REQUEST_NON_ADMIN_ADD: {
      const { lid, pn } = parsed(value) as { lid?: string; pn?: string }
      return emit('group.join-request', { id, ...author, participant: lid, participantPn: pn, action: second, method: third })
    }
  }
}

/** People are written as JSON, in earlier versions as addresses. */
function parsed(parameter: string): Fields {
  try {
    const value: unknown = JSON.parse(parameter)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // An address.
  }
  return { id: parameter }
}
