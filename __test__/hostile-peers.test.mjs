// Bad input from peers: each kind ends in the documented nack, retry or error for that message alone, and the next good
// message of the same sender is read.
//
// The peers are played here, with the Signal library that Baileys uses: their stanzas are injected. See also
// nothing-is-dropped-silently.test.mjs and bad-input.test.mjs.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { proto } from 'baileys'
import { startEmulator } from 'chasqui/testing'

import { openClient } from './help.mjs'
import { waitFor } from './harness/emulator.mjs'
import { device, member } from './interop/signal-devices.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())

/** Reasons of a retry receipt. */
const [USED, NO_SESSION, MISSING_KEY, MALFORMED, SIGNATURE, FUTURE, BAD_MAC] = [0, 1, 3, 4, 5, 6, 7].map(String)
const INVALID_PROTOBUF = '491'

const encoded = (message) => Buffer.from(proto.Message.encode(message).finish())
const text = (conversation) => encoded({ conversation })
const node = (tag, attrs, content) => ({ tag, attrs, ...(Buffer.isBuffer(content) ? { content: { base64: content.toString('base64') } } : content && { content }) })
const number = (content) => Buffer.from(content.base64, 'base64').readUIntBE(0, Buffer.from(content.base64, 'base64').length)

/** The keys that a client has uploaded, the `at`-th one-time key from the end among them. */
async function bundleOf(account, at) {
  const [upload] = await waitFor(async () => {
    const found = await emulator.stanzas({ account, direction: 'out', tag: 'iq', xmlns: 'encrypt', type: 'set' })
    return found.length > 0 && found
  }, 'the upload')
  const part = (parent, tag) => parent.content.find((child) => child.tag === tag)
  const key = (parent, tag) => Buffer.concat([Buffer.from([5]), Buffer.from(part(parent, tag).content.base64, 'base64')])
  const { stanza } = upload
  const [signed, oneTime] = [part(stanza, 'skey'), part(stanza, 'list').content.at(-1 - at)]
  return {
    registrationId: number(part(stanza, 'registration').content), identity: key(stanza, 'identity'),
    signedId: number(part(signed, 'id').content), signed: key(signed, 'value'), signature: Buffer.from(part(signed, 'signature').content.base64, 'base64'),
    oneTimeId: number(part(oneTime, 'id').content), oneTime: key(oneTime, 'value'),
  }
}

let peers = 0
let ids = 0

/** A client, and a peer whose phone is played here. */
async function stage(t, account) {
  const client = await openClient(t, emulator, account)
  const told = []
  client.on('message', (message) => told.push(message))
  return { client, told, peer: () => peerOf(client, told, account) }
}

async function peerOf(client, told, account) {
  const { jid, lid } = await emulator.contact(`Eve ${++peers}`)
  const signal = device('libsignal')
  await signal.initiate(account, await bundleOf(account, peers))
  const peer = {
    jid, lid, signal,
    encrypt: (plaintext) => signal.encrypt(account, plaintext),
    /** Writes a stanza with these `enc` nodes; resolves with its id. */
    async write(encs, { from = lid, id = `EVE${++ids}`, children = [], ...attrs } = {}) {
      const content = [encs].flat().map(({ type, body }) => node('enc', { v: '2', type }, body))
      const stanza = node('message', { id, from, t: '1700000000', type: 'text', ...attrs }, [...content, ...children])
      assert.deepEqual(await emulator.inject({ account, stanza }), { count: 1 })
      return id
    },
    /** What the client answered: `[tag, type or error, reason]`, when there are so many answers. */
    async answers(id, count = 1) {
      const found = await waitFor(async () => {
        const out = await emulator.stanzas({ account, direction: 'out', id })
        return out.length >= count && out
      }, `${count} answers to ${id}`)
      return found.map(({ stanza: { tag, attrs, content } }) => [tag, attrs.error ?? attrs.type, content?.find?.(({ tag }) => tag === 'retry')?.attrs.error])
    },
    /** A good message is read. */
    async good(words = `good ${++ids}`) {
      const id = await peer.write(await peer.encrypt(text(words)))
      await waitFor(() => told.some((message) => message.id === id && message.text === words), words)
      return id
    },
    told: (id) => told.filter((message) => message.id === id).map(({ type, text }) => [type, text]),
    /** A message is refused with an ack, or asked for with this reason; shown as unreadable; and the next is read. */
    async isAskedFor(id, reason) {
      assert.deepEqual(await peer.answers(id), [['receipt', 'retry', reason]], id)
      await waitFor(() => peer.told(id).length > 0, 'a placeholder')
      assert.deepEqual(peer.told(id), [['undecryptable', undefined]])
      await peer.good()
    },
  }
  await peer.good('hello')
  return peer
}

