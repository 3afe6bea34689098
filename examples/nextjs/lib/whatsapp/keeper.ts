// Writes what WhatsApp tells of one user into the database, in the order in which it came. The promises that it gives are what the
// handlers of Baileys' events give back: a message counts as taken once it is in the database, and comes again after a kill otherwise.
import { and, eq, inArray, sql } from 'drizzle-orm'
import { isJidGroup, jidNormalizedUser, proto, toNumber, WAMessageStatus, type WAMessage, type WAMessageUpdate } from 'baileys'

import { isAnswerDue } from '../bot/due'
import { conversations, db, messages, write, type Message, type Transaction } from '../db'
import { publish } from '../events'
import { isOutage } from '../failure'
import { log } from '../log'
import { conversationWith, messageView, readConversation } from '../messages'
import { countMessage, countSendFailure } from '../metrics'
import { Runner } from '../runner'
import { contentOf, storable, type Content } from './content'
import { customerOf, personOf, type Person } from './person'

/** As many go into one transaction. */
const BATCH = 100

/** What a transaction has changed, to be told when it is done. */
interface Changes {
  messages: Map<number, Message>
  conversations: Set<string>
  created: Message[]
}
type Work = (transaction: Transaction, changes: Changes) => Promise<void>
interface Item {
  work: Work
  resolve(): void
  reject(error: unknown): void
}

interface Surroundings {
  /** The number of somebody who came under a LID. */
  numberOf(lid: string): Promise<string | null | undefined>
  /** New messages are in the database. */
  onNew(messages: Message[]): void
}

/** A message as it came, with all that has to be found out before the transaction. */
interface Arrived {
  message: WAMessage
  content: Content
  group: string | null
  person: Person | null
}

export class Keeper {
  private readonly queue: Item[] = []
  private readonly runner = new Runner(() => this.commitAll())
  private readonly stopping = new AbortController()

  constructor(private readonly userId: string, private readonly surroundings: Surroundings) {}

  /** Resolves once they are in the database, all of them. */
  async messages(arrived: WAMessage[]): Promise<void> {
    const found = await Promise.all(arrived.map((message) => this.lookAt(message)))
    const work = found.filter((one) => one !== null).map((one) => this.add((transaction, changes) => this.keep(transaction, changes, one)))
    await Promise.all(work)
  }

  /** How far messages got, what became of them. */
  async updates(updates: WAMessageUpdate[]): Promise<void> {
    await Promise.all(updates.map(async ({ key, update }) => {
      const id = key.id
      if (!id) return
      const edited = update.message?.editedMessage?.message
      if (update.message && !edited) {
        // What could not be read when it came.
        await this.messages([{ ...update, key } as WAMessage])
      } else if (edited) {
        const content = contentOf(edited)
        if (content) await this.change(id, Boolean(key.fromMe), { text: content.text, edited: true })
      } else if (update.message === null) {
        const gone = { type: 'deleted', text: null, raw: null, fileName: null, answerDue: false } as const
        await this.change(id, Boolean(key.fromMe), gone)
      }
      const status = typeof update.status === 'number' && key.fromMe ? STATUS[update.status] : undefined
      if (status === 'failed') await this.failed(id, update.messageStubParameters?.[0] ?? '')
      else if (status) await this.change(id, true, { status }, LOWER[status])
    }))
  }

  /** WhatsApp has a message of ours. */
  accepted(whatsappId: string): Promise<void> {
    return this.change(whatsappId, true, { status: 'sent' }, ['pending'])
  }

  /** A message of ours that WhatsApp does not take. */
  failed(whatsappId: string, why: string): Promise<void> {
    countSendFailure('REFUSED')
    return this.change(whatsappId, true, { status: 'failed', error: why.slice(0, 500) }, ['pending'])
  }

  /** What is underway is finished, unless the database is away; what comes later is not taken. */
  async stop(): Promise<void> {
    this.stopping.abort()
    await this.runner.ended()
  }

  private async lookAt(message: WAMessage): Promise<Arrived | null> {
    const content = contentOf(message.message)
    const chat = message.key.remoteJid
    if (!content || !chat || !message.key.id || message.key.id.includes('\0')) return null
    if (isJidGroup(chat)) return { message, content, group: chat, person: null }
    return { message, content, group: null, person: await personOf(message.key, this.surroundings.numberOf) }
  }

