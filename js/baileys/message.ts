/** The engine's messages and receipts in the shapes of Baileys. */
import type { Message, Receipt } from '../../index.js'
import type { BaileysEventMap, WAMessage, WAMessageKey } from './types.js'
import { areJidsSameUser, isJidBroadcast, isJidGroup, isLidUser, isPnUser, jidNormalizedUser } from './jid.js'
import { isRealMessage } from './keys.js'
import { loadProto } from './proto.js'

const STATUS = { error: 0, pending: 1, serverAck: 2, deliveryAck: 3, read: 4, played: 5 } as const
const STUB_CIPHERTEXT = 2

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

/** The other form, phone number or LID, of a user's address. */
function otherForm(jid: string, { pn, lid }: { pn?: string; lid?: string }): string | undefined {
  const other = isLidUser(jid) ? pn : isPnUser(jid) ? lid : undefined
  return other === undefined ? undefined : jidNormalizedUser(other)
}

function keyOf(message: Message): WAMessageKey {
  const remoteJid = jidNormalizedUser(message.chat)
  const { sender, fromMe, id } = message
  const many = isJidGroup(remoteJid) || isJidBroadcast(remoteJid)
  const author = jidNormalizedUser(sender.jid)
  return {
    remoteJid,
    remoteJidAlt: many || fromMe ? undefined : otherForm(remoteJid, sender),
    remoteJidUsername: undefined,
    fromMe,
    id,
    participant: many ? author : '',
    participantAlt: many ? otherForm(author, sender) : undefined,
    participantUsername: undefined,
    addressingMode: isLidUser(many ? author : remoteJid) ? 'lid' : 'pn',
  }
}

/** A received message as a WAMessage: a plain object whose `message` is a proto instance. */
export function toWAMessage(message: Message): WAMessage {
  const shown = {
    key: keyOf(message),
    category: undefined,
    messageTimestamp: seconds(message.timestamp),
    pushName: message.sender.name,
    broadcast: Boolean(isJidBroadcast(message.chat)),
    ...(message.fromMe ? { status: STATUS.serverAck } : {}),
  }
  if (message.type === 'undecryptable') {
    return { ...shown, messageStubType: STUB_CIPHERTEXT, messageStubParameters: ['Message could not be decrypted'] }
  }
  if (message.type === 'unavailable') {
    return { ...shown, messageStubType: STUB_CIPHERTEXT, messageStubParameters: ['Message absent from node'] }
  }
  return { ...shown, message: loadProto().Message.decode(message.raw()) }
}

/** A message that this socket sent, as `sendMessage` returns it. */
export function sentText(remoteJid: string, id: string, text: string, timestamp: number, participant: string | undefined): WAMessage {
  return loadProto().WebMessageInfo.fromObject({
    key: { remoteJid, fromMe: true, id },
    message: { extendedTextMessage: { text } },
    messageTimestamp: seconds(timestamp),
    status: STATUS.pending,
    ...(participant === undefined ? {} : { participant }),
  }) as WAMessage
}

/** The events of one message that came in or went out, as one batch. */
export function eventsOf(message: WAMessage, type: 'append' | 'notify', timestamp: number): Partial<BaileysEventMap> {
  const { key, pushName } = message
  const chat = key.remoteJid ?? ''
  const events: Partial<BaileysEventMap> = {}
  if (isRealMessage(message)) {
    const unread = key.fromMe ? {} : { unreadCount: 1 }
    events['chats.update'] = [{ id: chat, messages: [{ message }], conversationTimestamp: seconds(timestamp), ...unread }]
  }
  events['messages.upsert'] = { messages: [message], type }
  if (!key.fromMe && pushName) {
    events['contacts.update'] = [{ id: key.participant || chat, notify: pushName, verifiedName: undefined }]
  }
  return events
}

/** The events of a receipt; the server's own acknowledgement is none for Baileys. `me` is the own address in both forms. */
export function eventsOfReceipt(receipt: Receipt, me: (string | undefined)[]): Partial<BaileysEventMap> {
  if (receipt.status === 'sent') return {}
  const remoteJid = jidNormalizedUser(receipt.chat)
  if (receipt.status === 'failed') {
    const update = { status: STATUS.error, messageStubParameters: [String(receipt.error)] }
    return { 'messages.update': receipt.ids.map(id => ({ key: { remoteJid, id, fromMe: true, participant: undefined }, update })) }
  }
  const reader = jidNormalizedUser(receipt.recipient.jid)
  const time = seconds(receipt.timestamp)
  if (isJidGroup(remoteJid) || isJidBroadcast(remoteJid)) {
    const when = receipt.status === 'delivered' ? { receiptTimestamp: time } : { readTimestamp: time }
    return {
      'message-receipt.update': receipt.ids.map(id => ({
        key: { remoteJid, id, fromMe: true, participant: reader },
        receipt: { userJid: reader, ...when },
      })),
    }
  }
  // Own other devices: "delivered" tells of what we sent, "read" of what we were sent.
  const own = me.some(jid => jid !== undefined && areJidsSameUser(jid, reader))
  const status =
    receipt.status === 'delivered' ? (own ? STATUS.serverAck : STATUS.deliveryAck) : receipt.status === 'read' ? STATUS.read : STATUS.played
  const fromMe = !own || receipt.status === 'delivered'
  return {
    'messages.update': receipt.ids.map(id => ({
      key: { remoteJid, id, fromMe, participant: undefined },
      update: { status, messageTimestamp: time },
    })),
  }
}

/** What the engine needs to mark the message of `key` as read. */
export function unread(key: WAMessageKey): Message {
  const chat = jidNormalizedUser(key.remoteJid ?? '')
  return {
    id: key.id ?? '',
    chat,
    sender: { jid: jidNormalizedUser(key.participant || chat), device: 0 },
    fromMe: Boolean(key.fromMe),
    source: 'live',
    timestamp: 0,
    type: 'unknown',
    mentions: [],
    redelivered: false,
    raw: () => new Uint8Array(),
  }
}
