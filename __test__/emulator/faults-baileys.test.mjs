// Misbehaviour on request, with npm Baileys as the client that meets it.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'

import WebSocket from 'ws'

import { arrived, openPeer } from '../harness/baileys.mjs'
import { startEmulator, waitFor } from '../harness/emulator.mjs'

let emulator
before(async () => (emulator = await startEmulator()))
afterEach(() => emulator.call('clearFaults'))
after(() => emulator.stop())

const peer = (t, name, other = emulator) => openPeer(t, other, name)

async function contact(name) {
  const account = await emulator.call('contact', { name })
  const send = (to, text) => emulator.call('contactSend', { contact: name, to, text })
  return { ...account, send }
}

const fault = (rule) => emulator.call('fault', rule)
const hits = async () => (await emulator.call('faults')).map((fault) => fault.hits)
const stanzas = (filter) => emulator.call('stanzas', filter)
const event = (contact, wanted) => emulator.event(contact, wanted)
/** Texts go as `msg` only once a session is answered. */
async function befriend(bob, maria) {
  await maria.send(bob.jid, 'first')
  await waitFor(() => arrived(bob, 'first'), 'the first text')
  await bob.send(maria.jid, 'answer')
  await waitFor(() => event(maria.name, (it) => it.text === 'answer'), 'the answer')
}

test('a stanza that is dropped comes again at the next login, and the others come at once', async (t) => {
  const [bob, ana] = [await peer(t, 'drop bob'), await contact('Drop Ana')]
  await befriend(bob, ana)
  await fault({ what: 'drop', account: 'drop bob', tag: 'message', times: 1 })
  await ana.send(bob.jid, 'lost')
  await ana.send(bob.jid, 'not lost')
  await waitFor(() => arrived(bob, 'not lost'), 'the second text')
  assert.equal(arrived(bob, 'lost'), undefined)
  assert.deepEqual(await hits(), [1])
  await bob.stop()
  await bob.start()
  await waitFor(() => arrived(bob, 'lost'), 'the first text')
})

test('a stanza that is delayed comes after the next one, and so does one that is reordered', async (t) => {
  const [bob, ana] = [await peer(t, 'late bob'), await contact('Late Ana')]
  await befriend(bob, ana)
  for (const rule of [{ what: 'delay', milliseconds: 200 }, { what: 'reorder' }]) {
    await emulator.call('clearFaults')
    await fault({ ...rule, account: 'late bob', tag: 'message', times: 1 })
    await ana.send(bob.jid, `${rule.what} one`)
    await ana.send(bob.jid, `${rule.what} two`)
    await waitFor(() => arrived(bob, `${rule.what} one`), 'the first text')
    const texts = bob.texts().filter((text) => text.startsWith(rule.what))
    assert.deepEqual(texts, [`${rule.what} two`, `${rule.what} one`])
  }
  await fault({ what: 'reorder', account: 'late bob', tag: 'message', skip: 0, times: 1 })
  await ana.send(bob.jid, 'the last there is')
  await waitFor(() => arrived(bob, 'the last there is'), 'what nothing comes after')
})

test('a stanza that is duplicated crosses twice', async (t) => {
  const [bob, ana] = [await peer(t, 'twice bob'), await contact('Twice Ana')]
  await fault({ what: 'duplicate', account: 'twice bob', tag: 'message', type: 'text', skip: 0 })
  const { id } = await ana.send(bob.jid, 'again and again')
  await waitFor(() => arrived(bob, 'again and again'), 'the text')
  assert.equal((await stanzas({ account: 'twice bob', direction: 'in', tag: 'message', id })).length, 2)
})

test('a close at the n-th stanza ends the connection there, and the next login brings the rest', async (t) => {
  const [bob, ana] = [await peer(t, 'end bob'), await contact('End Ana')]
  await befriend(bob, ana)
  await fault({ what: 'close', account: 'end bob', tag: 'message', skip: 2, times: 1 })
  for (const n of [1, 2, 3]) await ana.send(bob.jid, `close ${n}`)
  await waitFor(() => bob.state === 'closed', 'the end')
  assert.equal(arrived(bob, 'close 3'), undefined)
  assert.deepEqual(await hits(), [1])
  await bob.start()
  for (const n of [1, 2, 3]) await waitFor(() => arrived(bob, `close ${n}`), 'what was not acknowledged')
})

