// The class against the emulator: a session from its QR code to its end.

import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'

import { WhatsAppClient } from 'chasqui'
import { startEmulator } from 'chasqui/testing'

import { clientOf, firstQr, next, openClient, temporary } from './help.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())

test('a session is paired by QR, texts go both ways, and it resumes without a QR', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'shop.db')}`
  const first = await openClient(t, emulator, 'Shop', { store })
  assert.equal(first.state, 'open')
  const maria = await emulator.contact('María')
  const arrived = next(first, 'message')
  const written = await maria.send(first.user.jid, { text: '¿Está abierto?' })
  const message = await arrived
  assert.deepEqual(
    { id: message.id, chat: message.chat, text: message.text, type: message.type, fromMe: message.fromMe, source: message.source },
    { id: written.id, chat: maria.jid, text: '¿Está abierto?', type: 'text', fromMe: false, source: 'live' },
  )
  assert.deepEqual({ ...message.sender }, { jid: maria.jid, pn: maria.jid, lid: maria.lid, device: 0, name: 'María' })
  assert.ok(Buffer.from(message.raw()).includes('¿Está abierto?'))
  assert.equal((await maria.waitForReceipt()).receipt, 'delivery')

  const read = next(first, 'receipt', ({ status }) => status === 'read')
  const sent = await first.send(message, { text: 'Sí 😀' })
  const answer = await maria.waitForMessage()
  assert.deepEqual([answer.id, answer.text], [sent.id, 'Sí 😀'])
  await maria.read()
  assert.deepEqual((await read).ids, [sent.id])
  await first.read(message)
  await maria.waitForReceipt(({ receipt }) => receipt === 'read')
  await first.disconnect()
  assert.equal(first.state, 'closed')

  await maria.send(first.user.jid, { text: 'while you were away' })
  const second = clientOf(t, emulator, 'Shop', { store })
  const shown = []
  second.on('qr', () => shown.push('qr'))
  const missed = next(second, 'message')
  assert.deepEqual(await second.connect(), { state: 'open' })
  assert.equal((await missed).text, 'while you were away')
  assert.equal((await missed).source, 'offline')
  assert.deepEqual(second.user, first.user)
  assert.deepEqual(shown, [])
})

test('a QR code comes in every form', async (t) => {
  const client = new WhatsAppClient({ session: 'qr', store: 'memory:', endpoint: emulator.endpoint })
  t.after(() => client.disconnect())
  const shown = firstQr(client)
  assert.deepEqual(await client.connect(), { state: 'qr' })
  const qr = await shown
  assert.match(qr.text, /^[^,]+(,[^,]+){3,4}$/)
  assert.match(qr.dataUrl, /^data:image\/png;base64,iVBORw0KGgo/)
  assert.match(qr.svg, /<svg/)
  assert.ok(qr.terminal.split('\n').length > 20)
  assert.ok(qr.expiresAt > Date.now() && qr.expiresAt < Date.now() + 120_000)
})

test('opened() rejects when the client is disconnected instead', async (t) => {
  const client = new WhatsAppClient({ session: 'never', store: 'memory:', endpoint: emulator.endpoint })
  await client.connect()
  const opened = assert.rejects(client.opened(), { code: 'DISCONNECTED' })
  await client.disconnect()
  await opened
  await client.disconnect()
})

test('two clients talk with each other, each as another account', async (t) => {
  const [ana, ben] = await Promise.all(['Ana', 'Ben'].map((name) => openClient(t, emulator, name)))
  const [toBen, toAna] = [next(ben, 'message'), next(ana, 'message')]
  await Promise.all([ana.send(ben.user.jid, { text: 'from Ana' }), ben.send(ana.user.jid, { text: 'from Ben' })])
  assert.equal((await toBen).text, 'from Ana')
  assert.equal((await toAna).text, 'from Ben')
})

test('what another device of the account sends is shown as such', async (t) => {
  const [one, two] = [await openClient(t, emulator, 'Twins'), await openClient(t, emulator, 'Twins')]
  const maria = await emulator.contact('María')
  const copy = next(two, 'message', ({ source }) => source === 'own-device')
  const { id } = await one.send(maria.jid, { text: 'from device one' })
  assert.deepEqual([(await copy).id, (await copy).fromMe, (await copy).chat], [id, true, maria.jid])
})

test('an aborted send rejects with ABORTED and the connection goes on', async (t) => {
  const client = await openClient(t, emulator, 'Hasty')
  const maria = await emulator.contact('María')
  await assert.rejects(client.send(maria.jid, { text: 'x' }, { signal: AbortSignal.abort() }), { code: 'ABORTED' })
  await client.send(maria.jid, { text: 'still there' })
  assert.equal((await maria.waitForMessage(({ text }) => text === 'still there')).text, 'still there')
})

test('connect() on a connected client is refused', async (t) => {
  const client = await openClient(t, emulator, 'Eager')
  await assert.rejects(client.connect(), { code: 'ALREADY_CONNECTED' })
})

test('a broken connection comes back by itself', async (t) => {
  const client = await openClient(t, emulator, 'Steady')
  const states = []
  const before = client.stats().reconnects
  client.on('connection', ({ state }) => states.push(state))
  const back = next(client, 'connection', ({ state }) => state === 'open')
  await emulator.disconnect({ account: 'Steady' })
  await back
  assert.ok(states.includes('reconnecting'))
  assert.equal(client.stats().reconnects, before + 1)
})

test('unlinked on the phone, a session ends with LOGGED_OUT and does not come back', async (t) => {
  const client = await openClient(t, emulator, 'Leaver')
  const closed = next(client, 'connection', ({ state }) => state === 'closed')
  await emulator.unlink('Leaver')
  const event = await closed
  assert.equal(event.reason.code, 'LOGGED_OUT')
  assert.equal(event.willRetry, false)
})

test('logout() unlinks the device and wipes the session', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'gone.db')}`
  const client = await openClient(t, emulator, 'Goer', { store })
  await client.logout()
  const account = (await emulator.accounts()).find(({ name }) => name === 'Goer')
  assert.deepEqual(account.devices, [])
  const again = new WhatsAppClient({ session: 'Goer', store, endpoint: emulator.endpoint })
  t.after(() => again.disconnect())
  assert.deepEqual(await again.connect(), { state: 'qr' })
})

test('a session is open once: the second opener is told who holds it', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'one.db')}`
  const first = await openClient(t, emulator, 'Only', { store })
  const second = new WhatsAppClient({ session: 'Only', store, endpoint: emulator.endpoint })
  await assert.rejects(second.connect(), (error) => error.code === 'SESSION_HELD' && error.data.holder.pid === process.pid)
  await first.disconnect()
  assert.deepEqual(await second.connect(), { state: 'open' })
  await second.disconnect()
})

test('await using disconnects', async () => {
  const client = new WhatsAppClient({ session: 'x', store: 'memory:', endpoint: emulator.endpoint })
  await client.connect()
  await client[Symbol.asyncDispose]()
  assert.equal(client.state, 'closed')
})

test('the log reaches its own logger and nobody else', async (t) => {
  const lines = []
  const write = (line) => lines.push(line)
  await openClient(t, emulator, 'Logged', { logger: { trace: write, debug: write, info: write, warn: write, error: write } })
  assert.ok(lines.length > 0)
  const before = lines.length
  await openClient(t, emulator, 'Unlogged')
  assert.equal(lines.length, before)
})
