/** The keys of an auth state as files of a folder, named and written as Baileys does. */
import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { BufferJSON } from './buffer-json.js'
import type { AuthControl } from '../internals.js'
import { controlOf } from './folder.js'
import { proto } from './proto.js'
import type { AnyKeyStore, SignalKeyStore } from './types.js'

/** Files that are read or written at once. */
const AT_ONCE = 64

/** Whole or not at all, and for nobody else to read. */
export async function writeWhole(path: string, text: string, flush = false): Promise<void> {
  const draft = join(dirname(path), `.chasqui-draft-${randomBytes(6).toString('hex')}`)
  try {
    await writeFile(draft, text, { mode: 0o600, flush })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
}

export const keyFile = (type: string, id: string): string => `${type}-${id}.json`.replaceAll('/', '__').replaceAll(':', '-')

/** A value as programs are given it. */
export function opened(type: string, json: string): unknown {
  const value: unknown = JSON.parse(json, BufferJSON.reviver)
  if (type !== 'app-state-sync-key' || value === null || typeof value !== 'object') return value
  return proto.Message.AppStateSyncKeyData.fromObject(value)
}

/** Values by the names of their files; what is deleted is null. */
export const filesOf = (data: { [type: string]: { [id: string]: unknown } }): [string, string | null][] =>
  Object.entries(data).flatMap(([type, entries]) =>
    Object.entries(entries ?? {}).map(([id, value]): [string, string | null] => [
      keyFile(type, id),
      value ? JSON.stringify(value, BufferJSON.replacer) : null,
    ]),
  )

export class FileKeys {
  readonly #folder: string
  /** The last call's end: a read sees what was written before it. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(folder: string) {
    this.#folder = folder
  }

  get #control(): AuthControl | undefined {
    return controlOf(this.#folder)
  }

  store(): SignalKeyStore {
    const store: AnyKeyStore = {
      get: (type, ids) => this.#next(() => this.#get(type, ids)),
      set: data => this.#next(() => this.#set(data)),
    }
    return store as SignalKeyStore
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work, work)
    this.#last = done.catch(() => undefined)
    return done
  }

  async #get(type: string, ids: string[]): Promise<{ [id: string]: unknown }> {
    // The files follow the engine.
    await this.#control?.flush()
    const found: { [id: string]: unknown } = {}
    await inParts(ids, async id => {
      found[id] = await this.#read(type, id)
    })
    return found
  }

  async #read(type: string, id: string): Promise<unknown> {
    try {
      return opened(type, await readFile(join(this.#folder, keyFile(type, id)), 'utf8'))
    } catch {
      return null
    }
  }

  async #set(data: { [type: string]: { [id: string]: unknown } }): Promise<void> {
    const files = filesOf(data)
    if (await this.#control?.set(JSON.stringify(Object.fromEntries(files)))) return
    await inParts(files, async ([file, json]) => {
      const path = join(this.#folder, file)
      await (json === null ? rm(path, { force: true }) : writeWhole(path, json))
    })
  }
}

async function inParts<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += AT_ONCE) await Promise.all(all.slice(at, at + AT_ONCE).map(work))
}
