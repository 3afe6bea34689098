/** Messages made from what a program wants to send. */
import { Boom } from '@hapi/boom'

import { unixTimestampSeconds } from './bits.js'
import { CALL_AUDIO_PREFIX, CALL_VIDEO_PREFIX, WA_DEFAULT_EPHEMERAL } from './constants.js'
import { extractUrlFromText, generateMessageIDV2, getContentType, hasNonNullishProperty, normalizeMessageContent } from './content.js'
import { isJidGroup, isJidNewsletter, isJidStatusBroadcast, jidNormalizedUser } from './jid.js'
import { loadProto } from './proto.js'
import { random } from './random.js'
import type { ContextInfo, MessageKey, WAMessage, WAMessageContent } from './types.js'

// Numbers of the schema.
const PENDING = 1
const PROTOCOL = { REVOKE: 0, EPHEMERAL_SETTING: 3, SHARE_PHONE_NUMBER: 11, MESSAGE_EDIT: 14, LIMIT_SHARING: 27 }
const PIN_FOR_ALL = 1
const CHAT_SETTING = 1
const MEDIA_ALBUM = 1
const DISPLAY_TEXT = 1

type Fields = { [field: string]: any }

/** Whose form a message has. In 6 it has no secret and says nothing of all, and its numbers and bytes are converted at once. */
type Line = 6 | 7

const bad = (message: string): Boom => new Boom(message, { statusCode: 400 })

/** Sets for how long the messages of a chat are kept; without a time, for ever. */
export const prepareDisappearingMessageSettingContent = (ephemeralExpiration?: number): WAMessageContent =>
  loadProto().Message.fromObject({
    ephemeralMessage: {
      message: { protocolMessage: { type: PROTOCOL.EPHEMERAL_SETTING, ephemeralExpiration: ephemeralExpiration || 0 } },
    },
  })

/** A copy of the content that says that it was forwarded; one's own only with `forceForward`. */
export const generateForwardMessageContent = (message: WAMessage, forceForward?: boolean): WAMessageContent => {
  if (!message.message) throw bad('no content in message')
  const { Message } = loadProto()
  const content = Message.decode(Message.encode(normalizeMessageContent(message.message) as WAMessageContent).finish()) as Fields
  let field = Object.keys(content)[0] as string
  const before: number = content[field]?.contextInfo?.forwardingScore || 0
  const forwardingScore = before + (message.key.fromMe && !forceForward ? 0 : 1)
  if (field === 'conversation') {
    content['extendedTextMessage'] = { text: content[field] }
    delete content[field]
    field = 'extendedTextMessage'
  }
  content[field].contextInfo = forwardingScore > 0 ? { forwardingScore, isForwarded: true } : {}
  return content
}

export interface MessageGenerationOptionsFromContent {
  userJid: string
  timestamp?: Date | undefined
  quoted?: WAMessage | undefined
  messageId?: string | undefined
  ephemeralExpiration?: number | string | undefined
  [option: string]: unknown
}

const messageOf = (content: object, line: Line): WAMessageContent => {
  const { Message } = loadProto()
  return line === 6 ? Message.fromObject(content) : Message.create(content)
}

/** What an answer says about the message that it quotes. */
function quotation(jid: string, quoted: WAMessage, userJid: string, before: ContextInfo, line: Line): ContextInfo {
  const { key } = quoted
  const author = key.fromMe ? userJid : quoted.participant || key.participant || key.remoteJid
  const content = normalizeMessageContent(quoted.message) as Fields
  const type = getContentType(content) as string
  const copy = messageOf({ [type]: content[type] }, line) as Fields
  const inner = copy[type]
  if (typeof inner === 'object' && inner && 'contextInfo' in inner) delete inner.contextInfo
  before.participant = jidNormalizedUser(author as string)
  before.stanzaId = key.id as string
  before.quotedMessage = copy
  // A private answer to what was said in a group.
  if (jid !== key.remoteJid) before['remoteJid'] = key.remoteJid
  return before
}

