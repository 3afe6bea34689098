// Who is who, on which devices, under which keys: addresses, device lists, identities, prekeys, and the own phone.

import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'

import { proto } from 'baileys'
import { startEmulator } from 'chasqui/testing'

import { waitFor } from './harness/emulator.mjs'
import { clientOf, next, openClient, temporary } from './help.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())
const maria = await emulator.contact('María')

const asked = async (account, context) => {
  const found = await emulator.stanzas({ account, direction: 'out', tag: 'iq', xmlns: 'usync' })
  return found.filter(({ stanza }) => !context || stanza.content[0].attrs.context === context).length
}

test('resolve() gives both addresses for any one of them, asks once, and remembers after a restart', async (t) => {
  const store = `sqlite:${path.join(temporary(t), 'who.db')}`
  const client = await openClient(t, emulator, 'Asker', { store })
  const both = { jid: maria.jid, pn: maria.jid, lid: maria.lid }
  const number = maria.jid.split('@')[0]
  assert.deepEqual(await client.resolve(`+${number}`), both)
  for (const form of [number, maria.jid, maria.lid, maria.jid.replace('@', ':4@'), { chat: maria.lid }]) {
    assert.deepEqual(await client.resolve(form), both)
  }
  assert.equal(await asked('Asker', 'interactive'), 1)
  assert.deepEqual(await client.resolve(client.user.lid), { jid: client.user.jid, pn: client.user.jid, lid: client.user.lid })
  await assert.rejects(client.resolve('+15550009999'), { code: 'NOT_ON_WHATSAPP' })
  await assert.rejects(client.resolve('999999999999999@lid'), { code: 'NOT_ON_WHATSAPP' })
  for (const nobody of ['120363000000000001@g.us', 'status@broadcast', 'María', '', 7]) {
    await assert.rejects(client.resolve(nobody), { code: 'INVALID_RECIPIENT' })
  }
  await client.disconnect()

  const again = await openClient(t, emulator, 'Asker', { store })
  const before = await asked('Asker', 'interactive')
  assert.deepEqual(await again.resolve(maria.lid), both)
  assert.equal(await asked('Asker', 'interactive'), before)
})

test('resolve() by LID asks the server who that is', async (t) => {
  const client = await openClient(t, emulator, 'Reverse')
  const pedro = await emulator.contact('Pedro')
  assert.deepEqual(await client.resolve(pedro.lid), { jid: pedro.jid, pn: pedro.jid, lid: pedro.lid })
})

