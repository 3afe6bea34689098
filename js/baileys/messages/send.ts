/** `sendMessage`, `relayMessage`, receipts: what a socket says to others. Source: contract §7 and §8. */
import { Boom } from '@hapi/boom'

import type { MessageNode } from '../../../index.js'
import { rawContent, toPlain } from '../../content.js'
import type { RelayOptions as EngineRelayOptions } from '../../internals.js'
import { unixTimestampSeconds } from '../bits.js'
import { WA_DEFAULT_EPHEMERAL } from '../constants.js'
import { generateMessageIDV2, normalizeMessageContent } from '../content.js'
import type { SocketContext } from '../context.js'
import { isHostedLidUser, isHostedPnUser, isJidGroup, isJidNewsletter, isJidStatusBroadcast, isLidUser, isPnUser, jidNormalizedUser } from '../jid.js'
import { aggregateMessageKeysNotFromMe } from '../keys.js'
import type { BinaryNode } from '../nodes.js'
import { loadProto } from '../proto.js'
import type { MessageKey, WAMessage, WAMessageContent, WAMessageKey } from '../types.js'
import { buildAckStanza } from '../stanzas.js'
import { makeChatFacts } from './chat-facts.js'
import { makePatching } from './patch.js'

type Fields = { [field: string]: any }

export interface RelayOptions {
  messageId?: string
  participant?: { jid: string; count: number }
  additionalAttributes?: { [name: string]: string }
  additionalNodes?: BinaryNode[]
  useUserDevicesCache?: boolean
  useCachedGroupMetadata?: boolean
  statusJidList?: string[]
}

/** What the engine writes itself; a program's own values for it are left out. */
const OWN_ATTRIBUTES = new Set([
  'id', 'to', 'type', 'edit', 'participant', 'recipient', 'phash', 'addressing_mode', 'device_fanout', 'peer_recipient_pn', 'peer_recipient_lid',
])
/** Elements that follow from the message, and that the engine adds. */
const OWN_NODES = new Set(['participants', 'enc', 'device-identity', 'reporting', 'tctoken'])
/** Numbers of the schema. */
const PROTOCOL_TYPES_FOR_PHONE = new Set([16])

interface Members {
  groupToggleEphemeral(jid: string, ephemeralExpiration: number): Promise<unknown>
  fetchPrivacySettings(force?: boolean): Promise<{ [category: string]: string }>
  [member: string]: unknown
}

