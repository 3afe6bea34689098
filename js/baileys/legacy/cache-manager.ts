/** Credentials and keys in a store of `cache-manager`, as Baileys 6 keeps them there. */
import { BufferJSON } from '../buffer-json.js'
import { initAuthCreds } from '../creds.js'
import { loadProto } from '../proto.js'
import type { AuthenticationCreds, ProtoClass } from '../types.js'

/** What of a store of `cache-manager` is used; the list of names is where its versions differ. */
export interface CacheManagerStore {
  get(key: string): unknown
  set(key: string, value: string): unknown
  del(key: string): unknown
  store?: { keys?(pattern?: string): unknown }
  keys?(pattern?: string): unknown
}

export async function makeCacheManagerAuthState(
  store: CacheManagerStore,
  sessionKey: string,
): Promise<{
  clearState: () => Promise<void>
  saveCreds: () => Promise<void>
  state: {
    creds: AuthenticationCreds
    keys: {
      get(type: string, ids: string[]): Promise<{ [id: string]: any }>
      set(data: { [type: string]: { [id: string]: unknown } }): Promise<void>
    }
  }
}> {
  const named = (file: string): string => `${sessionKey}:${file}`
  const write = async (file: string, value: unknown): Promise<void> => {
    await store.set(named(file), JSON.stringify(value, BufferJSON.replacer))
  }
  const read = async (file: string): Promise<any> => {
    const text = await store.get(named(file))
    if (typeof text !== 'string') return null
    try {
      return JSON.parse(text, BufferJSON.reviver) as unknown
    } catch {
      return null
    }
  }
  const appStateKey = (value: object): object => (loadProto().Message['AppStateSyncKeyData'] as ProtoClass<object>).fromObject(value)

  const creds = ((await read('creds')) as AuthenticationCreds | null) ?? initAuthCreds()
  return {
    saveCreds: () => write('creds', creds),
    async clearState() {
      const pattern = `${sessionKey}*`
      const found = (await (store.store?.keys?.(pattern) ?? store.keys?.(pattern))) as string[] | undefined
      // A store may ignore the pattern; other sessions stay.
      await Promise.all((found ?? []).filter(key => key.startsWith(`${sessionKey}:`)).map(key => store.del(key)))
    },
    state: {
      creds,
      keys: {
        async get(type, ids) {
          const values = await Promise.all(ids.map(id => read(`${type}-${id}`)))
          const shown = values.map(value => (type === 'app-state-sync-key' && value ? appStateKey(value as object) : value))
          return Object.fromEntries(ids.map((id, n) => [id, shown[n]]))
        },
        async set(data) {
          const entries = Object.entries(data).flatMap(([type, values]) => Object.entries(values).map(([id, value]) => [`${type}-${id}`, value] as const))
          await Promise.all(entries.map(([file, value]) => (value ? write(file, value) : store.del(named(file)))))
        },
      },
    },
  }
}
