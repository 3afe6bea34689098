/** `Message`, and the raw model behind it (`_data`), made from the engine's messages. */

import type { Message as EngineMessage, MessageType } from '../../index.js'
import { notImplemented } from '../doors/missing.js'
import { MESSAGE_METHODS } from './absent.js'
import type { Client, MessageSendOptions } from './client.js'
import { MessageAck } from './constants.js'
import { type MessageId, type Wid, messageId, toPublic, toWid } from './wid.js'

/** The raw model. Callers may build a `Message` from their own. */
export interface RawMessage {
  id: MessageId
  ack?: number
  body?: string
  type?: string
  t?: number
  notifyName?: string
  from?: Wid | string
  to?: Wid | string
  author?: Wid | string
  star?: boolean
  isForwarded?: boolean
  forwardingScore?: number
  isStatusV3?: boolean
  broadcast?: boolean
  isGif?: boolean
  isEphemeral?: boolean
  mentionedJidList?: string[]
  groupMentions?: { groupSubject: string; groupJid: string }[]
  quotedMsg?: { id: MessageId; body: string; type: string; from: Wid }
  links?: { link: string; isSuspicious: boolean }[]
  [field: string]: unknown
}

/** Names of content; what has none is not a message for whatsapp-web.js. */
const TYPES: Record<MessageType, string | undefined> = {
  text: 'chat', image: 'image', video: 'video', audio: 'audio', voice: 'ptt', document: 'document', sticker: 'sticker', album: 'album',
  contact: 'vcard', location: 'location', poll: 'poll_creation', event: 'event_creation', invitation: 'groups_v4_invite', undecryptable: 'ciphertext',
  unavailable: 'ciphertext', unknown: 'unknown', reaction: undefined, protocol: undefined, edit: undefined,
  revoke: undefined, vote: undefined, 'event-response': undefined, comment: undefined, pin: undefined, keep: undefined,
  ephemeral: undefined, system: undefined,
}

const idOf = (value: Wid | string | undefined): string | undefined => (typeof value === 'object' ? value._serialized : value)

export class Message {
  declare readonly client: Client
  _data: RawMessage
  mediaKey: string | undefined
  id: MessageId
  ack: number | undefined
  hasMedia: boolean
  body: string
  type: string
  timestamp: number
  from: string
  to: string
  author: string | undefined
  deviceType: string
  isForwarded: boolean
  forwardingScore: number
  isStatus: boolean
  isStarred: boolean | undefined
  broadcast: boolean | undefined
  fromMe: boolean
  hasQuotedMsg: boolean
  hasReaction: boolean
  duration: number | undefined
  location: undefined
  vCards: string[]
  inviteV4: undefined
  mentionedIds: string[]
  groupMentions: { groupSubject: string; groupJid: string }[]
  orderId: undefined
  token: undefined
  isGif: boolean
  isEphemeral: boolean | undefined
  links: { link: string; isSuspicious: boolean }[]

  constructor(client: Client, data: RawMessage) {
    Object.defineProperty(this, 'client', { value: client })
    this._data = data
    this.mediaKey = undefined
    this.id = data.id
    this.ack = data.ack
    this.hasMedia = Boolean(data['directPath'])
    this.body = data.body ?? ''
    this.type = data.type ?? 'unknown'
    this.timestamp = data.t ?? 0
    this.from = idOf(data.from) ?? ''
    this.to = idOf(data.to) ?? ''
    this.author = idOf(data.author)
    this.deviceType = deviceType(data.id.id)
    this.isForwarded = Boolean(data.isForwarded)
    this.forwardingScore = data.forwardingScore ?? 0
    this.isStatus = Boolean(data.isStatusV3) || data.id.remote === 'status@broadcast'
    this.isStarred = data.star
    this.broadcast = data.broadcast
    this.fromMe = data.id.fromMe
    this.hasQuotedMsg = Boolean(data.quotedMsg)
    this.hasReaction = Boolean(data['hasReaction'])
    this.duration = undefined
    this.location = undefined
    this.vCards = []
    this.inviteV4 = undefined
    this.mentionedIds = data.mentionedJidList ?? []
    this.groupMentions = data.groupMentions ?? []
    this.orderId = undefined
    this.token = undefined
    this.isGif = Boolean(data.isGif)
    this.isEphemeral = data.isEphemeral
    this.links = data.links ?? []
  }

