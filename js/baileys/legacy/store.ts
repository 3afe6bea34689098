/** `makeInMemoryStore` of Baileys 6: chats, people and messages as the events tell of them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type KeyedDB from '@adiwajshing/keyed-db'

import { toNumber } from '../bits.js'
import { jidNormalizedUser } from '../jid.js'
import { updateMessageWithReaction, updateMessageWithReceipt } from '../polls.js'
import { loadProto, type proto } from '../proto.js'
import { type ILogger, quietLogger } from '../quiet-logger.js'
import type {
  BaileysEventEmitter, BaileysEventMap, Chat, ChatUpdate, ConnectionState, Contact, GroupMetadata, Label, LabelAssociation,
  PresenceData, WAMessage, WAMessageCursor, WAMessageKey, WASocket,
} from '../types.js'
import { makeOrderedDictionary, ObjectRepository, type OrderedDictionary } from './dictionary.js'
import { altered, participantJid } from './shapes.js'

/** How things are sorted: by a text, and how two of them compare. */
interface Sorting<T> {
  key: (item: T) => string
  compare: (a: string, b: string) => number
}
export interface BaileysInMemoryStoreConfig {
  chatKey?: Sorting<Chat> | undefined
  labelAssociationKey?: Sorting<LabelAssociation> | undefined
  logger?: Pick<ILogger, 'debug' | 'error'> | undefined
  socket?: WASocket | undefined
  /** Chasqui's own: how many messages of a chat stay. Default 10,000. */
  maxMessagesPerChat?: number | undefined
}

type Messages = { [jid: string]: OrderedDictionary<WAMessage> }
interface Saved {
  chats: Chat[]
  contacts: { [id: string]: Contact }
  messages: { [jid: string]: object[] }
  labels?: { [id: string]: Label } | Label[]
  labelAssociations?: LabelAssociation[]
}

const MAX_MESSAGES = 10_000
const MAX_LABELS = 20
const ON_DEMAND = 6

/** Names come from others: none may mean more than itself. */
const byName = (): any => Object.create(null)
/** The database keeps its entries in a plain object. */
const isSafe = (id: unknown): id is string => typeof id === 'string' && !(id in Object.prototype)

const descending = (a: string, b: string): number => b.localeCompare(a)

/** Pinned chats first where asked for, archived ones last, the newest before the older. */
export const waChatKey = (pin: boolean): Sorting<Chat> => ({
  key: ({ id, pinned, archived, conversationTimestamp: time }) =>
    `${pin ? (pinned ? 1 : 0) : ''}${archived ? 0 : 1}${time ? toNumber(time).toString(16).padStart(8, '0') : ''}${id}`,
  compare: descending,
})
export const waMessageID = (message: WAMessage): string => message.key.id || ''
export const waLabelAssociationKey: Sorting<LabelAssociation> = {
  key: association => association.chatId + ('messageId' in association ? association.messageId : '') + association.labelId,
  compare: descending,
}

export interface InMemoryStore {
  chats: KeyedDB<Chat, string>
  contacts: { [jid: string]: Contact }
  messages: Messages
  groupMetadata: { [jid: string]: GroupMetadata }
  state: ConnectionState
  presences: { [id: string]: { [participant: string]: PresenceData } }
  labels: ObjectRepository<Label>
  labelAssociations: KeyedDB<LabelAssociation, string>
  bind: (ev: Pick<BaileysEventEmitter, 'on' | 'emit'>) => void
  loadMessages: (jid: string, count: number, cursor?: WAMessageCursor) => Promise<WAMessage[]>
  loadMessage: (jid: string, id: string) => Promise<WAMessage | undefined>
  mostRecentMessage: (jid: string) => Promise<WAMessage | undefined>
  fetchImageUrl: (jid: string, sock: WASocket | undefined) => Promise<string | null | undefined>
  fetchGroupMetadata: (jid: string, sock: WASocket | undefined) => Promise<GroupMetadata>
  fetchMessageReceipts: (key: WAMessageKey) => Promise<proto.IUserReceipt[] | null | undefined>
  getLabels: () => ObjectRepository<Label>
  getChatLabels: (chatId: string) => LabelAssociation[]
  getMessageLabels: (messageId: string) => string[]
  toJSON: () => object
  fromJSON: (json: Saved) => void
  writeToFile: (path: string) => void
  readFromFile: (path: string) => void
}

