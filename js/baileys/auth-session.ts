/** What stands behind an auth state: where the engine keeps the session, and who is told what changes of the credentials. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { ClientOptions, StoreUrl } from '../../index.js'
import type { AuthControl, Internals } from '../internals.js'
import { BufferJSON } from './buffer-json.js'
import { callerKeys } from './caller-keys.js'
import { type Folder, folderAt, folderKnownAt, newFolder, placeAt } from './folder.js'
import { loadProto } from './proto.js'
import type { AuthenticationCreds, SignalKeyStore, TransactionCapabilityOptions } from './types.js'

type Changes = Partial<AuthenticationCreds>
/** Answers what the engine asks of the program's keys. */
type Answer = (question: string) => Promise<string>

export interface AuthSession {
  readonly store: StoreUrl
  /** What the session is called there. */
  readonly name: string
  readonly encryptionKey?: ClientOptions['encryptionKey']
  /** Which sockets of this process are about the same session. */
  readonly folder: Folder
  /** What a client of this session is made with, beside its options. */
  readonly internals: (creds: AuthenticationCreds) => Internals
  /**
   * From now on the engine's changes go into these credentials, in place, and are then told. Changes that were made while no socket
   * was there come at once.
   */
  attach(creds: AuthenticationCreds, told: (changes: Changes) => void): void
  /** After a logout: the credentials are worth nothing. Those of a program's own store are its own to delete. */
  forget(): Promise<void>
  /** Which line of Baileys is to read the folder of a device that is new, or the keys of a program. */
  begins(edition: 6 | 7): void
  /** The engine, while there is one. */
  readonly control: AuthControl | undefined
  /** The engine is on its way out. */
  letGo(): void
}

const SESSION = Symbol.for('chasqui.baileys.session')

/** Says of an object what it belongs to, unseen. */
export function marked<T extends object>(object: T, session: () => AuthSession): T {
  return Object.defineProperty(object, SESSION, { value: session })
}

export const sessionMarkedOn = (object: unknown): AuthSession | undefined =>
  object !== null && typeof object === 'object' ? (object as { [SESSION]?: () => AuthSession })[SESSION]?.() : undefined

/** What the session is called, where nobody else gives it a name. */
export const SESSION_NAME = 'baileys'

/** The session of a folder: one for the process, so that it outlives the sockets of a pairing. */
export function folderSession(path: string): AuthSession {
  const folder = folderAt(path)
  return (folder.session ??= new Session(`baileys:${folder.path}` as StoreUrl, folder, {
    forget: () => rm(join(folder.path, 'creds.json'), { force: true }),
  }))
}

/** The session of keys that the program keeps itself: one for the process and each object. */
const ofKeys = new WeakMap<object, Session>()
let lastKeys = 0

export interface KeysOptions {
  /** Where that lives which Baileys has no type for: what is to be sent and was not given out yet. Default: memory. */
  sideStore?: StoreUrl | undefined
  transactionOpts?: Partial<TransactionCapabilityOptions> | undefined
  /** How long one call of `get` or `set` may take, in milliseconds. Default: 30,000. */
  keyStoreTimeoutMs?: number | undefined
}

/**
 * Programs make an object with keys for each socket. While one of the device's is in use, or its engine waits for the next socket
 * after pairing, the new keys take the place of the old ones: two engines would throw each other out, and what the first is told
 * would not get into the credentials.
 */
export function keysSession(keys: SignalKeyStore, creds: AuthenticationCreds, options: KeysOptions): AuthSession {
  const path = `keys of ${nameOf(creds)}`
  let session = (folderKnownAt(path)?.session as Session | undefined) ?? ofKeys.get(keys)
  if (!session) {
    lastKeys++
    session = new Session(`memory:auth-${lastKeys}`, newFolder(path), {})
  }
  ofKeys.set(keys, session)
  session.folder.session = session
  placeAt(session.folder, path)
  if (options.sideStore) session.store = options.sideStore
  session.keys = callerKeys(keys, options)
  return session
}

/** The device's identity; one that has none is like no other. */
function nameOf({ signedIdentityKey }: AuthenticationCreds): string {
  const key: unknown = (signedIdentityKey as typeof signedIdentityKey | undefined)?.public
  return key instanceof Uint8Array ? Buffer.from(key).toString('base64') : `nobody ${++lastKeys}`
}

export interface SessionOptions {
  name?: string
  encryptionKey?: ClientOptions['encryptionKey']
  /** What becomes of these credentials after a logout. */
  forget?: (creds: AuthenticationCreds | undefined) => unknown
}

export class Session implements AuthSession {
  readonly name: string
  readonly encryptionKey: ClientOptions['encryptionKey']
  readonly #forget: SessionOptions['forget']
  store: StoreUrl
  keys: Answer | undefined
  readonly folder: Folder
  control: AuthControl | undefined
  #edition: 6 | 7 = 7
  #creds: AuthenticationCreds | undefined
  #told: ((changes: Changes) => void) | undefined
  /** All that the engine has changed since it was made: other credentials than those that it was made with may follow. */
  #changes: Changes = {}

  constructor(store: StoreUrl, folder: Folder, { name = SESSION_NAME, encryptionKey, forget }: SessionOptions) {
    this.store = store
    this.folder = folder
    this.name = name
    this.encryptionKey = encryptionKey
    this.#forget = forget
  }

  internals = (creds: AuthenticationCreds): Internals => {
    this.#changes = {}
    return {
      creds: JSON.stringify(creds, BufferJSON.replacer),
      onCreds: fields => this.#take(JSON.parse(fields, BufferJSON.reviver) as Changes),
      ...(this.keys && { keys: question => (this.keys as Answer)(question), keysOfSix: this.#edition === 6 }),
      bindAuth: control => (this.control = control),
    }
  }

  attach(creds: AuthenticationCreds, told: (changes: Changes) => void): void {
    const isOther = creds !== this.#creds
    this.#creds = creds
    this.#told = told
    if (isOther && Object.keys(this.#changes).length > 0) this.#merge(this.#changes)
  }

  begins(edition: 6 | 7): void {
    this.#edition = edition
    if (this.store.startsWith('baileys')) this.store = `${edition === 6 ? 'baileys-6' : 'baileys'}:${this.folder.path}` as StoreUrl
  }

  async forget(): Promise<void> {
    await this.folder.saved
    await Promise.resolve(this.#forget?.(this.#creds)).catch(() => undefined)
  }

  letGo(): void {
    // The files of a folder are completed to the very end.
  }

  #take(changes: Changes): void {
    Object.assign(this.#changes, changes)
    this.#merge(changes)
  }

  /** Programs keep `creds`, and `creds.me`: both stay the same objects. */
  #merge(changes: Changes): void {
    const creds = this.#creds
    if (!creds) return
    const { me, ...rest } = changes
    // As pairing gives it: with bytes, where the file has texts.
    if (rest.account) rest.account = loadProto().ADVSignedDeviceIdentity.fromObject(rest.account)
    Object.assign(creds, rest)
    if (rest.account && creds.pairingCode) rest.registered = creds.registered = true
    if (me) creds.me = Object.assign(creds.me ?? ({} as typeof me), me)
    this.#told?.(me ? { ...rest, me: creds.me } : rest)
  }
}
