/** The socket: everything that `makeWASocket` returns. The members are properties, since programs replace them. */
import type { EventEmitter } from 'node:events'
import type { Boom } from '@hapi/boom'

import type { ILogger } from '../quiet-logger.js'
import type { BinaryNode } from '../nodes.js'
import type { USyncQueryResultList } from '../prekeys.js'
import type { MessageRetryManager } from '../retry-manager.js'
import type { USyncQuery, USyncQueryResult } from '../usync.js'
import type { AuthenticationCreds, SignalKeyStoreWithTransaction } from './auth.js'
import type {
  CatalogCollection, GetCatalogOptions, OrderDetails, Product, ProductCreate, ProductUpdate, QuickReplyAction, UpdateBussinesProfileProps,
  WABusinessProfile,
} from './business.js'
import type { ChatModification, WAPatchCreate, WAPatchName } from './chats.js'
import type { CacheStore, PossiblyExtendedCacheStore, SocketConfig } from './config.js'
import type {
  BotListInfo, Contact, WAPresence, WAPrivacyCallValue, WAPrivacyGroupAddValue, WAPrivacyMessagesValue, WAPrivacyOnlineValue, WAPrivacyValue,
  WAReadReceiptsValue,
} from './contacts.js'
import type { AnyMessageContent, MessageRelayOptions, MiscMessageGenerationOptions } from './content.js'
import type { SocketEventEmitter } from './events.js'
import type { GroupMetadata, ParticipantAction, ParticipantResult } from './groups.js'
import type { JidWithDevice } from './jids.js'
import type { LabelActionBody } from './labels.js'
import type { MediaConnInfo, WAMediaUpload, WAMediaUploadFunction } from './media.js'
import type { Long, MessageReceiptType, MessageUpsertType, WAMessage, WAMessageKey } from './messages.js'
import type { NewsletterMetadata, NewsletterUpdate } from './newsletters.js'
import type { proto } from './proto.js'
import type { SignalRepositoryWithLIDStore } from './signal.js'
import type { ConnectionState, NewChatMessageCapInfo, ReachoutTimelockState } from './state.js'

/** One task after the other. */
export interface Mutex {
  mutex<T>(code: () => Promise<T> | T): Promise<T>
}

/** `sock.ws`: a Node emitter of every stanza, by the names that begin with `CB:`. */
export interface SocketConnection extends EventEmitter {
  readonly isOpen: boolean
  readonly isClosed: boolean
  readonly isClosing: boolean
  readonly isConnecting: boolean
  url: URL
  config: SocketConfig
  /** `null` where there is no connection. */
  socket: { readyState: number; [member: string]: unknown } | null
  connect(): void
  close(): Promise<void>
  send(data: string | Uint8Array, done?: (error?: Error) => void): boolean
}

/** The buffer of statistics. */
export interface WamBuffer {
  protocolVersion: number
  sequence: number
  events: any[]
  buffer: any[]
}

interface Connection {
  type: 'md'
  ws: SocketConnection
  ev: SocketEventEmitter
  authState: { creds: AuthenticationCreds; keys: SignalKeyStoreWithTransaction }
  signalRepository: SignalRepositoryWithLIDStore
  user: Contact | undefined
  logger: ILogger
  serverProps: { privacyTokenOn1to1: boolean; profilePicPrivacyToken: boolean; lidTrustedTokenIssueToLid: boolean }
  wamBuffer: WamBuffer
  generateMessageTag: () => string
  query: (node: BinaryNode, timeoutMs?: number) => Promise<any>
  waitForMessage: <T>(msgId: string, timeoutMs?: number | undefined) => Promise<T | undefined>
  waitForSocketOpen: () => Promise<void>
  waitForConnectionUpdate: (
    check: (update: Partial<ConnectionState>) => boolean | undefined | Promise<boolean | undefined>,
    timeoutMs?: number,
  ) => Promise<void>
  sendRawMessage: (data: Uint8Array | Buffer) => Promise<void>
  sendNode: (frame: BinaryNode) => Promise<void>
  sendWAMBuffer: (wamBuffer: Buffer) => Promise<any>
  sendUnifiedSession: () => Promise<void>
  updateServerTimeOffset: (node: BinaryNode) => void
  logout: (msg?: string) => Promise<void>
  end: (error?: Error) => Promise<void>
  registerSocketEndHandler: (handler: (error: Error | undefined) => void | Promise<void>) => void
  onUnexpectedError: (error: Error | Boom, msg: string) => void
  requestPairingCode: (phoneNumber: string, customPairingCode?: string) => Promise<string>
  uploadPreKeys: (count?: number) => Promise<void>
  uploadPreKeysToServerIfRequired: () => Promise<void>
  digestKeyBundle: () => Promise<void>
  rotateSignedPreKey: () => Promise<void>
  executeUSyncQuery: (query: USyncQuery) => Promise<USyncQueryResult | undefined>
  onWhatsApp: (...phoneNumber: string[]) => Promise<{ jid: string; exists: boolean; lid?: string | undefined }[] | undefined>
  fetchAccountReachoutTimelock: () => Promise<ReachoutTimelockState>
  fetchNewChatMessageCap: () => Promise<NewChatMessageCapInfo>
}

