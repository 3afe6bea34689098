// A program's own store of keys, everything as text, as those of Prisma, Mongo or Redis have it.

import { BufferJSON, initAuthCreds, proto } from 'baileys'

export function textStore() {
  const rows = new Map()
  const store = {
    rows,
    /** Calls that came to an end. */
    gets: 0,
    sets: 0,
    /** Called before each read, with `'get', type, id`, and may give what is read; and before each write, with `'set', data`. */
    before: async () => undefined,
    /** Keys of a process of its own: what is known of others is not known of them. */
    newKeys: () => ({
      async get(type, ids) {
        const found = {}
        for (const id of ids) {
          const row = await store.before('get', type, id) ?? rows.get(`${type}-${id}`)
          let value = row === undefined ? null : JSON.parse(row, BufferJSON.reviver)
          if (type === 'app-state-sync-key' && value) value = proto.Message.AppStateSyncKeyData.fromObject(value)
          found[id] = value
        }
        store.gets++
        return found
      },
      async set(data) {
        await store.before('set', data)
        store.sets++
        for (const [type, entries] of Object.entries(data)) {
          for (const [id, value] of Object.entries(entries)) {
            if (value) rows.set(`${type}-${id}`, JSON.stringify(value, BufferJSON.replacer))
            else rows.delete(`${type}-${id}`)
          }
        }
      },
    }),
    /** The auth state as it was saved last. */
    auth(keys = store.keys) {
      const saved = rows.get('creds')
      const creds = saved ? JSON.parse(saved, BufferJSON.reviver) : initAuthCreds()
      const saveCreds = async () => void rows.set('creds', JSON.stringify(creds, BufferJSON.replacer))
      return { state: { creds, keys }, saveCreds }
    },
    version(collection) {
      const row = rows.get(`app-state-sync-version-${collection}`)
      return row ? JSON.parse(row, BufferJSON.reviver).version : undefined
    },
  }
  store.keys = store.newKeys()
  return store
}

/** A side that reads its state anew with each socket, as programs do. */
export const auth = (store) => ({
  get state() {
    return (this.now = store.auth()).state
  },
  get saveCreds() {
    return this.now.saveCreds
  },
})
