/** The objects of Baileys 6, from those of 7. They have the new names too: a program may have moved half way. */
import type { MessageNode } from '../../../index.js'
import { binaryNode } from '../binary-node.js'
import { NO_MESSAGE_FOUND_ERROR_TEXT } from '../constants.js'
import { normalizeMessageContent } from '../content.js'
import { isLidUser, isPnUser } from '../jid.js'
import type { Contact, GroupMetadata, GroupParticipant, WACallUpdateType, WAMessage, WAMessageKey } from '../types.js'

export type LegacyKey = WAMessageKey & {
  senderPn?: string
  senderLid?: string
  participantPn?: string
  participantLid?: string
}
export type LegacyContact = Contact & { jid?: string }
export type LegacyGroup = GroupMetadata & { ownerJid?: string; subjectOwnerJid?: string; descOwnerJid?: string }

/** A copy that is what the original is: messages may be instances of their protobuf class. */
export function altered<T extends object>(original: T, changes: object): T {
  return Object.assign(Object.create(Object.getPrototypeOf(original) as object | null), original, changes) as T
}

const other = (alt: string | undefined, pn: string, lid: string): object => (!alt ? {} : isLidUser(alt) ? { [lid]: alt } : { [pn]: alt })

/** In a chat of two there is no participant. The other address is that of who wrote: of an own message there is none. */
export function legacyKey(key: WAMessageKey): LegacyKey {
  const { remoteJidAlt, participantAlt, participant, fromMe } = key
  return altered(key, {
    participant: participant || undefined,
    ...(participant ? other(participantAlt ?? remoteJidAlt, 'participantPn', 'participantLid') : fromMe ? {} : other(remoteJidAlt, 'senderPn', 'senderLid')),
  })
}

/** The kinds of stub whose parameters are participants: added, removed, promoted, demoted, invited, left, with a new number, asking to join. */
const PARTICIPANT_STUBS: readonly unknown[] = [27, 28, 29, 30, 31, 32, 33, 71, 172]

const CIPHERTEXT = 2

/** A participant, which is JSON in the stubs of 7, by its JID. */
function jidOfStub(parameter: unknown): unknown {
  if (typeof parameter !== 'string' || !parameter.startsWith('{')) return parameter
  try {
    const { id, lid } = JSON.parse(parameter) as { id?: unknown; lid?: unknown }
    const jid = id ?? lid
    return typeof jid === 'string' ? jid : parameter
  } catch {
    return parameter
  }
}

/** A key inside a message is completed from that of the message, which had no participant to give. */
export function withoutEmptyParticipant(message: WAMessage): void {
  const { reactionMessage, pollUpdateMessage } = normalizeMessageContent(message.message) ?? {}
  const inner = reactionMessage?.key ?? pollUpdateMessage?.pollCreationMessageKey
  if (inner?.participant === '') inner.participant = undefined
}

export function legacyMessage(message: WAMessage): WAMessage {
  const { messageStubType: stub, messageStubParameters: parameters } = message
  withoutEmptyParticipant(message)
  // What only the phone may show counts as not read.
  const unread = message.key?.isViewOnce && !message.message && !stub
  const byJid = PARTICIPANT_STUBS.includes(stub) && Array.isArray(parameters)
  return altered(message, {
    ...(message.key ? { key: legacyKey(message.key) } : {}),
    ...(byJid ? { messageStubParameters: parameters.map(jidOfStub) } : {}),
    ...(unread ? { messageStubType: CIPHERTEXT, messageStubParameters: [NO_MESSAGE_FOUND_ERROR_TEXT] } : {}),
  })
}

const phoneOf = (pn: string | undefined, id: string | undefined): string | undefined => pn || (isPnUser(id) ? id : undefined)
const named = (name: string, jid: string | undefined): object => (jid ? { [name]: jid } : {})

export function legacyContact<C extends Partial<Contact>>(contact: C): C & { jid?: string } {
  const { id, phoneNumber, lid } = contact
  return { ...contact, ...named('jid', phoneOf(phoneNumber, id)), ...named('lid', lid || (isLidUser(id) ? id : undefined)) }
}

/** Chats name people by both addresses, names alone do not. */
export const historyContact = <C extends Partial<Contact>>(contact: C): C & { jid?: string } =>
  'name' in contact ? { ...contact, ...named('jid', phoneOf(contact.phoneNumber, contact.id)) } : contact

export function legacyGroup<G extends Partial<GroupMetadata>>(group: G): G & Partial<LegacyGroup> {
  const { owner, ownerPn, subjectOwner, subjectOwnerPn, descOwner, descOwnerPn, participants } = group
  return {
    ...group,
    ...named('ownerJid', phoneOf(ownerPn, owner)),
    ...named('subjectOwnerJid', phoneOf(subjectOwnerPn, subjectOwner)),
    ...named('descOwnerJid', phoneOf(descOwnerPn, descOwner)),
    ...(participants ? { participants: participants.map(participant => legacyContact(participant)) } : {}),
  }
}

export const participantJid = (participant: GroupParticipant | string): string =>
  typeof participant === 'string' ? participant : participant.id

/** The data of a stream's error is the whole stanza. */
export function legacyError(error: unknown): void {
  const node = (error as { cause?: { data?: { node?: MessageNode } } } | undefined)?.cause?.data?.node
  if (node?.tag === 'stream:error') Object.assign(error as object, { data: binaryNode(node) })
}

/** Stages of a call that 6 does not tell apart. */
const RINGING: readonly WACallUpdateType[] = ['preaccept', 'transport', 'relaylatency']
export const legacyCallStatus = (status: WACallUpdateType): WACallUpdateType => (RINGING.includes(status) ? 'ringing' : status)

const URL_END = '#'
const FIELDS = 4

/** The text of a code: the four fields themselves, without the address that 7 puts before them and what it adds. */
export const legacyQr = (qr: string): string => qr.slice(qr.indexOf(URL_END) + 1).split(',').slice(0, FIELDS).join(',')
