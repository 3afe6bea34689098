// Virtual phones and a stranger: people made by the emulator talk with npm Baileys.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { openPeer, textOf } from '../harness/baileys.mjs'
import { startEmulator, waitFor } from '../harness/emulator.mjs'

const DELIVERED = 3
const READ = 4

let emulator
before(async () => (emulator = await startEmulator()))
after(() => emulator.stop())

const peer = (t, name) => openPeer(t, emulator, name)
const event = (contact, wanted) => emulator.event(contact, wanted)

test('a contact writes, receives, confirms and reads', async (t) => {
  const bob = await peer(t, 'phone bob')
  const maria = await emulator.call('contact', { name: 'María' })
  const { id } = await emulator.call('contactSend', { contact: 'María', to: bob.jid, text: 'hola' })
  const got = await waitFor(() => bob.messages.find((message) => textOf(message) === 'hola'), 'the message')
  assert.equal(got.key.id, id)
  assert.equal(got.key.remoteJid, maria.lid)
  assert.equal(got.key.remoteJidAlt, maria.jid)
  await waitFor(() => event('María', (it) => it.type === 'receipt' && it.ids.includes(id)), 'the delivery receipt')
  await bob.socket.readMessages([got.key])
  await waitFor(() => event('María', (it) => it.receipt === 'read' && it.ids.includes(id)), 'the read receipt')

  const answer = await bob.send(maria.jid, 'hola, María')
  const seen = await waitFor(() => event('María', (it) => it.id === answer), 'the answer')
  assert.deepEqual(
    { text: seen.text, from: seen.from, fromMe: seen.fromMe, pushName: seen.pushName },
    { text: 'hola, María', from: bob.jid, fromMe: false, pushName: 'phone bob' },
  )
  await waitFor(() => bob.status(answer) >= DELIVERED, 'the delivery receipt')
  await emulator.call('contactRead', { contact: 'María', ids: [answer] })
  await waitFor(() => bob.status(answer) >= READ, 'the read receipt')
})

test('a contact writes to somebody who is away, and everything is there after the return', async (t) => {
  const bob = await peer(t, 'late bob')
  const address = bob.jid
  await emulator.call('contact', { name: 'Iván' })
  await bob.stop()
  const { ids } = await emulator.call('contactSend', { contact: 'Iván', to: address, text: 'late', count: 100 })
  assert.equal(ids.length, 100)
  await bob.start()
  const texts = () => bob.texts().filter((text) => text.startsWith('late '))
  await waitFor(() => texts().length >= 100, 'the backlog', 30_000)
  assert.deepEqual(texts(), ids.map((_, index) => `late ${index + 1}`))
  await waitFor(async () => {
    const accounts = await emulator.call('accounts')
    return accounts.find((account) => account.name === 'late bob').devices[0].queued === 0
  }, 'the queue to be empty')
})

test('a contact that lost its sessions asks again and gets the message', async (t) => {
  const bob = await peer(t, 'retry bob')
  const rosa = await emulator.call('contact', { name: 'Rosa' })
  await bob.send(rosa.jid, 'first')
  await waitFor(() => event('Rosa', (it) => it.text === 'first'), 'the first message')
  await emulator.call('contactSend', { contact: 'Rosa', to: bob.jid, text: 'so that there is a session' })
  await waitFor(() => bob.texts().includes('so that there is a session'), 'the answer')
  await emulator.call('contactForgetSessions', { name: 'Rosa' })
  const id = await bob.send(rosa.jid, 'second')
  await waitFor(() => event('Rosa', (it) => it.type === 'undecryptable' && it.id === id), 'the failure')
  await waitFor(() => event('Rosa', (it) => it.type === 'message' && it.id === id && it.text === 'second'), 'the resend')
})

test('a message to a number that nobody has is refused', async (t) => {
  await emulator.call('contact', { name: 'Eva' })
  await assert.rejects(
    emulator.call('contactSend', { contact: 'Eva', to: '+573005550199', text: 'hola' }),
    (error) => JSON.parse(error.message).code === 'NOT_ON_WHATSAPP',
  )
  const bob = await peer(t, 'lookup bob')
  const maria = await emulator.call('contact', { name: 'Lucía' })
  const number = maria.jid.split('@')[0]
  const found = await bob.socket.onWhatsApp(number, '573005550199')
  assert.deepEqual(found.map(({ jid, exists }) => [jid, exists]), [[maria.jid, true]])
})
