/** A key store in which several reads and writes become one: read once, written together at the end. */
import { AsyncLocalStorage } from 'node:async_hooks'

import { delay } from './timing.js'
import type { AnyKeyStore, SignalKeyStore, SignalKeyStoreWithTransaction, TransactionCapabilityOptions } from './types.js'

type Entries = { [type: string]: { [id: string]: unknown } }
interface Transaction {
  /** What was read or written so far. */
  known: Entries
  changes: Entries
}
interface TransactionLogger {
  trace(value: unknown, message?: string): void
  warn(value: unknown, message?: string): void
}

/** The open transactions of the running call, by store: one storage for all stores, so that its cost does not grow with them. */
const open = new AsyncLocalStorage<ReadonlyMap<object, Transaction>>()

export const addTransactionCapability = (
  store: SignalKeyStore,
  logger: TransactionLogger,
  { maxCommitRetries, delayBetweenTriesMs }: TransactionCapabilityOptions,
): SignalKeyStoreWithTransaction => {
  const state = store as AnyKeyStore
  const waiting = new Map<string, Promise<unknown>>()
  const running = (): Transaction | undefined => open.getStore()?.get(state)

  async function read({ known }: Transaction, type: string, ids: string[]): Promise<{ [id: string]: unknown }> {
    const entries = (known[type] ??= {})
    const unread = ids.filter(id => !(id in entries))
    if (unread.length > 0) {
      const found = await state.get(type, unread)
      for (const id of unread) if (!(id in entries)) entries[id] = found[id]
    }
    return Object.fromEntries(ids.filter(id => entries[id]).map(id => [id, entries[id]]))
  }

  /** Without the deletions of pre-keys that do not exist. */
  async function withoutVain(data: Entries, get: (ids: string[]) => Promise<{ [id: string]: unknown }>): Promise<Entries> {
    const preKeys = data['pre-key']
    const deleted = Object.entries(preKeys ?? {}).flatMap(([id, value]) => (value === null || value === undefined ? [id] : []))
    if (!preKeys || deleted.length === 0) return data
    const existing = await get(deleted)
    const kept = Object.entries(preKeys).filter(([id]) => !deleted.includes(id) || existing[id])
    return { ...data, 'pre-key': Object.fromEntries(kept) }
  }

  async function commit(changes: Entries): Promise<void> {
    for (let left = maxCommitRetries; ; left--) {
      try {
        await state.set(changes)
        return
      } catch (error) {
        logger.warn(error, `a transaction was not stored; ${left - 1} attempts are left`)
        if (left <= 1) throw error
        await delay(delayBetweenTriesMs)
      }
    }
  }

  async function run<T>(work: () => Promise<T>): Promise<T> {
    const transaction: Transaction = { known: {}, changes: {} }
    const result = await open.run(new Map(open.getStore()).set(state, transaction), work)
    if (Object.keys(transaction.changes).length > 0) await commit(transaction.changes)
    return result
  }

  const capable: AnyKeyStore & Pick<SignalKeyStoreWithTransaction, 'isInTransaction' | 'transaction'> = {
    get: async (type, ids) => {
      const transaction = running()
      return transaction ? read(transaction, type, ids) : state.get(type, ids)
    },
    set: async data => {
      const transaction = running()
      if (!transaction) return state.set(await withoutVain(data, async ids => state.get('pre-key', ids)))
      for (const [type, entries] of Object.entries(await withoutVain(data, ids => read(transaction, 'pre-key', ids)))) {
        if (Object.keys(entries).length === 0) continue
        Object.assign((transaction.known[type] ??= {}), entries)
        Object.assign((transaction.changes[type] ??= {}), entries)
      }
    },
    isInTransaction: () => running() !== undefined,
    async transaction(work, key) {
      if (running()) return work()
      const before = waiting.get(key) ?? Promise.resolve()
      const mine = before.then(() => run(work))
      const ended = mine.then(
        () => undefined,
        () => undefined,
      )
      waiting.set(key, ended)
      void ended.then(() => waiting.get(key) === ended && waiting.delete(key))
      return mine
    },
  }
  return capable as SignalKeyStoreWithTransaction
}
