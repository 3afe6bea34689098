// The members about groups, beside those of npm Baileys.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage } from '../interop/sides.mjs'
import { overEngine, sideBySide, stanzaLogger } from './members-context.mjs'

test('groups are asked for and changed as Baileys does', async (t) => {
  const { baileys } = await stage(t)
  const log = stanzaLogger()
  const ana = await baileys('Ana', { socketOptions: { logger: log } })
  const [ben, eva] = [await baileys('Ben'), await baileys('Eva')]
  const { same } = sideBySide(ana, log)

  const groups = []
  await same('create', async (socket) => {
    const made = await socket.groupCreate('Paseo', [ben.jid])
    groups.push(made.id)
    return made
  })
  const [group] = groups
  await same('metadata', (socket) => socket.groupMetadata(group))
  await same('the metadata of a foreign group', (socket) => socket.groupMetadata('120363000000000099@g.us'))
  await same('an empty subject', (socket) => socket.groupCreate('', [ben.jid]))
  let turn = 0
  const own = (call) => (socket) => call(socket, groups[turn++ % 2])
  await same('add', own((socket, id) => socket.groupParticipantsUpdate(id, [eva.jid, '5550000000001@s.whatsapp.net'], 'add')))
  await same('promote', own((socket, id) => socket.groupParticipantsUpdate(id, [eva.jid], 'promote')))
  await same('demote', own((socket, id) => socket.groupParticipantsUpdate(id, [eva.jid], 'demote')))
  await same('remove', own((socket, id) => socket.groupParticipantsUpdate(id, [eva.jid], 'remove')))
  await same('remove again', own((socket, id) => socket.groupParticipantsUpdate(id, [eva.jid], 'remove')))
  await same('subject', own((socket, id) => socket.groupUpdateSubject(id, 'Cine')))
  await same('description', own((socket, id) => socket.groupUpdateDescription(id, 'Sundays')))
  await same('another description', own((socket, id) => socket.groupUpdateDescription(id, 'Mondays, ñandú')))
  await same('described', own((socket, id) => socket.groupMetadata(id)))
  await same('no description', own((socket, id) => socket.groupUpdateDescription(id)))
  for (const setting of ['announcement', 'not_announcement', 'locked', 'unlocked']) {
    await same(setting, own((socket, id) => socket.groupSettingUpdate(id, setting)))
  }
  await same('timer', own((socket, id) => socket.groupToggleEphemeral(id, 86_400)))
  await same('who adds', own((socket, id) => socket.groupMemberAddMode(id, 'admin_add')))
  await same('approval', own((socket, id) => socket.groupJoinApprovalMode(id, 'on')))
  await same('with all of it', own((socket, id) => socket.groupMetadata(id)))
  await same('no timer', own((socket, id) => socket.groupToggleEphemeral(id, 0)))
  const codes = []
  await same('code', own(async (socket, id) => codes[codes.push(await socket.groupInviteCode(id)) - 1]))
  await same('info', (socket) => socket.groupGetInviteInfo(codes[0]))
  await same('no such code', (socket) => socket.groupGetInviteInfo('0000000000000000000000'))
  const leo = await baileys('Leo')
  for (const code of codes) await leo.socket.groupAcceptInvite(code)
  await same('requests', own((socket, id) => socket.groupRequestParticipantsList(id)))
  await same('approve', own((socket, id) => socket.groupRequestParticipantsUpdate(id, [leo.lid], 'approve')))
  await same('reject nobody', own((socket, id) => socket.groupRequestParticipantsUpdate(id, [leo.lid], 'reject')))
  await same('new code', own((socket, id) => socket.groupRevokeInvite(id)))
  await same('invitation taken back', own((socket, id) => socket.groupRevokeInviteV4(id, eva.jid)))
  await same('list', (socket) => socket.groupFetchAllParticipating(), { events: ['groups.update'] })

  const theirs = [await ben.socket.groupCreate('Uno', []), await ben.socket.groupCreate('Dos', []), await ben.socket.groupCreate('Tres', [])]
  const theirCodes = []
  for (const { id } of theirs) theirCodes.push(await ben.socket.groupInviteCode(id))
  await ben.socket.groupJoinApprovalMode(theirs[2].id, 'on')
  let next = 0
  await same('join', (socket) => socket.groupAcceptInvite(theirCodes[next++]))
  await same('ask to join', (socket) => socket.groupAcceptInvite(theirCodes[2]))
  await same('join with a dead code', (socket) => socket.groupAcceptInvite('0000000000000000000000'))
  await same('leave', own((socket, id) => socket.groupLeave(id)))
  await same('leave again', own((socket, id) => socket.groupLeave(id)))
})