test('a service that acknowledges late or never, and one that refuses, are what the client sees', async (t) => {
  const [bob, ana] = [await peer(t, 'ack bob'), await contact('Ack Ana')]
  await fault({ what: 'drop', account: 'ack bob', tag: 'ack', class: 'message', times: 1 })
  await fault({ what: 'delay', milliseconds: 300, account: 'ack bob', tag: 'ack', class: 'message', times: 1 })
  const [never, late] = [await bob.send(ana.jid, 'never'), await bob.send(ana.jid, 'late')]
  const acks = async (id) => stanzas({ account: 'ack bob', direction: 'in', tag: 'ack', id })
  const [ack] = await waitFor(async () => (await acks(late)).length > 0 && acks(late), 'the late acknowledgement')
  const [sent] = await stanzas({ account: 'ack bob', direction: 'out', tag: 'message', id: late })
  assert.ok(ack.time - sent.time >= 300, `${ack.time - sent.time} ms`)
  assert.deepEqual(await acks(never), [])
  await waitFor(() => event('Ack Ana', (it) => it.id === never), 'what was never acknowledged')

  await emulator.call('clearFaults')
  await fault({ what: 'refuse', account: 'ack bob', tag: 'iq', xmlns: 'w:g2', times: 2 })
  await fault({ what: 'refuse', code: 429, account: 'ack bob', tag: 'message' })
  for (const _ of [1, 2]) await assert.rejects(bob.socket.groupFetchAllParticipating(), /service-unavailable/)
  assert.deepEqual(await bob.socket.groupFetchAllParticipating(), {})
  const refused = await bob.send(ana.jid, 'too much')
  const [{ stanza }] = await waitFor(async () => (await acks(refused)).length > 0 && acks(refused), 'the refusal')
  assert.equal(stanza.attrs.error, '429')

  await emulator.call('clearFaults')
  await fault({ what: 'phash', account: 'ack bob' })
  const wrong = await bob.send(ana.jid, 'and now')
  const [answer] = await waitFor(async () => (await acks(wrong)).length > 0 && acks(wrong), 'the wrong hash')
  assert.equal(answer.stanza.attrs.phash, '2:AAAAAAAA')
})

test('a slow reader takes one stanza after the other', async (t) => {
  const [bob, ana] = [await peer(t, 'slow bob'), await contact('Slow Ana')]
  await befriend(bob, ana)
  await fault({ what: 'slowReader', milliseconds: 50, account: 'slow bob', tag: 'message' })
  const ids = []
  for (let n = 0; n < 5; n++) ids.push(await bob.send(ana.jid, `slow ${n}`))
  await waitFor(() => event('Slow Ana', (it) => it.text === 'slow 4'), 'the last text')
  const acks = await stanzas({ account: 'slow bob', direction: 'in', tag: 'ack' })
  const times = ids.map((id) => acks.find(({ stanza }) => stanza.attrs.id === id).time)
  // Each waits for the one before; the first one's answer may be late itself, so that its question is the beginning.
  const [{ time: begun }] = await stanzas({ account: 'slow bob', direction: 'out', tag: 'message', id: ids[0] })
  assert.ok(times.at(-1) - begun >= 5 * 49, `${begun}: ${times.join(' ')}`)
})

test('keys that are missing, forged, refused or stale do what they must, and the text arrives in the end', async (t) => {
  const [bob, eva] = [await peer(t, 'keys bob'), await peer(t, 'keys eva')]
  const alice = await peer(t, 'keys alice')
  await fault({ what: 'prekeys', how: 'missing', account: 'keys bob' })
  await alice.send(bob.jid, 'without')
  await waitFor(() => arrived(bob, 'without'), 'the text without one-time key')

  await emulator.call('clearFaults')
  await fault({ what: 'prekeys', how: 'stale', account: 'keys eva' })
  await alice.send(eva.jid, 'fresh')
  await waitFor(() => arrived(eva, 'fresh'), 'the text with the key when it was fresh')
  const late = await peer(t, 'keys late')
  const id = await late.send(eva.jid, 'with a used key')
  const asked = () => stanzas({ account: 'keys eva', direction: 'out', tag: 'receipt', type: 'retry', id })
  await waitFor(async () => (await asked()).length > 0, 'the request for another copy')
  await emulator.call('clearFaults')
  await waitFor(() => arrived(eva, 'with a used key'), 'the resend')

  // Baileys does not look at the signature; the service's own tests do.
  await emulator.call('clearFaults')
  await fault({ what: 'prekeys', how: 'refused', account: 'keys bob' })
  const refused = await peer(t, 'keys refused')
  await assert.rejects(refused.send(bob.jid, 'to nobody'), /not-acceptable/)
  await emulator.call('clearFaults')
  await refused.send(bob.jid, 'to you')
  await waitFor(() => arrived(bob, 'to you'), 'the text with sound keys')
})

test('a half-open connection says nothing, and the next one is served', async () => {
  await fault({ what: 'halfOpen', times: 1 })
  const silent = new WebSocket(emulator.info.wsUrl)
  const heard = []
  silent.on('message', (data) => heard.push(data))
  await new Promise((resolve) => silent.on('open', resolve))
  await waitFor(async () => (await hits())[0] === 1, 'the connection to be taken')
  silent.send(Buffer.from('57410603000000', 'hex'))
  const served = new WebSocket(emulator.info.wsUrl)
  await new Promise((resolve) => served.on('open', resolve))
  served.send(Buffer.from('00000000000000', 'hex'))
  await new Promise((resolve) => served.on('close', resolve))
  assert.deepEqual(heard, [])
  assert.equal(silent.readyState, WebSocket.OPEN)
  silent.terminate()
})

