/**
 * What the engine reports, one after the other, as Baileys' events. What one stanza tells comes as one batch, unless the socket
 * buffers; only where something has to be asked for does what follows wait.
 */
import type { WireEvent } from '../../internals.js'
import { binaryNode } from '../binary-node.js'
import type { DoorEmitter } from '../emitter.js'
import { areJidsSameUser, isJidGroup, isJidNewsletter, jidNormalizedUser } from '../jid.js'
import { toWAMessage } from '../messages/decode.js'
import { getBinaryNodeChild, type BinaryNode } from '../nodes.js'
import { loadProto } from '../proto.js'
import { processSyncAction } from '../sync-action.js'
import type { AuthenticationCreds, MessageUpsertType, WAMessage, WAMessageContent, WAMessageKey } from '../types.js'
import { HISTORY, historyOf, historyType } from './history.js'
import { onNotification } from './notification.js'
import { processMessage, type ProcessContext } from './process.js'
import { callId, onCall, onPresence, onReceipt, onRefused, type Calls } from './stanzas.js'

type Fields = { [field: string]: any }
type Logger = { debug(value: unknown, message?: string): void; warn(value: unknown, message?: string): void; error(value: unknown, message?: string): void }

export interface InflowOptions {
  creds: AuthenticationCreds
  ev: DoorEmitter
  logger: Logger
  ignores(jid: string): boolean
  /** Whether calls are ignored as well. */
  ignoresCalls: boolean
  wantsHistory(notification: Fields): boolean
  getMessage(key: WAMessageKey): Promise<WAMessageContent | undefined>
  calls: Calls
  /** Whether what listeners return is waited for. */
  confirms: boolean
  /** Whether this program asked the phone for it; answers to the engine's own questions come as messages. */
  askedPhone(request: string): boolean
  /** Groups or communities have changed untold. */
  groupsChanged(what: 'groups' | 'communities'): void
  /** The first history has come. */
  synced(): void
}

/** A message that was given so often and never taken is let go. */
const MAX_GIVEN = 10
/** What handlers have not ended is waited for up to so many; then the oldest counts as taken. */
const MAX_OPEN = 512
/** Milliseconds that the program has to find a message. */
const FIND_MS = 10_000
/** History notifications that are remembered in `creds`. */
const MAX_HISTORY_NOTED = 10
const HISTORY_SYNC_NOTIFICATION = 5
const PEER_RESPONSE = 17

export class Inflow {
  readonly #options: InflowOptions
  readonly #process: ProcessContext
  /** What waits for an answer of the program, and everything behind it. */
  #tail: Promise<unknown> | undefined
  #historyTold = false
  /** What handlers work on, oldest first; each ends the waiting for one. */
  readonly #waiting = new Set<() => void>()

