// The members about communities, beside those of npm Baileys; and what cannot work there, since it looks for other elements
// than the service has.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage } from '../interop/sides.mjs'
import { sideBySide, stanzaLogger } from './members-context.mjs'

test('communities are made and changed as Baileys does', async (t) => {
  const { baileys } = await stage(t)
  const log = stanzaLogger()
  const ana = await baileys('Ana', { socketOptions: { logger: log } })
  const ben = await baileys('Ben')
  const { same, ours } = sideBySide(ana, log)
  const made = []
  await same('create', async (socket) => {
    const community = await socket.communityCreate('Barrio', 'todo')
    made.push(community.id)
    return community
  })
  let turn = 0
  const own = (call) => (socket) => call(socket, made[turn++ % 2])
  const subs = []
  await same('a group of it', own(async (socket, jid) => {
    const group = await socket.communityCreateGroup('Sub', [ben.jid], jid)
    subs.push(group.id)
    return group
  }))
  const both = (call) => (socket) => call(socket, made[turn % 2], subs[turn++ % 2])
  await same('unlink', both((socket, jid, sub) => socket.communityUnlinkGroup(sub, jid)))
  await same('link', both((socket, jid, sub) => socket.communityLinkGroup(sub, jid)))
  await same('link what is no group', own((socket, jid) => socket.communityLinkGroup('120363000000000099@g.us', jid)))
  await same('subject', own((socket, jid) => socket.communityUpdateSubject(jid, 'Otro')))
  await same('code', own((socket, jid) => socket.communityInviteCode(jid)))
  await same('new code', own((socket, jid) => socket.communityRevokeInvite(jid)))
  await same('no such code', (socket) => socket.communityGetInviteInfo('0000000000000000000000'))
  await same('join with a dead code', (socket) => socket.communityAcceptInvite('0000000000000000000000'))
  await same('requests', own((socket, jid) => socket.communityRequestParticipantsList(jid)))
  await same('approve nobody', own((socket, jid) => socket.communityRequestParticipantsUpdate(jid, [ben.lid], 'approve')))
  for (const action of ['add', 'promote', 'demote', 'remove']) await same(action, own((socket, jid) => socket.communityParticipantsUpdate(jid, [ben.jid], action)))
  await same('timer', own((socket, jid) => socket.communityToggleEphemeral(jid, 86_400)))
  await same('no timer', own((socket, jid) => socket.communityToggleEphemeral(jid, 0)))
  await same('setting', own((socket, jid) => socket.communitySettingUpdate(jid, 'announcement')))
  await same('who adds', own((socket, jid) => socket.communityMemberAddMode(jid, 'admin_add')))
  await same('approval', own((socket, jid) => socket.communityJoinApprovalMode(jid, 'on')))
  await same('invitation taken back', own((socket, jid) => socket.communityRevokeInviteV4(jid, ben.jid)))
  await same('a dead invitation', own((socket, jid) => socket.communityAcceptInviteV4(ben.lid, { groupJid: jid, inviteCode: 'x', inviteExpiration: 1_700_000_000 })))

  const [, community] = made
  const { members } = ours
  const theirs = await ana.socket.groupMetadata(community)
  assert.deepEqual(await members.communityMetadata(community), theirs)
  assert.equal(theirs.isCommunity, true)
  await members.communityUpdateDescription(community, 'algo')
  assert.equal((await members.communityMetadata(community)).desc, 'algo')
  await members.communityUpdateDescription(community)
  assert.equal((await members.communityMetadata(community)).desc, undefined)
  const code = await members.groupInviteCode(subs[1])
  assert.equal((await members.communityGetInviteInfo(code)).id, subs[1])
  const all = await members.communityFetchAllParticipating()
  assert.deepEqual(Object.keys(all).toSorted(), made.toSorted())
  assert.deepEqual(all[community], await members.communityMetadata(community))
  const linked = await members.communityFetchLinkedGroups(community)
  const named = await ana.socket.communityFetchLinkedGroups(community)
  assert.deepEqual(linked.linkedGroups.map(({ id, ...rest }) => ({ ...rest, id: undefined })), named.linkedGroups)
  assert.ok(linked.linkedGroups.some(({ id }) => id === subs[1]))
  assert.deepEqual({ ...linked, isCommunity: false }, await members.communityFetchLinkedGroups(subs[1]))
  await same('leave', own((socket, jid) => socket.communityLeave(jid)))
})
