/**
 * `useMultiFileAuthState`: the session lives in the folder, in Chasqui's own store (`chasqui.db`). Beside it `chasqui.json` keeps what
 * a program reads of `creds` before it connects; it holds no keys, and losing it is harmless.
 */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { AuthenticationCreds, AuthenticationState, SignalKeyStore } from './types.js'
import { ChasquiError } from '../error.js'
import { missingAsync, notImplemented } from '../doors/missing.js'
import { folderAt, type Folder } from './folder.js'

const FOLDER = Symbol.for('chasqui.baileys.folder')
const STORE = 'chasqui.db'
const CREDS = 'chasqui.json'

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

export async function useMultiFileAuthState(
  path: string,
): Promise<{ state: AuthenticationState; saveCreds: () => Promise<void> }> {
  const absolute = resolve(path)
  const folder = folderAt(absolute)
  await folder.saved
  if ((await exists(join(absolute, 'creds.json'))) && !(await exists(join(absolute, STORE)))) {
    throw new ChasquiError(
      'UNSUPPORTED_FOLDER',
      `${path} holds a session of Baileys, which this version cannot take over. It was left untouched: use another folder and pair again.`,
      { folder: absolute },
    )
  }
  const info = await stat(absolute).catch(() => undefined)
  if (info && !info.isDirectory()) {
    throw new ChasquiError('INVALID_OPTION', `${path} is not a folder.`, { option: 'folder' })
  }
  await mkdir(absolute, { recursive: true })

  const creds = mark(await readCreds(join(absolute, CREDS)), absolute)
  const keys: SignalKeyStore = mark({ get: missingAsync('keys.get'), set: missingAsync('keys.set') }, absolute)
  const saveCreds = (): Promise<void> => {
    const written = folder.saved.then(() => writeCreds(absolute, creds))
    folder.saved = written.catch(() => undefined)
    return written
  }
  return { state: { creds, keys }, saveCreds }
}

/** Which folder `auth` is about. */
export function folderOf(auth: AuthenticationState | undefined): Folder {
  if (!auth?.creds) throw new ChasquiError('INVALID_OPTION', 'makeWASocket needs `auth`, from useMultiFileAuthState.', { option: 'auth' })
  const marked = (auth.creds as { [FOLDER]?: string })[FOLDER] ?? (auth.keys as { [FOLDER]?: string } | undefined)?.[FOLDER]
  if (marked === undefined) throw notImplemented('auth from anywhere but useMultiFileAuthState')
  return folderAt(marked)
}

export const storeOf = (folder: Folder): `sqlite:${string}` => `sqlite:${join(folder.path, STORE)}`

/** After an unlinking there is nothing left to resume. */
export const forgetCreds = (folder: Folder): Promise<void> => rm(join(folder.path, CREDS), { force: true }).catch(() => undefined)

function mark<T extends object>(object: T, folder: string): T {
  return Object.defineProperty(object, FOLDER, { value: folder })
}

async function readCreds(path: string): Promise<AuthenticationCreds> {
  const fresh = { registered: false } as AuthenticationCreds
  try {
    const stored: unknown = JSON.parse(await readFile(path, 'utf8'))
    return stored !== null && typeof stored === 'object' ? { ...fresh, ...stored } : fresh
  } catch {
    return fresh
  }
}

/** Whole or not at all. A folder that the program deleted stays deleted. */
async function writeCreds(folder: string, creds: AuthenticationCreds): Promise<void> {
  const target = join(folder, CREDS)
  const draft = `${target}.${process.pid}`
  await writeFile(draft, JSON.stringify(creds), { mode: 0o600 })
  await rename(draft, target)
}
