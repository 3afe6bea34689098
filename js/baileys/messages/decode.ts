/** A stanza of a message as a WAMessage. */
import { MISSING_KEYS_ERROR_TEXT, NO_MESSAGE_FOUND_ERROR_TEXT } from '../constants.js'
import {
  areJidsSameUser, isHostedLidUser, isHostedPnUser, isJidBroadcast, isJidGroup, isJidMetaAI, isJidNewsletter, isLidUser, isPnUser,
} from '../jid.js'
import { cleanMessage } from '../keys.js'
import { loadProto } from '../proto.js'
import { extractAddressingContext } from '../stanzas.js'
import type { WAMessage, WAMessageKey } from '../types.js'
import type { WireEvent } from '../../internals.js'

const CIPHERTEXT = 2
const SERVER_ACK = 2
/** As the library for ciphers says it that Baileys uses; programs look for these texts. */
const PROBLEMS = {
  absent: NO_MESSAGE_FOUND_ERROR_TEXT,
  'no-session': 'No session record',
  'used-key': MISSING_KEYS_ERROR_TEXT,
  'wrong-key': 'No matching sessions found for message',
  malformed: 'No matching sessions found for message',
}

export interface Me {
  id: string
  lid?: string | undefined
}

const isMe = (jid: string | undefined, me: Me): boolean => jid !== undefined && (areJidsSameUser(jid, me.id) || (me.lid !== undefined && areJidsSameUser(jid, me.lid)))
const isPerson = (jid: string): boolean => Boolean(isPnUser(jid) || isLidUser(jid) || isHostedPnUser(jid) || isHostedLidUser(jid))

/** Chat, author and key, as the attributes of the stanza tell. */
export function keyOf(attrs: Record<string, string>, me: Me): WAMessageKey {
  const { id, recipient, participant } = attrs
  const from = attrs['from'] ?? ''
  const { addressingMode, senderAlt, recipientAlt } = extractAddressingContext({ tag: 'message', attrs })
  const person = isPerson(from)
  const fromMe = isMe(person || isJidNewsletter(from) ? from : participant, me)
  const chat = person && fromMe && recipient && !isJidMetaAI(recipient) ? recipient : from
  const many = !person && !isJidNewsletter(from)
  const key: WAMessageKey = {
    remoteJid: chat,
    remoteJidAlt: isJidGroup(chat) ? undefined : fromMe && person && recipient ? (recipientAlt ?? senderAlt) : senderAlt,
    remoteJidUsername: attrs['peer_recipient_username'] ?? attrs['recipient_username'],
    fromMe,
    id,
    participant: many ? participant : undefined,
    participantAlt: isJidGroup(chat) ? senderAlt : undefined,
    participantUsername: attrs['participant_username'],
    addressingMode,
  }
  if (isJidNewsletter(from) && attrs['server_id']) key.server_id = attrs['server_id']
  return key
}

/** The message: a plain object whose `message` is a proto instance. */
export function toWAMessage(wire: Extract<WireEvent, { kind: 'message' }>, me: Me): WAMessage {
  const { attrs, nodes, problem, raw } = wire
  const key = keyOf(attrs, me)
  const message: WAMessage = {
    key,
    category: attrs['category'],
    messageTimestamp: Number(attrs['t'] ?? 0),
    pushName: attrs['notify'],
    broadcast: Boolean(isJidBroadcast(attrs['from'])),
  }
  if (key.fromMe) message.status = SERVER_ACK
  const unavailable = nodes.find(({ tag }) => tag === 'unavailable')
  if (unavailable?.attrs?.['type'] === 'view_once') key.isViewOnce = true
  const name = verifiedName(nodes)
  if (name) (message as { verifiedBizName?: string }).verifiedBizName = name
  if (wire.count) (message as { retryCount?: number }).retryCount = wire.count
  if (problem) {
    message.messageStubType = CIPHERTEXT
    message.messageStubParameters = [PROBLEMS[problem]]
  } else if (raw.length > 0 || !unavailable) {
    // Its own bytes: what is in it may be kept for longer than what came with it.
    message.message = loadProto().Message.decode(Buffer.from(raw))
  }
  cleanMessage(message, me.id, me.lid ?? '')
  return message
}

function verifiedName(nodes: { tag: string; content?: unknown }[]): string | undefined {
  const { content } = nodes.find(({ tag }) => tag === 'verified_name') ?? {}
  if (!(content instanceof Uint8Array)) return undefined
  try {
    const proto = loadProto() as unknown as { VerifiedNameCertificate: any }
    const { details } = proto.VerifiedNameCertificate.decode(content)
    return proto.VerifiedNameCertificate.Details.decode(details).verifiedName
  } catch {
    return undefined
  }
}
