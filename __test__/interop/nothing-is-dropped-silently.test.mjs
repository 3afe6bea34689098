// Promise 17: any message type and extra node passes through; a negative ack rejects the send.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { proto } from 'baileys'

import { stage, waitFor } from './sides.mjs'

const seconds = () => `${Math.floor(Date.now() / 1000)}`

test('promise 17: a message of a kind that nobody knows is given with its bytes', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  // Kinds for which there is no name here, as a stranger's schema writes them.
  const kinds = [
    { bcallMessage: { sessionId: 'A call' } },
    { newsletterAdminInviteMessage: { newsletterJid: '120363000000000001@newsletter', newsletterName: 'News' } },
    { callLogMesssage: { isVideo: true } },
  ]
  for (const content of kinds) {
    const message = proto.Message.create(content)
    const id = await ben.socket.relayMessage(ana.lid, message, {})
    const got = await waitFor(() => ana.received.find((entry) => entry.id === id), Object.keys(content)[0])
    assert.equal(got.type, 'unknown')
    const bytes = Buffer.from(proto.Message.encode(message).finish())
    assert.deepEqual(Buffer.from(got.original.raw()).subarray(0, bytes.length), bytes)
  }
  await ben.send(ana.lid, 'and a text')
  await ana.got('and a text')
})

test('promise 17: a message with fields of a later schema is given byte by byte', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana')
  // Field 9999 with three bytes, and a text beside it.
  const raw = Buffer.concat([Buffer.from([0x0a, 2]), Buffer.from('hi'), Buffer.from([0xfa, 0xf0, 0x04, 3, 1, 2, 3])])
  for (const [id, bytes, type, text] of [['701', raw, 'text', 'hi'], ['702', raw.subarray(4), 'unknown', undefined]]) {
    const stanza = {
      tag: 'message',
      attrs: { id, from: '120363000000000001@newsletter', server_id: id, type: 'text', t: seconds(), of_tomorrow: 'x' },
      content: [{ tag: 'plaintext', attrs: {}, content: { base64: bytes.toString('base64') } }, { tag: 'novelty', attrs: { a: '1' } }],
    }
    await here.emulator.inject({ account: 'Ana', stanza })
    const got = await waitFor(() => ana.received.find((entry) => entry.id === id), id)
    assert.deepEqual([got.type, got.text], [type, text])
    assert.deepEqual(Buffer.from(got.original.raw()), bytes)
  }
})

test('promise 17: a message that holds nothing readable is told, and answered once', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana')
  const maria = await here.emulator.contact('María')
  const stanza = {
    tag: 'message',
    attrs: { id: '801', from: maria.lid, sender_pn: maria.jid, type: 'text', t: seconds() },
    content: [{ tag: 'hologram', attrs: {}, content: { base64: 'AQID' } }],
  }
  await here.emulator.inject({ account: 'Ana', stanza })
  await waitFor(() => ana.unreadable.some(({ id }) => id === '801'), 'the placeholder')
  const answers = await waitFor(async () => {
    const found = await ana.stanzas({ direction: 'out', id: '801' })
    return found.length > 0 && found
  }, 'the answer')
  assert.deepEqual(answers.map(({ tag }) => tag), ['ack'])
})

test('promise 17: an unknown stanza is refused by number, logged, and the conversation goes on', async (t) => {
  const here = await stage(t)
  const lines = []
  const log = (line) => lines.push(line)
  const ana = await here.chasqui('Ana', { logger: { debug: log, info: log, warn: log, error: log } })
  const maria = await here.emulator.contact('María')
  for (const [id, tag] of [['901', 'hologram'], ['902', 'telepathy']]) {
    await here.emulator.inject({ account: 'Ana', stanza: { tag, attrs: { id, from: maria.lid, type: 'new' }, content: [] } })
    const [ack] = await waitFor(async () => {
      const found = await ana.stanzas({ direction: 'out', tag: 'ack', id })
      return found.length > 0 && found
    }, 'the refusal')
    assert.deepEqual([ack.attrs.class, ack.attrs.error, ack.attrs.type], [tag, '488', 'new'])
    await waitFor(() => lines.some((line) => line.includes(`<${tag}>`)), 'the log line')
  }
  await maria.send('Ana', { text: 'still there?' })
  await ana.got('still there?')
})

test('promise 17: a negative ack rejects the send with a code and its number, and the next one goes through', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const codes = { 421: 'SEND_REJECTED', 463: 'CHAT_RESTRICTED', 479: 'SEND_REJECTED' }
  for (const code of Object.keys(codes).map(Number)) {
    await here.emulator.inject({ account: 'Ana', refuse: code })
    await assert.rejects(ana.send(ben.jid, `refused by ${code}`), (error) => {
      assert.equal(error.code, codes[code])
      assert.equal(error.data.error, code)
      assert.match(error.data.id, /^3EB0/)
      return true
    })
  }
  await ana.send(ben.jid, 'taken')
  await ben.got('taken')
  assert.deepEqual(ben.texts, ['taken'])
})
