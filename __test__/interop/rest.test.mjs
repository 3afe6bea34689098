// What no other test lets cross: requests that only Baileys makes, refusals at Baileys, signals of the service, and how both take them.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage, waitFor } from './sides.mjs'

test('Baileys asks for what Chasqui asks otherwise, and is answered', async (t) => {
  const here = await stage(t)
  const [ben, eva] = [await here.baileys('Ben', { socketOptions: { keepAliveIntervalMs: 200 } }), await here.baileys('Eva')]
  const { socket } = ben
  await here.emulator.person('Eva', { disappearing: 86_400 })
  const [timer] = await socket.fetchDisappearingDuration(eva.jid)
  assert.equal(timer.disappearing_mode.duration, 86_400)
  await socket.rotateSignedPreKey()
  const channel = await socket.newsletterCreate('Noticias', 'de la plaza')
  await eva.socket.newsletterFollow(channel.id)
  assert.ok(await socket.newsletterSubscribers(channel.id))
  await assert.rejects(socket.newsletterChangeOwner(channel.id, eva.lid), /only an admin/)
  await waitFor(async () => (await ben.stanzas({ direction: 'out', tag: 'iq', xmlns: 'w:p' })).length > 0, 'a ping')
  const answered = async () => {
    const [ping] = await ben.stanzas({ direction: 'out', tag: 'iq', xmlns: 'w:p' })
    return (await ben.stanzas({ direction: 'in', tag: 'iq', id: ping.attrs.id })).length === 1
  }
  await waitFor(answered, 'the answer to the ping')
})

test('a message that is refused for lack of a token is told as failed by both', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const person = await here.emulator.contact('Shy')
  await here.emulator.person('Shy', { privacy: { messages: 'contacts' } })
  const id = await ben.send(person.jid, 'hello?')
  await waitFor(async () => (await ben.stanzas({ direction: 'in', tag: 'ack', id })).some(({ attrs }) => attrs.error === '463'), 'the refusal at Baileys')
  await assert.rejects(ana.client.send(person.jid, { text: 'hello?' }), { code: 'CHAT_RESTRICTED' })
  await here.emulator.inject({ account: 'Ben', refuse: 479 })
  const refused = await ben.send(ana.jid, 'malformed')
  await waitFor(async () => (await ben.stanzas({ direction: 'in', tag: 'ack', id: refused })).some(({ attrs }) => attrs.error === '479'), 'the refusal')
})

test('where the service wants an older kind of client, both end the connection and do not come back', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const ends = []
  ana.client.on('connection', (change) => ends.push(change))
  for (const account of ['Ana', 'Ben']) {
    await here.emulator.inject({ account, stanza: { tag: 'ib', attrs: { from: 's.whatsapp.net' }, content: [{ tag: 'downgrade_webclient', attrs: {} }] } })
  }
  await waitFor(() => ends.some(({ state, reason, willRetry }) => state === 'closed' && reason.code === 'CONNECTION_FAILED' && willRetry === false), 'the end at Chasqui')
  await waitFor(() => !ben.isOpen, 'the end at Baileys')
})

test('Baileys tells that a voice note was played, and Chasqui tells its program', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const told = []
  ana.client.on('receipt', ({ status, ids }) => told.push(...ids.map((id) => `${status} ${id}`)))
  const id = await ana.send(ben.jid, 'listen')
  const message = await ben.got('listen')
  await ben.socket.sendReceipt(message.chat, undefined, [id], 'played')
  await waitFor(() => told.includes(`played ${id}`), 'the receipt')
})

test('what the service signals out of turn is taken by both', async (t) => {
  const here = await stage(t)
  const sides = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const caller = await here.emulator.contact('Caller')
  const calls = []
  sides[0].client.on('call', (call) => calls.push(call))
  for (const side of sides) {
    const inject = (stanza) => here.emulator.inject({ account: side.name, stanza })
    for (const type of ['groups', 'account_sync', 'account_sync']) {
      await inject({ tag: 'ib', attrs: { from: 's.whatsapp.net' }, content: [{ tag: 'dirty', attrs: { type, timestamp: '1700000000' } }] })
    }
    const cleans = () => side.stanzas({ direction: 'out', tag: 'iq', xmlns: 'urn:xmpp:whatsapp:dirty' })
    await waitFor(async () => (await cleans()).length > 0, `${side.kind} to clean up`)
    const notice = { tag: 'offer_notice', attrs: { 'call-id': 'CID1', 'call-creator': caller.lid, media: 'audio', type: 'group' } }
    await inject({ tag: 'call', attrs: { from: caller.jid, id: 'CALL1', t: '1700000000' }, content: [notice] })
    await waitFor(async () => (await side.stanzas({ direction: 'out', tag: 'ack', id: 'CALL1' })).length === 1, `${side.kind} to acknowledge the call`)
    await inject({ tag: 'xmlstreamend', attrs: {} })
    await waitFor(async () => (await side.stanzas({ direction: 'in', tag: 'xmlstreamend' })).length > 0, `the end of the stream at ${side.kind}`)
  }
  assert.equal(calls[0].stage, 'notice')
})
