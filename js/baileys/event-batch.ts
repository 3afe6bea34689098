/** What happened while events were buffered, drawn together: later news of a thing become part of the earlier ones. */
import { trimUndefined } from './bits.js'
import { isRealMessage, shouldIncrementChatUnread } from './keys.js'
import { updateMessageWithReaction, updateMessageWithReceipt, type Reaction, type UserReceipt } from './polls.js'
import type { WAMessage, WAMessageKey } from './types.js'

type Fields = { [field: string]: any }
export type EventMap = { [event: string]: any }
interface Upserts {
  messages: WAMessage[]
  type: string
}

const READ = 4
/** More of what was seen is forgotten. */
const MAX_SEEN = 10_000

const nameOf = ({ remoteJid, id, fromMe }: WAMessageKey): string => `${remoteJid},${id},${fromMe ? '1' : '0'}`

function drained<T>(map: Map<string, T>): T[] {
  const values = [...map.values()]
  map.clear()
  return values
}

/** `b` over `a`, with the unread messages of both. A count below zero marks the chat as unread. */
function joinChats(a: Fields, b: Fields): Fields {
  const [before, added] = [a['unreadCount'], b['unreadCount']]
  if (added === null && before < 0) {
    a['unreadCount'] = undefined
    b['unreadCount'] = undefined
  }
  if (typeof before === 'number' && typeof added === 'number') {
    b = { ...b }
    if (added >= 0) b['unreadCount'] = added + Math.max(before, 0)
  }
  return Object.assign(a, b)
}

interface History {
  chats: Map<string, Fields>
  contacts: Map<string, Fields>
  messages: Map<string, WAMessage>
  about: Fields | undefined
}

const noHistory = (): History => ({ chats: new Map(), contacts: new Map(), messages: new Map(), about: undefined })

export class BatchOfEvents {
  /** Chats, contacts and messages of history that were given out once. */
  readonly #seen = new Set<string>()
  #history = noHistory()
  readonly #chatUpserts = new Map<string, Fields>()
  readonly #chatUpdates = new Map<string, Fields>()
  readonly #chatDeletes = new Set<string>()
  readonly #contactUpserts = new Map<string, Fields>()
  readonly #contactUpdates = new Map<string, Fields>()
  readonly #upserts = new Map<string, { message: WAMessage; type: string }>()
  readonly #updates = new Map<string, { key: WAMessageKey; update: Fields }>()
  readonly #deletes = new Map<string, WAMessageKey>()
  readonly #reactions = new Map<string, { key: WAMessageKey; reactions: Reaction[] }>()
  readonly #receipts = new Map<string, { key: WAMessageKey; userReceipt: UserReceipt[] }>()
  readonly #groups = new Map<string, Fields>()

