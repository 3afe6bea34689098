// Channels: owners, admins and followers, posts and what is said of them, between Chasqui and npm Baileys.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { downloadMediaMessage } from 'baileys'

import { stage, waitFor } from './sides.mjs'

/** A picture of one pixel. */
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64')

/** What Chasqui tells of channels. */
function channelEvents({ client }) {
  const events = []
  client.on('channel', (event) => events.push(event))
  return events
}

const eventOf = (events, action, more = () => true) =>
  waitFor(() => events.find((event) => event.action === action && more(event)), `the event ${action}`)

/** The last message that Baileys showed of a channel with this text. */
const shownTo = (side, text) =>
  waitFor(() => side.shown.find(({ message }) => (message?.extendedTextMessage?.text ?? message?.conversation) === text), `"${text}" at ${side.name}`)

test('Baileys alone: it makes a channel, another follows, reads and reacts', async (t) => {
  const here = await stage(t)
  const [ben, eva] = [await here.baileys('Ben'), await here.baileys('Eva')]
  const made = await ben.socket.newsletterCreate('News', 'Of the day')
  assert.deepEqual([made.name, made.description, made.subscribers], ['News', 'Of the day', 0])
  const found = await eva.socket.newsletterMetadata('invite', made.invite)
  assert.deepEqual([found.id, found.viewer_metadata.role], [made.id, 'GUEST'])
  await eva.socket.newsletterFollow(made.id)
  assert.equal((await ben.socket.newsletterMetadata('jid', made.id)).thread_metadata.subscribers_count, '1')
  await ben.socket.sendMessage(made.id, { text: 'first' })
  await shownTo(eva, 'first')
  await eva.socket.newsletterReactMessage(made.id, '100', '👍')
  const updates = await ben.socket.newsletterFetchMessages(made.id, 10, 0, 0)
  const [message] = updates.content[0].content[0].content
  assert.equal(message.content.find(({ tag }) => tag === 'reactions').content[0].attrs.code, '👍')
  assert.equal((await eva.socket.subscribeNewsletterUpdates(made.id)).duration, '300')
  await eva.socket.newsletterMute(made.id)
  await eva.socket.newsletterUnmute(made.id)
  assert.equal(await ben.socket.newsletterAdminCount(made.id), 1)
  await assert.rejects(eva.socket.newsletterUpdateName(made.id, 'Mine'), (error) => error.output.statusCode === 403)
  await eva.socket.newsletterUnfollow(made.id)
  await ben.socket.newsletterDelete(made.id)
  assert.equal(await eva.socket.newsletterMetadata('jid', made.id), null)
})

