/** What an action of the app state means for a program: one action in, its events out. */
import { toNumber } from './bits.js'
import { isLidUser, isPnUser } from './jid.js'
import type { ChatMutation, Contact, InitialAppStateSyncOptions } from './types.js'

type Fields = { [field: string]: any }

interface Emitter {
  emit(event: any, data: any): unknown
}
interface ActionLogger {
  trace(value: unknown, message?: string): void
  debug(value: unknown, message?: string): void
  info(message: unknown, text?: string): void
  warn(value: unknown, message?: string): void
}
/** What the events that are held back know of chats. */
interface HeldChats {
  historySets: { chats: Fields }
  chatUpserts: Fields
}

interface Action {
  value: Fields
  index: string[]
  /** The second element of the index: mostly a chat. */
  id: string
  me: Partial<Contact> | undefined
  initial: InitialAppStateSyncOptions | undefined
  emit(event: string, data: unknown): void
  logger: ActionLogger | undefined
}

/** Whether an update of a chat is to be applied, once the chat is known: not if the chat has newer messages than it knew. */
function conditionOf({ id, initial }: Action, range?: Fields | null): ((held: HeldChats) => boolean | undefined) | undefined {
  if (!initial) return undefined
  return ({ historySets, chatUpserts }) => {
    const chat = (historySets.chats[id] || chatUpserts[id]) as Fields | undefined
    if (!chat) return undefined
    if (!range) return true
    const known = Number(range['lastMessageTimestamp'] || range['lastSystemMessageTimestamp'] || 0)
    return known >= Number(chat['lastMessageRecvTimestamp'] || 0)
  }
}

function updateChat(action: Action, update: Fields, range?: Fields | null): void {
  action.emit('chats.update', [{ id: action.id, ...update, conditional: conditionOf(action, range) }])
}

const messageOf = ({ index: [, remoteJid, id, fromMe] }: Action): Fields => ({ remoteJid, id, fromMe: fromMe === '1' })

function archive(action: Action): void {
  const { value, index, initial } = action
  const { archived, messageRange } = (value['archiveChatAction'] as Fields | null) || { archived: index[0] === 'archive' }
  // Where chats stay archived, newer messages change nothing.
  updateChat(action, { archived }, initial?.accountSettings?.unarchiveChats ? messageRange : undefined)
}

function markRead(action: Action, { read, messageRange }: Fields): void {
  // Of a chat that the history brings, the history knows how many messages are unread.
  updateChat(action, { unreadCount: read ? (action.initial ? null : 0) : -1 }, messageRange)
}

function contact({ id, emit, logger }: Action, { fullName, firstName, username, lidJid, pnJid }: Fields): void {
  if (!id) return logger?.warn({ lidJid: !!lidJid, pnJid: !!pnJid }, 'a contact without address')
  const byNumber = isPnUser(id)
  emit('contacts.upsert', [
    {
      id,
      name: fullName || firstName || username || undefined,
      username: username || undefined,
      lid: lidJid || undefined,
      phoneNumber: byNumber ? id : pnJid || undefined,
    },
  ])
  if (byNumber && lidJid && isLidUser(lidJid)) emit('lid-mapping.update', { lid: lidJid, pn: id })
}

function lidContact({ id, emit }: Action, { fullName, firstName, username }: Fields): void {
  const name = fullName || firstName || username || undefined
  emit('contacts.upsert', [{ id, name, username: username || undefined, lid: id, phoneNumber: undefined }])
}

function label({ id, emit }: Action, { name, color, deleted, predefinedId }: Fields): void {
  emit('labels.edit', { id, name, color, deleted, predefinedId: predefinedId ? String(predefinedId) : undefined })
}

function labelAssociation({ index: [type, labelId, chatId, messageId], emit }: Action, { labeled }: Fields): void {
  const association = type === 'label_jid' ? { type, chatId, labelId } : { type: 'label_message', chatId, messageId, labelId }
  emit('labels.association', { type: labeled ? 'add' : 'remove', association })
}

const setting = (name: string) => ({ emit }: Action, value: unknown): void => emit('settings.update', { setting: name, value })

