// Groups over our emulator with npm Baileys on all ends: what holds here does not depend on our own client.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { arrived, openPeer, textOf } from '../harness/baileys.mjs'
import { startEmulator, waitFor } from '../harness/emulator.mjs'

let emulator
before(async () => (emulator = await startEmulator()))
after(() => emulator.stop())

/** A peer that is open, and what it hears of groups. */
async function peer(t, name) {
  const it = await openPeer(t, emulator, name)
  const heard = { made: [], members: [], changes: [], receipts: [] }
  it.socket.ev.on('groups.upsert', (groups) => heard.made.push(...groups))
  it.socket.ev.on('group-participants.update', (update) => heard.members.push(update))
  it.socket.ev.on('groups.update', (updates) => heard.changes.push(...updates))
  it.socket.ev.on('message-receipt.update', (updates) => heard.receipts.push(...updates))
  return Object.assign(it, { heard })
}

/** Whose receipts of a kind a message has: Baileys folds one that comes together with its message into it. */
function receiptsOf(it, id, kind) {
  const folded = it.messages.filter(({ key }) => key.id === id).flatMap(({ userReceipt }) => userReceipt ?? [])
  const told = it.heard.receipts.filter(({ key }) => key.id === id).map(({ receipt }) => receipt)
  return [...folded, ...told].filter((receipt) => Number(receipt[kind]) > 0).map(({ userJid }) => userJid.replace(/:\d+@/, '@'))
}

const event = (contact, wanted) => emulator.event(contact, wanted)
const details = async (jid) => (await emulator.call('groups')).find((group) => group.jid === jid)

test('a group that Baileys makes carries texts and receipts both ways, and a new member reads what comes after it', async (t) => {
  const [alice, bob, carla] = [await peer(t, 'g alice'), await peer(t, 'g bob'), await peer(t, 'g carla')]
  const group = await alice.socket.groupCreate('Paseo', [bob.jid])
  assert.equal(group.subject, 'Paseo')
  assert.equal(group.addressingMode, 'lid')
  assert.deepEqual(
    group.participants.map(({ id, phoneNumber, admin }) => [id, phoneNumber, admin]).sort(),
    [[alice.lid, alice.jid, 'superadmin'], [bob.lid, bob.jid, null]].sort(),
  )
  const seen = await waitFor(() => bob.heard.made.find(({ id }) => id === group.id), 'the group to be new')
  assert.equal(seen.subject, 'Paseo')

  const first = await alice.send(group.id, 'who comes?')
  const got = await waitFor(() => arrived(bob, 'who comes?'), 'the first text')
  assert.equal(got.key.remoteJid, group.id)
  assert.equal(got.key.participant.replace(/:\d+@/, '@'), alice.lid)
  assert.equal(got.key.participantAlt, alice.jid)
  await waitFor(() => receiptsOf(alice, first, 'receiptTimestamp').includes(bob.lid), 'the delivery receipt')
  await bob.socket.readMessages([got.key])
  await waitFor(() => receiptsOf(alice, first, 'readTimestamp').includes(bob.lid), 'the read receipt')

  await bob.send(group.id, 'I do')
  await waitFor(() => arrived(alice, 'I do'), 'the answer')

  const result = await alice.socket.groupParticipantsUpdate(group.id, [carla.jid], 'add')
  assert.deepEqual(result.map(({ status, jid }) => [status, jid]), [['200', carla.lid]])
  await waitFor(() => carla.heard.made.find(({ id }) => id === group.id), 'the group to be new to the third')
  await waitFor(() => bob.heard.members.find(({ action }) => action === 'add'), 'the others to hear of it')
  await alice.send(group.id, 'the three of us')
  await bob.send(group.id, 'welcome')
  for (const text of ['the three of us', 'welcome']) await waitFor(() => arrived(carla, text), text)
  assert.equal(arrived(carla, 'who comes?') ?? arrived(carla, 'I do'), undefined)
  await carla.send(group.id, 'hello')
  for (const it of [alice, bob]) await waitFor(() => arrived(it, 'hello'), 'the text of the new member')
})

test('whoever is removed or leaves gets nothing more and may not write', async (t) => {
  const [alice, bob, carla] = [await peer(t, 'r alice'), await peer(t, 'r bob'), await peer(t, 'r carla')]
  const { id } = await alice.socket.groupCreate('Cine', [bob.jid, carla.jid])
  await alice.send(id, 'one')
  for (const it of [bob, carla]) await waitFor(() => arrived(it, 'one'), 'the first text')
  await alice.socket.groupParticipantsUpdate(id, [bob.lid], 'remove')
  await waitFor(() => bob.heard.members.find((update) => update.action === 'remove' && update.id === id), 'bob to be told')
  await alice.send(id, 'two')
  await waitFor(() => arrived(carla, 'two'), 'the second text')
  assert.equal(arrived(bob, 'two'), undefined)
  await assert.rejects(bob.socket.groupMetadata(id), /forbidden/)
  await assert.rejects(
    emulator.call('contactSend', { contact: (await emulator.call('contact', { name: 'r Eva' })).name, to: id, text: 'x' }),
    /is not in the group/,
  )
  await carla.socket.groupLeave(id)
  await waitFor(() => alice.heard.members.find((update) => update.action === 'remove'
    && update.participants.some((who) => who.id === carla.lid)), 'the leave to be told')
  assert.deepEqual((await details(id)).members.map(({ name }) => name), ['r alice'])
})

