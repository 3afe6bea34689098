/** A session in a store of ours, as what stands behind an auth state. */
import { resolve } from 'node:path'

import type { StoreUrl } from '../../index.js'
import { WhatsAppClient } from '../client.js'
import { ChasquiError } from '../error.js'
import type { AuthControl } from '../internals.js'
import { Session, SESSION_NAME, type SessionOptions } from './auth-session.js'
import { folderAt, forget } from './folder.js'
import type { AuthenticationCreds } from './types.js'

const CREDS = 'creds.json'
/** Devices that are no more, by store and key: whoever still has their credentials does not put them back. */
const gone = new Set<string>()
const MAX_GONE = 1000

const deviceOf = (place: string, { signedIdentityKey }: AuthenticationCreds): string =>
  `${place}\n${Buffer.from(signedIdentityKey.public).toString('base64')}`

function forgetDevice(place: string, creds: AuthenticationCreds): void {
  gone.add(deviceOf(place, creds))
  const [oldest] = gone
  if (gone.size > MAX_GONE && oldest !== undefined) gone.delete(oldest)
}

export type StoreOptions = Pick<SessionOptions, 'name' | 'encryptionKey'>

/** The session of this name in a store: one for the process, so that it outlives the sockets of a pairing. */
export function storeSession(store: StoreUrl, { name = SESSION_NAME, encryptionKey }: StoreOptions): StoreSession {
  const folder = folderAt(`${oneName(store)}\n${name}`)
  // A store in memory ends with its last client.
  folder.lasts = store.startsWith('memory:')
  return (folder.session ??= new StoreSession(store === 'memory:' ? `memory:${folder.path}` : store, folder, {
    name,
    encryptionKey,
    forget: creds => creds && forgetDevice(folder.path, creds),
  })) as StoreSession
}

/** However a file is called, it is one. */
function oneName(store: string): string {
  const [, path] = /^sqlite:([^?]*)/.exec(store) ?? []
  return path === undefined ? store : `sqlite:${resolve(path)}`
}

export class StoreSession extends Session {
  /** Keeps what lives in memory. */
  kept: AuthControl | undefined

  override letGo(): void {
    this.kept = this.control
    this.control = undefined
  }

  /** By the engine; where there is none, by one for the moment. */
  async use<T>(work: (control: AuthControl) => Promise<T>): Promise<T> {
    if (this.control) return work(this.control)
    const { folder } = this
    folder.uses++
    const done = folder.released.then(() => (this.control ? work(this.control) : this.#alone(work)))
    const ended = (): void => undefined
    folder.released = done.then(ended, ended)
    try {
      return await done
    } finally {
      folder.uses--
      forget(folder)
    }
  }

  async #alone<T>(work: (control: AuthControl) => Promise<T>): Promise<T> {
    const { store, name, encryptionKey } = this
    let control: AuthControl | undefined
    const options = { store, session: name, ...(encryptionKey === undefined ? {} : { encryptionKey }) }
    const client = new WhatsAppClient(options, { bindAuth: given => (control = given) })
    try {
      return await work(control as unknown as AuthControl)
    } finally {
      await client.disconnect().catch(() => undefined)
    }
  }

  /** `creds.json`, where there is a session. */
  async creds(): Promise<string | undefined> {
    return (await this.use(control => control.get([CREDS])))[CREDS]
  }

  async saveCreds(creds: AuthenticationCreds, json: string): Promise<void> {
    if (gone.has(deviceOf(this.folder.path, creds))) return
    try {
      await this.use(control => control.set(JSON.stringify({ [CREDS]: json }), true))
    } catch (error) {
      // Whoever has the session saves what it knows.
      if (!(error instanceof ChasquiError && error.code === 'SESSION_HELD')) throw error
    }
  }

  async clear(creds: AuthenticationCreds): Promise<void> {
    await this.use(control => control.wipe())
    forgetDevice(this.folder.path, creds)
  }
}
