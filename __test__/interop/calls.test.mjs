// Calls: every stage, both ways, between Chasqui, npm Baileys and virtual phones.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage, waitFor } from './sides.mjs'

/** What Baileys tells of calls. */
function callsOf({ socket }) {
  const calls = []
  socket.ev.on('call', (told) => calls.push(...told))
  return calls
}

/** What Chasqui tells of calls. */
function stagesOf({ client }) {
  const calls = []
  client.on('call', (call) => calls.push(call))
  return calls
}

const stageOf = (calls, stage) => waitFor(() => calls.find((call) => (call.stage ?? call.status) === stage), `the stage ${stage}`)

/** An offer as clients make it; Baileys has no method for it. */
const offer = (id, from, to, video) => ({
  tag: 'call', attrs: { id: `${id}-1`, to },
  content: [{ tag: 'offer', attrs: { 'call-id': id, 'call-creator': from }, content: [{ tag: 'audio', attrs: { enc: 'opus', rate: '16000' } }, ...(video ? [{ tag: 'video', attrs: { enc: 'vp8' } }] : [])] }],
})
const terminate = (id, from, to, reason) => ({
  tag: 'call', attrs: { id: `${id}-2`, to },
  content: [{ tag: 'terminate', attrs: { 'call-id': id, 'call-creator': from, ...(reason && { reason }) } }],
})

test('Baileys alone: a call rings, is refused, and the caller hears of it', async (t) => {
  const here = await stage(t)
  const [ben, eva] = [await here.baileys('Ben'), await here.baileys('Eva')]
  const [ofBen, ofEva] = [callsOf(ben), callsOf(eva)]
  const from = `${ben.lid.replace('@', `:${ben.device}@`)}`
  await ben.socket.sendNode(offer('CALL1', from, eva.lid, true))
  const rings = await stageOf(ofEva, 'offer')
  assert.deepEqual([rings.id, rings.isVideo, rings.isGroup], ['CALL1', true, false])
  await eva.socket.rejectCall(rings.id, rings.from)
  await stageOf(ofBen, 'reject')
  const token = await ben.socket.createCallLink('video')
  assert.match(token, /^https:\/\/call\.whatsapp\.com\/video\/\w{22}$|^\w{22}$/)
})

test('Chasqui hears every stage of a call of Baileys and refuses it; Baileys hears of that', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const second = await here.chasqui('Ana', { session: 'Ana 2' })
  const [ofAna, ofSecond, ofBen] = [stagesOf(ana), stagesOf(second), callsOf(ben)]
  const from = ben.lid.replace('@', `:${ben.device}@`)
  await ben.socket.sendNode(offer('CALL2', from, ana.lid, true))
  const rings = await stageOf(ofAna, 'offer')
  assert.deepEqual([rings.id, rings.from, rings.chat, rings.video, rings.group], ['CALL2', from, ben.jid, true, false])
  assert.deepEqual([rings.person.jid, rings.person.lid, rings.caller.jid], [ben.jid, ben.lid, ben.jid])
  assert.ok(Math.abs(rings.timestamp - Date.now()) < 60_000)
  await stageOf(ofSecond, 'offer')
  await ana.client.calls.reject(rings)
  const refused = await stageOf(ofBen, 'reject')
  assert.equal(refused.id, 'CALL2')
  const elsewhere = await stageOf(ofSecond, 'terminate')
  assert.deepEqual([elsewhere.reason, elsewhere.video], ['rejected_elsewhere', true])
  const acks = await ana.stanzas({ direction: 'out', tag: 'ack' })
  assert.ok(acks.some(({ attrs }) => attrs.class === 'call' && attrs.type === 'offer'))
  const receipts = await ana.stanzas({ direction: 'out', tag: 'receipt', child: 'offer' })
  assert.equal(receipts.at(-1).content[0].attrs['call-id'], 'CALL2')

  await ben.socket.sendNode(offer('CALL3', from, ana.lid))
  await waitFor(() => ofAna.some(({ id, video }) => id === 'CALL3' && video === false), 'the next call')
  await ben.socket.sendNode(terminate('CALL3', from, ana.lid, 'timeout'))
  assert.equal((await stageOf(ofAna, 'timeout')).id, 'CALL3')
  for (const wrong of [undefined, {}, { id: 'x' }, { id: 'x', from: 'nobody' }, { id: '', from }]) {
    await assert.rejects(ana.client.calls.reject(wrong), { code: 'INVALID_ARGUMENT' })
  }
  assert.deepEqual([...ana.errors, ...second.errors], [])
})

test('phones call and hear what becomes of it, also when the other side was away', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const phone = await here.emulator.contact('Carla')
  const [ofAna, ofBen] = [stagesOf(ana), callsOf(ben)]
  const call = await phone.call('Ana', { video: true })
  const rings = await stageOf(ofAna, 'offer')
  assert.deepEqual([rings.id, rings.chat, rings.video], [call.id, phone.jid, true])
  await ana.client.calls.reject(rings)
  assert.equal((await phone.waitForCall(({ action }) => action === 'reject')).id, call.id)
  const other = await phone.call('Ben')
  await ben.socket.rejectCall(other.id, (await stageOf(ofBen, 'offer')).from)
  assert.equal((await phone.waitForCall(({ action }) => action === 'reject')).id, other.id)

  await ana.stop()
  const missed = await phone.call('Ana')
  await missed.end('timeout')
  const later = []
  const start = ana.start()
  ana.client.on('call', (told) => later.push(told))
  await start
  const timeout = await stageOf(later, 'timeout')
  assert.deepEqual([timeout.id, timeout.offline, timeout.video], [missed.id, true, false])
  // A call that is over cannot be refused any more; whoever made it is told all the same.
  const notice = await phone.call('Ana', { notice: true, video: true })
  assert.deepEqual(await waitFor(() => later.find(({ id }) => id === notice.id), 'the notice').then(({ stage, video }) => [stage, video]), ['notice', true])
})

test('a call in a group rings at its members, and links are made for planned ones', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const phone = await here.emulator.contact('Carla')
  const group = await here.emulator.group({ subject: 'Paseo', members: ['Ana', 'Ben', 'Carla'] })
  const [ofAna, ofBen] = [stagesOf(ana), callsOf(ben)]
  await phone.call(group.jid)
  const rings = await stageOf(ofAna, 'offer')
  assert.deepEqual([rings.chat, rings.group, rings.person.jid], [group.jid, true, phone.jid])
  assert.equal((await stageOf(ofBen, 'offer')).isGroup, true)
  const { token, url } = await ana.client.calls.createLink({ video: true, startsAt: Date.now() + 3_600_000 })
  assert.equal(url, `https://call.whatsapp.com/video/${token}`)
  assert.match((await ana.client.calls.createLink()).url, /\/voice\/\w{22}$/)
  await assert.rejects(ana.client.calls.createLink({ startsAt: 'soon' }), { code: 'INVALID_ARGUMENT' })
})
