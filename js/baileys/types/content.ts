/** What `sendMessage` takes. */
import type { ILogger } from '../quiet-logger.js'
import type { BinaryNode } from '../nodes.js'
import type { CacheStore } from './config.js'
import type { MediaType, WAMediaUpload, WAMediaUploadFunction, WAUrlInfo } from './media.js'
import type { WALocationMessage, WAMessage, WAMessageKey } from './messages.js'
import type { proto } from './proto.js'

interface Mentionable {
  /** JIDs. */
  mentions?: string[] | undefined
  mentionAll?: boolean | undefined
}
interface Contextable {
  contextInfo?: proto.IContextInfo | undefined
}
interface ViewOnce {
  viewOnce?: boolean | undefined
}
interface Editable {
  /** Of the message that this content replaces. */
  edit?: WAMessageKey | undefined
}
interface WithDimensions {
  width?: number | undefined
  height?: number | undefined
}
interface InAlbum {
  albumParentKey?: WAMessageKey | undefined
}

export interface PollMessageOptions {
  name: string
  /** 0: any number. */
  selectableCount?: number | undefined
  values: string[]
  /** 32 bytes. */
  messageSecret?: Uint8Array | undefined
  toAnnouncementGroup?: boolean | undefined
}
export interface EventMessageOptions {
  name: string
  description?: string | undefined
  startDate: Date
  endDate?: Date | undefined
  location?: WALocationMessage | undefined
  call?: 'audio' | 'video' | undefined
  isCancelled?: boolean | undefined
  isScheduleCall?: boolean | undefined
  extraGuestsAllowed?: boolean | undefined
  messageSecret?: Uint8Array | undefined
}
export interface AlbumMessageOptions {
  expectedImageCount?: number | undefined
  expectedVideoCount?: number | undefined
}
export interface ButtonReplyInfo {
  displayText: string
  id: string
  index: number
}
export interface GroupInviteInfo {
  inviteCode: string
  /** Seconds. */
  inviteExpiration: number
  text: string
  jid: string
  subject: string
}
export type WASendableProduct = Omit<proto.Message.ProductMessage.IProductSnapshot, 'productImage'> & { productImage: WAMediaUpload }

type ImageContent = { image: WAMediaUpload; caption?: string | undefined; jpegThumbnail?: string | undefined } & Mentionable & Contextable & WithDimensions
type VideoContent = {
  video: WAMediaUpload
  caption?: string | undefined
  gifPlayback?: boolean | undefined
  jpegThumbnail?: string | undefined
  /** As a round video note. */
  ptv?: boolean | undefined
} & Mentionable & Contextable & WithDimensions
interface AudioContent {
  audio: WAMediaUpload
  /** As a voice message. */
  ptt?: boolean | undefined
  seconds?: number | undefined
}
type StickerContent = { sticker: WAMediaUpload; isAnimated?: boolean | undefined } & WithDimensions
type DocumentContent = { document: WAMediaUpload; mimetype: string; fileName?: string | undefined; caption?: string | undefined } & Contextable

export type AnyMediaMessageContent =
  & (ImageContent | VideoContent | AudioContent | StickerContent | DocumentContent)
  & { mimetype?: string | undefined }
  & Editable & InAlbum

export type AnyRegularMessageContent = (
  | ({ text: string; linkPreview?: WAUrlInfo | null | undefined } & Mentionable & Contextable & Editable)
  | AnyMediaMessageContent
  | { event: EventMessageOptions }
  | ({ poll: PollMessageOptions } & Mentionable & Contextable & Editable)
  | ({ album: AlbumMessageOptions } & Contextable & Mentionable)
  | { contacts: { displayName?: string | undefined; contacts: proto.Message.IContactMessage[] } }
  | { location: WALocationMessage }
  | { react: proto.Message.IReactionMessage }
  | { buttonReply: ButtonReplyInfo; type: 'template' | 'plain' }
  | { groupInvite: GroupInviteInfo }
  | { listReply: Omit<proto.Message.IListResponseMessage, 'contextInfo'> }
  | { pin: WAMessageKey; type: proto.PinInChat.Type; time?: 86400 | 604800 | 2592000 | undefined }
  | { product: WASendableProduct; businessOwnerJid?: string | undefined; body?: string | undefined; footer?: string | undefined }
  | { sharePhoneNumber: boolean }
  | { requestPhoneNumber: boolean }
) & ViewOnce

export type AnyMessageContent =
  | AnyRegularMessageContent
  | { forward: WAMessage; force?: boolean | undefined }
  | { delete: WAMessageKey }
  | { disappearingMessagesInChat: boolean | number }
  | { limitSharing: boolean }

interface MinimalRelayOptions {
  messageId?: string | undefined
  useCachedGroupMetadata?: boolean | undefined
}
export interface MessageRelayOptions extends MinimalRelayOptions {
  /** Only to this device, as an answer to its request. */
  participant?: { jid: string; count: number } | undefined
  additionalAttributes?: { [name: string]: string } | undefined
  additionalNodes?: BinaryNode[] | undefined
  useUserDevicesCache?: boolean | undefined
  statusJidList?: string[] | undefined
}
export interface MiscMessageGenerationOptions extends MinimalRelayOptions {
  timestamp?: Date | undefined
  quoted?: WAMessage | undefined
  /** Seconds. */
  ephemeralExpiration?: number | string | undefined
  mediaUploadTimeoutMs?: number | undefined
  /** Who sees a status. */
  statusJidList?: string[] | undefined
  backgroundColor?: string | undefined
  font?: number | undefined
  broadcast?: boolean | undefined
}
export interface MessageGenerationOptionsFromContent extends MiscMessageGenerationOptions {
  userJid: string
}
export interface MediaGenerationOptions {
  logger?: ILogger | undefined
  mediaTypeOverride?: MediaType | undefined
  upload: WAMediaUploadFunction
  mediaCache?: CacheStore | undefined
  mediaUploadTimeoutMs?: number | undefined
  options?: RequestInit | undefined
  backgroundColor?: string | undefined
  font?: number | undefined
}
export interface MessageContentGenerationOptions extends MediaGenerationOptions {
  getUrlInfo?: ((text: string) => Promise<WAUrlInfo | undefined>) | undefined
  getProfilePicUrl?: ((jid: string, type: 'image' | 'preview') => Promise<string | undefined>) | undefined
  getCallLink?: ((type: 'audio' | 'video', event?: { startTime: number }) => Promise<string | undefined>) | undefined
  jid?: string | undefined
}
export type MessageGenerationOptions = MessageContentGenerationOptions & MessageGenerationOptionsFromContent
