// Clients and the process around them: exit, silence, threads, other processes.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

import { WhatsAppClient } from 'chasqui'
import { startEmulator } from 'chasqui/testing'

import { burst, runProgram } from './harness/run-program.mjs'
import { openClient, temporary } from './help.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())
const directory = fileURLToPath(new URL('.', import.meta.url))

// A program that opens a session and says so; the parent scans the code that it prints.
const PROGRAM = `
  import { WhatsAppClient } from 'chasqui'
  const options = JSON.parse(process.env.OPTIONS)
  const client = new WhatsAppClient(options)
  client.on('qr', (qr) => process.send({ qr: qr.text }))
  await client.connect()
  await client.opened()
  process.send('open')
  await new Promise((resolve) => process.once('message', resolve))
  process.disconnect()
`

/** Runs PROGRAM and then `rest`, which begins when `go()` is called. */
async function program(t, account, options, rest) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM + rest], {
    cwd: directory,
    env: { ...process.env, OPTIONS: JSON.stringify({ session: account, endpoint: emulator.endpoint, ...options }) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, output }))
  await new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (message === 'open') resolve()
      else emulator.scan(message.qr, { account }).catch(reject)
    })
    void ended.then(({ output }) => reject(new Error(`the program ended early: ${output}`)))
  })
  return { child, ended, go: () => child.send('go') }
}

test('disconnect() lets the process end, and nothing was printed', async (t) => {
  const { ended, go } = await program(t, 'Quiet', { store: 'memory:' }, 'await client.disconnect()')
  go()
  assert.deepEqual(await ended, { code: 0, signal: null, output: '' })
})

test('process.exit() with an open session ends the process at once', async (t) => {
  const { ended, go } = await program(t, 'Abrupt', { store: 'memory:' }, 'process.exit(7)')
  go()
  assert.deepEqual(await ended, { code: 7, signal: null, output: '' })
})

test('a session that another process holds is refused with its pid; once that is killed it opens', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'held.db')}`
  const { child, ended } = await program(t, 'Held', { store }, '')
  const client = new WhatsAppClient({ session: 'Held', store, endpoint: emulator.endpoint })
  t.after(() => client.disconnect())
  await assert.rejects(client.connect(), (error) => error.code === 'SESSION_HELD' && error.data.holder.pid === child.pid)
  child.kill('SIGKILL')
  await ended
  assert.deepEqual(await client.connect(), { state: 'open' })
})

const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { WhatsAppClient } = require('chasqui')
  const client = new WhatsAppClient(workerData)
  client.on('qr', (qr) => parentPort.postMessage({ qr: qr.text }))
  client.on('message', (message) => client.send(message, { text: message.text.toUpperCase() }))
  client.connect().then(() => client.opened()).then(() => parentPort.postMessage({ user: client.user }))
`

async function worker(account, options) {
  const worker = new Worker(WORKER, {
    eval: true,
    workerData: { session: account, endpoint: emulator.endpoint, ...options },
  })
  const user = await new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.on('message', ({ qr, user }) => (user ? resolve(user) : emulator.scan(qr, { account })))
  })
  return { worker, user }
}

test('clients work in several worker threads and in the main thread at once', async (t) => {
  const main = await openClient(t, emulator, 'Main')
  const workers = await Promise.all(['W1', 'W2'].map((name) => worker(name, { store: 'memory:' })))
  const answers = []
  const all = new Promise((resolve) => main.on('message', ({ text }) => answers.push(text) === 2 && resolve()))
  for (const { user } of workers) await main.send(user.jid, { text: `hello ${user.jid}` })
  await all
  assert.deepEqual(answers.sort(), workers.map(({ user }) => `HELLO ${user.jid}`.toUpperCase()).sort())
  await Promise.all(workers.map(({ worker }) => worker.terminate()))
})

test('worker.terminate() with open sessions does not crash, and frees them', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'worker.db')}`
  const { worker: thread, user } = await worker('Cut', { store })
  // Under way while the thread is cut off.
  const maria = await emulator.contact('María')
  for (let n = 0; n < 50; n++) await maria.send(user.jid, { text: `text ${n}` })
  await thread.terminate()
  const client = new WhatsAppClient({ session: 'Cut', store, endpoint: emulator.endpoint })
  t.after(() => client.disconnect())
  // The session's task ends a moment after its thread.
  for (;;) {
    try {
      assert.deepEqual(await client.connect(), { state: 'open' })
      break
    } catch (error) {
      assert.equal(error.code, 'SESSION_HELD')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
})

test('clients of two worker threads that are terminated in mid-traffic harm neither the process nor each other', async (t) => {
  const main = await openClient(t, emulator, 'Survivor')
  await emulator.contact('María')
  for (let round = 0; round < 3; round++) {
    const names = [`A${round}`, `B${round}`]
    const workers = await Promise.all(names.map((name) => worker(name, { store: 'memory:' })))
    // Each message is answered: the traffic goes both ways when the threads end, one after the other.
    const traffic = Promise.all(names.map((name) => burst(emulator, 'María', name, 300)))
    await workers[0].worker.terminate()
    await traffic
    await workers[1].worker.terminate()
  }
  const heard = new Promise((resolve) => main.once('message', resolve))
  await burst(emulator, 'María', 'Survivor', 1, 'still here')
  assert.equal((await heard).text, 'still here 1')
})

test('a listener that throws is an uncaught exception of the program, and its session goes on', async (t) => {
  const program = runProgram(t, emulator)
  await program.ask('uncaught')
  await program.ask('open', { session: 'Thrower', store: 'memory:', endpoint: emulator.endpoint, throwing: true })
  await emulator.contact('María')
  await burst(emulator, 'María', 'Thrower', 3)
  await program.ask('messages', { session: 'Thrower', count: 3 })
  assert.deepEqual(await program.ask('uncaughtSoFar'), ['no to text 1', 'no to text 2', 'no to text 3'])
  assert.equal((await program.ask('stats', { session: 'Thrower' })).state, 'open')
})

test('a client that was never connected, or no longer is, does not keep Node alive', async () => {
  const source = `
    import { WhatsAppClient } from 'chasqui'
    const options = { store: 'memory:', endpoint: ${JSON.stringify(emulator.endpoint)} }
    globalThis.never = new WhatsAppClient({ session: 'never', ...options })
    globalThis.former = new WhatsAppClient({ session: 'former', ...options })
    await former.connect()
    await former.disconnect()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { cwd: directory, stdio: ['ignore', 'inherit', 'inherit'] })
  assert.deepEqual(await once(child, 'exit'), [0, null])
})
