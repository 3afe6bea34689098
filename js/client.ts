/** The public class: promises, an emitter and types over the addon's tickets and batches. */

import { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'

import type * as contract from '../index.js'
import { type Album, albumOf, idsOf, outcome, together } from './album.js'
import { Archive, type Found, type NativeNode, openedNode } from './archive.js'
import { rawContent } from './content.js'
import { begins, dispatch, surface } from './dispatch.js'
import { ChasquiError, type PublicError, fromPublic, fromThrown } from './error.js'
import { type Handler, Handlers } from './handlers.js'
import { awaited, historyEvent } from './history.js'
import type { Internals, WireEvent } from './internals.js'
import { type FileContent, type Transfer, aboutOf, downloadRequest, feeder, fileToUpload, progressOf, reader, signalOf, sourceOf } from './media.js'
import { type NativeClient, loadClientAddon } from './native.js'
import { Batch, type MessageFields, type NativeEvent, type Question, opened, wireEvent, withRaw } from './native-events.js'
import {
  type Call, type LogLevel, type Program, checkChange, checkConnect, checkFetch, checkHandler, checkOptions, checkSend, messageAnswer, readKeys, reconnectAnswer,
  recipientOf, relayJson,
} from './options.js'
import { type Wanted, previewWanted } from './preview.js'
import { Bots, Business } from './requests/business.js'
import { Calls } from './requests/calls.js'
import { Channels } from './requests/channels.js'
import { OwnAccount } from './requests/account.js'
import { People } from './requests/people.js'
import { Presence } from './requests/presence.js'
import { Privacy } from './requests/privacy.js'
import { Profile } from './requests/profile.js'
import { Status } from './requests/status.js'
import { type Ask, checkCall, invalidArgument, plainNode, toJson } from './requests.js'
import { Communities, Groups } from './requests/groups.js'

type Events = contract.ClientEvents

type Recipient = string | contract.Message
type Target = contract.Message | contract.MessageKey

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
  signal: AbortSignal | undefined
  onAbort: (() => void) | undefined
  transfer: Transfer | undefined
}

const FOREVER = 2 ** 31 - 1
const startTimer = setInterval
const stopTimer = clearInterval

