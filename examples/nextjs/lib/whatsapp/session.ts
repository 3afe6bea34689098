// One user's line to WhatsApp, written against Baileys' API alone: what stands behind the name `baileys` is for package.json to say.
import { and, eq } from 'drizzle-orm'
import makeWASocket, {
  Browsers, DisconnectReason, isJidBroadcast, isJidNewsletter, isJidStatusBroadcast, jidDecode, useMultiFileAuthState,
  type BinaryNode, type ConnectionState, type WASocket,
} from 'baileys'
import QRCode from 'qrcode'

import type { StatusAnswer } from '../api'
import { connections, conversations, db, messages, write, type Message } from '../db'
import { publish } from '../events'
import { AppError, toAppError } from '../failure'
import { engineLog, log } from '../log'
import { readConversation } from '../messages'
import { countReconnect } from '../metrics'
import { storable } from './content'
import { deleteFolder, folderOf } from './folder'
import { Keeper } from './keeper'
import { fetchSoon } from './media'
import { Outbox } from './outbox'

type State = Pick<StatusAnswer, 'status' | 'qrCode' | 'reason'>

/** How long a request waits for a QR code or the connection. */
const PATIENCE = 30_000
/** How long a socket may take to log out, or to close. */
const CLOSING = 10_000

export interface Surroundings {
  /** Messages that wait for an automatic answer are in the database. */
  answersDue(userId: string): void
}

/** A socket and what it is about to become. */
interface Line {
  socket: WASocket
  closed: Promise<void>
}

export class Session {
  state: State = { status: 'DISCONNECTED', qrCode: null, reason: null }
  private line?: Line
  private phoneNumber: string | null = null
  private lastConnectedAt: Date | null = null
  private readonly outbox: Outbox
  private readonly keeper: Keeper
  private opening?: Promise<void>
  private turn: Promise<unknown> = Promise.resolve()
  private tries = 0
  private timer?: NodeJS.Timeout
  private readonly watchers = new Set<() => void>()

  constructor(readonly userId: string, private readonly surroundings: Surroundings) {
    this.outbox = new Outbox(userId)
    this.keeper = new Keeper(userId, {
      numberOf: async (lid) => this.line?.socket.signalRepository.lidMapping.getPNForLID(lid).catch(() => null),
      onNew: (created) => this.onNew(created),
    })
  }

  get socket(): WASocket | undefined {
    return this.line?.socket
  }

  get isConnected(): boolean {
    return this.state.status === 'CONNECTED'
  }

  snapshot(): StatusAnswer {
    const { state, phoneNumber, lastConnectedAt } = this
    const connection = { phoneNumber, lastConnectedAt: lastConnectedAt?.toISOString() ?? null }
    return { success: true, ...state, isConnected: this.isConnected, connection }
  }

  /** What the database remembers of the last connection. */
  async recall(): Promise<void> {
    const [row] = await (await db()).select().from(connections).where(eq(connections.userId, this.userId))
    this.phoneNumber ??= row?.phoneNumber ?? null
    this.lastConnectedAt ??= row?.lastConnectedAt ?? null
  }

  /** Resolves once there is a QR code or the connection is open. However often it is called, there is one socket. */
  async connect(): Promise<StatusAnswer> {
    if (!this.line) {
      this.tries = 0
      this.opening ??= this.inTurn(() => this.open(true)).finally(() => (this.opening = undefined))
      await this.opening
    }
    await this.until(() => this.state.status !== 'CONNECTING' || this.state.reason !== null)
    return this.snapshot()
  }

  /** Opens a session that a phone has linked before. */
  resume(): Promise<void> {
    return this.inTurn(() => this.open(false))
  }

  /** Logs out, so that the phone forgets this device, and removes the files. */
  disconnect(): Promise<void> {
    return this.inTurn(async () => {
      const { line } = this
      const linked = this.isConnected
      this.leave('DISCONNECTED', null)
      if (line && linked) {
        // Without an answer the files go all the same; the phone then shows the device until it is removed there.
        await within(CLOSING, line.socket.logout()).catch((error: unknown) => log.warn({ err: error, userId: this.userId }, 'the logout was not confirmed'))
      }
      if (line) await this.end(line)
      await this.forget(null)
    })
  }

  /** Ends the connection and keeps the session. */
  shutDown(): Promise<void> {
    return this.inTurn(async () => {
      const { line } = this
      this.leave('DISCONNECTED', null)
      await this.keeper.stop()
      if (line) await this.end(line)
    })
  }

  wake() {
    this.outbox.wake()
  }