test('Chasqui keeps a channel, and Baileys follows it: posts, files, edits, deletes, reactions, views', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const events = channelEvents(ana)
  const settings = []
  ben.socket.ev.on('newsletter-settings.update', (update) => settings.push(update))
  const { channels } = ana.client
  const made = await channels.create({ name: 'Noticias', description: 'Del día', picture: PIXEL })
  assert.deepEqual([made.name, made.description, made.role, made.state, made.subscribers, made.muted], ['Noticias', 'Del día', 'owner', 'active', 0, false])
  assert.ok(made.jid.endsWith('@newsletter') && made.link.endsWith(made.invite) && made.createdAt > 1e12)
  assert.deepEqual([...(await here.emulator.media.get(made.picture.directPath)).subarray(0, 2)], [0xff, 0xd8])
  await ben.socket.newsletterFollow(made.id ?? made.jid)
  assert.equal((await channels.metadata(made.link)).subscribers, 1)
  assert.deepEqual((await channels.list()).map(({ jid }) => jid), [made.jid])
  assert.deepEqual((await channels.followers(made.jid)).map(({ jid, lid, role }) => [jid, lid, role]).toSorted(),
    [[ana.jid, ana.lid, 'owner'], [ben.jid, ben.lid, 'subscriber']].toSorted())
  assert.equal(await channels.adminCount(made), 1)

  const { id, serverId } = await ana.client.send(made.jid, { text: 'hola' })
  assert.equal(serverId, 100)
  const shown = await shownTo(ben, 'hola')
  assert.deepEqual([shown.key.id, shown.key.remoteJid, shown.key.server_id ?? '100'], [id, made.jid, '100'])
  const [stanza] = (await ana.stanzas({ direction: 'out', tag: 'message', child: 'plaintext' }))
  assert.deepEqual(stanza.content.map(({ tag }) => tag), ['plaintext'])

  await channels.subscribe(made.jid)
  await ben.socket.newsletterReactMessage(made.jid, '100', '👍')
  const live = await eventOf(events, 'counts')
  assert.deepEqual(live.messages[0].reactions, [{ emoji: '👍', count: 1 }])
  await channels.react(made.jid, serverId, '🎉')
  await eventOf(events, 'counts', ({ messages }) => messages[0].reactions.length === 2)
  await channels.react(made.jid, serverId, '')
  await channels.viewed(made.jid, [serverId])
  await eventOf(events, 'counts', ({ messages }) => messages[0].views === 1)

  const image = await ana.client.send(made.jid, { image: PIXEL, caption: 'a picture' })
  const received = await ben.showed(image.id)
  assert.equal(received.message.imageMessage.caption, 'a picture')
  assert.ok(!received.message.imageMessage.mediaKey?.length && !received.message.imageMessage.fileEncSha256?.length)
  const page = await channels.messages(made.jid, { limit: 1 })
  assert.deepEqual([page.messages.length, page.messages[0].type, page.messages[0].text, page.cursor], [1, 'image', 'a picture', 101])
  assert.deepEqual(await ana.client.download(page.messages[0].raw()), PIXEL)
  const older = await channels.messages(made.jid, { before: page.cursor })
  assert.deepEqual(older.messages.map(({ text, fromMe, views, reactions }) => [text, fromMe, views, reactions]), [['hola', true, 1, [{ emoji: '👍', count: 1 }]]])
  assert.equal(older.cursor, undefined)
  assert.deepEqual((await channels.updates(made.jid, { after: 99 })).map((one) => one.serverId), [100, 101])

  await ana.client.edit({ id, chat: made.jid, fromMe: true }, { text: 'hola a todos' })
  await waitFor(async () => (await channels.messages(made.jid)).messages[0].text === 'hola a todos', 'the edit')
  await ana.client.delete({ id: image.id, chat: made.jid, fromMe: true })
  await waitFor(async () => (await channels.messages(made.jid)).messages[1].type === 'revoke', 'the end of the picture')

  const updated = await channels.update(made, { name: 'Diario', description: '', picture: null, reactions: 'none' })
  assert.deepEqual([updated.name, updated.description, updated.picture, updated.reactions], ['Diario', undefined, undefined, 'none'])
  await waitFor(() => settings.some(({ id, update }) => id === made.jid && update.name === 'Diario'), 'the new name at Baileys')
  await assert.rejects(channels.react(made.jid, serverId, '👍'), { code: 'NOT_ALLOWED' })
  for (const content of [{ poll: 'Which?', options: ['a', 'b'], viewOnce: true }, { text: 'x', viewOnce: true }, { react: { id, chat: made.jid }, emoji: '👍' }]) {
    await assert.rejects(ana.client.send(made.jid, content), { code: 'INVALID_CONTENT' })
  }
  const plain = await ana.client.upload(PIXEL, { kind: 'image', channel: true })
  await assert.rejects(ana.client.send(ben.jid, { image: plain }), { code: 'INVALID_CONTENT' })
  await assert.rejects(ana.client.send(made.jid, { image: await ana.client.upload(PIXEL, { kind: 'image' }) }), { code: 'INVALID_CONTENT' })
  await channels.delete(made.jid)
  await assert.rejects(channels.metadata(made.jid), { code: 'NOT_FOUND' })
  await assert.rejects(ana.client.send(made.jid, { text: 'gone' }), ({ code }) => code === 'NOT_ON_WHATSAPP' || code === 'NOT_FOUND')
  assert.deepEqual(ana.errors, [])
})

