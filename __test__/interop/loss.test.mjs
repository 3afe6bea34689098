// One side loses its encryption sessions: what does not decrypt is asked for again, and arrives.

import assert from 'node:assert/strict'
import { copyFileSync, existsSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { temporaryFolder } from '../harness/baileys.mjs'
import { stage, waitFor } from './sides.mjs'

/** A conversation in which both have written, so that both use `msg`. */
async function conversation(here) {
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  await ana.send(ben.jid, 'hello')
  await ben.got('hello')
  await ben.send(ana.jid, 'hello to you')
  await ana.got('hello to you')
  return [ana, ben]
}

const retries = (side) => side.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })
/** A copy of a database that is closed, or will be in a moment. */
async function copied(database) {
  await waitFor(() => !existsSync(`${database}-wal`), 'the database to be closed')
  const folder = temporaryFolder()
  // The file alone: what stands beside it is its holder's, and may go at any moment.
  const copy = path.join(folder, path.basename(database))
  copyFileSync(database, copy)
  return copy
}

const numbered = (count, word) => Array.from({ length: count }, (_, index) => `${word} ${index}`)

test('Baileys loses its sessions: it asks Chasqui again, gets the message once, and both go on', async (t) => {
  const here = await stage(t)
  const [ana, ben] = await conversation(here)
  assert.ok((await ben.forgetSessions()) > 0)
  const id = await ana.send(ben.jid, 'can you read this?')
  assert.equal((await ben.got('can you read this?')).id, id)
  // Its first request brings no keys, and does not tell that the session is gone; the second does.
  const asked = await retries(ben)
  assert.deepEqual(asked.map(({ attrs }) => attrs.id), [id, id])
  const [, ...resent] = await ana.stanzas({ direction: 'out', tag: 'message', id })
  const encs = resent.map(({ content }) => content.find(({ tag }) => tag === 'enc').attrs)
  assert.deepEqual(encs.map(({ type, count }) => [type, count]), [['msg', '1'], ['pkmsg', '2']])
  await ben.send(ana.jid, 'yes')
  await ana.got('yes')
  await ana.send(ben.jid, 'good')
  await ben.got('good')
  assert.deepEqual(ben.texts, ['hello', 'can you read this?', 'good'])
  assert.equal((await retries(ben)).length, asked.length)
})

test('Baileys loses its sessions while many messages come: each arrives once', async (t) => {
  const here = await stage(t)
  const [ana, ben] = await conversation(here)
  await ben.forgetSessions()
  const texts = numbered(10, 'many')
  await Promise.all(texts.map((text) => ana.send(ben.jid, text)))
  for (const text of texts) await ben.got(text)
  assert.deepEqual(ben.texts.toSorted(), ['hello', ...texts].toSorted())
})

test('Baileys loses its sessions and writes first: Chasqui reads the new session and answers in it', async (t) => {
  const here = await stage(t)
  const [ana, ben] = await conversation(here)
  await ben.forgetSessions()
  const id = await ben.send(ana.jid, 'a new start')
  await ana.got('a new start')
  assert.equal((await ana.encryptions()).get(id), 'pkmsg')
  await ana.send(ben.jid, 'welcome back')
  await ben.got('welcome back')
  assert.deepEqual([await retries(ana), await retries(ben), ana.unreadable], [[], [], []])
})

test('Chasqui is restored from an old copy of its store: it asks Baileys again and gets every message once', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  await ana.stop()
  const backup = await copied(ana.database)
  await ana.start()
  await ana.send(ben.jid, 'hello')
  await ben.got('hello')
  for (const text of ['hello to you', 'how are you?']) {
    await ben.send(ana.jid, text)
    await ana.got(text)
  }
  await ana.stop()
  ana.options.store = `sqlite:${backup}`
  await ana.start()
  const texts = numbered(5, 'after')
  const ids = []
  for (const text of texts) {
    ids.push(await ben.send(ana.jid, text))
    await ana.got(text)
  }
  assert.deepEqual(ana.texts, ['hello to you', 'how are you?', ...texts])
  // The program is told once of what it cannot read yet.
  assert.deepEqual(ana.unreadable.map(({ id }) => id), [ids[0]])
  assert.deepEqual((await retries(ana)).map(({ attrs }) => attrs.id), [ids[0]])
  await ana.send(ben.jid, 'all is well')
  await ben.got('all is well')
})
