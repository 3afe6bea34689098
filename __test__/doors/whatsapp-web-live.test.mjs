// The whatsapp-web.js door on the real engine, against the emulator.
import assert from 'node:assert/strict'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

import { Log } from './fake-client.mjs'

const require = createRequire(import.meta.url)
const { startEmulator } = require('../../dist/testing.js')
const { Client, LocalAuth, Events, MessageAck } = require('../../dist/whatsapp-web/index.js')

test('a client pairs, writes, reads, resumes without a QR code and unlinks', async (t) => {
  const emulator = await startEmulator()
  const dataPath = await mkdtemp(path.join(tmpdir(), 'chasqui-web-'))
  t.after(async () => {
    await emulator.stop()
    await rm(dataPath, { recursive: true, force: true })
  })
  const client = new Client({ authStrategy: new LocalAuth({ clientId: 'shop', dataPath }), endpoint: emulator.endpoint })
  const log = new Log()
  for (const event of Object.values(Events)) client.on(event, (...args) => log.add([event, ...args]))
  const seen = (name, test = () => true, from = 0) => log.until(([event, ...args]) => event === name && test(...args), from)

  await client.initialize()
  const [, qr] = await seen('qr')
  assert.equal(qr.split(',').length, 5)
  const shop = await emulator.scan(qr, { account: 'Shop' })
  await seen('ready')
  assert.equal(client.info.wid._serialized, shop.jid.replace('s.whatsapp.net', 'c.us'))
  assert.equal(await client.getState(), 'CONNECTED')

  const maria = await emulator.contact('María')
  const chat = maria.jid.replace('s.whatsapp.net', 'c.us')
  await maria.send('Shop', { text: 'hola' })
  const [, message] = await seen('message')
  assert.deepEqual([message.body, message.from, message.to, message.type], ['hola', chat, client.info.wid._serialized, 'chat'])
  assert.equal(message._data.notifyName, 'María')
  const answer = await message.reply('¿qué tal?')
  assert.equal(answer.to, chat)
  assert.equal((await maria.waitForMessage(undefined, { timeout: 60_000 })).text, '¿qué tal?')
  await maria.waitForReceipt(({ receipt }) => receipt === 'read')
  await maria.read()
  await seen('message_ack', (acked, ack) => acked === answer && ack === MessageAck.ACK_READ)

  await client.destroy()
  assert.equal(await client.getState(), null)
  await maria.send('Shop', { text: 'while you were away' })
  const before = log.entries.length
  await client.initialize()
  await seen('message', ({ body }) => body === 'while you were away', before)
  assert.equal(log.entries.slice(before).some(([event]) => event === 'qr'), false)
  assert.ok(log.entries.findIndex(([event], index) => index >= before && event === 'ready') > 0)

  const unlinked = log.entries.length
  await emulator.unlink('Shop')
  await seen('disconnected', (reason) => reason === 'LOGOUT', unlinked)
  const [, again] = await seen('qr', undefined, unlinked)
  await emulator.scan(again, { account: 'Shop' })
  await seen('ready', undefined, unlinked)

  await client.logout()
  await assert.rejects(access(path.join(dataPath, 'session-shop')))
})
