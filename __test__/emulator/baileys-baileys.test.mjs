// Two strangers over our emulator: npm Baileys on both ends. What holds here does not depend on our own client.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { arrived, makePeer, openPeer, temporaryFolder, textOf } from '../harness/baileys.mjs'
import { startEmulator, waitFor } from '../harness/emulator.mjs'

/** What Baileys calls the states of a sent message. */
const DELIVERED = 3
const READ = 4

let emulator
before(async () => (emulator = await startEmulator()))
after(() => emulator.stop())

const peer = (t, name, options) => openPeer(t, emulator, name, options)

test('Baileys pairs by QR, restarts after 515, and logs in again without a QR', async (t) => {
  const alice = await peer(t, 'pairing alice')
  const codes = alice.updates.map((update) => update.lastDisconnect?.error?.output?.statusCode).filter(Boolean)
  assert.deepEqual(codes, [515])
  assert.ok(alice.updates.some((update) => update.isNewLogin))
  assert.match(alice.socket.user.id, /^999\d{10}:1@s\.whatsapp\.net$/)
  await waitFor(() => alice.updates.some((update) => update.receivedPendingNotifications), 'the end of the queue')

  await alice.stop()
  const shown = alice.qrs.length
  await alice.start()
  assert.equal(alice.qrs.length, shown)
})

test('texts go both ways with delivery and read receipts', async (t) => {
  const [alice, bob] = await Promise.all([peer(t, 'texts alice'), peer(t, 'texts bob', { plain: true })])
  const first = await alice.send(bob.jid, 'hola 👋')
  const got = await waitFor(() => arrived(bob, 'hola 👋'), 'the message')
  assert.equal(got.key.id, first)
  assert.equal(got.pushName, 'texts alice')
  assert.equal(got.upsert, 'notify')
  await waitFor(() => alice.status(first) >= DELIVERED, 'the delivery receipt')

  await bob.socket.readMessages([got.key])
  await waitFor(() => alice.status(first) >= READ, 'the read receipt')

  const answer = await bob.send(alice.jid, 'שלום')
  await waitFor(() => arrived(alice, 'שלום'), 'the answer')
  await waitFor(() => bob.status(answer) >= DELIVERED, 'the answer’s delivery receipt')

  const forms = await emulator.call('stanzas', { account: 'texts bob', direction: 'in', tag: 'message' })
  const encryption = forms.filter(({ stanza }) => stanza.attrs.category !== 'peer')
    .map(({ stanza }) => stanza.content.find((child) => child.tag === 'enc').attrs.type)
  assert.deepEqual(encryption, ['pkmsg'])
})

test('the first message is a pkmsg and what follows an answer is a msg', async (t) => {
  const [alice, bob] = await Promise.all([peer(t, 'forms alice'), peer(t, 'forms bob')])
  const texts = ['one', 'two', 'three', 'four']
  for (const [index, text] of texts.entries()) {
    const [from, to] = index % 2 === 0 ? [alice, bob] : [bob, alice]
    await from.send(to.jid, text)
    await waitFor(() => arrived(to, text), text)
  }
  const sent = await emulator.call('stanzas', { account: 'forms bob', direction: 'in', tag: 'message' })
  const types = sent.filter(({ stanza }) => stanza.attrs.category !== 'peer')
    .map(({ stanza }) => stanza.content.find((child) => child.tag === 'enc').attrs.type)
  assert.deepEqual(types, ['pkmsg', 'msg'])
})

test('messages for somebody who is away come in order after the return, and then their receipts', async (t) => {
  const [alice, bob] = await Promise.all([peer(t, 'away alice'), peer(t, 'away bob')])
  const address = bob.jid
  await alice.send(address, 'before')
  await waitFor(() => arrived(bob, 'before'), 'the first message')
  await bob.stop()

  const texts = Array.from({ length: 12 }, (_, index) => `while away ${index}`)
  const ids = []
  for (const text of texts) ids.push(await alice.send(address, text))
  await emulator.call('accounts').then((accounts) => {
    const { devices } = accounts.find((account) => account.name === 'away bob')
    assert.equal(devices[0].connected, false)
  })
  await waitFor(async () => {
    const acks = await emulator.call('stanzas', { account: 'away alice', direction: 'in', tag: 'ack' })
    return ids.every((id) => acks.some(({ stanza }) => stanza.attrs.id === id))
  }, 'the acks')
  assert.ok(ids.every((id) => alice.status(id) < DELIVERED), 'nothing is delivered to somebody who is away')

  await bob.start()
  await waitFor(() => texts.every((text) => arrived(bob, text)), 'the backlog')
  const got = bob.messages.filter((message) => textOf(message)?.startsWith('while away'))
  assert.deepEqual(got.map(textOf), texts)
  assert.ok(got.every((message) => message.upsert === 'append'), 'the backlog is marked as such')
  await waitFor(() => ids.every((id) => alice.status(id) >= DELIVERED), 'the delivery receipts')

  // The other way round: receipts wait for somebody who is away, too.
  const late = await alice.send(address, 'last')
  await alice.stop()
  const last = await waitFor(() => arrived(bob, 'last'), 'the last message')
  await bob.socket.readMessages([last.key])
  await alice.start()
  await waitFor(() => alice.status(late) >= READ, 'the queued read receipt')
})

