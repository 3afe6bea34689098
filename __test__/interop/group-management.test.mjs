// Groups and communities that Chasqui changes and npm Baileys watches, and the other way round.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage, waitFor } from './sides.mjs'

/** What a Chasqui side is told of groups, as far as it went. */
function listen(side) {
  const told = side.groups
  const heard = (action, more = () => true) => waitFor(() => told.find((event) => event.action === action && more(event)), `"${action}" at ${side.name}`)
  return { told, heard }
}

/** What a Baileys side is told of groups. */
function watch(side) {
  const heard = { made: [], members: [], changes: [], requests: [] }
  side.socket.ev.on('groups.upsert', (groups) => heard.made.push(...groups))
  side.socket.ev.on('group-participants.update', (update) => heard.members.push(update))
  side.socket.ev.on('groups.update', (updates) => heard.changes.push(...updates))
  side.socket.ev.on('group.join-request', (update) => heard.requests.push(update))
  return heard
}

/** How many questions about groups a side has asked. */
const asked = async (side) => (await side.stanzas({ direction: 'out', tag: 'iq', xmlns: 'w:g2', type: 'get' })).length
const roles = ({ participants }) => Object.fromEntries(participants.map(({ jid, role }) => [jid, role]))

for (const echoGroupChanges of [false, true]) {
  test(`what Chasqui changes is so at Baileys, and known at once${echoGroupChanges ? ', also when it is told of it' : ''}`, async (t) => {
    const here = await stage(t, { echoGroupChanges })
    const [ana, ben, eva] = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.baileys('Eva')]
    const { groups } = ana.client
    const heard = watch(ben)
    const { group, people } = await groups.create('Paseo', [ben.jid], { description: 'Sundays', disappearing: 86_400 })
    assert.deepEqual(people.map(({ jid, lid, ok }) => [jid, lid, ok]), [[ben.jid, ben.lid, true]])
    assert.deepEqual([group.subject, group.owner.jid, group.addressing, group.size, group.disappearing, group.description.text], ['Paseo', ana.jid, 'lid', 2, 86_400, 'Sundays'])
    assert.deepEqual(roles(group), { [ana.jid]: 'superadmin', [ben.jid]: 'member' })
    await waitFor(() => heard.made.some(({ id, desc }) => id === group.jid && desc === 'Sundays'), 'the group at Ben')
    const before = await asked(ana)

    const changes = [
      [() => groups.setSubject(group, 'Cine'), 'subject', 'Cine', 'subject', 'Cine'],
      [() => groups.setAnnouncement(group, true), 'announcement', true, 'announce', true],
      [() => groups.setLocked(group.jid, true), 'locked', true, 'restrict', true],
      [() => groups.setMemberAddMode(group, 'admins'), 'memberAddMode', 'admins', 'memberAddMode', false],
      [() => groups.setJoinApproval(group, true), 'joinApproval', true, 'joinApprovalMode', true],
      [() => groups.setDisappearing(group, 604_800), 'disappearing', 604_800, 'ephemeralDuration', 604_800],
      [() => groups.setDisappearing(group, 0), 'disappearing', 0, 'ephemeralDuration', undefined],
      [() => groups.setAnnouncement(group, false), 'announcement', false, 'announce', false],
      [() => groups.setLocked(group.jid, false), 'locked', false, 'restrict', false],
      [() => groups.setMemberAddMode(group, 'all'), 'memberAddMode', 'all', 'memberAddMode', true],
      [() => groups.setJoinApproval(group, false), 'joinApproval', false, 'joinApprovalMode', false],
    ]
    for (const [change, name, value, theirs, theirValue] of changes) {
      await change()
      assert.equal((await groups.metadata(group))[name], value, name)
      assert.equal((await ben.socket.groupMetadata(group.jid))[theirs], theirValue, theirs)
    }
    await groups.setDescription(group, 'Mondays')
    const { description } = await groups.metadata(group)
    assert.deepEqual([description.text, description.author.jid], ['Mondays', ana.jid])
    await groups.setDescription(group, '')
    assert.equal((await groups.metadata(group)).description, undefined)
    assert.equal((await ben.socket.groupMetadata(group.jid)).desc, undefined)

    const [added] = await groups.add(group, eva.jid)
    assert.deepEqual([added.ok, added.jid, added.lid], [true, eva.jid, eva.lid])
    assert.equal((await groups.metadata(group)).size, 3)
    await waitFor(() => heard.members.some(({ action, participants }) => action === 'add' && participants[0].id === eva.lid), 'Eva at Ben')
    await groups.promote(group, [eva.lid])
    assert.equal(roles(await groups.metadata(group))[eva.jid], 'admin')
    await groups.demote(group, [{ jid: eva.jid }])
    assert.equal(roles(await groups.metadata(group))[eva.jid], 'member')
    await groups.remove(group, eva.jid)
    assert.deepEqual(Object.keys(roles(await groups.metadata(group))).toSorted(), [ana.jid, ben.jid].toSorted())
    assert.equal(await asked(ana), before, 'nothing had to be asked')
    const known = await groups.metadata(group)
    const told = await groups.metadata(group, { refresh: true })
    // By our clock, and by the service's.
    assert.ok(Math.abs(known.subjectTimestamp - told.subjectTimestamp) < 5000)
    assert.deepEqual({ ...known, subjectTimestamp: 0 }, { ...told, subjectTimestamp: 0 }, 'what is known is what the service says')
    assert.deepEqual((await groups.list()).map(({ jid }) => jid), [group.jid])
    assert.deepEqual(await groups.list({ communities: true }), [])

    await groups.leave(group)
    await waitFor(() => heard.members.some(({ action, participants }) => action === 'remove' && participants[0].id === ana.lid), 'the leave at Ben')
    await assert.rejects(groups.metadata(group), { code: 'NOT_IN_GROUP' })
    await assert.rejects(ana.client.send(group.jid, { text: 'x' }), { code: 'NOT_IN_GROUP' })
    assert.deepEqual(ana.errors, [])
  })
}