export const generateWAMessageFromContent = (
  jid: string,
  message: WAMessageContent,
  options: MessageGenerationOptionsFromContent,
  line: Line = 7,
): WAMessage => {
  const { userJid, quoted, ephemeralExpiration } = options
  if (!options.timestamp) options.timestamp = new Date()
  const { WebMessageInfo } = loadProto()
  const inner = normalizeMessageContent(message) as Fields
  const type = getContentType(inner) as string
  if (quoted && !isJidNewsletter(jid)) {
    const before = ('contextInfo' in inner[type] && inner[type].contextInfo) || {}
    const context = quotation(jid, quoted, userJid, before, line)
    if (inner[type]) inner[type].contextInfo = context
  }
  if (ephemeralExpiration && type !== 'protocolMessage' && type !== 'ephemeralMessage' && !isJidNewsletter(jid)) {
    inner[type].contextInfo = { ...inner[type].contextInfo, expiration: ephemeralExpiration || WA_DEFAULT_EPHEMERAL }
  }
  return WebMessageInfo.fromObject({
    key: { remoteJid: jid, fromMe: true, id: options.messageId || generateMessageIDV2() },
    message: messageOf(message, line),
    messageTimestamp: unixTimestampSeconds(options.timestamp),
    messageStubParameters: [],
    participant: isJidGroup(jid) || isJidStatusBroadcast(jid) ? userJid : undefined,
    status: PENDING,
  })
}

interface LinkInfo {
  [field: string]: any
}

export interface MessageContentGenerationOptions {
  logger?: { warn(value: unknown, message?: string): void } | undefined
  getUrlInfo?: ((text: string) => Promise<LinkInfo | undefined>) | undefined
  getProfilePicUrl?: ((jid: string, type: 'image' | 'preview') => Promise<string | undefined>) | undefined
  getCallLink?: ((type: 'audio' | 'video', event?: { startTime: number }) => Promise<string | undefined>) | undefined
  jid?: string | undefined
  backgroundColor?: string | undefined
  font?: number | undefined
  options?: RequestInit | undefined
  [option: string]: unknown
}

/** The preview of the first link; a failure costs the preview, not the message. */
export const generateLinkPreviewIfRequired = async (
  text: string,
  getUrlInfo: MessageContentGenerationOptions['getUrlInfo'],
  logger: MessageContentGenerationOptions['logger'],
): Promise<LinkInfo | undefined> => {
  const url = extractUrlFromText(text)
  if (!getUrlInfo || !url) return undefined
  try {
    return await getUrlInfo(url)
  } catch (error) {
    logger?.warn({ trace: (error as Error).stack }, 'a preview could not be made')
    return undefined
  }
}

/** `#RRGGBB` as an opaque colour, `#AARRGGBB` as it is. */
export function opaque(color: string): number | undefined {
  if (typeof color !== 'string') return undefined
  const hex = color.trim().replace('#', '')
  return parseInt(hex.length <= 6 ? `FF${hex.padStart(6, '0')}` : hex, 16)
}

async function textOf(message: Fields, options: MessageContentGenerationOptions): Promise<Fields> {
  const text: Fields = { text: message['text'] }
  let preview: LinkInfo | null | undefined = message['linkPreview']
  if (preview === undefined) preview = await generateLinkPreviewIfRequired(message['text'], options.getUrlInfo, options.logger)
  if (preview) {
    text['matchedText'] = preview['matched-text']
    text['jpegThumbnail'] = preview['jpegThumbnail']
    text['description'] = preview['description']
    text['title'] = preview['title']
    text['previewType'] = 0
    const image = preview['highQualityThumbnail']
    if (image) {
      text['thumbnailDirectPath'] = image.directPath
      text['mediaKey'] = image.mediaKey
      text['mediaKeyTimestamp'] = image.mediaKeyTimestamp
      text['thumbnailWidth'] = image.width
      text['thumbnailHeight'] = image.height
      text['thumbnailSha256'] = image.fileSha256
      text['thumbnailEncSha256'] = image.fileEncSha256
    }
  }
  if (options.backgroundColor) text['backgroundArgb'] = opaque(options.backgroundColor)
  if (options.font) text['font'] = options.font
  return { extendedTextMessage: text }
}

