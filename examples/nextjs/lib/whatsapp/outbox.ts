// Sends what the database says is to be sent, in its order. A message has its id before it leaves, so that one that was sent when a
// connection or the process ended is sent again under the same id, which people's phones show once.
import { and, asc, eq, gt } from 'drizzle-orm'
import type { WASocket } from 'baileys'

import { conversations, db, messages, write } from '../db'
import { publish } from '../events'
import { log } from '../log'
import { messageView } from '../messages'
import { countMessage, countSendFailure } from '../metrics'
import { Runner } from '../runner'

const BATCH = 20
/** Until what the line did not take is tried again, where the line is still there. */
const RETRY = 5000

/** Errors of a line that is not there: they say nothing of the message. */
const LINE = new Set([408, 428, 440, 500, 503, 515])

export class Outbox {
  private socket?: WASocket
  /** Up to here everything was handed to this socket. */
  private handed = 0
  private readonly runner = new Runner(() => this.sendAll(), () => this.socket !== undefined)
  private readonly waiting = new Map<number, (error?: Error) => void>()

  constructor(private readonly userId: string) {}

  /** Everything that WhatsApp has not confirmed goes out, again where it has to. */
  open(socket: WASocket) {
    this.socket = socket
    this.handed = 0
    this.wake()
  }

  close() {
    this.socket = undefined
    this.settleAll()
  }

  /** There is something to send. */
  wake() {
    this.runner.wake()
  }

  /** Resolves when the message was handed over, or waits for the next connection; rejects where WhatsApp's side refuses it for good. */
  handedOver(id: number): Promise<void> {
    if (!this.socket || id <= this.handed) return Promise.resolve()
    return new Promise((resolve, reject) => this.waiting.set(id, (error) => (error ? reject(error) : resolve())))
  }

  private async sendAll(): Promise<void> {
    try {
      if (this.socket) await this.drain(this.socket)
    } catch (error) {
      log.warn({ err: error, userId: this.userId }, 'the outbox waits')
      this.tryLater()
    }
  }

  private async drain(socket: WASocket): Promise<void> {
    for (;;) {
      const due = await (await db())
        .select({ message: messages, jid: conversations.jid })
        .from(messages)
        .innerJoin(conversations, eq(messages.conversationId, conversations.id))
        .where(and(eq(messages.userId, this.userId), eq(messages.status, 'pending'), gt(messages.id, this.handed)))
        .orderBy(asc(messages.id))
        .limit(BATCH)
      if (due.length === 0) return
      for (const { message, jid } of due) {
        if (this.socket !== socket) return
        const { id, whatsappId, text, author } = message
        try {
          await socket.sendMessage(jid, { text: text ?? '' }, { messageId: whatsappId })
          countMessage('out', author)
          this.settle(id)
        } catch (error) {
          const status = (error as { output?: { statusCode?: number } }).output?.statusCode
          if (this.socket !== socket) return
          if (status !== undefined && LINE.has(status)) {
            // It stays where it is: for the next connection, or for another try.
            this.tryLater()
            return
          }
          await this.fail(id, error)
        }
        this.handed = id
      }
    }
  }

  private async fail(id: number, cause: unknown): Promise<void> {
    const error = cause instanceof Error ? cause : new Error(String(cause))
    log.warn({ err: error, userId: this.userId, message: id }, 'a message could not be sent')
    countSendFailure('REJECTED')
    const [failed] = await write((transaction) =>
      transaction.update(messages).set({ status: 'failed', error: error.message.slice(0, 500) }).where(eq(messages.id, id)).returning(),
    )
    if (failed) publish(this.userId, 'message', messageView(failed))
    this.settle(id, error)
  }

  /** Nobody has to wait for that. */
  private tryLater() {
    this.settleAll()
    setTimeout(() => this.wake(), RETRY).unref()
  }

  private settleAll() {
    for (const id of this.waiting.keys()) this.settle(id)
  }

  private settle(id: number, error?: Error) {
    this.waiting.get(id)?.(error)
    this.waiting.delete(id)
  }
}