interface Messages {
  /** Resolves once the server has the message. */
  sendMessage: (jid: string, content: AnyMessageContent, options?: MiscMessageGenerationOptions) => Promise<WAMessage | undefined>
  relayMessage: (jid: string, message: proto.IMessage, options: MessageRelayOptions) => Promise<string>
  readMessages: (keys: WAMessageKey[]) => Promise<void>
  sendReceipt: (jid: string, participant: string | undefined, messageIds: string[], type: MessageReceiptType) => Promise<void>
  sendReceipts: (keys: WAMessageKey[], type: MessageReceiptType) => Promise<void>
  sendMessageAck: (node: BinaryNode, errorCode?: number) => Promise<void>
  sendRetryRequest: (node: BinaryNode, forceIncludeKeys?: boolean) => Promise<void>
  sendPeerDataOperationMessage: (message: proto.Message.IPeerDataOperationRequestMessage) => Promise<string>
  upsertMessage: (message: WAMessage, type: MessageUpsertType) => Promise<void>
  updateMediaMessage: (message: WAMessage) => Promise<WAMessage>
  fetchMessageHistory: (count: number, oldestMsgKey: WAMessageKey, oldestMsgTimestamp: number | Long) => Promise<string>
  requestPlaceholderResend: (messageKey: WAMessageKey, msgData?: Partial<WAMessage>) => Promise<string | undefined>
  assertSessions: (jids: string[], force?: boolean) => Promise<boolean>
  createParticipantNodes: (
    recipientJids: string[],
    message: proto.IMessage,
    extraAttrs?: BinaryNode['attrs'],
    dsmMessage?: proto.IMessage,
  ) => Promise<{ nodes: BinaryNode[]; shouldIncludeDeviceIdentity: boolean }>
  getUSyncDevices: (jids: string[], useCache: boolean, ignoreZeroDevices: boolean) => Promise<(JidWithDevice & { jid: string })[]>
  issuePrivacyTokens: (jids: string[], timestamp?: number) => Promise<any>
  refreshMediaConn: (forceGet?: boolean) => Promise<MediaConnInfo>
  getMediaHost: () => string
  waUploadToServer: WAMediaUploadFunction
  messageRetryManager: MessageRetryManager | null
  userDevicesCache: PossiblyExtendedCacheStore
  placeholderResendCache: CacheStore
  messageMutex: Mutex
  receiptMutex: Mutex
  notificationMutex: Mutex
  appStatePatchMutex: Mutex
  devicesMutex: Mutex
  rejectCall: (callId: string, callFrom: string) => Promise<void>
  createCallLink: (type: 'audio' | 'video', event?: { startTime: number }, timeoutMs?: number) => Promise<string | undefined>
}