export function makeInMemoryStore(config: BaileysInMemoryStoreConfig = {}): InMemoryStore {
  const { socket, maxMessagesPerChat = MAX_MESSAGES } = config
  const logger = config.logger ?? quietLogger('info')
  // Only programs that use the store load it.
  const { default: Database } = require('@adiwajshing/keyed-db') as typeof import('@adiwajshing/keyed-db')
  const associationKey = config.labelAssociationKey ?? waLabelAssociationKey
  const chats = new Database<Chat, string>(config.chatKey ?? waChatKey(true), chat => chat.id ?? '')
  const labelAssociations = new Database<LabelAssociation, string>(associationKey, associationKey.key)
  const contacts: InMemoryStore['contacts'] = byName()
  const messages: Messages = byName()
  const groupMetadata: InMemoryStore['groupMetadata'] = byName()
  const presences: InMemoryStore['presences'] = byName()
  const state: ConnectionState = { connection: 'close' }
  const labels = new ObjectRepository<Label>()

  const listOf = (jid: string): OrderedDictionary<WAMessage> => (messages[jid] ??= makeOrderedDictionary(waMessageID, maxMessagesPerChat))
  const found = (key: WAMessageKey): WAMessage | undefined => messages[key.remoteJid ?? '']?.get(key.id ?? '')
  const learn = (learned: Contact[]): void => {
    for (const contact of learned) contacts[contact.id] = Object.assign(contacts[contact.id] ?? {}, contact)
  }

  const takers: { [E in keyof BaileysEventMap]?: (payload: BaileysEventMap[E]) => void } = {
    'connection.update': update => void Object.assign(state, update),
    'messaging-history.set'(history) {
      if (history.syncType === ON_DEMAND) return
      if (history.isLatest) {
        chats.clear()
        for (const jid of Object.keys(messages)) delete messages[jid]
        const told = new Set(history.contacts.map(({ id }) => id))
        for (const jid of Object.keys(contacts)) if (!told.has(jid)) delete contacts[jid]
      }
      for (const chat of history.chats) if (isSafe(chat.id)) chats.insertIfAbsent(altered(chat, {}))
      learn(history.contacts)
      for (const message of history.messages) listOf(message.key.remoteJid ?? '').upsert(message, 'prepend')
      logger.debug({ chats: history.chats.length, messages: history.messages.length }, 'took in a piece of history')
    },
    'contacts.upsert': learn,
    'contacts.update'(updates) {
      for (const update of updates) void takeContact(update)
    },
    'chats.upsert'(told) {
      // A copy: the order of the database depends on what is in it.
      for (const chat of told) if (isSafe(chat.id)) chats.upsert(altered(chat, {}))
    },
    'chats.update'(updates) {
      for (const update of updates) takeChat(update)
    },
    'chats.delete'(ids) {
      for (const id of ids) if (isSafe(id) && chats.get(id)) chats.deleteById(id)
    },
    'presence.update': ({ id, presences: told }) => void Object.assign((presences[id] ??= {}), told),
    'messages.update'(updates) {
      for (const { key, update } of updates) {
        const known = listOf(jidNormalizedUser(key.remoteJid ?? '')).get(key.id ?? '')
        if (!known) continue
        // A receipt that comes late does not take back a later one.
        const { status, ...rest } = update
        Object.assign(known, status && known.status && status <= known.status ? rest : update)
      }
    },
    'messages.delete'(gone) {
      if ('all' in gone) return messages[gone.jid]?.clear()
      for (const key of gone.keys) {
        const known = found(key)
        if (known) messages[key.remoteJid ?? '']?.remove(known)
      }
    },
    'messages.reaction'(reactions) {
      for (const { key, reaction } of reactions) {
        const known = found(key)
        if (known) updateMessageWithReaction(known, reaction as Parameters<typeof updateMessageWithReaction>[1])
      }
    },
    'message-receipt.update'(receipts) {
      for (const { key, receipt } of receipts) {
        const known = found(key)
        if (known) updateMessageWithReceipt(known, receipt as Parameters<typeof updateMessageWithReceipt>[1])
      }
    },
    'groups.update'(updates) {
      for (const update of updates) {
        const known = groupMetadata[update.id ?? '']
        if (known) Object.assign(known, update)
      }
    },
    'group-participants.update': ({ id, participants, action }) => takeParticipants(id, participants.map(participantJid), action),
    'labels.edit'(label) {
      if (label.deleted) labels.deleteById(label.id)
      else if (labels.count() < MAX_LABELS || labels.findById(label.id)) labels.upsertById(label.id, label)
      else logger.error({ label }, 'there are more labels than WhatsApp allows')
    },
    'labels.association'({ type, association }) {
      if (type === 'add') labelAssociations.upsert(association)
      else labelAssociations.delete(association)
    },
  }

  async function takeContact(update: Partial<Contact>): Promise<void> {
    const contact = contacts[update.id ?? '']
    if (!contact) return logger.debug({ update }, 'an update of somebody who is not known')
    const { imgUrl, ...rest } = update
    Object.assign(contact, rest)
    if (imgUrl === 'removed') delete contact.imgUrl
    else if (imgUrl === 'changed') contact.imgUrl = await socket?.profilePictureUrl(contact.id).catch(() => undefined)
    else if (imgUrl !== undefined) contact.imgUrl = imgUrl
  }
  function takeChat(update: ChatUpdate): void {
    if (!isSafe(update.id)) return
    const known = chats.update(update.id, chat => {
      const { unreadCount } = update
      // What comes with a message is how many more.
      const more = unreadCount && unreadCount > 0 ? { unreadCount: (chat.unreadCount || 0) + unreadCount } : {}
      Object.assign(chat, update, more)
    })
    if (!known) logger.debug({ id: update.id }, 'an update of a chat that is not known')
  }
  function takeParticipants(id: string, jids: string[], action: string): void {
    const group = groupMetadata[id]
    if (!group) return
    if (action === 'add') group.participants.push(...jids.map(jid => ({ id: jid, isAdmin: false, isSuperAdmin: false })))
    if (action === 'remove') group.participants = group.participants.filter(participant => !jids.includes(participant.id))
    if (action !== 'promote' && action !== 'demote') return
    for (const participant of group.participants) if (jids.includes(participant.id)) participant.isAdmin = action === 'promote'
  }

  function bind(ev: Pick<BaileysEventEmitter, 'on' | 'emit'>): void {
    for (const [event, take] of Object.entries(takers)) ev.on(event as keyof BaileysEventMap, take as (payload: unknown) => void)
    ev.on('messages.upsert', ({ messages: told, type }) => {
      for (const message of told) {
        const jid = jidNormalizedUser(message.key.remoteJid ?? '')
        listOf(jid).upsert(message, 'append')
        if (type !== 'notify' || !isSafe(jid) || chats.get(jid)) continue
        ev.emit('chats.upsert', [{ id: jid, conversationTimestamp: toNumber(message.messageTimestamp), unreadCount: 1 }])
      }
    })
  }

  /** The messages before the cursor, or the last ones. After a cursor nothing is loaded, as in Baileys. */
  async function loadMessages(jid: string, count: number, cursor?: WAMessageCursor): Promise<WAMessage[]> {
    const { array } = listOf(jid)
    if (cursor && !('before' in cursor)) return []
    const key = cursor?.before
    if (!key) return array.slice(-count)
    const place = array.findIndex(message => message.key.id === key.id)
    return place < 0 ? [] : array.slice(Math.max(0, place - count), place)
  }

  function fromJSON(saved: Saved): void {
    for (const chat of saved.chats) if (isSafe(chat.id)) chats.upsert(chat)
    for (const association of saved.labelAssociations ?? []) labelAssociations.upsert(association)
    learn(Object.values(saved.contacts))
    for (const label of Object.values(saved.labels ?? {})) labels.upsertById(label.id, label)
    for (const [jid, list] of Object.entries(saved.messages)) {
      for (const message of list) listOf(jid).upsert(loadProto().WebMessageInfo.fromObject(message) as WAMessage, 'append')
    }
  }
  const toJSON = (): object => ({ chats, contacts, messages, labels, labelAssociations })

  return {
    chats,
    contacts,
    messages,
    groupMetadata,
    state,
    presences,
    labels,
    labelAssociations,
    bind,
    loadMessages,
    loadMessage: async (jid, id) => messages[jid]?.get(id),
    mostRecentMessage: async jid => messages[jid]?.array.at(-1),
    async fetchImageUrl(jid, sock) {
      const contact = contacts[jid]
      if (!contact) return sock?.profilePictureUrl(jid)
      if (contact.imgUrl === undefined) contact.imgUrl = await sock?.profilePictureUrl(jid)
      return contact.imgUrl
    },
    async fetchGroupMetadata(jid, sock) {
      const known = groupMetadata[jid] ?? (await sock?.groupMetadata(jid))
      if (known) groupMetadata[jid] = known
      return known as GroupMetadata
    },
    fetchMessageReceipts: async key => found(key)?.userReceipt,
    getLabels: () => labels,
    getChatLabels: chatId => labelAssociations.filter(association => association.chatId === chatId).all(),
    getMessageLabels: messageId =>
      labelAssociations.filter(association => 'messageId' in association && association.messageId === messageId).all().map(({ labelId }) => labelId),
    toJSON,
    fromJSON,
    writeToFile: path => writeFileSync(path, JSON.stringify(toJSON())),
    readFromFile(path) {
      if (existsSync(path)) fromJSON(JSON.parse(readFileSync(path, 'utf8')) as Saved)
    },
  }
}
