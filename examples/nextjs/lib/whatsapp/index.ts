// The WhatsApp sessions of this server, one for each user, however often Next loads this module.
import { and, desc, eq } from 'drizzle-orm'
import type { WASocket } from 'baileys'

import { startAnswering } from '../bot/worker'
import type { ConnectionStatus, MessageView, StatusAnswer } from '../api'
import { connections, conversations, db, messages, write, type Message } from '../db'
import { publish } from '../events'
import { AppError } from '../failure'
import { log } from '../log'
import { conversationWith, enqueue, messageView, readConversation } from '../messages'
import { setSessionCounter, type SessionCounts } from '../metrics'
import { startNotifications } from '../notifications'
import { once } from '../once'
import { folderOf, isLinked } from './folder'
import { fileOf } from './media'
import { customerOf } from './person'
import { Session } from './session'

/** So many sessions are opened at once when the server starts. */
const RESTORED_AT_ONCE = 10
/** Messages that are marked as read at once. */
const MOST_READ = 100

class WhatsApp {
  private readonly sessions = new Map<string, Session>()
  private ending = false
  readonly answering = startAnswering({ wakeOutbox: (userId) => this.wake(userId) })
  readonly notifications = startNotifications({
    wakeOutbox: (userId) => this.wake(userId),
    isConnected: (userId) => this.isConnected(userId),
  })

  constructor() {
    setSessionCounter(() => this.counts())
  }

  /** Resolves with a QR code, or with an open connection. */
  async connect(userId: string): Promise<StatusAnswer> {
    if (this.ending) throw new AppError('SHUTTING_DOWN', 'The server is shutting down.')
    return this.sessionOf(userId).connect()
  }

  async status(userId: string): Promise<StatusAnswer> {
    const known = this.sessions.get(userId)
    const session = known ?? this.make(userId)
    if (!known) await session.recall()
    return session.snapshot()
  }

  isConnected(userId: string): boolean {
    return this.sessions.get(userId)?.isConnected ?? false
  }

  /** Sends a text to a number that may be new. Resolves once it has left. */
  async send(userId: string, jid: string, content: string): Promise<MessageView> {
    const session = this.connected(userId)
    const conversationId = (await this.conversationAt(userId, jid)) ?? (await this.begin(session, jid))
    return this.say(session, conversationId, content)
  }

  /** Answers in a conversation. Resolves once the message has left. */
  async answer(userId: string, conversationId: string, content: string): Promise<MessageView> {
    const [conversation] = await (await db())
      .select({ id: conversations.id })
      .from(conversations)
      .where(and(eq(conversations.userId, userId), eq(conversations.id, conversationId)))
    if (!conversation) throw new AppError('NOT_FOUND', 'There is no such conversation.')
    return this.say(this.connected(userId), conversationId, content)
  }

  async disconnect(userId: string): Promise<void> {
    await this.sessionOf(userId).disconnect()
  }

  /** There is something in the user's outbox. */
  wake(userId: string) {
    this.sessions.get(userId)?.wake()
  }

  /** Nothing is unread any more, and the customer sees that it was read. */
  async markRead(userId: string, conversationId: string): Promise<void> {
    const mine = and(eq(conversations.userId, userId), eq(conversations.id, conversationId))
    const database = await db()
    const [conversation] = await database.select().from(conversations).where(mine)
    if (!conversation) throw new AppError('NOT_FOUND', 'There is no such conversation.')
    if (conversation.unread === 0) return
    const unread = await database
      .select()
      .from(messages)
      .where(and(eq(messages.conversationId, conversationId), eq(messages.direction, 'in')))
      .orderBy(desc(messages.id))
      .limit(Math.min(conversation.unread, MOST_READ))
    await write((transaction) => transaction.update(conversations).set({ unread: 0 }).where(mine))
    const view = await readConversation(database, userId, conversationId)
    if (view) publish(userId, 'conversation', view)
    const { jid } = conversation
    const keys = unread.map(({ whatsappId, senderJid }) => ({ remoteJid: jid, id: whatsappId, fromMe: false, participant: senderJid ?? undefined }))
    await this.socketOf(userId)?.readMessages(keys).catch((error: unknown) => log.warn({ err: error, userId }, 'read receipts were not sent'))
  }