  constructor(options: InflowOptions) {
    this.#options = options
    const { creds, ev, logger, getMessage } = options
    this.#process = {
      creds,
      emit: (event, value) => void ev.emit(event, value),
      getMessage: key => within(FIND_MS, getMessage(key)),
      warn: (error, what) => logger.warn(error, what),
    }
  }

  /** A promise confirms it. */
  take(wire: WireEvent): Promise<unknown> | undefined {
    if (!this.#tail) return this.#open(this.#now(wire).taken)
    const work = this.#tail.then(() => this.#now(wire))
    this.#follow(work.then(({ later }) => later))
    return this.#open(work.then(({ taken }) => taken))
  }

  /** Handlers that never end must not stop what comes after. */
  #open(taken: Promise<unknown> | undefined): Promise<unknown> | undefined {
    if (!taken) return undefined
    return new Promise((resolve, reject) => {
      const letGo = (): void => {
        this.#waiting.delete(letGo)
        resolve(undefined)
      }
      const given = (): void => {
        if (settled) return
        this.#waiting.add(letGo)
        const [oldest] = this.#waiting
        if (this.#waiting.size > MAX_OPEN) oldest?.()
      }
      let settled = false
      // What waits for a flush is in no handler's hands.
      const flush = this.#options.ev.flushing()
      if (flush) void flush.then(given)
      else given()
      const end = (): void => {
        settled = true
        this.#waiting.delete(letGo)
      }
      taken.then(
        () => {
          end()
          resolve(undefined)
        },
        (error: Error) => {
          end()
          reject(error)
        },
      )
    })
  }

  /** Tells of a message, as if it had come. */
  upsert(message: WAMessage, type: MessageUpsertType): void {
    let later: Promise<void> | undefined
    this.#options.ev.together(() => (later = this.#upsert(message, type)))
    if (later) this.#follow(later)
  }

  #follow(done: Promise<unknown>): void {
    const tail: Promise<unknown> = done
      .catch(() => undefined)
      .then(() => {
        if (this.#tail === tail) this.#tail = undefined
      })
    this.#tail = tail
  }

  /** `later`: when everything that it tells was told; `taken`: when that was taken. */
  #now(wire: WireEvent): { later: Promise<void> | undefined; taken: Promise<unknown> | undefined } {
    const { ev, confirms } = this.#options
    let later: Promise<void> | undefined
    // The state of the account is read beside what comes in.
    const taken = ev.together(() => (later = this.#tell(wire)), wire.kind !== 'sync')
    if (later) this.#follow(later)
    if (!confirms) return { later, taken: later }
    return { later, taken: later && taken ? Promise.all([later, taken]) : (later ?? taken) }
  }

  #tell(wire: WireEvent): Promise<void> | undefined {
    switch (wire.kind) {
      case 'message':
        return this.#message(wire)
      case 'stanza':
        return this.#stanza(binaryNode(wire.node))
      case 'sync':
        this.#sync(wire)
        return undefined
      case 'history':
        this.#history(wire)
        return undefined
      case 'refused':
        onRefused(wire.chat, wire.id, wire.error, this.#process.emit)
        return undefined
    }
  }

  #message(wire: Extract<WireEvent, { kind: 'message' }>): Promise<void> | undefined {
    const { creds, logger } = this.#options
    const { from = '' } = wire.attrs
    if (wire.again >= MAX_GIVEN) {
      logger.error({ id: wire.attrs['id'], from }, 'a message was given several times and never taken: it is let go')
      return undefined
    }
    if (from !== '@s.whatsapp.net' && this.#options.ignores(from)) return undefined
    const { me } = creds
    if (!me) return undefined
    const message = toWAMessage(wire, me)
    // What came again was not live any more.
    const type = wire.attrs['offline'] || wire.redelivered ? 'append' : 'notify'
    return this.#upsert(message, type)
  }

  #upsert(message: WAMessage, type: MessageUpsertType, requestId?: string): Promise<void> | undefined {
    const { creds } = this.#options
    const { emit } = this.#process
    emit('messages.upsert', { messages: [message], type, ...(requestId ? { requestId } : {}) })
    const { key, pushName } = message
    const { me } = creds
    if (pushName && me) {
      if (!key.fromMe) {
        const id = jidNormalizedUser((key.participant || key.remoteJid) as string)
        emit('contacts.update', [{ id, notify: pushName, verifiedName: (message as Fields)['verifiedBizName'] }])
      } else if (me.name !== pushName) {
        me.name = pushName
        emit('creds.update', { me })
      }
    }
    const protocol = (message.message as Fields | null | undefined)?.['protocolMessage'] as Fields | undefined
    if (protocol?.['type'] === HISTORY_SYNC_NOTIFICATION) this.#historyNotification(message, protocol['historySyncNotification'] ?? {})
    if (protocol?.['type'] === PEER_RESPONSE) this.#phoneAnswer(protocol)
    return processMessage(message, this.#process)
  }

  /** The chat that a stanza is about: a receipt of an own device names it beside itself. */
  #aboutChat({ tag, attrs: { from, participant = from, recipient } }: BinaryNode): string | undefined {
    const { me } = this.#options.creds
    const own = [me?.id, me?.lid].some(jid => jid !== undefined && areJidsSameUser(jid, participant))
    return tag === 'receipt' && own && !isJidGroup(from) ? recipient : from
  }

  #stanza(node: BinaryNode): Promise<void> | undefined {
    const { creds, ev, calls, logger } = this.#options
    const { emit } = this.#process
    const { from = '', to } = node.attrs
    const about = this.#aboutChat(node)
    const counts = node.tag !== 'call' || this.#options.ignoresCalls
    if (counts && about && about !== '@s.whatsapp.net' && this.#options.ignores(about)) return undefined
    const upsert = (message: WAMessage, type: MessageUpsertType): void => void this.#upsert(message, type)
    switch (node.tag) {
      case 'receipt':
        onReceipt(node, creds, emit)
        return undefined
      case 'notification':
        onNotification(node, { creds, emit, upsert, debug: (about, what) => logger.debug(about, what) })
        return undefined
      case 'presence':
      case 'chatstate':
        if (from || !to) onPresence(node, emit)
        return undefined
      case 'ib':
        this.#dirty(node)
        return undefined
      case 'call': {
        const id = callId(node)
        const offer = id === undefined ? undefined : calls.get(id)
        if (!(offer instanceof Promise)) return void onCall(node, offer, calls, emit, upsert)
        return offer.then(found => void ev.together(() => onCall(node, found, calls, emit, upsert)))
      }
      default:
        return undefined
    }
  }

  /** Something was not told one by one. */
  #dirty(node: BinaryNode): void {
    const { creds } = this.#options
    const dirty = getBinaryNodeChild(node, 'dirty')
    const { type, timestamp } = dirty?.attrs ?? {}
    if (type === 'account_sync' && timestamp) {
      const lastAccountSyncTimestamp = Number(timestamp)
      creds.lastAccountSyncTimestamp = lastAccountSyncTimestamp
      this.#process.emit('creds.update', { lastAccountSyncTimestamp })
    } else if (type === 'groups' || type === 'communities') this.#options.groupsChanged(type)
  }

  /** Changes of the account's state that another device has made. Own ones are told by who made them. */
  #sync({ source, mutations }: Extract<WireEvent, { kind: 'sync' }>): void {
    const { creds, ev, logger } = this.#options
    if (source === 'echo') return
    const { SyncActionValue } = loadProto() as unknown as { SyncActionValue: { decode(bytes: Uint8Array): Fields } }
    const initial = source === 'snapshot' && !creds['accountSyncCounter'] ? { accountSettings: creds['accountSettings'] } : undefined
    for (const { index, value } of mutations) {
      try {
        const action = { syncAction: { value: SyncActionValue.decode(Buffer.from(value, 'base64')) }, index: JSON.parse(index) as string[] }
        processSyncAction(action as never, ev as never, creds.me, initial as never, logger as never)
      } catch (error) {
        logger.warn(error, 'a change of the account state cannot be read')
      }
    }
  }

  #historyNotification(message: WAMessage, notification: Fields): void {
    const { creds } = this.#options
    const { emit } = this.#process
    if (!this.#options.wantsHistory(notification) || notification['syncType'] === HISTORY.ON_DEMAND) return
    const { syncType } = notification
    if (syncType === HISTORY.INITIAL_BOOTSTRAP || (syncType === HISTORY.RECENT && notification['progress'] === 100)) {
      emit('messaging-history.status', { syncType, status: 'complete', explicit: true })
    }
    const { key, messageTimestamp } = message
    const before = (creds['processedHistoryMessages'] ?? []) as unknown[]
    const processedHistoryMessages = [...before, { key, messageTimestamp }].slice(-MAX_HISTORY_NOTED) as NonNullable<AuthenticationCreds['processedHistoryMessages']>
    creds['processedHistoryMessages'] = processedHistoryMessages
    emit('creds.update', { processedHistoryMessages })
  }

  #history(wire: Extract<WireEvent, { kind: 'history' }>): void {
    const syncType = historyType(wire.type)
    if (this.#options.wantsHistory({ syncType, progress: wire.progress, chunkOrder: wire.order })) {
      const told = historyOf(wire, !this.#historyTold)
      if (told) {
        this.#historyTold = true
        this.#process.emit('messaging-history.set', told)
      }
    }
    if (wire.last) this.#options.synced()
  }

  /** The phone gives messages that could not be read. */
  #phoneAnswer(protocol: Fields): void {
    const response = protocol['peerDataOperationRequestResponseMessage'] as Fields | undefined
    const { WebMessageInfo } = loadProto()
    if (!this.#options.askedPhone(response?.['stanzaId'] as string)) return
    for (const { placeholderMessageResendResponse } of (response?.['peerDataOperationResult'] ?? []) as Fields[]) {
      const bytes = placeholderMessageResendResponse?.webMessageInfoBytes as Uint8Array | undefined
      if (!bytes) continue
      try {
        const message = WebMessageInfo.decode(bytes)
        if (!isJidNewsletter(message.key.remoteJid as string)) this.#upsert(message, 'notify', response?.['stanzaId'] as string)
      } catch (error) {
        this.#options.logger.warn(error, 'a message that the phone gave cannot be read')
      }
    }
  }
}

/** What takes longer than that is nothing: everything else waits for it. */
function within<T>(ms: number, found: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), ms).unref()
    found.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