for (const addressing of ['lid', 'pn']) {
  test(`what Baileys changes in a group by ${addressing} is told to Chasqui in events with people, and known`, async (t) => {
    const here = await stage(t)
    const [ben, ana, eva] = [await here.baileys('Ben'), await here.chasqui('Ana'), await here.baileys('Eva')]
    const { heard } = listen(ana)
    const { jid } = await here.emulator.group({ subject: 'Paseo', members: ['Ben', 'Ana'], addressing })
    const { metadata } = await heard('create')
    assert.deepEqual(roles(metadata), { [ben.jid]: 'superadmin', [ana.jid]: 'member' })
    const now = () => ana.client.groups.metadata(jid)
    const before = await asked(ana)
    const { socket } = ben

    await socket.groupUpdateSubject(jid, 'Cine')
    const { group, author, subject, timestamp } = await heard('subject')
    assert.deepEqual([group, author.jid, author.lid, subject], [jid, ben.jid, ben.lid, 'Cine'])
    assert.ok(timestamp > 1e12)
    assert.equal((await now()).subject, 'Cine')
    await socket.groupUpdateDescription(jid, 'Sundays')
    assert.equal((await heard('description')).description, 'Sundays')
    assert.equal((await now()).description.text, 'Sundays')
    await socket.groupUpdateDescription(jid, undefined)
    await heard('description', ({ description }) => description === undefined)
    assert.equal((await now()).description, undefined)
    await socket.groupSettingUpdate(jid, 'announcement')
    assert.equal((await heard('announcement')).on, true)
    await socket.groupSettingUpdate(jid, 'locked')
    assert.equal((await heard('locked')).on, true)
    await socket.groupToggleEphemeral(jid, 604_800)
    assert.equal((await heard('disappearing')).seconds, 604_800)
    await socket.groupMemberAddMode(jid, 'admin_add')
    assert.equal((await heard('memberAddMode')).who, 'admins')
    await socket.groupJoinApprovalMode(jid, 'on')
    assert.equal((await heard('joinApproval')).on, true)
    const set = await now()
    assert.deepEqual([set.announcement, set.locked, set.disappearing, set.memberAddMode, set.joinApproval], [true, true, 604_800, 'admins', true])

    await socket.groupParticipantsUpdate(jid, [eva.jid], 'add')
    const added = await heard('add')
    assert.deepEqual(added.people, [{ jid: eva.jid, pn: eva.jid, lid: eva.lid }])
    for (const [action, role] of [['promote', 'admin'], ['demote', 'member']]) {
      await socket.groupParticipantsUpdate(jid, [eva.jid], action)
      await heard(action)
      assert.equal(roles(await now())[eva.jid], role)
    }
    await eva.socket.groupLeave(jid)
    assert.equal((await heard('leave')).people[0].jid, eva.jid)
    await socket.groupParticipantsUpdate(jid, [ana.jid], 'promote')
    await heard('promote', ({ people }) => people[0].jid === ana.jid)
    await socket.groupRevokeInvite(jid)
    const { code } = await heard('inviteCode')
    assert.equal(code, await socket.groupInviteCode(jid))
    await eva.socket.groupAcceptInvite(code)
    const request = await heard('joinRequest')
    assert.deepEqual([request.people[0].jid, request.method], [eva.jid, 'link'])
    await socket.groupRequestParticipantsUpdate(jid, [eva.lid], 'reject')
    assert.equal((await heard('joinRejected')).people[0].jid, eva.jid)
    const known = await now()
    assert.equal(await asked(ana), before, 'nothing had to be asked')
    assert.deepEqual(known, await ana.client.groups.metadata(jid, { refresh: true }))

    // What happens while it is away is told when it is back.
    await ana.stop()
    await socket.groupUpdateSubject(jid, 'Teatro')
    await ana.start()
    await heard('subject', ({ subject }) => subject === 'Teatro')
    assert.equal((await now()).subject, 'Teatro')
    await socket.groupParticipantsUpdate(jid, [ana.jid], 'remove')
    await waitFor(async () => ana.client.groups.metadata(jid).then(() => false, ({ code }) => code === 'NOT_IN_GROUP'), 'the end')
    assert.deepEqual(ana.errors, [])
  })
}

