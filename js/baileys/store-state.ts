/**
 * `useChasquiAuthState`: a session in a store of ours, for a program of Baileys. The engine reads and writes it by itself, so that
 * nothing passes through JavaScript and no files follow; what the program reads and writes is converted.
 */
import type { ClientOptions, StoreUrl } from '../../index.js'
import { ChasquiError } from '../error.js'
import { marked } from './auth-session.js'
import { BufferJSON } from './buffer-json.js'
import { initAuthCreds } from './creds.js'
import { filesOf, keyFile, opened } from './key-files.js'
import { storeSession } from './store-session.js'
import type { AnyKeyStore, AuthenticationCreds, AuthenticationState, SignalKeyStore } from './types.js'

/** Values that the engine is asked for at once; it does nothing else meanwhile. */
const AT_ONCE = 256

export interface ChasquiAuthOptions {
  /** Name of the session inside the store. Default: `baileys`. */
  session?: string
  /** As of a client: seals what goes into the store. */
  encryptionKey?: ClientOptions['encryptionKey']
}

export interface ChasquiAuthState {
  state: AuthenticationState
  /** Stores what the program has put into `creds`; what the engine changes is durable without it. */
  saveCreds: () => Promise<void>
  /** Removes the session, after its socket has closed: the next auth state is that of a new device. */
  clear: () => Promise<void>
}

export async function useChasquiAuthState(store: StoreUrl, options: ChasquiAuthOptions = {}): Promise<ChasquiAuthState> {
  const { session: name, encryptionKey } = options
  if (typeof store !== 'string' || store.startsWith('baileys:')) {
    throw new ChasquiError('INVALID_OPTION', 'useChasquiAuthState takes the URL of a store, such as "sqlite:/path/rosa.db".', { option: 'store' })
  }
  const session = () => storeSession(store, { ...(name === undefined ? {} : { name }), encryptionKey })
  await session().folder.saved
  const stored = await session().creds()
  const creds = stored === undefined ? initAuthCreds() : (JSON.parse(stored, BufferJSON.reviver) as AuthenticationCreds)

  const keys: AnyKeyStore = {
    async get(type, ids) {
      const found: { [id: string]: unknown } = {}
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        const some = ids.slice(at, at + AT_ONCE)
        const values = await session().use(control => control.get(some.map(id => keyFile(type, id))))
        for (const id of some) {
          const json = values[keyFile(type, id)]
          found[id] = json === undefined ? null : opened(type, json)
        }
      }
      return found
    },
    async set(data) {
      const files = filesOf(data)
      if (files.length > 0) await session().use(control => control.set(JSON.stringify(Object.fromEntries(files)), true))
    },
  }
  return {
    state: { creds, keys: marked(keys as SignalKeyStore, session) },
    saveCreds() {
      const of = session()
      const json = JSON.stringify(creds, BufferJSON.replacer)
      const written = of.folder.saved.then(() => of.saveCreds(creds, json))
      of.folder.saved = written.catch(() => undefined)
      return written
    },
    clear: () => session().clear(creds),
  }
}
