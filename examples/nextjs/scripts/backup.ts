// npm run backup -- FILE.tar.gz: the database, the WhatsApp sessions and the files of messages in one file. The server may run meanwhile.
import './environment'

import { mkdir, mkdtemp, stat } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { describePart, pack, partOf, type Manifest } from '../lib/backup/archive'
import { linkOrCopy, mediaFiles } from '../lib/backup/media'
import { dumpSession, listSessions } from '../lib/backup/sessions'
import { dumpTable, readAtOnce, TABLES } from '../lib/backup/tables'
import { closeDatabase, POSTGRES } from '../lib/db'
import { mediaFolder, sessionsFolder } from '../lib/folders'
import { version } from '../package.json'
import { counted, Refused, removeAtEnd, run } from './command'

async function backup(target: string) {
  if (
    await stat(target).then(
      () => true,
      () => false,
    )
  )
    throw new Refused(`${target} is there already.`)
  await mkdir(path.dirname(target), { recursive: true })
  const folder = await mkdtemp(`${target}.partial-`)
  removeAtEnd(folder)
  for (const name of ['tables', 'sessions', 'media']) await mkdir(path.join(folder, name))
  const createdAt = new Date().toISOString()
  const parts: Manifest['parts'] = []
  const add = async (name: string) => void parts.push(await describePart(folder, name))

  const rows: Manifest['rows'] = {}
  await readAtOnce(async (database) => {
    for (const name of TABLES) rows[name] = await dumpTable(database, name, path.join(folder, partOf.table(name)))
  })
  for (const name of TABLES) await add(partOf.table(name))

  let sessions = 0
  for (const name of await listSessions(sessionsFolder())) {
    const dumped = await dumpSession(path.join(sessionsFolder(), name), path.join(folder, partOf.session(name)))
    if (!dumped) continue
    sessions += 1
    await add(partOf.session(name))
    if (dumped.damaged.length) console.warn(`Session ${name}: left out, since they cannot be read: ${dumped.damaged.join(', ')}`)
  }

  let media = 0
  for await (const name of mediaFiles(mediaFolder())) {
    if (!(await linkOrCopy(path.join(mediaFolder(), name), path.join(folder, partOf.media(name))))) continue
    media += 1
    await add(partOf.media(name))
  }

  await pack(folder, { version, createdAt, database: POSTGRES ? 'postgres' : 'sqlite', rows, sessions, media, parts }, target)
  const all = Object.values(rows).reduce((sum, count) => sum + count, 0)
  const things = [`${counted(all, 'row')} of ${counted(TABLES.length, 'table')}`, counted(sessions, 'session'), `${counted(media, 'file')} of messages`]
  console.log(`${target}: ${things.join(', ')}.`)
  console.log('Whoever has this file can act as the WhatsApp accounts in it: keep it as you keep passwords.')
}

await run(async () => {
  const { positionals } = parseArgs({ allowPositionals: true })
  const [file] = positionals
  if (!file || positionals.length > 1) throw new Refused('Which file? npm run backup -- FILE.tar.gz')
  try {
    await backup(path.resolve(file))
  } finally {
    await closeDatabase()
  }
})
