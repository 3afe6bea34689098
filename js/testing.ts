/** `chasqui/testing`: the emulator's addon behind the shape of `testing.d.ts`. */

import type * as contract from '../testing.js'
import { ChasquiError, fromThrown, invalidOption } from './error.js'
import { type NativeEmulator, loadEmulatorAddon } from './native.js'
import { Inbox } from './testing-inbox.js'

/** What `start()` of the addon gives. */
interface Info {
  wsUrl: string
  wssUrl: string
  httpUrl: string
  caPem: string
  rootKey: string
}

/** What the addon tells of virtual phones. */
type PhoneEvent =
  | ({ type: 'message'; contact: string; message: string } & Omit<contract.PhoneMessage, 'raw'>)
  | ({ type: 'receipt'; contact: string } & contract.PhoneReceipt)
  | ({ type: 'call'; contact: string } & contract.PhoneCall)
  | { type: 'undecryptable'; contact: string }

/** What a contact was sent. */
class Phone {
  readonly messages = new Inbox<contract.PhoneMessage>('message', (message) => message.text ?? '(no text)')
  readonly receipts = new Inbox<contract.PhoneReceipt>('receipt', (receipt) => receipt.receipt)
  readonly calls = new Inbox<contract.PhoneCall>('call', (call) => call.action)
  unread: string[] = []
}

const FOREVER = 2 ** 31 - 1

