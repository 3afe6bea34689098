// What groups have besides people and names: settings that are changed by GraphQL, privacy tokens of those who come in, and
// what the service calls out of date. npm Baileys has no methods for these settings; it asks with requests of its own making.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage, waitFor } from './sides.mjs'

/** A setting that is changed at Baileys, as official clients ask for it. */
async function update(side, group, setting) {
  const content = Buffer.from(JSON.stringify({ variables: { group_id: group, update: setting } }))
  const query = { tag: 'query', attrs: { query_id: '9418211574894172' }, content }
  const answer = await side.socket.query({ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:mex' }, content: [query] })
  return JSON.parse(Buffer.from(answer.content[0].content).toString())
}

/** The settings of a group as Baileys is told them: texts of children, or that they are there. */
async function shown(side, group) {
  const query = { tag: 'query', attrs: { request: 'interactive' } }
  const answer = await side.socket.query({ tag: 'iq', attrs: { to: group, type: 'get', xmlns: 'w:g2' }, content: [query] })
  const text = (tag) => answer.content[0].content.find((child) => child.tag === tag)
  return {
    links: text('member_link_mode').content.toString(),
    history: text('member_share_group_history_mode').content.toString(),
    limited: text('limit_sharing_enabled') !== undefined,
  }
}

const settingsOf = ({ memberLinkMode, memberHistoryMode, limitSharing }) => [memberLinkMode, memberHistoryMode, limitSharing]

test('Baileys alone: admins change the newer settings, and members are refused', async (t) => {
  const here = await stage(t)
  const [ben, eva] = [await here.baileys('Ben'), await here.baileys('Eva')]
  const { id } = await ben.socket.groupCreate('Paseo', [eva.jid])
  assert.deepEqual(await shown(eva, id), { links: 'admin_link', history: 'admin_share', limited: false })
  await assert.rejects(eva.socket.groupInviteCode(id), ({ data }) => data === 403)
  assert.deepEqual((await update(ben, id, { member_link_mode: 'ALL_MEMBER_LINK' })).data, { xwa2_group_update_property: { id, state: 'ACTIVE' } })
  assert.equal(await eva.socket.groupInviteCode(id), await ben.socket.groupInviteCode(id))
  await assert.rejects(eva.socket.groupRevokeInvite(id), ({ data }) => data === 403)
  await update(ben, id, { member_share_group_history_mode: 'ALL_MEMBER_SHARE' })
  await update(ben, id, { limit_sharing: { limit_sharing_enabled: true, limit_sharing_trigger: 'CHAT_SETTING' } })
  assert.deepEqual(await shown(eva, id), { links: 'all_member_link', history: 'all_member_share', limited: true })
  const codeOf = async (side, group, setting) => (await update(side, group, setting)).errors[0].extensions.error_code
  assert.equal(await codeOf(eva, id, { member_link_mode: 'ADMIN_LINK' }), 403)
  assert.equal(await codeOf(ben, '120363999999999999@g.us', { member_link_mode: 'ADMIN_LINK' }), 404)
  assert.equal(await codeOf(ben, id, { member_link_mode: 'NOBODY' }), 400)
})

for (const echoGroupChanges of [false, true]) {
  test(`the newer settings that Chasqui changes are so at Baileys, and known at once${echoGroupChanges ? ', also when it is told of it' : ''}`, async (t) => {
    const here = await stage(t, { echoGroupChanges })
    const [ana, ben, eva] = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.chasqui('Eva')]
    const { groups } = ana.client
    const { group } = await groups.create('Paseo', [ben.jid, eva.jid], { memberLinkMode: 'all' })
    assert.deepEqual(settingsOf(group), ['all', 'admins', false])
    await waitFor(() => eva.groups.some(({ action }) => action === 'create'), 'the group at Eva')
    assert.equal(await eva.client.groups.inviteCode(group.jid), await groups.inviteCode(group))
    const changes = [
      [() => groups.setMemberLinkMode(group, 'admins'), ['admins', 'admins', false], ['admin_link', 'admin_share', false], ['memberLinks', false]],
      [() => groups.setMemberHistoryMode(group.jid, 'all'), ['admins', 'all', false], ['admin_link', 'all_member_share', false], ['memberHistory', true]],
      [() => groups.setLimitSharing(group, true), ['admins', 'all', true], ['admin_link', 'all_member_share', true], ['limitSharing', true]],
      [() => groups.setLimitSharing(group, false), ['admins', 'all', false], ['admin_link', 'all_member_share', false], ['limitSharing', false]],
    ]
    for (const [change, known, theirs, [setting, on]] of changes) {
      await change()
      assert.deepEqual(settingsOf(await groups.metadata(group)), known)
      assert.deepEqual(Object.values(await shown(ben, group.jid)), theirs)
      const told = await waitFor(() => eva.groups.find((event) => event.setting === setting && event.on === on), `"${setting}" at Eva`)
      assert.deepEqual([told.action, told.group, told.author.jid], ['setting', group.jid, ana.jid])
      assert.deepEqual(settingsOf(await eva.client.groups.metadata(group.jid)), known)
      const tag = { memberLinks: 'member_link_mode', memberHistory: 'member_share_group_history_mode', limitSharing: on ? 'limit_sharing_enabled' : 'limit_sharing_disabled' }[setting]
      await waitFor(async () => (await ben.stanzas({ direction: 'in', tag: 'notification', child: tag })).length === 1, `"${tag}" at Ben`)
    }
    const fresh = await groups.metadata(group, { refresh: true })
    assert.deepEqual(settingsOf(fresh), settingsOf(await groups.metadata(group)))

    const refused = [(on) => on.setMemberLinkMode(group.jid, 'all'), (on) => on.setMemberHistoryMode(group.jid, 'all'), (on) => on.setLimitSharing(group.jid, true), (on) => on.inviteCode(group.jid)]
    for (const call of refused) await assert.rejects(call(eva.client.groups), ({ code, data }) => code === 'NOT_ALLOWED' && data.error === 403)
    await assert.rejects(groups.setLimitSharing('120363999999999999@g.us', true), { code: 'NOT_FOUND' })
    for (const wrong of [() => groups.setMemberLinkMode(group, 'me'), () => groups.setMemberHistoryMode(group), () => groups.setLimitSharing(group, 'yes')]) {
      await assert.rejects(wrong, { code: 'INVALID_ARGUMENT' })
    }
    for (const side of [ana, eva]) assert.deepEqual(side.errors, [])
  })
}

test('the newer settings that Baileys changes are told to Chasqui, and known', async (t) => {
  const here = await stage(t)
  const [ben, ana] = [await here.baileys('Ben'), await here.chasqui('Ana')]
  const { id } = await ben.socket.groupCreate('Paseo', [ana.jid])
  const made = await waitFor(() => ana.groups.find(({ action }) => action === 'create'), 'the group at Ana')
  assert.deepEqual(settingsOf(made.metadata), ['admins', 'admins', false])
  await update(ben, id, { member_link_mode: 'ALL_MEMBER_LINK' })
  await update(ben, id, { member_share_group_history_mode: 'ALL_MEMBER_SHARE' })
  await update(ben, id, { limit_sharing: { limit_sharing_enabled: true, limit_sharing_trigger: 'CHAT_SETTING' } })
  await waitFor(() => ana.groups.some(({ setting, on }) => setting === 'limitSharing' && on), 'the last of them')
  assert.deepEqual(ana.groups.filter(({ action }) => action === 'setting').map(({ setting, on }) => [setting, on]), [['memberLinks', true], ['memberHistory', true], ['limitSharing', true]])
  assert.deepEqual(settingsOf(await ana.client.groups.metadata(id)), ['all', 'all', true])
  assert.deepEqual(settingsOf(await ana.client.groups.metadata(id, { refresh: true })), ['all', 'all', true])
  assert.equal(await ana.client.groups.inviteCode(id), await ben.socket.groupInviteCode(id))

  // The same from a phone.
  const group = await here.emulator.group({ subject: 'Cine', members: ['Carla', 'Ana'] })
  for (const change of [{ allMembersLink: true }, { allMembersShare: true }, { limitSharing: true }, { adminReports: true }]) await group.change(change)
  await waitFor(() => ana.groups.some(({ setting, group: where }) => setting === 'adminReports' && where === group.jid), 'what the phone has changed')
  const known = await ana.client.groups.metadata(group.jid)
  assert.deepEqual([...settingsOf(known), known.adminReports], ['all', 'all', true, true])
})

test('who has given Chasqui a token is put into a group with it, which shows that he knows Chasqui', async (t) => {
  const here = await stage(t)
  const [ana, ben, eva] = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.baileys('Eva')]
  for (const side of [ben, eva]) await side.socket.updateGroupsAddPrivacy('contacts')
  const refused = async (people) => (await ana.client.groups.create('Before', people)).people.map(({ jid, ok, error }) => [jid, ok, error])
  assert.deepEqual(await refused([ben.jid]), [[ben.jid, false, 403]])
  for (const side of [ben, eva]) {
    await side.send(ana.jid, `hello from ${side.name}`)
    await ana.got(`hello from ${side.name}`)
  }
  const tokens = () => ana.stanzas({ direction: 'in', tag: 'notification', type: 'privacy_token' })
  await waitFor(async () => (await ana.stanzas({ direction: 'out', tag: 'ack', type: 'privacy_token' })).length >= 2, 'the tokens')
  const [first, second] = await tokens()
  const bytes = ({ content }) => content[0].content[0].content.base64
  const given = { [first.attrs.sender_lid]: bytes(first), [second.attrs.sender_lid]: bytes(second) }

  const { group, people } = await ana.client.groups.create('After', [ben.jid])
  assert.deepEqual(people.map(({ jid, ok }) => [jid, ok]), [[ben.jid, true]])
  assert.deepEqual((await ana.client.groups.add(group, eva.jid)).map(({ jid, ok }) => [jid, ok]), [[eva.jid, true]])
  await ana.client.groups.promote(group, eva.jid)
  await ana.client.groups.remove(group, eva.jid)
  const sent = await ana.stanzas({ direction: 'out', tag: 'iq', xmlns: 'w:g2', type: 'set' })
  const shownWith = sent.slice(1).map(({ content: [{ tag, content }] }) => {
    const participants = content.filter((child) => child.tag === 'participant')
    return [tag, participants.map(({ attrs, content = [] }) => [attrs.jid, content[0]?.tag, content[0]?.content.base64])]
  })
  assert.deepEqual(shownWith, [
    ['create', [[ben.lid, 'privacy', given[ben.lid]]]],
    ['add', [[eva.lid, 'privacy', given[eva.lid]]]],
    ['promote', [[eva.lid, undefined, undefined]]],
    ['remove', [[eva.lid, undefined, undefined]]],
  ])
  assert.deepEqual(ana.errors, [])
})