test('Baileys keeps a channel, and Chasqui follows it on two devices', async (t) => {
  const here = await stage(t)
  const [ben, ana] = [await here.baileys('Ben'), await here.chasqui('Ana')]
  const second = await here.chasqui('Ana', { session: 'Ana 2' })
  const [events, others] = [channelEvents(ana), channelEvents(second)]
  const made = await ben.socket.newsletterCreate('News')
  await ana.client.channels.follow(made.id)
  const join = await eventOf(others, 'join')
  assert.deepEqual([join.channel, join.info.name], [made.id, 'News'])
  await ana.client.channels.mute(made.id)
  assert.equal((await eventOf(others, 'mute')).muted, true)
  assert.equal((await ana.client.channels.metadata(made.id)).muted, true)
  await ana.client.channels.unmute(made.id)

  const sent = await ben.socket.sendMessage(made.id, { text: 'first' })
  const { original } = await ana.got('first')
  assert.deepEqual([original.chat, original.serverId, original.fromMe, original.sender.jid], [made.id, 100, false, made.id])
  await second.got('first')
  const acks = await ana.stanzas({ direction: 'out', tag: 'ack' })
  assert.ok(acks.some(({ attrs }) => attrs.class === 'message' && attrs.id === sent.key.id))
  await ana.client.react(original, '❤️')
  await waitFor(async () => (await ana.client.channels.messages(made.id)).messages[0].reactions.length === 1, 'the reaction')

  await ben.socket.sendMessage(made.id, { text: 'better', edit: sent.key })
  const edit = await ana.got('better')
  assert.deepEqual([edit.type, edit.original.target.id, edit.id], ['edit', sent.key.id, sent.key.id])
  await ben.socket.sendMessage(made.id, { delete: sent.key })
  await waitFor(() => ana.received.some(({ type, original }) => type === 'revoke' && original.target.id === original.id), 'the end of it')
  await ben.socket.sendMessage(made.id, { image: PIXEL, caption: 'look' })
  const picture = (await ana.got('look')).original
  assert.deepEqual([picture.type, await ana.client.download(picture)], ['image', PIXEL])

  await ana.stop()
  await ben.socket.sendMessage(made.id, { text: 'while away' })
  await ana.start()
  assert.equal((await ana.got('while away')).source, 'offline')
  await ben.socket.newsletterUpdateName(made.id, 'Evening news')
  await eventOf(others, 'update', ({ name }) => name === 'Evening news')
  await ana.client.channels.unfollow(made.id)
  await eventOf(others, 'leave')
  await ben.socket.newsletterDelete(made.id)
  assert.deepEqual([...ana.errors, ...second.errors, ...events.filter(({ action }) => action === 'x')], [])
})

test('admins are invited, take part, and go; the owner can be another; others may do nothing of it', async (t) => {
  const here = await stage(t)
  const [ana, ben, eva] = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.chasqui('Eva')]
  const events = channelEvents(ana)
  const roles = []
  ben.socket.ev.on('newsletter-participants.update', (update) => roles.push(update))
  const { jid } = await ana.client.channels.create({ name: 'Team' })
  await assert.rejects(eva.client.channels.acceptInvite(jid), ({ code, data }) => code === 'REQUEST_FAILED' && data.error === 410)
  const { expiresAt } = await ana.client.channels.inviteAdmin(jid, eva.jid)
  assert.ok(expiresAt > Date.now())
  await assert.rejects(eva.client.channels.update(jid, { name: 'Mine' }), { code: 'NOT_ALLOWED' })
  await eva.client.channels.acceptInvite(jid)
  const role = await eventOf(events, 'role')
  assert.deepEqual([role.person.jid, role.role, role.change], [eva.jid, 'admin', 'promote'])
  assert.equal((await eva.client.send(jid, { text: 'I may' })).serverId, 100)
  assert.equal((await ana.got('I may')).fromMe, false)
  await ana.client.channels.changeOwner(jid, eva.jid)
  await assert.rejects(ana.client.channels.delete(jid), { code: 'NOT_ALLOWED' })
  await eva.client.channels.demote(jid, ana.jid)
  await assert.rejects(ana.client.send(jid, { text: 'may I?' }), { code: 'NOT_ALLOWED' })
  await eva.client.channels.inviteAdmin(jid, ana)
  await eva.client.channels.revokeInvite(jid, ana)
  await eventOf(events, 'invite-revoked')
  await ben.socket.newsletterFollow(jid)
  await assert.rejects(ben.socket.newsletterDemote(jid, eva.lid), (error) => error.output.statusCode === 403)
  assert.deepEqual((await ana.client.channels.recommended({ limit: 5, country: 'co' })).map((one) => one.jid), [jid])
})

test('live updates go on after a reconnection and after a restart', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const { jid } = await ana.client.channels.create({ name: 'Live' })
  await ben.socket.newsletterFollow(jid)
  await ana.client.send(jid, { text: 'one' })
  await ana.client.channels.subscribe(jid)
  const asked = async () => (await ana.stanzas({ direction: 'out', xmlns: 'newsletter', child: 'live_updates' })).length
  await here.emulator.disconnect({ account: 'Ana' })
  await waitFor(async () => (await asked()) === 2, 'the second request')
  await ana.stop()
  await ana.start()
  await waitFor(async () => (await asked()) === 3, 'the third request')
  const events = channelEvents(ana)
  await waitFor(async () => {
    await ben.socket.newsletterReactMessage(jid, '100', '👍')
    return events.some(({ action }) => action === 'counts')
  }, 'a live update')
  await ana.client.channels.unsubscribe(jid)
  await ana.stop()
  await ana.start()
  await ana.client.channels.list()
  assert.equal(await asked(), 3)
})

