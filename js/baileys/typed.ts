/**
 * Helpers with the types that Baileys gives them. Where they are made they are typed by the few fields that they look at; programs are
 * to see whole messages, contents and options.
 */
import * as chatModification from './chat-modification.js'
import * as compose from './compose.js'
import * as content from './content.js'
import * as generate from './generate.js'
import * as history from './history-sync.js'
import * as mediaRetry from './media-retry.js'
import * as nodes from './nodes.js'
import * as prepareMedia from './prepare-media.js'
import type { proto } from './proto.js'
import type { ILogger } from './quiet-logger.js'
import * as syncAction from './sync-action.js'
import type {
  AnyMediaMessageContent, AnyMessageContent, BaileysEventEmitter, BinaryNode, Chat, ChatModification, ChatMutation, Contact,
  InitialAppStateSyncOptions, LIDMapping, MessageContentGenerationOptions, MessageGenerationOptions, WAMessage, WAMessageContent, WAPatchCreate,
  WAUrlInfo,
} from './types.js'

interface History {
  chats: Chat[]
  contacts: Contact[]
  messages: WAMessage[]
  lidPnMappings: LIDMapping[]
  pastParticipants: proto.IPastParticipants[] | null | undefined
  syncType: proto.HistorySync.HistorySyncType | null | undefined
  progress: number | null | undefined
}
type Notification = proto.Message.IHistorySyncNotification

export const chatModificationToAppPatch = chatModification.chatModificationToAppPatch as unknown as (mod: ChatModification, jid: string) => WAPatchCreate
export const processSyncAction = syncAction.processSyncAction as unknown as (
  action: ChatMutation,
  ev: BaileysEventEmitter,
  me: Contact,
  initialSyncOpts?: InitialAppStateSyncOptions,
  logger?: ILogger,
) => void

export const downloadHistory = history.downloadHistory as unknown as (msg: Notification, options: RequestInit) => Promise<proto.HistorySync>
export const downloadAndProcessHistorySyncNotification = history.downloadAndProcessHistorySyncNotification as unknown as (
  msg: Notification,
  options: RequestInit,
  logger?: ILogger,
) => Promise<History>
export const processHistoryMessage = history.processHistoryMessage as unknown as (item: proto.IHistorySync, logger?: ILogger) => History
export const getHistoryMsg = content.getHistoryMsg as unknown as (message: proto.IMessage) => Notification

export const generateWAMessageContent = compose.generateWAMessageContent as unknown as (
  message: AnyMessageContent,
  options: MessageContentGenerationOptions,
) => Promise<proto.Message>
export const generateWAMessage = compose.generateWAMessage as unknown as (
  jid: string,
  content: AnyMessageContent,
  options: MessageGenerationOptions,
) => Promise<WAMessage>
export const prepareWAMessageMedia = prepareMedia.prepareWAMessageMedia as unknown as (
  message: AnyMediaMessageContent,
  options: MessageContentGenerationOptions,
) => Promise<proto.Message>
export const prepareDisappearingMessageSettingContent = generate.prepareDisappearingMessageSettingContent as unknown as (
  ephemeralExpiration?: number,
) => proto.Message
export const generateForwardMessageContent = generate.generateForwardMessageContent as unknown as (
  message: WAMessage,
  forceForward?: boolean,
) => WAMessageContent
export const generateLinkPreviewIfRequired = generate.generateLinkPreviewIfRequired as unknown as (
  text: string,
  getUrlInfo: MessageContentGenerationOptions['getUrlInfo'],
  logger: MessageContentGenerationOptions['logger'],
) => Promise<WAUrlInfo | undefined>

export const decryptMediaRetryData = mediaRetry.decryptMediaRetryData as unknown as (
  sealed: { ciphertext: Uint8Array; iv: Uint8Array },
  mediaKey: Uint8Array,
  msgId: string,
) => proto.MediaRetryNotification
export const getBinaryNodeMessages = nodes.getBinaryNodeMessages as unknown as (node: BinaryNode) => proto.WebMessageInfo[]
