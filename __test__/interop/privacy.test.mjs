// Privacy: settings and what they do, blocks, privacy tokens, and the account.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { READ, stage, waitFor } from './sides.mjs'

const events = (side, name) => {
  const told = []
  side.client.on(name, (event) => told.push(event))
  return told
}
/** The children of what a device sent, by tag. */
const sent = async (side, filter, child) =>
  (await side.stanzas({ direction: 'out', ...filter })).map(({ content }) => (Array.isArray(content) ? content.find(({ tag }) => tag === child) : undefined))

test('Baileys alone: settings hold, and privacy tokens open what is shown to contacts', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.baileys('Ana'), await here.baileys('Ben')]
  await ben.socket.updateLastSeenPrivacy('none')
  await ben.socket.updateCallPrivacy('known')
  const settings = await ben.socket.fetchPrivacySettings(true)
  assert.deepEqual([settings.last, settings.calladd, settings.groupadd], ['none', 'known', 'all'])
  await assert.rejects(ben.socket.updateOnlinePrivacy('none'), ({ data }) => data === 400)

  await here.emulator.person('Ben', { picture: Buffer.from([0xff, 0xd8, 0xff, 1]) })
  await ben.socket.updateProfilePicturePrivacy('contacts')
  await assert.rejects(ana.socket.profilePictureUrl(ben.jid), ({ data }) => data === 401)
  await ben.send(ana.jid, 'hola')
  await ana.got('hola')
  await waitFor(async () => (await ana.stanzas({ direction: 'in', tag: 'notification', type: 'privacy_token' })).length > 0, 'the token of Ben')
  await waitFor(() => ana.socket.profilePictureUrl(ben.jid).catch(() => undefined), 'his picture')
  await ana.socket.updateBlockStatus(ben.jid, 'block')
  assert.deepEqual(await ana.socket.fetchBlocklist(), [ben.lid])
  await assert.rejects(ben.socket.profilePictureUrl(ana.jid), ({ data }) => data === 401)
})

test('settings are read and changed, also by lists, and the other devices are told', async (t) => {
  const here = await stage(t)
  const [ana, sibling, ben] = [await here.chasqui('Ana'), await here.chasqui('Ana', { session: 'Ana again' }), await here.emulator.contact('Ben')]
  const told = events(sibling, 'account')
  const { privacy } = ana.client
  const before = await privacy.get()
  assert.deepEqual([before.lastSeen, before.online, before.calls, before.defense], ['all', 'all', 'all', 'off'])
  assert.deepEqual(await privacy.set({ lastSeen: 'contacts', online: 'match-last-seen', calls: 'known' }), { calls: 'known', lastSeen: 'contacts', online: 'match-last-seen' })
  await waitFor(() => ['calls', 'lastSeen', 'online'].every((name) => told.some(({ action, settings }) => action === 'privacy' && settings[name])), 'the news')
  const except = (add, remove) => ({ groupAdd: { value: 'contacts-except', add, remove } })
  assert.equal((await privacy.set(except([ben]))).groupAdd, 'contacts-except')
  assert.equal((await sibling.client.privacy.set(except([], [ben.jid]))).groupAdd, 'contacts-except')
  assert.equal((await sibling.client.privacy.get()).groupAdd, 'contacts-except')
  for (const wrong of [{ online: 'none' }, { colour: 'red' }, { lastSeen: { value: 'all', add: [] } }, null]) {
    await assert.rejects(privacy.set(wrong), { code: 'INVALID_ARGUMENT' })
  }
  const two = await here.baileys('Ana', { session: 'third' })
  const settings = await two.socket.fetchPrivacySettings(true)
  assert.deepEqual([settings.last, settings.online, settings.groupadd], ['contacts', 'match_last_seen', 'contact_blacklist'])
  await two.socket.updateReadReceiptsPrivacy('none')
  await waitFor(() => told.some(({ settings }) => settings?.readReceipts === 'none'), 'what Baileys changed')
  assert.deepEqual([...ana.errors, ...sibling.errors], [])
})

