/** Chats, and what changes them. */
import type { AccountSettings } from './auth.js'
import type { QuickReplyAction } from './business.js'
import type { BufferedEventData } from './events.js'
import type { ChatLabelAssociationActionBody, LabelActionBody, MessageLabelAssociationActionBody } from './labels.js'
import type { MinimalMessage, WAMessageKey } from './messages.js'
import type { WAPatchName } from '../constants.js'
import type { proto } from './proto.js'

export type { WAPatchName } from '../constants.js'

export type Chat = proto.IConversation & {
  /** Seconds. */
  lastMessageRecvTimestamp?: number | undefined
}
export type ChatUpdate = Partial<
  Chat & {
    /** Asked where the update waits with others: whether it applies, `undefined` where it is not known yet. */
    conditional: (buffered: BufferedEventData) => boolean | undefined
    timestamp?: number | undefined
  }
>

/** The newest first. */
export type LastMessageList = MinimalMessage[] | proto.SyncActionValue.ISyncActionMessageRange

export type ChatModification =
  | { archive: boolean; lastMessages: LastMessageList }
  | { pushNameSetting: string }
  | { pin: boolean }
  /** Until when, in milliseconds; `null` ends it. */
  | { mute: number | null }
  | { clear: boolean; lastMessages: LastMessageList }
  | { deleteForMe: { deleteMedia: boolean; key: WAMessageKey; timestamp: number } }
  | { star: { messages: { id: string; fromMe?: boolean | undefined }[]; star: boolean } }
  | { markRead: boolean; lastMessages: LastMessageList }
  | { delete: true; lastMessages: LastMessageList }
  | { contact: proto.SyncActionValue.IContactAction | null }
  | { disableLinkPreviews: proto.SyncActionValue.IPrivacySettingDisableLinkPreviewsAction }
  | { addLabel: LabelActionBody }
  | { addChatLabel: ChatLabelAssociationActionBody }
  | { removeChatLabel: ChatLabelAssociationActionBody }
  | { addMessageLabel: MessageLabelAssociationActionBody }
  | { removeMessageLabel: MessageLabelAssociationActionBody }
  | { quickReply: QuickReplyAction }

/** One change of a collection of the app state. */
export interface ChatMutation {
  syncAction: proto.ISyncActionData
  index: string[]
}
export interface ChatMutationMap {
  [index: string]: ChatMutation
}
export interface WAPatchCreate {
  syncAction: proto.ISyncActionValue
  index: string[]
  type: WAPatchName
  apiVersion: number
  operation: proto.SyncdMutation.SyncdOperation
}

export interface InitialReceivedChatsState {
  /** Seconds: of the other side's last message, and of the last one at all. */
  [jid: string]: { lastMsgRecvTimestamp?: number | undefined; lastMsgTimestamp: number }
}
export interface InitialAppStateSyncOptions {
  accountSettings: AccountSettings
}