  readonly #maps: { size: number }[] = [
    this.#chatUpserts, this.#chatUpdates, this.#contactUpserts, this.#contactUpdates, this.#upserts, this.#updates, this.#deletes,
    this.#reactions, this.#receipts, this.#groups,
  ]

  add(event: string, value: any): void {
    ADD[event]?.call(this, value)
  }

  /** The upserts that wait and are not of this type. One event has one type. */
  takeOtherUpserts(type: string): Upserts | undefined {
    const [first] = this.#upserts.values()
    if (!first || first.type === type) return undefined
    const messages = [...this.#upserts.values()].map(({ message }) => message)
    this.#upserts.clear()
    return { messages, type: first.type }
  }

  isEmpty(): boolean {
    return !this.#history.about && this.#chatDeletes.size === 0 && this.#maps.every(map => map.size === 0)
  }

  /** Everything as one batch, in the order in which it makes sense. Chat updates whose condition is open stay. */
  take(): EventMap {
    if (this.#seen.size > MAX_SEEN) this.#seen.clear()
    const events: EventMap = {}
    if (this.#history.about) {
      const { chats, contacts, messages, about } = this.#history
      events['messaging-history.set'] = { chats: [...chats.values()], messages: [...messages.values()], contacts: [...contacts.values()], ...about }
      this.#history = noHistory()
    }
    if (this.#chatUpserts.size > 0) events['chats.upsert'] = drained(this.#chatUpserts)
    if (this.#chatUpdates.size > 0) this.#takeChatUpdates(events)
    if (this.#chatDeletes.size > 0) {
      events['chats.delete'] = [...this.#chatDeletes]
      this.#chatDeletes.clear()
    }
    if (this.#upserts.size > 0) {
      const upserts = drained(this.#upserts)
      events['messages.upsert'] = { messages: upserts.map(({ message }) => message), type: upserts[0]?.type }
    }
    if (this.#updates.size > 0) events['messages.update'] = drained(this.#updates)
    if (this.#deletes.size > 0) events['messages.delete'] = { keys: drained(this.#deletes) }
    if (this.#reactions.size > 0) {
      const all = drained(this.#reactions).flatMap(({ key, reactions }) => reactions.map(reaction => ({ key, reaction })))
      if (all.length > 0) events['messages.reaction'] = all
    }
    if (this.#receipts.size > 0) {
      const all = drained(this.#receipts).flatMap(({ key, userReceipt }) => userReceipt.map(receipt => ({ key, receipt })))
      if (all.length > 0) events['message-receipt.update'] = all
    }
    if (this.#contactUpserts.size > 0) events['contacts.upsert'] = drained(this.#contactUpserts)
    if (this.#contactUpdates.size > 0) events['contacts.update'] = drained(this.#contactUpdates)
    if (this.#groups.size > 0) events['groups.update'] = drained(this.#groups)
    return events
  }

  /** Those whose condition is open stay. */
  #takeChatUpdates(events: EventMap): void {
    const all = drained(this.#chatUpdates)
    for (const update of all) if (update['conditional']) this.#chatUpdates.set(update['id'], update)
    const updates = this.#chatUpdates.size > 0 ? all.filter(update => !update['conditional']) : all
    if (updates.length > 0) events['chats.update'] = updates
  }

  addHistory({ chats, contacts, messages, ...about }: Fields): void {
    const history = this.#history
    for (const chat of chats as Fields[]) {
      const id: string = chat['id'] || ''
      const known = history.chats.get(id)
      if (known) known['endOfHistoryTransferType'] = chat['endOfHistoryTransferType']
      else if (!this.#seen.has(id)) {
        history.chats.set(id, chat)
        this.#seen.add(id)
        this.#absorb(chat)
      }
    }
    for (const contact of contacts as Fields[]) {
      const id: string = contact['id']
      const known = history.contacts.get(id)
      if (known) Object.assign(known, trimUndefined(contact))
      else if (!this.#seen.has(`c:${id}`) || contact['notify'] || contact['name'] || contact['verifiedName']) {
        history.contacts.set(id, contact)
        this.#seen.add(`c:${id}`)
      }
    }
    for (const message of messages as WAMessage[]) {
      const name = nameOf(message.key)
      if (history.messages.has(name) || this.#seen.has(name)) continue
      history.messages.set(name, message)
      this.#seen.add(name)
    }
    const before = history.about
    const { syncType, progress, isLatest, peerDataRequestSessionId, chunkOrder, pastParticipants } = about
    history.about = { syncType, progress, isLatest: isLatest || before?.['isLatest'] || false, peerDataRequestSessionId, chunkOrder, pastParticipants }
  }

  /** What was told of a chat before it was known. */
  #absorb(chat: Fields): void {
    const id: string = chat['id'] || ''
    const update = this.#chatUpdates.get(id)
    if (!update) return
    const fits = update['conditional'] ? update['conditional'](this.#shown()) : true
    if (fits) {
      delete update['conditional']
      Object.assign(chat, joinChats(update, chat))
      this.#chatUpdates.delete(id)
    } else if (fits === false) this.#chatUpdates.delete(id)
  }

  /** What a condition may look at. */
  #shown(): Fields {
    const { chats, contacts, messages } = this.#history
    return {
      historySets: { chats: Object.fromEntries(chats), contacts: Object.fromEntries(contacts), messages: Object.fromEntries(messages) },
      chatUpserts: Object.fromEntries(this.#chatUpserts),
      chatUpdates: Object.fromEntries(this.#chatUpdates),
      messageUpserts: Object.fromEntries(this.#upserts),
    }
  }

  addChats(chats: Fields[]): void {
    for (const chat of chats) {
      const id: string = chat['id'] || ''
      const known = this.#chatUpserts.get(id) ?? this.#history.chats.get(id)
      const joined = known ? joinChats(known, chat) : chat
      if (!known) this.#chatUpserts.set(id, joined)
      this.#absorb(joined)
      this.#chatDeletes.delete(id)
    }
  }

  updateChats(updates: Fields[]): void {
    for (const update of updates) {
      const id: string = update['id']
      const fits = update['conditional'] ? update['conditional'](this.#shown()) : true
      if (fits) {
        delete update['conditional']
        const known = this.#history.chats.get(id) ?? this.#chatUpserts.get(id)
        if (known) joinChats(known, update)
        else this.#chatUpdates.set(id, joinChats(this.#chatUpdates.get(id) ?? {}, update))
      } else if (fits === undefined) this.#chatUpdates.set(id, update)
      this.#chatDeletes.delete(id)
    }
  }

  deleteChats(ids: string[]): void {
    for (const id of ids) {
      this.#chatDeletes.add(id)
      this.#chatUpdates.delete(id)
      this.#chatUpserts.delete(id)
      this.#history.chats.delete(id)
    }
  }

  addContacts(contacts: Fields[]): void {
    for (const contact of contacts) {
      const id: string = contact['id']
      const known = this.#contactUpserts.get(id) ?? this.#history.contacts.get(id)
      if (known) Object.assign(known, trimUndefined(contact))
      else this.#contactUpserts.set(id, Object.assign(this.#contactUpdates.get(id) ?? {}, trimUndefined(contact)))
      this.#contactUpdates.delete(id)
    }
  }

  updateContacts(updates: Fields[]): void {
    for (const update of updates) {
      const id: string = update['id']
      const known = this.#history.contacts.get(id) ?? this.#contactUpserts.get(id)
      if (known) Object.assign(known, update)
      else this.#contactUpdates.set(id, Object.assign(this.#contactUpdates.get(id) ?? {}, update))
    }
  }

  addMessages({ messages, type }: Upserts): void {
    for (const message of messages) {
      const name = nameOf(message.key)
      const inHistory = this.#history.messages.get(name)
      const known = this.#upserts.get(name)
      const before = known?.message ?? inHistory
      if (before) message.messageTimestamp = before.messageTimestamp
      const update = this.#updates.get(name)
      if (update) {
        Object.assign(message, update.update)
        this.#updates.delete(name)
      }
      if (inHistory) this.#history.messages.set(name, message)
      else this.#upserts.set(name, { message, type: type === 'notify' || known?.type === 'notify' ? 'notify' : type })
    }
  }

  updateMessages(updates: { key: WAMessageKey; update: Fields }[]): void {
    for (const { key, update } of updates) {
      const name = nameOf(key)
      const known = this.#history.messages.get(name) ?? this.#upserts.get(name)?.message
      if (known) {
        Object.assign(known, update)
        if (update['status'] === READ && !key.fromMe) this.#wasRead(known)
      } else {
        const before = this.#updates.get(name) ?? { key, update: {} }
        Object.assign(before.update, update)
        this.#updates.set(name, before)
      }
    }
  }

  /** A message that was counted as unread in this batch. */
  #wasRead(message: WAMessage): void {
    const id = message.key.remoteJid ?? ''
    const chat = this.#chatUpdates.get(id) ?? this.#chatUpserts.get(id)
    if (!chat || !isRealMessage(message) || !shouldIncrementChatUnread(message) || !(chat['unreadCount'] > 0)) return
    chat['unreadCount'] -= 1
    if (chat['unreadCount'] === 0) delete chat['unreadCount']
  }

  deleteMessages(deleted: Fields): void {
    // A chat that is emptied is told of elsewhere.
    for (const key of (deleted['keys'] ?? []) as WAMessageKey[]) {
      const name = nameOf(key)
      if (!this.#deletes.has(name)) this.#deletes.set(name, key)
      this.#upserts.delete(name)
      this.#updates.delete(name)
    }
  }

  addReactions(reactions: { key: WAMessageKey; reaction: Reaction }[]): void {
    for (const { key, reaction } of reactions) {
      const name = nameOf(key)
      const known = this.#upserts.get(name)
      const target = known?.message ?? this.#reactions.get(name) ?? { key, reactions: [] }
      if (!known) this.#reactions.set(name, target as { key: WAMessageKey; reactions: Reaction[] })
      updateMessageWithReaction(target, reaction)
    }
  }

  addReceipts(receipts: { key: WAMessageKey; receipt: UserReceipt }[]): void {
    for (const { key, receipt } of receipts) {
      const name = nameOf(key)
      const known = this.#upserts.get(name)
      const target = known?.message ?? this.#receipts.get(name) ?? { key, userReceipt: [] }
      if (!known) this.#receipts.set(name, target as { key: WAMessageKey; userReceipt: UserReceipt[] })
      updateMessageWithReceipt(target, receipt)
    }
  }

  updateGroups(updates: Fields[]): void {
    for (const update of updates) {
      const id: string = update['id']
      this.#groups.set(id, Object.assign(this.#groups.get(id) ?? {}, update))
    }
  }
}

const ADD: { [event: string]: (this: BatchOfEvents, value: any) => void } = {
  'messaging-history.set': BatchOfEvents.prototype.addHistory,
  'chats.upsert': BatchOfEvents.prototype.addChats,
  'chats.update': BatchOfEvents.prototype.updateChats,
  'chats.delete': BatchOfEvents.prototype.deleteChats,
  'contacts.upsert': BatchOfEvents.prototype.addContacts,
  'contacts.update': BatchOfEvents.prototype.updateContacts,
  'messages.upsert': BatchOfEvents.prototype.addMessages,
  'messages.update': BatchOfEvents.prototype.updateMessages,
  'messages.delete': BatchOfEvents.prototype.deleteMessages,
  'messages.reaction': BatchOfEvents.prototype.addReactions,
  'message-receipt.update': BatchOfEvents.prototype.addReceipts,
  'groups.update': BatchOfEvents.prototype.updateGroups,
}

export const isBufferable = (event: string): boolean => Object.hasOwn(ADD, event)