test('what is wrong is refused before anything leaves', async (t) => {
  const here = await stage(t)
  const { client } = await here.chasqui('Ana')
  const nobody = '120363000000000009@newsletter'
  const { channels } = client
  for (const call of [
    () => channels.create({ name: '' }), () => channels.create({ name: 'x'.repeat(101) }), () => channels.create({ name: 'x', picture: Buffer.from('no picture') }),
    () => channels.metadata('?'), () => channels.update(nobody, {}), () => channels.react(nobody, {}, '👍'), () => channels.viewed(nobody, []),
    () => channels.messages(nobody, { limit: 1000 }),
  ]) {
    await assert.rejects(call(), { code: 'INVALID_ARGUMENT' })
  }
  for (const call of [() => channels.follow('120363000000000001@g.us'), () => channels.inviteAdmin(nobody, 'nobody')]) {
    await assert.rejects(call(), { code: 'INVALID_RECIPIENT' })
  }
  for (const call of [() => channels.follow(nobody), () => channels.messages(nobody), () => channels.metadata(nobody), () => channels.subscribe(nobody)]) {
    await assert.rejects(call(), { code: 'NOT_FOUND' })
  }
})

test('an own post comes to the other devices of the account as its own', async (t) => {
  const here = await stage(t)
  const [ana, second] = [await here.chasqui('Ana'), await here.chasqui('Ana', { session: 'Ana 2' })]
  const { jid } = await ana.client.channels.create({ name: 'Mine' })
  const { id, serverId } = await ana.client.send(jid, { text: 'from the first' })
  const { original } = await second.got('from the first')
  assert.deepEqual([original.id, original.serverId, original.fromMe, original.source], [id, serverId, true, 'own-device'])
})

test('the archive keeps posts, with what they were changed to', async (t) => {
  const here = await stage(t)
  const [ana, eva] = [await here.chasqui('Ana', { archive: true }), await here.chasqui('Eva', { archive: true })]
  const { jid } = await ana.client.channels.create({ name: 'Kept' })
  await eva.client.channels.follow(jid)
  const { id } = await ana.client.send(jid, { text: 'first' })
  await ana.client.edit({ id, chat: jid, fromMe: true }, { text: 'second' })
  for (const { client } of [ana, eva]) {
    const [message] = await waitFor(async () => {
      const { messages } = await client.archive.messages(jid)
      return messages[0]?.text === 'second' && messages
    }, 'the edit in the archive')
    assert.ok(message.id === id && message.editedAt > 0)
  }
  await ana.client.delete({ id, chat: jid, fromMe: true })
  for (const { client } of [ana, eva]) {
    await waitFor(async () => (await client.archive.messages(jid)).messages.every(({ type }) => type === 'revoke'), 'the end of it')
    assert.equal((await client.archive.messages(jid)).messages.length, 1)
  }
})

/** What the service pushes in GraphQL, to a device of the account. */
const pushed = (data, op) => ({
  notification: { type: 'mex', child: { tag: 'update', attrs: { op_name: op }, content: { base64: Buffer.from(JSON.stringify({ data })).toString('base64') } } },
})