interface ChatsAndPeople {
  sendPresenceUpdate: (type: WAPresence, toJid?: string) => Promise<void>
  presenceSubscribe: (toJid: string) => Promise<void>
  profilePictureUrl: (jid: string, type?: 'preview' | 'image', timeoutMs?: number) => Promise<string | undefined>
  updateProfilePicture: (jid: string, content: WAMediaUpload, dimensions?: { width: number; height: number }) => Promise<void>
  removeProfilePicture: (jid: string) => Promise<void>
  updateProfileStatus: (status: string) => Promise<void>
  updateProfileName: (name: string) => Promise<void>
  fetchStatus: (...jids: string[]) => Promise<USyncQueryResultList[] | undefined>
  fetchDisappearingDuration: (...jids: string[]) => Promise<USyncQueryResultList[] | undefined>
  fetchBlocklist: () => Promise<(string | undefined)[]>
  updateBlockStatus: (jid: string, action: 'block' | 'unblock') => Promise<void>
  fetchPrivacySettings: (force?: boolean) => Promise<{ [category: string]: string }>
  updateDisableLinkPreviewsPrivacy: (isPreviewsDisabled: boolean) => Promise<void>
  updateCallPrivacy: (value: WAPrivacyCallValue) => Promise<void>
  updateMessagesPrivacy: (value: WAPrivacyMessagesValue) => Promise<void>
  updateLastSeenPrivacy: (value: WAPrivacyValue) => Promise<void>
  updateOnlinePrivacy: (value: WAPrivacyOnlineValue) => Promise<void>
  updateProfilePicturePrivacy: (value: WAPrivacyValue) => Promise<void>
  updateStatusPrivacy: (value: WAPrivacyValue) => Promise<void>
  updateReadReceiptsPrivacy: (value: WAReadReceiptsValue) => Promise<void>
  updateGroupsAddPrivacy: (value: WAPrivacyGroupAddValue) => Promise<void>
  updateDefaultDisappearingMode: (duration: number) => Promise<void>
  getBotListV2: () => Promise<BotListInfo[]>
  appPatch: (patchCreate: WAPatchCreate) => Promise<void>
  resyncAppState: (collections: readonly WAPatchName[], isInitialSync: boolean) => Promise<void>
  chatModify: (modification: ChatModification, jid: string) => Promise<void>
  cleanDirtyBits: (type: 'account_sync' | 'groups', fromTimestamp?: number | string) => Promise<void>
  addOrEditContact: (jid: string, contact: proto.SyncActionValue.IContactAction) => Promise<void>
  removeContact: (jid: string) => Promise<void>
  addLabel: (jid: string, labels: LabelActionBody) => Promise<void>
  addChatLabel: (jid: string, labelId: string) => Promise<void>
  removeChatLabel: (jid: string, labelId: string) => Promise<void>
  addMessageLabel: (jid: string, messageId: string, labelId: string) => Promise<void>
  removeMessageLabel: (jid: string, messageId: string, labelId: string) => Promise<void>
  star: (jid: string, messages: { id: string; fromMe?: boolean }[], star: boolean) => Promise<void>
  addOrEditQuickReply: (quickReply: QuickReplyAction) => Promise<void>
  removeQuickReply: (timestamp: string) => Promise<void>
}

type Setting = 'announcement' | 'not_announcement' | 'locked' | 'unlocked'

interface Groups {
  groupMetadata: (jid: string) => Promise<GroupMetadata>
  groupCreate: (subject: string, participants: string[]) => Promise<GroupMetadata>
  groupLeave: (id: string) => Promise<void>
  groupUpdateSubject: (jid: string, subject: string) => Promise<void>
  groupUpdateDescription: (jid: string, description?: string) => Promise<void>
  groupRequestParticipantsList: (jid: string) => Promise<{ [attribute: string]: string }[]>
  groupRequestParticipantsUpdate: (jid: string, participants: string[], action: 'approve' | 'reject') => Promise<ParticipantResult[]>
  groupParticipantsUpdate: (jid: string, participants: string[], action: ParticipantAction) => Promise<(ParticipantResult & { content: BinaryNode })[]>
  groupInviteCode: (jid: string) => Promise<string | undefined>
  groupRevokeInvite: (jid: string) => Promise<string | undefined>
  groupAcceptInvite: (code: string) => Promise<string | undefined>
  groupRevokeInviteV4: (groupJid: string, invitedJid: string) => Promise<boolean>
  groupAcceptInviteV4: (key: string | WAMessageKey, inviteMessage: proto.Message.IGroupInviteMessage) => Promise<any>
  groupGetInviteInfo: (code: string) => Promise<GroupMetadata>
  groupToggleEphemeral: (jid: string, ephemeralExpiration: number) => Promise<void>
  groupSettingUpdate: (jid: string, setting: Setting) => Promise<void>
  groupMemberAddMode: (jid: string, mode: 'admin_add' | 'all_member_add') => Promise<void>
  groupJoinApprovalMode: (jid: string, mode: 'on' | 'off') => Promise<void>
  groupFetchAllParticipating: () => Promise<{ [jid: string]: GroupMetadata }>
  updateMemberLabel: (jid: string, memberLabel: string) => Promise<string>
}

