/** A message stanza as a WAMessage: first what stands in it in the open, then what its ciphertexts hold. */
import { Boom } from '@hapi/boom'

import { unpadRandomMax16 } from './bits.js'
import { DECRYPTION_RETRY_CONFIG, NO_MESSAGE_FOUND_ERROR_TEXT } from './constants.js'
import {
  areJidsSameUser, isHostedLidUser, isHostedPnUser, isJidBroadcast, isJidGroup, isJidMetaAI, isJidNewsletter, isLidUser, isPnUser,
} from './jid.js'
import type { BinaryNode } from './nodes.js'
import { loadProto } from './proto.js'
import { extractAddressingContext } from './stanzas.js'
import type { ProtoClass, WAMessage, WAMessageContent, WAMessageKey } from './types.js'

const SERVER_ACK = 2
const STUB_CIPHERTEXT = 2

/** What decrypts: the sessions of a socket. */
export interface DecryptingRepository {
  decryptMessage(about: { jid: string; type: 'pkmsg' | 'msg'; ciphertext: Uint8Array }): Promise<Uint8Array>
  decryptGroupMessage(about: { group: string; authorJid: string; msg: Uint8Array }): Promise<Uint8Array>
  processSenderKeyDistributionMessage(about: { item: object; authorJid: string }): Promise<void>
  lidMapping: LidMapping
  migrateSession(fromJid: string, toJid: string): Promise<unknown>
}
interface LidMapping {
  getLIDForPN(pn: string): Promise<string | null | undefined>
  storeLIDPNMappings(pairs: { lid: string; pn: string }[]): Promise<unknown>
}
interface DecryptLogger {
  debug(value: unknown, message?: string): void
  info(value: unknown, message?: string): void
  warn(value: unknown, message?: string): void
  error(value: unknown, message?: string): void
}

const isUser = (jid: string): boolean => !!(isPnUser(jid) || isLidUser(jid) || isHostedPnUser(jid) || isHostedLidUser(jid))

/** The address that a person's session is kept under: by LID where it is known. */
export const getDecryptionJid = async (sender: string, repository: { lidMapping: Pick<LidMapping, 'getLIDForPN'> }): Promise<string> => {
  if (isLidUser(sender) || isHostedLidUser(sender)) return sender
  return (await repository.lidMapping.getLIDForPN(sender)) || sender
}

/** Which chat a stanza belongs to, and who wrote it. */
function placeOf(stanza: BinaryNode, isMe: (jid: string) => boolean): { chat: string; author: string; fromMe: boolean; direct: boolean } {
  const { from, recipient, participant } = stanza.attrs as { from: string; recipient?: string; participant?: string }
  if (isUser(from)) {
    const fromMe = isMe(from)
    // What an own device sent to somebody else. Assistants name the user as recipient.
    const forwarded = recipient && !isJidMetaAI(recipient)
    if (forwarded && !fromMe) throw new Boom('receipient present, but msg not from me', { data: stanza })
    return { chat: forwarded ? recipient : from, author: from, fromMe, direct: true }
  }
  if (isJidGroup(from) || isJidBroadcast(from)) {
    if (!participant) throw new Boom('No participant in group message')
    return { chat: from, author: participant, fromMe: isMe(participant), direct: false }
  }
  if (isJidNewsletter(from)) return { chat: from, author: from, fromMe: isMe(from), direct: false }
  throw new Boom('Unknown message type', { data: stanza })
}

/** What stands in the open. @throws Boom 500 */
export function decodeMessageNode(
  stanza: BinaryNode,
  meId: string,
  meLid: string,
): { fullMessage: WAMessage; author: string; sender: string } {
  const { attrs } = stanza
  const { id, from } = attrs
  if (!id) throw new Boom('Invalid message stanza: missing id attribute', { data: stanza })
  if (!from) throw new Boom('Invalid message stanza: missing from attribute', { data: stanza })
  const { addressingMode, senderAlt } = extractAddressingContext(stanza)
  const isMe = (jid: string): boolean => areJidsSameUser(jid, meId) || areJidsSameUser(jid, meLid)
  const { chat, author, fromMe, direct } = placeOf(stanza, isMe)
  const group = isJidGroup(chat)
  const key: WAMessageKey = {
    remoteJid: chat,
    remoteJidAlt: group ? undefined : senderAlt,
    remoteJidUsername: group ? undefined : attrs['peer_recipient_username'] || attrs['recipient_username'],
    fromMe,
    id,
    participant: attrs['participant'],
    participantAlt: group ? senderAlt : undefined,
    participantUsername: attrs['participant'] ? attrs['participant_username'] : undefined,
    addressingMode,
    ...(isJidNewsletter(chat) && attrs['server_id'] ? { server_id: attrs['server_id'] } : {}),
  }
  const fullMessage: WAMessage = {
    key,
    category: attrs['category'],
    messageTimestamp: Number(attrs['t']),
    pushName: attrs['notify'],
    broadcast: Boolean(isJidBroadcast(from)),
    ...(fromMe ? { status: SERVER_ACK } : {}),
  }
  return { fullMessage, author, sender: direct ? author : chat }
}

