/** An action of the app state as a change that the engine makes: it has the collections and their keys. */
import type { Change } from '../../../index.js'
import { toNumber } from '../bits.js'
import { loadProto } from '../proto.js'
import type { Long, ProtoClass, WAMessageKey, WAPatchCreate } from '../types.js'

type Fields = { [field: string]: any }
type Extent = Extract<Change, { type: 'archive' }>['lastMessages']

const REMOVE = 1
/** Earlier than this, a time in milliseconds is none: programs mute for so long as the number says. */
const EARLIEST = 100_000_000_000
const KNOWN = '1'

const defined = <T extends object>(fields: T): { [Name in keyof T]: Exclude<T[Name], undefined | null> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)) as never

const milliseconds = (seconds: number | Long | null | undefined): number => toNumber(seconds) * 1000

/** Up to where the change knows the chat. Baileys has the newest message first, the engine the oldest. */
function extentOf(range: Fields | null | undefined): { lastMessageTimestamp?: number; lastMessages?: NonNullable<Extent> } {
  const messages = ((range?.['messages'] as Fields[] | null | undefined) ?? []).map(({ key, messageTimestamp }) => {
    const { id, fromMe, participant } = key as WAMessageKey
    const sender = participant ? { sender: participant } : {}
    return { id: id as string, fromMe: Boolean(fromMe), ...sender, timestamp: milliseconds(messageTimestamp as number) }
  })
  const last = milliseconds(range?.['lastMessageTimestamp'] as number)
  return { ...(last ? { lastMessageTimestamp: last } : {}), ...(messages.length > 0 ? { lastMessages: messages.reverse() } : {}) }
}

const isEmpty = (fields: object): boolean => Object.values(fields).every(value => value === undefined || value === null)

const authorOf = (participant: string | undefined): { sender?: string } => (participant && participant !== '0' ? { sender: participant } : {})

const until = (end: number | Long | null | undefined): { until?: number } => {
  const time = toNumber(end)
  if (time <= 0) return {}
  return { until: time < EARLIEST ? Date.now() + time : time }
}

type Part = string | undefined
type Make = (action: Fields, index: [Part, Part, Part, Part], removed: boolean) => Fields

/** By the name of the action; the fields of `SyncActionValue` that they are in, and the parts of the index after the name. */
const ACTIONS: { [name: string]: [field: string, make: Make] } = {
  archive: ['archiveChatAction', ({ archived, messageRange }, [chat]) => ({ type: 'archive', chat, archived: !!archived, ...extentOf(messageRange as Fields) })],
  pin_v1: ['pinAction', ({ pinned }, [chat]) => ({ type: 'pin', chat, pinned: !!pinned })],
  mute: ['muteAction', ({ muted, muteEndTimestamp }, [chat]) => ({ type: 'mute', chat, muted: !!muted, ...(muted ? until(muteEndTimestamp as number) : {}) })],
  markChatAsRead: ['markChatAsReadAction', ({ read, messageRange }, [chat]) => ({ type: 'markRead', chat, read: !!read, ...extentOf(messageRange as Fields) })],
  clearChat: ['clearChatAction', ({ messageRange }, [chat, starred, media]) => ({ type: 'clear', chat, deleteStarred: starred === KNOWN, deleteMedia: media === KNOWN, ...extentOf(messageRange as Fields) })],
  deleteChat: ['deleteChatAction', ({ messageRange }, [chat, media]) => ({ type: 'deleteChat', chat, deleteMedia: media === KNOWN, ...extentOf(messageRange as Fields) })],
  star: ['starAction', ({ starred }, [chat, id, mine, author]) => ({ type: 'star', starred: !!starred, chat, id, fromMe: mine === KNOWN, ...authorOf(author) })],
  deleteMessageForMe: ['deleteMessageForMeAction', ({ deleteMedia, messageTimestamp }, [chat, id, mine, author]) =>
    ({ type: 'deleteForMe', chat, id, fromMe: mine === KNOWN, ...authorOf(author), deleteMedia: !!deleteMedia, messageTimestamp: milliseconds(messageTimestamp as number) || undefined })],
  contact: ['contactAction', ({ fullName, firstName, lidJid, username, saveOnPrimaryAddressbook }, [jid], removed) =>
    removed
      ? { type: 'contact', jid, removed: true }
      : { type: 'contact', jid, lid: lidJid, name: fullName, firstName, username, saveOnPhone: saveOnPrimaryAddressbook }],
  setting_pushName: ['pushNameSetting', ({ name }) => ({ type: 'pushName', name })],
  setting_locale: ['localeSetting', ({ locale }) => ({ type: 'locale', locale })],
  setting_unarchiveChats: ['unarchiveChatsSetting', ({ unarchiveChats }) => ({ type: 'unarchiveChats', enabled: !!unarchiveChats })],
  setting_disableLinkPreviews: ['privacySettingDisableLinkPreviewsAction', ({ isPreviewsDisabled }) => ({ type: 'linkPreviews', enabled: !isPreviewsDisabled })],
  lock: ['lockChatAction', ({ locked }, [chat]) => ({ type: 'lock', chat, locked: !!locked })],
  quick_reply: ['quickReplyAction', ({ shortcut, message, count, keywords, deleted }, [id]) => ({ type: 'quickReply', id, shortcut, message, count, keywords, deleted: deleted || undefined })],
  label_edit: ['labelEditAction', ({ name, color, predefinedId, deleted }, [id]) => ({ type: 'label', id, name, color, predefinedId, deleted: deleted || undefined })],
  label_jid: ['labelAssociationAction', ({ labeled }, [labelId, chat]) => ({ type: 'labelAssociation', labelId, chat, labeled: !!labeled })],
  label_message: ['labelAssociationAction', ({ labeled }, [labelId, chat, messageId]) => ({ type: 'labelAssociation', labelId, chat, messageId, labeled: !!labeled })],
}

/** An action that the engine has no form for, as it is given: its index, its bytes, its collection. */
function asGiven({ index, syncAction, type, apiVersion, operation }: WAPatchCreate): Change {
  const { SyncActionValue } = loadProto() as unknown as { SyncActionValue: ProtoClass<object> }
  const value = Buffer.from(SyncActionValue.encode(SyncActionValue.fromObject(syncAction)).finish()).toString('base64')
  const made = { type: 'made', collection: type, index: index.map(String), value, version: apiVersion, removed: operation === REMOVE }
  return made as unknown as Change
}

export function changeOf(patch: WAPatchCreate): Change {
  const { index: [name = '', ...parts], syncAction, operation } = patch
  const known = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
  if (!known) return asGiven(patch)
  const [field, make] = known
  const { [field]: action, timestamp: _, ...others } = syncAction as { [field: string]: Fields | null | undefined }
  const read = new Set<PropertyKey>()
  const seen = new Proxy(action ?? {}, { get: (fields: Fields, name) => (read.add(name), fields[name as string]) })
  const change = make(seen, [...parts] as unknown as [Part, Part, Part, Part], operation === REMOVE)
  // What the engine's form has no room for goes as it is.
  const fits = isEmpty(others) && Object.entries(action ?? {}).every(([name, value]) => read.has(name) || value === undefined || value === null)
  return fits ? (defined(change) as Change) : asGiven(patch)
}
