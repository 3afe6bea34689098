// A backup of a server that runs, restored after it was killed: people sign in again, the device is linked still, both sides go on.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { prepare } from '../../scripts/nextjs.mjs'
import { temporaryFolder } from '../harness/baileys.mjs'
import { PATIENCE, startApp, waitFor } from './app.mjs'

const example = await prepare()

/** Runs a script of the example on the data of a server. */
function script(data, name, ...args) {
  const folders = {
    DATABASE_URL: path.join(data, 'app.db'),
    SESSIONS_FOLDER: path.join(data, 'auth_sessions'),
    MEDIA_FOLDER: path.join(data, 'media'),
  }
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      ['--import', 'tsx', `scripts/${name}.ts`, ...args],
      { cwd: example, env: { ...process.env, ...folders } },
      (error, stdout, stderr) => resolve({ code: error ? error.code : 0, output: stdout + stderr }),
    ),
  )
}

test('backup while the server runs, kill, restore, start', { timeout: 280_000 }, async (t) => {
  const emulator = await startEmulator()
  const data = temporaryFolder()
  const archive = path.join(data, 'backup.tar.gz')
  let app = await startApp(emulator, { data })
  t.after(async () => {
    await app.end('SIGKILL')
    await emulator.stop()
  })
  let rosa = await app.user('Rosa')
  await rosa.link(emulator)
  const maria = await emulator.contact('María')
  const hears = async (text) => waitFor(async () => (await heard()).includes(text), `"${text}" in the conversation`, PATIENCE)
  const heard = async () => {
    const [conversation] = await rosa.conversations()
    return conversation ? (await rosa.messages(conversation.id)).map(({ text }) => text) : []
  }
  const answer = async (content) => {
    const [{ id }] = await rosa.conversations()
    assert.equal((await rosa.call(`/api/conversations/${id}/messages`, { content })).http, 200)
    await maria.waitForMessage(({ text }) => text === content, { timeout: PATIENCE })
  }
  await maria.send('Rosa', { text: 'before' })
  await hears('before')
  await answer('answer before')

  const made = await script(data, 'backup', archive)
  assert.deepEqual([made.code, /1 session,/.test(made.output)], [0, true], made.output)
  await maria.send('Rosa', { text: 'after' })
  await hears('after')
  await answer('answer after')
  const refused = await script(data, 'restore', archive, '--replace')
  assert.deepEqual([refused.code, refused.output.trim()], [1, 'The server runs: stop it first.'])

  await app.end('SIGKILL')
  const restored = await script(data, 'restore', archive, '--replace')
  assert.equal(restored.code, 0, restored.output)
  app = await startApp(emulator, { data })
  assert.equal(
    (await fetch(`${app.base}/api/conversations`, { headers: { cookie: rosa.cookie } })).status,
    401,
    'who was signed in signs in again',
  )
  rosa = await app.user('Rosa')
  await rosa.connected()
  assert.equal((await rosa.status()).qrCode, null)
  const texts = await heard()
  assert.deepEqual([texts.includes('before'), texts.includes('answer before'), texts.includes('after')], [true, true, false])
  for (const round of [1, 2]) {
    await maria.send('Rosa', { text: `again ${round}` })
    await hears(`again ${round}`)
    await answer(`answer again ${round}`)
  }
})
