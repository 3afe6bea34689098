// Promise 1: sessions do not desynchronise; here what a SIGKILL at any moment, either address of a person and a
// stanza that comes again do to them.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { next, openClient, temporary } from '../help.mjs'
import { temporaryFolder } from '../harness/baileys.mjs'
import { waitFor } from '../harness/emulator.mjs'
import { baileysChat, groupChat, killAgainAndAgain, phoneChat } from '../harness/kills.mjs'
import { mixedAddresses } from '../harness/mixed.mjs'
import { Baileys } from '../interop/sides.mjs'

const emulator = await startEmulator({ captureLimit: 200_000 })
after(() => emulator.stop())
const maria = await emulator.contact('María')

test('killed at any moment of a flood in both directions, nothing is lost or doubled and the sessions go on', async (t) => {
  const baileys = await Baileys.make(emulator, 'Benno', { folder: temporaryFolder() })
  await baileys.start()
  t.after(() => baileys.stop())
  const makeChats = async ({ lid }) => [
    await phoneChat(emulator, 'Durable', 'Ana'),
    await groupChat(emulator, 'Durable', ['Luz', 'Iris']),
    baileysChat(baileys, () => lid),
  ]
  // A slow disk in every third round: what is written and not yet known to be is what a kill tears apart.
  const query = (round) => round % 3 === 2 && '?sync_delay=15'
  const options = { rounds: 8, folder: temporary(t), session: 'Durable', seed: 20, makeChats, query }
  const { wrong, ...rest } = await killAgainAndAgain(t, emulator, options)
  t.diagnostic(JSON.stringify(rest))
  assert.deepEqual(wrong, { lost: [], unsent: 0, doubled: [], undecryptable: [], askedAgain: 0, renewed: [] })
})

test('named by LID or by phone number alone, in any order, repeated and reordered, every message is read once', async (t) => {
  const mixed = await startEmulator({ captureLimit: 200_000 })
  t.after(() => mixed.stop())
  const client = await openClient(t, mixed, 'Mixed')
  const { messages, struck, chats, people, ...wrong } = await mixedAddresses(mixed, client, 'Mixed', 2000)
  assert.equal(messages, 2000)
  assert.ok(struck.every((hits) => hits > 10), `${struck}`)
  assert.deepEqual(wrong, { doubled: 0, unreadable: 0, retries: 0 })
  assert.deepEqual(chats, people)
})

test('a stanza that comes again is answered again and gives no second event, also when it began the session', async (t) => {
  const client = await openClient(t, emulator, 'Echo')
  const messages = []
  client.on('message', (message) => messages.push(message.text))
  for (const text of ['one', 'two']) await maria.send('Echo', { text })
  await waitFor(() => messages.length === 2)
  const stanzas = await emulator.stanzas({ account: 'Echo', direction: 'in', tag: 'message', child: 'enc' })
  const replayed = stanzas.map(({ stanza }) => stanza).filter(({ attrs }) => attrs.from === maria.lid)
  assert.deepEqual(replayed.map(({ content }) => content[0].attrs.type), ['pkmsg', 'pkmsg'])
  const answers = async (id) => (await emulator.stanzas({ account: 'Echo', direction: 'out', id })).map(({ stanza }) => stanza.tag)
  for (const stanza of [...replayed, ...replayed]) await emulator.inject({ account: 'Echo', stanza })
  for (const { attrs } of replayed) {
    await waitFor(async () => (await answers(attrs.id)).length === 3, 'three answers')
    assert.deepEqual(await answers(attrs.id), ['receipt', 'receipt', 'receipt'])
  }
  await maria.send('Echo', { text: 'three' })
  await waitFor(() => messages.length === 3)
  assert.deepEqual(messages, ['one', 'two', 'three'])
})

test('what cannot be decrypted is asked for at most five times, shown once, and the session goes on', async (t) => {
  const client = await openClient(t, emulator, 'Deaf')
  const shown = []
  client.on('message', ({ type }) => shown.push(type))
  const enc = { tag: 'enc', attrs: { v: '2', type: 'msg' }, content: { base64: Buffer.alloc(90, 9).toString('base64') } }
  const stanza = { tag: 'message', attrs: { id: 'NOISE', from: maria.lid, t: '1700000000', type: 'text' }, content: [enc] }
  const said = async (filter) => (await emulator.stanzas({ account: 'Deaf', direction: 'out', id: 'NOISE', ...filter })).map(({ stanza }) => stanza)
  const retries = () => said({ tag: 'receipt', type: 'retry' })
  for (let n = 1; n <= 5; n++) {
    await emulator.inject({ account: 'Deaf', stanza })
    await waitFor(async () => (await retries()).length === n)
  }
  await emulator.inject({ account: 'Deaf', stanza })
  await waitFor(async () => (await said({ tag: 'ack' })).some(({ attrs }) => attrs.error === '500'))
  await maria.send('Deaf', { text: 'still here' })
  await waitFor(() => shown.includes('text'))
  assert.deepEqual(shown, ['undecryptable', 'text'])
  const counts = (await retries()).map(({ content }) => content.find(({ tag }) => tag === 'retry').attrs.count)
  assert.deepEqual(counts, ['1', '2', '3', '4', '5'])
})

test('a phone that lost its sessions asks again and is shown every message', async (t) => {
  const client = await openClient(t, emulator, 'Patient')
  for (let n = 0; n < 30; n++) {
    if (n % 10 === 5) await maria.forgetSessions()
    const heard = maria.waitForMessage(({ text }) => text === `text ${n}`)
    await client.send(maria.jid, { text: `text ${n}` })
    await heard
    const answer = next(client, 'message')
    await maria.send('Patient', { text: `answer ${n}` })
    assert.equal((await answer).text, `answer ${n}`)
  }
})