test('who is not to be added is sent an invitation, by either side, and comes in with it', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const { groups } = ana.client
  await ben.socket.updateGroupsAddPrivacy('none')
  const { group, people } = await groups.create('Paseo', [ben.jid, '+1 555 999 0000'])
  assert.deepEqual(people.map(({ ok, code, error }) => [ok, code, error]), [[false, 'NOT_ALLOWED', 403], [false, 'NOT_FOUND', 404]])
  assert.equal(group.size, 1)
  const [result] = await groups.add(group, ben.jid)
  assert.deepEqual([result.ok, result.code, result.error, result.invitation.group], [false, 'NOT_ALLOWED', 403, group.jid])
  assert.ok(result.invitation.expiresAt > Date.now())
  await groups.sendInvite(result, undefined, { caption: 'come' })
  const seen = await waitFor(() => ben.shown.find(({ message }) => message?.groupInviteMessage), 'the invitation at Ben')
  const { groupInviteMessage } = seen.message
  assert.deepEqual([groupInviteMessage.groupName, groupInviteMessage.caption], ['Paseo', 'come'])
  assert.equal((await ben.socket.groupGetInviteInfo(await groups.inviteCode(group))).subject, 'Paseo')
  assert.equal(await ben.socket.groupAcceptInviteV4(ana.jid, groupInviteMessage), group.jid)
  await waitFor(async () => (await groups.metadata(group)).size === 2, 'Ben in the group')

  // The other way round.
  await ana.client.query({ tag: 'iq', attrs: { type: 'set', xmlns: 'privacy' }, content: [{ tag: 'privacy', content: [{ tag: 'category', attrs: { name: 'groupadd', value: 'none' } }] }] })
  const theirs = await ben.socket.groupCreate('Cine', [])
  const [{ content }] = await ben.socket.groupParticipantsUpdate(theirs.id, [ana.jid], 'add')
  const { code, expiration } = content.content[0].attrs
  // Baileys' own content for it cannot be made of a group without a picture.
  await ben.socket.relayMessage(ana.jid, { groupInviteMessage: { groupJid: theirs.id, inviteCode: code, inviteExpiration: Number(expiration), groupName: 'Cine', caption: 'come' } }, {})
  const invited = await waitFor(() => ana.received.find(({ original }) => original.sender.jid === ben.jid), 'the invitation at Ana')
  const { type, text, invitation: theirInvitation } = invited.original
  assert.deepEqual([type, text, theirInvitation], ['invitation', 'come', { group: theirs.id, code, expiresAt: Number(expiration) * 1000, subject: 'Cine' }])
  assert.equal((await groups.inviteInfo(invited.original)).subject, 'Cine')
  assert.deepEqual(await groups.acceptInvitation(invited.original), { group: theirs.id, pending: false })
  await assert.rejects(groups.acceptInvitation(invited.original), { code: 'NOT_FOUND' })
  assert.equal((await groups.metadata(theirs.id)).size, 2)

  // One that is taken back is worth nothing.
  const { group: third } = await groups.create('Third')
  const [{ invitation }] = await groups.add(third, ben.jid)
  await groups.revokeInvitation(third, ben.jid)
  await assert.rejects(ben.socket.groupAcceptInviteV4(ana.jid, { groupJid: third.jid, inviteCode: invitation.code, inviteExpiration: invitation.expiresAt / 1000 }), /gone/)
})