interface Communities {
  communityMetadata: (jid: string) => Promise<GroupMetadata>
  communityCreate: (subject: string, body: string) => Promise<GroupMetadata | null>
  communityCreateGroup: (subject: string, participants: string[], parentCommunityJid: string) => Promise<GroupMetadata | null>
  communityLeave: (id: string) => Promise<void>
  communityUpdateSubject: (jid: string, subject: string) => Promise<void>
  communityUpdateDescription: (jid: string, description?: string) => Promise<void>
  communityLinkGroup: (groupJid: string, parentCommunityJid: string) => Promise<void>
  communityUnlinkGroup: (groupJid: string, parentCommunityJid: string) => Promise<void>
  communityFetchLinkedGroups: (jid: string) => Promise<{
    communityJid: string
    isCommunity: boolean
    linkedGroups: {
      id: string | undefined
      subject: string
      creation: number | undefined
      owner: string | undefined
      size: number | undefined
    }[]
  }>
  communityRequestParticipantsList: (jid: string) => Promise<{ [attribute: string]: string }[]>
  communityRequestParticipantsUpdate: (jid: string, participants: string[], action: 'approve' | 'reject') => Promise<ParticipantResult[]>
  communityParticipantsUpdate: (jid: string, participants: string[], action: ParticipantAction) => Promise<(ParticipantResult & { content: BinaryNode })[]>
  communityInviteCode: (jid: string) => Promise<string | undefined>
  communityRevokeInvite: (jid: string) => Promise<string | undefined>
  communityAcceptInvite: (code: string) => Promise<string | undefined>
  communityRevokeInviteV4: (communityJid: string, invitedJid: string) => Promise<boolean>
  communityAcceptInviteV4: (key: string | WAMessageKey, inviteMessage: proto.Message.IGroupInviteMessage) => Promise<any>
  communityGetInviteInfo: (code: string) => Promise<GroupMetadata>
  communityToggleEphemeral: (jid: string, ephemeralExpiration: number) => Promise<void>
  communitySettingUpdate: (jid: string, setting: Setting) => Promise<void>
  communityMemberAddMode: (jid: string, mode: 'admin_add' | 'all_member_add') => Promise<void>
  communityJoinApprovalMode: (jid: string, mode: 'on' | 'off') => Promise<void>
  communityFetchAllParticipating: () => Promise<{ [jid: string]: GroupMetadata }>
}

interface Channels {
  newsletterCreate: (name: string, description?: string) => Promise<NewsletterMetadata>
  newsletterUpdate: (jid: string, updates: NewsletterUpdate) => Promise<unknown>
  newsletterSubscribers: (jid: string) => Promise<{ subscribers: number }>
  newsletterMetadata: (type: 'invite' | 'jid', key: string) => Promise<NewsletterMetadata | null>
  newsletterFollow: (jid: string) => Promise<unknown>
  newsletterUnfollow: (jid: string) => Promise<unknown>
  newsletterMute: (jid: string) => Promise<unknown>
  newsletterUnmute: (jid: string) => Promise<unknown>
  newsletterUpdateName: (jid: string, name: string) => Promise<unknown>
  newsletterUpdateDescription: (jid: string, description: string) => Promise<unknown>
  newsletterUpdatePicture: (jid: string, content: WAMediaUpload) => Promise<unknown>
  newsletterRemovePicture: (jid: string) => Promise<unknown>
  newsletterReactMessage: (jid: string, serverId: string, reaction?: string) => Promise<void>
  newsletterFetchMessages: (jid: string, count: number, since: number, after: number) => Promise<any>
  subscribeNewsletterUpdates: (jid: string) => Promise<{ duration: string } | null>
  newsletterAdminCount: (jid: string) => Promise<number>
  newsletterChangeOwner: (jid: string, newOwnerJid: string) => Promise<void>
  newsletterDemote: (jid: string, userJid: string) => Promise<void>
  newsletterDelete: (jid: string) => Promise<void>
}

interface Business {
  getBusinessProfile: (jid: string) => Promise<WABusinessProfile | void>
  updateBussinesProfile: (profile: UpdateBussinesProfileProps) => Promise<any>
  updateCoverPhoto: (photo: WAMediaUpload) => Promise<number>
  removeCoverPhoto: (id: string) => Promise<any>
  getOrderDetails: (orderId: string, tokenBase64: string) => Promise<OrderDetails>
  getCatalog: (options: GetCatalogOptions) => Promise<{ products: Product[]; nextPageCursor: string | undefined }>
  getCollections: (jid?: string, limit?: number) => Promise<{ collections: CatalogCollection[] }>
  productCreate: (product: ProductCreate) => Promise<Product>
  productDelete: (productIds: string[]) => Promise<{ deleted: number }>
  productUpdate: (productId: string, update: ProductUpdate) => Promise<Product>
}

export interface WASocket extends Connection, Messages, ChatsAndPeople, Groups, Communities, Channels, Business {}