/** The members that send. `members` are the socket's, as the program may have replaced them. */
export function makeSending(context: SocketContext, members: () => Members) {
  const { config, creds, logger } = context

  const patched = makePatching(context, () => members() as never)
  const prepare = makeChatFacts(context)

  const relayMessage = (jid: string, message: WAMessageContent, options: RelayOptions = {}): Promise<string> =>
    relay(jid, message, options, options.messageId)

  /** `given`: an id that may have been used before. */
  async function relay(jid: string, message: WAMessageContent, options: RelayOptions, given: string | undefined): Promise<string> {
    context.me()
    const { messageId: id = generateMessageIDV2(creds.me?.id), additionalAttributes = {}, additionalNodes = [], statusJidList, participant } = options
    context.client()
    const { Message } = loadProto()
    const protocol = normalizeMessageContent(message)?.['protocolMessage'] as Fields | undefined
    if (additionalAttributes['category'] === 'peer' || (protocol && PROTOCOL_TYPES_FOR_PHONE.has(protocol['type'] as number))) {
      const { message: forPhone } = await patched(message, jid, true)
      return context.ask<string>('signal.toPhone', { message: Message.encode(forPhone).finish() })
    }
    const attrs: Fields = {}
    for (const [name, value] of Object.entries(additionalAttributes)) {
      if (!OWN_ATTRIBUTES.has(name)) attrs[name] = String(value)
    }
    const nodes = additionalNodes.filter(({ tag }) => !OWN_NODES.has(tag)) as MessageNode[]
    if (participant?.jid && !isJidNewsletter(jid)) {
      const count = Number(participant.count)
      const content = toPlain(rawContent(Message.encode(message).finish(), { attrs, nodes }), {})
      const asked = Number.isInteger(count) && count >= 0 ? { count } : {}
      await context.ask('signal.give', { id, chat: jidNormalizedUser(jid) || jid, jid: participant.jid, content, ...asked })
      return id
    }
    await prepare(jid, options)
    const { message: patchedMessage, variants } = await patched(message, jid)
    const more: EngineRelayOptions = {}
    if (Object.keys(attrs).length > 0) more.attrs = attrs
    if (nodes.length > 0) more.nodes = nodes
    if (variants) more.variants = variants.map(({ jid, message }) => ({ jid, raw: Message.encode(message).finish() }))
    if (isJidStatusBroadcast(jid)) more.recipients = (statusJidList ?? []).map(jidNormalizedUser)
    const isPlain = Object.keys(more).length === 0
    await context.relay(jidNormalizedUser(jid) || jid, Message.encode(patchedMessage).finish(), id, given === undefined, isPlain ? undefined : more)
    return id
  }

  async function sendMessage(jid: string, content: Fields, options: Fields = {}): Promise<WAMessage | undefined> {
    const userJid = (creds.me as { id: string }).id
    const timer = typeof content === 'object' && 'disappearingMessagesInChat' in content ? (content['disappearingMessagesInChat'] as unknown) : undefined
    if (timer !== undefined && isJidGroup(jid)) {
      const seconds = typeof timer === 'boolean' ? (timer ? WA_DEFAULT_EPHEMERAL : 0) : (timer as number)
      await members().groupToggleEphemeral(jid, seconds)
      return undefined
    }
    const sock = members()
    const full = await context.edition.generate(jid, content, {
      logger,
      userJid,
      getUrlInfo: (text: string) => urlInfo(text),
      getProfilePicUrl: sock['profilePictureUrl'],
      getCallLink: sock['createCallLink'],
      upload: sock['waUploadToServer'],
      mediaCache: config['mediaCache'],
      options: config['options'],
      messageId: generateMessageIDV2(userJid),
      ...options,
    } as never)
    const { id } = full.key
    const relayed = {
      messageId: id as string,
      statusJidList: options['statusJidList'],
      additionalAttributes: options['additionalAttributes'],
      additionalNodes: options['additionalNodes'],
      useCachedGroupMetadata: options['useCachedGroupMetadata'],
    }
    await relay(jid, full.message as WAMessageContent, relayed, options['messageId'] as string | undefined)
    if (config.emitOwnEvents ?? true) process.nextTick(() => void context.upsertMessage(full, 'append').catch(() => undefined))
    return full
  }

  async function urlInfo(text: string): Promise<Fields | undefined> {
    const { getUrlInfo } = await import('../index.js')
    const options: Fields = {
      thumbnailWidth: config['linkPreviewImageThumbnailWidth'] ?? 192,
      fetchOpts: { timeout: 3000, ...(config['options'] as object | undefined) },
      logger,
    }
    if (config['generateHighQualityLinkPreview']) options['uploadImage'] = members()['waUploadToServer']
    return (getUrlInfo as unknown as (text: string, options: Fields) => Promise<Fields | undefined>)(text, options)
  }

  async function sendReceipt(jid: string, participant: string | undefined, messageIds: string[], type?: string): Promise<void> {
    const [first, ...others] = messageIds
    if (!first) throw new Boom('missing ids in receipt')
    const attrs: BinaryNode['attrs'] = { id: first }
    if (type === 'read' || type === 'read-self') attrs['t'] = String(unixTimestampSeconds())
    if (type === 'sender' && (isPnUser(jid) || isLidUser(jid) || isHostedLidUser(jid) || isHostedPnUser(jid))) {
      attrs['recipient'] = jid
      attrs['to'] = participant as string
    } else {
      attrs['to'] = jid
      if (participant) attrs['participant'] = participant
    }
    if (type) attrs['type'] = type
    const list: BinaryNode = { tag: 'list', attrs: {}, content: others.map(id => ({ tag: 'item', attrs: { id } })) }
    await context.sendNode({ tag: 'receipt', attrs, ...(others.length > 0 ? { content: [list] } : {}) })
  }

  async function sendReceipts(keys: WAMessageKey[], type?: string): Promise<void> {
    for (const { jid, participant, messageIds } of aggregateMessageKeysNotFromMe(keys)) {
      await sendReceipt(jid, participant, messageIds, type)
    }
  }

  async function readMessages(keys: WAMessageKey[]): Promise<void> {
    const { readreceipts } = await members().fetchPrivacySettings()
    await sendReceipts(keys, readreceipts === 'all' ? 'read' : 'read-self')
  }

  async function sendMessageAck(node: BinaryNode, errorCode?: number): Promise<void> {
    await context.sendNode(buildAckStanza(node, errorCode, creds.me?.id))
  }

  async function sendPeerDataOperationMessage(pdoMessage: Fields): Promise<string> {
    context.me()
    const { PEER_DATA_OPERATION_REQUEST_MESSAGE } = (loadProto().Message as any).ProtocolMessage.Type
    const message = { protocolMessage: { peerDataOperationRequestMessage: pdoMessage, type: PEER_DATA_OPERATION_REQUEST_MESSAGE } }
    return context.ask<string>('signal.toPhone', { message: loadProto().Message.encode(message).finish() })
  }

  return { relayMessage, sendMessage, sendReceipt, sendReceipts, readMessages, sendMessageAck, sendPeerDataOperationMessage }
}

export type { MessageKey }