class RunningEmulator implements contract.Emulator {
  readonly endpoint: contract.Emulator['endpoint']
  readonly url: string
  readonly wsUrl: string
  readonly httpUrl: string
  readonly ca: string
  readonly rootKey: string
  readonly faults: contract.Faults = {
    add: (rule) => this.#call('fault', rule),
    list: () => this.#call('faults', {}),
    clear: (id) => this.#call('clearFaults', { id }),
  }
  readonly history: contract.History = {
    set: (account, history) => this.#call('setHistory', { account, history: encodable(history) }),
  }
  readonly media: contract.Media = {
    put: async (kind, file, { mediaKey, plain } = {}) => {
      const key = mediaKey && toBase64(mediaKey)
      return storedMedia(await this.#call('mediaPut', { kind, base64: toBase64(file), mediaKey: key, plain }))
    },
    get: async (directPath, open) => {
      const key = open && { mediaKey: toBase64(open.mediaKey), kind: open.kind }
      const { base64 } = await this.#call<{ base64: string }>('mediaGet', { directPath, ...key })
      return Buffer.from(base64, 'base64')
    },
    list: () => this.#call('media', {}),
    remove: (directPath, { everywhere } = {}) => this.#call('mediaRemove', { directPath, everywhere }),
    expireAuth: () => this.#call('mediaExpireAuth', {}),
    faults: {
      add: (rule) => this.#call('mediaFault', rule),
      list: () => this.#call('mediaFaults', {}),
      clear: (id) => this.#call('clearMediaFaults', { id }),
    },
  }
  readonly #native: NativeEmulator
  readonly #phones: Map<string, Phone>
  /** The addon's callback is weak: this keeps Node and the emulator alive while it runs. */
  readonly #hold = setInterval(() => this, FOREVER)

  constructor(native: NativeEmulator, phones: Map<string, Phone>, info: Info, tls: boolean) {
    this.#native = native
    this.#phones = phones
    this.url = info.wssUrl
    this.wsUrl = info.wsUrl
    this.httpUrl = info.httpUrl
    this.ca = info.caPem
    this.rootKey = info.rootKey
    this.endpoint = { url: tls ? info.wssUrl : info.wsUrl, rootKey: info.rootKey, ca: info.caPem }
  }

  scan(qrText: string, options: { account?: string } = {}): Promise<contract.Account & { device: number }> {
    return this.#call('scan', { qr: qrText, account: options.account })
  }

  enterCode(code: string, options: { account?: string } = {}): Promise<contract.Account & { device: number }> {
    return this.#call('enterCode', { code, account: options.account })
  }

  async contact(name: string): Promise<contract.Contact> {
    const account = await this.#call<contract.Account>('contact', { name })
    const contact = account.name
    const phone = phoneOf(this.#phones, contact)
    return {
      ...account,
      send: (to, content, { id, recipients, unavailable } = {}) =>
        this.#call('contactSend', { contact, to: addressOf(to), recipients, unavailable, ...sendable(content), id }),
      waitForMessage: (predicate, options) => phone.messages.wait(contact, predicate, options),
      waitForReceipt: (predicate, options) => phone.receipts.wait(contact, predicate, options),
      call: async (to, { video, notice } = {}) => {
        const { id } = await this.#call<{ id: string }>('contactCall', { contact, to: addressOf(to), video, notice })
        return { id, end: (reason) => this.#call('contactCallAct', { contact, call: id, action: 'terminate', reason }) }
      },
      answerCall: ({ id }, action, { reason } = {}) => this.#call('contactCallAct', { contact, call: id, action, reason }),
      waitForCall: (predicate, options) => phone.calls.wait(contact, predicate, options),
      read: async () => {
        const ids = phone.unread.splice(0)
        if (ids.length > 0) await this.#call('contactRead', { contact, ids })
      },
      forgetSessions: () => this.#call('contactForgetSessions', { name }),
      renewIdentity: () => this.#call('contactRenewIdentity', { name }),
    }
  }

  async group(options: contract.GroupOptions): Promise<contract.Group> {
    const made = await this.#call<contract.GroupDetails>('group', options)
    const group = made.jid
    return {
      ...made,
      change: (what, { by, untold = false } = {}) => this.#call('groupChange', { group, by, untold, ...what }),
      details: async () => {
        const found = (await this.groups()).find(({ jid }) => jid === group)
        if (!found) throw new ChasquiError('EMULATOR_FAILED', `There is no group ${group} any more.`)
        return found
      },
    }
  }

  async person(account: string, { picture, ...change }: contract.PersonChange): Promise<contract.ShownPerson> {
    return this.#call('person', { account, ...change, picture: picture === undefined ? undefined : picture === null ? '' : toBase64(picture) })
  }

  groups(): Promise<contract.GroupDetails[]> {
    return this.#call('groups', {})
  }

  accounts(): Promise<contract.AccountDetails[]> {
    return this.#call('accounts', {})
  }

  stanzas(filter: contract.StanzaFilter = {}): Promise<contract.Stanza[]> {
    return this.#call('stanzas', filter)
  }

  disconnect(target: contract.Target & contract.Fault = {}): Promise<{ count: number }> {
    return this.#call('disconnect', target)
  }

  inject(what: contract.Target & contract.Injection): Promise<{ count: number }> {
    return this.#call('inject', what)
  }

  phoneWrites(account: string, raw: Uint8Array, { device }: { device?: number } = {}): Promise<{ count: number }> {
    return this.#call('phoneWrites', { account, device, raw: toBase64(raw) })
  }

  phoneChanges(account: string, changes: contract.PhoneChange[]): Promise<Record<contract.Collection, number>> {
    return this.#call('phoneChanges', { account, changes })
  }

  phoneRenewsKey(account: string, { share = false }: { share?: boolean } = {}): Promise<void> {
    return this.#call('phoneRenewsKey', { account, share })
  }

  shop(account: string, what: { verifiedName?: string; collections?: { name: string; products: string[] }[] }): Promise<void> {
    return this.#call('shop', { account, ...what })
  }

  order(account: string, items: { product: string; quantity: number }[]): Promise<{ id: string; token: string }> {
    return this.#call('order', { account, items })
  }

  statusPrivacy(account: string, audience: 'contacts' | 'allow' | 'deny', people: string[] = []): Promise<void> {
    return this.#call('statusPrivacy', { account, audience, people })
  }

  link(account: string, { text }: { text?: string } = {}): Promise<{ code: string; url: string }> {
    return this.#call('link', { account, text })
  }

  phoneSnapshots(account: string): Promise<void> {
    return this.#call('phoneSnapshots', { account })
  }

  externalPatches(account: string): Promise<{ count: number }> {
    return this.#call('externalPatches', { account })
  }

  appState(account: string): Promise<Record<contract.Collection, contract.CollectionDetails>> {
    return this.#call('appState', { account })
  }

  unlink(account: string, device?: number): Promise<void> {
    return this.#call('unlink', { account, device })
  }

  async reset(): Promise<void> {
    await this.#call('reset', {})
    this.#phones.clear()
  }

  async stop(): Promise<void> {
    clearInterval(this.#hold)
    for (const { messages, receipts, calls } of this.#phones.values()) {
      messages.stop()
      receipts.stop()
      calls.stop()
    }
    try {
      await this.#native.stop()
    } catch (thrown) {
      throw fromThrown(thrown)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #call<T>(method: string, args: object): Promise<T> {
    try {
      const answer = await this.#native.call(method, JSON.stringify(args))
      // `null` is what a method without a result answers.
      return (JSON.parse(answer) ?? undefined) as T
    } catch (thrown) {
      throw fromThrown(thrown)
    }
  }
}

export async function startEmulator(options: contract.EmulatorOptions = {}): Promise<contract.Emulator> {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'must be an object')
  const { NativeEmulator } = loadEmulatorAddon()
  const phones = new Map<string, Phone>()
  try {
    const native = new NativeEmulator(JSON.stringify(options), (json) => {
      const event = JSON.parse(json) as PhoneEvent
      take(phoneOf(phones, event.contact), event)
    })
    const info = JSON.parse(await native.start()) as Info
    return new RunningEmulator(native, phones, info, options.tls !== false)
  } catch (thrown) {
    throw thrown instanceof ChasquiError ? thrown : fromThrown(thrown)
  }
}

function sendable(content: contract.PhoneContent): object {
  if (!('raw' in content)) return { text: content.text }
  return { raw: toBase64(content.raw), nodes: content.nodes }
}

/** The addon takes bytes as base64. */
function encodable(history: contract.PhoneHistory): object {
  const bytes = (given: Uint8Array | undefined): string | undefined => given && toBase64(given)
  const chats = history.chats?.map(({ messages, token, ...chat }) => ({
    ...chat,
    token: bytes(token),
    messages: messages?.map(({ raw, secret, ...message }) => ({ ...message, raw: bytes(raw), secret: bytes(secret) })),
  }))
  return { ...history, chats }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** A stored file as the addon tells it. */
type StoredMediaJson = {
  [Field in keyof contract.StoredMedia]: contract.StoredMedia[Field] extends number | string
    ? contract.StoredMedia[Field]
    : string
}

function storedMedia(json: StoredMediaJson): contract.StoredMedia {
  const { mediaKey, fileSha256, fileEncSha256, streamingSidecar, ...rest } = json
  return {
    ...rest,
    fileSha256: Buffer.from(fileSha256, 'base64'),
    ...(mediaKey && { mediaKey: Buffer.from(mediaKey, 'base64') }),
    ...(fileEncSha256 && { fileEncSha256: Buffer.from(fileEncSha256, 'base64') }),
    ...(streamingSidecar && { streamingSidecar: Buffer.from(streamingSidecar, 'base64') }),
  }
}

function addressOf(to: string | { jid: string }): string {
  return typeof to === 'string' ? to : to.jid
}

function phoneOf(phones: Map<string, Phone>, contact: string): Phone {
  let phone = phones.get(contact)
  if (!phone) phones.set(contact, (phone = new Phone()))
  return phone
}

function take(phone: Phone, event: PhoneEvent): void {
  if (event.type === 'message') {
    const { type: _, contact: __, message, ...fields } = event
    phone.unread.push(fields.id)
    phone.messages.push({ ...fields, raw: () => Buffer.from(message, 'base64') })
  } else if (event.type === 'receipt') {
    const { type: _, contact: __, ...receipt } = event
    phone.receipts.push(receipt)
  } else if (event.type === 'call') {
    const { type: _, contact: __, ...call } = event
    phone.calls.push(call)
  }
}

// The hand-written contract and the code may not drift apart.
({ startEmulator }) satisfies typeof contract
