// The Baileys door on the real engine, against the emulator: what parity-*.test.mjs do not compare.
import assert from 'node:assert/strict'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'

import { Log } from './fake-client.mjs'

const require = createRequire(import.meta.url)
const { startEmulator } = require('../../dist/testing.js')
const { makeWASocket, useMultiFileAuthState, DisconnectReason } = require('../../dist/baileys/index.js')

let emulator
let base
before(async () => {
  emulator = await startEmulator()
  base = await mkdtemp(path.join(tmpdir(), 'chasqui-baileys-'))
})
after(async () => {
  await emulator.stop()
  await rm(base, { recursive: true, force: true })
})

/** The loop of every Baileys program: connects again after everything but a logout. */
function program(folder, account) {
  const log = new Log()
  const it = { log, sock: undefined }
  it.start = async () => {
    const { state, saveCreds } = await useMultiFileAuthState(folder)
    const sock = makeWASocket({ auth: state, waWebSocketUrl: emulator.endpoint })
    it.sock = sock
    sock.ev.on('creds.update', saveCreds)
    sock.ev.on('connection.update', ({ connection, lastDisconnect, qr }) => {
      const statusCode = lastDisconnect?.error?.output.statusCode
      if (qr) emulator.scan(qr, { account })
      if (connection || qr) log.add({ event: connection ?? 'qr', statusCode })
      if (connection === 'close' && lastDisconnect.error && statusCode !== DisconnectReason.loggedOut) it.start()
    })
    sock.ev.on('messages.upsert', ({ messages, type }) => {
      for (const message of messages) log.add({ event: 'message', type, text: message.message.conversation, message })
    })
  }
  it.seen = (event, test = () => true, from = 0) => log.until((entry) => entry.event === event && test(entry), from)
  return it
}

test('what comes while the program is away comes as append, and a cut line as 428 that the loop mends', async () => {
  const shop = program(path.join(base, 'away'), 'Away')
  await shop.start()
  await shop.seen('open')
  const maria = await emulator.contact('María')
  await shop.sock.end(undefined)
  await maria.send('Away', { text: 'hola' })
  await shop.start()
  const { type, message } = await shop.seen('message', ({ text }) => text === 'hola')
  assert.equal(type, 'append')
  assert.equal(message.pushName, 'María')

  const from = shop.log.entries.length
  await emulator.disconnect({ account: 'Away' })
  const { statusCode } = await shop.seen('close', undefined, from)
  assert.equal(statusCode, DisconnectReason.connectionClosed)
  await shop.seen('open', undefined, from)
  await maria.send('Away', { text: 'still there?' })
  assert.equal((await shop.seen('message', ({ text }) => text === 'still there?')).type, 'notify')
  await shop.sock.end(undefined)
})

test('after a logout the folder may be deleted and paired anew in the same process', async () => {
  const folder = path.join(base, 'again')
  const shop = program(folder, 'Again')
  await shop.start()
  await shop.seen('open')
  await shop.sock.logout()
  assert.equal((await shop.seen('close', ({ statusCode }) => statusCode !== 515)).statusCode, DisconnectReason.loggedOut)
  await rm(folder, { recursive: true })
  const from = shop.log.entries.length
  await shop.start()
  await shop.seen('qr', undefined, from)
  await shop.seen('open', undefined, from)
  await access(path.join(folder, 'chasqui.sqlite'))

  await emulator.unlink('Again')
  assert.equal((await shop.seen('close', ({ statusCode }) => statusCode !== 515, from)).statusCode, DisconnectReason.loggedOut)
})

test('a number without an account rejects, and so does an address that is none', async () => {
  const shop = program(path.join(base, 'errors'), 'Errors')
  await shop.start()
  await shop.seen('open')
  for (const [jid, code] of [['15559999999@s.whatsapp.net', 'NOT_ON_WHATSAPP'], ['nobody', 'INVALID_RECIPIENT']]) {
    await assert.rejects(shop.sock.sendMessage(jid, { text: 'x' }), (error) => {
      assert.equal(error.isBoom, true)
      assert.equal(error.cause.code, code)
      // What programs log of an error stays what it is with Baileys.
      assert.ok(!Object.keys(error).includes('cause'))
      return true
    })
  }
  await shop.sock.end(undefined)
})
