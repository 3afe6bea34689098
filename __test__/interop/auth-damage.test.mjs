// Files of an auth folder that a loss of power has cut off: what the drop-in wrote last is written again, what others did stays.

import assert from 'node:assert/strict'
import { fork, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

import * as door from 'chasqui/baileys'

import { temporaryFolder } from '../harness/baileys.mjs'
import { acquainted, goesOn } from './going-on.mjs'
import { stage, waitFor } from './sides.mjs'

const program = fileURLToPath(new URL('../harness/door-program.mjs', import.meta.url))

/** A file of each kind that is written by us, and of which only those sessions that Rosa has with Ben. */
function someFiles(folder, ben) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json')).sort()
  const kinds = [`session-${ben.lid.split('@')[0]}_1.`, 'pre-key-', 'sender-key-1', 'sender-key-memory-', 'lid-mapping-', 'app-state-sync-key-']
  return kinds.map((kind) => {
    const found = names.find((name) => name.startsWith(kind))
    assert.ok(found, kind)
    return path.join(folder, found)
  })
}

/** As a file system leaves them: the name and the times are there, what was in it is not. */
function cut(files, { times = true } = {}) {
  files.forEach((file, at) => {
    const reference = `${file}.times`
    if (times) assert.equal(spawnSync('touch', ['-r', file, reference]).status, 0)
    truncateSync(file, at % 2 ? 0 : 40)
    if (times) assert.equal(spawnSync('touch', ['-r', reference, file]).status, 0)
  })
}

const contents = (files) => files.map((file) => readFileSync(file, 'utf8'))
const parses = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) !== undefined
  } catch {
    return false
  }
}
/** Sessions are written with the time of their writing. */
const steady = (files) => files.filter((file) => !path.basename(file).startsWith('session-'))

test('files that the power has cut off are written again, and Baileys goes on with them', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const first = await here.baileys('Rosa', { folder, door })
  const { device } = first
  const others = await acquainted(here, first)
  await first.stop()
  const files = someFiles(folder, others.ben)
  const before = contents(steady(files))
  cut(files)
  assert.ok(files.every((file) => !parses(file)))
  const second = await here.baileys('Rosa', { folder, door })
  assert.equal(second.device, device)
  await waitFor(() => files.every(parses), 'the files to be written again')
  assert.deepEqual(contents(steady(files)), before)
  await goesOn(second, others, 'with the drop-in')
  await second.stop()
  const third = await here.baileys('Rosa', { folder })
  assert.equal(third.device, device)
  await goesOn(third, others, 'with Baileys')
})

test('files that are damaged when the process was killed are written again', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const first = await here.baileys('Rosa', { folder, door })
  const { device } = first
  const others = await acquainted(here, first)
  await first.stop()
  const { NODE_TEST_CONTEXT, NODE_OPTIONS, ...env } = process.env
  const child = fork(program, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  t.after(() => child.kill('SIGKILL'))
  let state
  child.on('message', (event) => (state = event.state ?? event.text ?? state))
  await waitFor(() => state === 'ready', 'the process', 60_000)
  child.send({ start: { folder, endpoint: here.emulator.endpoint } })
  await waitFor(() => state === 'open', 'Rosa to be open', 60_000)
  await others.ben.send(first.jid, 'hello')
  await waitFor(() => state === 'hello', 'the message', 60_000)
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
  const files = someFiles(folder, others.ben)
  const before = contents(steady(files))
  // Some file systems leave zeros, of the right length.
  const [, prekey] = files
  const reference = `${prekey}.times`
  spawnSync('touch', ['-r', prekey, reference])
  cut(files.filter((file) => file !== prekey), { times: false })
  writeFileSync(prekey, Buffer.alloc(readFileSync(prekey).length))
  spawnSync('touch', ['-r', reference, prekey])
  const second = await here.baileys('Rosa', { folder, door })
  assert.equal(second.device, device)
  await waitFor(() => files.every(parses), 'the files to be written again')
  assert.deepEqual(contents(steady(files)), before)
  await goesOn(second, others, 'with the drop-in')
})

test('a file that somebody has written since, and not whole, stays as it is; the rest goes on', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const first = await here.baileys('Rosa', { folder, door })
  const others = await acquainted(here, first)
  await first.stop()
  // What was to be in them nobody knows: the next session of Baileys may have been the one.
  const [session, prekey] = someFiles(folder, others.ben)
  cut([session, prekey], { times: false })
  const before = contents([session, prekey])
  const said = []
  const logger = { level: 'warn', child: () => logger }
  for (const level of ['trace', 'debug', 'info', 'warn', 'error']) logger[level] = (...parts) => said.push(`${level} ${JSON.stringify(parts)}`)
  const second = await here.baileys('Rosa', { folder, door, socketOptions: { logger } })
  for (const file of [session, prekey]) {
    await waitFor(() => said.some((line) => line.startsWith('warn') && line.includes(path.basename(file))), `${path.basename(file)} to be named`)
  }
  assert.equal(second.device, first.device)
  assert.deepEqual(contents([session, prekey]), before, 'nothing is written over them unasked')
  await second.send(others.eva.jid, 'as before')
  const { id } = await others.eva.got('as before')
  assert.equal((await others.eva.encryptions()).get(id), 'msg')
  await second.send(others.ben.jid, 'anew')
  await others.ben.got('anew')
  await waitFor(() => parses(session), 'the session that was made anew')
})

test('empty credentials beside a good database are named, and what restores them goes on', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const first = await here.baileys('Rosa', { folder, door })
  const others = await acquainted(here, first)
  const { device } = first
  await first.stop()
  const file = path.join(folder, 'creds.json')
  const good = readFileSync(file, 'utf8')
  for (const damaged of ['', good.slice(0, good.length / 2), '\0'.repeat(good.length)]) {
    writeFileSync(file, damaged)
    await assert.rejects(door.useMultiFileAuthState(folder), (error) => error.code === 'STORE_CORRUPT' && error.data.path === file)
    assert.equal(readFileSync(file, 'utf8'), damaged, 'it is left as it is')
    assert.ok(existsSync(path.join(folder, 'chasqui.sqlite')))
  }
  writeFileSync(file, good)
  const second = await here.baileys('Rosa', { folder, door })
  assert.equal(second.device, device)
  await goesOn(second, others, 'restored')
})
