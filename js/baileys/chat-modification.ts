/** A change of a chat or a setting, as the action of the app state that makes it. */
import { Boom } from '@hapi/boom'

import { toNumber, unixTimestampSeconds } from './bits.js'
import type { WAPatchName } from './constants.js'
import { isJidGroup, jidNormalizedUser } from './jid.js'
import type { ChatModification, LastMessageList, WAPatchCreate } from './types.js'


type Fields = { [field: string]: any }
type Patch = [type: WAPatchName, apiVersion: number, index: string[], action: Fields, operation?: number]

const SET = 0
const REMOVE = 1
/** The author of a message, where it is clear who it is. */
const NOBODY = '0'
const flag = (value: unknown): string => (value ? '1' : '0')

/** The messages that the device knows of when it makes the change. Their participants lose their device, in the message itself. */
function rangeOf(messages: LastMessageList): Fields {
  if (!Array.isArray(messages)) return messages
  for (const message of messages) {
    const { key, messageTimestamp } = message
    const refuse = (text: string): Boom => new Boom(text, { statusCode: 400, data: message })
    if (!key?.id || !key.remoteJid) throw refuse('Incomplete key')
    if (isJidGroup(key.remoteJid) && !key.fromMe && !key.participant) throw refuse('Expected not from me message to have participant')
    if (!toNumber(messageTimestamp)) throw refuse('Missing timestamp in last message list')
    if (key.participant) key.participant = jidNormalizedUser(key.participant)
  }
  const oldest = messages[messages.length - 1]
  return { lastMessageTimestamp: oldest?.messageTimestamp, messages: messages.length ? messages : undefined }
}

const labelChat = (labeled: boolean) => ({ labelId }: Fields, jid: string): Patch =>
  ['regular', 3, ['label_jid', labelId, jid], { labelAssociationAction: { labeled } }]
const labelMessage = (labeled: boolean) => ({ labelId, messageId }: Fields, jid: string): Patch =>
  ['regular', 3, ['label_message', labelId, jid, messageId, '0', NOBODY], { labelAssociationAction: { labeled } }]

/** By what the modification has; the first in this order counts. */
const MODIFICATIONS: { [name: string]: (value: any, jid: string, messages: LastMessageList) => Patch } = {
  mute: (until, jid) => ['regular_high', 2, ['mute', jid], { muteAction: { muted: !!until, muteEndTimestamp: until || undefined } }],
  archive: (archived, jid, messages) =>
    ['regular_low', 3, ['archive', jid], { archiveChatAction: { archived: !!archived, messageRange: rangeOf(messages) } }],
  markRead: (read, jid, messages) =>
    ['regular_low', 3, ['markChatAsRead', jid], { markChatAsReadAction: { read, messageRange: rangeOf(messages) } }],
  deleteForMe: ({ timestamp, key, deleteMedia }, jid) =>
    ['regular_high', 3, ['deleteMessageForMe', jid, key.id, flag(key.fromMe), NOBODY], { deleteMessageForMeAction: { deleteMedia, messageTimestamp: timestamp } }],
  // With the starred messages, without the files.
  clear: (_, jid, messages) => ['regular_high', 6, ['clearChat', jid, '1', '0'], { clearChatAction: { messageRange: rangeOf(messages) } }],
  pin: (pinned, jid) => ['regular_low', 5, ['pin_v1', jid], { pinAction: { pinned: !!pinned } }],
  contact: (contact, jid) => ['critical_unblock_low', 2, ['contact', jid], { contactAction: contact || {} }, contact ? SET : REMOVE],
  disableLinkPreviews: previews =>
    ['regular', 8, ['setting_disableLinkPreviews'], { privacySettingDisableLinkPreviewsAction: previews || {} }],
  star: ({ messages: [first], star }, jid) =>
    ['regular_low', 2, ['star', jid, first.id, flag(first.fromMe), NOBODY], { starAction: { starred: !!star } }],
  delete: (_, jid, messages) => ['regular_high', 6, ['deleteChat', jid, '1'], { deleteChatAction: { messageRange: rangeOf(messages) } }],
  pushNameSetting: name => ['critical_block', 1, ['setting_pushName'], { pushNameSetting: { name } }],
  quickReply: ({ timestamp, deleted, message, shortcut }) =>
    ['regular', 2, ['quick_reply', timestamp || String(unixTimestampSeconds())], {
      quickReplyAction: { count: 0, deleted: deleted || false, keywords: [], message: message || '', shortcut: shortcut || '' },
    }],
  addLabel: ({ id, name, color, predefinedId, deleted }) =>
    ['regular', 3, ['label_edit', id], { labelEditAction: { name, color, predefinedId, deleted } }],
  addChatLabel: labelChat(true),
  removeChatLabel: labelChat(false),
  addMessageLabel: labelMessage(true),
  removeMessageLabel: labelMessage(false),
}

export const chatModificationToAppPatch = (mod: ChatModification, jid: string): WAPatchCreate => {
  const name = Object.keys(MODIFICATIONS).find(name => name in mod)
  const make = name === undefined ? undefined : MODIFICATIONS[name]
  if (name === undefined || !make) throw new Boom('not supported')
  const { [name]: value, lastMessages } = mod as Fields
  const [type, apiVersion, index, action, operation = SET] = make(value, jid, lastMessages)
  return { syncAction: { ...action, timestamp: Date.now() }, index, type, apiVersion, operation }
}
