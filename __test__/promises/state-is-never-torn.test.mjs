// Promise 8: state is never torn; here on a disk that takes no more. (Kills: sessions-do-not-desynchronise.)

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { temporary } from '../help.mjs'
import { waitFor } from '../harness/emulator.mjs'
import { readJournal, runProgram } from '../harness/run-program.mjs'

const emulator = await startEmulator({ captureLimit: 50_000 })
after(() => emulator.stop())
const maria = await emulator.contact('María')

/** A store takes no more in the middle of a conversation; then it does again. `fill` is told the file's size in pages. */
async function fillUp(t, session, fill) {
  const folder = temporary(t)
  const [file, journal] = [path.join(folder, 'full.db'), path.join(folder, 'journal')]
  const start = async ({ query = '', limit } = {}) => {
    const program = runProgram(t, emulator, { env: { JOURNAL: journal }, limit })
    await program.ask('open', { session, store: `sqlite:${file}${query}`, endpoint: emulator.endpoint, handling: 0 })
    return program
  }
  const got = () => readJournal(journal).filter(([what]) => what === 'got')

  let program = await start()
  const hello = await maria.send(session, { text: 'hello' })
  await program.ask('messages', { session, count: 1 })
  await program.ask('disconnect', { session })
  await waitFor(() => !existsSync(`${file}-wal`), 'the file to be closed')

  program = await start(fill(readFileSync(file).readUInt32BE(28)))
  const ids = [hello.id]
  const failed = () => program.connections.filter(({ connection }) => connection.reason?.code === 'STORE_FAILED')
  /** What became of each message sent: `undefined` when it was confirmed, else the code of the error. */
  const codes = new Map()
  const send = async (text) => {
    const id = `OUT-${session}-${codes.size}`
    codes.set(id, 'under way')
    codes.set(id, (await program.ask('send', { session, to: maria.jid, content: { text }, options: { id, timeout: 500 } })).code)
    return codes.get(id)
  }
  for (let n = 0; failed().length === 0 && n < 400; n++) {
    ids.push((await maria.send(session, { text: `${n} ${'x'.repeat(20_000)}` })).id)
    // What is sent is kept for resends, so that both directions fill the disk.
    await send(`${n} ${'y'.repeat(20_000)}`)
  }
  await waitFor(() => failed().length > 0, 'the store to fail')
  assert.deepEqual([failed()[0].connection.state, failed()[0].connection.willRetry], ['reconnecting', true])
  // The last pages are taken, too: then nothing can be made durable, and the call says so.
  await waitFor(async () => (await send('z'.repeat(60_000))) === 'STORE_FAILED', 'a refusal')
  program.child.kill('SIGKILL')
  await program.ended

  program = await start()
  ids.push((await maria.send(session, { text: 'room again' })).id)
  const missing = () => ids.filter((id) => !got().some(([, given]) => given === id))
  await waitFor(() => missing().length === 0, 'every message').catch(() => {})
  assert.deepEqual(missing(), [], 'what was answered had been stored')
  const seen = new Set()
  for (const [, id, type, redelivered] of got()) {
    assert.equal(type, 'text')
    assert.ok(!seen.has(id) || redelivered, `${id} came twice unsaid`)
    seen.add(id)
  }
  // What the program was told of its own messages is true.
  const { id } = await program.ask('send', { session, to: maria.jid, content: { text: 'still there?' } })
  await maria.waitForMessage((message) => message.id === id)
  const left = new Set((await emulator.stanzas({ account: session, direction: 'out', tag: 'message' })).map(({ stanza }) => stanza.attrs.id))
  for (const [id, code] of codes) assert.equal(left.has(id), code !== 'STORE_FAILED', `${id}: ${code}`)
  for (const [id, code] of codes) if (code !== 'STORE_FAILED') await maria.waitForMessage((message) => message.id === id)
  const retries = await emulator.stanzas({ account: session, tag: 'receipt', type: 'retry' })
  assert.equal(retries.length, 0, 'no session was lost')
  await program.ask('disconnect', { session })
}

test('a store that may not grow fails the session by name, nothing leaves that is not stored, and nothing is lost', (t) =>
  fillUp(t, 'Full', (pages) => ({ query: `?max_pages=${pages + 40}` })))

test('the same when the system refuses to write the log', { skip: process.platform === 'win32' && 'needs a shell' }, (t) =>
  // In blocks of 512 bytes: the log, and nothing else here, grows beyond that.
  fillUp(t, 'Limited', () => ({ limit: 'ulimit -f 2000' })))