test('names, descriptions, switches, roles and invite links of a group are what Baileys makes them', async (t) => {
  const [alice, bob] = [await peer(t, 's alice'), await peer(t, 's bob')]
  const { id } = await alice.socket.groupCreate('old name', [])
  const code = await alice.socket.groupInviteCode(id)
  assert.equal((await bob.socket.groupGetInviteInfo(code)).subject, 'old name')
  assert.equal(await bob.socket.groupAcceptInvite(code), id)
  await waitFor(() => bob.heard.made.find((group) => group.id === id), 'the group to be new')

  // One after another: while it buffers, Baileys keeps only the first change of a group.
  const changes = [
    [() => alice.socket.groupUpdateSubject(id, 'new name'), 'subject', 'new name'],
    [() => alice.socket.groupUpdateDescription(id, 'what it is about'), 'desc', 'what it is about'],
    [() => alice.socket.groupSettingUpdate(id, 'announcement'), 'announce', true],
    [() => alice.socket.groupSettingUpdate(id, 'locked'), 'restrict', true],
  ]
  for (const [change, name, value] of changes) {
    await change()
    await waitFor(() => bob.heard.changes.some((heard) => heard[name] === value), `the change of ${name}`)
  }
  await alice.socket.groupToggleEphemeral(id, 86_400)
  await alice.socket.groupMemberAddMode(id, 'admin_add')
  const metadata = await bob.socket.groupMetadata(id)
  assert.deepEqual(
    [metadata.subject, metadata.desc, metadata.announce, metadata.restrict, metadata.ephemeralDuration, metadata.memberAddMode],
    ['new name', 'what it is about', true, true, 86_400, false],
  )
  assert.equal((await bob.socket.groupFetchAllParticipating())[id].desc, 'what it is about')

  await assert.rejects(bob.socket.groupUpdateSubject(id, 'mine'), /forbidden/)
  const silenced = await bob.send(id, 'may I?')
  await waitFor(async () => {
    const acks = await emulator.call('stanzas', { account: 's bob', direction: 'in', tag: 'ack', id: silenced })
    return acks.some(({ stanza }) => stanza.attrs.error === '403')
  }, 'the refusal')
  await alice.socket.groupParticipantsUpdate(id, [bob.jid], 'promote')
  await bob.send(id, 'now I may')
  await waitFor(() => arrived(alice, 'now I may'), 'the text of the admin')
  await alice.socket.groupParticipantsUpdate(id, [bob.lid], 'demote')
  await alice.socket.groupRevokeInvite(id)
  await assert.rejects(bob.socket.groupGetInviteInfo(code), /gone/)
  await alice.socket.groupUpdateDescription(id, undefined)
  assert.equal((await alice.socket.groupMetadata(id)).desc, undefined)
})

test('who wants to join a closed group waits for an admin', async (t) => {
  const [alice, bob, carla] = [await peer(t, 'j alice'), await peer(t, 'j bob'), await peer(t, 'j carla')]
  const { id } = await alice.socket.groupCreate('closed', [])
  await alice.socket.groupJoinApprovalMode(id, 'on')
  const code = await alice.socket.groupInviteCode(id)
  for (const it of [bob, carla]) await it.socket.groupAcceptInvite(code)
  const waiting = await alice.socket.groupRequestParticipantsList(id)
  assert.deepEqual(waiting.map(({ jid }) => jid).sort(), [bob.lid, carla.lid].sort())
  await alice.socket.groupRequestParticipantsUpdate(id, [bob.lid], 'approve')
  await alice.socket.groupRequestParticipantsUpdate(id, [carla.lid], 'reject')
  assert.deepEqual((await details(id)).members.map(({ name }) => name), ['j alice', 'j bob'])
})

