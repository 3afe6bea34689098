// A program of Baileys 6 runs on `chasqui/baileys/legacy` as it does on npm Baileys 6; what 6.7.21 has lost meanwhile works as it did before.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { slower, waitFor } from '../harness/emulator.mjs'

const require = createRequire(import.meta.url)
const { WhatsAppClient } = require('../../dist/index.js')
const { startEmulator } = require('../../dist/testing.js')
const PRELOAD = new URL('at-emulator.mjs', import.meta.url).href
const PROGRAM = fileURLToPath(new URL('program-6.mjs', import.meta.url))
const PATIENCE = 40_000

/** In a process of its own; `told` is what it printed. */
async function run(library, emulator, folder) {
  const env = { ...process.env, WHATSAPP_LIBRARY: library, CHASQUI_ENDPOINT: JSON.stringify(emulator.endpoint) }
  const child = spawn(process.execPath, ['--import', PRELOAD, PROGRAM], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const it = { told: [], errors: '', ended: new Promise((resolve) => child.on('close', resolve)), stop: () => child.kill() }
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop()
    // npm Baileys prints sessions, too.
    for (const line of lines) if (line.startsWith('{"')) it.told.push(JSON.parse(line))
  })
  child.stderr.setEncoding('utf8').on('data', (text) => (it.errors += text))
  it.all = (what) => it.told.filter((line) => what in line).map((line) => line[what])
  it.until = async (what, count = 1, fits = () => true) => {
    await waitFor(() => it.all(what).filter(fits).length >= count, `${count} × ${what}`, PATIENCE).catch((error) => {
      throw new Error(`${error.message}\n${JSON.stringify(it.told).slice(-2000)}\n${it.errors.slice(-2000)}`)
    })
    return it.all(what).filter(fits)[count - 1]
  }
  return it
}

const open = (state) => state === 'open'

/** What a person sees of the program, and what it prints. `has`: the library has the store, the printer and the votes. */
async function live(library, has) {
  const emulator = await startEmulator()
  const folder = await mkdtemp(path.join(tmpdir(), 'chasqui-program-6-'))
  // The package for the terminal is the program's own dependency.
  await mkdir(path.join(folder, 'node_modules/qrcode-terminal'), { recursive: true })
  await writeFile(path.join(folder, 'node_modules/qrcode-terminal/index.js'), "exports.generate = (text, options) => console.log(JSON.stringify({ printed: [text, options] }))\n")
  const ana = new WhatsAppClient({ session: 'ana', store: 'memory:', endpoint: emulator.endpoint })
  let first
  let second
  try {
    if (library === 'baileys-6') await slower(emulator)
    ana.once('qr', ({ text }) => void emulator.scan(text, { account: 'Ana' }))
    const messages = []
    ana.on('message', (message) => void messages.push(message))
    await ana.connect()
    await ana.opened()
    const gets = async (test) => waitFor(() => messages.find(test), 'what the program sends', PATIENCE)

    first = await run(library, emulator, folder)
    const qr = await first.until('qr')
    assert.equal(qr.split(',').length, 4)
    if (has) assert.deepEqual(await first.until('printed'), [qr, { small: true }])
    await emulator.scan(qr, { account: 'Tienda' })
    await first.until('connection', 1, open)
    const shop = (await emulator.accounts()).find(({ name }) => name === 'Tienda').jid
    await ana.send(shop, { text: 'hola' })
    const answer = await gets(({ text }) => text === 'hola, too')
    await ana.send(shop, { text: 'poll' })
    const poll = await gets(({ poll }) => poll)
    if (has) {
      await ana.vote(poll, ['coffee'])
      await first.until('votes')
    }
    await ana.send(shop, { text: 'stop' })
    await first.until('stored')
    // What npm Baileys has not acknowledged comes again, and cannot be read again.
    const devices = async () => (await emulator.accounts()).find(({ name }) => name === 'Tienda').devices.filter(({ device }) => device > 0)
    await waitFor(async () => (await devices()).every(({ queued }) => queued === 0), 'the program to acknowledge all', PATIENCE)
    first.stop()
    await first.ended

    second = await run(library, emulator, folder)
    await second.until('connection', 1, open)
    // Before it has asked for what is queued, what is sent counts as old, and Baileys' programs do not answer it.
    await waitFor(async () => (await devices()).some(({ active }) => active), 'the program to ask for what is queued', PATIENCE)
    await ana.send(shop, { text: 'again' })
    await gets(({ text }) => text === 'again, too')
    if (has) {
      // The poll is of an earlier life: only the file knows it.
      await ana.vote(poll, ['tea'])
      await second.until('votes')
    }
    const stored = has && JSON.parse(await readFile(path.join(folder, 'store.json'), 'utf8'))
    return {
      quoted: answer.quoted?.text,
      texts: [...first.all('text'), ...second.all('text')].map(({ participant, ...text }) => ({ ...text, participant: participant ?? null })),
      // Whether it hears of its own end before it exits is another matter.
      states: [first, second].map((it) => it.all('connection').slice(0, it.all('connection').indexOf('open') + 1)),
      read: second.all('read'),
      votes: [first.all('votes'), second.all('votes')],
      asked: [first, second].map((it) => it.all('asked').every(({ found }) => found)),
      stored: stored && { sections: Object.keys(stored), chats: stored.chats.length },
    }
  } finally {
    first?.stop()
    second?.stop()
    await ana.disconnect()
    await emulator.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const ours = new URL('../../dist/baileys/legacy/index.mjs', import.meta.url).href

test('a program of Baileys 6 on chasqui/baileys/legacy: store, codes, votes', { timeout: 150_000 }, async () => {
  const { texts, quoted, states, votes, asked, read, stored } = await live(ours, true)
  assert.deepEqual(texts.map(({ text, person, group, participant }) => [text, person, group, participant]), [
    ['hola', true, false, null], ['poll', true, false, null], ['stop', true, false, null], ['again', true, false, null],
  ])
  assert.equal(quoted, 'hola')
  assert.deepEqual(states, [['connecting', 'close', 'connecting', 'open'], ['connecting', 'open']])
  assert.deepEqual(votes, [[[['tea', 0], ['coffee', 1]]], [[['tea', 1], ['coffee', 0]]]])
  assert.deepEqual(asked, [true, true])
  // hola, its answer, the wish for a poll, the poll, the vote, the end; the last one comes after them.
  assert.ok(read[0] >= 5, `${read[0]}`)
  assert.deepEqual(stored.sections, ['chats', 'contacts', 'messages', 'labels', 'labelAssociations'])
  assert.ok(stored.chats >= 1)
})

test('the same on npm Baileys 6.7.21, as far as that has the parts', { timeout: 200_000 }, async () => {
  const { texts, quoted, states } = await live('baileys-6', false)
  assert.deepEqual(texts.map(({ text, person, group, participant }) => [text, person, group, participant]), [
    ['hola', true, false, null], ['poll', true, false, null], ['stop', true, false, null], ['again', true, false, null],
  ])
  assert.equal(quoted, 'hola')
  assert.deepEqual(states, [['connecting', 'close', 'connecting', 'open'], ['connecting', 'open']])
})
