// Promise 5, its other half: every stanza gets exactly one ack or receipt, whatever it is.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { next, openClient } from '../help.mjs'
import { waitFor } from '../harness/emulator.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())

const t = String(Math.floor(Date.now() / 1000))
const node = (tag, attrs = {}, content) => ({ tag, attrs, ...(content && { content }) })
const enc = (type, bytes, attrs = {}) => node('enc', { v: '2', type, ...attrs }, { base64: Buffer.from(bytes).toString('base64') })
const GROUP = '120363000000000099@g.us'

/** Stanzas of a person, by what they are; each gets an id of its own. */
function stanzas(person, lid) {
  const receipt = (attrs, content) => node('receipt', { from: person, t, ...attrs }, content)
  const notification = (type, content, attrs = {}) => node('notification', { from: person, t, type, ...attrs }, content)
  const message = (content, attrs = {}) => node('message', { from: person, t, type: 'text', notify: 'x', ...attrs }, content)
  return {
    'a delivery receipt for nothing that was sent': receipt({}),
    'a read receipt for several': receipt({ type: 'read' }, [node('list', {}, [node('item', { id: 'A' }), node('item', { id: 'B' })])]),
    'a receipt of a kind from tomorrow': receipt({ type: 'tomorrow' }),
    'a retry receipt for nothing that was sent': receipt({ type: 'retry' }, [node('retry', { count: '1', id: 'NOTHING', t, v: '1' })]),
    'a retry receipt without content': receipt({ type: 'retry' }),
    'a receipt of a group that nobody knows': receipt({ from: GROUP, participant: lid }),
    'prekeys that run low': notification('encrypt', [node('count', { value: '3' })], { from: 's.whatsapp.net' }),
    'a wish for the digest': notification('encrypt', [node('digest')], { from: 's.whatsapp.net' }),
    'a new identity': notification('encrypt', [node('identity')]),
    'a new device': notification('devices', [node('add', { device_hash: '2:abc' }, [node('device', { jid: person.replace('@', ':7@') })])]),
    'devices that make no sense': notification('devices', [node('update', { hash: 'x' })]),
    'a change of a group': notification('w:gp2', [node('subject', { subject: 'x', s_t: t, s_o: person })], { from: GROUP, participant: lid }),
    'a change of a group that makes no sense': notification('w:gp2', [node('wibble')], { from: GROUP }),
    'a change of the account': notification('account_sync', [node('devices', {}, [])]),
    'a picture': notification('picture', [node('set', { jid: person, id: '1' })]),
    'app state': notification('server_sync', [node('collection', { name: 'regular', version: '2' })], { from: 's.whatsapp.net' }),
    'a privacy token': notification('privacy_token', [node('tokens', {}, [node('token', { type: 'trusted_contact', t, jid: person }, { base64: 'AAAA' })])]),
    'a notification of a kind from tomorrow': notification('tomorrow'),
    'a notification without a kind': node('notification', { from: person, t }),
    'a call': node('call', { from: person, t }, [node('offer', { 'call-id': 'C', 'call-creator': person })]),
    'a message that does not decrypt': message([enc('msg', 'garbage')]),
    'a first message that does not decrypt': message([enc('pkmsg', [0x33, 1, 2, 3])]),
    'a message encrypted in a way from tomorrow': message([enc('tomorrow', 'x')]),
    'a message without content': message([]),
    'a message that this device is not shown': message([node('unavailable', { type: 'view_once' })]),
    'a group message that does not decrypt': message([enc('skmsg', 'garbage')], { from: GROUP, participant: lid }),
    'a group message without author': message([enc('skmsg', 'garbage')], { from: GROUP }),
    'a post of a channel': message([node('plaintext', {}, { base64: 'CgVoZWxsbw==' })], { from: '120363000000000077@newsletter', server_id: '5' }),
    'a stanza of a kind from tomorrow': node('tomorrow', { from: person, t }),
  }
}

test('each inbound stanza is answered by exactly one ack or receipt, also when it comes twice, is unknown or unreadable', async (t) => {
  const maria = await emulator.contact('María')
  const client = await openClient(t, emulator, 'Answers')
  client.on('error', () => {})
  const hello = next(client, 'message')
  const { id: first } = await maria.send('Answers', { text: 'hello' })
  await hello

  const sent = new Map()
  for (const [name, stanza] of Object.entries(stanzas(maria.jid, maria.lid))) {
    const id = `ONE-${sent.size}`
    sent.set(id, name)
    await emulator.inject({ account: 'Answers', stanza: { ...stanza, attrs: { ...stanza.attrs, id } } })
  }
  const answers = async (id) => {
    const out = await emulator.stanzas({ account: 'Answers', direction: 'out', id })
    return out.map(({ stanza }) => stanza).filter(({ tag }) => tag === 'ack' || tag === 'receipt')
  }
  for (const [id, name] of sent) await waitFor(async () => (await answers(id)).length > 0, `an answer to ${name}`)
  // A message that came once more, as it was, is answered once more and not shown.
  const [{ stanza: original }] = await emulator.stanzas({ account: 'Answers', direction: 'in', tag: 'message', id: first })
  const before = (await answers(first)).length
  await emulator.inject({ account: 'Answers', stanza: original })
  await waitFor(async () => (await answers(first)).length > before, 'an answer to the message that came again')

  const last = next(client, 'message', ({ text }) => text === 'last')
  await maria.send('Answers', { text: 'last' })
  await last
  const counts = await Promise.all([...sent].map(async ([id, name]) => [name, (await answers(id)).map(({ tag, attrs }) => `${tag} ${attrs.type ?? ''}`)]))
  // A call that rings is acknowledged, and its caller is told that it does.
  assert.deepEqual(counts.filter(([name, answers]) => answers.length !== 1 && name !== 'a call'), [])
  assert.deepEqual(new Map(counts).get('a call').toSorted(), ['ack offer', 'receipt '])
  assert.equal((await answers(first)).length, before + 1)
  assert.equal(client.state, 'open')
})
