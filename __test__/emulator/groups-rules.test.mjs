// What the emulator lets people do in groups and communities, with npm Baileys on all ends: the rules are not our client's.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { openPeer } from '../harness/baileys.mjs'
import { startEmulator, waitFor } from '../harness/emulator.mjs'

let emulator
before(async () => (emulator = await startEmulator({ echoGroupChanges: true })))
after(() => emulator.stop())

/** A peer that is open, and what it hears of groups. */
async function peer(t, name) {
  const it = await openPeer(t, emulator, name)
  const heard = { made: [], members: [], requests: [] }
  it.socket.ev.on('groups.upsert', (groups) => heard.made.push(...groups))
  it.socket.ev.on('group-participants.update', (update) => heard.members.push(update))
  it.socket.ev.on('group.join-request', (update) => heard.requests.push(update))
  return Object.assign(it, { heard })
}

const members = async (jid) => (await emulator.call('groups')).find((group) => group.jid === jid)?.members.map(({ name }) => name).toSorted()
const statuses = (results) => results.map(({ status }) => status)
const refused = (call, number) => assert.rejects(call, ({ data }) => data === number)

test('whom nobody adds, who has left, who is in already and who does not exist are told apart', async (t) => {
  const [alice, bob, carla] = [await peer(t, 'a alice'), await peer(t, 'a bob'), await peer(t, 'a carla')]
  const { id } = await alice.socket.groupCreate('Paseo', [carla.jid])
  await bob.socket.updateGroupsAddPrivacy('none')
  const change = (people, action) => alice.socket.groupParticipantsUpdate(id, people, action)
  const [kept] = await change([bob.jid], 'add')
  assert.equal(kept.status, '403')
  const [{ tag, attrs }] = kept.content.content
  assert.equal(tag, 'add_request')

  // Bob comes by the invitation that he is sent.
  const inviteMessage = { groupJid: id, inviteCode: attrs.code, inviteExpiration: Number(attrs.expiration), groupName: 'Paseo' }
  assert.equal(await bob.socket.groupAcceptInviteV4(alice.jid, inviteMessage), id)
  assert.deepEqual(await members(id), ['a alice', 'a bob', 'a carla'])
  await refused(bob.socket.groupAcceptInviteV4(alice.jid, inviteMessage), 410)

  assert.deepEqual(statuses(await change([carla.jid, '15559999999@s.whatsapp.net'], 'add')), ['409', '404'])
  await carla.socket.groupLeave(id)
  assert.deepEqual(statuses(await change([carla.jid], 'add')), ['408'])
  assert.deepEqual(statuses(await change([carla.jid], 'remove')), ['404'])
  assert.deepEqual(statuses(await change([alice.jid], 'demote')), ['406'])
  // Who has left comes back by the link.
  await carla.socket.groupAcceptInvite(await alice.socket.groupInviteCode(id))
  await refused(carla.socket.groupAcceptInvite(await alice.socket.groupInviteCode(id)), 304)
  await change([carla.jid], 'remove')
  await refused(carla.socket.groupAcceptInvite(await alice.socket.groupInviteCode(id)), 405)
})

test('members do what the group lets them do, and ask admins for the rest', async (t) => {
  const [alice, bob, carla] = [await peer(t, 'm alice'), await peer(t, 'm bob'), await peer(t, 'm carla')]
  const { id } = await alice.socket.groupCreate('Rights', [bob.jid])
  await bob.socket.groupUpdateSubject(id, 'by a member')
  for (const call of [() => bob.socket.groupSettingUpdate(id, 'locked'), () => bob.socket.groupInviteCode(id), () => bob.socket.groupParticipantsUpdate(id, [alice.jid], 'remove')]) {
    await refused(call(), 403)
  }
  await alice.socket.groupJoinApprovalMode(id, 'on')
  const [asked] = await bob.socket.groupParticipantsUpdate(id, [carla.jid], 'add')
  assert.equal(asked.status, '421')
  await waitFor(() => alice.heard.requests.some((it) => it.action === 'created' && it.method === 'non_admin_add'), 'the request to be told')
  const [request] = await alice.socket.groupRequestParticipantsList(id)
  assert.deepEqual([request.jid, request.request_method, request.requestor], [carla.lid, 'non_admin_add', bob.lid])
  assert.deepEqual(await alice.socket.groupRequestParticipantsUpdate(id, [carla.lid, bob.lid], 'approve').then(statuses), ['200', '404'])
  assert.deepEqual(await members(id), ['m alice', 'm bob', 'm carla'])
  await waitFor(() => bob.heard.members.some(({ action, participants }) => action === 'add' && participants[0].id === carla.lid), 'the new member')
  await alice.socket.groupMemberAddMode(id, 'admin_add')
  await refused(bob.socket.groupParticipantsUpdate(id, [carla.jid], 'add'), 403)
  await refused(bob.socket.groupMetadata('120363999999999999@g.us'), 404)
})

test('a community has a group for announcements, takes groups in and lets them go, and its people follow', async (t) => {
  const [alice, bob, carla] = [await peer(t, 'c alice'), await peer(t, 'c bob'), await peer(t, 'c carla')]
  const { id: community } = await alice.socket.communityCreate('Barrio', 'everybody')
  const own = Object.values(await alice.socket.groupFetchAllParticipating())
  const hall = own.find(({ isCommunityAnnounce }) => isCommunityAnnounce)
  assert.deepEqual([hall.linkedParent, hall.announce, hall.subject], [community, true, 'Barrio'])
  assert.equal(own.length, 3, 'with the general chat')

  const { id: plain } = await alice.socket.groupCreate('Plain', [bob.jid])
  await alice.socket.communityLinkGroup(plain, community)
  assert.equal((await bob.socket.groupMetadata(plain)).linkedParent, community)
  for (const jid of [community, hall.id]) assert.deepEqual(await members(jid), ['c alice', 'c bob'])
  const { linkedGroups } = await alice.socket.communityFetchLinkedGroups(community)
  assert.ok(linkedGroups.some(({ subject }) => subject === 'Plain'))
  await refused(bob.socket.communityUnlinkGroup(plain, community), 403)

  const { id: subId } = await alice.socket.communityCreateGroup('Sub', [carla.jid], community)
  assert.deepEqual(await members(hall.id), ['c alice', 'c bob', 'c carla'])
  await alice.socket.groupParticipantsUpdate(subId, [bob.jid], 'add')
  await alice.socket.communityUnlinkGroup(plain, community)
  assert.equal((await bob.socket.groupMetadata(plain)).linkedParent, undefined)
  await alice.socket.communityParticipantsUpdate(community, [bob.jid], 'remove')
  for (const jid of [community, hall.id, subId]) assert.deepEqual(await members(jid), ['c alice', 'c carla'])
  assert.deepEqual(await members(plain), ['c alice', 'c bob'])
  await alice.socket.query({ tag: 'iq', attrs: { to: community, type: 'set', xmlns: 'w:g2' }, content: [{ tag: 'delete_parent', attrs: {} }] })
  assert.deepEqual([await members(community), await members(hall.id)], [undefined, undefined])
  assert.equal((await carla.socket.groupMetadata(subId)).linkedParent, undefined)
})