test('what the service pushes in GraphQL is told by both sides alike', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const [restrictions, addresses, others, updates, mappings] = [[], [], [], [], []]
  ana.client.on('restriction', (event) => restrictions.push(event))
  ana.client.on('address', (event) => addresses.push(event))
  ana.client.on('mex', (event) => others.push(event))
  ben.socket.ev.on('connection.update', ({ reachoutTimeLock }) => reachoutTimeLock && updates.push(reachoutTimeLock))
  ben.socket.ev.on('lid-mapping.update', (mapping) => mappings.push(mapping))
  const ends = Math.floor(Date.now() / 1000) + 3600
  const [lid, pn] = ['100000000000077@lid', '15550007777@s.whatsapp.net']
  for (const account of ['Ana', 'Ben']) {
    const push = (data, op) => here.emulator.inject({ account, ...pushed(data, op) })
    await push({ xwa2_notify_account_reachout_timelock: { is_active: true, enforcement_type: 'DEFAULT', time_enforcement_ends: String(ends) } }, 'NotificationUserReachoutTimelockUpdate')
    await push({ xwa2_notify_linked_profiles: { jid: lid, added_profiles: [{ pn }], removed_profiles: [] } }, 'NotificationLinkedProfilesUpdates')
    await push({ xwa2_notify_something_new: { value: 7 } }, 'NotificationSomethingNew')
  }
  await waitFor(() => others.length > 0 && mappings.length > 0, 'what was pushed')
  assert.deepEqual(restrictions, [{ what: 'new-chats', active: true, type: 'default', endsAt: ends * 1000 }])
  assert.deepEqual([updates[0].isActive, updates[0].timeEnforcementEnds.getTime()], [true, ends * 1000])
  assert.deepEqual([addresses[0].change, addresses[0].person], ['linked', { jid: pn, pn, lid }])
  assert.deepEqual(mappings[0], { lid, pn })
  assert.deepEqual([others[0].operation, others[0].data], ['NotificationSomethingNew', { xwa2_notify_something_new: { value: 7 } }])
  assert.deepEqual(await ana.client.resolve(lid), { jid: pn, pn, lid })
})

test('messages and counts of a channel are paged through in both directions, from any message', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const { channels } = ana.client
  const { jid } = await channels.create({ name: 'Noticias' })
  await ben.socket.newsletterFollow(jid)
  assert.deepEqual(await channels.messages(jid, { after: 0 }), { messages: [] })
  const posts = []
  for (let n = 1; n <= 8; n++) posts.push((await ana.client.send(jid, { text: `post ${n}` })).serverId)
  const textsOf = (numbers) => numbers.map((number) => `post ${posts.indexOf(number) + 1}`)

  /** Every page from a message on, until there is no more. */
  const pages = async (direction, from, limit = 3) => {
    const found = []
    for (let at = from; ;) {
      const { messages, cursor } = await channels.messages(jid, { limit, ...(at === undefined ? {} : { [direction]: at }) })
      const numbers = messages.map(({ serverId }) => serverId)
      assert.deepEqual(messages.map(({ text }) => text), textsOf(numbers))
      if (numbers.length > 0) found.push(numbers)
      if (cursor === undefined) return found
      at = cursor
    }
  }
  const [a, b, c, d, e, f, g, h] = posts
  assert.deepEqual(await pages('before'), [[f, g, h], [c, d, e], [a, b]])
  assert.deepEqual(await pages('before', e), [[b, c, d], [a]])
  assert.deepEqual(await pages('before', a), [])
  // Numbers begin at 99 at the lowest, here at 100: a page is of so many numbers.
  assert.deepEqual(await pages('after', 0), [[a, b], [c, d, e], [f, g, h]])
  assert.deepEqual(await pages('after', d), [[e, f, g], [h]])
  assert.deepEqual(await pages('after', h), [])
  const between = await channels.messages(jid, { after: b, before: f })
  assert.deepEqual(between.messages.map(({ serverId }) => serverId), [c, d, e])
  assert.equal(between.cursor, undefined)

  // Counts, by both: Baileys gives the stanza as it is.
  const counted = async (after) => (await channels.updates(jid, { limit: 3, after })).map(({ serverId }) => serverId)
  const atBaileys = async (after) => {
    const { content } = await ben.socket.newsletterFetchMessages(jid, 3, 0, after)
    const [{ content: messages = [] }] = content[0].content
    return messages.map(({ attrs }) => Number(attrs.server_id))
  }
  for (const [after, expected] of [[99, [a, b, c]], [c, [d, e, f]], [f, [g, h]], [h, []]]) {
    assert.deepEqual(await counted(after), expected)
    assert.deepEqual(await atBaileys(after), expected)
  }
  // Deleted posts keep their numbers; what was written meanwhile is on the next page.
  await ana.client.delete({ id: (await channels.messages(jid, { after: e, limit: 1 })).messages[0].id, chat: jid, fromMe: true })
  const next = (await ana.client.send(jid, { text: 'post 9' })).serverId
  posts.push(next)
  await waitFor(async () => (await channels.messages(jid, { after: e })).messages[0].type === 'revoke', 'the end of a post')
  assert.deepEqual((await channels.messages(jid, { after: g })).messages.map(({ serverId }) => serverId), [h, next])
  await assert.rejects(channels.messages(jid, { after: -1 }), { code: 'INVALID_ARGUMENT' })
  await assert.rejects(channels.messages(jid, { after: 'x' }), { code: 'INVALID_ARGUMENT' })
  assert.deepEqual(ana.errors, [])
})