test('every device of both people sees what is said', async (t) => {
  const alices = [await peer(t, 'devices alice'), await peer(t, 'devices alice')]
  const bobs = [await peer(t, 'devices bob'), await peer(t, 'devices bob'), await peer(t, 'devices bob')]
  assert.deepEqual(bobs.map((bob) => bob.socket.user.id.match(/:(\d+)@/)[1]), ['1', '2', '3'])

  const id = await alices[0].send(bobs[0].jid, 'to all of you')
  for (const bob of bobs) await waitFor(() => arrived(bob, 'to all of you'), 'the message on each device')
  const copy = await waitFor(() => arrived(alices[1], 'to all of you'), 'the copy on the other own device')
  assert.equal(copy.key.id, id)
  assert.equal(copy.key.fromMe, true)
  assert.equal(copy.key.remoteJid, bobs[0].jid)

  await bobs[2].send(alices[0].jid, 'from the third')
  for (const alice of alices) await waitFor(() => arrived(alice, 'from the third'), 'the answer on each device')
  for (const bob of bobs.slice(0, 2)) {
    const own = await waitFor(() => arrived(bob, 'from the third'), 'the copy of the answer')
    assert.equal(own.key.fromMe, true)
  }
})

test('many messages at once in both directions are passed on once each, in order and unchanged', async (t) => {
  const [alice, bob] = await Promise.all([peer(t, 'many alice'), peer(t, 'many bob')])
  await alice.send(bob.jid, 'start')
  await waitFor(() => arrived(bob, 'start'), 'the first message')
  const count = 100
  const burst = async (from, to, word) => {
    for (let index = 0; index < count; index++) await from.send(to.jid, `${word} ${index}`)
  }
  await Promise.all([burst(alice, bob, 'ping'), burst(bob, alice, 'pong')])

  // Ciphertexts are compared, not what Baileys decrypts: sending and receiving at once it now and then uses a chain
  // key twice, and its peer then asks for a resend.
  const crossing = async (from, to) => {
    const sent = await emulator.call('stanzas', { account: from.name, direction: 'out', tag: 'message' })
    const target = new RegExp(`^${to.jid.split('@')[0]}:1@`)
    const out = sent.flatMap(({ stanza }) => {
      const bare = stanza.content.filter((child) => child.tag === 'enc')
      const listed = stanza.content.find((child) => child.tag === 'participants')?.content ?? []
      const own = listed.filter((child) => target.test(child.attrs.jid)).flatMap((child) => child.content)
      return (bare.length > 0 ? bare : own).map((enc) => enc.content.base64)
    })
    const got = await emulator.call('stanzas', { account: to.name, direction: 'in', tag: 'message' })
    const passed = got.filter(({ stanza }) => stanza.attrs.category !== 'peer')
    return { out, in: passed.map(({ stanza }) => stanza.content.find((child) => child.tag === 'enc').content.base64) }
  }
  for (const [from, to] of [[alice, bob], [bob, alice]]) {
    const ciphertexts = await waitFor(async () => {
      const seen = await crossing(from, to)
      return seen.out.length >= count && seen.in.length === seen.out.length && seen
    }, 'everything to cross', 60_000)
    assert.deepEqual(ciphertexts.in, ciphertexts.out)
  }
})

test('a device that is unlinked is told so, and cannot come back', async (t) => {
  const alice = await peer(t, 'unlinked alice')
  await emulator.call('unlink', { account: 'unlinked alice', device: 1 })
  await waitFor(() => alice.state === 'closed', 'the end')
  assert.equal(alice.code, 401)
  await assert.rejects(alice.start(), /closed with 401/)
})

test('a second login replaces the first connection', async (t) => {
  const folder = temporaryFolder()
  const first = await makePeer(emulator, { name: 'twice alice', folder })
  t.after(() => first.stop())
  await first.start()
  const second = await makePeer(emulator, { name: 'twice alice', folder })
  t.after(() => second.stop())
  await second.start()
  await waitFor(() => first.state === 'closed', 'the first to be replaced')
  assert.equal(first.code, 440)
})

test('each way to end a connection reaches the client as documented', async (t) => {
  const alice = await peer(t, 'ends alice')
  const account = 'ends alice'
  const ends = [
    [{ how: 'clean' }, 428],
    [{ how: 'abrupt' }, 428],
    [{ how: 'streamError', code: 503 }, 503],
    [{ how: 'streamError', conflict: 'replaced' }, 440],
    [{ how: 'streamError', code: 516 }, 516],
  ]
  for (const [how, code] of ends) {
    await emulator.call('disconnect', { account, ...how })
    await waitFor(() => alice.state === 'closed', JSON.stringify(how))
    assert.equal(alice.code, code, JSON.stringify(how))
    await alice.start()
  }
  for (const reason of [405, 403, 503]) {
    await emulator.call('disconnect', { account, how: 'failure', reason })
    await waitFor(() => alice.state === 'closed', 'the connection to drop')
    await assert.rejects(alice.start(), new RegExp(`closed with ${reason}`))
    await alice.start()
  }
})