test('both addresses are learnt wherever a stanza names them', async (t) => {
  const account = 'Learner'
  const client = await openClient(t, emulator, account)
  let count = 0
  const pair = () => {
    count++
    return { pn: `1555100${String(1000 + count)}@s.whatsapp.net`, lid: `2000000000${String(10000 + count)}@lid` }
  }
  const group = '120363000000000077@g.us'
  const own = client.user.lid.replace('@', ':0@')
  const message = (attrs) => ({ tag: 'message', attrs: { id: `L${count}`, t: '1700000000', type: 'text', ...attrs }, content: [{ tag: 'unavailable', attrs: { type: 'view_once' } }] })
  const notification = (type, attrs, content) => ({ tag: 'notification', attrs: { id: `L${count}`, t: '1700000000', type, ...attrs }, content })
  const receipt = (attrs, content) => ({ tag: 'receipt', attrs: { id: `L${count}`, t: '1700000000', ...attrs }, content })
  const server = '@s.whatsapp.net'
  const places = {
    'sender_pn of a message': ({ pn, lid }) => message({ from: lid, sender_pn: pn }),
    'sender_lid of a message': ({ pn, lid }) => message({ from: pn, sender_lid: lid }),
    'participant_pn of a group’s message': ({ pn, lid }) => message({ from: group, participant: lid.replace('@', ':2@'), participant_pn: pn }),
    'participant_lid of a group’s message': ({ pn, lid }) => message({ from: group, participant: pn, participant_lid: lid }),
    'peer_recipient_pn of an own copy': ({ pn, lid }) => message({ from: own, recipient: lid, peer_recipient_pn: pn }),
    'peer_recipient_lid of an own copy': ({ pn, lid }) => message({ from: own, recipient: pn, peer_recipient_lid: lid }),
    'recipient_pn of an own copy': ({ pn, lid }) => message({ from: own, recipient: lid, recipient_pn: pn }),
    'lid of a notification': ({ pn, lid }) => notification('devices', { from: pn, lid }, [{ tag: 'update', attrs: { hash: 'x' } }]),
    'participant_pn of a notification': ({ pn, lid }) => notification('w:gp2', { from: group, participant: lid, participant_pn: pn }, [{ tag: 'locked', attrs: {} }]),
    'phone_number of a group’s new member': ({ pn, lid }) => notification('w:gp2', { from: group }, [{ tag: 'add', attrs: {}, content: [{ tag: 'participant', attrs: { jid: lid, phone_number: pn } }] }]),
    'lid of a group’s new member': ({ pn, lid }) => notification('w:gp2', { from: group }, [{ tag: 'add', attrs: {}, content: [{ tag: 'participant', attrs: { jid: pn, lid } }] }]),
    'pn_jid of a block list': ({ pn, lid }) => notification('blocklist', { from: server }, [{ tag: 'item', attrs: { jid: lid, pn_jid: pn, action: 'block' } }]),
    'sender_pn of a receipt': ({ pn, lid }) => receipt({ from: lid, sender_pn: pn }),
    'participant_pn of a receipt': ({ pn, lid }) => receipt({ from: group, participant: lid, participant_pn: pn }),
    'caller_pn of a call': ({ pn, lid }) => ({ tag: 'call', attrs: { id: `L${count}`, from: lid }, content: [{ tag: 'offer', attrs: { 'call-id': 'X', 'call-creator': lid, caller_pn: pn } }] }),
  }
  for (const [place, stanza] of Object.entries(places)) {
    const { pn, lid } = pair()
    await emulator.inject({ account, stanza: stanza({ pn, lid }) })
    const known = await waitFor(() => client.resolve(lid).catch(() => undefined), place)
    assert.deepEqual(known, { jid: pn, pn, lid }, place)
    assert.deepEqual(await client.resolve(pn), known, place)
  }

  // From the own phone, and from nobody else.
  const told = pair()
  const payload = proto.LIDMigrationMappingSyncPayload.encode({
    pnToLidMappings: [{ pn: Number(told.pn.split('@')[0]), assignedLid: 1, latestLid: Number(told.lid.split('@')[0]) }],
  }).finish()
  const raw = proto.Message.encode({
    protocolMessage: { type: proto.Message.ProtocolMessage.Type.LID_MIGRATION_MAPPING_SYNC, lidMigrationMappingSyncMessage: { encodedMappingPayload: payload } },
  }).finish()
  await maria.send(client.user.jid, { raw })
  await emulator.phoneWrites(account, raw)
  assert.equal((await waitFor(() => client.resolve(told.lid).catch(() => undefined), 'the phone’s mapping')).pn, told.pn)
})

test('a copy of an own message teaches nothing about the own addresses', async (t) => {
  const client = await openClient(t, emulator, 'Own')
  const stanza = { tag: 'message', attrs: { id: 'OWN1', from: client.user.lid.replace('@', ':0@'), recipient: maria.lid, sender_pn: maria.jid, t: '1700000000', type: 'text' }, content: [{ tag: 'unavailable', attrs: { type: 'view_once' } }] }
  await emulator.inject({ account: 'Own', stanza })
  await waitFor(async () => (await emulator.stanzas({ account: 'Own', direction: 'out', tag: 'ack', id: 'OWN1' })).length, 'the ack')
  assert.equal((await client.resolve(client.user.lid)).pn, client.user.jid)
  assert.equal((await client.resolve(maria.jid)).lid, maria.lid)
})

