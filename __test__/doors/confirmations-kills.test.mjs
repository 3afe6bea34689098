// A bot that is killed at any moment: each message was given to a handler that has ended, and each of its answers arrives.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { waitFor } from '../harness/emulator.mjs'
import { randomFrom } from '../harness/kills.mjs'

const require = createRequire(import.meta.url)
const { startEmulator } = require('../../dist/testing.js')
const program = fileURLToPath(new URL('../harness/echo-program.mjs', import.meta.url))

const SEED = Number(process.env.SEED ?? 20_261_123)
const KILLS = 8
/** Messages of a round come within this time, and the kill at any moment of it. */
const ROUND_MS = 600
const PER_ROUND = 15

/** The bot in a process of its own. */
function launch(t, emulator, start) {
  const { NODE_TEST_CONTEXT, NODE_OPTIONS, ...env } = process.env
  const child = fork(program, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const bot = { state: 'new', begun: [] }
  const gone = new Promise((resolve) => child.once('exit', resolve))
  t.after(() => child.kill('SIGKILL'))
  child.on('message', (event) => {
    if (event.state === 'ready') child.send({ start })
    if (event.qr) emulator.scan(event.qr, { account: 'Tienda' }).catch(() => undefined)
    if (event.state) Object.assign(bot, event)
    if (event.begun) bot.begun.push(event.begun)
  })
  bot.open = () => waitFor(() => bot.state === 'open', 'the bot to be open', 60_000)
  bot.kill = () => {
    child.kill('SIGKILL')
    return gone
  }
  return bot
}

async function killed(t, { auth, by }) {
  const random = randomFrom(SEED)
  const folder = await mkdtemp(path.join(tmpdir(), 'chasqui-killed-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const emulator = await startEmulator()
  t.after(() => emulator.stop())
  const journal = path.join(folder, 'journal')
  const done = () => {
    try {
      return readFileSync(journal, 'utf8').split('\n').filter(Boolean)
    } catch {
      return []
    }
  }
  const maria = await emulator.contact('María')
  const echoes = new Set()
  const listen = async () => {
    for (;;) echoes.add((await maria.waitForMessage(() => true, { timeout: 2 ** 30 })).text)
  }
  // The wait ends with the emulator.
  void listen().catch(() => undefined)
  let run = 0
  const start = () => launch(t, emulator, { auth: auth(folder), endpoint: emulator.endpoint, journal, by, seed: SEED + run++ })
  let bot = start()
  await bot.open()

  const sent = []
  let cut = 0
  for (let round = 0; round < KILLS; round++) {
    const moments = Array.from({ length: PER_ROUND }, () => random() * ROUND_MS).toSorted((a, b) => a - b)
    const end = random() * ROUND_MS
    const begin = performance.now()
    let death
    for (const [at, moment] of moments.entries()) {
      if (!death && moment > end) death = bot.kill()
      await pause(Math.max(0, begin + moment - performance.now()))
      const text = `${round}.${at}`
      await maria.send('Tienda', { text })
      sent.push(text)
    }
    await (death ?? bot.kill())
    const ended = new Set(done())
    cut += bot.begun.filter((text) => !ended.has(text)).length
    bot = start()
    await bot.open()
  }
  await waitFor(() => new Set(done()).size === sent.length, 'every message to be done', 30_000).catch(() => undefined)
  assert.deepEqual([...new Set(done())].toSorted(), sent.toSorted(), `seed ${SEED}: each message has been dealt with`)
  await waitFor(() => echoes.size === sent.length, 'every answer', 30_000).catch(() => undefined)
  assert.deepEqual([...echoes].toSorted(), sent.map((text) => `echo ${text}`).toSorted(), `seed ${SEED}: each answer has arrived`)
  // Otherwise nothing was tried.
  assert.ok(cut > 0, 'no handler was cut short')
  // What was taken is not given again and again.
  assert.ok(done().length < sent.length + KILLS * PER_ROUND, `${done().length} for ${sent.length}`)
  await bot.kill()
}

test('killed with its session in a folder, a bot deals with every message', { timeout: 120_000 }, (t) =>
  killed(t, { auth: (folder) => ({ folder: path.join(folder, 'auth') }), by: 'on' }))

test('killed with its session in SQLite, a bot deals with every message', { timeout: 120_000 }, (t) =>
  killed(t, { auth: (folder) => ({ store: `sqlite:${path.join(folder, 'bot.db')}` }), by: 'process' }))