/**
 * The fields of `SyncActionValue`, the first that is set counts. An index of one of the types stands for its action too, as where
 * something was taken out.
 */
const ACTIONS: readonly [field: string, act: (action: Action, value: Fields) => void, ...types: string[]][] = [
  ['muteAction', (action, { muted, muteEndTimestamp }) => updateChat(action, { muteEndTime: muted ? toNumber(muteEndTimestamp) : null })],
  ['archiveChatAction', archive, 'archive', 'unarchive'],
  ['markChatAsReadAction', markRead],
  ['deleteMessageForMeAction', action => action.emit('messages.delete', { keys: [messageOf(action)] }), 'deleteMessageForMe'],
  ['contactAction', contact],
  ['pushNameSetting', ({ me, emit }, { name }) => {
    if (name && me?.name !== name) emit('creds.update', { me: { ...me, name } })
  }],
  ['pinAction', (action, { pinned }) => updateChat(action, { pinned: pinned ? toNumber(action.value['timestamp']) : null })],
  ['unarchiveChatsSetting', ({ initial, emit, logger }, { unarchiveChats }) => {
    const unarchives = !!unarchiveChats
    logger?.info({ unarchiveChats: unarchives }, 'whether new messages bring chats back from the archive')
    // What follows in this sync is judged by it.
    if (initial?.accountSettings) initial.accountSettings.unarchiveChats = unarchives
    emit('creds.update', { accountSettings: { unarchiveChats: unarchives } })
  }],
  ['starAction', (action, { starred }) => {
    action.emit('messages.update', [{ key: messageOf(action), update: { starred: typeof starred === 'boolean' ? starred : action.index.at(-1) === '1' } }])
  }, 'star'],
  ['deleteChatAction', ({ id, initial, emit }) => {
    // What was deleted once is not in the history.
    if (!initial) emit('chats.delete', [id])
  }, 'deleteChat'],
  ['labelEditAction', label],
  ['labelAssociationAction', labelAssociation],
  ['localeSetting', (action, { locale }) => setting('locale')(action, locale)],
  ['timeFormatAction', setting('timeFormat')],
  ['pnForLidChatAction', ({ id, emit }, { pnJid }) => {
    if (pnJid) emit('lid-mapping.update', { lid: id, pn: pnJid })
  }],
  ['privacySettingRelayAllCalls', setting('privacySettingRelayAllCalls')],
  ['statusPrivacy', setting('statusPrivacy')],
  ['lockChatAction', ({ id, emit }, { locked }) => emit('chats.lock', { id, locked: !!locked })],
  ['privacySettingDisableLinkPreviewsAction', setting('disableLinkPreviews')],
  ['notificationActivitySettingAction', (action, value) => setting('notificationActivitySetting')(action, value['notificationActivitySetting'])],
  ['lidContactAction', lidContact],
  ['privacySettingChannelsPersonalisedRecommendationAction', setting('channelsPersonalisedRecommendation')],
]
/** Settings that are told of only with a value. */
const VALUED: { [field: string]: string } = { localeSetting: 'locale', notificationActivitySettingAction: 'notificationActivitySetting' }

export const processSyncAction = (
  syncAction: ChatMutation,
  ev: Emitter,
  me: Partial<Contact> | undefined,
  initialSyncOpts: InitialAppStateSyncOptions | undefined,
  logger: ActionLogger | undefined,
): void => {
  const { index } = syncAction
  const value: Fields = syncAction.syncAction.value || {}
  const [type, id] = index as [string, string]
  logger?.trace({ index }, 'an action of the app state')
  const found = ACTIONS.find(([field, , ...types]) => {
    const valued = VALUED[field]
    return types.includes(type) || (valued ? value[field]?.[valued] : value[field])
  })
  // Programs look for this text.
  if (!found) return logger?.debug({ syncAction, id }, 'unprocessable update')
  const emit = (event: string, data: unknown): void => void ev.emit(event, data)
  found[1]({ value, index, id, me, initial: initialSyncOpts, emit, logger }, value[found[0]] || {})
}
