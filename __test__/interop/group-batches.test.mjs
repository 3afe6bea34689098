// Several groups in one request, groups of a community as it tells them, and messages that members report to the admins. npm
// Baileys has methods for none of these; it asks with requests of its own making.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage, waitFor } from './sides.mjs'

const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64')
const NOWHERE = '120363999999999999@g.us'

/** A request about groups that Baileys has no method for. Resolves with the first child of the answer. */
async function ask(side, to, type, child) {
  const answer = await side.socket.query({ tag: 'iq', attrs: { to, type, xmlns: 'w:g2' }, content: [child] })
  return answer.content?.[0]
}

const node = (tag, attrs = {}, content) => ({ tag, attrs, content })
const allow = (side, group) => ask(side, group, 'set', node('allow_admin_reports'))
const report = (side, group, id) => ask(side, group, 'set', node('reports', {}, [node('report', { message_id: id })]))

test('Baileys alone: several groups, one of a community, and reports', async (t) => {
  const here = await stage(t)
  const [ben, eva] = [await here.baileys('Ben'), await here.baileys('Eva')]
  const [paseo, cine] = [await ben.socket.groupCreate('Paseo', [eva.jid]), await ben.socket.groupCreate('Cine', [])]
  const jids = [paseo.id, cine.id, NOWHERE]
  const groups = await ask(eva, '@g.us', 'get', node('query', {}, jids.map((jid) => node('group', { jid }))))
  assert.deepEqual(groups.content.map(({ attrs }) => [attrs.subject, attrs.error]), [['Paseo', undefined], [undefined, '403'], [undefined, '404']])
  const pictures = await ask(eva, '@g.us', 'get', node('pictures', {}, jids.map((jid) => node('picture', { jid, type: 'preview' }))))
  assert.deepEqual(pictures.content.map(({ attrs }) => [attrs.jid, attrs.error]), [[cine.id, '403'], [NOWHERE, '404']])

  await assert.rejects(report(eva, paseo.id, '3EB0A'), ({ data }) => data === 403)
  await assert.rejects(allow(eva, paseo.id), ({ data }) => data === 403)
  await allow(ben, paseo.id)
  await report(eva, paseo.id, '3EB0A')
  await assert.rejects(ask(eva, paseo.id, 'get', node('reports')), ({ data }) => data === 403)
  const reports = await ask(ben, paseo.id, 'get', node('reports'))
  assert.deepEqual(reports.content.map(({ attrs, content }) => [attrs.message_id, content[0].attrs.jid, content[0].attrs.phone_number]), [['3EB0A', eva.lid, eva.jid]])
  await waitFor(async () => (await ben.stanzas({ direction: 'in', tag: 'notification', child: 'reports' })).length === 1, 'the report at Ben')
  assert.equal((await eva.stanzas({ direction: 'in', tag: 'notification', child: 'reports' })).length, 0)
  await ask(ben, paseo.id, 'set', node('not_allow_admin_reports'))
  await assert.rejects(report(eva, paseo.id, '3EB0B'), ({ data }) => data === 403)

  const community = await ben.socket.communityCreate('Barrio', 'all')
  const sub = await ben.socket.communityCreateGroup('Sub', [], community.id)
  const linked = await ask(ben, community.id, 'get', node('query_linked', { type: 'sub_group', jid: sub.id }))
  assert.deepEqual([linked.tag, linked.content[0].attrs.subject], ['linked_group', 'Sub'])
})

test('Chasqui learns of several groups in one request, and of their pictures', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const { groups } = ana.client
  const made = ['Paseo', 'Cine', 'Teatro'].map((subject) => here.emulator.group({ subject, members: ['Carla', 'Ana'] }))
  const jids = (await Promise.all(made)).map(({ jid }) => jid)
  const theirs = (await ben.socket.groupCreate('Theirs', [])).id
  await waitFor(() => ana.groups.filter(({ action }) => action === 'create').length === 3, 'the groups at Ana')
  const asked = async (child) => (await ana.stanzas({ direction: 'out', tag: 'iq', xmlns: 'w:g2', type: 'get', child })).length
  const subjects = (told) => told.map(({ ok, metadata, code, error }) => (ok ? [metadata.subject, metadata.participants.length] : [code, error]))
  const known = [['Paseo', 2], ['Cine', 2], ['Teatro', 2]]
  assert.deepEqual(subjects(await groups.metadataOf(jids)), known)
  assert.equal(await asked('query'), 0, 'they are known')
  assert.deepEqual(subjects(await groups.metadataOf([...jids, theirs, NOWHERE])), [...known, ['NOT_IN_GROUP', 403], ['NOT_FOUND', 404]])
  assert.equal(await asked('query'), 1)
  assert.deepEqual(subjects(await groups.metadataOf(jids, { refresh: true })), known)
  assert.equal(await asked('query'), 2)
  for (const wrong of [[], Array(1001).fill(jids[0])]) await assert.rejects(groups.metadataOf(wrong), { code: 'INVALID_ARGUMENT' })

  const { id } = await ana.client.profile.setPicture(PIXEL, { group: jids[1] })
  const pictures = await groups.pictures([...jids, theirs, NOWHERE], { preview: true })
  assert.deepEqual(pictures.map(({ ok, picture, error }) => [ok, picture?.id, error]), [[true, undefined, undefined], [true, id, undefined], [true, undefined, undefined], [false, undefined, 403], [true, undefined, undefined]])
  const alone = await ana.client.people.picture(jids[1], { preview: true })
  assert.deepEqual([pictures[1].picture.url, pictures[1].picture.directPath], [alone.url, alone.directPath])
  assert.notEqual((await groups.pictures([jids[1]]))[0].picture.url, alone.url, 'the large one')
  assert.deepEqual(ana.errors, [])
})

