// The requests about groups and communities of Chasqui beside those of npm Baileys, for the same things done: every
// difference is in docs/wire-parity-groups.md.

import { test } from 'node:test'

import { assertDocumented, differences, forms } from './parity.mjs'
import { stage, waitFor } from './sides.mjs'

const DOCUMENT = new URL('../../docs/wire-parity-groups.md', import.meta.url)

/** What is done, each with what the acts before it have made. */
const ACTS = {
  create: {
    chasqui: async ({ groups }, at) => (at.group = (await groups.create('Paseo', [at.ben])).group.jid),
    baileys: async (socket, at) => (at.group = (await socket.groupCreate('Paseo', [at.ben])).id),
  },
  metadata: {
    chasqui: ({ groups }, { group }) => groups.metadata(group, { refresh: true }),
    baileys: (socket, { group }) => socket.groupMetadata(group),
  },
  list: { chasqui: ({ groups }) => groups.list(), baileys: (socket) => socket.groupFetchAllParticipating() },
  add: { chasqui: ({ groups }, { group, eva }) => groups.add(group, eva), baileys: (socket, { group, eva }) => socket.groupParticipantsUpdate(group, [eva], 'add') },
  promote: { chasqui: ({ groups }, { group, eva }) => groups.promote(group, eva), baileys: (socket, { group, eva }) => socket.groupParticipantsUpdate(group, [eva], 'promote') },
  demote: { chasqui: ({ groups }, { group, eva }) => groups.demote(group, eva), baileys: (socket, { group, eva }) => socket.groupParticipantsUpdate(group, [eva], 'demote') },
  remove: { chasqui: ({ groups }, { group, eva }) => groups.remove(group, eva), baileys: (socket, { group, eva }) => socket.groupParticipantsUpdate(group, [eva], 'remove') },
  subject: { chasqui: ({ groups }, { group }) => groups.setSubject(group, 'New name'), baileys: (socket, { group }) => socket.groupUpdateSubject(group, 'New name') },
  description: { chasqui: ({ groups }, { group }) => groups.setDescription(group, 'Sundays'), baileys: (socket, { group }) => socket.groupUpdateDescription(group, 'Sundays') },
  'another description': { chasqui: ({ groups }, { group }) => groups.setDescription(group, 'Mondays'), baileys: (socket, { group }) => socket.groupUpdateDescription(group, 'Mondays') },
  'no description': { chasqui: ({ groups }, { group }) => groups.setDescription(group, ''), baileys: (socket, { group }) => socket.groupUpdateDescription(group, undefined) },
  announcement: { chasqui: ({ groups }, { group }) => groups.setAnnouncement(group, true), baileys: (socket, { group }) => socket.groupSettingUpdate(group, 'announcement') },
  'no announcement': { chasqui: ({ groups }, { group }) => groups.setAnnouncement(group, false), baileys: (socket, { group }) => socket.groupSettingUpdate(group, 'not_announcement') },
  locked: { chasqui: ({ groups }, { group }) => groups.setLocked(group, true), baileys: (socket, { group }) => socket.groupSettingUpdate(group, 'locked') },
  unlocked: { chasqui: ({ groups }, { group }) => groups.setLocked(group, false), baileys: (socket, { group }) => socket.groupSettingUpdate(group, 'unlocked') },
  timer: { chasqui: ({ groups }, { group }) => groups.setDisappearing(group, 86_400), baileys: (socket, { group }) => socket.groupToggleEphemeral(group, 86_400) },
  'no timer': { chasqui: ({ groups }, { group }) => groups.setDisappearing(group, 0), baileys: (socket, { group }) => socket.groupToggleEphemeral(group, 0) },
  'who adds': { chasqui: ({ groups }, { group }) => groups.setMemberAddMode(group, 'all'), baileys: (socket, { group }) => socket.groupMemberAddMode(group, 'all_member_add') },
  approval: { chasqui: ({ groups }, { group }) => groups.setJoinApproval(group, true), baileys: (socket, { group }) => socket.groupJoinApprovalMode(group, 'on') },
  requests: { chasqui: ({ groups }, { group }) => groups.joinRequests(group), baileys: (socket, { group }) => socket.groupRequestParticipantsList(group) },
  approve: { chasqui: ({ groups }, { group, eva }) => groups.approve(group, eva), baileys: (socket, { group, eva }) => socket.groupRequestParticipantsUpdate(group, [eva], 'approve') },
  reject: { chasqui: ({ groups }, { group, eva }) => groups.reject(group, eva), baileys: (socket, { group, eva }) => socket.groupRequestParticipantsUpdate(group, [eva], 'reject') },
  code: {
    chasqui: async ({ groups }, at) => (at.code = await groups.inviteCode(at.group)),
    baileys: async (socket, at) => (at.code = await socket.groupInviteCode(at.group)),
  },
  info: { chasqui: ({ groups }, { code }) => groups.inviteInfo(code), baileys: (socket, { code }) => socket.groupGetInviteInfo(code) },
  'new code': { chasqui: ({ groups }, { group }) => groups.revokeInvite(group), baileys: (socket, { group }) => socket.groupRevokeInvite(group) },
  join: { chasqui: ({ groups }, { theirs }) => groups.join(theirs), baileys: (socket, { theirs }) => socket.groupAcceptInvite(theirs) },
  invitation: {
    chasqui: ({ groups }, { invitation, ben }) => groups.acceptInvitation({ group: invitation.groupJid, code: invitation.inviteCode, expiresAt: invitation.inviteExpiration * 1000, inviter: ben }),
    baileys: (socket, { invitation, ben }) => socket.groupAcceptInviteV4(ben, invitation),
  },
  'invitation taken back': { chasqui: ({ groups }, { group, eva }) => groups.revokeInvitation(group, eva), baileys: (socket, { group, eva }) => socket.groupRevokeInviteV4(group, eva) },
  leave: { chasqui: ({ groups }, { group }) => groups.leave(group), baileys: (socket, { group }) => socket.groupLeave(group) },
  community: {
    chasqui: async ({ communities }, at) => (at.community = (await communities.create('Barrio', { description: 'all', closed: true, open: true, general: true })).jid),
    baileys: async (socket, at) => (at.community = (await socket.communityCreate('Barrio', 'all')).id),
  },
  'group of a community': {
    chasqui: async ({ communities }, at) => (at.sub = (await communities.createGroup(at.community, 'Sub', [at.ben])).group.jid),
    baileys: async (socket, at) => (at.sub = (await socket.communityCreateGroup('Sub', [at.ben], at.community)).id),
  },
  unlink: { chasqui: ({ communities }, { community, sub }) => communities.unlink(community, sub), baileys: (socket, { community, sub }) => socket.communityUnlinkGroup(sub, community) },
  link: { chasqui: ({ communities }, { community, sub }) => communities.link(community, sub), baileys: (socket, { community, sub }) => socket.communityLinkGroup(sub, community) },
  'groups of a community': { chasqui: ({ communities }, { community }) => communities.groups(community), baileys: (socket, { community }) => socket.communityFetchLinkedGroups(community) },
  'removal from a community': { chasqui: ({ communities }, { community, ben }) => communities.remove(community, ben), baileys: (socket, { community, ben }) => socket.communityParticipantsUpdate(community, [ben], 'remove') },
  'leaving a community': { chasqui: ({ communities }, { community }) => communities.leave(community), baileys: (socket, { community }) => socket.communityLeave(community) },
}

