/** `makeWASocket`: one connection of a session, in the sequence of events that Baileys' users know. */
import { EventEmitter } from 'node:events'
import type { ClientOptions, ConnectionEvent, Logger, Message } from '../../index.js'
import type {
  AnyMessageContent, ConnectionState, Contact, MiscMessageGenerationOptions, UserFacingSocketConfig, WAMessage,
  WAMessageKey, WASocket,
} from './types.js'
import { chooseEndpoint } from '../doors/endpoint.js'
import { missing, missingAsync, notImplemented } from '../doors/missing.js'
import { folderOf, forgetCreds, storeOf } from './auth-state.js'
import { generateMessageIDV2 } from './content.js'
import { boomify, boomOf, closed, isReason, loggedOut, replaced, restartRequired } from './disconnect.js'
import { DoorEmitter } from './emitter.js'
import { Engine, type EngineEvent } from './engine.js'
import { forget } from './folder.js'
import { isJidGroup, jidEncode, jidDecode, jidNormalizedUser } from './jid.js'
import { eventsOf, eventsOfReceipt, sentText, toWAMessage, unread } from './message.js'
import { SOCKET_METHODS, SOCKET_OBJECTS, SOCKET_SYNC_METHODS } from './names.js'
import { warmProto } from './proto.js'
import { DEFAULT_VERSION } from '../doors/version.js'

const QR_PREFIX = 'https://wa.me/settings/linked_devices#'
/** Options of `sendMessage` whose absence changes nothing that a recipient sees. */
const HARMLESS_OPTIONS = ['messageId', 'useCachedGroupMetadata', 'mediaUploadTimeoutMs', 'logger', 'getUrlInfo', 'upload']

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

