/**
 * What this process knows of each session folder: the socket that owns it, an engine that waits for its next socket, and writes
 * under way. Kept on `globalThis`, since a bundler may load this module twice.
 */
import type { AuthControl } from '../internals.js'
import type { AuthSession } from './auth-session.js'
import type { Engine } from './engine.js'

export interface FolderOwner {
  /** Ends the socket, since another one was made for the folder. */
  evict(): Promise<void>
}

export interface Folder {
  path: string
  owner: FolderOwner | undefined
  /** Paired, and on its way to open: the restart that Baileys leaves to the program. */
  parked: Engine | undefined
  /** Settles when the last owner has let go of the store. */
  released: Promise<void>
  /** Settles when the last `saveCreds` is on disk. */
  saved: Promise<void>
  session: AuthSession | undefined
  /** Reads and writes under way without a socket. */
  uses: number
  /** What it holds ends with it. */
  lasts: boolean
}

const KEY = Symbol.for('chasqui.baileys.folders')
const holder = globalThis as { [KEY]?: Map<string, Folder> }
const folders = (holder[KEY] ??= new Map<string, Folder>())

/** One that no other socket can find. */
export const newFolder = (path: string): Folder => ({
  path,
  owner: undefined,
  parked: undefined,
  released: Promise.resolve(),
  saved: Promise.resolve(),
  session: undefined,
  uses: 0,
  lasts: false,
})

export function folderAt(path: string): Folder {
  let folder = folders.get(path)
  if (!folder) {
    folder = newFolder(path)
    folders.set(path, folder)
  }
  return folder
}

export const folderKnownAt = (path: string): Folder | undefined => folders.get(path)

/** From now on the folder is found by this path. */
export function placeAt(folder: Folder, path: string): void {
  if (folders.get(folder.path) === folder) folders.delete(folder.path)
  folder.path = path
  folders.set(path, folder)
}

/** The engine of a folder, while there is one. */
export const controlOf = (path: string): AuthControl | undefined => folders.get(path)?.session?.control

/** Resolves when nobody has the store, also of those who have asked for it meanwhile. */
export async function free(folder: Folder): Promise<void> {
  let released: Promise<void> | undefined
  while (released !== folder.released) await (released = folder.released)
}

/** Forgets a folder that nothing happens in. */
export function forget(folder: Folder): void {
  const isIdle = !folder.owner && !folder.parked && folder.uses === 0 && !folder.lasts
  if (isIdle && folders.get(folder.path) === folder) folders.delete(folder.path)
}
