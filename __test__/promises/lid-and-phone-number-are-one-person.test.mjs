// Promise 3: whichever of a person's two addresses a stanza or a program names, it is one person and one chat.

import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { waitFor } from '../harness/emulator.mjs'
import { next, openClient, temporary } from '../help.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())
const maria = await emulator.contact('María')

const device = (jid, number) => jid.replace('@', `:${number}@`)
const forms = { 'phone number': maria.jid, LID: maria.lid, 'device of the phone number': device(maria.jid, 2), 'device of the LID': device(maria.lid, 2) }
const both = { pn: maria.jid, lid: maria.lid }

test('every event names the person by both addresses, in one chat, whatever the stanza says, also after a restart', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'one.db')}`
  const lid = await emulator.group({ subject: 'By LID', members: ['María', 'Shop'] })
  const pn = await emulator.group({ subject: 'By number', members: ['María', 'Shop'], addressing: 'pn' })
  const stanzas = (address, id) => {
    const message = (attrs) => ({ tag: 'message', attrs: { id, t: '1700000000', type: 'text', ...attrs }, content: [{ tag: 'unavailable', attrs: { type: 'view_once' } }] })
    const receipt = (attrs) => ({ tag: 'receipt', attrs: { id, t: '1700000000', ...attrs } })
    return {
      'a message': message({ from: address }),
      'a message in a group by LID': message({ from: lid.jid, participant: address }),
      'a message in a group by number': message({ from: pn.jid, participant: address }),
      'a delivery receipt': receipt({ from: address }),
      'a read receipt': receipt({ from: address, type: 'read' }),
      'a read receipt in a group by LID': receipt({ from: lid.jid, participant: address, type: 'read' }),
      'a read receipt in a group by number': receipt({ from: pn.jid, participant: address, type: 'read' }),
    }
  }
  let count = 0
  for (const run of ['first', 'second']) {
    const client = await openClient(t, emulator, 'Shop', { store })
    const events = []
    client.on('message', (message) => events.push({ ids: [message.id], chat: message.chat, who: message.sender }))
    client.on('receipt', ({ ids, chat, recipient }) => events.push({ ids, chat, who: recipient }))
    // The one stanza that names both.
    if (run === 'first') await client.resolve(maria.jid)
    for (const [form, address] of Object.entries(forms)) {
      for (const kind of Object.keys(stanzas(address, ''))) {
        const id = `ONE-${++count}`
        const stanza = stanzas(address, id)[kind]
        await emulator.inject({ account: 'Shop', stanza })
        const { chat, who } = await waitFor(() => events.find(({ ids }) => ids.includes(id)), `${kind} by ${form}`)
        assert.deepEqual({ chat, jid: who.jid, pn: who.pn, lid: who.lid }, { chat: stanza.attrs.participant ? stanza.attrs.from : maria.jid, jid: maria.jid, ...both }, `${kind} by ${form}`)
      }
    }
    const shown = JSON.stringify(events)
    assert.ok(!shown.includes(`${maria.lid.split('@')[0]}@s.whatsapp.net`), 'a LID never looks like a phone number')
    await client.disconnect()
  }
})

test('a message to any form of a person goes to the same chat', async (t) => {
  const client = await openClient(t, emulator, 'Office')
  const number = maria.jid.split('@')[0]
  const arrived = next(client, 'message')
  await maria.send('Office', { text: 'hola' })
  const received = await arrived
  const names = [`+${number}`, number, ...Object.values(forms), received, { chat: maria.lid, id: received.id, sender: maria.lid, fromMe: false }]
  for (const [at, to] of names.entries()) {
    await client.send(to, { text: `to form ${at}` })
    await maria.waitForMessage(({ text }) => text === `to form ${at}`)
  }
  const sent = await emulator.stanzas({ account: 'Office', direction: 'out', tag: 'message' })
  const addresses = new Set(sent.filter(({ stanza }) => stanza.attrs.category !== 'peer').map(({ stanza }) => stanza.attrs.to))
  assert.deepEqual([...addresses], [maria.lid])
})
