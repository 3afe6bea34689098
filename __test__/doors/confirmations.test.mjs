// What a handler returns confirms what it was given: a message that the program has not dealt with comes again.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'

import { Log } from './fake-client.mjs'

const require = createRequire(import.meta.url)
const { startEmulator } = require('../../dist/testing.js')
const { makeWASocket, useMultiFileAuthState } = require('../../dist/baileys/index.js')

const NEVER = new Promise(() => {})

let emulator
let base
let maria
before(async () => {
  emulator = await startEmulator()
  base = await mkdtemp(path.join(tmpdir(), 'chasqui-confirm-'))
  maria = await emulator.contact('María')
})
after(async () => {
  await emulator.stop()
  await rm(base, { recursive: true, force: true })
})

/** What is told of messages, as `{ id, text, type, key }`, but the phone's own. */
const texts = ({ messages, type }) => messages.filter(({ message }) => message?.conversation).map(({ key, message }) => ({ key, text: message.conversation, type }))

/**
 * A paired program. `run({ handle, by, ...options })` opens a socket whose handler gives `handle()` for what tells of texts,
 * and resolves when what waited at the service has come; it gives `seen(text)` and `end()`.
 */
async function program(account) {
  const folder = path.join(base, account)
  async function run({ handle = () => undefined, by = 'on', ...options } = {}) {
    const log = new Log()
    const { state, saveCreds } = await useMultiFileAuthState(folder)
    const sock = makeWASocket({ auth: state, waWebSocketUrl: emulator.endpoint, ...options })
    sock.ev.on('creds.update', saveCreds)
    sock.ev.on('connection.update', (update) => {
      if (update.qr) void emulator.scan(update.qr, { account })
      log.add(update)
    })
    const take = (upsert) => {
      const found = texts(upsert)
      found.forEach(log.add)
      return found.length > 0 ? handle(found) : undefined
    }
    if (by === 'on') sock.ev.on('messages.upsert', take)
    else sock.ev.process((events) => (events['messages.upsert'] ? take(events['messages.upsert']) : undefined))
    await log.until((entry) => entry.receivedPendingNotifications || entry.connection === 'close')
    return {
      sock,
      all: () => log.entries.filter(({ text }) => text),
      seen: (text) => log.until((entry) => entry.text === text),
      end: () => sock.end(undefined),
    }
  }
  await run()
  return { run }
}

/** Which of the messages so far come in a run of their own: a last one shows that all have. */
async function again(shop, account) {
  const last = `last ${Math.random()}`
  await maria.send(account, { text: last })
  const run = await shop.run()
  await run.seen(last)
  await run.end()
  return run.all().filter(({ text }) => text !== last)
}

test('a message whose handler has not ended comes again as append, under the same key', async () => {
  for (const by of ['on', 'process']) {
    const account = `Never ${by}`
    const shop = await program(account)
    const first = await shop.run({ by, handle: () => NEVER })
    await maria.send(account, { text: 'hola' })
    const { key, type } = await first.seen('hola')
    assert.equal(type, 'notify')
    await first.end()
    assert.deepEqual(await again(shop, account), [{ key, text: 'hola', type: 'append' }])
    // Taken now.
    assert.deepEqual(await again(shop, account), [])
  }
})

test('a message whose handler has ended does not come again', async () => {
  for (const by of ['on', 'process']) {
    const account = `Settled ${by}`
    const shop = await program(account)
    const log = new Log()
    const first = await shop.run({
      by,
      handle: async ([{ text }]) => {
        await new Promise(setImmediate)
        log.add(text)
      },
    })
    await maria.send(account, { text: 'hola' })
    await log.until((text) => text === 'hola')
    await first.end()
    assert.deepEqual(await again(shop, account), [])
  }
})

test('where one of several handlers has not ended, the message comes again', async () => {
  const shop = await program('Several')
  const first = await shop.run({ handle: async () => undefined })
  first.sock.ev.process((events) => (events['messages.upsert'] ? NEVER : undefined))
  await maria.send('Several', { text: 'hola' })
  await first.seen('hola')
  await first.end()
  assert.deepEqual((await again(shop, 'Several')).map(({ text }) => text), ['hola'])
})

test('a handler that rejects is an unhandled rejection of the program, once, and the message comes again', async () => {
  const rejections = new Log()
  // The runner listens too, and would count each as a failure.
  const listeners = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', rejections.add)
  try {
    for (const by of ['on', 'process']) {
      const account = `Rejecting ${by}`
      const shop = await program(account)
      const first = await shop.run({ by, handle: async () => Promise.reject(new Error(`mine ${by}`)) })
      await maria.send(account, { text: 'hola' })
      await rejections.until(({ message }) => message === `mine ${by}`)
      await first.end()
      assert.deepEqual((await again(shop, account)).map(({ text, type }) => [text, type]), [['hola', 'append']])
      assert.equal(rejections.entries.length, 1)
      rejections.entries.length = 0
    }
    // What nobody waits for is told once too.
    const shop = await program('Rejecting freely')
    const first = await shop.run({ confirmMessages: false, handle: async () => Promise.reject(new Error('mine')) })
    await maria.send('Rejecting freely', { text: 'hola' })
    await rejections.until(({ message }) => message === 'mine')
    await first.end()
    assert.deepEqual(await again(shop, 'Rejecting freely'), [])
    assert.equal(rejections.entries.length, 1)
  } finally {
    process.off('unhandledRejection', rejections.add)
    for (const listener of listeners) process.on('unhandledRejection', listener)
  }
})

test('with confirmMessages: false a message comes once, whatever its handler does', async () => {
  const shop = await program('Off')
  const first = await shop.run({ confirmMessages: false, handle: () => NEVER })
  await maria.send('Off', { text: 'hola' })
  await first.seen('hola')
  await first.end()
  assert.deepEqual(await again(shop, 'Off'), [])
})

test('a message that waited at the service, and was buffered, comes again too', async () => {
  const shop = await program('Away')
  await maria.send('Away', { text: 'hola' })
  const first = await shop.run({ handle: () => NEVER })
  assert.equal((await first.seen('hola')).type, 'append')
  await first.end()
  assert.deepEqual((await again(shop, 'Away')).map(({ text }) => text), ['hola'])
})

test('a message that was given ten times in vain is let go, with an error', async () => {
  const shop = await program('In vain')
  const errors = []
  const logger = { level: 'error', trace() {}, debug() {}, info() {}, warn() {}, error: (about, message) => void errors.push([about, message]), child: () => logger }
  await maria.send('In vain', { text: 'hola' })
  for (let given = 1; given <= 10; given++) {
    const run = await shop.run({ handle: () => NEVER, logger })
    await run.seen('hola')
    await run.end()
    assert.deepEqual(errors, [], `given ${given} times`)
  }
  const last = await shop.run({ handle: () => NEVER, logger })
  assert.deepEqual(last.all(), [])
  await last.end()
  assert.equal(errors.length, 1)
  assert.match(errors[0][1], /never taken/)
  assert.deepEqual(await again(shop, 'In vain'), [])
})

test('handlers that never end do not stop what comes after', async () => {
  const { run } = await program('Patient')
  const { all, seen, end } = await run({ handle: () => NEVER })
  // More than are held at once.
  const count = 1_100
  for (let at = 0; at < count; at++) await maria.send('Patient', { text: `m${at}` })
  await seen(`m${count - 1}`)
  assert.equal(new Set(all().map(({ text }) => text)).size, count)
  await end()
})
