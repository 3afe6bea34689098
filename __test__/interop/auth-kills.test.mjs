// A process with a folder of Baileys is killed in the middle: nothing is lost to Chasqui, and Baileys goes on too.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

import * as door from 'chasqui/baileys'

import { temporaryFolder } from '../harness/baileys.mjs'
import { stage, waitFor } from './sides.mjs'

const program = fileURLToPath(new URL('../harness/door-program.mjs', import.meta.url))

/** The drop-in in a process of its own, open on the folder. */
async function running(t, emulator, folder) {
  const { NODE_TEST_CONTEXT, NODE_OPTIONS, ...env } = process.env
  const child = fork(program, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const seen = { texts: [], state: 'new', child }
  t.after(() => child.kill('SIGKILL'))
  child.on('message', (event) => {
    if (event.qr) emulator.scan(event.qr, { account: 'Rosa' }).catch(() => undefined)
    if (event.state) Object.assign(seen, event)
    if (event.text) seen.texts.push(event.text)
  })
  await waitFor(() => seen.state === 'ready', 'the process', 60_000)
  child.send({ start: { folder, endpoint: emulator.endpoint } })
  seen.kill = async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }
  return seen
}

const opened = (seen) => waitFor(() => seen.state === 'open', 'Rosa to be open', 60_000)

test('killed again and again while messages come, the drop-in loses none, and Baileys goes on after a close', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const ben = await here.baileys('Ben')
  const wanted = []
  const got = new Set()
  let jid
  for (let round = 0; round < 4; round++) {
    const rosa = await running(t, here.emulator, folder)
    await opened(rosa)
    jid = rosa.jid
    for (let at = 0; at < 5; at++) {
      wanted.push(`${round}.${at}`)
      await ben.send(jid, `${round}.${at}`)
    }
    // Somewhere among them.
    await waitFor(() => rosa.texts.length > round, 'some to come')
    await rosa.kill()
    for (const text of rosa.texts) got.add(text)
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
      JSON.parse(readFileSync(path.join(folder, name), 'utf8'))
    }
  }
  const last = await here.baileys('Rosa', { folder, door })
  assert.equal(last.jid, jid)
  await waitFor(() => wanted.every((text) => got.has(text) || last.texts.includes(text)), 'all of them')
  const asked = await last.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })
  assert.deepEqual(asked.map(({ attrs }) => attrs.id), [], 'no step of a ratchet was lost')
  await last.stop()
  const baileys = await here.baileys('Rosa', { folder })
  await baileys.send(ben.jid, 'with Baileys')
  const { id } = await ben.got('with Baileys')
  assert.equal((await ben.encryptions()).get(id), 'msg')
})

test('Baileys in a folder that was not closed sees what was a second before', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const ben = await here.baileys('Ben')
  const rosa = await running(t, here.emulator, folder)
  await opened(rosa)
  await ben.send(rosa.jid, 'hello')
  await waitFor(() => rosa.texts.includes('hello'), 'hello')
  const session = path.join(folder, `session-${ben.lid.split('@')[0]}_1.${ben.device}.json`)
  const counter = () => {
    try {
      return readFileSync(session, 'utf8')
    } catch {
      return undefined
    }
  }
  await waitFor(counter, 'the session to be written', 5000)
  await rosa.kill()
  const baileys = await here.baileys('Rosa', { folder })
  await ben.send(rosa.jid, 'to Baileys')
  await baileys.got('to Baileys')
  await baileys.stop()
  // What Baileys has done is what counts from now on.
  const again = await here.baileys('Rosa', { folder, door })
  await ben.send(rosa.jid, 'to the drop-in')
  await again.got('to the drop-in')
  await again.send(ben.jid, 'back')
  const { id: arrivedAs } = await ben.got('back')
  assert.equal((await ben.encryptions()).get(arrivedAs), 'msg')
})

test('a second process is told who has the folder', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const rosa = await running(t, here.emulator, folder)
  await opened(rosa)
  const second = await running(t, here.emulator, folder)
  await waitFor(() => second.state === 'closed', 'the second to be refused', 60_000)
  assert.deepEqual([second.code, second.holder?.pid], ['SESSION_HELD', rosa.child.pid])
  await rosa.kill()
})