  /** The path of a message's file. */
  async file(userId: string, id: number): Promise<{ message: Message; path: string }> {
    const [found] = await (await db())
      .select({ message: messages, jid: conversations.jid })
      .from(messages)
      .innerJoin(conversations, eq(messages.conversationId, conversations.id))
      .where(and(eq(messages.userId, userId), eq(messages.id, id)))
    if (!found) throw new AppError('NOT_FOUND', 'There is no such message.')
    return { message: found.message, path: await fileOf(found.message, found.jid, this.socketOf(userId)) }
  }

  /** Opens every session that was open when the server ended, a few at a time. */
  async restore(): Promise<void> {
    const wanted = await (await db()).select({ userId: connections.userId }).from(connections).where(eq(connections.wanted, true))
    const rest = wanted.map(({ userId }) => userId)
    const some = async () => {
      for (let userId = rest.pop(); userId !== undefined && !this.ending; userId = rest.pop()) {
        await this.resume(userId).catch((error: unknown) => log.error({ err: error, userId }, 'a session was not restored'))
      }
    }
    await Promise.all(Array.from({ length: RESTORED_AT_ONCE }, some))
    await Promise.all([this.answering.restore(), this.notifications.restore()])
  }

  /** Ends all connections and keeps the sessions. */
  async shutDown(): Promise<void> {
    this.ending = true
    await Promise.all([this.answering.stop(), this.notifications.stop()])
    await Promise.all([...this.sessions.values()].map((session) => session.shutDown()))
  }

  counts(): SessionCounts {
    const counts: Partial<Record<ConnectionStatus, number>> = {}
    for (const { state } of this.sessions.values()) counts[state.status] = (counts[state.status] ?? 0) + 1
    return counts
  }

  private make(userId: string): Session {
    folderOf(userId)
    return new Session(userId, { answersDue: (who) => this.answering.wake(who) })
  }

  private sessionOf(userId: string): Session {
    const session = this.sessions.get(userId) ?? this.make(userId)
    this.sessions.set(userId, session)
    return session
  }

  private async resume(userId: string): Promise<void> {
    // Without a linked device there is nothing to go on with; the session says so.
    if (!(await isLinked(userId))) log.warn({ userId }, 'the folder of a session is gone')
    const session = this.sessionOf(userId)
    await session.resume()
  }

  private connected(userId: string): Session {
    const session = this.sessions.get(userId)
    if (!session?.isConnected) throw new AppError('NOT_CONNECTED', 'WhatsApp is not connected.')
    return session
  }

  private socketOf(userId: string): WASocket | undefined {
    const session = this.sessions.get(userId)
    return session?.isConnected ? session.socket : undefined
  }

  private async conversationAt(userId: string, jid: string): Promise<string | undefined> {
    const [found] = await (await db())
      .select({ id: conversations.id })
      .from(conversations)
      .where(and(eq(conversations.userId, userId), eq(conversations.jid, jid)))
    return found?.id
  }

  /** The first message to somebody: is this number on WhatsApp at all? */
  private async begin({ userId, socket }: Session, jid: string): Promise<string> {
    const [there] = (await socket?.onWhatsApp(jid)) ?? []
    if (!there?.exists) throw new AppError('NOT_ON_WHATSAPP', 'Nobody has this number on WhatsApp.')
    const phoneNumber = `+${jid.split('@')[0]}`
    const { lid } = there as { lid?: unknown }
    const person = { jid, lid: typeof lid === 'string' ? lid : null, phoneNumber }
    return write(async (transaction) => (await conversationWith(transaction, await customerOf(transaction, userId, person, null))).id)
  }

  private async say(session: Session, conversationId: string, content: string): Promise<MessageView> {
    const { userId } = session
    const message = await write((transaction) => enqueue(transaction, { userId, conversationId, content, author: 'operator' }))
    publish(userId, 'message', messageView(message))
    await session.handOver(message).catch((error: unknown) => {
      throw new AppError('SEND_FAILED', error instanceof Error ? error.message : 'The message was not sent.', { cause: error })
    })
    const database = await db()
    const [now = message] = await database.select().from(messages).where(eq(messages.id, message.id))
    const conversation = await readConversation(database, userId, conversationId)
    if (conversation) publish(userId, 'conversation', conversation)
    if (now.status === 'failed') throw new AppError('SEND_FAILED', now.error ?? 'The message was not sent.')
    return messageView(now)
  }
}

export const whatsapp = once('whatsapp', () => new WhatsApp())