test('a temporary ban tells its reason and its end, for so many logins', async (t) => {
  const bob = await peer(t, 'ban bob')
  await emulator.call('disconnect', { account: 'ban bob', how: 'failure', reason: 402, code: 104, expire: 3600, times: 2 })
  await waitFor(() => bob.state === 'closed', 'the end')
  for (const _ of [1, 2]) await assert.rejects(bob.start(), /closed with 402/)
  const [{ stanza }] = await stanzas({ account: 'ban bob', direction: 'in', tag: 'failure', limit: 1 })
  assert.deepEqual([stanza.attrs.code, stanza.attrs.expire], ['104', '3600'])
  await bob.start()
})

test('a contact with another identity is announced, and understood', async (t) => {
  const [bob, ana] = [await peer(t, 'id bob'), await contact('Id Ana')]
  await befriend(bob, ana)
  await emulator.call('contactRenewIdentity', { name: 'Id Ana' })
  await waitFor(async () => (await stanzas({ account: 'id bob', direction: 'in', tag: 'notification', type: 'encrypt' }))
    .some(({ stanza }) => stanza.content[0].tag === 'identity' && stanza.attrs.from === ana.jid), 'the notification')
  await ana.send(bob.jid, 'my new phone')
  await waitFor(() => arrived(bob, 'my new phone'), 'the text under the new identity')
  await bob.send(ana.jid, 'congratulations')
  await waitFor(() => event('Id Ana', (it) => it.text === 'congratulations'), 'the answer')
})

test('a placeholder is filled by the phone that has the message', async (t) => {
  const [bob, ana] = [await peer(t, 'gap bob'), await contact('Gap Ana')]
  const { id } = await emulator.call('contactSend', { contact: 'Gap Ana', to: bob.jid, text: 'only on your phone', unavailable: '' })
  const filled = await waitFor(() => arrived(bob, 'only on your phone'), 'the answer of the phone')
  assert.equal(filled.key.id, id)
  assert.equal(filled.key.remoteJid, ana.lid)
  const once = await emulator.call('contactSend', { contact: 'Gap Ana', to: bob.jid, text: 'look once', unavailable: 'view_once' })
  const [{ stanza }] = await waitFor(async () => {
    const found = await stanzas({ account: 'gap bob', direction: 'in', tag: 'message', id: once.id })
    return found.length > 0 && found
  }, 'the placeholder')
  assert.deepEqual(stanza.content.map(({ tag, attrs }) => [tag, attrs.type]), [['unavailable', 'view_once']])
})

test('a backlog comes in the batches that the client asks for', async (t) => {
  const batches = await startEmulator({ offlineBatches: true })
  t.after(() => batches.stop())
  const bob = await peer(t, 'batch bob', batches)
  const address = bob.jid
  await batches.call('contact', { name: 'Ana' })
  await bob.stop()
  await batches.call('contactSend', { contact: 'Ana', to: address, text: 'n', count: 30 })
  await batches.call('inject', { account: 'batch bob', notification: { type: 'encrypt', child: { tag: 'digest', attrs: {} } } })
  await bob.start()
  await waitFor(() => bob.texts().length >= 30, 'the backlog')
  const [{ sequence }] = await batches.call('stanzas', { account: 'batch bob', tag: 'success', limit: 1 })
  const after = await batches.call('stanzas', { account: 'batch bob', after: sequence })
  const story = after.filter(({ stanza }) => stanza.tag === 'ib' || stanza.attrs.offline)
    .map(({ stanza }) => (stanza.tag === 'ib' ? stanza.content[0].tag : stanza.tag))
    .filter((tag) => !['edge_routing', 'unified_session'].includes(tag))
  const messages = (count) => Array(count).fill('message')
  assert.deepEqual(story, ['offline_preview', ...messages(5), 'offline_batch', ...messages(25), 'notification', 'offline'])
})

test('what a phone writes to its devices crosses as a peer message', async (t) => {
  const bob = await peer(t, 'peer bob')
  const raw = Buffer.from('0a0161', 'hex').toString('base64')
  assert.deepEqual(await emulator.call('phoneWrites', { account: 'peer bob', raw }), { count: 1 })
  await waitFor(async () => (await stanzas({ account: 'peer bob', direction: 'in', tag: 'message' }))
    .filter(({ stanza }) => stanza.attrs.category === 'peer').length === 3, 'the message')
  assert.equal(bob.state, 'open')
})
