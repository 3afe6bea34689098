// Promise 17: nothing is dropped silently.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { next, openClient } from '../help.mjs'
import { waitFor } from '../harness/emulator.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())
const maria = await emulator.contact('María')

/** A length-delimited protobuf field. */
function field(number, content) {
  const varint = (value) => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)])
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(bytes.length)]), bytes])
}

const SECRET = Buffer.alloc(32, 0x5a)
const MESSAGES = {
  'a kind that no schema has': { type: 'unknown', raw: field(9999, 'from the future') },
  'a text with fields that no schema has': {
    type: 'text', text: 'hello', raw: Buffer.concat([field(9999, 'before'), field(1, 'hello'), field(9998, [0xff, 0, 0x80])]),
  },
  'unknown fields inside a known kind': { type: 'text', text: 'hi', raw: field(6, Buffer.concat([field(1, 'hi'), field(7777, 'deep')])) },
  'a kind in the schema that has no name here': { type: 'unknown', raw: field(36, field(1, 'a list')) },
  'a message context and nothing else': { type: 'unknown', raw: field(35, field(3, SECRET)) },
  'nothing at all': { type: 'unknown', raw: Buffer.alloc(0) },
  'known fields in an order and number that no encoder writes': {
    type: 'text', text: 'last', raw: Buffer.concat([field(35, field(3, SECRET)), field(1, 'first'), field(1, 'last')]),
  },
  'bytes that are no protobuf': { type: 'unknown', raw: Buffer.from([0xff, 0xff, 0xff, 0xff]) },
}

test('any message arrives, byte for byte, whether its kind is known or not', async (t) => {
  const client = await openClient(t, emulator, 'Shop')
  for (const [name, { raw, type, text }] of Object.entries(MESSAGES)) {
    const arrived = next(client, 'message')
    const { id } = await maria.send('Shop', { raw })
    const message = await arrived
    assert.deepEqual([message.id, message.chat, message.type, message.text], [id, maria.jid, type, text], name)
    assert.deepEqual(Buffer.from(message.raw()), raw, name)
    // One answer for each, and the service has nothing left to give again.
    const answers = await waitFor(async () => {
      const out = await emulator.stanzas({ account: 'Shop', direction: 'out', id })
      return out.length > 0 && out
    })
    assert.equal(answers.length, 1, name)
  }
  await waitFor(async () => (await emulator.accounts()).find(({ name }) => name === 'Shop').devices[0].queued === 0)
})

test("what an own device wrote arrives as it was written, without the envelope's own copy around it", async (t) => {
  const client = await openClient(t, emulator, 'María')
  await emulator.contact('Ben')
  const raw = Buffer.concat([field(1, 'to Ben'), field(9999, 'kept')])
  const arrived = next(client, 'message')
  await maria.send('Ben', { raw })
  const message = await arrived
  assert.deepEqual([message.fromMe, message.source, message.text], [true, 'own-device', 'to Ben'])
  assert.deepEqual(Buffer.from(message.raw()), raw)
})

test('nodes that nobody knows beside the content are given with the message', async (t) => {
  const client = await openClient(t, emulator, 'Extra')
  const arrived = next(client, 'message')
  const nodes = [
    { tag: 'hologram', attrs: { v: '7', to: maria.jid }, content: [{ tag: 'layer', content: { base64: 'AP8=' } }] },
    { tag: 'mood', content: 'sunny' },
  ]
  const { id } = await maria.send('Extra', { raw: field(1, 'hello'), nodes })
  const message = await arrived
  assert.equal(message.text, 'hello')
  const [{ stanza }] = await emulator.stanzas({ account: 'Extra', direction: 'in', tag: 'message', id })
  assert.deepEqual(stanza.content.filter(({ tag }) => tag === 'hologram' || tag === 'mood').length, 2)
  const layer = { tag: 'layer', content: Buffer.from([0, 255]) }
  assert.deepEqual(message.nodes, [
    { tag: 'hologram', attrs: { v: '7', to: maria.jid }, content: [layer] },
    { tag: 'mood', content: Buffer.from('sunny') },
  ])
})