function pollOf(poll: Fields): Fields {
  poll['selectableCount'] ||= 0
  poll['toAnnouncementGroup'] ||= false
  if (!Array.isArray(poll['values'])) throw bad('Invalid poll values')
  const { length } = poll['values']
  if (poll['selectableCount'] < 0 || poll['selectableCount'] > length) {
    throw bad(`poll.selectableCount in poll should be >= 0 and <= ${length}`)
  }
  const creation = {
    name: poll['name'],
    selectableOptionsCount: poll['selectableCount'],
    options: (poll['values'] as string[]).map(optionName => ({ optionName })),
  }
  const field = poll['toAnnouncementGroup'] ? 'pollCreationMessageV2' : poll['selectableCount'] === 1 ? 'pollCreationMessageV3' : 'pollCreationMessage'
  return { messageContextInfo: { messageSecret: poll['messageSecret'] || random(32) }, [field]: creation }
}

async function eventOf(event: Fields, options: MessageContentGenerationOptions): Promise<Fields> {
  const startTime = Math.floor(event['startDate'].getTime() / 1000)
  const shown: Fields = {
    name: event['name'],
    description: event['description'],
    startTime,
    endTime: event['endDate'] ? event['endDate'].getTime() / 1000 : undefined,
    isCanceled: event['isCancelled'] ?? false,
    extraGuestsAllowed: event['extraGuestsAllowed'],
    isScheduleCall: event['isScheduleCall'] ?? false,
    location: event['location'],
  }
  if (event['call'] && options.getCallLink) {
    const token = await options.getCallLink(event['call'], { startTime })
    shown['joinLink'] = (event['call'] === 'audio' ? CALL_AUDIO_PREFIX : CALL_VIDEO_PREFIX) + token
  }
  // The event comes first: mentions go to the first field.
  return { eventMessage: shown, messageContextInfo: { messageSecret: event['messageSecret'] || random(32) } }
}

function pinOf(message: Fields): Fields {
  return {
    pinInChatMessage: { key: message['pin'], type: message['type'], senderTimestampMs: Date.now() },
    messageContextInfo: { messageAddOnDurationInSecs: message['type'] === PIN_FOR_ALL ? message['time'] || 86_400 : 0 },
  }
}

function buttonReplyOf({ buttonReply, type }: Fields): Fields {
  const { displayText, id, index } = buttonReply
  if (type === 'template') {
    return { templateButtonReplyMessage: { selectedDisplayText: displayText, selectedId: id, selectedIndex: index } }
  }
  if (type !== 'plain') return {}
  return { buttonsResponseMessage: { selectedButtonId: id, selectedDisplayText: displayText, type: DISPLAY_TEXT } }
}

async function inviteOf({ groupInvite }: Fields, options: MessageContentGenerationOptions): Promise<Fields> {
  const { inviteCode, inviteExpiration, text, jid, subject } = groupInvite
  const invite: Fields = { inviteCode, inviteExpiration, caption: text, groupJid: jid, groupName: subject }
  const url = await options.getProfilePicUrl?.(jid, 'preview')
  if (url) {
    const answer = await fetch(url, { method: 'GET', ...options.options })
    if (answer.ok) invite['jpegThumbnail'] = Buffer.from(await answer.arrayBuffer())
  }
  return { groupInviteMessage: invite }
}

async function productOf(message: Fields, options: MessageContentGenerationOptions, media: PrepareMedia): Promise<Fields> {
  const { imageMessage } = (await media({ image: message['product'].productImage }, options)) as Fields
  return { productMessage: { ...message, product: { ...message['product'], productImage: imageMessage } } }
}

export type PrepareMedia = (message: object, options: MessageContentGenerationOptions) => Promise<WAMessageContent>

const partOf = (name: string, fields: object, line: Line): object => {
  const part = (loadProto() as Fields)['Message'][name]
  return line === 6 ? part.fromObject(fields) : part.create(fields)
}