/** Does with a client what is compared, and gives the forms of its requests about groups. */
async function capture(t, kind) {
  const here = await stage(t)
  const [ana, ben, eva] = [await here[kind]('Ana'), await here.baileys('Ben'), await here.baileys('Eva')]
  const at = { ben: ben.jid, eva: eva.jid }
  // What others have made, and let nobody add Ana to.
  const cine = await ben.socket.groupCreate('Cine', [])
  at.theirs = await ben.socket.groupInviteCode(cine.id)
  const teatro = await ben.socket.groupCreate('Teatro', [])
  const privacy = { tag: 'privacy', attrs: {}, content: [{ tag: 'category', attrs: { name: 'groupadd', value: 'none' } }] }
  const ask = (node) => (kind === 'chasqui' ? ana.client.query(node) : ana.socket.query(node))
  await ask({ tag: 'iq', attrs: { to: 's.whatsapp.net', type: 'set', xmlns: 'privacy' }, content: [privacy] })
  const [refused] = await ben.socket.groupParticipantsUpdate(teatro.id, [ana.jid], 'add')
  const { code, expiration } = refused.content.content[0].attrs
  at.invitation = { groupJid: teatro.id, inviteCode: code, inviteExpiration: Number(expiration) }

  const sent = () => here.emulator.stanzas({ account: 'Ana', device: ana.device, direction: 'out', tag: 'iq', xmlns: 'w:g2', forms: true })
  const found = new Map()
  for (const [name, acts] of Object.entries(ACTS)) {
    const before = (await sent()).length
    await acts[kind](kind === 'chasqui' ? ana.client : ana.socket, at)
    const stanzas = await waitFor(async () => {
      const now = (await sent()).slice(before)
      return now.length > 0 && now
    }, name)
    for (const [operation, places] of forms(stanzas.map(({ stanza }) => stanza))) found.set(`${name}: ${operation}`, places)
  }
  return found
}

test('every difference between the requests about groups of Chasqui and of Baileys is documented with its reason', async (t) => {
  const found = differences(await capture(t, 'baileys'), await capture(t, 'chasqui'))
  assertDocumented(found, DOCUMENT)
})
