// What nobody needs any more: sessions that were not used for long, and files of users and messages that do not exist.
import { lstat, readdir, rm } from 'node:fs/promises'
import path from 'node:path'

import { and, eq, inArray } from 'drizzle-orm'

import { isSessionName, listSessions } from './backup/sessions'
import { connections, db, messages, users, write } from './db'
import { mediaFolder, sessionsFolder } from './folders'

/** Files that are looked up at once. */
const PAGE = 500
/** What is younger may be of a user or message that is just being made. */
const GRACE = 60 * 60 * 1000

export interface Removal {
  kind: 'unused session' | 'session of nobody' | 'media of nobody' | 'media without message'
  /** Relative to the folder of sessions or media. */
  name: string
}

/** A connection whose session is gone. */
const FORGOTTEN = { wanted: false, phoneNumber: null }
/** The folder of `npm run pair`, which belongs to no user. */
const PAIR = 'pair'

interface Options {
  /** Sessions that were last used before are removed. */
  unusedSince: Date
  /** Nothing is changed. */
  dryRun: boolean
  /** The server has its sessions open: those that are to be open are left alone. */
  serverRuns: boolean
}

/** Gives each removal when it is made. */
export async function* clean(options: Options): AsyncGenerator<Removal> {
  yield* cleanSessions(options)
  yield* cleanMedia(options)
}

/** When anything in a folder was last written; links count as themselves. */
async function lastWritten(folder: string): Promise<number> {
  let last = (await lstat(folder)).mtimeMs
  for (const name of await readdir(folder)) {
    const found = await lstat(path.join(folder, name)).catch(() => undefined)
    last = Math.max(last, found?.mtimeMs ?? 0)
  }
  return last
}

async function* cleanSessions({ unusedSince, dryRun, serverRuns }: Options): AsyncGenerator<Removal> {
  const folder = sessionsFolder()
  const database = await db()
  for (const name of await listSessions(folder)) {
    const session = path.join(folder, name)
    const [user] = await database
      .select({ id: users.id, wanted: connections.wanted, lastConnectedAt: connections.lastConnectedAt })
      .from(users)
      .leftJoin(connections, eq(connections.userId, users.id))
      .where(eq(users.id, name))
    const last = Math.max(await lastWritten(session), user?.lastConnectedAt?.getTime() ?? 0)
    if (last >= (user || name === PAIR ? unusedSince.getTime() : Date.now() - GRACE)) continue
    if (serverRuns && user?.wanted) continue
    if (!dryRun) {
      await rm(session, { recursive: true, force: true })
      if (user) await write((transaction) => transaction.update(connections).set(FORGOTTEN).where(eq(connections.userId, name)))
    }
    yield { kind: user ? 'unused session' : 'session of nobody', name }
  }
}

/** Files of messages are at `<user>/<number of the message>`. */
async function* cleanMedia({ dryRun }: Options): AsyncGenerator<Removal> {
  const folder = mediaFolder()
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const entry of entries) {
    if (!entry.isDirectory() || !isSessionName(entry.name)) continue
    const own = path.join(folder, entry.name)
    const [user] = await (await db()).select({ id: users.id }).from(users).where(eq(users.id, entry.name))
    if (!user) {
      if (Date.now() - (await lastWritten(own)) < GRACE) continue
      if (!dryRun) await rm(own, { recursive: true, force: true })
      yield { kind: 'media of nobody', name: entry.name }
      continue
    }
    const names = (await readdir(own, { withFileTypes: true }))
      .filter((file) => file.isFile() || file.isSymbolicLink())
      .map(({ name }) => name)
    for (let at = 0; at < names.length; at += PAGE) {
      for (const name of await withoutMessage(user.id, names.slice(at, at + PAGE))) {
        const file = path.join(own, name)
        const found = await lstat(file).catch(() => undefined)
        if (!found || Date.now() - found.mtimeMs < GRACE) continue
        if (!dryRun) await rm(file, { force: true })
        yield { kind: 'media without message', name: `${entry.name}/${name}` }
      }
    }
  }
}

async function withoutMessage(userId: string, names: string[]): Promise<string[]> {
  const numbers = names.filter((name) => /^[1-9]\d{0,14}$/.test(name)).map(Number)
  const found = await (await db())
    .select({ id: messages.id })
    .from(messages)
    .where(and(eq(messages.userId, userId), inArray(messages.id, numbers)))
  const known = new Set(found.map(({ id }) => String(id)))
  return names.filter((name) => !known.has(name))
}
