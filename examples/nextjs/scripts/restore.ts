// npm run restore -- FILE.tar.gz [--replace]: what a backup has comes back. The server is stopped meanwhile.
import './environment'

import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { partOf, unpack } from '../lib/backup/archive'
import { listSessions, unpackSession } from '../lib/backup/sessions'
import { Swap } from '../lib/backup/swap'
import { isEmpty, makeSqlite, replacePostgres, type TableName } from '../lib/backup/tables'
import { closeDatabase, db, POSTGRES, sqliteFile } from '../lib/db'
import { mediaFolder, sessionsFolder } from '../lib/folders'
import { holdSessions, releaseSessions } from '../lib/running'
import { counted, Refused, removeAtEnd, run } from './command'

const ASIDE = '.before-restore'
const DRAFT = '.restore-'
const MIGRATIONS = path.join(process.cwd(), 'drizzle/sqlite')

const folders = () => new Set([sessionsFolder(), mediaFolder(), ...(POSTGRES ? [] : [path.dirname(sqliteFile())])])

/** Removes what an attempt has left that was killed. */
async function removeLeftovers() {
  for (const folder of folders()) {
    const names = await readdir(folder).catch(() => [])
    for (const name of names)
      if (name === ASIDE || name.startsWith(DRAFT)) await rm(path.join(folder, name), { recursive: true, force: true })
  }
}

/** A folder in which what comes is made ready, on the same file system. */
async function draftIn(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = await mkdtemp(path.join(folder, DRAFT))
  removeAtEnd(draft)
  return draft
}

async function isAnythingThere(): Promise<boolean> {
  if ((await listSessions(sessionsFolder())).length) return true
  if (!POSTGRES && !existsSync(sqliteFile())) return false
  return !(await isEmpty(await db()))
}

async function restore(archive: string, replace: boolean) {
  if (!replace && (await isAnythingThere())) {
    throw new Refused('There are users or sessions here already. With --replace the backup takes their place; make a backup of them first.')
  }
  await removeLeftovers()
  const unpacked = await draftIn(mediaFolder())
  const manifest = await unpack(archive, unpacked)
  const names = (kind: string) =>
    manifest.parts.filter(({ path: part }) => part.startsWith(`${kind}/`)).map(({ path: part }) => part.slice(kind.length + 1))
  const fileOf = (name: TableName) => path.join(unpacked, partOf.table(name))
  const sessions = names('sessions').map((name) => name.replace(/\.jsonl$/, ''))
  const media = names('media')

  const drafts = await draftIn(sessionsFolder())
  for (const name of sessions) await unpackSession(path.join(unpacked, partOf.session(name)), path.join(drafts, name))

  const swap = new Swap()
  const swapFiles = async () => {
    for (const name of sessions) {
      await swap.put(path.join(drafts, name), path.join(sessionsFolder(), name), path.join(sessionsFolder(), ASIDE, name))
    }
    // Files are named after their messages' numbers, which are given again after the last one of the backup: none may stay.
    for (const name of await readdir(mediaFolder())) {
      if (!name.startsWith('.')) await swap.away(path.join(mediaFolder(), name), path.join(mediaFolder(), ASIDE, name))
    }
    for (const name of media) await swap.put(path.join(unpacked, partOf.media(name)), path.join(mediaFolder(), name))
  }
  try {
    if (POSTGRES) await replacePostgres(fileOf, swapFiles)
    else {
      const file = sqliteFile()
      const folder = await draftIn(path.dirname(file))
      const made = path.join(folder, 'restored.db')
      await makeSqlite(made, fileOf, MIGRATIONS)
      await chmod(made, 0o600)
      await closeDatabase()
      await swapFiles()
      // A journal belongs to the file that it was written for.
      for (const journal of ['-wal', '-shm'])
        await swap.away(`${file}${journal}`, path.join(path.dirname(file), ASIDE, `${path.basename(file)}${journal}`))
      await swap.put(made, file, path.join(path.dirname(file), ASIDE, path.basename(file)))
    }
  } catch (error) {
    await swap.undo()
    throw error
  }
  await swap.done()
  for (const folder of folders()) await rm(path.join(folder, ASIDE), { recursive: true, force: true })

  const rows = Object.values(manifest.rows).reduce((sum, count) => sum + count, 0)
  const things = [counted(rows, 'row'), counted(sessions.length, 'session'), `${counted(media.length, 'file')} of messages`]
  console.log(`Restored from ${manifest.createdAt}: ${things.join(', ')}.`)
  if (sessions.length) {
    console.log(
      'WhatsApp: the linked devices are the same, no code has to be scanned. Signal sessions and sender keys are not restored: they would',
    )
    console.log(
      'run backwards. They are made anew with the next messages, and what cannot be read until then is asked for again by itself.',
    )
    console.log('A device that was unlinked after the backup stays unlinked: scan the code again.')
  }
  console.log(
    'Everybody signs in again. Messages that waited to be sent are shown as failed, and unfinished notifications as cancelled: they may',
  )
  console.log('have been sent after the backup.')
}

await run(async () => {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { replace: { type: 'boolean', default: false } } })
  const [file] = positionals
  if (!file || positionals.length > 1) throw new Refused('Which file? npm run restore -- FILE.tar.gz [--replace]')
  // Held until the end: a server that is started meanwhile finds it so.
  if (!(await holdSessions())) throw new Refused('The server runs: stop it first.')
  try {
    await restore(path.resolve(file), values.replace)
  } finally {
    await closeDatabase()
    await releaseSessions()
  }
})
