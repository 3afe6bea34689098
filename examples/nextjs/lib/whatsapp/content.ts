// What a message of WhatsApp says, as it is kept and shown.
import { getContentType, normalizeMessageContent, proto } from 'baileys'

import type { Message } from '../db'

export type Content = Pick<Message, 'type' | 'text' | 'mimetype' | 'fileName' | 'fileSize' | 'raw'>

/** Longest text that is kept. */
const MAX_TEXT = 65_536

/** As the database takes it: not too long, and without zero characters, which Postgres does not have. */
export const storable = (text: string | null | undefined, longest: number): string | null => text?.slice(0, longest).replaceAll('\0', '') ?? null

/** Null for what people do not see as a message: keys, reactions, votes, changes of other messages. */
export function contentOf(whole: proto.IMessage | null | undefined): Content | null {
  const message = normalizeMessageContent(whole ?? undefined)
  const kind = message && getContentType(message)
  if (!message || !kind) return null
  const words = (type: Content['type'], text: string | null | undefined): Content => (
    { type, text: storable(text, MAX_TEXT) || null, mimetype: null, fileName: null, fileSize: null, raw: null }
  )
  type File = { mimetype?: string | null; fileLength?: unknown; fileName?: string | null }
  const file = (type: Content['type'], { mimetype, fileLength, fileName }: File, text?: string | null): Content => ({
    ...words(type, text),
    mimetype: storable(mimetype, 200),
    fileName: storable(fileName, 255),
    fileSize: Number(fileLength ?? 0) || null,
    raw: Buffer.from(proto.Message.encode(message).finish()),
  })
  switch (kind) {
    case 'conversation':
      return words('text', message.conversation)
    case 'extendedTextMessage':
      return words('text', message.extendedTextMessage!.text)
    case 'imageMessage':
      return file('image', message.imageMessage!, message.imageMessage!.caption)
    case 'videoMessage':
    case 'ptvMessage':
      return file('video', message[kind]!, message[kind]!.caption)
    case 'audioMessage':
      return file('audio', message.audioMessage!)
    case 'documentMessage':
      return file('document', message.documentMessage!, message.documentMessage!.caption)
    case 'stickerMessage':
      return file('sticker', message.stickerMessage!)
    case 'locationMessage':
    case 'liveLocationMessage': {
      const { degreesLatitude, degreesLongitude } = message[kind]!
      const name = kind === 'locationMessage' ? message.locationMessage!.name : undefined
      return words('location', [name, `${degreesLatitude}, ${degreesLongitude}`].filter(Boolean).join(': '))
    }
    case 'contactMessage':
      return words('contact', message.contactMessage!.displayName)
    case 'contactsArrayMessage':
      return words('contact', message.contactsArrayMessage!.contacts?.map(({ displayName }) => displayName).join(', '))
    case 'pollCreationMessage':
    case 'pollCreationMessageV2':
    case 'pollCreationMessageV3': {
      const { name, options } = message[kind]!
      return words('poll', [name, ...(options ?? []).map(({ optionName }) => `- ${optionName}`)].join('\n'))
    }
    // Answers to lists and buttons are what the customer chose.
    case 'buttonsResponseMessage':
      return words('text', message.buttonsResponseMessage!.selectedDisplayText)
    case 'listResponseMessage':
      return words('text', message.listResponseMessage!.title)
    case 'templateButtonReplyMessage':
      return words('text', message.templateButtonReplyMessage!.selectedDisplayText)
    case 'protocolMessage':
    case 'reactionMessage':
    case 'encReactionMessage':
    case 'pollUpdateMessage':
    case 'senderKeyDistributionMessage':
    case 'fastRatchetKeySenderKeyDistributionMessage':
    case 'keepInChatMessage':
    case 'pinInChatMessage':
    case 'messageContextInfo':
      return null
    default:
      return words('other', null)
  }
}
