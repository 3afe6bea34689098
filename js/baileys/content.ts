/** What is inside a message, and the ids of messages. */
import { Boom } from '@hapi/boom'

import { URL_REGEX } from './constants.js'
import type { proto } from './proto.js'
import { random } from './random.js'
import type { WAMessageContent } from './types.js'

/** Wrappers around the content that a reader is interested in; of several the first one counts. */
const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'documentWithCaptionMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'editedMessage',
  'associatedChildMessage',
  'groupStatusMessage',
  'groupStatusMessageV2',
]
const MAX_WRAPPERS = 5

/** The name of the field that holds the content. */
export function getContentType(content: WAMessageContent | null | undefined): keyof WAMessageContent | undefined {
  if (!content) return undefined
  return Object.keys(content).find(
    field => (field === 'conversation' || field.includes('Message')) && field !== 'senderKeyDistributionMessage',
  ) as keyof WAMessageContent | undefined
}

/** The content without its wrappers. */
export function normalizeMessageContent(content: WAMessageContent | null | undefined): WAMessageContent | undefined {
  let inner: WAMessageContent | null | undefined = content || undefined
  for (let depth = 0; depth < MAX_WRAPPERS && inner; depth++) {
    const around = inner as { [field: string]: unknown }
    const wrapper = WRAPPERS.find(field => around[field])
    if (!wrapper) break
    inner = (around[wrapper] as { message?: WAMessageContent | null }).message
  }
  // Of an instance, what is not set reads null.
  return inner as WAMessageContent | undefined
}

export const generateMessageIDV2 = (_userId?: string): string => `3EB0${random(9).toString('hex').toUpperCase()}`
export const generateMessageID = (): string => `3EB0${random(18).toString('hex').toUpperCase()}`

/** What a message with buttons shows above them. */
function shownAbove(message: { [field: string]: unknown }): WAMessageContent {
  for (const field of ['imageMessage', 'documentMessage', 'videoMessage', 'locationMessage']) {
    if (message[field]) return { [field]: message[field] }
  }
  const text = 'contentText' in message ? message['contentText'] : 'hydratedContentText' in message ? message['hydratedContentText'] : ''
  return { conversation: text as string }
}

/** The content without its wrappers; of buttons and templates what they are about. */
export function extractMessageContent(content: WAMessageContent | null | undefined): WAMessageContent | undefined {
  const inner = normalizeMessageContent(content)
  const buttons = inner?.['buttonsMessage']
  if (buttons) return shownAbove(buttons as { [field: string]: unknown })
  const template = inner?.['templateMessage'] as { [field: string]: object | null | undefined } | null | undefined
  for (const field of ['hydratedFourRowTemplate', 'hydratedTemplate', 'fourRowTemplate']) {
    const filled = template?.[field]
    if (filled) return shownAbove(filled as { [field: string]: unknown })
  }
  return inner
}

const DEVICES = [
  ['ios', /^3A.{18}$/],
  ['web', /^3E.{20}$/],
  ['android', /^(.{21}|.{32})$/],
  ['desktop', /^(3F|.{18}$)/],
] as const

/** The kind of device that makes ids like this one. */
export function getDevice(id: string): 'web' | 'unknown' | 'android' | 'ios' | 'desktop' {
  return DEVICES.find(([, pattern]) => pattern.test(id))?.[0] ?? 'unknown'
}

/** Whether `message` is an object with something at `key`. */
export const hasNonNullishProperty = <K extends PropertyKey>(message: object, key: K): message is { [name in K]: NonNullable<any> } =>
  typeof message === 'object' && message !== null && key in message && (message as { [name in K]: unknown })[key] != null

type MediaContent = { mimetype?: string | null; fileSha256?: Uint8Array | null; [field: string]: unknown }

const MEDIA = ['documentMessage', 'imageMessage', 'videoMessage', 'audioMessage', 'stickerMessage']

/** The media message inside; a Boom where there is none. */
export function assertMediaContent(content: WAMessageContent | null | undefined): MediaContent {
  const inner = extractMessageContent(content) as { [field: string]: unknown } | undefined
  const field = MEDIA.find(name => inner?.[name])
  if (!inner || !field) throw new Boom('given message is not a media message', { statusCode: 400, data: inner })
  return inner[field] as MediaContent
}

/** The SHA-256 of the file of a media message, in base64. */
export function mediaMessageSHA256B64(message: WAMessageContent): string | null | undefined {
  const hash = (Object.values(message)[0] as MediaContent | null | undefined)?.fileSha256
  return hash && Buffer.from(hash).toString('base64')
}

const PICTURED = ['locationMessage', 'liveLocationMessage', 'productMessage']

/** What a file of this message's media would end in. */
export function extensionForMediaMessage(message: WAMessageContent): string {
  const type = Object.keys(message)[0] as string
  if (PICTURED.includes(type)) return '.jpeg'
  return ((message as { [field: string]: unknown })[type] as { mimetype: string }).mimetype.split(';')[0]?.split('/')[1] as string
}

/** The notification of a piece of history, if the message is one. */
export function getHistoryMsg(message: WAMessageContent): proto.Message.IHistorySyncNotification | null | undefined {
  return normalizeMessageContent(message)?.protocolMessage?.historySyncNotification
}

/** The first link of the text. */
export function extractUrlFromText(text: string): string | undefined {
  return text.match(URL_REGEX)?.[0]
}