test('without read receipts only the own devices and groups are told what is read', async (t) => {
  const here = await stage(t)
  const [ana, sibling, ben] = [await here.chasqui('Ana'), await here.baileys('Ana', { session: 'Ana again' }), await here.baileys('Ben')]
  const kinds = async () => (await ana.stanzas({ direction: 'out', tag: 'receipt' })).map(({ attrs }) => attrs.type).filter((type) => type?.startsWith('read'))
  const read = async (text, to = ana.jid) => {
    const id = await ben.send(to, text)
    await ana.read(await ana.got(text))
    return id
  }
  await ben.reaches(await read('one'), READ)
  await sibling.socket.updateReadReceiptsPrivacy('none')
  await waitFor(async () => (await ana.stanzas({ direction: 'out', tag: 'ack', type: 'account_sync' })).length > 0, 'the news')
  const unseen = await read('two')
  await waitFor(async () => (await sibling.stanzas({ direction: 'in', tag: 'receipt', type: 'read-self' })).length === 1, 'it at the other device')
  await ana.stop()
  await ana.start()
  await read('three')
  const group = await here.emulator.group({ subject: 'Paseo', members: ['Ana', 'Ben'] })
  const shared = await read('to all', group.jid)
  await waitFor(async () => (await ben.stanzas({ direction: 'in', tag: 'receipt', type: 'read', id: shared })).length === 1, 'the reader in the group')
  assert.ok(ben.rank(unseen) < READ)
  await ana.client.privacy.set({ readReceipts: 'all' })
  await ben.reaches(await read('four'), READ)
  assert.deepEqual(await kinds(), ['read', 'read-self', 'read-self', 'read', 'read'])
})

test('who is blocked is told, hears nothing and is not heard, until that is undone', async (t) => {
  const here = await stage(t)
  const [ana, sibling, ben] = [await here.chasqui('Ana'), await here.baileys('Ana', { session: 'Ana again' }), await here.emulator.contact('Ben')]
  const told = []
  sibling.socket.ev.on('blocklist.update', (event) => told.push(event))
  await ana.client.privacy.block(ben.jid)
  // Nothing is waited for: the answer itself changed what is known.
  await assert.rejects(ana.send(ben.jid, 'x'), { code: 'BLOCKED' })
  assert.deepEqual(await ana.client.privacy.blocked(), [{ jid: ben.jid, pn: ben.jid, lid: ben.lid }])
  await waitFor(() => told.some(({ blocklist, type }) => type === 'add' && blocklist[0] === ben.lid), 'the news at Baileys')
  const news = events(ana, 'account')
  await sibling.socket.updateBlockStatus(ben.jid, 'unblock')
  const { people } = await waitFor(() => news.find(({ action }) => action === 'blocklist'), 'the news')
  assert.deepEqual(people, [{ jid: ben.jid, pn: ben.jid, lid: ben.lid, blocked: false }])
  await ana.send(ben.jid, 'after')
  await ana.client.privacy.block(ben)
  await ana.client.privacy.unblock(ben.lid)
  assert.deepEqual(await ana.client.privacy.blocked(), [])
  await ana.send(ben.jid, 'again')
  await assert.rejects(ana.client.privacy.block('+1 555 000 9999'), { code: 'NOT_ON_WHATSAPP' })
  await assert.rejects(ana.client.privacy.block(ana.jid), { code: 'INVALID_RECIPIENT' })
})

test('privacy tokens are given once a week, kept, and shown with messages and questions, both ways', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const given = async (side) => (await side.stanzas({ direction: 'out', tag: 'iq', child: 'tokens' })).length
  const got = (side) => waitFor(async () => (await side.stanzas({ direction: 'out', tag: 'ack', type: 'privacy_token' })).length > 0, 'a token')
  // Ana writes first: Ben has hers.
  await ana.send(ben.jid, 'one')
  await ben.got('one')
  await got(ben)
  await ana.send(ben.jid, 'two')
  await ben.got('two')
  assert.equal(await given(ana), 1)
  assert.deepEqual(await sent(ana, { tag: 'message' }, 'tctoken'), [undefined, undefined])
  // What Ana shows to contacts alone Ben sees now, and writes to her although she takes messages of contacts alone.
  await ana.client.profile.setPicture(Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'))
  await ana.client.privacy.set({ picture: 'contacts', messages: 'contacts' })
  await waitFor(() => ben.socket.profilePictureUrl(ana.jid).catch(() => undefined), 'the picture')
  await ben.send(ana.jid, 'three')
  await ana.got('three')
  // He has given his: now Ana shows it.
  await got(ana)
  await ben.socket.updateProfilePicturePrivacy('contacts')
  await ben.socket.updateLastSeenPrivacy('contacts')
  await ben.socket.updateStatusPrivacy('contacts')
  await ben.socket.updateProfileStatus('for friends')
  await here.emulator.person('Ben', { picture: Buffer.from([0xff, 0xd8, 0xff, 9]), privacy: { messages: 'contacts' } })
  assert.ok((await ana.client.people.picture(ben.jid)).url)
  assert.equal((await ana.client.people.about(ben.jid)).text, 'for friends')
  assert.equal((await ana.client.people.info(ben.jid)).about.text, 'for friends')
  await ana.send(ben.jid, 'four')
  await ben.got('four')
  assert.ok((await sent(ana, { tag: 'message' }, 'tctoken')).at(-1))
  const seen = events(ana, 'presence')
  await ben.socket.sendPresenceUpdate('available')
  await ben.socket.sendPresenceUpdate('unavailable')
  await ana.client.presence.subscribe(ben.jid)
  assert.ok((await waitFor(() => seen.at(-1), 'Ben')).lastSeen > 0)
  // All that is kept outlives a restart.
  await ana.stop()
  await ana.start()
  await ana.send(ben.jid, 'five')
  await ben.got('five')
  assert.equal(await given(ana), 1)
  assert.deepEqual(ana.errors, [])
})