test('links lead into groups, or to their admins, until they are renewed', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const { groups } = ana.client
  const { told, heard } = listen(ana)
  const { group } = await groups.create('Paseo')
  const code = await groups.inviteCode(group)
  assert.equal((await groups.inviteInfo(`https://chat.whatsapp.com/${code}`)).jid, group.jid)
  assert.equal(await ben.socket.groupAcceptInvite(code), group.jid)
  const added = await heard('add')
  assert.deepEqual([added.people[0].jid, added.reason, added.author.jid], [ben.jid, 'invite', ben.jid])
  const fresh = await groups.revokeInvite(group)
  assert.notEqual(fresh, code)
  await assert.rejects(groups.inviteInfo(code), { code: 'NOT_FOUND' })

  await groups.remove(group, ben.jid)
  await assert.rejects(ben.socket.groupAcceptInvite(fresh), /not-allowed/)
  const theirs = await ben.socket.groupCreate('Cine', [])
  await ben.socket.groupJoinApprovalMode(theirs.id, 'on')
  const theirCode = await ben.socket.groupInviteCode(theirs.id)
  assert.deepEqual(await groups.join(theirCode), { group: theirs.id, pending: true })
  assert.equal((await ben.socket.groupRequestParticipantsList(theirs.id)).length, 1)
  await groups.cancelJoin(theirs.id)
  assert.equal((await ben.socket.groupRequestParticipantsList(theirs.id)).length, 0)
  await groups.join(`chat.whatsapp.com/${theirCode}`)
  await ben.socket.groupRequestParticipantsUpdate(theirs.id, [ana.lid], 'approve')
  await heard('create', ({ group }) => group === theirs.id)
  await assert.rejects(groups.join(theirCode), ({ code, data }) => code === 'REQUEST_FAILED' && data.error === 304)
  assert.ok(told.length > 0)
})

test('an admin of Chasqui lets people in or not, and what is refused has its code', async (t) => {
  const here = await stage(t)
  const [ana, ben, eva] = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.baileys('Eva')]
  const { groups } = ana.client
  const { heard } = listen(ana)
  const { group } = await groups.create('Closed', [], { joinApproval: true })
  const code = await groups.inviteCode(group)
  for (const side of [ben, eva]) await side.socket.groupAcceptInvite(code)
  await heard('joinRequest', ({ people }) => people[0].jid === eva.jid)
  const requests = await groups.joinRequests(group)
  assert.deepEqual(requests.map(({ jid, method }) => [jid, method]).toSorted(), [[ben.jid, 'link'], [eva.jid, 'link']].toSorted())
  assert.ok(requests[0].timestamp > 1e12)
  assert.deepEqual((await groups.approve(group, [ben.jid, '15559990000'])).map(({ ok, error }) => [ok, error]), [[true, undefined], [false, 404]])
  assert.equal((await groups.metadata(group)).size, 2)
  assert.deepEqual((await groups.reject(group, eva.jid)).map(({ ok }) => ok), [true])
  assert.deepEqual(await groups.joinRequests(group), [])

  await ben.socket.groupLeave(group.jid)
  await heard('leave')
  assert.deepEqual((await groups.add(group, ben.jid)).map(({ code, error }) => [code, error]), [['REQUEST_FAILED', 408]])
  const { id } = await ben.socket.groupCreate('Theirs', [ana.jid])
  await heard('create', ({ group }) => group === id)
  await ben.socket.groupSettingUpdate(id, 'locked')
  await heard('locked')
  for (const call of [() => groups.setSubject(id, 'x'), () => groups.setLocked(id, false), () => groups.inviteCode(id), () => groups.remove(id, ben.jid), () => groups.joinRequests(id)]) {
    await assert.rejects(call, ({ code, data }) => code === 'NOT_ALLOWED' && data.error === 403 && data.jid === id)
  }
  const results = await groups.promote(group, ['nonsense', ana.jid])
  assert.deepEqual(results.map(({ jid, code }) => [jid, code]).find(([jid]) => jid === 'nonsense'), ['nonsense', 'INVALID_RECIPIENT'])
  assert.equal(results.length, 2)
  await assert.rejects(groups.metadata('120363999999999999@g.us'), { code: 'NOT_FOUND' })
  const wrong = [
    () => groups.setSubject(id, 'x'.repeat(101)), () => groups.setSubject(id, ''), () => groups.setLocked(id, 'yes'),
    () => groups.setDisappearing(id, -1), () => groups.setMemberAddMode(id, 'me'), () => groups.add(id, []),
    () => groups.join(7), () => groups.sendInvite(ben.jid), () => groups.inviteInfo(7), () => groups.create(7),
  ]
  for (const call of wrong) await assert.rejects(call, { code: 'INVALID_ARGUMENT' })
  await assert.rejects(groups.metadata('15550002222'), { code: 'INVALID_RECIPIENT' })
  await assert.rejects(groups.metadata(id, { refresh: true, signal: AbortSignal.abort() }), { code: 'ABORTED' })
})