test('a virtual phone is a member: it writes, reads, confirms and asks again', async (t) => {
  const bob = await peer(t, 'v bob')
  await emulator.call('contact', { name: 'Ana' })
  await emulator.call('contact', { name: 'Eva' })
  const { jid } = await emulator.call('group', { subject: 'Mixed', members: ['Ana', 'v bob', 'Eva'], description: 'x' })
  const seen = await waitFor(() => bob.heard.made.find(({ id }) => id === jid), 'the group to be new')
  assert.equal(seen.participants.length, 3)

  const { id } = await emulator.call('contactSend', { contact: 'Ana', to: jid, text: 'hola a todos' })
  const got = await waitFor(() => arrived(bob, 'hola a todos'), 'the text')
  assert.equal(got.key.remoteJid, jid)
  await waitFor(() => event('Eva', (it) => it.text === 'hola a todos' && it.group === jid), 'the text on the other phone')
  await waitFor(() => event('Ana', (it) => it.type === 'receipt' && it.ids.includes(id) && it.from === bob.jid), 'the receipt')
  await bob.socket.readMessages([got.key])
  await waitFor(() => event('Ana', (it) => it.receipt === 'read' && it.ids.includes(id) && it.group === jid), 'the read receipt')

  const answer = await bob.send(jid, 'hola, Ana')
  const read = await waitFor(() => event('Ana', (it) => it.id === answer), 'the answer')
  assert.deepEqual([read.text, read.chat, read.from, read.encryption], ['hola, Ana', jid, bob.jid, 'skmsg'])
  await waitFor(() => receiptsOf(bob, answer, 'receiptTimestamp').length === 2, 'the phones’ receipts')

  await emulator.call('contactForgetSessions', { name: 'Eva' })
  const again = await bob.send(jid, 'once more')
  await waitFor(() => event('Eva', (it) => it.type === 'undecryptable' && it.id === again), 'the failure')
  await waitFor(() => event('Eva', (it) => it.type === 'message' && it.id === again), 'the resend')
})

test('a group of phone numbers carries texts, too', async (t) => {
  const [alice, bob] = [await peer(t, 'pn alice'), await peer(t, 'pn bob')]
  const { jid } = await emulator.call('group', { subject: 'Old', members: ['pn alice', 'pn bob'], addressing: 'pn' })
  const metadata = await alice.socket.groupMetadata(jid)
  assert.equal(metadata.addressingMode, 'pn')
  assert.deepEqual(metadata.participants.map(({ id, lid }) => [id, lid]).sort(), [[alice.jid, alice.lid], [bob.jid, bob.lid]].sort())
  await alice.send(jid, 'by number')
  const got = await waitFor(() => arrived(bob, 'by number'), 'the text')
  assert.equal(got.key.participant.replace(/:\d+@/, '@'), alice.jid)
  await bob.send(jid, 'back')
  await waitFor(() => arrived(alice, 'back'), 'the answer')
})

test('a member that is away gets texts and notifications in the order in which they were', async (t) => {
  const [alice, bob, carla] = [await peer(t, 'o alice'), await peer(t, 'o bob'), await peer(t, 'o carla')]
  const { id } = await alice.socket.groupCreate('Order', [bob.jid])
  await bob.stop()
  await alice.send(id, 'before')
  await alice.socket.groupParticipantsUpdate(id, [carla.jid], 'add')
  await alice.send(id, 'after')
  await bob.start()
  await waitFor(() => arrived(bob, 'after'), 'the backlog')
  const stanzas = await emulator.call('stanzas', { account: 'o bob', direction: 'in' })
  const kinds = stanzas.map(({ stanza }) => stanza).filter(({ attrs }) => attrs.offline && attrs.from === id)
    .map(({ tag, content }) => (tag === 'message' ? 'message' : content[0].tag))
  assert.deepEqual(kinds, ['create', 'message', 'add', 'message'].slice(-kinds.length))
  assert.deepEqual(bob.messages.filter(({ key }) => key.remoteJid === id).map(textOf).filter(Boolean), ['before', 'after'])
})

test('a status post reaches whom it names, from Baileys and from a phone', async (t) => {
  const [alice, bob] = [await peer(t, 'st alice'), await peer(t, 'st bob')]
  await emulator.call('contact', { name: 'Rosa' })
  await alice.socket.sendMessage('status@broadcast', { text: 'my day' }, { statusJidList: [bob.jid] })
  const got = await waitFor(() => arrived(bob, 'my day'), 'the status')
  assert.equal(got.key.remoteJid, 'status@broadcast')
  assert.equal(got.key.participant.replace(/:\d+@/, '@'), alice.lid)
  await emulator.call('contactSend', { contact: 'Rosa', to: 'status@broadcast', text: 'her day', recipients: ['st bob'] })
  await waitFor(() => arrived(bob, 'her day'), 'the phone’s status')
  await emulator.call('contactSend', { contact: 'Rosa', to: '15550001111@broadcast', text: 'to my list', recipients: ['st bob'] })
  const listed = await waitFor(() => arrived(bob, 'to my list'), 'the message to a list')
  assert.equal(listed.key.remoteJid, '15550001111@broadcast')
})