test('a message without the token that it needs is refused with a code, and the own token is given again', async (t) => {
  const here = await stage(t)
  const [ana, eva] = [await here.chasqui('Ana'), await here.emulator.contact('Eva')]
  await ana.send(eva.jid, 'one')
  await here.emulator.person('Eva', { privacy: { messages: 'contacts' } })
  const given = async () => (await ana.stanzas({ direction: 'out', tag: 'iq', child: 'tokens' })).length
  await waitFor(async () => (await given()) === 1, 'the first token')
  await assert.rejects(ana.send(eva.jid, 'two'), ({ code, data }) => code === 'CHAT_RESTRICTED' && data.error === 463)
  await waitFor(async () => (await given()) === 2, 'another token')
  await here.emulator.person('Eva', { token: 'Ana' })
  await waitFor(async () => (await ana.stanzas({ direction: 'out', tag: 'ack', type: 'privacy_token' })).length === 1, 'the token of Eva')
  await ana.send(eva.jid, 'three')
})

test('the account: devices, their removal, the timer of new chats and the switches', async (t) => {
  const here = await stage(t)
  const [ana, sibling, ben] = [await here.chasqui('Ana'), await here.baileys('Ana', { session: 'Ana again' }), await here.chasqui('Ben')]
  const [told, people] = [events(ana, 'account'), events(ben, 'person')]
  await ben.send(ana.jid, 'hola')
  const devices = await ana.client.account.devices()
  assert.deepEqual(devices.map(({ device, this: own, primary }) => [device, own, primary]), [
    [0, false, true], [ana.device, true, false], [sibling.device, false, false],
  ])
  const timers = []
  sibling.socket.ev.on('creds.update', ({ accountSettings }) => accountSettings && timers.push(accountSettings.defaultDisappearingMode))
  await ana.client.account.setDefaultDisappearing(86_400)
  await waitFor(() => timers.some((timer) => timer?.ephemeralExpiration === 86_400), 'the timer at Baileys')
  assert.deepEqual((await ben.client.people.info(ana.jid)).disappearing.seconds, 86_400)
  await sibling.socket.updateDefaultDisappearingMode(0)
  await waitFor(() => told.some(({ action, seconds }) => action === 'disappearing' && seconds === 0), 'the timer')
  await assert.rejects(ana.client.account.setDefaultDisappearing(5), { code: 'INVALID_ARGUMENT' })

  assert.equal((await waitFor(() => ana.client.account.props().catch(() => undefined), 'the switches'))['9435'], '1')
  const gone = sibling.device
  await ana.client.account.removeDevice(gone)
  await waitFor(() => told.some((event) => event.action === 'devices' && !event.devices.includes(gone)), 'the devices')
  await waitFor(() => people.some(({ action, person, removed }) => action === 'devices' && person.jid === ana.jid && removed?.includes(gone)), 'the devices at Ben')
  assert.equal((await ana.client.account.devices()).length, 2)
  await assert.rejects(ana.client.account.removeDevice(gone), { code: 'NOT_FOUND' })
  for (const device of [0, ana.device]) await assert.rejects(ana.client.account.removeDevice(device), { code: 'INVALID_ARGUMENT' })
  await here.emulator.inject({ account: 'Ana', stanza: { tag: 'ib', attrs: { from: 's.whatsapp.net' }, content: [{ tag: 'dirty', attrs: { type: 'account_sync', timestamp: '1700000000' } }] } })
  await waitFor(async () => (await ana.stanzas({ direction: 'out', tag: 'iq', child: 'clean' })).length === 1, 'the mark to be cleaned')
  assert.deepEqual(ana.errors, [])
})