/** What kind of content it is; the first that fits. */
const KINDS: [field: string, make: (message: Fields, options: MessageContentGenerationOptions, media: PrepareMedia, line: Line) => Fields | Promise<Fields>][] = [
  ['contacts', ({ contacts }, _options, _media, line) => {
    const { length } = contacts.contacts
    if (!length) throw bad('require atleast 1 contact')
    return length === 1
      ? { contactMessage: partOf('ContactMessage', contacts.contacts[0], line) }
      : { contactsArrayMessage: partOf('ContactsArrayMessage', contacts, line) }
  }],
  ['location', ({ location }, _options, _media, line) => ({ locationMessage: partOf('LocationMessage', location, line) })],
  ['react', ({ react }, _options, _media, line) => {
    if (!react.senderTimestampMs) react.senderTimestampMs = Date.now()
    return { reactionMessage: partOf('ReactionMessage', react, line) }
  }],
  ['delete', message => ({ protocolMessage: { key: message['delete'], type: PROTOCOL.REVOKE } })],
  ['forward', message => generateForwardMessageContent(message['forward'], message['force'])],
  ['disappearingMessagesInChat', ({ disappearingMessagesInChat: time }) =>
    prepareDisappearingMessageSettingContent(typeof time === 'boolean' ? (time ? WA_DEFAULT_EPHEMERAL : 0) : time)],
  ['groupInvite', inviteOf],
  ['pin', pinOf],
  ['buttonReply', buttonReplyOf],
  ['ptv', async ({ video }, options, media) => ({ ptvMessage: ((await media({ video }, options)) as Fields)['videoMessage'] })],
  ['product', productOf],
  ['listReply', ({ listReply }) => ({ listResponseMessage: { ...listReply } })],
  ['event', ({ event }, options) => eventOf(event, options)],
  ['poll', ({ poll }) => pollOf(poll)],
  ['album', ({ album }) => ({ albumMessage: { expectedImageCount: album.expectedImageCount, expectedVideoCount: album.expectedVideoCount } })],
  ['sharePhoneNumber', () => ({ protocolMessage: { type: PROTOCOL.SHARE_PHONE_NUMBER } })],
  ['requestPhoneNumber', () => ({ requestPhoneNumberMessage: {} })],
  ['limitSharing', ({ limitSharing }) => ({
    protocolMessage: {
      type: PROTOCOL.LIMIT_SHARING,
      limitSharing: {
        sharingLimited: limitSharing === true,
        trigger: CHAT_SETTING,
        limitSharingSettingTimestamp: Date.now(),
        initiatedByMe: true,
      },
    },
  })],
]

/** Contents that tell apart who may know of them by other means. */
const WITHOUT_SECRET = ['reactionMessage', 'encReactionMessage', 'encEventResponseMessage', 'pollUpdateMessage']

function addContext(message: Fields, content: Fields, line: Line): void {
  const [type] = Object.keys(content) as [string]
  const inner = content[type]
  const { mentions, mentionAll } = message
  if ((!mentions?.length && !mentionAll) || !inner || typeof inner !== 'object') return
  // A text says in any case whether all are meant.
  const all = mentionAll ? { nonJidMentions: 1 } : line === 6 || 'contextInfo' in inner ? {} : { nonJidMentions: 0 }
  inner.contextInfo = { ...inner.contextInfo, ...(mentions?.length ? { mentionedJid: mentions } : {}), ...all }
}

/** The content for a message, from what the program gave. Media is prepared by `media`. */
export async function contentOf(
  message: Fields,
  options: MessageContentGenerationOptions,
  media: PrepareMedia,
  line: Line = 7,
): Promise<WAMessageContent> {
  const has = (field: string): boolean => hasNonNullishProperty(message, field)
  const kind = has('text') ? undefined : KINDS.find(([field]) => (field === 'ptv' ? message['ptv'] && has('video') : has(field)))
  let content: Fields = has('text') ? await textOf(message, options) : kind ? await kind[1](message, options, media, line) : await media(message, options)
  if (has('viewOnce') && message['viewOnce']) content = { viewOnceMessage: { message: content } }
  addContext(message, content, line)
  if (has('edit')) {
    const { edit } = message as { edit: MessageKey }
    content = { protocolMessage: { key: edit, editedMessage: content, timestampMs: Date.now(), type: PROTOCOL.MESSAGE_EDIT } }
  }
  if (has('contextInfo')) {
    const [type] = Object.keys(content) as [string]
    const inner = content[type]
    if (inner && typeof inner === 'object') inner.contextInfo = { ...inner.contextInfo, ...message['contextInfo'] }
  }
  if (has('albumParentKey')) {
    content['messageContextInfo'] = {
      ...content['messageContextInfo'],
      messageAssociation: { associationType: MEDIA_ALBUM, parentMessageKey: message['albumParentKey'] },
    }
  }
  if (line === 7 && !WITHOUT_SECRET.some(field => content[field])) {
    content['messageContextInfo'] = { ...content['messageContextInfo'], messageSecret: content['messageContextInfo']?.messageSecret ?? random(32) }
  }
  return messageOf(content, line)
}
