/** `makeWASocket`: one connection of a session, in the sequence of events that Baileys' users know. */
import type { ClientOptions, ConnectionEvent, Logger } from '../../index.js'
import type {
  ConnectionState, Contact, MessageUpsertType, SocketConfig, UserFacingSocketConfig, WAMessage, WAMessageContent, WASocket,
} from './types.js'
import { chooseEndpoint } from '../doors/endpoint.js'
import type { WhatsAppClient } from '../client.js'
import type { Relay } from '../internals.js'
import { sessionOf } from './auth-state.js'
import { generateMdTagPrefix } from './bits.js'
import { DEFAULT_CONNECTION_CONFIG } from './constants.js'
import type { SocketContext } from './context.js'
import { assertMeId } from './creds.js'
import { boomify, closed, endOf, isReason, loggedOut, refused, replaced, restartRequired, terminated } from './disconnect.js'
import { EDITION_7, type Edition } from './edition.js'
import { DoorEmitter } from './emitter.js'
import { binaryNode } from './binary-node.js'
import { Engine, type EngineEvent, type Sink } from './engine.js'
import { Inflow } from './events/inflow.js'
import type { AuthSession } from './auth-session.js'
import { forget, free } from './folder.js'
import { jidDecode, jidEncode } from './jid.js'
import { makeMembers } from './members/index.js'
import { makeCache } from './members/low-level.js'
import { makeSending } from './messages/send.js'
import { makeSignal } from './messages/signal.js'
import { makePlaceholders } from './members/missing.js'
import type { BinaryNode } from './nodes.js'
import { resolveConfig } from './options.js'
import { loadProto, warmProto } from './proto.js'
import { proxyOf } from './proxy.js'
import { bindWaitForConnectionUpdate } from './timing.js'
import { addTransactionCapability } from './transactions.js'
import { countsIn } from './retry-counts.js'
import { DEFAULT_VERSION } from '../doors/version.js'
import { DoorWebSocket, type SocketState } from './ws.js'

const QR_PREFIX = 'https://wa.me/settings/linked_devices#'
/** How long the first history is waited for. */
const FIRST_SYNC_MS = 20_000
/** Of `HistorySync.HistorySyncType`: what a phone sends by itself. */
const HISTORY_TYPES = [0, 1, 3, 4, 5]
const RECENT = 3
const FULL = 2
/** More the engine does not take. */
const MAX_RETRIES = 1000
const MAX_RETRY_DELAY_MS = 600_000
/** Calls whose offer is remembered. */
const MAX_CALLS = 256

type Fields = { [field: string]: any }

export const makeWASocket = (config: UserFacingSocketConfig): WASocket => makeSocket(config, EDITION_7)