test('a community of Chasqui takes in groups and people, Baileys sees it, and both are told', async (t) => {
  const here = await stage(t)
  const [ana, ben, eva] = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.chasqui('Eva')]
  const { communities, groups } = ana.client
  const { heard } = listen(eva)
  const community = await communities.create('Barrio', { description: 'everybody', open: true })
  assert.deepEqual([community.community, community.subject, community.description.text], [true, 'Barrio', 'everybody'])
  const { group: plain } = await groups.create('Plain', [eva.jid])
  await heard('create', ({ group }) => group === plain.jid)
  assert.deepEqual(await communities.link(community, [plain, '120363999999999999@g.us']), [
    { group: plain.jid, ok: true },
    { group: '120363999999999999@g.us', ok: false, code: 'NOT_FOUND', error: 404, message: 'The service knows nothing of the kind (error 404).' },
  ])
  const link = await heard('link', ({ group }) => group === plain.jid)
  assert.deepEqual([link.what, link.groups], ['community', [{ group: community.jid, subject: 'Barrio' }]])
  for (const client of [ana.client, eva.client]) assert.equal((await client.groups.metadata(plain.jid)).parent, community.jid)

  const { group: sub } = await communities.createGroup(community, 'Sub', ben.jid)
  assert.equal(sub.parent, community.jid)
  assert.equal((await ben.socket.groupMetadata(sub.jid)).linkedParent, community.jid)
  const list = await communities.groups(community)
  const hall = list.find(({ announcements }) => announcements)
  assert.deepEqual(list.map(({ subject, size }) => [subject, size]), [['Barrio', 3], ['Plain', 2], ['Sub', 2]])
  assert.deepEqual((await communities.participants(community)).map(({ jid }) => jid).toSorted(), [ana.jid, ben.jid, eva.jid].toSorted())
  assert.equal((await ben.socket.groupMetadata(hall.group)).isCommunityAnnounce, true)

  assert.equal((await eva.client.communities.join(community.jid, sub.jid)).subject, 'Sub')
  await assert.rejects(eva.client.communities.join(community.jid, sub.jid), ({ data }) => data.error === 409)
  assert.deepEqual((await communities.unlink(community, plain)).map(({ ok }) => ok), [true])
  await heard('unlink', ({ group }) => group === plain.jid)
  for (const client of [ana.client, eva.client]) assert.equal((await client.groups.metadata(plain.jid)).parent, undefined)
  assert.deepEqual((await communities.remove(community, ben.jid)).map(({ ok }) => ok), [true])
  await waitFor(async () => (await communities.participants(community)).length === 2, 'Ben to be out')
  assert.deepEqual((await groups.list({ communities: true })).map(({ jid }) => jid), [community.jid])
  await assert.rejects(eva.client.communities.deactivate(community), { code: 'NOT_ALLOWED' })
  await communities.deactivate(community)
  await heard('delete', ({ group }) => group === community.jid)
  await assert.rejects(groups.metadata(community), { code: 'NOT_FOUND' })
  assert.equal((await groups.metadata(sub)).parent, undefined)
  await waitFor(async () => (await eva.client.groups.metadata(sub.jid)).parent === undefined, 'the group to stand alone')

  const other = await communities.create('Second')
  await communities.leave(other)
  assert.deepEqual(await groups.list({ communities: true }), [])
  for (const side of [ana, eva]) assert.deepEqual(side.errors, [])
})