const flipped = ({ type, body }, at) => {
  const copy = Buffer.from(body)
  copy[at < 0 ? copy.length + at : at] ^= 1
  return { type, body: copy }
}
const changed = ({ body }, fields) => {
  const message = proto.PreKeySignalMessage.decode(body.subarray(1))
  return { type: 'pkmsg', body: Buffer.concat([Buffer.from([0x33]), proto.PreKeySignalMessage.encode({ ...message, ...fields }).finish()]) }
}
const inner = ({ body }) => ({ type: 'msg', body: Buffer.from(proto.PreKeySignalMessage.decode(body.subarray(1)).message) })

test('a message from the far future is asked for again', async (t) => {
  const { peer: meet } = await stage(t, 'Future')
  const peer = await meet()
  const messages = []
  while (messages.length < 2002) messages.push(await peer.encrypt(text(`number ${messages.length}`)))
  const id = await peer.write(inner(messages[2001]))
  assert.deepEqual(await peer.answers(id), [['receipt', 'retry', FUTURE]])
  for (const near of [1000, 2001, 0]) {
    const id = await peer.write(messages[near])
    await waitFor(() => peer.told(id).length > 0, `number ${near}`)
    assert.deepEqual(peer.told(id), [['text', `number ${near}`]])
  }
  await peer.good()
})

test('a replay is confirmed and not told again; under another id it is asked for and shows nothing', async (t) => {
  const { peer: meet } = await stage(t, 'Replay')
  const peer = await meet()
  const message = await peer.encrypt(text('once'))
  const id = await peer.write(message)
  await peer.answers(id)
  for (const again of [message, inner(message)]) await peer.write(again, { id })
  assert.deepEqual((await peer.answers(id, 3)).map(([tag, type]) => [tag, type]), Array(3).fill(['receipt', undefined]))
  assert.deepEqual(peer.told(id), [['text', 'once']])
  for (const again of [message, inner(message)]) await peer.isAskedFor(await peer.write(again), USED)
})

test('a bad MAC, another version and noise are asked for again, and spoil nothing', async (t) => {
  const { peer: meet } = await stage(t, 'Noise')
  for (const [reason, spoil] of [
    [BAD_MAC, (message) => flipped(inner(message), -1)],
    [BAD_MAC, (message) => changed(message, { message: flipped(inner(message), -1).body })],
    [BAD_MAC, (message) => flipped(inner(message), 10)],
    [MALFORMED, ({ body }) => ({ type: 'pkmsg', body: Buffer.concat([Buffer.from([0x34]), body.subarray(1)]) })],
    [MALFORMED, (message) => ({ type: 'msg', body: Buffer.concat([Buffer.from([0x23]), inner(message).body.subarray(1)]) })],
    [MALFORMED, () => ({ type: 'msg', body: Buffer.alloc(1 << 20, 0x33) })],
    [MALFORMED, () => ({ type: 'pkmsg', body: Buffer.from([0x33]) })],
    [MALFORMED, () => ({ type: 'msg', body: undefined })],
  ]) {
    const peer = await meet()
    const message = await peer.encrypt(text('spoilt'))
    await peer.isAskedFor(await peer.write(spoil(message)), reason)
    const id = await peer.write(message)
    await waitFor(() => peer.told(id).length > 0, 'the message as it was')
    assert.deepEqual(peer.told(id), [['text', 'spoilt']])
  }
})

test('an identity that is not the sender’s is not believed', async (t) => {
  const { peer: meet } = await stage(t, 'Identity')
  const other = (await device('libsignal').bundle(false)).identity
  // A session that is known, and one that is new.
  const known = await meet()
  await known.isAskedFor(await known.write(changed(await known.encrypt(text('I am another')), { identityKey: other })), MALFORMED)
  const stranger = await meet()
  const fresh = device('libsignal')
  await fresh.initiate('Identity', await bundleOf('Identity', 300))
  const message = await fresh.encrypt('Identity', text('I am Eve'))
  await stranger.isAskedFor(await stranger.write(changed(message, { identityKey: other })), BAD_MAC)
  // A companion that the account has not linked.
  for (const children of [[], [node('device-identity', {}, Buffer.from('of nobody'))], [node('device-identity', {}, Buffer.alloc(300, 0x0a))]]) {
    const peer = await meet()
    const id = await peer.write(message, { from: peer.lid.replace('@', ':7@'), children })
    assert.deepEqual(await peer.answers(id), [['receipt', 'retry', SIGNATURE]])
    await peer.good()
  }
})

