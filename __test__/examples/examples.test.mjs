// The examples run unchanged, from the packed tarballs.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

import { install, run, serve, until } from './install.mjs'

const { startEmulator } = createRequire(import.meta.url)('../../dist/testing.js')
const folders = []
test.after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

async function installed(example) {
  const folder = await install(example)
  folders.push(path.dirname(folder))
  return folder
}

/** Connect, status, send and disconnect over HTTP, with the emulator as the service. `texts` names what the route calls a text. */
async function converse(args, { cwd, base, env, open, send }) {
  const emulator = await startEmulator()
  const data = await mkdtemp(path.join(tmpdir(), 'chasqui-example-data-'))
  folders.push(data)
  const server = await serve(args, {
    cwd,
    base,
    env: { ...env, WHATSAPP_DATA: data, WHATSAPP_FOLDER: data, CHASQUI_ENDPOINT: JSON.stringify(emulator.endpoint) },
  })
  try {
    await server.call('connect', {})
    const { qr } = await until(async () => {
      const status = await server.call('status')
      return status.qr && status
    })
    await emulator.scan(qr, { account: 'Shop' })
    await until(async () => (await server.call('status')).status === open)

    const maria = await emulator.contact('María')
    await server.call('send', send(maria.jid.split('@')[0], 'Hola'))
    assert.equal((await maria.waitForMessage(undefined, { timeout: 60_000 })).text, 'Hola')
    await maria.send('Shop', { text: '!ping' })
    assert.equal((await maria.waitForMessage(undefined, { timeout: 60_000 })).text, 'pong')
    const { received } = await server.call('status')
    assert.equal(received.length, 1)
    // In the form in which the service names her.
    assert.ok([maria.jid, maria.lid].some((jid) => received[0].from.startsWith(jid.split('@')[0])))

    await server.call('disconnect', {})
    assert.equal((await server.call('status')).status, 'disconnected')
    await server.call('connect', {})
    await until(async () => {
      const { status, qr: again } = await server.call('status')
      assert.equal(again, null, 'the session is resumed without a QR code')
      return status === open
    })
    await maria.send('Shop', { text: '!ping' })
    assert.equal((await maria.waitForMessage(undefined, { timeout: 60_000 })).text, 'pong')
  } finally {
    await server.stop()
    await emulator.stop()
  }
}

test('the Express route written for whatsapp-web.js', async () => {
  const cwd = await installed('express')
  const send = (number, message) => ({ number, message })
  await converse(['server.js'], { cwd, base: '/whatsapp', open: 'ready', send })
})

for (const runner of ['jest', 'vitest']) {
  test(`the bot's own tests with ${runner}`, async () => {
    const cwd = await installed(runner)
    await run('npm', ['test'], { cwd, env: { ...process.env, CI: 'true' } })
  })
}