test('a device that is linked or unlinked is known from the notification, without asking', async (t) => {
  const writer = await openClient(t, emulator, 'Writer')
  const first = await openClient(t, emulator, 'Many')
  const to = first.user.jid
  const texts = (client, text) => next(client, 'message', (message) => message.text === text)
  const heard = texts(first, 'one')
  await writer.send(to, { text: 'one' })
  await heard
  const before = await asked('Writer')

  const second = clientOf(t, emulator, 'Many', { session: 'second' })
  await second.connect()
  await second.opened()
  const seen = (number) => waitFor(async () => (await emulator.stanzas({ account: 'Writer', direction: 'out', tag: 'ack', type: 'devices' })).length >= number, 'the notification')
  await seen(1)
  const both = [texts(first, 'two'), texts(second, 'two')]
  await writer.send(to, { text: 'two' })
  await Promise.all(both)

  await emulator.unlink('Many', second.user.device)
  await seen(2)
  const left = texts(first, 'three')
  await writer.send(to, { text: 'three' })
  await left
  assert.equal(await asked('Writer'), before)
  const [last] = await emulator.stanzas({ account: 'Writer', direction: 'out', tag: 'message', limit: 1 })
  const addressed = last.stanza.content.find(({ tag }) => tag === 'participants').content.map(({ attrs }) => attrs.jid)
  assert.ok(!addressed.some((jid) => jid.includes(`:${second.user.device}@`)), String(addressed))
})

test('a notification whose outcome has another hash makes the list be asked for anew', async (t) => {
  const writer = await openClient(t, emulator, 'Doubter')
  await writer.send(maria.jid, { text: 'before' })
  const before = await asked('Doubter')
  const child = { tag: 'remove', attrs: { device_hash: '2:AAAAAAAA' }, content: [{ tag: 'device', attrs: { jid: maria.jid.replace('@', ':7@') } }, { tag: 'key-index-list', attrs: { ts: '1700000000' } }] }
  await emulator.inject({ account: 'Doubter', notification: { type: 'devices', from: maria.jid, child } })
  await waitFor(async () => (await emulator.stanzas({ account: 'Doubter', direction: 'out', tag: 'ack', type: 'devices' })).length, 'the ack')
  await writer.send(maria.jid, { text: 'after' })
  assert.equal(await asked('Doubter'), before + 1)
})

test('a phone that is set up anew is told as an identity event, and messages go on both ways', async (t) => {
  const client = await openClient(t, emulator, 'Friend')
  const ana = await emulator.contact('Ana')
  const text = (wanted) => next(client, 'message', (message) => message.text === wanted)
  const early = text('early')
  await ana.send(client.user.jid, { text: 'early' })
  await client.send((await early).chat, { text: 'answer' })
  await ana.waitForMessage(({ text }) => text === 'answer')

  const told = next(client, 'identity')
  await ana.renewIdentity()
  assert.deepEqual({ ...(await told) }, { jid: ana.jid, pn: ana.jid, lid: ana.lid })
  await client.send(ana.jid, { text: 'to the new phone' })
  await ana.waitForMessage(({ text }) => text === 'to the new phone')
  const late = text('late')
  await ana.send(client.user.jid, { text: 'late' })
  await late
})

test('a message that only the phone has is asked for there, and shown under its id', async (t) => {
  const client = await openClient(t, emulator, 'Left out')
  const placeholder = next(client, 'message', ({ type }) => type === 'unavailable')
  const shown = next(client, 'message', ({ text }) => text === 'only on the phone')
  const { id } = await maria.send(client.user.jid, { text: 'only on the phone' }, { unavailable: '' })
  assert.equal((await placeholder).id, id)
  const message = await shown
  assert.deepEqual([message.id, message.chat, message.fromMe], [id, maria.jid, false])
  assert.deepEqual([message.sender.pn, message.sender.lid], [maria.jid, maria.lid])
})

test('for a view-once message the phone is not asked', async (t) => {
  const client = await openClient(t, emulator, 'Once')
  const placeholder = next(client, 'message', ({ type }) => type === 'unavailable')
  await maria.send(client.user.jid, { text: 'once' }, { unavailable: 'view_once' })
  await placeholder
  const shown = next(client, 'message', ({ text }) => text === 'for all')
  await maria.send(client.user.jid, { text: 'for all' }, { unavailable: '' })
  await shown
  const requests = await emulator.stanzas({ account: 'Once', direction: 'out', tag: 'message' })
  assert.equal(requests.filter(({ stanza }) => stanza.attrs.category === 'peer').length, 1)
})

test('a message that stays unreadable is asked for at the phone', async (t) => {
  const client = await openClient(t, emulator, 'Garbled')
  // The phone has it; what comes to the companion does not decrypt, and its sender never hears of that.
  const { id } = await maria.send(client.user.jid, { text: 'in the end' }, { unavailable: 'view_once' })
  await emulator.faults.add({ account: 'Garbled', what: 'drop', direction: 'out', tag: 'receipt', type: 'retry' })
  const shown = next(client, 'message', ({ text }) => text === 'in the end')
  const stanza = { tag: 'message', attrs: { id, from: maria.lid, sender_pn: maria.jid, t: String(Math.floor(Date.now() / 1000)), type: 'text' }, content: [{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: { base64: 'MwohBQ==' } }] }
  await emulator.inject({ account: 'Garbled', stanza })
  assert.equal((await shown).id, id)
})

