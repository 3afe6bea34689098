// The drop-in and the process around it: what ends lets the process end.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { temporaryFolder } from '../harness/baileys.mjs'
import { stage } from '../interop/sides.mjs'

const directory = fileURLToPath(new URL('.', import.meta.url))

/** A program that links a device; `made(at)` says whether the socket of this number is made. */
const PROGRAM = `
  import { makeWASocket, useMultiFileAuthState } from 'chasqui/baileys'
  const { folder, endpoint, sockets } = JSON.parse(process.env.OPTIONS)
  let made = 0
  async function open() {
    made++
    const { state, saveCreds } = await useMultiFileAuthState(folder)
    const sock = makeWASocket({ auth: state, waWebSocketUrl: endpoint })
    sock.ev.on('creds.update', saveCreds)
    sock.ev.on('connection.update', ({ connection, qr, lastDisconnect }) => {
      if (qr) process.send({ qr })
      if (connection === 'open') sock.end(undefined)
      if (connection !== 'close') return
      console.log(lastDisconnect.error?.output?.statusCode ?? 'ended')
      if (made < sockets) return void open()
      process.disconnect()
    })
  }
  await open()
`

for (const [name, sockets, said] of [
  ['a program that makes no next socket after pairing ends', 1, ['515']],
  ['a program that ends its socket ends', 2, ['515', 'ended']],
]) {
  test(name, { timeout: 60_000 }, async (t) => {
    const { emulator } = await stage(t)
    const options = { folder: temporaryFolder(), endpoint: emulator.endpoint, sockets }
    const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
      cwd: directory,
      env: { ...process.env, OPTIONS: JSON.stringify(options) },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    t.after(() => child.kill('SIGKILL'))
    let output = ''
    child.stdout.on('data', (data) => (output += data))
    child.on('message', ({ qr }) => emulator.scan(qr, { account: 'Rosa' }).catch(() => {}))
    await once(child, 'disconnect')
    const began = Date.now()
    const [code] = await once(child, 'close')
    assert.deepEqual([code, output.trim().split('\n')], [0, said])
    // Much less than the half minute for which an engine waits for the next socket.
    assert.ok(Date.now() - began < 15_000, `${Date.now() - began} ms`)
  })
}
