// The stanzas of Chasqui beside those of npm Baileys, for the same things done: every difference is in docs/wire-parity.md.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { proto } from 'baileys'

import { differences, documented, fields, forms, row } from './parity.mjs'
import { DELIVERED, READ, stage, waitFor } from './sides.mjs'

const DOCUMENT = new URL('../../docs/wire-parity.md', import.meta.url)

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
  // The first message to somebody.
  await side.send(ben.lid, 'hello')
  assert.equal((await ben.waitForMessage()).encryption, 'pkmsg')
  // Somebody cannot decrypt.
  await maria.forgetSessions()
  await side.send(maria.lid, 'again?')
  await maria.waitForMessage(({ text }) => text === 'again?')
  // What comes cannot be decrypted, twice.
  const broken = {
    tag: 'message',
    attrs: { id: '3EB0AAAAAAAAAAAAAAAAAA', from: ben.lid, sender_pn: ben.jid, addressing_mode: 'lid', type: 'text', t: `${Math.floor(Date.now() / 1000)}`, notify: 'Ben' },
    content: [{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: { base64: Buffer.alloc(64, 0x33).toString('base64') } }],
  }
  for (const count of [1, 2]) {
    await emulator.inject({ account: 'Ana', stanza: broken })
    await until('the retry receipts', { tag: 'receipt', type: 'retry' }, count)
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
  found.set('text protobuf', new Map(fields(proto.Message.decode(message.raw()))))
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
