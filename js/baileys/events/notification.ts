/** What `<notification>`s tell. Source: 07 §13. */
import { decodeMediaRetryNode } from '../media-retry.js'
import { areJidsSameUser, isJidGroup, jidNormalizedUser } from '../jid.js'
import { getBinaryNodeChild, getBinaryNodeChildString, getBinaryNodeChildren, getAllBinaryNodeChildren, type BinaryNode } from '../nodes.js'
import { loadProto } from '../proto.js'
import { metadataOf, participantOf } from '../members/group-metadata.js'
import type { AuthenticationCreds, WAMessage, WAMessageKey } from '../types.js'
import { STUB } from './group-stubs.js'

type Fields = { [field: string]: any }

export interface NotificationContext {
  creds: AuthenticationCreds
  emit(event: string, value: unknown): void
  /** Tells of a message, with what follows from it. */
  upsert(message: WAMessage, type: 'append' | 'notify'): void
  debug(about: object, what: string): void
}

/** A timelock without an end is looked at again after this time. */
const LOCK_MS = 60_000

export function onNotification(node: BinaryNode, context: NotificationContext): void {
  const { type = '' } = node.attrs
  const handler = HANDLERS[type]
  if (handler) handler(node, context)
  else context.debug({ type }, 'a notification that tells nothing here')
}

const HANDLERS: { [type: string]: (node: BinaryNode, context: NotificationContext) => void } = {
  'w:gp2': onGroup,
  picture: onPicture,
  account_sync: onAccount,
  mediaretry: (node, { emit }) => emit('messages.media-update', [decodeMediaRetryNode(node)]),
  newsletter: onNewsletter,
  mex: onMex,
}

/** A note in a chat, for what the notification says. */
function note(node: BinaryNode, { owner, ownerPn, ...fields }: Fields, { creds, upsert }: NotificationContext, participant?: string): void {
  const { from, id, t } = node.attrs
  // A group that is new is its owner's.
  const actor = owner ?? participant ?? node.attrs['participant']
  const message = loadProto().WebMessageInfo.fromObject({
    ...fields,
    // By phone number alone, as programs know it.
    key: { remoteJid: from, fromMe: actor !== undefined && areJidsSameUser(actor, creds.me?.id), participant: actor, id },
    participant: participant ?? node.attrs['participant'],
    messageTimestamp: Number(t),
  }) as WAMessage
  // The schema's key has no room for the other address.
  const alt = owner ? ownerPn : node.attrs['participant_pn'] ?? node.attrs['participant_lid']
  const key: WAMessageKey = message.key
  for (const [name, value] of [['participantAlt', alt], ['participantUsername', node.attrs['participant_username']]] as const) {
    if (value) Object.defineProperty(key, name, { value, enumerable: true, configurable: true, writable: true })
  }
  upsert(message, 'append')
}

function onGroup(node: BinaryNode, context: NotificationContext): void {
  // One notification may tell several things.
  for (const child of getAllBinaryNodeChildren(node)) {
    const fields = groupNote(child, node, context)
    if (fields) note(node, fields, context)
    else context.debug({ tag: child.tag }, 'a change of a group that tells nothing here')
  }
}

const stub = (messageStubType: number, messageStubParameters: string[] = []): Fields => ({ messageStubType, messageStubParameters })
const people = (child: BinaryNode): ReturnType<typeof participantOf>[] => getBinaryNodeChildren(child, 'participant').map(participantOf)
const written = (list: object[]): string[] => list.map(person => JSON.stringify(person))