test('a stanza that nobody knows is refused with 488, and the connection stays', async (t) => {
  const client = await openClient(t, emulator, 'Puzzled')
  client.on('connection', ({ state }) => assert.equal(state, 'closed'))
  const injected = { tag: 'hologram', attrs: { id: 'H1', from: maria.lid, type: 'moving' }, content: [{ tag: 'layer', attrs: {} }] }
  assert.deepEqual(await emulator.inject({ account: 'Puzzled', stanza: injected }), { count: 1 })
  const [{ stanza }] = await waitFor(async () => {
    const acks = await emulator.stanzas({ account: 'Puzzled', direction: 'out', tag: 'ack', id: 'H1' })
    return acks.length > 0 && acks
  })
  assert.deepEqual(stanza.attrs, { class: 'hologram', id: 'H1', to: maria.lid, type: 'moving', error: '488' })
  await client.send(maria.jid, { text: 'still here' })
})

test('receipts, notifications and calls of unknown kinds are acknowledged, each once', async (t) => {
  await openClient(t, emulator, 'Polite')
  for (const tag of ['receipt', 'notification', 'call']) {
    await emulator.inject({ account: 'Polite', stanza: { tag, attrs: { id: `U-${tag}`, from: maria.lid, type: 'unheard-of', t: '1' } } })
    const acks = await waitFor(async () => {
      const acks = await emulator.stanzas({ account: 'Polite', direction: 'out', id: `U-${tag}` })
      return acks.length > 0 && acks
    })
    assert.deepEqual(acks.map(({ stanza }) => [stanza.tag, stanza.attrs.class, stanza.attrs.error]), [['ack', tag, undefined]])
  }
})

test('a message that cannot be decrypted, or that is not encrypted at all, is shown as such and never as a text', async (t) => {
  const client = await openClient(t, emulator, 'Careful')
  for (const [id, child, type = 'undecryptable'] of [
    ['P1', { tag: 'plaintext', content: { base64: field(1, 'trust me').toString('base64') } }],
    ['P2', { tag: 'enc', attrs: { v: '2', type: 'msg' }, content: { base64: Buffer.alloc(80, 3).toString('base64') } }],
    ['P3', { tag: 'enc', attrs: { v: '2', type: 'of tomorrow' }, content: { base64: 'AAAA' } }],
    ['P4', { tag: 'unavailable', attrs: { type: 'view_once' } }, 'unavailable'],
  ]) {
    const shown = next(client, 'message')
    await emulator.inject({ account: 'Careful', stanza: { tag: 'message', attrs: { id, from: maria.lid, t: '1700000000', type: 'text' }, content: [child] } })
    const message = await shown
    assert.deepEqual([message.id, message.type, message.text, message.raw().length], [id, type, undefined, 0])
  }
})

test('a negative ack rejects the send, and nothing of it is left', async (t) => {
  const client = await openClient(t, emulator, 'Refused')
  for (const [refuse, code] of [[479, 'SEND_REJECTED'], [463, 'CHAT_RESTRICTED'], [400, 'SEND_REJECTED']]) {
    await emulator.inject({ account: 'Refused', refuse })
    await assert.rejects(client.send(maria.jid, { text: `refused ${refuse}` }, { id: `R${refuse}` }), (error) => {
      assert.deepEqual([error.code, error.data], [code, { error: refuse, id: `R${refuse}` }])
      return true
    })
  }
  await client.send(maria.jid, { text: 'accepted' })
  assert.equal(client.stats().outboxDepth, 0)
  // A refused message is not tried again behind the program's back.
  await emulator.disconnect({ account: 'Refused' })
  await next(client, 'connection', ({ state }) => state === 'open')
  await client.send(maria.jid, { text: 'after' })
  const sent = await emulator.stanzas({ account: 'Refused', direction: 'out', tag: 'message' })
  assert.equal(sent.length, 5)
  await assert.rejects(maria.waitForMessage(({ text }) => text?.startsWith('refused'), { timeout: 1 }), { code: 'TIMEOUT' })
})

test('a refusal that no call waits for any more is told as an error', async (t) => {
  const client = await openClient(t, emulator, 'Late')
  const told = next(client, 'error')
  await emulator.disconnect({ account: 'Late', how: 'silence' })
  await assert.rejects(client.send(maria.jid, { text: 'x' }, { id: 'L1', timeout: 1 }), { code: 'SEND_UNCONFIRMED' })
  // It is sent again after the reconnect.
  await emulator.inject({ account: 'Late', refuse: 479 })
  await emulator.disconnect({ account: 'Late' })
  const error = await told
  assert.deepEqual([error.code, error.data.error, error.data.id], ['SEND_REJECTED', 479, 'L1'])
})