test('what has changed in groups while nobody told of it is known after the service has called them out of date', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const [paseo, cine, teatro] = [
    await here.emulator.group({ subject: 'Paseo', members: ['Carla', 'Ana', 'Ben'] }),
    await here.emulator.group({ subject: 'Cine', members: ['Carla', 'Ana', 'Ben'] }),
    await here.emulator.group({ subject: 'Teatro', members: ['Carla', 'Ana', 'Ben'] }),
  ]
  const { groups } = ana.client
  await waitFor(() => ana.groups.filter(({ action }) => action === 'create').length === 3, 'the groups at Ana')
  const theirs = []
  ben.socket.ev.on('groups.update', (updates) => theirs.push(...updates))
  const asked = async (child) => (await ana.stanzas({ direction: 'out', tag: 'iq', xmlns: 'w:g2', child })).length
  const cleans = (side) => side.stanzas({ direction: 'out', tag: 'iq', xmlns: 'urn:xmpp:whatsapp:dirty', child: 'clean' })

  await paseo.change({ subject: 'Paseo de noche' }, { untold: true })
  await waitFor(async () => (await cleans(ana)).length === 1, 'Ana to clean up')
  assert.deepEqual((await cleans(ana))[0].content[0].attrs, { type: 'groups' })
  assert.equal((await groups.metadata(paseo.jid)).subject, 'Paseo de noche')
  const refreshed = await waitFor(() => ana.groups.find(({ action }) => action === 'refresh'), 'the news')
  assert.deepEqual([refreshed.group, refreshed.metadata.subject, refreshed.metadata.participants.length], [paseo.jid, 'Paseo de noche', 3])
  assert.equal(ana.groups.filter(({ action }) => action === 'refresh').length, 1, 'nothing else has changed')
  await waitFor(() => theirs.some(({ subject }) => subject === 'Paseo de noche'), 'the news at Baileys')
  assert.deepEqual((await waitFor(async () => (await cleans(ben)).length > 0 && cleans(ben), 'Ben to clean up'))[0].content[0].attrs, { type: 'groups' })

  // While the device is away: it is told at its next login, once for all of them.
  const lists = await asked('participating')
  await ana.stop()
  await cine.change({ remove: ['Ana'] }, { untold: true })
  await teatro.change({ add: ['Dora'] }, { untold: true })
  await ana.start()
  await waitFor(async () => (await cleans(ana)).length === 2, 'Ana to clean up again')
  assert.equal((await ana.client.groups.metadata(teatro.jid)).participants.length, 4)
  assert.equal(await asked('participating'), lists + 1, 'one list for all')
  await assert.rejects(ana.client.groups.metadata(cine.jid), { code: 'NOT_IN_GROUP' })
  await assert.rejects(ana.client.send(cine.jid, { text: 'x' }), { code: 'NOT_IN_GROUP' })
  const gone = await waitFor(() => ana.groups.find(({ action, group }) => action === 'refresh' && group === cine.jid), 'the news of the removal')
  assert.equal(gone.metadata, undefined)
  await ana.send(teatro.jid, 'Dora reads this')
  assert.deepEqual(ana.errors, [])
})

