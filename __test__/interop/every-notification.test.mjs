// Every notification that the protocol names reaches Chasqui and npm Baileys, is acknowledged once by each, and ends nothing,
// also when it holds nothing but its name.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { NOTIFICATIONS } from '../coverage/rows.mjs'
import { stage, waitFor } from './sides.mjs'

const GROUP = '120363000000000077@g.us'
const CHANNEL = '120363000000000078@newsletter'
const base64 = (text) => ({ base64: Buffer.from(text).toString('base64') })

/** What stands in those that need something to be taken for what they are. */
const INSIDE = {
  'w:gp2 subject': { attrs: { subject: 'New', s_t: '1700000000' } },
  'w:gp2 description': { content: [{ tag: 'body', attrs: {}, content: base64('About') }] },
  'w:gp2 ephemeral': { attrs: { expiration: '86400' } },
  'w:gp2 member_add_mode': { content: base64('admin_add') },
  'w:gp2 membership_approval_mode': { content: [{ tag: 'group_join', attrs: { state: 'on' } }] },
  'account_sync disappearing_mode': { attrs: { duration: '86400', t: '1700000000' } },
  'server_sync collection': { attrs: { name: 'regular', version: '1' } },
  'encrypt count': { attrs: { value: '50' } },
  'mex update': { attrs: { op_name: 'NotificationNewsletterJoin' }, content: base64('{"data":{}}') },
  'mex mex': { content: base64('{"operation":"x","updates":[]}') },
  'newsletter reaction': { attrs: { message_id: '100' }, content: [{ tag: 'reaction', attrs: {}, content: base64('👍') }] },
  'newsletter view': { attrs: { message_id: '100' }, content: base64('12') },
}

test('every notification is acknowledged by both and ends nothing', async (t) => {
  const here = await stage(t)
  const [chasqui, baileys] = [await here.chasqui('Chasqui'), await here.baileys('Baileys')]
  const person = await here.emulator.contact('Somebody')
  const connections = []
  chasqui.client.on('connection', ({ state }) => connections.push(state))
  const from = (type, side) => {
    if (type === 'w:gp2') return GROUP
    if (type === 'newsletter') return CHANNEL
    if (type === 'account_sync') return side.jid
    return ['devices', 'picture', 'status', 'privacy_token', 'business', 'disappearing_mode'].includes(type) ? person.jid : 's.whatsapp.net'
  }
  const acks = async (side, id) => (await side.stanzas({ direction: 'out', tag: 'ack', id })).length
  for (const [at, kind] of NOTIFICATIONS.entries()) {
    const [type, child] = kind.split(' ')
    for (const side of [chasqui, baileys]) {
      const id = `N${at}${side.kind}`
      const attrs = { from: kind === 'encrypt identity' ? person.jid : from(type, side), type, id, t: '1700000000', ...(type === 'w:gp2' ? { participant: person.lid } : {}) }
      const stanza = { tag: 'notification', attrs, content: [{ tag: child, attrs: {}, ...INSIDE[kind] }] }
      assert.equal((await here.emulator.inject({ account: side.name, stanza })).count, 1)
      await waitFor(async () => (await acks(side, id)) === 1, `${side.kind} to acknowledge "${kind}"`)
    }
  }
  // Both are still there, and were all the time.
  await baileys.send(chasqui.lid, 'still there?')
  await chasqui.got('still there?')
  await chasqui.send(baileys.lid, 'of course')
  await baileys.got('of course')
  assert.deepEqual(connections, [])
  for (const at of NOTIFICATIONS.keys()) assert.equal(await acks(chasqui, `N${at}Chasqui`), 1, NOTIFICATIONS[at])
})