export class WhatsAppClient extends EventEmitter<Events> implements contract.WhatsAppClient {
  readonly #native: NativeClient
  readonly #logger: contract.Logger | undefined
  readonly #program: Program
  readonly #internals: Internals
  readonly #pending = new Map<number, Pending>()
  // Not in the constructor: functions made there share what they refer to with the one that the addon holds.
  readonly #handlers = new Handlers(
    (seqs, outcome) => {
      try {
        this.#native.finished(seqs, outcome)
      } catch {
        // The client was closed meanwhile: they come again.
      }
    },
    (seq) => this.#native.retried(seq),
    (error) => this.#fail(error),
  )
  #archive: Archive | undefined
  #groups: Groups | undefined
  #communities: Communities | undefined
  #bots: Bots | undefined
  #business: Business | undefined
  #calls: Calls | undefined
  #channels: Channels | undefined
  #people: People | undefined
  #presence: Presence | undefined
  #profile: Profile | undefined
  #privacy: Privacy | undefined
  #account: OwnAccount | undefined
  #status: Status | undefined
  #lastTicket = 0
  readonly #watches = new Map<number, (node: contract.MessageNode) => void>()
  #lastWatch = 0
  #state: contract.State = 'closed'
  #user: contract.User | undefined
  #hold: NodeJS.Timeout | undefined
  #isHeld = true

  constructor(options: contract.ClientOptions, internals: Internals = {}) {
    super()
    const { json, keys, logger, program } = checkOptions(options, internals)
    this.#internals = internals
    this.#logger = logger
    this.#program = program
    // The addon holds this function for as long as the session's task lives; the function must not hold the client,
    // or a forgotten client could never be collected.
    const weak = new WeakRef(this)
    const { NativeClient } = loadClientAddon()
    try {
      this.#native = new NativeClient(json, (events, raw) => {
        const client = weak.deref()
        if (client) dispatch(new Batch(client.#native, events, raw ?? undefined, (event, bytes) => client.#take(event, bytes)))
      }, keys, internals.creds, internals.keys && ((number, question) => {
        const client = weak.deref()
        if (client) void client.#answerKeys(number, question)
      }))
    } catch (thrown) {
      throw fromThrown(thrown)
    }
    this.#bind(internals)
  }

  /** Not in the constructor, as the handlers above. */
  #bind(internals: Internals): void {
    internals.bind?.(this.#ask)
    internals.bindHold?.((isWanted) => {
      this.#isHeld = isWanted
      this.#holdOrRelease()
    })
    internals.bindRelay?.((to, message, id, isNew, more) =>
      this.#call((ticket) => this.#native.relay(ticket, to, message, id, isNew, more && relayJson(more))))
    internals.bindAuth?.({
      flush: () => this.#call((ticket) => this.#native.flushAuth(ticket)),
      get: (files) => this.#call((ticket) => this.#native.getAuth(ticket, files)),
      set: (valuesJson, anyway) => this.#call((ticket) => this.#native.setAuth(ticket, valuesJson, anyway)),
      wipe: () => this.#call((ticket) => this.#native.wipeAuth(ticket)),
    })
  }

  get state(): contract.State {
    return this.#state
  }

  get user(): contract.User | undefined {
    return this.#user
  }

  get archive(): contract.Archive {
    return (this.#archive ??= new Archive((json) => this.#call<Found>((ticket) => this.#native.archive(ticket, json))))
  }

  get groups(): contract.Groups {
    return (this.#groups ??= new Groups(this.#ask, (to, bytes, options) => this.relay(to, bytes, options)))
  }

  get communities(): contract.Communities {
    return (this.#communities ??= new Communities(this.#ask))
  }

  get bots(): contract.Bots {
    return (this.#bots ??= new Bots(this.#ask))
  }

  get business(): contract.Business {
    return (this.#business ??= new Business(this.#ask, this))
  }

  get calls(): contract.Calls {
    return (this.#calls ??= new Calls(this.#ask))
  }

  get channels(): contract.Channels {
    return (this.#channels ??= new Channels(this.#ask))
  }

  get people(): contract.People {
    return (this.#people ??= new People(this.#ask))
  }

  get presence(): contract.Presence {
    return (this.#presence ??= new Presence(this.#ask))
  }

  get profile(): contract.Profile {
    return (this.#profile ??= new Profile(
      this.#ask,
      (source, crop, signal) => this.#bring(source, JSON.stringify({ kind: 'avatar', crop }), { signal }),
      (name, options) => this.change({ type: 'pushName', name }, { ...options } as { timeout?: number; signal?: AbortSignal }),
    ))
  }

  get privacy(): contract.Privacy {
    return (this.#privacy ??= new Privacy(this.#ask))
  }

  get account(): contract.OwnAccount {
    return (this.#account ??= new OwnAccount(this.#ask))
  }

  get status(): contract.Status {
    return (this.#status ??= new Status(this.#ask, this))
  }

  onMessage(handler: Handler, options: contract.HandlerOptions = {}): () => void {
    return this.#handlers.add(handler, checkHandler(handler, options))
  }

  async connect(options: contract.ConnectOptions = {}): Promise<{ state: 'open' | 'qr' }> {
    const { takeOver, timeout } = checkConnect(options)
    this.#handlers.resume()
    return this.#call((ticket) => (takeOver ? this.#native.takeOver(ticket, timeout) : this.#native.connect(ticket)))
  }

  opened(): Promise<void> {
    return this.#call((ticket) => this.#native.opened(ticket))
  }

  send(to: Recipient, content: contract.AlbumContent, options?: contract.SendOptions): Promise<contract.SentAlbum>
  send(to: Recipient, content: contract.Content, options?: contract.SendOptions): Promise<contract.Sent>
  async send(to: Recipient, content: contract.Content, options: contract.SendOptions = {}): Promise<contract.Sent> {
    const album = albumOf(content)
    if (album) return this.#sendAlbum(to, album, options)
    const wanted = previewWanted(content)
    if (wanted) return this.#send(checkSend(to, await this.#withPreview(to, wanted, options), options))
    const file = fileToUpload(content)
    if (!file) return this.#send(checkSend(to, content, options))
    // What is wrong with the rest is said before the file is on its way.
    checkSend(to, file.rest, options)
    return this.#send(checkSend(to, await this.#uploaded(file, options, isChannel(to)), options))
  }

  async upload(source: contract.FileSource, options: contract.UploadOptions): Promise<contract.UploadedFile> {
    return this.#bring(source, aboutOf(options), options)
  }

  /** Gives the addon a file, to upload it or to make something of it. */
  async #bring<T>(source: contract.FileSource, about: string, options: { onProgress?: contract.UploadOptions['onProgress']; signal?: AbortSignal | undefined }): Promise<T> {
    const { pieces, path, bytes, url } = sourceOf(source)
    const transfer: Transfer = { onProgress: progressOf(options.onProgress) }
    let thrown: { error: unknown } | undefined
    try {
      return await this.#call((ticket) => {
        if (pieces) {
          transfer.pull = feeder(this.#native, ticket, pieces, (error) => {
            thrown = { error }
            this.#native.abort(ticket)
          })
        }
        this.#native.upload(ticket, about, bytes, path, url)
      }, signalOf(options.signal), transfer)
    } catch (error) {
      await pieces?.return?.()
      throw thrown ? thrown.error : error
    }
  }

  download(message: contract.Message | Uint8Array, options: contract.DownloadOptions & { path: string }): Promise<contract.SavedFile>
  download(message: contract.Message | Uint8Array, options?: contract.DownloadOptions): Promise<Buffer>
  async download(
    message: contract.Message | Uint8Array,
    options: contract.DownloadOptions & { path?: string } = {},
  ): Promise<Buffer | contract.SavedFile> {
    const { json, signal, onProgress } = downloadRequest(message, options)
    const pieces: Uint8Array[] = []
    const transfer: Transfer = { onProgress }
    const saved = await this.#call<contract.SavedFile>((ticket) => {
      transfer.piece = (bytes) => {
        pieces.push(bytes)
        this.#native.taken(ticket)
      }
      this.#native.download(ticket, json)
    }, signal, transfer)
    return options.path === undefined ? Buffer.concat(pieces) : saved
  }

  downloadStream(message: contract.Message | Uint8Array, options: contract.DownloadOptions = {}): Readable {
    const { json, signal, onProgress } = downloadRequest(message, { ...options, path: undefined })
    return reader(this.#native, (transfer) => {
      let begun = 0
      const done = this.#call((ticket) => {
        begun = ticket
        this.#native.download(ticket, json)
      }, signal, { ...transfer, onProgress })
      return { ticket: begun, done }
    })
  }

  async sendMany(
    to: Recipient,
    contents: contract.Content[],
    options: Omit<contract.SendOptions, 'id'> = {},
  ): Promise<contract.Sent[]> {
    if (!Array.isArray(contents)) throw new ChasquiError('INVALID_CONTENT', 'sendMany() takes a list of contents.')
    if (contents.some((content) => albumOf(content))) {
      throw new ChasquiError('INVALID_CONTENT', 'An album is sent by send(): it is several messages already.')
    }
    const files = contents.map(fileToUpload)
    const previews = contents.map(previewWanted)
    const shapes = contents.map((content, at) => {
      return checkSend(to, files[at]?.rest ?? previews[at]?.rest ?? content, { ...options, id: undefined })
    })
    try {
      for (const [at, { recipient, json }] of shapes.entries()) if (!files[at]) this.#native.check(recipient, json)
    } catch (thrown) {
      throw fromThrown(thrown)
    }
    const calls = await Promise.all(files.map(async (file, at) => {
      const wanted = previews[at]
      if (wanted) return checkSend(to, await this.#withPreview(to, wanted, options), { ...options, id: undefined })
      return file ? checkSend(to, await this.#uploaded(file, options, isChannel(to)), { ...options, id: undefined }) : shapes[at]!
    }))
    const sent = await Promise.allSettled(calls.map((call) => this.#send(call)))
    return sent.map((result) => {
      if (result.status === 'rejected') throw result.reason
      return result.value
    })
  }

  async react(message: Target, emoji: string, options?: contract.SendOptions): Promise<contract.Sent> {
    const { chat, id, serverId } = (message ?? {}) as Partial<contract.Message>
    if (serverId !== undefined && chat?.endsWith('@newsletter')) {
      const { timeout, signal } = options ?? {}
      await this.channels.react(chat, serverId, emoji, { timeout, signal })
      return { id: id ?? '', timestamp: Date.now(), serverId }
    }
    return this.#about(message, { react: message, emoji }, options)
  }

  edit(
    message: Target,
    content: { text: string; mentions?: string[] },
    options?: contract.SendOptions,
  ): Promise<contract.Sent> {
    return this.#about(message, { edit: message, ...content }, options)
  }

  delete(message: Target, options?: contract.SendOptions): Promise<contract.Sent> {
    return this.#about(message, { delete: message }, options)
  }

  pin(message: Target, { days }: { days: 1 | 7 | 30 } = { days: 7 }, options?: contract.SendOptions): Promise<contract.Sent> {
    return this.#about(message, { pin: message, days }, options)
  }

  unpin(message: Target, options?: contract.SendOptions): Promise<contract.Sent> {
    return this.#about(message, { unpin: message }, options)
  }

  vote(poll: Target, options: string[], sendOptions?: contract.SendOptions): Promise<contract.Sent> {
    return this.#about(poll, { vote: poll, options }, sendOptions)
  }

  attend(
    event: Target,
    answer: 'going' | 'not-going' | 'maybe',
    { guests, ...options }: contract.SendOptions & { guests?: number | undefined } = {},
  ): Promise<contract.Sent> {
    return this.#about(event, { attend: event, answer, ...(guests === undefined ? {} : { guests }) }, options)
  }

  forward(to: Recipient, message: contract.Message, options?: contract.SendOptions): Promise<contract.Sent> {
    return this.send(to, { forward: message }, options)
  }

  relay(
    to: Recipient,
    bytes: Uint8Array,
    options: contract.SendOptions & Omit<contract.RawContent, 'raw'> = {},
  ): Promise<contract.Sent> {
    return this.send(to, rawContent(bytes, options), options)
  }

  /** What is about a message goes to that message's chat. */
  async #about(message: Target, content: contract.Content, options: contract.SendOptions = {}): Promise<contract.Sent> {
    const chat = (message as Target | undefined)?.chat
    if (chat === undefined) throw new ChasquiError('INVALID_CONTENT', 'There is no message to do this with.')
    return this.send(chat, content, options)
  }

  /** Uploads all of it first: what cannot be uploaded begins no album. */
  async #sendAlbum(to: Recipient, { beginning, parts }: Album, options: contract.SendOptions): Promise<contract.SentAlbum> {
    const ids = idsOf(options.id, parts.length)
    const first = checkSend(to, beginning, { ...options, id: ids.album })
    try {
      this.#native.check(first.recipient, first.json)
    } catch (thrown) {
      throw fromThrown(thrown)
    }
    const album = { id: ids.album, chat: first.recipient, fromMe: true }
    const shapes = parts.map((part, at) => ({ file: fileToUpload(part), part, options: { ...options, id: ids.parts[at]! } }))
    for (const { file, part, options } of shapes) checkSend(to, { ...(file?.rest ?? part), partOf: album }, options)
    const progress = together(progressOf(options.onProgress), parts.length)
    const uploads = await Promise.allSettled(shapes.map(async ({ file, part, options }, at) => {
      const content = file ? await this.#uploaded(file, { ...options, onProgress: progress[at] }) : part
      return checkSend(to, { ...content, partOf: album }, options)
    }))
    const calls = uploads.map((upload) => {
      if (upload.status === 'rejected') throw upload.reason
      return upload.value
    })
    return outcome(ids.album, await Promise.allSettled([first, ...calls].map((call) => this.#send(call))))
  }

  /** The text with its preview, or without it: whatever happens to a preview, the text is sent. */
  async #withPreview(to: Recipient, { preview, rest }: Wanted, options: contract.SendOptions): Promise<Record<string, unknown>> {
    if (!preview) return rest
    const { signal } = options
    // What is wrong with the rest is said before a page is fetched.
    const said = 'given' in preview ? (({ image: _, ...said }) => said)(preview.given) : undefined
    const { recipient, json } = checkSend(to, said ? { ...rest, linkPreview: said } : rest, options)
    try {
      this.#native.check(recipient, json)
    } catch (thrown) {
      throw fromThrown(thrown)
    }
    try {
      if ('fetch' in preview) {
        const { matched, url } = preview.fetch
        const page = await this.#call<object>((ticket) => this.#native.upload(ticket, '{"kind":"link"}', undefined, undefined, url), signal)
        return { ...rest, linkPreview: { ...page, url: matched } }
      }
      const { image } = preview.given
      if (image === undefined) return { ...rest, linkPreview: said }
      const large = await this.upload(image, { kind: 'preview' as contract.FileKind, signal })
      return { ...rest, linkPreview: { thumbnail: large['thumbnail'], ...said, large } }
    } catch (error) {
      if (signal?.aborted) throw error
      this.#log('debug', `A link has no preview: ${error instanceof Error ? error.message : String(error)}`)
      return said ? { ...rest, linkPreview: said } : rest
    }
  }

  /** The content with its file uploaded. */
  async #uploaded({ kind, source, about, rest }: FileContent, options: contract.SendOptions, channel = false): Promise<Record<string, unknown>> {
    const { signal, onProgress } = options
    return { ...rest, [kind]: await this.upload(source, { ...about, kind, ...(channel && { channel }), signal, onProgress } as contract.UploadOptions) }
  }

  #send({ recipient, json, id, timeout, signal }: Call): Promise<contract.Sent> {
    return this.#call((ticket) => this.#native.send(ticket, recipient, json, id, timeout), signal)
  }

  async read(messages: contract.Message | contract.Message[]): Promise<void> {
    const keys = readKeys(messages, 'read')
    return this.#call((ticket) => this.#native.read(ticket, keys))
  }

  async played(messages: contract.Message | contract.Message[]): Promise<void> {
    const keys = readKeys(messages, 'played')
    return this.#call((ticket) => this.#native.read(ticket, keys, true))
  }

  async change(
    changes: contract.Change | contract.Change[],
    options: { timeout?: number; signal?: AbortSignal } = {},
  ): Promise<void> {
    const { json, timeout, signal } = checkChange(changes, options)
    return this.#call((ticket) => this.#native.change(ticket, json, timeout), signal)
  }

  async fetchHistory(
    chat: Recipient,
    options: { count?: number; before?: contract.Message | contract.OldestMessage; timeout?: number; signal?: AbortSignal } = {},
  ): Promise<contract.FetchedHistory> {
    const { json, signal } = checkFetch(recipientOf(chat), options)
    return this.#call((ticket) => this.#native.fetchHistory(ticket, json), signal)
  }

  async requestPairingCode(phone: string, options: { code?: string } = {}): Promise<string> {
    return this.#call((ticket) => this.#native.pairingCode(ticket, String(phone), options.code))
  }

  async resolve(who: string | contract.Message): Promise<contract.Person> {
    const recipient = recipientOf(who)
    return this.#call((ticket) => this.#native.resolve(ticket, recipient))
  }

  disconnect(): Promise<void> {
    const ended = this.#handlers.pause()
    const disconnect = (): Promise<void> => this.#call((ticket) => this.#native.disconnect(ticket))
    return ended ? ended.then(disconnect) : disconnect()
  }

  async importFromBaileys(folder: string): Promise<contract.ImportedSession> {
    if (typeof folder !== 'string' || folder === '') throw invalidArgument('folder', 'must be the path of a folder')
    return this.#call<contract.ImportedSession>((ticket) => this.#native.importBaileys(ticket, folder))
  }

  async exportToBaileys(folder: string, { version }: { version?: string } = {}): Promise<contract.ExportedSession> {
    if (typeof folder !== 'string' || folder === '') throw invalidArgument('folder', 'must be the path of a folder')
    if (version !== undefined && typeof version !== 'string') throw invalidArgument('version', 'must be a string')
    return this.#call<contract.ExportedSession>((ticket) => this.#native.exportBaileys(ticket, folder, version))
  }

  async logout(): Promise<void> {
    await this.#handlers.pause()
    await this.#call((ticket) => this.#native.logout(ticket))
    this.#user = undefined
  }

  /** Calls a method of the addon. */
  readonly #ask: Ask = async <T>(method: string, args: object, options?: contract.CallOptions): Promise<T> => {
    const { timeout, signal } = checkCall(options)
    const json = toJson(args, 'arguments')
    return this.#call<T>((ticket) => this.#native.request(ticket, method, json, timeout), signal)
  }

  async query(node: contract.MessageNode, options?: contract.CallOptions): Promise<contract.MessageNode> {
    return openedNode(await this.#ask<NativeNode>('node.query', { node: plainNode(node) }, options))
  }

  onNode(pattern: contract.NodePattern, handler: (node: contract.MessageNode) => void): () => void {
    if (typeof handler !== 'function') throw invalidArgument('handler', 'must be a function')
    const json = toJson(pattern, 'pattern')
    const number = ++this.#lastWatch
    this.#watches.set(number, handler)
    try {
      this.#native.watch(number, json)
    } catch (thrown) {
      this.#watches.delete(number)
      throw fromThrown(thrown)
    }
    return () => {
      if (!this.#watches.delete(number)) return
      try {
        this.#native.watch(number)
      } catch {
        // The client was closed.
      }
    }
  }

  stats(): contract.Stats {
    try {
      return JSON.parse(this.#native.stats()) as contract.Stats
    } catch (thrown) {
      throw fromThrown(thrown)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect()
  }

  /** Hands a command to the addon under a new ticket; `done` or `failed` settles it. */
  #call<T>(start: (ticket: number) => void, signal?: AbortSignal, transfer?: Transfer): Promise<T> {
    return new Promise<unknown>((resolve, reject) => {
      const ticket = ++this.#lastTicket
      const onAbort = signal && (() => this.#native.abort(ticket))
      this.#pending.set(ticket, { resolve, reject, signal, onAbort, transfer })
      this.#holdOrRelease()
      try {
        start(ticket)
        if (onAbort) signal.addEventListener('abort', onAbort, { once: true })
      } catch (thrown) {
        this.#settle(ticket)?.reject(fromThrown(thrown))
      }
    }) as Promise<T>
  }

  #settle(ticket: number): Pending | undefined {
    const pending = this.#pending.get(ticket)
    if (!pending) return undefined
    this.#pending.delete(ticket)
    if (pending.onAbort) pending.signal?.removeEventListener('abort', pending.onAbort)
    this.#holdOrRelease()
    return pending
  }

  /**
   * The addon's callback is weak, so this timer is what keeps Node and the client alive: while there is a connection
   * or a call waits, and not longer. Its function refers to the client on purpose.
   */
  #holdOrRelease(): void {
    const wanted = (this.#isHeld && this.#state !== 'closed') || this.#pending.size > 0
    if (wanted) {
      this.#hold ??= startTimer(() => this.#state, FOREVER)
    } else if (this.#hold) {
      stopTimer(this.#hold)
      this.#hold = undefined
    }
  }

  /** Whether the event is held: confirmed only when its handlers have returned. */
  #take(event: NativeEvent, raw: Uint8Array | undefined): boolean {
    if (event.t === 'piece') {
      // Its bytes may be kept for long: not with the whole batch.
      const bytes = raw?.slice(...event.rawAt) ?? new Uint8Array()
      this.#pending.get(event.ticket)?.transfer?.piece?.(bytes)
      return false
    }
    if (this.#internals.onWire) {
      const wire = wireEvent(event, raw)
      if (wire) return this.#takeWire(wire, event as { seq: number })
    }
    if (event.t === 'wire') return false
    if (event.t === 'history') return this.#takeHistory(event.seq, historyEvent(event.history, raw?.subarray(...event.rawAt)))
    if (event.t === 'found') {
      const bytes = raw?.slice(...event.rawAt) ?? new Uint8Array()
      this.#settle(event.ticket)?.resolve({ value: event.value, bytes } satisfies Found)
      return false
    }
    if (event.t !== 'message') {
      this.#takeOther(event)
      return false
    }
    const { nodes } = event.message
    const fields: MessageFields = nodes ? { ...event.message, nodes: nodes.map(openedNode) } : (event.message as MessageFields)
    const message = withRaw(fields, raw, event.rawAt)
    this.#tell('message', message)
    return this.#handlers.take(message, event.seq, event.again)
  }

  /** The next part comes when this one is confirmed: when what its listeners have returned has resolved. */
  #takeHistory(seq: number, event: contract.HistoryEvent): boolean {
    const returned = this.#tell('history', event)
    return awaited(returned, (taken) => {
      try {
        this.#native.finished([seq], taken ? 'taken' : 'begun')
      } catch {
        // The client was closed meanwhile: the part comes again.
      }
    })
  }

  /** Whether it is held: a promise confirms it. */
  #takeWire(wire: WireEvent, { seq }: { seq: number }): boolean {
    let confirmation: Promise<unknown> | undefined
    try {
      confirmation = this.#internals.onWire?.(wire)
    } catch (error) {
      surface(error)
    }
    if (!confirmation || !seq) return false
    begins()
    void confirmation.then(
      () => this.#handlers.report(seq, 'taken'),
      () => this.#handlers.report(seq, 'begun'),
    )
    return true
  }

  #takeOther(event: Exclude<NativeEvent, { t: 'message' | 'wire' | 'piece' | 'found' | 'history' }>): void {
    switch (event.t) {
      case 'receipt':
        return void this.#tell('receipt', event.receipt)
      case 'change': {
        const { seq: _, ...change } = event
        return void this.#tell('change', withoutTag(change))
      }
      case 'notice':
      case 'passing':
        if (event.event === 'stanza' || event.event === 'sync') return
        return void this.#tell(event.event, opened(event.event, event.value))
      case 'node': {
        const node = openedNode(event.node)
        for (const number of event.numbers) this.#attempt(() => this.#watches.get(number)?.(node))
        return
      }
      case 'offline':
        return void this.#tell('offline', withoutTag(event))
      case 'creds':
        return this.#attempt(() => this.#internals.onCreds?.(event.fields))
      case 'wanted':
        // Somebody else is to have the session: it goes when what runs has ended, or has had its time.
        void this.#handlers.pause()
        return
      case 'released':
        return this.#handlers.release()
      case 'pull':
        return this.#pending.get(event.ticket)?.transfer?.pull?.()
      case 'progress': {
        const { bytes, total } = event
        return this.#attempt(() => this.#pending.get(event.ticket)?.transfer?.onProgress?.({ bytes, ...(total === undefined ? {} : { total }) }))
      }
      case 'done':
        return this.#settle(event.ticket)?.resolve(event.value)
      case 'failed': {
        const pending = this.#settle(event.ticket)
        return pending?.reject(fromPublic(event.error, causeOf(pending.signal, event.error)))
      }
      case 'qr':
        return void this.#tell('qr', withoutTag(event))
      case 'connection':
        this.#state = event.state
        this.#holdOrRelease()
        return void this.#tell('connection', withoutTag(event))
      case 'user':
        this.#user = withoutTag(event)
        return
      case 'identity':
        return void this.#tell('identity', withoutTag(event))
      case 'ask':
        void this.#answer(event.ask, event)
        return
      case 'error':
        return this.#fail(fromPublic(event))
      case 'gone':
        return this.#end(event.error)
      case 'log':
        return this.#log(event.level, event.message)
    }
  }

  /** Calls each listener, and gives what they returned. What one throws surfaces by itself; the others and the rest of the batch go on. */
  #tell<E extends keyof Events>(event: E, ...args: Events[E]): unknown[] {
    return this.rawListeners(event).map((listener): unknown => {
      try {
        return Reflect.apply(listener, this, args)
      } catch (error) {
        surface(error)
        return undefined
      }
    })
  }

  #attempt(call: () => void): void {
    try {
      call()
    } catch (error) {
      surface(error)
    }
  }

  /** Asks the program on the addon's behalf. What it throws is told as an error, and means that there is no answer. */
  async #answer(ask: string, question: Question): Promise<void> {
    let json: string | undefined
    try {
      if (question.what === 'retries') {
        const { id, participant, count } = question
        if (count !== undefined) return await this.#internals.retries?.set(id, participant, count)
        json = JSON.stringify(await this.#internals.retries?.get(id, participant))
      } else if (question.what === 'version') json = JSON.stringify(await this.#program.version?.())
      else if (question.what === 'reconnect') {
        const { reason, attempt, pause } = question
        json = reconnectAnswer(await this.#program.reconnect?.({ reason, attempt, ...(pause !== undefined && { pause }) }))
      } else json = messageAnswer(await this.#program.getMessage?.({ id: question.id, chat: question.chat }))
    } catch (error) {
      surface(error)
    }
    try {
      this.#native.tell(ask, json)
    } catch {
      // The client was closed meanwhile: nobody waits for the answer.
    }
  }

  async #answerKeys(number: number, question: string): Promise<void> {
    let answer: string | undefined
    let refusal: string | undefined
    try {
      answer = await this.#internals.keys?.(question)
    } catch (error) {
      refusal = error instanceof Error ? error.message : String(error)
    }
    this.#native.answerKeys(number, answer, refusal)
  }

  #fail(error: ChasquiError): void {
    if (this.listenerCount('error') > 0) return void this.#tell('error', error)
    this.#log('error', `${error.code}: ${error.message}`)
  }

  /** The session's task has died: nothing that waits will ever be answered. */
  #end(reason: PublicError): void {
    for (const ticket of [...this.#pending.keys()]) this.#settle(ticket)?.reject(fromPublic(reason))
    this.#handlers.release()
    const wasClosed = this.#state === 'closed'
    this.#state = 'closed'
    this.#holdOrRelease()
    this.#fail(fromPublic(reason))
    if (!wasClosed) this.#tell('connection', { state: 'closed', reason, willRetry: false })
  }

  #log(level: LogLevel, message: string): void {
    try {
      if (level !== 'trace') this.#logger?.[level](message)
      else this.#logger?.trace?.(message)
    } catch (error) {
      surface(error)
    }
  }
}

/** Files for channels are not encrypted. */
function isChannel(to: unknown): boolean {
  const jid: unknown = typeof to === 'object' && to !== null ? (to as { chat?: unknown }).chat : to
  return typeof jid === 'string' && jid.endsWith('@newsletter')
}

function withoutTag<T extends { t: string }>({ t: _, ...rest }: T): Omit<T, 't'> {
  return rest
}

function causeOf(signal: AbortSignal | undefined, error: PublicError): ErrorOptions | undefined {
  return error.code === 'ABORTED' && signal?.aborted ? { cause: signal.reason as unknown } : undefined
}