test('prekeys that are not there, whatever their number, are told as missing', async (t) => {
  const { peer: meet } = await stage(t, 'Prekeys')
  for (const fields of [{ preKeyId: 0 }, { preKeyId: 0xffffff }, { preKeyId: 0x1000000 }, { preKeyId: 0xffffffff }, { signedPreKeyId: 0 }, { signedPreKeyId: 0x1000001 }]) {
    const peer = await meet()
    const fresh = device('libsignal')
    await fresh.initiate('Prekeys', await bundleOf('Prekeys', 400))
    await peer.isAskedFor(await peer.write(changed(await fresh.encrypt('Prekeys', text('x')), fields)), MISSING_KEY)
  }
})

test('what decrypts to no message is refused once and for all, and given to the program as it is', async (t) => {
  const { peer: meet, told } = await stage(t, 'Content')
  const peer = await meet()
  for (const [name, plaintext] of Object.entries({
    'a text that is not UTF-8': Buffer.from([0x0a, 3, 0xff, 0xfe, 0x41]),
    'half a surrogate pair': Buffer.from([0x0a, 3, 0xed, 0xa0, 0x80]),
    'a length beyond the end': Buffer.from([0x0a, 0x7f, 0x41]),
  })) {
    const id = await peer.write(await peer.encrypt(plaintext))
    assert.deepEqual(await peer.answers(id), [['ack', INVALID_PROTOBUF, undefined]], name)
    await waitFor(() => peer.told(id).length > 0, name)
    const [message] = told.filter((message) => message.id === id)
    assert.deepEqual([message.type, message.text, Buffer.from(message.raw())], ['unknown', undefined, plaintext], name)
    await peer.good()
  }
})

test('hostile sender keys and group messages concern nothing but themselves', async (t) => {
  const { peer: meet } = await stage(t, 'Member')
  const group = await emulator.group({ subject: 'Feria', members: ['Member', 'Owner'] })
  const key = (bytes) => ({ senderKeyDistributionMessage: { groupId: group.jid, axolotlSenderKeyDistributionMessage: bytes } })
  const peer = await meet()
  await emulator.inject({ account: 'Member', notification: { type: 'w:gp2', from: group.jid, child: node('add', {}, [node('participant', { jid: peer.lid })]) } })
  const inGroup = { from: group.jid, participant: peer.lid }
  const write = (encs) => peer.write(encs, inGroup)
  const carried = async (message) => peer.encrypt(encoded(message))

  const good = member('baileys')
  const { body } = await good.distribute()
  for (const bytes of [Buffer.alloc(0), body.subarray(0, -1), Buffer.from([0x33]), Buffer.concat([Buffer.from([0x32]), body.subarray(1)]), Buffer.alloc(100_000, 0x1a)]) {
    assert.deepEqual(await peer.answers(await write(await carried(key(bytes)))), [['ack', INVALID_PROTOBUF, undefined]])
    // What stands beside it is read all the same.
    const id = await write(await carried({ ...key(bytes), conversation: 'beside' }))
    await waitFor(() => peer.told(id).length > 0, 'the text')
    assert.deepEqual(peer.told(id), [['text', 'beside']])
  }

  const message = { type: 'skmsg', ...(await good.encrypt(text('to all'))) }
  const without = await write(message)
  assert.deepEqual(await peer.answers(without), [['receipt', 'retry', NO_SESSION]])
  const read = await write([await carried(key(body)), message])
  await waitFor(() => peer.told(read).length > 0, 'the text')
  assert.deepEqual(peer.told(read), [['text', 'to all']])
  await write(message)
  for (const [reason, spoilt] of [
    [SIGNATURE, flipped({ type: 'skmsg', ...(await good.encrypt(text('x'))) }, -1)],
    [MALFORMED, { type: 'skmsg', body: Buffer.alloc(70, 0x33) }],
  ]) {
    const id = await write(spoilt)
    const answers = await peer.answers(id)
    assert.deepEqual(answers, [['receipt', 'retry', reason]])
  }
  const last = await write({ type: 'skmsg', ...(await good.encrypt(text('the last'))) })
  await waitFor(() => peer.told(last).length > 0, 'the last text')
  assert.deepEqual(peer.told(last), [['text', 'the last']])
})