test('where the service does not tell the list, groups are asked for when they are needed, and it says again that they are out of date', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana')
  const group = await here.emulator.group({ subject: 'Paseo', members: ['Carla', 'Ana'] })
  await waitFor(() => ana.groups.some(({ action }) => action === 'create'), 'the group at Ana')
  const sent = async (child, xmlns = 'w:g2') => (await ana.stanzas({ direction: 'out', tag: 'iq', xmlns, child })).length
  const cleans = () => sent('clean', 'urn:xmpp:whatsapp:dirty')
  await here.emulator.faults.add({ account: 'Ana', what: 'refuse', tag: 'iq', xmlns: 'w:g2', type: 'get', code: 503, times: 1 })
  await group.change({ subject: 'Cine' }, { untold: true })
  await waitFor(async () => (await sent('participating')) === 1, 'the question')
  assert.equal((await ana.client.groups.metadata(group.jid)).subject, 'Cine')
  assert.deepEqual([await sent('query'), await cleans()], [1, 0])

  // Asked too often, it waits and asks again.
  await here.emulator.faults.add({ account: 'Ana', what: 'refuse', tag: 'iq', xmlns: 'w:g2', type: 'get', code: 429, times: 1 })
  await ana.stop()
  await group.change({ add: ['Dora'] }, { untold: true })
  await ana.start()
  await waitFor(async () => (await sent('participating')) === 2, 'the question after the login')
  const [metadata] = await Promise.all([ana.client.groups.metadata(group.jid), ana.send(group.jid, 'for three')])
  assert.deepEqual([metadata.subject, metadata.size], ['Cine', 3])
  await waitFor(async () => (await cleans()) === 1, 'Ana to clean up')
  // Said while nobody has cleaned it, it is said at the next login, and not at the one after it.
  await ana.stop()
  await ana.start()
  await ana.send(group.jid, 'once more')
  assert.deepEqual([await sent('participating'), await cleans()], [3, 1])
  assert.deepEqual(ana.errors, [])
})
