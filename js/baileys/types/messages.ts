/** Messages as they are shown, and what belongs to one. */
import type Long64 from 'long'

import type { proto } from './proto.js'

/** A 64-bit number as protobufjs gives it. */
export type Long = Long64

export type WAMessageContent = proto.IMessage
export type ContextInfo = proto.IContextInfo
export type WAContextInfo = proto.IContextInfo
export type MessageKey = proto.IMessageKey

export type WAMessageKey = proto.IMessageKey & {
  /** The other form, phone number or LID, of `remoteJid`. */
  remoteJidAlt?: string | undefined
  remoteJidUsername?: string | undefined
  participantAlt?: string | undefined
  participantUsername?: string | undefined
  /** Of a message in a channel. */
  server_id?: string | undefined
  addressingMode?: string | undefined
  isViewOnce?: boolean | undefined
}

export type WAMessage = proto.IWebMessageInfo & {
  key: WAMessageKey
  messageStubParameters?: any
  category?: string | undefined
  retryCount?: number | undefined
}
export type MinimalMessage = Pick<WAMessage, 'key' | 'messageTimestamp'>
export interface WAMessageUpdate {
  update: Partial<WAMessage>
  key: WAMessageKey
}
export type WAMessageCursor = { before: WAMessageKey | undefined } | { after: WAMessageKey | undefined }
export type MessageUpsertType = 'append' | 'notify'

export type MessageUserReceipt = proto.IUserReceipt
export interface MessageUserReceiptUpdate {
  key: WAMessageKey
  receipt: MessageUserReceipt
}
export type MessageReceiptType = 'read' | 'read-self' | 'hist_sync' | 'peer_msg' | 'sender' | 'inactive' | 'played' | undefined

export type MessageType = keyof proto.Message
export type MessageWithContextInfo =
  | 'imageMessage' | 'contactMessage' | 'locationMessage' | 'extendedTextMessage' | 'documentMessage' | 'audioMessage' | 'videoMessage'
  | 'call' | 'contactsArrayMessage' | 'liveLocationMessage' | 'templateMessage' | 'stickerMessage' | 'groupInviteMessage'
  | 'templateButtonReplyMessage' | 'productMessage' | 'listMessage' | 'orderMessage' | 'listResponseMessage' | 'buttonsMessage'
  | 'buttonsResponseMessage' | 'interactiveMessage' | 'interactiveResponseMessage' | 'pollCreationMessage' | 'requestPhoneNumberMessage'
  | 'messageHistoryBundle' | 'eventMessage' | 'newsletterAdminInviteMessage' | 'albumMessage' | 'stickerPackMessage'
  | 'pollResultSnapshotMessage' | 'messageHistoryNotice'

export type WATextMessage = proto.Message.IExtendedTextMessage
export type WAContactMessage = proto.Message.IContactMessage
export type WAContactsArrayMessage = proto.Message.IContactsArrayMessage
export type WALocationMessage = proto.Message.ILocationMessage
export type WAGenericMediaMessage =
  | proto.Message.IVideoMessage | proto.Message.IImageMessage | proto.Message.IAudioMessage | proto.Message.IDocumentMessage
  | proto.Message.IStickerMessage

export type PatchedMessageWithRecipientJID = proto.IMessage & { recipientJid?: string | undefined }