test('an invitation in a message is accepted and told as Baileys does', async (t) => {
  const { baileys } = await stage(t)
  const log = stanzaLogger()
  const ana = await baileys('Ana', { socketOptions: { logger: log } })
  const ben = await baileys('Ben')
  const { same } = sideBySide(ana, log)
  await ana.socket.query({
    tag: 'iq',
    attrs: { to: '@s.whatsapp.net', type: 'set', xmlns: 'privacy' },
    content: [{ tag: 'privacy', attrs: {}, content: [{ tag: 'category', attrs: { name: 'groupadd', value: 'none' } }] }],
  })
  const invitations = []
  for (const name of ['Uno', 'Dos', 'Tres', 'Cuatro']) {
    const { id } = await ben.socket.groupCreate(name, [])
    const [refused] = await ben.socket.groupParticipantsUpdate(id, [ana.jid], 'add')
    const { code, expiration } = refused.content.content[0].attrs
    invitations.push({ groupJid: id, inviteCode: code, inviteExpiration: Number(expiration), groupName: 'Grupo' })
  }
  // The notification of the group comes too, some time.
  const only = (value) => !value.messages?.some(({ key }) => /^[\d.]+-\d+$/.test(key.id))
  let next = 0
  await same('by who invited', (socket) => socket.groupAcceptInviteV4(ben.lid, invitations[next++]), { events: ['messages.upsert'], only })
  const key = { remoteJid: ben.lid, fromMe: false, id: '3EB0AABBCCDDEEFF001122' }
  await same('by the message', (socket) => socket.groupAcceptInviteV4(key, invitations[next++]), { events: ['messages.upsert', 'messages.update'], only })
  await same('with a dead code', (socket) => socket.groupAcceptInviteV4(ben.lid, { ...invitations[0], inviteCode: 'none' }))
})

test('groups are asked for by the engine', async (t) => {
  const { chasqui, baileys } = await stage(t)
  const [ana, ben] = [await chasqui('Ana'), await baileys('Ben')]
  const { members } = overEngine(ana.client)
  const { id, participants } = await members.groupCreate('Paseo', [ben.jid])
  assert.deepEqual(participants.map(({ admin }) => admin).toSorted(), [null, 'superadmin'].toSorted())
  await members.groupUpdateDescription(id, 'Sundays')
  assert.equal((await members.groupMetadata(id)).desc, 'Sundays')
  await assert.rejects(members.groupMetadata('120363000000000099@g.us'), ({ isBoom, data, output }) => isBoom && data === 404 && output.statusCode === 500)
})

test('everything that may be said of a group is read as Baileys does', async (t) => {
  const { baileys } = await stage(t)
  const log = stanzaLogger()
  const ana = await baileys('Ana', { socketOptions: { logger: log } })
  const { same } = sideBySide(ana, log)
  const node = (tag, attrs = {}, content) => ({ tag, attrs, content })
  const body = node('body', {}, Buffer.from('Sundays, ñandú'))
  const description = node('description', { id: 'D1', participant: '100000000000003:4@lid', participant_pn: '15550000003:4@s.whatsapp.net', participant_username: 'cata', t: '1700000003' }, [body])
  const children = [
    node('participant', { jid: '100000000000001@lid', phone_number: '15550000001@s.whatsapp.net', type: 'superadmin', username: 'ana' }),
    node('participant', { jid: '15550000002@s.whatsapp.net', lid: '100000000000002@lid', type: 'admin', participant_username: 'ben' }),
    node('participant', { jid: '15550000004@s.whatsapp.net', phone_number: '15550000004@s.whatsapp.net', lid: '15550000004@s.whatsapp.net' }),
    node('participant', { jid: '100000000000005@lid', lid: '100000000000005@lid', error: '403' }),
    description, node('locked'), node('announcement'), node('parent'), node('default_sub_group'), node('linked_parent', { jid: '120363000000000001@g.us' }),
    node('membership_approval_mode', {}, [node('group_join', { state: 'off' })]), node('member_add_mode', {}, 'all_member_add'), node('ephemeral', { expiration: '86400' }),
  ]
  const attrs = {
    id: '120363000000000002', subject: 'Cine', s_t: '1700000001', s_o: '100000000000001@lid', s_o_pn: '15550000001@s.whatsapp.net', s_o_username: 'ana',
    creation: '1700000000', creator: '100000000000001:7@lid', creator_pn: '15550000001:7@s.whatsapp.net', creator_username: 'ana', creator_country_code: 'PE',
    size: '300', addressing_mode: 'lid', notify: 'Ana',
  }
  for (const group of [node('group', attrs, children), node('group', { ...attrs, id: '120363000000000002@g.us', addressing_mode: 'pn' }, []), node('group', { id: '1-2', subject: 'x', creation: '1', s_t: '2' }, [node('description', { id: 'D2', t: '1700000002' }), node('ephemeral'), node('member_add_mode', {}, Buffer.from('admin_add'))])]) {
    const answer = () => ({ content: [group] })
    await same(`metadata of ${group.attrs.id}`, (socket) => socket.groupMetadata('120363000000000002@g.us'), { answer })
    await same(`all groups with ${group.attrs.id}`, (socket) => socket.groupFetchAllParticipating(), { answer: () => ({ content: [node('groups', {}, [group])] }), events: ['groups.update'] })
  }
  await same('no group', (socket) => socket.groupMetadata('120363000000000002@g.us'), { answer: () => ({ content: [] }) })
  await same('no groups', (socket) => socket.groupFetchAllParticipating(), { answer: () => ({ content: [] }) })
  const requests = node('membership_approval_requests', {}, [node('membership_approval_request', { jid: '100000000000001@lid', request_time: '1700000000', request_method: 'invite_link', phone_number: '15550000001@s.whatsapp.net' })])
  await same('requests to join', (socket) => socket.groupRequestParticipantsList('120363000000000002@g.us'), { answer: () => ({ content: [requests] }) })
})
