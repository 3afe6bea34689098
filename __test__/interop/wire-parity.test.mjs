// The stanzas of Chasqui beside those of npm Baileys, for the same things done: every difference is in docs/wire-parity.md.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { proto } from 'baileys'

import { differences, documented, fields, forms, row } from './parity.mjs'
import { DELIVERED, READ, stage, waitFor } from './sides.mjs'

const DOCUMENT = new URL('../../docs/wire-parity.md', import.meta.url)

/** What is done with messages: to `to`, about María's message `theirs` and the own one `mine`. Each gives the id. */
const ACTS = {
  chasqui: {
    quote: ({ client }, to, theirs) => client.send(to, { text: 'yes', quote: theirs.original, mentions: [to] }),
    reaction: ({ client }, _, theirs) => client.react(theirs.original, '👍'),
    'reaction taken back': ({ client }, _, theirs) => client.react(theirs.original, ''),
    edit: ({ client }, to, _, id) => client.edit({ id, chat: to, fromMe: true }, { text: 'better' }),
    pin: ({ client }, _, theirs) => client.pin(theirs.original, { days: 7 }),
    poll: ({ client }, to) => client.send(to, { poll: { question: '?', options: ['A', 'B'] } }),
    forward: ({ client }, to, theirs) => client.forward(to, theirs.original),
    'view once': ({ client }, to) => client.send(to, { text: 'look', viewOnce: true }),
    timer: ({ client }, to) => client.send(to, { ephemeral: 604_800 }),
    revoke: ({ client }, to, _, id) => client.delete({ id, chat: to, fromMe: true }),
  },
  baileys: Object.fromEntries(
    Object.entries({
      quote: (to, theirs) => [{ text: 'yes', mentions: [to] }, { quoted: theirs.original }],
      reaction: (to, theirs) => [{ react: { text: '👍', key: theirs.original.key } }],
      'reaction taken back': (to, theirs) => [{ react: { text: '', key: theirs.original.key } }],
      edit: (to, _, id) => [{ text: 'better', edit: { id, remoteJid: to, fromMe: true } }],
      pin: (to, theirs) => [{ pin: theirs.original.key, type: 1, time: 604_800 }],
      poll: () => [{ poll: { name: '?', values: ['A', 'B'], selectableCount: 1 } }],
      forward: (to, theirs) => [{ forward: theirs.original }],
      'view once': () => [{ text: 'look', viewOnce: true }],
      timer: () => [{ disappearingMessagesInChat: 604_800 }],
      revoke: (to, _, id) => [{ delete: { id, remoteJid: to, fromMe: true } }],
    }).map(([name, act]) => [name, async ({ socket }, to, ...rest) => (await socket.sendMessage(to, ...act(to, ...rest))).key]),
  ),
}