export function makeSocket(given: UserFacingSocketConfig, edition: Edition): WASocket {
  const config = resolveConfig(given, edition) as SocketConfig & Fields
  const { auth } = config
  const session = sessionOf(auth, config)
  session.begins(edition.name)
  const { folder } = session
  const { creds } = auth
  const ev = new DoorEmitter(edition.events)
  const state: SocketState = { current: 'connecting' }
  let loggedIn = false
  let begun = false
  const ws = new DoorWebSocket(config, state, () => end(terminated()))
  const logger = config.logger as SocketContext['logger']
  let engine: Engine | undefined
  let pairing = false
  let ended: Promise<void> | undefined
  let firstSync: NodeJS.Timeout | undefined
  let hasHistory = false
  let newLogin = false
  const endHandlers: ((error: Error | undefined) => unknown)[] = []
  const askedPhone = new Set<string>()

  const isOver = (): boolean => state.current === 'closing' || state.current === 'closed'
  const update = (change: Partial<ConnectionState>): void => ev.deliver({ 'connection.update': change })
  const wantsHistory = (notification: Fields): boolean =>
    (edition.history?.includes(notification['syncType'] as number) ?? true) && Boolean(config.shouldSyncHistoryMessage(notification))
  const inflow = new Inflow({
    creds,
    ev,
    logger,
    ignores: jid => Boolean(config.shouldIgnoreJid?.(jid)),
    // Baileys 6 tells of every call.
    ignoresCalls: edition.name !== 6,
    wantsHistory,
    getMessage: async key => (await config.getMessage(key)) as WAMessageContent | undefined,
    calls: makeCache(config.callOfferCache, MAX_CALLS),
    confirms: config.confirmMessages !== false,
    askedPhone: id => askedPhone.delete(id),
    groupsChanged: what => {
      const members = sock as { [member: string]: () => Promise<unknown> }
      const ask = what === 'groups' ? members['groupFetchAllParticipating'] : members['communityFetchAllParticipating']
      void ask?.().catch((error: unknown) => logger.warn(error, 'groups that have changed cannot be read'))
    },
    synced: () => synced(),
  })
  const sink: Sink = {
    event: handle,
    wire: wire => inflow.take(wire),
  }

  function begin(): void {
    begun = true
    if (creds.me?.id) ev.buffer()
    update({ connection: 'connecting', receivedPendingNotifications: false, qr: undefined })
  }

  async function start(): Promise<void> {
    if (isOver()) return
    begin()
    warmProto()
    const { parked, owner: previous } = folder
    folder.parked = undefined
    folder.owner = owner
    session.attach(creds, changes => isOver() || ev.deliver({ 'creds.update': changes }))
    if (parked) {
      engine = parked
      ws.bind(parked.client)
      return parked.attach(sink)
    }
    await previous?.evict()
    await free(folder)
    if (isOver()) return
    engine = new Engine(engineOptions(config, session, key => retryMessage(key)), {
      ...session.internals(creds),
      keepAlive: config.keepAliveIntervalMs,
      ...(config.qrTimeout ? { qrTimeout: config.qrTimeout } : {}),
      markOnline: config.markOnlineOnConnect ?? true,
      ...retriesOf(config),
      ...verificationOf(given),
      ...(config.fireInitQueries ? {} : { initQueries: false }),
      ...(config.enableAutoSessionRecreation ? {} : { renewSessions: false }),
      ...(config.msgRetryCounterCache ? { retries: countsIn(config.msgRetryCounterCache, logger) } : {}),
    })
    ws.bind(engine.client)
    engine.attach(sink)
    try {
      await engine.client.connect()
    } catch (error) {
      await end(boomify(error))
    }
  }

  function handle(event: EngineEvent): void {
    if (isOver()) return
    if (pairing && event.name !== 'qr' && engine?.client.user) return handOver(event)
    switch (event.name) {
      case 'qr':
        pairing = true
        state.current = 'open'
        return update({ qr: event.value.text.startsWith(QR_PREFIX) ? event.value.text : QR_PREFIX + event.value.text })
      case 'connection':
        return connection(event.value)
      case 'offline':
        if (event.value.done) caughtUp()
        return
    }
  }

  /** A phone has scanned: the engine goes on without this socket, which ends as Baileys' does. */
  function handOver(event: EngineEvent): void {
    if (!engine) return
    const paired = engine
    engine = undefined
    folder.parked = paired
    paired.park(event, released => {
      if (folder.parked === paired) {
        folder.parked = undefined
        folder.released = released
        session.letGo()
      }
      forget(folder)
    })
    learnOwnAddress(paired)
    ev.deliver({ 'creds.update': creds.me ? { me: creds.me } : {} })
    update({ isNewLogin: true, qr: undefined })
    void end(restartRequired())
  }

  function connection(event: ConnectionEvent): void {
    if (event.state === 'open') {
      newLogin = event.isNewLogin ?? false
      return opened()
    }
    // An open connection that the engine restarts by itself is, as with Baileys, for the program to restart.
    const over = event.state === 'closed' || (event.state === 'reconnecting' && loggedIn)
    if (over) void end(event.reason ? endOf(event.reason) : closed())
  }

  function opened(): void {
    if (!engine) return
    state.current = 'open'
    loggedIn = true
    learnOwnAddress(engine)
    ev.deliver({ 'creds.update': { me: creds.me } })
    // Presence goes with a name, which a new session learns later, if only by a moment.
    if (creds.me?.name && !newLogin) update({ isOnline: config.markOnlineOnConnect ?? true })
    update({ connection: 'open' })
    ws.emit('open')
  }

  /** What waited at the service has come. */
  function caughtUp(): void {
    ev.flush()
    update({ receivedPendingNotifications: true })
    if (creds['accountSyncCounter'] || !wantsHistory({ syncType: RECENT })) return
    // The phone sends it once, after pairing.
    if (hasHistory || !newLogin) return countSync()
    firstSync = setTimeout(synced, FIRST_SYNC_MS).unref()
  }

  /** The first history has come, or will not. */
  function synced(): void {
    hasHistory = true
    if (!firstSync) return
    clearTimeout(firstSync)
    firstSync = undefined
    // What led here is given out first.
    setImmediate(() => {
      if (!isOver()) countSync()
    })
  }

  function countSync(): void {
    const accountSyncCounter = (creds.accountSyncCounter ?? 0) + 1
    creds.accountSyncCounter = accountSyncCounter
    ev.deliver({ 'creds.update': { accountSyncCounter } })
  }

  /** `creds.me` stays the same object, since programs keep it. */
  function learnOwnAddress({ client: { user } }: Engine): void {
    if (!user) return
    const withDevice = (jid: string): string => {
      const parts = jidDecode(jid)
      return parts ? jidEncode(parts.user, parts.server, user.device) : jid
    }
    const me: Contact = (creds.me ??= { id: '' })
    me.id = withDevice(user.jid)
    if (user.lid) me.lid = withDevice(user.lid)
    if (user.name) me.name = user.name
  }

  function end(error?: Error): Promise<void> {
    state.current = state.current === 'closed' ? state.current : 'closing'
    ended ??= close(error)
    return ended
  }

  async function close(error: Error | undefined): Promise<void> {
    clearTimeout(firstSync)
    if (!begun) begin()
    ws.bind(undefined)
    const released = engine ? engine.client.disconnect().catch(() => undefined) : folder.released
    folder.released = released
    if (engine) session.letGo()
    // What was received before still reaches the program before `close`.
    ev.flush()
    // The next socket may be made in the very handler of `close`: by then the store is free and the credentials are on disk.
    await released
    await folder.saved
    if (folder.owner === owner) folder.owner = undefined
    forget(folder)
    state.current = 'closed'
    ws.socket = null
    ev.flush()
    for (const handler of endHandlers) {
      try {
        await handler(error)
      } catch (thrown) {
        logger.error(thrown, 'a handler of the end has failed')
      }
    }
    update({ connection: 'close', lastDisconnect: { error, date: new Date() } })
    ev.destroy()
    ws.emit('close')
    ws.removeAllListeners()
  }

  const owner = { evict: (): Promise<void> => end(replaced()) }

  async function retryMessage({ id, chat }: { id: string; chat: string }): Promise<Uint8Array | undefined> {
    const message = await config.getMessage({ remoteJid: chat, id, fromMe: true })
    return message ? loadProto().Message.encode(message).finish() : undefined
  }

  async function logout(reason?: string): Promise<void> {
    if (isOver()) throw closed()
    if (engine && !isOver()) {
      state.current = 'closing'
      await engine.client.logout().catch((error: unknown) => {
        if (isReason(error)) logger.warn(error.message)
      })
      await session.forget()
    }
    await end(loggedOut(reason))
  }

  async function requestPairingCode(phoneNumber: string, customPairingCode?: string): Promise<string> {
    if (customPairingCode !== undefined && customPairingCode.length !== 8) throw new Error('Custom pairing code must be exactly 8 chars')
    if (!engine || isOver()) throw closed()
    pairing = true
    try {
      const code = await engine.client.requestPairingCode(phoneNumber, customPairingCode === undefined ? {} : { code: customPairingCode })
      const pairingCode = code.replace('-', '')
      creds['pairingCode'] = pairingCode
      creds.me = { id: jidEncode(phoneNumber, 's.whatsapp.net'), name: '~' }
      ev.deliver({ 'creds.update': creds })
      return pairingCode
    } catch (error) {
      throw boomify(error)
    }
  }

  /** The client of an open connection. */
  function client(): WhatsAppClient {
    if (!engine || !loggedIn || isOver()) throw closed()
    return engine.client
  }

  async function ask<T>(method: string, args: object): Promise<T> {
    if (!engine || !loggedIn || isOver()) throw closed()
    try {
      return await engine.ask<T>(method, args)
    } catch (error) {
      throw refused(error)
    }
  }

  const relay: Relay = async (...message) => {
    if (!engine || !loggedIn || isOver()) throw closed()
    try {
      return await engine.relay(...message)
    } catch (error) {
      throw refused(error)
    }
  }

  async function query(node: BinaryNode, timeoutMs?: number): Promise<BinaryNode> {
    const timeout = timeoutMs ?? (config['defaultQueryTimeoutMs'] as number | undefined)
    try {
      return binaryNode(await client().query(node, timeout ? { timeout } : {}))
    } catch (error) {
      throw refused(error)
    }
  }

  const tag = generateMdTagPrefix()
  let tags = 1
  const context: SocketContext = {
    config,
    edition,
    creds,
    ev,
    ws,
    logger,
    client,
    ask,
    relay,
    query,
    sendNode: node => ask('node.send', { node: plain(node) }),
    generateMessageTag: () => `${tag}${tags++}`,
    me() {
      assertMeId(creds)
      return creds.me as { id: string; lid?: string }
    },
    expectFromPhone(request) {
      askedPhone.add(request)
      const [oldest] = askedPhone
      if (askedPhone.size > MAX_CALLS && oldest !== undefined) askedPhone.delete(oldest)
    },
    upsertMessage: async (message: WAMessage, type: MessageUpsertType) => {
      if (!isOver()) inflow.upsert(message, type)
    },
  }

  const sock: Fields = {
    ...makePlaceholders(context),
    ...makeMembers(context),
    ...makeSignal(context),
    ...makeSending(context, () => sock as never),
    type: 'md',
    ev,
    ws,
    authState: { creds, keys: addTransactionCapability(auth.keys, logger, config.transactionOpts) },
    user: creds.me,
    logger,
    query,
    sendNode: context.sendNode,
    generateMessageTag: context.generateMessageTag,
    upsertMessage: context.upsertMessage,
    requestPairingCode,
    logout,
    end,
    waitForConnectionUpdate: bindWaitForConnectionUpdate(ev),
    waitForSocketOpen: () => waitForOpen(),
    registerSocketEndHandler: (handler: (error: Error | undefined) => unknown) => void endHandlers.push(handler),
    onUnexpectedError: (error: Error, message: string) => logger.error(error, `unexpected error in '${message}'`),
  }

  async function waitForOpen(): Promise<void> {
    if (state.current === 'open') return
    if (isOver()) throw closed()
    await bindWaitForConnectionUpdate(ev)(change => change.connection === 'open')
  }

  Object.assign(sock, edition.members?.(sock as unknown as WASocket, context))
  process.nextTick(() => void start().catch((error: unknown) => end(boomify(error))))
  return sock as unknown as WASocket
}

