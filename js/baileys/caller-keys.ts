/** The program's own store of keys, asked by the engine. Values cross in the very shapes that Baileys gives and takes. */
import { BufferJSON } from './buffer-json.js'
import type { KeysOptions } from './auth-session.js'
import { proto } from './proto.js'
import { delay } from './timing.js'
import type { AnyKeyStore, SignalKeyStore } from './types.js'

const TIMEOUT_MS = 30_000
const RETRIES = 10
const PAUSE_MS = 3_000

interface Question {
  get?: { type: string; ids: string[] }
  set?: { [type: string]: { [id: string]: unknown } }
}

export function callerKeys(keys: SignalKeyStore, options: KeysOptions): (question: string) => Promise<string> {
  const store = keys as AnyKeyStore
  const timeoutMs = options.keyStoreTimeoutMs ?? TIMEOUT_MS
  const { maxCommitRetries = RETRIES, delayBetweenTriesMs = PAUSE_MS } = options.transactionOpts ?? {}

  async function read({ type, ids }: { type: string; ids: string[] }): Promise<string> {
    const found = await within(timeoutMs, 'keys.get()', async () => store.get(type, ids))
    if (found === null || typeof found !== 'object') throw new Error('keys.get() gave no object')
    const values = ids.map(id => [id, asJson(found[id])])
    return JSON.stringify(Object.fromEntries(values))
  }

  async function write(data: NonNullable<Question['set']>): Promise<string> {
    const values = Object.fromEntries(
      Object.entries(data).map(([type, entries]) => [
        type,
        Object.fromEntries(Object.entries(entries).map(([id, value]) => [id, shaped(type, value)])),
      ]),
    )
    for (let left = Math.max(1, maxCommitRetries); ; left--) {
      try {
        await within(timeoutMs, 'keys.set()', async () => store.set(values))
        return ''
      } catch (error) {
        if (left <= 1 || error instanceof Late) throw error
        await delay(delayBetweenTriesMs)
      }
    }
  }

  return question => {
    const { get, set } = JSON.parse(question, revive) as Question
    return get ? read(get) : write(set ?? {})
  }
}

/** Only what is marked as bytes: a session may have objects from number to number. */
function revive(_key: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown }
  return type === 'Buffer' && typeof data === 'string' ? Buffer.from(data, 'base64') : value
}

function asJson(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value, BufferJSON.replacer)
}

function shaped(type: string, value: unknown): unknown {
  if (type !== 'app-state-sync-key' || value === null || typeof value !== 'object') return value
  return proto.Message.AppStateSyncKeyData.fromObject(value)
}

/** A call that may still come to an end: to make it again would be to have two at once. */
class Late extends Error {}

async function within<T>(ms: number, what: string, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Late(`${what} did not come back within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}