  private async keep(transaction: Transaction, changes: Changes, { message, content, group, person }: Arrived): Promise<void> {
    const { userId } = this
    const { key, pushName } = message
    const fromMe = Boolean(key.fromMe)
    const timestamp = new Date(toNumber(message.messageTimestamp ?? 0) * 1000 || Date.now())
    const customer = person && (await customerOf(transaction, userId, person, fromMe ? null : storable(pushName, 200) || null))
    const conversation = await conversationWith(transaction, customer ?? { userId, jid: group!, id: null, name: null })
    const direction = fromMe ? 'out' : 'in'
    const [kept] = await transaction
      .insert(messages)
      .values({
        ...content, userId, conversationId: conversation.id, whatsappId: key.id!, timestamp, direction,
        answerDue: isAnswerDue({ ...content, direction, timestamp }, conversation),
        author: fromMe ? 'phone' : 'customer',
        senderJid: group && key.participant ? jidNormalizedUser(key.participant) : null,
        senderName: group ? storable(pushName, 200) : null,
        status: fromMe ? (STATUS[message.status ?? WAMessageStatus.SERVER_ACK] ?? 'sent') : 'received',
      })
      .onConflictDoNothing()
      .returning()
    if (!kept) {
      // It came again, or it is our own. Baileys puts what it learns meanwhile into a message that it has not told of yet.
      const status = fromMe ? STATUS[message.status ?? WAMessageStatus.PENDING] : undefined
      if (status && status !== 'failed') await this.update(transaction, changes, key.id!, true, { status }, LOWER[status])
      return
    }
    await transaction
      .update(conversations)
      // Who has answered on the phone has read what was there.
      .set({ unread: fromMe ? 0 : sql`${conversations.unread} + 1`, ...(timestamp > conversation.lastMessageAt ? { lastMessageAt: timestamp } : {}) })
      .where(eq(conversations.id, conversation.id))
    changes.messages.set(kept.id, kept)
    changes.conversations.add(conversation.id)
    changes.created.push(kept)
  }

  private change(whatsappId: string, fromMe: boolean, set: Partial<Message>, only?: Message['status'][]): Promise<void> {
    return this.add((transaction, changes) => this.update(transaction, changes, whatsappId, fromMe, set, only))
  }

  private async update(
    transaction: Transaction, changes: Changes, whatsappId: string, fromMe: boolean, set: Partial<Message>, only?: Message['status'][],
  ): Promise<void> {
    const known = and(eq(messages.userId, this.userId), eq(messages.whatsappId, whatsappId), eq(messages.direction, fromMe ? 'out' : 'in'))
    const changed = await transaction.update(messages).set(set).where(and(known, only && inArray(messages.status, only))).returning()
    for (const message of changed) {
      changes.messages.set(message.id, message)
      changes.conversations.add(message.conversationId)
    }
  }

  private add(work: Work): Promise<void> {
    if (this.stopping.signal.aborted) return Promise.reject(new Error('The server is shutting down.'))
    return new Promise((resolve, reject) => {
      this.queue.push({ work, resolve, reject })
      this.runner.wake()
    })
  }

  private async commitAll(): Promise<void> {
    while (this.queue.length > 0) await this.commit(this.queue.splice(0, BATCH))
  }

  /** One transaction for all; while the database is away it waits, and what has come is neither lost nor confirmed. */
  private async commit(batch: Item[]): Promise<void> {
    for (let pause = 100; ; pause = Math.min(pause * 2, 5000)) {
      const changes: Changes = { messages: new Map(), conversations: new Set(), created: [] }
      try {
        await write(async (transaction) => {
          for (const made of [changes.messages, changes.conversations]) made.clear()
          changes.created.length = 0
          for (const { work } of batch) await work(transaction, changes)
        })
        for (const { resolve } of batch) resolve()
        await this.tell(changes)
        return
      } catch (error) {
        if (isOutage(error) && !this.stopping.signal.aborted) {
          log.warn({ err: error, userId: this.userId, waiting: batch.length + this.queue.length }, 'messages wait for the database')
          await pauseFor(pause, this.stopping.signal)
        } else if (batch.length > 1) {
          // The one that is at fault keeps no other one out.
          for (const item of batch) await this.commit([item])
          return
        } else {
          log.error({ err: error, userId: this.userId }, 'a message could not be kept')
          batch[0]!.reject(error)
          return
        }
      }
    }
  }

  private async tell(changes: Changes): Promise<void> {
    for (const message of changes.created) countMessage(message.direction, message.author)
    for (const message of changes.messages.values()) publish(this.userId, 'message', messageView(message))
    if (changes.created.length > 0) this.surroundings.onNew(changes.created)
    try {
      for (const id of changes.conversations) {
        const conversation = await readConversation(await db(), this.userId, id)
        if (conversation) publish(this.userId, 'conversation', conversation)
      }
    } catch (error) {
      log.warn({ err: error, userId: this.userId }, 'pages were not told of a conversation')
    }
  }
}

/** What Baileys' numbers mean here. */
const STATUS: Partial<Record<proto.WebMessageInfo.Status, 'failed' | 'sent' | 'delivered' | 'read'>> = {
  [WAMessageStatus.ERROR]: 'failed',
  [WAMessageStatus.SERVER_ACK]: 'sent',
  [WAMessageStatus.DELIVERY_ACK]: 'delivered',
  [WAMessageStatus.READ]: 'read',
  [WAMessageStatus.PLAYED]: 'read',
}
/** From which states a message gets to one: receipts may overtake each other, and nothing goes back. */
const LOWER: Record<'sent' | 'delivered' | 'read', Message['status'][]> = {
  sent: ['pending', 'failed'],
  delivered: ['pending', 'failed', 'sent'],
  read: ['pending', 'failed', 'sent', 'delivered'],
}

/** Ends early when the signal comes. */
const pauseFor = (milliseconds: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
  })
