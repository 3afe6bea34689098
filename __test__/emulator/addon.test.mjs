// The addon itself: threads, ends, and what keeps Node alive.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'

import { startEmulator, waitFor } from '../harness/emulator.mjs'

const harness = new URL('../harness/emulator.mjs', import.meta.url).href

/** Runs a program that has the harness at hand, in a process of its own. */
function run(program, env) {
  const script = `import { startEmulator, waitFor } from ${JSON.stringify(harness)}\n${program}`
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd, encoding: 'utf8', timeout: 20_000, env: { ...process.env, ...env } })
}

test('a stopped emulator, and one that is forgotten, let Node end with nothing on its outputs', () => {
  const stopped = run('const emulator = await startEmulator(); await emulator.call("contact", { name: "x" }); await emulator.stop()')
  assert.deepEqual([stopped.status, stopped.stdout, stopped.stderr], [0, '', ''])
  const forgotten = run('await startEmulator()')
  assert.deepEqual([forgotten.status, forgotten.stdout, forgotten.stderr], [0, '', ''])
})

test('a stopped emulator leaves no files behind', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chasqui-test-'))
  const put = "const emulator = await startEmulator(); await emulator.call('mediaPut', { kind: 'image', base64: 'AAAA' })"
  const look = "const { readdirSync } = await import('node:fs'); console.log(readdirSync(process.env.TMPDIR).length)"
  const done = run(`${put}; ${look}; await emulator.stop()`, { TMPDIR: folder })
  assert.deepEqual([done.status, done.stdout, done.stderr], [0, '1\n', ''])
  assert.deepEqual(readdirSync(folder), [])
  rmdirSync(folder)
})

test('an emulator ends with the worker that started it, and the others go on', async () => {
  const emulator = await startEmulator()
  const program = `
    const { parentPort } = require('node:worker_threads')
    import(${JSON.stringify(harness)}).then(async ({ startEmulator }) => {
      const emulator = await startEmulator()
      setInterval(() => {}, 1000)
      parentPort.postMessage(emulator.info)
    })`
  const workers = Array.from({ length: 3 }, () => new Worker(program, { eval: true }))
  const infos = await Promise.all(workers.map((worker) => new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })))
  for (const { httpUrl } of infos) assert.equal((await fetch(httpUrl)).status, 200)
  await Promise.all(workers.map((worker) => worker.terminate()))
  const isGone = async ({ httpUrl }) => fetch(httpUrl).then(() => false, () => true)
  for (const info of infos) await waitFor(() => isGone(info), 'the port of a terminated worker to be free')
  assert.equal((await fetch(emulator.info.httpUrl)).status, 200)
  await emulator.stop()
})

test('an error carries its code and a sentence as JSON', async () => {
  const emulator = await startEmulator()
  const error = await emulator.call('scan', { qr: 'nonsense' }).catch((thrown) => JSON.parse(thrown.message))
  assert.equal(error.code, 'INVALID_QR')
  assert.match(error.message, /not a pairing QR code/)
  await assert.rejects(startEmulator({ port: emulator.info.port }), (thrown) => {
    const { code, data } = JSON.parse(thrown.message)
    return code === 'PORT_IN_USE' && data.port === emulator.info.port
  })
  await emulator.stop()
  await assert.rejects(emulator.call('accounts'), /EMULATOR_FAILED/)
  await emulator.stop()
})

test('events reach JavaScript in order, however many there are', async () => {
  const emulator = await startEmulator()
  for (const name of ['Ana', 'Ben']) await emulator.call('contact', { name })
  const { ids } = await emulator.call('contactSend', { contact: 'Ana', to: 'Ben', text: 'x', count: 2000 })
  const got = () => emulator.events.filter((event) => event.type === 'message').map((event) => event.id)
  await waitFor(() => got().length >= ids.length, 'all events')
  assert.deepEqual(got(), ids)
  await emulator.stop()
})