/** Does with a client what is compared, and gives the stanzas that it sent. */
async function capture(t, kind) {
  const here = await stage(t)
  const { emulator } = here
  const side = await here[kind]('Ana', kind === 'chasqui' ? { pushName: 'Ana' } : {})
  const sent = (filter) => emulator.stanzas({ account: 'Ana', direction: 'out', ...filter })
  const until = (what, filter, count = 1) => waitFor(async () => (await sent(filter)).length >= count, what)
  await until('the greeting of the phone', { tag: 'receipt', type: 'hist_sync' })
  const [maria, ben] = [await emulator.contact('María'), await emulator.contact('Ben')]

  // A message comes, is delivered and read, and answered.
  await maria.send('Ana', { text: 'hola' })
  await maria.waitForReceipt(({ receipt }) => receipt === 'delivery')
  await side.read(await side.got('hola'))
  await maria.waitForReceipt(({ receipt }) => receipt === 'read')
  // Baileys begins a new session with its first answer.
  await side.send(maria.lid, 'first')
  await maria.waitForMessage(({ text }) => text === 'first')
  await maria.send('Ana', { text: 'and?' })
  await side.got('and?')
  const id = await side.send(maria.lid, 'text')
  const message = await maria.waitForMessage(({ text }) => text === 'text')
  assert.equal(message.encryption, 'msg')
  await side.reaches(id, DELIVERED)
  await maria.read()
  await side.reaches(id, READ)
  await until('the ack of the read receipt', { tag: 'ack', type: 'read' })
  const protobufs = { text: message }
  for (const [name, act] of Object.entries(ACTS[kind])) {
    const done = await act(side, maria.lid, await side.got('and?'), id)
    protobufs[name] = await maria.waitForMessage((message) => message.id === done.id)
  }
  // The first message to somebody.
  await side.send(ben.lid, 'hello')
  assert.equal((await ben.waitForMessage()).encryption, 'pkmsg')
  // Somebody cannot decrypt.
  await maria.forgetSessions()
  await side.send(maria.lid, 'again?')
  await maria.waitForMessage(({ text }) => text === 'again?')
  // In a group: the first message brings the keys, the next one does not. One comes and is read, one is asked for, and
  // one has to be sent again.
  const group = await emulator.group({ subject: 'Paseo', members: ['María', 'Ana'] })
  await until('the news of the group', { tag: 'ack', type: 'w:gp2' })
  const toAll = async (text) => {
    await side.send(group.jid, text)
    await maria.waitForMessage((message) => message.text === text)
  }
  for (const text of ['to all', 'to all again']) await toAll(text)
  await maria.send(group.jid, { text: 'in the group' })
  await side.read(await side.got('in the group'))
  await until('the read receipt in the group', { tag: 'receipt', type: 'read' }, 2)
  const unknown = Buffer.concat([Buffer.from('3308011000', 'hex'), Buffer.from('1a10', 'hex'), Buffer.alloc(80, 1)])
  const lost = {
    tag: 'message',
    attrs: { id: '3EB0BBBBBBBBBBBBBBBBBB', from: group.jid, participant: ben.lid, participant_pn: ben.jid, addressing_mode: 'lid', type: 'text', t: `${Math.floor(Date.now() / 1000)}`, notify: 'Ben' },
    content: [{ tag: 'enc', attrs: { v: '2', type: 'skmsg' }, content: { base64: unknown.toString('base64') } }],
  }
  await emulator.inject({ account: 'Ana', stanza: lost })
  await until('the retry receipt in the group', { tag: 'receipt', type: 'retry' })
  await maria.forgetSessions()
  await toAll('to all once more')
  // What comes cannot be decrypted, twice.
  const broken = {
    tag: 'message',
    attrs: { id: '3EB0AAAAAAAAAAAAAAAAAA', from: ben.lid, sender_pn: ben.jid, addressing_mode: 'lid', type: 'text', t: `${Math.floor(Date.now() / 1000)}`, notify: 'Ben' },
    content: [{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: { base64: Buffer.alloc(64, 0x33).toString('base64') } }],
  }
  for (const count of [1, 2]) {
    await emulator.inject({ account: 'Ana', stanza: broken })
    await until('the retry receipts', { tag: 'receipt', type: 'retry' }, count + 1)
  }
  // Notifications; one of them says that the keys run low.
  const server = '@s.whatsapp.net'
  await emulator.inject({ account: 'Ana', stanza: { tag: 'notification', attrs: { id: '901', from: maria.jid, type: 'picture', t: '1700000000' }, content: [{ tag: 'delete', attrs: {} }] } })
  await until('the ack of the notification', { tag: 'ack', id: '901' })
  const uploads = (await sent({ tag: 'iq', xmlns: 'encrypt', child: 'list' })).length
  await emulator.inject({ account: 'Ana', stanza: { tag: 'notification', attrs: { id: '902', from: server, type: 'encrypt', t: '1700000000' }, content: [{ tag: 'count', attrs: { value: '3' } }] } })
  await until('the refill', { tag: 'iq', xmlns: 'encrypt', child: 'list' }, uploads + 1)
  await until('the ack of the notification', { tag: 'ack', id: '902' })
  // The second login.
  const before = (await sent({})).at(-1).sequence
  await side.stop()
  await side.start()
  await until('the second login', { tag: 'presence', type: 'available', after: before })
  await side.logout()
  await until('the logout', { tag: 'iq', child: 'remove-companion-device' })
  const stanzas = (await sent({ forms: true })).map(({ stanza }) => stanza)
  const found = forms(stanzas)
  for (const [name, message] of Object.entries(protobufs)) found.set(`${name} protobuf`, new Map(fields(proto.Message.decode(message.raw()))))
  return found
}

test('every difference between the stanzas of Chasqui and of Baileys is documented with its reason', async (t) => {
  const found = differences(await capture(t, 'baileys'), await capture(t, 'chasqui'))
  const known = documented(readFileSync(DOCUMENT, 'utf8'))
  const lines = (rows) => rows.map(row).sort()
  const bare = known.map(({ reason, ...rest }) => rest)
  assert.deepEqual(known.filter(({ reason }) => !reason).map(row), [], 'each has a reason')
  if (process.env.PARITY_PRINT) console.log(lines(found.map((one) => ({ ...one, reason: known.find((other) => row({ ...other, reason: '' }) === row(one))?.reason }))).join('\n'))
  assert.deepEqual(lines(found).filter((line) => !lines(bare).includes(line)), [], 'differences that are not documented')
  assert.deepEqual(lines(bare).filter((line) => !lines(found).includes(line)), [], 'documented differences that are none')
})
