/** `chasqui/baileys`: the API of npm `baileys` 7 on Chasqui's engine. All exports of Baileys are here. */

import { proto } from './proto.js'
import type { WAVersion } from './types.js'
import { DEFAULT_VERSION } from '../doors/version.js'

export { useMultiFileAuthState } from './auth-state.js'
export { useChasquiAuthState } from './store-state.js'
export type { ChasquiAuthOptions, ChasquiAuthState } from './store-state.js'
export * from './app-state.js'
export * from './audio.js'
export * from './binary-nodes.js'
export * from './bits.js'
export { Browsers } from './browsers.js'
export * from './buffer-json.js'
export * from './chat-modification.js'
export * from './constants.js'
export * from './content.js'
export * from './creds.js'
export * from './crypto.js'
export * from './curve.js'
export { decodeMessageNode, decryptMessageNode, getDecryptionJid } from './decode-message.js'
export { DisconnectReason } from './disconnect.js'
export * from './enums.js'
export * from './identity-change.js'
export { parseAndInjectE2ESessions } from './inject-sessions.js'
export * from './jid.js'
export { isPnUser as isJidUser } from './jid.js'
export { proto, proto as WAProto } from './proto.js'
export * from './event-buffer.js'
export * from './keys.js'
export * from './compose.js'
export { generateWAMessageFromContent } from './generate.js'
export * from './download.js'
export { LT_HASH_ANTI_TAMPERING, makeLtHashGenerator } from './lt-hash.js'
export * from './media-keys.js'
export * from './media-retry.js'
export * from './login.js'
export * from './nodes.js'
export { makeNoiseHandler } from './noise-handler.js'
export * from './platforms.js'
export * from './polls.js'
export * from './prekeys.js'
export type * from './quiet-logger.js'
export { makeWASocket, makeWASocket as default } from './socket.js'
export * from './stanzas.js'
export * from './retry-manager.js'
export * from './streams.js'
export * from './sync-action.js'
export { decodePatches, decodeSyncdMutations, decodeSyncdPatch, decodeSyncdSnapshot, encodeSyncdPatch } from './syncd.js'
export { downloadExternalBlob, downloadExternalPatch, extractSyncdPatches } from './syncd-fetch.js'
export * from './thumbnails.js'
export * from './timing.js'
export * from './transactions.js'
export * from './upload.js'
export { getWAUploadToServer, uploadWithNodeHttp } from './upload-http.js'
export * from './url-info.js'
export {
  USyncContactProtocol,
  USyncDeviceProtocol,
  USyncDisappearingModeProtocol,
  USyncQuery,
  USyncStatusProtocol,
  USyncUser,
  USyncUsernameProtocol,
} from './usync.js'
export type * from './usync.js'
export * from './wam.js'
export { WEB_EVENTS, WEB_GLOBALS } from './wam-tables.js'
export * from './wire.js'
// In place of those that their parts export.
export {
  chatModificationToAppPatch, decryptMediaRetryData, downloadAndProcessHistorySyncNotification, downloadHistory, generateForwardMessageContent,
  generateLinkPreviewIfRequired, generateWAMessage, generateWAMessageContent, getBinaryNodeMessages, getHistoryMsg,
  prepareDisappearingMessageSettingContent, prepareWAMessageMedia, processHistoryMessage, processSyncAction,
} from './typed.js'
// By name: a part that has a type of this name for itself does not get into its way.
export type {
  AccountSettings, AlbumMessageOptions, AnyMediaMessageContent, AnyMessageContent, AnyRegularMessageContent, AuthenticationCreds,
  AuthenticationState, BaileysEvent, BaileysEventEmitter, BaileysEventMap, BinaryNode, BinaryNodeAttributes, BinaryNodeCodingOptions,
  BinaryNodeData, BotListInfo, BrowsersMap, BufferedEventData, ButtonReplyInfo, CacheStore, CatalogCollection, CatalogCursor,
  CatalogResult, CatalogStatus, Chat, ChatModification, ChatMutation, ChatMutationMap, ChatUpdate, ConnectionState, Contact,
  CurveKeyPair, DebouncedTimeout, DownloadableMessage, EventMessageOptions, FullJid, GetCatalogOptions, GroupInviteInfo,
  GroupMetadata, GroupMetadataParticipants, GroupModificationResponse, GroupParticipant, IdentityChangeContext, IdentityChangeResult,
  InitialAppStateSyncOptions, InitialReceivedChatsState, JidServer, JidWithDevice, KeyPair, LIDMapping, LTHashState, LabelActionBody,
  LastMessageList, MediaConnInfo, MediaDecryptionKeyInfo, MediaDownloadOptions, MediaGenerationOptions, MediaType,
  MessageContentGenerationOptions, MessageGenerationOptions, MessageGenerationOptionsFromContent, MessageReceiptType,
  MessageRelayOptions, MessageType, MessageUpsertType, MessageUserReceipt, MessageUserReceiptUpdate, MessageWithContextInfo,
  MinimalMessage, MiscMessageGenerationOptions, NewChatMessageCapInfo, NewsletterCreateResponse, NewsletterMetadata, NewsletterUpdate,
  NewsletterViewRole, OrderDetails, OrderPrice, OrderProduct, ParticipantAction, PatchedMessageWithRecipientJID, PendingPhoneRequest,
  PollMessageOptions, PossiblyExtendedCacheStore, PresenceData, Product, ProductAvailability, ProductBase, ProductCreate,
  ProductCreateResult, ProductUpdate, ProtocolAddress, QuickReplyAction, ReachoutTimelockState, RecentMessage, RecentMessageKey,
  RequestJoinAction, RequestJoinMethod, RetryCounter, RetryStatistics, SessionRecreateHistory, SignalAuthState, SignalCreds,
  SignalDataSet, SignalDataTypeMap, SignalIdentity, SignalKeyStore, SignalKeyStoreWithTransaction, SignalRepository,
  SignalRepositoryWithLIDStore, SignedKeyPair, SocketConfig, SocketEventEmitter, TransactionCapabilityOptions, USyncQueryResult,
  USyncQueryResultList, UpdateBussinesProfileProps, UploadParams, UserFacingSocketConfig, WABrowserDescription, WABusinessHoursConfig,
  WABusinessProfile, WACallEvent, WACallUpdateType, WAConnectionState, WAContactMessage, WAContactsArrayMessage, WAContextInfo,
  WAGenericMediaMessage, WAGroupCreateResponse, WAInitResponse, WALocationMessage, WAMediaPayloadStream, WAMediaPayloadURL,
  WAMediaUpload, WAMediaUploadFunction, WAMessage, WAMessageContent, WAMessageCursor, WAMessageKey, WAMessageUpdate, WAPatchCreate,
  WAPatchName, WAPresence, WAPrivacyCallValue, WAPrivacyGroupAddValue, WAPrivacyMessagesValue, WAPrivacyOnlineValue, WAPrivacyValue,
  WAReadReceiptsValue, WASendableProduct, WASocket, WATextMessage, WAUrlInfo, WAVersion,
} from './types.js'

/** The version that this package was made for; asks nobody. */
export async function fetchLatestBaileysVersion(_options: RequestInit = {}): Promise<{ version: WAVersion; isLatest: boolean; error?: unknown }> {
  return { version: [...DEFAULT_VERSION], isLatest: true }
}
export { fetchLatestBaileysVersion as fetchLatestWaWebVersion }

export { makeCacheableSignalKeyStore } from './cacheable.js'

/** An enum of the schema, which is built when it is looked at. */
function lazyEnum<E extends object>(load: () => E): E {
  return new Proxy(
    {} as E,
    {
      get: (_target, key) => Reflect.get(load(), key) as unknown,
      has: (_target, key) => Reflect.has(load(), key),
      ownKeys: () => Reflect.ownKeys(load()),
      getOwnPropertyDescriptor: (_target, key) => Reflect.getOwnPropertyDescriptor(load(), key),
    },
  )
}
export const WAMessageStatus = lazyEnum(() => proto.WebMessageInfo.Status)
export const WAMessageStubType = lazyEnum(() => proto.WebMessageInfo.StubType)