export function makeWASocket(config: UserFacingSocketConfig): WASocket {
  const { auth } = config
  const folder = folderOf(auth)
  const options = engineOptions(config, storeOf(folder))
  const { creds } = auth
  const ev = new DoorEmitter()
  const ws = new EventEmitter()
  let engine: Engine | undefined
  let state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting'
  let pairing = false
  let ended: Promise<void> | undefined

  const isOver = (): boolean => state === 'closing' || state === 'closed'
  const update = (change: Partial<ConnectionState>): void => ev.deliver({ 'connection.update': change })

  async function start(): Promise<void> {
    update({ connection: 'connecting', receivedPendingNotifications: false, qr: undefined })
    warmProto()
    const { parked, owner: previous } = folder
    folder.parked = undefined
    folder.owner = owner
    if (parked) {
      engine = parked
      return parked.attach(handle)
    }
    await previous?.evict()
    await folder.released
    if (isOver()) return
    engine = new Engine(options)
    engine.attach(handle)
    try {
      await engine.client.connect()
    } catch (error) {
      await end(boomify(error))
    }
  }

  function handle(event: EngineEvent): void {
    // What the engine has already handed out still reaches the program before `close`.
    if (isOver() && event.name !== 'message' && event.name !== 'receipt') return
    if (pairing && !isOver() && event.name !== 'qr' && engine?.client.user) return handOver(event)
    switch (event.name) {
      case 'qr':
        pairing = true
        return update({ qr: event.value.text.startsWith(QR_PREFIX) ? event.value.text : QR_PREFIX + event.value.text })
      case 'connection':
        return connection(event.value)
      case 'message':
        return message(event.value)
      case 'receipt':
        return ev.deliver(eventsOfReceipt(event.value, [creds.me?.id, creds.me?.lid]))
    }
  }

  /** A phone has scanned: the engine goes on without this socket, which ends as Baileys' does. */
  function handOver(event: EngineEvent): void {
    if (!engine) return
    const paired = engine
    engine = undefined
    folder.parked = paired
    paired.park(event, () => {
      if (folder.parked === paired) folder.parked = undefined
      forget(folder)
    })
    learnOwnAddress(paired)
    ev.deliver({ 'creds.update': creds.me ? { me: creds.me } : {} })
    update({ isNewLogin: true, qr: undefined })
    void end(restartRequired())
  }

  function connection(event: ConnectionEvent): void {
    if (event.state === 'open') return opened()
    // An open connection that the engine restarts by itself is, as with Baileys, for the program to restart.
    const over = event.state === 'closed' || (event.state === 'reconnecting' && state === 'open')
    if (over) void end(event.reason ? boomOf(event.reason) : closed())
  }

  function opened(): void {
    if (!engine) return
    state = 'open'
    learnOwnAddress(engine)
    ev.deliver({ 'creds.update': creds.me ? { me: creds.me } : {} })
    // Presence goes with a name, which a new session learns later.
    if (creds.me?.name) update({ isOnline: config.markOnlineOnConnect ?? true })
    update({ connection: 'open' })
    setImmediate(() => isOver() || update({ receivedPendingNotifications: true }))
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
    sock.user ??= me
  }

  function message(received: Message): void {
    // What this socket sent is told by sendMessage; history never comes as messages.upsert.
    if (received.source === 'echo' || received.source === 'history') return
    if (config.shouldIgnoreJid?.(received.chat)) return
    const { fromMe, sender, timestamp } = received
    if (fromMe && sender.name && creds.me && creds.me.name !== sender.name) {
      creds.me.name = sender.name
      ev.deliver({ 'creds.update': { me: creds.me } })
    }
    ev.deliver(eventsOf(toWAMessage(received), received.source === 'offline' ? 'append' : 'notify', timestamp))
  }

  function end(error?: Error): Promise<void> {
    state = state === 'closed' ? state : 'closing'
    ended ??= close(error)
    return ended
  }

  async function close(error: Error | undefined): Promise<void> {
    const released = engine ? engine.client.disconnect().catch(() => undefined) : folder.released
    folder.released = released
    // The next socket may be made in the very handler of `close`: by then the store is free and the credentials are on disk.
    await released
    await folder.saved
    if (folder.owner === owner) folder.owner = undefined
    forget(folder)
    state = 'closed'
    ev.flush()
    update({ connection: 'close', lastDisconnect: { error, date: new Date() } })
    ev.destroy()
    ws.emit('close')
  }

  const owner = { evict: (): Promise<void> => end(replaced()) }

  async function sendMessage(
    jid: string,
    content: AnyMessageContent & { text?: any },
    sendOptions: MiscMessageGenerationOptions = {},
  ): Promise<WAMessage | undefined> {
    checkContent(content, sendOptions)
    if (!engine || state !== 'open') throw closed()
    const id = sendOptions.messageId ?? generateMessageIDV2()
    const { timestamp } = await engine.client.send(jidNormalizedUser(jid), { text: content.text }, { id }).catch((error: unknown) => {
      throw boomify(error)
    })
    const sent = sentText(jid, id, content.text, timestamp, isJidGroup(jid) ? creds.me?.id : undefined)
    if (config.emitOwnEvents ?? true) process.nextTick(() => isOver() || ev.deliver(eventsOf(sent, 'append', timestamp)))
    return sent
  }

  async function readMessages(keys: WAMessageKey[]): Promise<void> {
    if (!engine || state !== 'open') throw closed()
    await engine.client.read(keys.filter(key => !key.fromMe).map(unread)).catch((error: unknown) => {
      throw boomify(error)
    })
  }

  async function logout(reason?: string): Promise<void> {
    if (engine && !isOver()) {
      state = 'closing'
      await engine.client.logout().catch((error: unknown) => {
        if (isReason(error)) (config.logger ?? silent).warn(error.message)
      })
      await forgetCreds(folder)
    }
    await end(loggedOut(reason))
  }

  function waitForConnectionUpdate(
    check: (change: Partial<ConnectionState>) => boolean | undefined | Promise<boolean | undefined>,
    timeoutMs?: number,
  ): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const timer = timeoutMs ? setTimeout(() => finish(boomOf({ code: 'TIMEOUT', message: 'Timed Out' })), timeoutMs) : undefined
      const finish = (error?: Error): void => {
        clearTimeout(timer)
        ev.off('connection.update', listen)
        if (error) reject(error)
        else resolve()
      }
      const listen = async (change: Partial<ConnectionState>): Promise<void> => {
        try {
          if (await check(change)) finish()
          else if (change.connection === 'close') finish(change.lastDisconnect?.error ?? closed())
        } catch (error) {
          finish(boomify(error))
        }
      }
      ev.on('connection.update', listen)
    })
  }

  Object.defineProperties(ws, {
    isOpen: { get: () => state === 'open' },
    isClosed: { get: () => state === 'closed' },
    isClosing: { get: () => state === 'closing' },
    isConnecting: { get: () => state === 'connecting' },
    socket: { value: null, writable: true },
    close: { value: () => end(), writable: true },
  })

  const sock = {
    ...Object.fromEntries(SOCKET_METHODS.map(name => [name, missingAsync(`sock.${name}`)])),
    ...Object.fromEntries([...SOCKET_SYNC_METHODS, ...SOCKET_OBJECTS].map(name => [name, missing(`sock.${name}`)])),
    type: 'md',
    ev,
    ws,
    authState: auth,
    user: creds.me,
    logger: config.logger ?? silent,
    sendMessage,
    readMessages,
    logout,
    end,
    waitForConnectionUpdate,
  } as unknown as WASocket
  process.nextTick(() => void start().catch((error: unknown) => end(boomify(error))))
  return sock
}

/** What the engine is told; of Baileys' options the ones that mean something to it. */
function engineOptions(config: UserFacingSocketConfig, store: `sqlite:${string}`): ClientOptions {
  const address = config.waWebSocketUrl ?? config.endpoint
  const endpoint = chooseEndpoint(typeof address === 'string' && address.startsWith('wss://web.whatsapp.com') ? undefined : address)
  const { browser, version, logger, pushName, countryCode, connectTimeoutMs } = config
  return {
    session: 'baileys',
    store,
    reconnect: false,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(browser ? { browser: { os: browser[0], name: browser[1] } } : {}),
    ...(version && version.join() !== DEFAULT_VERSION.join() ? { version } : {}),
    ...(logger && logger.level !== 'silent' ? { logger } : {}),
    ...(pushName === undefined ? {} : { pushName }),
    ...(countryCode === undefined ? {} : { country: countryCode }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeout: connectTimeoutMs }),
  }
}

/** Only what is sent as asked is sent; anything else is refused by name. */
function checkContent(content: AnyMessageContent & { text?: any }, options: MiscMessageGenerationOptions): void {
  for (const [name, value] of Object.entries(content ?? {})) {
    if (name !== 'text' && value !== undefined && value !== null && value !== false) throw notImplemented(`sendMessage with "${name}"`)
  }
  for (const [name, value] of Object.entries(options)) {
    if (!HARMLESS_OPTIONS.includes(name) && value !== undefined) throw notImplemented(`sendMessage's option "${name}"`)
  }
  if (typeof content?.text !== 'string') throw notImplemented('sendMessage without "text"')
}