test('a message that is no longer kept is asked of the program', async (t) => {
  const wanted = []
  const getMessage = (key) => {
    wanted.push(key)
    if (key.id === 'OLD1') return { text: 'from the archive' }
    if (key.id === 'OLD2') return proto.Message.encode({ conversation: 'as bytes' }).finish()
    return undefined
  }
  const client = await openClient(t, emulator, 'Archive', { getMessage })
  await client.send(maria.jid, { text: 'first' })
  for (const [id, text] of [['OLD1', 'from the archive'], ['OLD2', 'as bytes'], ['OLD3', undefined]]) {
    const stanza = { tag: 'receipt', attrs: { id, from: maria.lid, type: 'retry', t: '1700000000' }, content: [{ tag: 'retry', attrs: { v: '1', count: '1', id, t: '1700000000' } }] }
    await emulator.inject({ account: 'Archive', stanza })
    if (text) assert.equal((await maria.waitForMessage((message) => message.id === id)).text, text)
  }
  await waitFor(() => wanted.length === 3, 'the questions')
  assert.deepEqual(wanted[0], { id: 'OLD1', chat: maria.jid })
})

const uploads = async (account) => {
  const found = await emulator.stanzas({ account, direction: 'out', tag: 'iq', xmlns: 'encrypt', type: 'set' })
  return found.map(({ stanza }) => stanza.content.find(({ tag }) => tag === 'list')).filter(Boolean)
}
const idsOf = (list) => list.content.map(({ content }) => content.find(({ tag }) => tag === 'id').content.base64)

test('the server’s store of prekeys is refilled when it runs low, with no id used twice', async (t) => {
  const account = 'Keys'
  await openClient(t, emulator, account)
  const low = () => emulator.inject({ account, notification: { type: 'encrypt', child: { tag: 'count', attrs: { value: '3' } } } })
  await Promise.all([low(), low(), low()])
  await waitFor(async () => (await uploads(account)).length >= 2, 'an upload')
  await low()
  const lists = await waitFor(async () => ((await uploads(account)).length >= 3 ? uploads(account) : undefined), 'another upload')
  const ids = lists.flatMap(idsOf)
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(lists[0].content.length, 812)
})

test('an upload that fails is tried again', async (t) => {
  const account = 'Unlucky'
  await openClient(t, emulator, account)
  await emulator.faults.add({ account, what: 'refuse', direction: 'out', tag: 'iq', xmlns: 'encrypt', type: 'set', code: 503, times: 1 })
  const prekeys = async () => (await emulator.accounts()).find(({ name }) => name === account).devices[0].prekeys
  const before = await prekeys()
  await emulator.inject({ account, notification: { type: 'encrypt', child: { tag: 'count', attrs: { value: '3' } } } })
  await waitFor(async () => (await uploads(account)).length >= 2, 'the refused upload')
  // The server has keys enough by its own count, so that it is asked and nothing more follows.
  const asks = async () => (await emulator.stanzas({ account, direction: 'out', tag: 'iq', xmlns: 'encrypt', type: 'get', child: 'count' })).length
  await waitFor(async () => (await asks()) >= 2, 'the next attempt')
  assert.equal(await prekeys(), before)
})

test('a peer without one-time keys can be written to, one with forged keys cannot', async (t) => {
  const client = await openClient(t, emulator, 'Careful')
  const [poor, forger] = [await emulator.contact('Poor'), await emulator.contact('Forger')]
  await emulator.faults.add({ what: 'prekeys', how: 'missing', account: 'Poor' })
  await client.send(poor.jid, { text: 'without a one-time key' })
  await poor.waitForMessage(({ text }) => text === 'without a one-time key')
  await emulator.faults.add({ what: 'prekeys', how: 'forged', account: 'Forger' })
  await assert.rejects(client.send(forger.jid, { text: 'no' }), { code: 'REQUEST_FAILED' })
})