test('bogus device lists, keys and requests of others change nothing', async (t) => {
  const { client, peer: meet } = await stage(t, 'Lists')
  const maria = await emulator.contact('María')
  await client.send(maria.jid, { text: 'one' })
  await maria.waitForMessage(({ text }) => text === 'one')
  const device = (jid, index) => node('device', { jid, ...(index && { 'key-index': index }) })
  const noise = node('key-index-list', { ts: '1' }, Buffer.alloc(200, 0x0a))
  for (const child of [
    node('add', { device_hash: '2:AAAAAAAA' }, [device(maria.jid.replace('@', ':5@'), '1'), noise]),
    node('add', { device_hash: '2:AAAAAAAA' }, Array.from({ length: 5000 }, (_, at) => device(maria.jid.replace('@', `:${at}@`), '1'))),
    node('remove', { device_hash: '2:AAAAAAAA' }, [device(maria.jid), node('key-index-list', { ts: '1700000000' })]),
    node('update', { hash: 'x'.repeat(10_000) }),
    node('add', {}),
  ]) {
    await emulator.inject({ account: 'Lists', notification: { type: 'devices', from: maria.jid, child } })
    const words = `after ${child.tag} of ${child.content?.length ?? 0}`
    await client.send(maria.jid, { text: words })
    assert.equal((await maria.waitForMessage(({ text }) => text === words)).encryption, 'pkmsg')
  }
  // A request whose keys are not signed by whom they name: the message goes again, in the session that there is.
  const { id } = await client.send(maria.jid, { text: 'wanted' })
  const bytes = (value, length) => Buffer.alloc(length, value)
  const keys = node('keys', {}, [
    node('type', {}, bytes(5, 1)), node('identity', {}, bytes(9, 32)), node('key', {}, [node('id', {}, bytes(0xff, 3)), node('value', {}, bytes(9, 32))]),
    node('skey', {}, [node('id', {}, bytes(0xff, 3)), node('value', {}, bytes(9, 32)), node('signature', {}, bytes(9, 64))]),
  ])
  const receipt = (children) => node('receipt', { id, from: maria.lid, type: 'retry', t: '1700000000' }, [node('retry', { v: '1', count: '1', id, t: '1' }), ...children])
  const sent = async () => (await emulator.stanzas({ account: 'Lists', direction: 'out', tag: 'message', id })).length
  for (const [at, children] of [[node('registration', {}, bytes(0, 4)), keys], [keys], [node('keys', {}, [])]].entries()) {
    await emulator.inject({ account: 'Lists', stanza: receipt(children) })
    await waitFor(async () => (await sent()) === at + 2, 'the message again')
  }
  await client.send(maria.jid, { text: 'the end' })
  await maria.waitForMessage(({ text }) => text === 'the end')
  await (await meet()).good()
})

test('what may not be sent is refused by its code before anything leaves', async (t) => {
  const { client } = await stage(t, 'Sender')
  const mine = await emulator.group({ subject: 'Ours', members: ['Sender', 'Owner'] })
  const theirs = await emulator.group({ subject: 'Theirs', members: ['Owner', 'Other'] })
  const crowd = Array.from({ length: 1025 }, (_, at) => `+1305555${String(at).padStart(4, '0')}`)
  const before = (await emulator.stanzas({ account: 'Sender', direction: 'out', tag: 'message' })).length
  for (const [to, content, code] of [
    [theirs.jid, { text: 'x' }, 'NOT_IN_GROUP'],
    ['120363000000000111@g.us', { text: 'x' }, 'NOT_IN_GROUP'],
    ['+13055550199', { text: 'x' }, 'NOT_ON_WHATSAPP'],
    ['399999999999999@lid', { text: 'x' }, 'NOT_ON_WHATSAPP'],
    [mine.jid, { text: 'x', mentions: crowd }, 'INVALID_CONTENT'],
    ['status@broadcast', { text: 'x' }, 'RECIPIENT_LIMIT'],
    ['status@broadcast', { text: 'x', recipients: [] }, 'RECIPIENT_LIMIT'],
    ['status@broadcast', { text: 'x', recipients: crowd }, 'RECIPIENT_LIMIT'],
    ['status@broadcast', { text: 'x', recipients: ['+13055550199'] }, 'RECIPIENT_LIMIT'],
  ]) {
    await assert.rejects(client.send(to, content), { code }, `${to} ${JSON.stringify(content).slice(0, 80)}`)
  }
  assert.equal((await emulator.stanzas({ account: 'Sender', direction: 'out', tag: 'message' })).length, before)
  assert.equal(client.stats().outboxDepth, 0)
  await client.send(mine.jid, { text: 'allowed' })
})