test('a member reports to admins what was written in the group, by Chasqui and by Baileys', async (t) => {
  const here = await stage(t)
  const [ana, ben, eva] = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.chasqui('Eva')]
  const { group } = await ana.client.groups.create('Paseo', [ben.jid, eva.jid])
  await waitFor(() => eva.groups.some(({ action }) => action === 'create'), 'the group at Eva')
  await ben.send(group.jid, 'buy my things')
  await eva.got('buy my things')
  const message = eva.received.find(({ text }) => text === 'buy my things').original
  await assert.rejects(eva.client.groups.report(message), { code: 'NOT_ALLOWED' })
  await assert.rejects(eva.client.groups.setAdminReports(group.jid, true), { code: 'NOT_ALLOWED' })
  await ana.client.groups.setAdminReports(group, true)
  assert.equal((await ana.client.groups.metadata(group)).adminReports, true)
  await waitFor(() => eva.groups.some(({ setting, on }) => setting === 'adminReports' && on), 'the setting at Eva')
  assert.equal((await eva.client.groups.metadata(group.jid)).adminReports, true)

  await eva.client.groups.report(message)
  const told = await waitFor(() => ana.groups.find(({ action }) => action === 'report'), 'the report at Ana')
  assert.deepEqual([told.group, told.author.jid, told.messages], [group.jid, eva.jid, [message.id]])
  await report(ben, group.jid, message.id)
  await report(ben, group.jid, '3EB0OTHER')
  await waitFor(() => ana.groups.some(({ messages }) => messages?.includes('3EB0OTHER')), 'what Ben reports')
  const reports = await ana.client.groups.reports(group)
  const named = reports.map(({ id, reporters }) => [id, reporters.map(({ jid }) => jid).toSorted()])
  assert.deepEqual(named.toSorted(), [[message.id, [ben.jid, eva.jid].toSorted()], ['3EB0OTHER', [ben.jid]]].toSorted())
  assert.ok(reports[0].reporters[0].timestamp > 1e12)
  await assert.rejects(eva.client.groups.reports(group.jid), { code: 'NOT_ALLOWED' })
  await assert.rejects(eva.client.groups.report('x'), { code: 'INVALID_ARGUMENT' })

  // The other way round: what Chasqui reports, Baileys hears of as an admin.
  await ana.client.groups.promote(group, ben.jid)
  await eva.client.groups.report({ chat: group.jid, id: '3EB0THIRD' })
  await waitFor(async () => (await ben.stanzas({ direction: 'in', tag: 'notification', child: 'reports' })).length === 1, 'the report at Ben')
  const theirs = await ask(ben, group.jid, 'get', node('reports'))
  assert.equal(theirs.content.length, 3)
  await ana.client.groups.setAdminReports(group, false)
  await assert.rejects(eva.client.groups.report(message), { code: 'NOT_ALLOWED' })
  for (const side of [ana, eva]) assert.deepEqual(side.errors, [])
})

test('a group of a community is told to those who are not in it', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const community = await ben.socket.communityCreate('Barrio', 'all')
  const inside = await ben.socket.communityCreateGroup('Inside', [ana.jid], community.id)
  const outside = await ben.socket.communityCreateGroup('Outside', [], community.id)
  await waitFor(() => ana.groups.some(({ action, group }) => action === 'create' && group === inside.id), 'the group at Ana')
  const { communities, groups } = ana.client
  const told = await communities.group(community.id, outside.id)
  assert.deepEqual([told.jid, told.subject, told.parent, told.size], [outside.id, 'Outside', community.id, 1])
  await assert.rejects(groups.metadata(outside.id), { code: 'NOT_IN_GROUP' })
  await assert.rejects(communities.group(community.id, NOWHERE), { code: 'NOT_FOUND' })
  const other = await ben.socket.communityCreate('Other', 'all')
  await assert.rejects(communities.group(other.id, outside.id), { code: 'NOT_ALLOWED' })
  assert.deepEqual(ana.errors, [])
})
