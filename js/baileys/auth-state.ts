/**
 * `useMultiFileAuthState`: the folder of Baileys, file by file. Beside them is `chasqui.sqlite`, in which the engine keeps the session;
 * the files follow it within a second, and are complete when the socket has closed, so that Baileys can go on with them.
 */
import { mkdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import type { AuthenticationCreds, AuthenticationState, SignalKeyStore } from './types.js'
import { ChasquiError } from '../error.js'
import { type AuthSession, type KeysOptions, folderSession, keysSession, marked, sessionMarkedOn } from './auth-session.js'
import { BufferJSON } from './buffer-json.js'
import { initAuthCreds } from './creds.js'
import { folderAt } from './folder.js'
import { FileKeys, writeWhole } from './key-files.js'
import { delay } from './timing.js'

const CREDS = 'creds.json'
/** Baileys may still be in the middle of writing it. */
const ATTEMPTS = 5
const PAUSE_MS = 50

export async function useMultiFileAuthState(
  path: string,
): Promise<{ state: AuthenticationState; saveCreds: () => Promise<void> }> {
  const absolute = resolve(path)
  const folder = folderAt(absolute)
  await folder.saved
  const info = await stat(absolute).catch(() => undefined)
  if (info && !info.isDirectory()) {
    throw new ChasquiError('INVALID_OPTION', `${path} is not a folder.`, { option: 'folder' })
  }
  await mkdir(absolute, { recursive: true })
  const creds = (await readCreds(join(absolute, CREDS))) ?? initAuthCreds()
  const keys: SignalKeyStore = marked(new FileKeys(absolute).store(), () => folderSession(absolute))
  const saveCreds = (): Promise<void> => {
    const written = folder.saved.then(() => writeWhole(join(absolute, CREDS), JSON.stringify(creds, BufferJSON.replacer), true))
    folder.saved = written.catch(() => undefined)
    return written
  }
  return { state: { creds, keys }, saveCreds }
}

/** What the socket needs to know of `auth`: one of ours, or the program's own. */
export function sessionOf(auth: AuthenticationState | undefined, options: KeysOptions = {}): AuthSession {
  if (!auth?.creds) throw new ChasquiError('INVALID_OPTION', 'makeWASocket needs `auth`: { creds, keys }.', { option: 'auth' })
  const session = sessionMarkedOn(auth.keys)
  if (session) return session
  if (typeof auth.keys?.get !== 'function' || typeof auth.keys.set !== 'function') {
    throw new ChasquiError('INVALID_OPTION', 'makeWASocket needs `auth.keys` with `get` and `set`.', { option: 'auth.keys' })
  }
  return keysSession(auth.keys, auth.creds, options)
}

/**
 * Nothing where there is no file.
 *
 * @throws ChasquiError STORE_CORRUPT for one that cannot be read: a new device in its place would be a loss that nobody asked for
 */
async function readCreds(path: string): Promise<AuthenticationCreds | undefined> {
  for (let left = ATTEMPTS; ; left--) {
    let json: string
    try {
      json = await readFile(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw new ChasquiError('FILE_FAILED', `"${path}" cannot be read: ${(error as Error).message}.`, { path }, { cause: error })
    }
    try {
      const creds: unknown = JSON.parse(json, BufferJSON.reviver)
      if (creds !== null && typeof creds === 'object') return creds as AuthenticationCreds
    } catch {
      // It is said below.
    }
    if (left <= 1) {
      const message = `"${path}" is damaged. It was left as it is: restore it, or delete it to link a new device.`
      throw new ChasquiError('STORE_CORRUPT', message, { path })
    }
    await delay(PAUSE_MS)
  }
}