  get rawData(): RawMessage {
    return this._data
  }

  _getChatId(): string {
    return this.fromMe ? this.to : this.from
  }

  /** Answers in the chat. Quotes are not there yet: it is sent without one, as whatsapp-web.js does when it cannot find the message. */
  async reply(content: string, chatId?: string | null, options: MessageSendOptions = {}): Promise<Message> {
    return this.client.sendMessage(chatId ?? this._getChatId(), content, { ...options, quotedMessageId: this.id._serialized })
  }

  async getQuotedMessage(): Promise<Message | undefined> {
    const quoted = this._data.quotedMsg
    return quoted && new Message(this.client, { ...quoted, to: this.to })
  }
}

for (const name of MESSAGE_METHODS) {
  const value = async function absent(): Promise<never> {
    throw notImplemented(`Message.${name}`)
  }
  Object.defineProperty(Message.prototype, name, { value, writable: true, configurable: true })
}

/** The engine's message as a raw model, or nothing where whatsapp-web.js shows no message. */
export function rawOf(message: EngineMessage, me: string): RawMessage | undefined {
  const type = TYPES[message.type]
  if (type === undefined) return undefined
  const { fromMe, sender } = message
  const chat = toPublic(message.chat)
  const author = toPublic(sender.pn ?? sender.jid)
  const many = chat.endsWith('@g.us') || chat.endsWith('@broadcast')
  const body = message.text ?? ''
  return {
    id: messageId(fromMe, chat, message.id, many ? author : undefined),
    ack: MessageAck.ACK_SERVER,
    body,
    type,
    t: Math.floor(message.timestamp / 1000),
    ...(sender.name === undefined ? {} : { notifyName: sender.name }),
    from: toWid(fromMe ? me : chat),
    to: toWid(fromMe ? chat : me),
    ...(many ? { author: toWid(author) } : {}),
    ...(sender.lid === undefined || fromMe ? {} : { fromLid: toPublic(sender.lid) }),
    star: false,
    isForwarded: false,
    isEphemeral: false,
    links: linksIn(body),
    mentionedJidList: message.mentions.map(toPublic),
    groupMentions: [],
    ...(message.quoted ? { quotedMsg: quotedOf(message.quoted, chat, me) } : {}),
  }
}

/** A text that this client sends, before the server has it. */
export function rawSent(jid: string, id: string, body: string, me: string): RawMessage {
  const chat = toPublic(jid)
  const many = chat.endsWith('@g.us')
  return {
    id: messageId(true, chat, id, many ? me : undefined),
    ack: MessageAck.ACK_PENDING,
    body,
    type: 'chat',
    t: Math.floor(Date.now() / 1000),
    from: toWid(me),
    to: toWid(chat),
    ...(many ? { author: toWid(me) } : {}),
    star: false,
    isForwarded: false,
    isEphemeral: false,
    links: linksIn(body),
    mentionedJidList: [],
    groupMentions: [],
  }
}

function quotedOf(quoted: NonNullable<EngineMessage['quoted']>, chat: string, me: string): NonNullable<RawMessage['quotedMsg']> {
  const from = quoted.sender === undefined ? chat : toPublic(quoted.sender)
  return { id: messageId(from === me, chat, quoted.id), body: quoted.text ?? '', type: 'chat', from: toWid(from) }
}

function deviceType(id: string): string {
  if (id.length > 25) return 'android'
  return id.startsWith('3A') ? 'ios' : 'web'
}

function linksIn(text: string): { link: string; isSuspicious: boolean }[] {
  return Array.from(text.matchAll(/\bhttps?:\/\/[^\s<>"]+/giu), ([link]) => ({ link, isSuspicious: false }))
}
