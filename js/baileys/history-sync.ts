/** The history that the phone sends: fetched, inflated, and sorted into what a program stores. */
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createInflate, inflate } from 'node:zlib'

import { toNumber } from './bits.js'
import { downloadContentFromMessage } from './download.js'
import { isHostedLidUser, isHostedPnUser, isLidUser, isPnUser } from './jid.js'
import { loadProto } from './proto.js'
import type { Contact, DownloadableMessage, Long, ProtoClass, WAMessage } from './types.js'

/** A conversation of the history; of its messages only the first, which is the newest, stays in it. */
export interface HistoryChat {
  id: string
  name?: string | null
  displayName?: string | null
  username?: string | null
  pnJid?: string | null
  lidJid?: string | null
  accountLid?: string | null
  messages?: { message?: WAMessage | null }[] | null
  /** Seconds. */
  lastMessageRecvTimestamp?: number
  [field: string]: unknown
}
/** `proto.HistorySync`, as far as it is read. */
export interface HistorySync {
  syncType?: number | null
  progress?: number | null
  conversations?: HistoryChat[] | null
  pushnames?: { id?: string | null; pushname?: string | null }[] | null
  phoneNumberToLidMappings?: { lidJid?: string | null; pnJid?: string | null }[] | null
  pastParticipants?: object[] | null
  [field: string]: unknown
}
export interface LIDMapping {
  lid: string
  pn: string
}
export interface ProcessedHistory {
  chats: HistoryChat[]
  contacts: (Contact & { username?: string | undefined })[]
  messages: WAMessage[]
  lidPnMappings: LIDMapping[]
  pastParticipants: object[] | null | undefined
  syncType: number | null | undefined
  progress: number | null | undefined
}
/** `proto.Message.IHistorySyncNotification`, as far as it is read. */
export interface HistorySyncNotification extends DownloadableMessage {
  initialHistBootstrapInlinePayload?: Uint8Array | null
  [field: string]: unknown
}
interface HistoryLogger {
  trace(value: unknown, message?: string): void
}

/** Of `HistorySync.HistorySyncType`. */
const WITH_CHATS: unknown[] = [0, 2, 3, 6] // INITIAL_BOOTSTRAP, FULL, RECENT, ON_DEMAND
const PUSH_NAME = 4
/** Of `WebMessageInfo.StubType`: a business that lets others answer for it. */
const BUSINESS_NAMES: unknown[] = [128, 129] // BIZ_PRIVACY_MODE_TO_FB, BIZ_PRIVACY_MODE_TO_BSP
/** What one piece of history may inflate to. */
const MAX_INFLATED = 1 << 30

const isLid = (jid: string): boolean => !!(isLidUser(jid) || isHostedLidUser(jid))
const isPn = (jid: string | undefined): jid is string => !!(isPnUser(jid) || isHostedPnUser(jid))

const decode = (bytes: Uint8Array): HistorySync => (loadProto()['HistorySync'] as unknown as ProtoClass<HistorySync>).decode(bytes)

export const downloadHistory = async (msg: HistorySyncNotification, options: RequestInit): Promise<HistorySync> => {
  const encrypted = await downloadContentFromMessage(msg as DownloadableMessage, 'md-msg-hist', { options })
  const pieces: Buffer[] = []
  let size = 0
  await pipeline(encrypted, createInflate(), async (inflated: AsyncIterable<Buffer>) => {
    for await (const piece of inflated) {
      size += piece.length
      if (size > MAX_INFLATED) throw new RangeError('The history inflates to more than is taken.')
      pieces.push(piece)
    }
  })
  return decode(Buffer.concat(pieces))
}

const inflated = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflate)

export const downloadAndProcessHistorySyncNotification = async (
  msg: HistorySyncNotification,
  options: RequestInit,
  logger: HistoryLogger | undefined,
): Promise<ProcessedHistory> => {
  const inline = msg.initialHistBootstrapInlinePayload
  const item = inline ? decode(await inflated(inline, { maxOutputLength: MAX_INFLATED })) : await downloadHistory(msg, options)
  return processHistoryMessage(item, logger)
}

/** Takes the messages out of the conversations of `item` itself. */
export const processHistoryMessage = (item: HistorySync, logger: HistoryLogger | undefined): ProcessedHistory => {
  const { syncType, progress, pastParticipants } = item
  logger?.trace({ progress, syncType }, 'reading history')
  const history: ProcessedHistory = { chats: [], contacts: [], messages: [], lidPnMappings: [], pastParticipants, syncType, progress }
  for (const { lidJid, pnJid } of item.phoneNumberToLidMappings || []) {
    if (lidJid && pnJid) history.lidPnMappings.push({ lid: lidJid, pn: pnJid })
  }
  if (WITH_CHATS.includes(syncType)) {
    for (const chat of item.conversations as HistoryChat[]) addChat(history, chat)
  } else if (syncType === PUSH_NAME) {
    for (const { id, pushname } of item.pushnames as NonNullable<HistorySync['pushnames']>) {
      history.contacts.push({ id, notify: pushname } as Contact)
    }
  }
  return history
}

function addChat(history: ProcessedHistory, chat: HistoryChat): void {
  const { id, displayName, name, username, lidJid, accountLid, pnJid } = chat
  const messages = (chat.messages || []).map(({ message }) => message as WAMessage)
  history.contacts.push({
    id,
    name: displayName || name || username || undefined,
    username: username || undefined,
    lid: lidJid || accountLid || undefined,
    phoneNumber: pnJid || undefined,
  })
  const mapping = mappingOf(chat, messages)
  if (mapping) history.lidPnMappings.push(mapping)

  delete chat.messages
  for (const message of messages) {
    history.messages.push(message)
    const { key, messageTimestamp, messageStubType, messageStubParameters } = message
    if (!key.fromMe && !chat.lastMessageRecvTimestamp) chat.lastMessageRecvTimestamp = toNumber(messageTimestamp as number | Long | null)
    const verifiedName = messageStubParameters?.[0]
    if (verifiedName && BUSINESS_NAMES.includes(messageStubType)) {
      history.contacts.push({ id: (key.participant || key.remoteJid) as string, verifiedName })
    }
  }
  const [newest] = messages
  if (newest) chat.messages = [{ message: newest }]
  history.chats.push(chat)
}

/** The two addresses of the other person of a chat, where the chat tells both. */
function mappingOf({ id, pnJid, lidJid }: HistoryChat, messages: WAMessage[]): LIDMapping | undefined {
  if (isLid(id)) {
    const pn = pnJid || recipientOf(messages)
    return pn ? { lid: id, pn } : undefined
  }
  return isPn(id) && lidJid ? { lid: lidJid, pn: id } : undefined
}

/** Who received the own messages of a chat, by phone number. */
function recipientOf(messages: WAMessage[]): string | undefined {
  const receivers = messages.filter(message => message?.key?.fromMe).map(({ userReceipt }) => userReceipt?.[0]?.userJid)
  return receivers.find(jid => isPn(jid ?? undefined)) ?? undefined
}
