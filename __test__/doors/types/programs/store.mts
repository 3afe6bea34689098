// A store of the program's own, fed by events.
import {
  type BaileysEventEmitter, type BaileysEventMap, type Chat, type Contact, type GroupMetadata, type MessageUserReceipt, type WAMessage,
  type WAMessageKey, type proto, getKeyAuthor, jidNormalizedUser, toNumber, updateMessageWithReaction, updateMessageWithReceipt,
} from 'baileys'

type Row<T> = { [K in keyof T]: T[K] extends Uint8Array ? Buffer : T[K] }
type Handler<E extends keyof BaileysEventMap> = (arg: BaileysEventMap[E]) => void | Promise<void>

export class Store {
  readonly chats = new Map<string, Chat>()
  readonly contacts: { [jid: string]: Contact } = {}
  readonly messages = new Map<string, WAMessage>()
  readonly groups = new Map<string, GroupMetadata>()
  readonly receipts: MessageUserReceipt[] = []

  constructor(readonly ev: BaileysEventEmitter) {}

  readonly onHistory: Handler<'messaging-history.set'> = ({ chats, contacts, messages, isLatest, progress, syncType }) => {
    if (isLatest) this.chats.clear()
    for (const chat of chats) if (chat.id) this.chats.set(chat.id, { ...chat, conversationTimestamp: toNumber(chat.conversationTimestamp) })
    for (const contact of contacts) this.contacts[contact.id] = Object.assign(this.contacts[contact.id] ?? {}, contact)
    for (const message of messages) this.messages.set(this.id(message.key), message)
    console.log(progress, syncType, chats[0]?.unreadCount, chats[0]?.name, chats[0]?.archived)
  }
  readonly onUpsert: Handler<'messages.upsert'> = async ({ messages, type, requestId }) => {
    for (const message of messages) {
      const jid = jidNormalizedUser(message.key.remoteJid!)
      this.messages.set(this.id(message.key), message)
      if (type === 'notify' && !this.chats.has(jid)) {
        this.ev.emit('chats.upsert', [{ id: jid, conversationTimestamp: toNumber(message.messageTimestamp), unreadCount: 1 }])
      }
    }
    if (requestId) console.log(requestId)
  }
  readonly onUpdate: Handler<'messages.update'> = (updates) => {
    for (const { key, update } of updates) {
      const known = this.messages.get(this.id(key))
      if (known) Object.assign(known, update)
      if (update.pollUpdates) console.log(update.pollUpdates.length, update.status, update.starred)
    }
  }
  readonly onDelete: Handler<'messages.delete'> = (item) => {
    if ('all' in item) this.messages.clear()
    else for (const key of item.keys) this.messages.delete(this.id(key))
  }

  listen(): void {
    this.ev.on('messaging-history.set', this.onHistory)
    this.ev.on('messages.upsert', this.onUpsert)
    this.ev.on('messages.update', this.onUpdate)
    this.ev.on('messages.delete', this.onDelete)
    this.ev.on('message-receipt.update', (updates) => {
      for (const { key, receipt } of updates) {
        const message = this.messages.get(this.id(key))
        if (message) updateMessageWithReceipt(message, receipt)
        this.receipts.push(receipt)
      }
    })
    this.ev.on('messages.reaction', (reactions) => {
      for (const { key, reaction } of reactions) {
        const message = this.messages.get(this.id(key))
        if (message) updateMessageWithReaction(message, reaction)
        console.log(getKeyAuthor(reaction.key, 'me'))
      }
    })
    this.ev.on('chats.update', (updates) => {
      for (const update of updates) {
        const chat = this.chats.get(update.id!)
        if (chat) Object.assign(chat, update, { unreadCount: (chat.unreadCount ?? 0) + (update.unreadCount ?? 0) })
      }
    })
    this.ev.on('chats.delete', (ids) => ids.forEach((id) => this.chats.delete(id)))
    this.ev.on('contacts.upsert', (contacts) => contacts.forEach((contact) => (this.contacts[contact.id] = contact)))
    this.ev.on('contacts.update', (updates) => {
      for (const { id, ...rest } of updates) if (id && this.contacts[id]) Object.assign(this.contacts[id], rest)
    })
    this.ev.on('groups.upsert', (groups) => groups.forEach((group) => this.groups.set(group.id, group)))
    this.ev.on('groups.update', (updates) => {
      for (const update of updates) {
        const group = this.groups.get(update.id!)
        if (group) Object.assign(group, update)
      }
    })
    this.ev.on('group-participants.update', ({ id, participants, action, author }) => {
      const group = this.groups.get(id)
      if (!group) return
      switch (action) {
        case 'add':
          group.participants.push(...participants.map(({ id, admin }) => ({ id, admin })))
          break
        case 'remove':
          group.participants = group.participants.filter((one) => !participants.some(({ id }) => id === one.id))
          break
        case 'promote':
        case 'demote':
          for (const one of group.participants) if (participants.some(({ id }) => id === one.id)) one.admin = action === 'promote' ? 'admin' : null
      }
      console.log(author)
    })
  }

  row(message: WAMessage): Row<Partial<proto.IWebMessageInfo>> {
    const { key, messageTimestamp, pushName, message: content, userReceipt, reactions } = message
    return { key, messageTimestamp: toNumber(messageTimestamp), pushName, message: content, userReceipt, reactions }
  }
  getMessage = async (key: WAMessageKey): Promise<proto.IMessage | undefined> => this.messages.get(this.id(key))?.message ?? undefined
  private id = (key: WAMessageKey): string => `${key.remoteJid}:${key.id}:${key.fromMe ? 1 : 0}`
}
