/** Keys of messages: whose they are, which chat they belong to, and seen from which side. */
import { Boom } from '@hapi/boom'

import { normalizeMessageContent, getContentType } from './content.js'
import { areJidsSameUser, isHostedLidUser, isHostedPnUser, isJidBroadcast, isJidStatusBroadcast, jidDecode, jidEncode, jidNormalizedUser } from './jid.js'
import type { MessageKey, WAMessage, WAMessageKey } from './types.js'

export const getKeyAuthor = (key: WAMessageKey | undefined | null, meId = 'me'): string =>
  (key?.fromMe ? meId : key?.participantAlt || key?.remoteJidAlt || key?.participant || key?.remoteJid) || ''

/** The chat of a message: of a broadcast list it is the one with its sender. */
export const getChatId = ({ remoteJid, participant, fromMe }: WAMessageKey): string => {
  const without = (what: string, data: object): Boom => new Boom(`Cannot derive chat id: ${what}`, { data })
  if (!remoteJid) throw without('message key is missing remoteJid', { remoteJid, participant, fromMe })
  if (!isJidBroadcast(remoteJid) || isJidStatusBroadcast(remoteJid) || fromMe) return remoteJid
  if (!participant) throw without('broadcast message key is missing participant', { remoteJid, fromMe })
  return participant
}

/** Without device; a hosted device is shown as its user. */
function shownUser(jid: string | undefined): string {
  if (!isHostedPnUser(jid) && !isHostedLidUser(jid)) return jidNormalizedUser(jid)
  const { user = '' } = jidDecode(jid) ?? {}
  return jidEncode(user, isHostedPnUser(jid) ? 's.whatsapp.net' : 'lid')
}

/** Brings the addresses of a received message into their usual form, and keys inside it to the view of this account. */
export const cleanMessage = (message: WAMessage, meId: string, meLid: string): void => {
  const { key } = message
  key.remoteJid = shownUser(key.remoteJid as string)
  key.participant = shownUser(key.participant as string)
  const content = normalizeMessageContent(message.message)
  const view = (inner: MessageKey): void => {
    if (key.fromMe) return
    const author = inner.participant || inner.remoteJid || undefined
    inner.fromMe = inner.fromMe ? false : areJidsSameUser(author, meId) || areJidsSameUser(author, meLid)
    inner.remoteJid = key.remoteJid
    inner.participant = inner.participant || key.participant
  }
  const reacted = content?.['reactionMessage'] as { key: MessageKey } | null | undefined
  if (reacted) view(reacted.key)
  const voted = content?.['pollUpdateMessage'] as { pollCreationMessageKey: MessageKey } | null | undefined
  if (voted) view(voted.pollCreationMessageKey)
}

/** Something that a person sees as a message in the chat. */
export const isRealMessage = (message: WAMessage): boolean => {
  const content = normalizeMessageContent(message.message)
  if (!content || getContentType(content) === undefined) return false
  return !content['protocolMessage'] && !content['reactionMessage'] && !content['pollUpdateMessage']
}

export const shouldIncrementChatUnread = (message: WAMessage): boolean => !message.key.fromMe && !message.messageStubType

/** By chat and sender, for receipts that name several messages. */
export const aggregateMessageKeysNotFromMe = (
  keys: WAMessageKey[],
): { jid: string; participant: string | undefined; messageIds: string[] }[] => {
  const groups = new Map<string, { jid: string; participant: string | undefined; messageIds: string[] }>()
  for (const { remoteJid, id, participant, fromMe } of keys) {
    if (fromMe) continue
    const name = `${remoteJid}:${participant || ''}`
    const group = groups.get(name) ?? { jid: remoteJid as string, participant: participant as string | undefined, messageIds: [] }
    group.messageIds.push(id as string)
    groups.set(name, group)
  }
  return [...groups.values()]
}