/** Bytes as the engine reads them. */
function plain({ tag, attrs, content }: BinaryNode): object {
  const values = Object.entries(attrs ?? {}).filter(([, value]) => value !== undefined && value !== null)
  const node = { tag, attrs: Object.fromEntries(values.map(([name, value]) => [name, String(value)])) }
  if (content === undefined || content === null) return node
  if (Array.isArray(content)) return { ...node, content: content.map(plain) }
  return { ...node, content: { base64: Buffer.from(content as string).toString('base64') } }
}

/** What is no number leaves what is the engine's own; so does the usual delay, since there is nothing to wait for. */
function retriesOf({ maxMsgRetryCount: most, retryRequestDelayMs: delay }: SocketConfig): { maxRetries?: number; retryDelay?: number } {
  const usual = DEFAULT_CONNECTION_CONFIG.retryRequestDelayMs
  return {
    ...(typeof most === 'number' && most >= 0 ? { maxRetries: Math.min(Math.floor(most), MAX_RETRIES) } : {}),
    ...(typeof delay === 'number' && delay >= 0 && delay !== usual ? { retryDelay: Math.min(delay, MAX_RETRY_DELAY_MS) } : {}),
  }
}

/** By default the engine verifies, where Baileys does not: what a program says itself stands, not the default that it has copied. */
function verificationOf({ appStateMacVerification: wanted }: UserFacingSocketConfig): { verifyPatches?: boolean; verifySnapshots?: boolean } {
  if (!wanted || wanted === DEFAULT_CONNECTION_CONFIG.appStateMacVerification) return {}
  return { verifyPatches: Boolean(wanted.patch), verifySnapshots: Boolean(wanted.snapshot) }
}