function groupNote(child: BinaryNode, node: BinaryNode, { emit }: NotificationContext): Fields | undefined {
  const { attrs } = node
  const actor = attrs['participant']
  switch (child.tag) {
    case 'create': {
      const group = getBinaryNodeChild(child, 'group')
      if (!group) return undefined
      const metadata = metadataOf(group)
      const { id, subject, creation } = metadata
      emit('chats.upsert', [{ id, name: subject, conversationTimestamp: creation }])
      emit('groups.upsert', [{ ...metadata, author: actor, authorPn: attrs['participant_pn'], authorUsername: attrs['participant_username'] }])
      return { ...stub(STUB.GROUP_CREATE, [subject]), owner: metadata.owner, ownerPn: metadata.ownerPn }
    }
    case 'modify':
      return stub(STUB.GROUP_PARTICIPANT_CHANGE_NUMBER, written(people(child)))
    case 'promote':
      return stub(STUB.GROUP_PARTICIPANT_PROMOTE, written(people(child)))
    case 'demote':
      return stub(STUB.GROUP_PARTICIPANT_DEMOTE, written(people(child)))
    case 'add':
      return stub(STUB.GROUP_PARTICIPANT_ADD, written(people(child)))
    case 'leave':
      return stub(STUB.GROUP_PARTICIPANT_LEAVE, written(people(child)))
    case 'remove': {
      const gone = people(child)
      const left = gone.length === 1 && gone[0]?.id === actor
      return stub(left ? STUB.GROUP_PARTICIPANT_LEAVE : STUB.GROUP_PARTICIPANT_REMOVE, written(gone))
    }
    case 'subject':
      return stub(STUB.GROUP_CHANGE_SUBJECT, [child.attrs['subject'] ?? ''])
    case 'description': {
      const body = getBinaryNodeChildString(child, 'body')
      return stub(STUB.GROUP_CHANGE_DESCRIPTION, body === undefined ? [] : [body])
    }
    case 'announcement':
    case 'not_announcement':
      return stub(STUB.GROUP_CHANGE_ANNOUNCE, [child.tag === 'announcement' ? 'on' : 'off'])
    case 'locked':
    case 'unlocked':
      return stub(STUB.GROUP_CHANGE_RESTRICT, [child.tag === 'locked' ? 'on' : 'off'])
    case 'invite':
      return stub(STUB.GROUP_CHANGE_INVITE_LINK, [child.attrs['code'] ?? ''])
    case 'member_add_mode':
      return stub(STUB.GROUP_MEMBER_ADD_MODE, [child.content?.toString() ?? ''])
    case 'membership_approval_mode':
      return stub(STUB.GROUP_MEMBERSHIP_JOIN_APPROVAL_MODE, [getBinaryNodeChild(child, 'group_join')?.attrs['state'] ?? ''])
    case 'created_membership_requests': {
      const asked = getBinaryNodeChild(child, 'requested_user') ?? getBinaryNodeChild(child, 'participant')
      return joinRequest(asked, attrs, 'created', child.attrs['request_method'])
    }
    case 'revoked_membership_requests': {
      const asked = getBinaryNodeChild(child, 'participant')
      return joinRequest(asked, attrs, asked?.attrs['jid'] === actor ? 'revoked' : 'rejected')
    }
    case 'ephemeral':
    case 'not_ephemeral':
      return { message: { protocolMessage: { type: 3, ephemeralExpiration: Number(child.attrs['expiration'] ?? 0) } } }
    default:
      return undefined
  }
}

function joinRequest(asked: BinaryNode | undefined, attrs: BinaryNode['attrs'], action: string, method?: string): Fields {
  const lid = asked?.attrs['jid'] ?? attrs['participant']
  const pn = asked ? asked.attrs['phone_number'] : attrs['participant_pn']
  const parameters = [JSON.stringify({ lid, pn }), action, ...(method ? [method] : [])]
  return stub(STUB.GROUP_MEMBERSHIP_JOIN_APPROVAL_REQUEST_NON_ADMIN_ADD, parameters)
}

function onPicture(node: BinaryNode, context: NotificationContext): void {
  const set = getBinaryNodeChild(node, 'set')
  const removed = getBinaryNodeChild(node, 'delete')
  const from = node.attrs['from'] ?? ''
  context.emit('contacts.update', [{ id: jidNormalizedUser(from) || (set ?? removed)?.attrs['hash'] || '', imgUrl: set ? 'changed' : 'removed' }])
  if (!isJidGroup(from)) return
  const id = set?.attrs['id']
  note(node, stub(STUB.GROUP_CHANGE_ICON, id ? [id] : []), context, (set ?? removed)?.attrs['author'])
}

function onAccount(node: BinaryNode, { creds, emit }: NotificationContext): void {
  const [child] = getAllBinaryNodeChildren(node)
  if (child?.tag === 'disappearing_mode') {
    const defaultDisappearingMode = {
      ephemeralExpiration: Number(child.attrs['duration']),
      ephemeralSettingTimestamp: Number(child.attrs['t']),
    }
    const accountSettings = { ...creds['accountSettings'], defaultDisappearingMode }
    creds['accountSettings'] = accountSettings
    emit('creds.update', { accountSettings })
  } else if (child?.tag === 'blocklist') {
    for (const { attrs } of getBinaryNodeChildren(child, 'item')) {
      emit('blocklist.update', { blocklist: [attrs['jid']], type: attrs['action'] === 'block' ? 'add' : 'remove' })
    }
  }
}

