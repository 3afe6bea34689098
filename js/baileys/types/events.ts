/** The events of a socket. */
import type { Boom } from '@hapi/boom'

import type { AuthenticationCreds, LIDMapping } from './auth.js'
import type { WACallEvent } from './calls.js'
import type { Chat, ChatUpdate } from './chats.js'
import type { Contact, PresenceData } from './contacts.js'
import type { GroupMetadata, GroupParticipant, ParticipantAction, RequestJoinAction, RequestJoinMethod } from './groups.js'
import type { Label, LabelAssociation } from './labels.js'
import type { MessageUpsertType, MessageUserReceiptUpdate, WAMessage, WAMessageKey, WAMessageUpdate } from './messages.js'
import type { proto } from './proto.js'
import type { ConnectionState, NewChatMessageCapInfo } from './state.js'

/** Settings of the account, each with its kind of value. */
export type SettingsUpdate =
  | { setting: 'unarchiveChats'; value: boolean }
  | { setting: 'locale'; value: string }
  | { setting: 'disableLinkPreviews'; value: proto.SyncActionValue.IPrivacySettingDisableLinkPreviewsAction }
  | { setting: 'timeFormat'; value: proto.SyncActionValue.ITimeFormatAction }
  | { setting: 'privacySettingRelayAllCalls'; value: proto.SyncActionValue.IPrivacySettingRelayAllCalls }
  | { setting: 'statusPrivacy'; value: proto.SyncActionValue.IStatusPrivacyAction }
  | {
      setting: 'notificationActivitySetting'
      value: proto.SyncActionValue.NotificationActivitySettingAction.NotificationActivitySetting
    }
  | {
      setting: 'channelsPersonalisedRecommendation'
      value: proto.SyncActionValue.IPrivacySettingChannelsPersonalisedRecommendationAction
    }

export interface BaileysEventMap {
  /** Only what changed; a key with `undefined` says that it is gone. */
  'connection.update': Partial<ConnectionState>
  /** The credentials themselves have changed already. */
  'creds.update': Partial<AuthenticationCreds>
  'messaging-history.set': {
    chats: Chat[]
    contacts: Contact[]
    messages: WAMessage[]
    lidPnMappings?: LIDMapping[] | undefined
    isLatest?: boolean | undefined
    progress?: number | null | undefined
    syncType?: proto.HistorySync.HistorySyncType | null | undefined
    pastParticipants?: proto.IPastParticipants[] | null | undefined
    chunkOrder?: number | null | undefined
    peerDataRequestSessionId?: string | null | undefined
  }
  'messaging-history.status': {
    syncType: proto.HistorySync.HistorySyncType
    status: 'complete' | 'paused'
    /** The service said so; otherwise nothing more came for a while. */
    explicit: boolean
  }
  'chats.upsert': Chat[]
  'chats.update': ChatUpdate[]
  'chats.delete': string[]
  'chats.lock': { id: string; locked: boolean }
  'lid-mapping.update': LIDMapping
  /** Of Baileys 6; the same as `lid-mapping.update`. */
  'chats.phoneNumberShare': { lid: string; jid: string }
  'presence.update': { id: string; presences: { [participant: string]: PresenceData } }
  'contacts.upsert': Contact[]
  'contacts.update': Partial<Contact>[]
  'messages.upsert': { messages: WAMessage[]; type: MessageUpsertType; requestId?: string | undefined }
  'messages.update': WAMessageUpdate[]
  'messages.delete': { keys: WAMessageKey[] } | { jid: string; all: true }
  /** Still sealed. */
  'messages.media-update': { key: WAMessageKey; media?: { ciphertext: Uint8Array; iv: Uint8Array } | undefined; error?: Boom | undefined }[]
  /** An empty text takes the reaction back. */
  'messages.reaction': { key: WAMessageKey; reaction: proto.IReaction }[]
  'message-receipt.update': MessageUserReceiptUpdate[]
  'groups.upsert': GroupMetadata[]
  'groups.update': Partial<GroupMetadata>[]
  'group-participants.update': {
    id: string
    author: string
    authorPn?: string | undefined
    authorUsername?: string | undefined
    participants: GroupParticipant[]
    action: ParticipantAction
  }
  'group.join-request': {
    id: string
    author: string
    authorPn?: string | undefined
    authorUsername?: string | undefined
    participant: string
    participantPn?: string | undefined
    action: RequestJoinAction
    method: RequestJoinMethod
  }
  'group.member-tag.update': {
    groupId: string
    participant: string
    participantAlt?: string | undefined
    label: string
    messageTimestamp?: number | undefined
  }
  'blocklist.set': { blocklist: string[] }
  'blocklist.update': { blocklist: string[]; type: 'add' | 'remove' }
  call: WACallEvent[]
  'labels.edit': Label
  'labels.association': { association: LabelAssociation; type: 'add' | 'remove' }
  'newsletter.reaction': {
    id: string
    server_id: string
    reaction: { code?: string | undefined; count?: number | undefined; removed?: boolean | undefined }
  }
  'newsletter.view': { id: string; server_id: string; count: number }
  'newsletter-participants.update': { id: string; author: string; user: string; new_role: string; action: string }
  'newsletter-settings.update': { id: string; update: any }
  'message-capping.update': NewChatMessageCapInfo
  'settings.update': SettingsUpdate
}
export type BaileysEvent = keyof BaileysEventMap