/** What the program takes is fetched, and no more. */
function historyOf({ shouldSyncHistoryMessage: wants, syncFullHistory }: SocketConfig): NonNullable<ClientOptions['history']> {
  const taken = (syncType: number): boolean => Boolean(wants({ syncType }))
  if (syncFullHistory && taken(FULL)) return 'full'
  return HISTORY_TYPES.some(taken) ? 'recent' : false
}

/** What the engine is told; of Baileys' options the ones that mean something to it. */
function engineOptions(
  config: SocketConfig,
  { name, store, encryptionKey }: AuthSession,
  getMessage: NonNullable<ClientOptions['getMessage']>,
): ClientOptions {
  const address = config.waWebSocketUrl ?? config.endpoint
  const endpoint = chooseEndpoint(typeof address === 'string' && address.startsWith('wss://web.whatsapp.com') ? undefined : address)
  const { browser, version, logger, pushName, countryCode, connectTimeoutMs } = config
  const proxy = proxyOf(config.agent)
  return {
    session: name,
    store,
    ...(encryptionKey === undefined ? {} : { encryptionKey }),
    reconnect: false,
    getMessage,
    history: historyOf(config),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(proxy ? { proxy } : {}),
    ...(browser ? { browser: { os: browser[0], name: browser[1] } } : {}),
    ...(version && version.join() !== DEFAULT_VERSION.join() ? { version } : {}),
    // The logger that stands in for the program's says nothing: the engine need not talk to it.
    ...(logger && logger.level !== 'silent' && logger !== DEFAULT_CONNECTION_CONFIG.logger ? { logger: logger as Logger } : {}),
    ...(pushName === undefined ? {} : { pushName }),
    ...(countryCode === undefined ? {} : { country: countryCode }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeout: connectTimeoutMs }),
  }
}