type FullMessage = WAMessage & { verifiedBizName?: string }

/** As {@link decodeMessageNode}; `decrypt` puts the content into the message, or why there is none. */
export const decryptMessageNode = (
  stanza: BinaryNode,
  meId: string,
  meLid: string,
  repository: DecryptingRepository,
  logger: DecryptLogger,
): { fullMessage: WAMessage; category: string | undefined; author: string; decrypt(): Promise<void> } => {
  const { fullMessage, author, sender } = decodeMessageNode(stanza, meId, meLid)
  const decrypt = async (): Promise<void> => {
    let found = false
    for (const part of Array.isArray(stanza.content) ? stanza.content : []) {
      found = (await readPart(part)) || found
    }
    if (!found && !fullMessage.key?.isViewOnce) undecrypted(NO_MESSAGE_FOUND_ERROR_TEXT)
  }
  const undecrypted = (reason: string): void => {
    fullMessage.messageStubType = STUB_CIPHERTEXT
    fullMessage.messageStubParameters = [reason]
  }

  /** Whether the part was a content. */
  async function readPart({ tag, attrs, content }: BinaryNode): Promise<boolean> {
    if (tag === 'verified_name' && content instanceof Uint8Array) (fullMessage as FullMessage).verifiedBizName = verifiedName(content)
    // The content of a view-once message goes to the phone alone.
    if (tag === 'unavailable' && attrs['type'] === 'view_once') fullMessage.key.isViewOnce = true
    if ((tag !== 'enc' && tag !== 'plaintext') || !(content instanceof Uint8Array)) return false
    const jid = await getDecryptionJid(author, repository)
    if (tag === 'enc') await learnLid(stanza, author, repository, jid, logger)
    try {
      const type = tag === 'plaintext' ? tag : attrs['type']
      add(await contentOf(type, jid, content))
    } catch (error) {
      const { message } = error as Error
      const withoutSession = DECRYPTION_RETRY_CONFIG.sessionRecordErrors.some(text => message?.includes(text))
      logger.error({ key: fullMessage.key, error, sender, author, withoutSession }, 'could not decrypt a message')
      undecrypted(message.toString())
    }
    return true
  }

  async function contentOf(type: string | undefined, jid: string, content: Uint8Array): Promise<WAMessageContent> {
    const bytes = type === 'plaintext' ? content : unpadRandomMax16(await decryptedOf(type, jid, content))
    const message = loadProto().Message.decode(bytes)
    const inner = (message['deviceSentMessage'] as { message?: WAMessageContent | null } | null | undefined)?.message || message
    await learnSenderKey(inner)
    return inner
  }

  async function decryptedOf(type: string | undefined, jid: string, ciphertext: Uint8Array): Promise<Uint8Array> {
    if (type === 'skmsg') return repository.decryptGroupMessage({ group: sender, authorJid: author, msg: ciphertext })
    if (type === 'pkmsg' || type === 'msg') return repository.decryptMessage({ jid, type, ciphertext })
    throw new Error(`Unknown e2e type: ${type}`)
  }

  /** A sender key that cannot be used does not hide the rest of the message. */
  async function learnSenderKey({ senderKeyDistributionMessage: item }: WAMessageContent): Promise<void> {
    if (!item) return
    try {
      await repository.processSenderKeyDistributionMessage({ authorJid: author, item })
    } catch (error) {
      logger.error({ key: fullMessage.key, error }, 'could not use a sender key')
    }
  }

  function add(content: WAMessageContent): void {
    if (fullMessage.message) Object.assign(fullMessage.message, content)
    else fullMessage.message = content
  }

  return { fullMessage, category: stanza.attrs['category'], author, decrypt }
}

function verifiedName(certificate: Uint8Array): string {
  const { VerifiedNameCertificate } = loadProto() as unknown as {
    VerifiedNameCertificate: ProtoClass<{ details: Uint8Array }> & { Details: ProtoClass<{ verifiedName: string }> }
  }
  return VerifiedNameCertificate.Details.decode(VerifiedNameCertificate.decode(certificate).details).verifiedName
}

/** A person writes by number, the stanza tells the LID too, and the session is not kept under it yet. */
async function learnLid(
  stanza: BinaryNode,
  sender: string,
  repository: DecryptingRepository,
  decryptionJid: string,
  logger: DecryptLogger,
): Promise<void> {
  const { senderAlt } = extractAddressingContext(stanza)
  if (!senderAlt || !isLidUser(senderAlt) || !isPnUser(sender) || decryptionJid !== sender) return
  try {
    await repository.lidMapping.storeLIDPNMappings([{ lid: senderAlt, pn: sender }])
    await repository.migrateSession(sender, senderAlt)
    logger.debug({ sender, senderAlt }, 'the session is kept by LID now')
  } catch (error) {
    logger.warn({ sender, senderAlt, error }, 'could not keep the LID of a sender')
  }
}