/** What every emitter of these events has. */
export interface BaileysEventEmitter {
  on<E extends BaileysEvent>(event: E, listener: (arg: BaileysEventMap[E]) => void): void
  off<E extends BaileysEvent>(event: E, listener: (arg: BaileysEventMap[E]) => void): void
  removeAllListeners<E extends BaileysEvent>(event?: E): void
  emit<E extends BaileysEvent>(event: E, arg: BaileysEventMap[E]): boolean
}
/** `sock.ev`. */
export interface SocketEventEmitter extends BaileysEventEmitter {
  once<E extends BaileysEvent>(event: E, listener: (arg: BaileysEventMap[E]) => void): void
  /** Several events at once; returns how to unsubscribe. */
  process(handler: (events: Partial<BaileysEventMap>) => void | Promise<void>): () => void
  buffer(): void
  flush(): boolean
  isBuffering(): boolean
  createBufferedFunction<A extends any[], T>(work: (...args: A) => Promise<T>): (...args: A) => Promise<T>
  destroy(): void
}

/** What waits while somebody buffers. */
export interface BufferedEventData {
  historySets: {
    chats: { [jid: string]: Chat }
    contacts: { [jid: string]: Contact }
    messages: { [uniqueId: string]: WAMessage }
    empty: boolean
    isLatest: boolean
    progress?: number | null | undefined
    syncType?: proto.HistorySync.HistorySyncType | undefined
    pastParticipants?: proto.IPastParticipants[] | undefined
    chunkOrder?: number | null | undefined
    peerDataRequestSessionId?: string | undefined
  }
  chatUpserts: { [jid: string]: Chat }
  chatUpdates: { [jid: string]: ChatUpdate }
  chatDeletes: Set<string>
  contactUpserts: { [jid: string]: Contact }
  contactUpdates: { [jid: string]: Partial<Contact> }
  messageUpserts: { [key: string]: { type: MessageUpsertType; message: WAMessage } }
  messageUpdates: { [key: string]: WAMessageUpdate }
  messageDeletes: { [key: string]: WAMessageKey }
  messageReactions: { [key: string]: { key: WAMessageKey; reactions: proto.IReaction[] } }
  messageReceipts: { [key: string]: { key: WAMessageKey; userReceipt: proto.IUserReceipt[] } }
  groupUpdates: { [jid: string]: Partial<GroupMetadata> }
}