function onNewsletter(node: BinaryNode, { emit, upsert, debug }: NotificationContext): void {
  const { from, participant } = node.attrs
  const id = from as string
  for (const child of getAllBinaryNodeChildren(node)) {
    const { attrs } = child
    switch (child.tag) {
      case 'reaction':
        emit('newsletter.reaction', {
          id,
          server_id: attrs['message_id'],
          reaction: { code: getBinaryNodeChildString(child, 'reaction'), count: 1 },
        })
        break
      case 'view':
        emit('newsletter.view', { id, server_id: attrs['message_id'], count: Number.parseInt(child.content?.toString() || '0', 10) })
        break
      case 'participant':
        emit('newsletter-participants.update', { id, author: participant, user: attrs['jid'], action: attrs['action'], new_role: attrs['role'] })
        break
      case 'update': {
        const settings = getBinaryNodeChild(child, 'settings')
        if (!settings) break
        const update: Fields = {}
        for (const name of ['name', 'description']) {
          const text = getBinaryNodeChildString(settings, name)
          if (text !== undefined) update[name] = text
        }
        emit('newsletter-settings.update', { id, update })
        break
      }
      case 'message': {
        const plaintext = getBinaryNodeChild(child, 'plaintext')?.content
        if (!(plaintext instanceof Uint8Array)) break
        const { Message, WebMessageInfo } = loadProto()
        const message = WebMessageInfo.fromObject({
          key: { remoteJid: id, id: attrs['message_id'] || attrs['server_id'], fromMe: false },
          message: Message.decode(plaintext),
          messageTimestamp: Number(attrs['t']),
        }) as WAMessage
        upsert(message, 'append')
        break
      }
      default:
        debug({ tag: child.tag }, 'news of a channel that tell nothing here')
    }
  }
}

function onMex(node: BinaryNode, { emit, debug }: NotificationContext): void {
  const child = getBinaryNodeChild(node, 'update') ?? getBinaryNodeChild(node, 'mex')
  let told: Fields
  try {
    told = JSON.parse(child?.content?.toString() ?? '') as Fields
  } catch {
    return debug({}, 'a notification that is no JSON')
  }
  const data = (told['data'] ?? told) as Fields
  const operation = child?.attrs['op_name'] ?? (told['operation'] as string | undefined)
  switch (operation) {
    case 'NotificationUserReachoutTimelockUpdate': {
      const lock = data['xwa2_notify_account_reachout_timelock'] as Fields | undefined
      if (lock) emit('connection.update', { reachoutTimeLock: timelock(lock) })
      return
    }
    case 'MessageCappingInfoNotification': {
      const capping = data['xwa2_notify_new_chat_messages_capping_info_update'] as Fields | undefined
      if (capping) emit('message-capping.update', capping)
      return
    }
    case 'NotificationLinkedProfilesUpdates': {
      const linked = data['xwa2_notify_linked_profiles'] as Fields | undefined
      for (const profile of (linked?.['added_profiles'] ?? []) as (string | { pn?: string })[]) {
        const pn = typeof profile === 'string' ? profile : profile.pn
        if (pn) emit('lid-mapping.update', { lid: linked?.['jid'] as string, pn })
      }
      return
    }
    case 'NotificationNewsletterUpdate':
      for (const { jid, settings } of (told['updates'] ?? []) as Fields[]) {
        if (settings && Object.keys(settings as object).length > 0) emit('newsletter-settings.update', { id: jid, update: settings })
      }
      return
    case 'NotificationNewsletterAdminPromote':
      for (const { jid, user } of (told['updates'] ?? []) as Fields[]) {
        if (jid && user) {
          emit('newsletter-participants.update', { id: jid, author: node.attrs['from'], user, new_role: 'ADMIN', action: 'promote' })
        }
      }
      return
    default:
      debug({ operation }, 'a notification that tells nothing here')
  }
}

export function timelock(lock: Fields): Fields {
  if (!lock['is_active']) return { isActive: false, enforcementType: 'DEFAULT' }
  const seconds = Number(lock['time_enforcement_ends'])
  const ends = seconds > 0 ? new Date(seconds * 1000) : new Date(Date.now() + LOCK_MS)
  return { isActive: true, timeEnforcementEnds: ends, enforcementType: lock['enforcement_type'] }
}