  /** Sends what is in the outbox. Resolves once this message has left, or is known to leave later; rejects where it never will. */
  async handOver(message: Message): Promise<void> {
    const left = this.outbox.handedOver(message.id)
    this.outbox.wake()
    await left
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work, work)
    this.turn = done.catch(() => undefined)
    return done
  }

  private show(state: Partial<State>) {
    this.state = { ...this.state, ...state }
    for (const watch of [...this.watchers]) watch()
    publish(this.userId, 'status', this.snapshot())
  }

  private until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(timer)
        this.watchers.delete(watch)
        settle()
      }
      const watch = () => condition() && done(resolve)
      const timer = setTimeout(() => done(() => reject(new AppError('TIMED_OUT', 'WhatsApp did not answer in time.'))), PATIENCE)
      this.watchers.add(watch)
    })
  }

  /** @param mayPair whether somebody waits for a QR code */
  private async open(mayPair: boolean): Promise<void> {
    if (this.line) return
    clearTimeout(this.timer)
    this.show({ status: 'CONNECTING', qrCode: null, reason: null })
    try {
      await this.recall()
      const { state, saveCreds } = await useMultiFileAuthState(folderOf(this.userId))
      if (!state.creds.me && !mayPair) {
        log.error({ userId: this.userId }, 'the folder of a session is gone')
        await this.forget('FOLDER_DAMAGED')
        return
      }
      const socket = makeWASocket({
        auth: state,
        logger: engineLog,
        browser: Browsers.ubuntu('Chrome'),
        markOnlineOnConnect: false,
        // Conversations begin here with what comes from now on.
        syncFullHistory: false,
        shouldSyncHistoryMessage: () => false,
        shouldIgnoreJid: (jid) => Boolean(isJidBroadcast(jid) || isJidStatusBroadcast(jid) || isJidNewsletter(jid)),
        getMessage: async ({ id }) => (id ? this.sentBefore(id) : undefined),
      })
      this.listen(socket, saveCreds, () => Boolean(state.creds.me))
    } catch (error) {
      const damaged = (error as { code?: string }).code === 'STORE_CORRUPT' || error instanceof SyntaxError
      this.leave('DISCONNECTED', damaged ? 'FOLDER_DAMAGED' : 'FAILED')
      log.error({ err: error, userId: this.userId }, 'the session could not be opened')
      const known = toAppError(error)
      throw known.code === 'INTERNAL' ? new AppError('CONNECT_FAILED', (error as Error).message, { cause: error }) : known
    }
  }

  private listen(socket: WASocket, saveCreds: () => Promise<void>, isLinkedNow: () => boolean) {
    let closed!: () => void
    const line: Line = { socket, closed: new Promise((resolve) => (closed = resolve)) }
    this.line = line
    const { ev } = socket
    ev.on('creds.update', () => saveCreds().catch((error: unknown) => log.error({ err: error, userId: this.userId }, 'the credentials could not be saved')))
    ev.on('connection.update', (update) => {
      if (update.connection === 'close') closed()
      if (this.line === line) void this.onConnection(line, update, isLinkedNow()).catch((error: unknown) => log.error({ err: error, userId: this.userId }, 'connection'))
    })
    // The promise is the confirmation: what is not in the database yet comes again after a kill.
    ev.on('messages.upsert', ({ messages: arrived }) => this.keeper.messages(arrived))
    ev.on('messages.update', (updates) => this.keeper.updates(updates))
    // Baileys' events tell of it only when the owner's phone has the message as well, which may be off.
    socket.ws.on('CB:ack,class:message', ({ attrs: { id, error } }: BinaryNode) => {
      if (id && !error) void this.keeper.accepted(id).catch((reason: unknown) => log.warn({ err: reason, userId: this.userId }, 'a confirmation was not kept'))
    })
    ev.on('groups.update', (groups) => {
      for (const { id, subject } of groups) if (id && subject) void this.rename(id, subject)
    })
  }

  private async onConnection(line: Line, { connection, qr, lastDisconnect }: Partial<ConnectionState>, linked: boolean): Promise<void> {
    if (qr) {
      const qrCode = await QRCode.toDataURL(qr, { width: 320, margin: 4 })
      if (this.line === line && !this.isConnected) this.show({ status: 'QR', qrCode, reason: null })
    }
    if (connection === 'open') await this.onOpen(line)
    if (connection === 'close') await this.onClose(lastDisconnect?.error, linked)
  }

  private async onOpen({ socket }: Line): Promise<void> {
    this.tries = 0
    this.phoneNumber = `+${jidDecode(socket.user!.id)!.user}`
    this.lastConnectedAt = new Date()
    this.show({ status: 'CONNECTED', qrCode: null, reason: null })
    log.info({ userId: this.userId }, 'connected')
    this.outbox.open(socket)
    this.surroundings.answersDue(this.userId)
    await this.remember(true)
  }

  private async onClose(error: Error | undefined, linked: boolean): Promise<void> {
    const code = (error as { output?: { statusCode?: number } } | undefined)?.output?.statusCode
    const held = [error, error?.cause, (error as { data?: unknown } | undefined)?.data].some((one) => (one as { code?: unknown } | undefined)?.code === 'SESSION_HELD')
    log.info({ userId: this.userId, code, reason: error?.message }, 'the connection ended')
    countReconnect(code ?? 'unknown')
    this.line = undefined
    this.outbox.close()
    if (code === DisconnectReason.restartRequired) return this.resume()
    if (code === DisconnectReason.loggedOut) return this.inTurn(() => this.forget('LOGGED_OUT'))
    if (held) return this.again('SESSION_HELD')
    if (!linked) return this.leave('DISCONNECTED', code === DisconnectReason.timedOut ? 'QR_EXPIRED' : 'FAILED')
    if (code === DisconnectReason.connectionReplaced) return this.leave('DISCONNECTED', 'REPLACED')
    if (code === DisconnectReason.forbidden || code === DisconnectReason.multideviceMismatch) return this.leave('DISCONNECTED', 'FAILED')
    this.again(null)
  }

  /** Connects again after a pause that grows: 1 s, 2 s, 4 s ... a minute. */
  private again(reason: State['reason']) {
    const pause = Math.min(1000 * 2 ** this.tries++, 60_000) * (0.75 + Math.random() / 2)
    this.show({ status: 'CONNECTING', qrCode: null, reason })
    clearTimeout(this.timer)
    // A failure is in the log, and the next pause begins with it.
    this.timer = setTimeout(() => void this.resume().catch(() => this.state.reason === 'FOLDER_DAMAGED' || this.again(null)), pause)
  }

  /** From now on the socket's events are not ours. */
  private leave(status: State['status'], reason: State['reason']) {
    clearTimeout(this.timer)
    this.line = undefined
    this.outbox.close()
    this.show({ status, qrCode: null, reason })
  }

  /** Ends a socket, and waits until it writes no more. */
  private async end({ socket, closed }: Line): Promise<void> {
    await within(CLOSING, Promise.resolve(socket.end(undefined)).then(() => closed)).catch(() => undefined)
  }

  /** The session is over: nothing of it stays. */
  private async forget(reason: State['reason']): Promise<void> {
    await deleteFolder(this.userId)
    this.phoneNumber = null
    this.leave('DISCONNECTED', reason)
    await this.remember(false)
  }

  private async remember(wanted: boolean): Promise<void> {
    const { userId, phoneNumber, lastConnectedAt } = this
    const row = { wanted, phoneNumber, lastConnectedAt, updatedAt: new Date() }
    await write((transaction) => transaction.insert(connections).values({ userId, ...row }).onConflictDoUpdate({ target: connections.userId, set: row }))
  }

  /** What a device asks for again. */
  private async sentBefore(whatsappId: string) {
    const [found] = await (await db()).select({ text: messages.text }).from(messages)
      .where(and(eq(messages.userId, this.userId), eq(messages.whatsappId, whatsappId), eq(messages.direction, 'out'))).limit(1)
    return found?.text ? { conversation: found.text } : undefined
  }

  private onNew(created: Message[]) {
    if (created.some(({ answerDue }) => answerDue)) this.surroundings.answersDue(this.userId)
    void this.follow(created).catch((error: unknown) => log.warn({ err: error, userId: this.userId }, 'files and names did not come'))
  }

  /** Fetches what new messages speak of: files, and the names of groups. */
  private async follow(created: Message[]): Promise<void> {
    const ids = new Set(created.filter(({ raw, senderJid }) => raw || senderJid).map(({ conversationId }) => conversationId))
    for (const id of ids) {
      const [conversation] = await (await db()).select().from(conversations).where(eq(conversations.id, id))
      if (!conversation) continue
      for (const message of created) if (message.raw && message.conversationId === id) fetchSoon(message, conversation.jid, this.socket)
      if (conversation.jid.endsWith('@g.us') && !conversation.name) {
        const group = await this.socket?.groupMetadata(conversation.jid)
        if (group) await this.rename(conversation.jid, group.subject)
      }
    }
  }

  private async rename(jid: string, subject: string): Promise<void> {
    const changed = await write((transaction) =>
      transaction
        .update(conversations)
        .set({ name: storable(subject, 200) })
        .where(and(eq(conversations.userId, this.userId), eq(conversations.jid, jid)))
        .returning(),
    )
    for (const { id } of changed) {
      const conversation = await readConversation(await db(), this.userId, id)
      if (conversation) publish(this.userId, 'conversation', conversation)
    }
  }
}

/** Rejects when it takes longer. */
function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError('TIMED_OUT', 'WhatsApp did not answer in time.')), milliseconds)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
