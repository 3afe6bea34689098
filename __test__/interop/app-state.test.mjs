// The settings that all devices of an account share: archived and pinned chats, stars, contacts and the like, between
// Chasqui, npm Baileys and the phone.

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

import { startEmulator } from 'chasqui/testing'

import { temporaryFolder } from '../harness/baileys.mjs'
import { randomFrom } from '../harness/kills.mjs'
import { readJournal, runProgram } from '../harness/run-program.mjs'
import { stage, waitFor } from './sides.mjs'

/** The changes that a client of ours was told, in their order. `got`: the first one that has all of this, once it is there. */
function heard({ changes }) {
  const fits = (change, wanted) => Object.entries(wanted).every(([key, value]) => change[key] === value)
  const got = (wanted) => waitFor(() => changes.find((change) => fits(change, wanted)), JSON.stringify(wanted))
  return Object.assign(changes, { got })
}

/** What Baileys tells of chats, contacts and messages, merged by id. */
function noted(side) {
  const notes = { chats: new Map(), contacts: new Map(), messages: new Map(), deleted: [], labels: [], settings: new Map() }
  const merge = (map, id, update) => map.set(id, { ...map.get(id), ...update })
  const { ev } = side.socket
  ev.on('chats.update', (updates) => updates.forEach((update) => merge(notes.chats, update.id, update)))
  ev.on('contacts.upsert', (contacts) => contacts.forEach((contact) => merge(notes.contacts, contact.id, contact)))
  ev.on('messages.update', (updates) => updates.forEach(({ key, update }) => merge(notes.messages, key.id, update)))
  ev.on('messages.delete', ({ keys }) => notes.deleted.push(...(keys ?? []).map(({ id }) => id)))
  ev.on('chats.delete', (ids) => notes.deleted.push(...ids))
  ev.on('labels.edit', (label) => notes.labels.push(label))
  ev.on('labels.association', (label) => notes.labels.push(label))
  ev.on('chats.lock', ({ id, locked }) => merge(notes.chats, id, { locked }))
  ev.on('settings.update', ({ setting, value }) => notes.settings.set(setting, value))
  return notes
}

const until = (what, condition) => waitFor(condition, what)

test('what Baileys changes is told by Chasqui, and what Chasqui changes is told by Baileys', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana')
  const changes = heard(ana)
  const other = await here.baileys('Ana', { session: 'Ana again' })
  const notes = noted(other)
  const ben = await here.emulator.contact('Ben')
  await ben.send('Ana', { text: 'hola' })
  const message = (await other.got('hola')).original
  const last = [{ key: message.key, messageTimestamp: message.messageTimestamp }]

  await other.socket.chatModify({ archive: true, lastMessages: last }, ben.lid)
  const archived = await changes.got({ type: 'archive', archived: true })
  assert.equal(archived.chat, ben.jid)
  assert.deepEqual([archived.source, archived.collection], ['patch', 'regular_low'])
  assert.equal(archived.lastMessages[0].id, message.key.id)
  assert.equal(archived.lastMessageTimestamp, Number(message.messageTimestamp) * 1000)
  await other.socket.chatModify({ pin: true }, ben.lid)
  await changes.got({ type: 'pin', chat: ben.jid, pinned: true })
  const end = Date.now() + 3_600_000
  await other.socket.chatModify({ mute: end }, ben.lid)
  await changes.got({ type: 'mute', chat: ben.jid, muted: true, until: end })
  await other.socket.chatModify({ markRead: false, lastMessages: last }, ben.lid)
  await changes.got({ type: 'markRead', chat: ben.jid, read: false })
  await other.socket.chatModify({ star: { messages: [{ id: message.key.id, fromMe: false }], star: true } }, ben.lid)
  await changes.got({ type: 'star', chat: ben.jid, id: message.key.id, starred: true })
  await other.socket.addOrEditContact(ben.jid, { fullName: 'Ben Ruiz', firstName: 'Ben' })
  await changes.got({ type: 'contact', jid: ben.jid, name: 'Ben Ruiz' })
  await other.socket.removeContact(ben.jid)
  await changes.got({ type: 'contact', jid: ben.jid, removed: true })

  await ana.client.change({ type: 'archive', chat: ben.jid, archived: false })
  await until('the chat to come back', () => notes.chats.get(ben.lid)?.archived === false)
  await ana.client.change([{ type: 'pin', chat: ben.jid, pinned: true }, { type: 'mute', chat: ben.lid, muted: false }])
  await until('the pin', () => notes.chats.get(ben.lid)?.pinned > 0)
  await until('the end of the silence', () => notes.chats.get(ben.lid)?.muteEndTime === null)
  await ana.client.change({ type: 'markRead', chat: ben.jid, read: true, lastMessages: [(await ana.got('hola')).original] })
  await until('the mark', () => notes.chats.get(ben.lid)?.unreadCount === 0)
  await ana.client.change({ ...(await ana.got('hola')).original, type: 'star', starred: true })
  await until('the star', () => notes.messages.get(message.key.id)?.starred === true)
  await ana.client.change({ type: 'contact', jid: ben.jid, name: 'Benjamín', firstName: 'Ben' })
  await until('the contact', () => notes.contacts.get(ben.jid)?.name === 'Benjamín')
  assert.equal(notes.contacts.get(ben.jid).lid, ben.lid)
  await changes.got({ type: 'contact', name: 'Benjamín', source: 'echo' })
  assert.deepEqual(ana.errors, [])

  // Server, phone and both companions are of one mind.
  const state = await here.emulator.appState('Ana')
  for (const { version, followed } of Object.values(state)) assert.equal(followed, version)
})

test('labels, quick replies, deletions and preferences go both ways, too', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana')
  const changes = heard(ana)
  const other = await here.baileys('Ana', { session: 'Ana again' })
  const notes = noted(other)
  const ben = await here.emulator.contact('Ben')
  for (const text of ['one', 'two', 'three']) await ben.send('Ana', { text })
  const [one, two, three] = await Promise.all(['one', 'two', 'three'].map(async (text) => (await other.got(text)).original))
  await ana.got('three')
  const last = [{ key: three.key, messageTimestamp: three.messageTimestamp }]

  await other.socket.addLabel(ben.lid, { id: '5', name: 'New', color: 3, deleted: false })
  await changes.got({ type: 'label', id: '5', name: 'New', color: 3, deleted: false })
  await other.socket.addChatLabel(ben.lid, '5')
  await changes.got({ type: 'labelAssociation', labelId: '5', chat: ben.jid, labeled: true })
  await other.socket.addMessageLabel(ben.lid, one.key.id, '5')
  await changes.got({ type: 'labelAssociation', messageId: one.key.id, labeled: true })
  await other.socket.addOrEditQuickReply({ shortcut: 'hi', message: 'Hello!', timestamp: '1700000000' })
  await changes.got({ type: 'quickReply', id: '1700000000', shortcut: 'hi', message: 'Hello!', deleted: false })
  await other.socket.updateDisableLinkPreviewsPrivacy(true)
  await changes.got({ type: 'linkPreviews', enabled: false })
  await other.socket.updateProfileName('Ana R.')
  await changes.got({ type: 'pushName', name: 'Ana R.' })
  await waitFor(() => ana.client.user.name === 'Ana R.', 'the own name')
  const of = (message) => ({ key: message.key, timestamp: Number(message.messageTimestamp), deleteMedia: true })
  await other.socket.chatModify({ deleteForMe: of(one) }, ben.lid)
  await changes.got({ type: 'deleteForMe', chat: ben.jid, id: one.key.id, deleteMedia: true })
  await other.socket.chatModify({ clear: true, lastMessages: last }, ben.lid)
  await changes.got({ type: 'clear', chat: ben.jid })
  await other.socket.chatModify({ delete: true, lastMessages: last }, ben.lid)
  await changes.got({ type: 'deleteChat', chat: ben.jid })

  const message = (await ana.got('two')).original
  await ana.client.change([
    { type: 'label', id: '6', name: 'Old', color: 1 },
    { type: 'labelAssociation', labelId: '6', chat: ben.jid, labeled: true },
    { type: 'quickReply', shortcut: 'bye', message: 'See you' },
    { type: 'deleteForMe', ...{ chat: ben.jid, id: message.id, fromMe: false, messageTimestamp: message.timestamp } },
    { type: 'deleteChat', chat: ben.jid, lastMessages: [message] },
    { type: 'lock', chat: ben.jid, locked: true },
    { type: 'locale', locale: 'pt_BR' },
    { type: 'timeFormat', twentyFourHours: true },
    { type: 'relayCalls', enabled: true },
    { type: 'channelRecommendations', enabled: false },
    { type: 'statusPrivacy', audience: 'contacts' },
    { type: 'unarchiveChats', enabled: true },
    { type: 'pushName', name: 'Ana Ruiz' },
    { type: 'favorites', chats: [ben.jid] },
    { type: 'muteStatus', jid: ben.jid, muted: true },
    { type: 'labelOrder', ids: [6, 5] },
    { type: 'note', id: '1', chat: ben.jid, text: 'likes coffee' },
    { type: 'linkPreviews', enabled: true },
    { type: 'clear', chat: ben.jid },
  ])
  await until('the label', () => notes.labels.some(({ id, name }) => id === '6' && name === 'Old'))
  await until('the label of the chat', () => notes.labels.some(({ association }) => association?.labelId === '6' && association.chatId === ben.lid))
  await until('what is deleted', () => [two.key.id, ben.lid].every((id) => notes.deleted.includes(id)))
  await until('the lock', () => notes.chats.get(ben.lid)?.locked === true)
  await until('the preferences', () =>
    ['locale', 'timeFormat', 'privacySettingRelayAllCalls', 'channelsPersonalisedRecommendation', 'statusPrivacy'].every((name) => notes.settings.has(name)))
  assert.equal(notes.settings.get('locale'), 'pt_BR')
  await until('the name', () => other.socket.authState.creds.me.name === 'Ana Ruiz')
  await until('the setting', () => other.socket.authState.creds.accountSettings.unarchiveChats === true)
  assert.deepEqual(ana.errors, [])
  for (const { version, followed, mismatch } of Object.values(await here.emulator.appState('Ana'))) {
    assert.deepEqual([followed, mismatch], [version, false])
  }
})

test('what the phone changes is told by both, and a device that is linked later has it from the beginning', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana')
  const changes = heard(ana)
  const other = await here.baileys('Ana', { session: 'Ana again' })
  const notes = noted(other)
  const ben = await here.emulator.contact('Ben')
  await here.emulator.phoneChanges('Ana', [
    { type: 'contact', jid: 'Ben', name: 'Ben Ruiz', lid: ben.lid },
    { type: 'archive', chat: 'Ben', archived: true },
    { type: 'label', id: '4', name: 'VIP', color: 2 },
    { type: 'labelAssociation', labelId: '4', chat: 'Ben', labeled: true },
    { type: 'linkPreviews', enabled: false },
    { type: 'locale', locale: 'es_CO' },
  ])
  await changes.got({ type: 'contact', jid: ben.jid, name: 'Ben Ruiz', source: 'patch' })
  await changes.got({ type: 'archive', chat: ben.jid, archived: true })
  await changes.got({ type: 'label', id: '4', name: 'VIP', color: 2 })
  await changes.got({ type: 'labelAssociation', labelId: '4', chat: ben.jid })
  await changes.got({ type: 'linkPreviews', enabled: false })
  await changes.got({ type: 'locale', locale: 'es_CO', source: 'patch' })
  await until('the contact', () => notes.contacts.get(ben.jid)?.name === 'Ben Ruiz')
  await until('the archive', () => notes.chats.get(ben.lid)?.archived === true)
  await until('the label', () => notes.labels.some(({ name }) => name === 'VIP'))
  await until('the setting', () => notes.settings.get('disableLinkPreviews')?.isPreviewsDisabled === true)

  await here.emulator.phoneChanges('Ana', [
    { type: 'archive', chat: 'Ben', archived: false },
    { type: 'pushName', name: 'Ana María' },
  ])
  await changes.got({ type: 'pushName', name: 'Ana María' })
  await waitFor(() => ana.client.user.name === 'Ana María', 'the own name')
  const later = await here.chasqui('Ana', { session: 'Ana, too' })
  const first = heard(later)
  await first.got({ type: 'archive', chat: ben.jid, archived: false, source: 'snapshot' })
  await first.got({ type: 'contact', jid: ben.jid, name: 'Ben Ruiz', source: 'snapshot' })
  await first.got({ type: 'pushName', name: 'Ana María' })
  await first.got({ type: 'linkPreviews', enabled: false })
  assert.equal(first.filter(({ type }) => type === 'archive').length, 1, 'what was changed since is not told')
  assert.deepEqual([...ana.errors, ...later.errors], [])
})

test('what two devices change at once is kept of both, and all are of one mind', async (t) => {
  const here = await stage(t)
  const [one, two] = [await here.chasqui('Ana'), await here.chasqui('Ana', { session: 'Ana again' })]
  const other = await here.baileys('Ana', { session: 'Ana, too' })
  const sides = [heard(one), heard(two)]
  const chats = await Promise.all(['Ben', 'Eva', 'Luis'].map(async (name) => (await here.emulator.contact(name)).jid))
  const made = []
  for (let round = 0; round < 10; round++) {
    for (const [at, side] of [one, two].entries()) {
      made.push(side.client.change({ type: 'pin', chat: chats[(round + at) % 3], pinned: round % 2 === 0 }))
    }
    if (round % 3 === 0) made.push(here.emulator.phoneChanges('Ana', [{ type: 'archive', chat: chats[round % 3], archived: true }]))
  }
  await Promise.all(made)
  const { regular_low: state } = await here.emulator.appState('Ana')
  assert.equal(state.followed, state.version)
  assert.equal(state.mismatch, false)
  // The last word on each chat is the same everywhere.
  const truth = new Map(state.records.filter(({ change }) => change.type === 'pin').map(({ change }) => [change.chat, change.pinned]))
  assert.equal(truth.size, 3)
  for (const changes of sides) {
    await waitFor(() => {
      const last = new Map(changes.filter(({ type }) => type === 'pin').map(({ chat, pinned }) => [chat, pinned]))
      return [...last.values()].sort().join() === [...truth.values()].sort().join() && last.size === 3
    }, 'both to have the same')
  }
  // And goes on: nobody is left behind.
  await one.client.change({ type: 'pin', chat: chats[0], pinned: true })
  await sides[1].got({ type: 'pin', chat: chats[0], pinned: true, source: 'patch' })
  const stored = await other.socket.authState.keys.get('app-state-sync-version', ['regular_low'])
  assert.ok(stored.regular_low.version > 0)
  assert.deepEqual([...one.errors, ...two.errors], [])
})

test('what is wrong is not taken, is fetched anew, and is told when that does not help', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana')
  const changes = heard(ana)
  const ben = await here.emulator.contact('Ben')
  const pin = (pinned) => here.emulator.phoneChanges('Ana', [{ type: 'pin', chat: 'Ben', pinned }])
  await pin(true)
  await changes.got({ type: 'pin', pinned: true })

  let pinned = true
  for (const wrong of ['patchMac', 'valueMac', 'snapshotMac', 'gap', 'order']) {
    const at = changes.length
    // The service is wrong once, and right when it is asked for everything.
    await here.emulator.faults.add({ what: 'appState', wrong, account: 'Ana', collection: 'regular_low', times: 1 })
    pinned = !pinned
    await here.emulator.phoneChanges('Ana', [
      { type: 'lock', chat: 'Ben', locked: pinned },
      { type: 'pin', chat: 'Ben', pinned },
    ])
    await waitFor(() => changes.slice(at).some((change) => change.type === 'pin' && change.pinned === pinned), `the pin after ${wrong}`)
    assert.equal(changes.slice(at).filter(({ type }) => type === 'pin').length, 1, `told once after ${wrong}`)
  }
  assert.deepEqual(ana.errors, [])

  // It stays wrong: nothing of it is taken, and the program is told.
  await here.emulator.faults.clear()
  await here.emulator.faults.add({ what: 'appState', wrong: 'patchMac', account: 'Ana', collection: 'regular_low' })
  const before = changes.length
  await pin(!pinned)
  const error = await waitFor(() => ana.errors[0], 'the error')
  assert.deepEqual([error.code, error.data.collection], ['APP_STATE_BROKEN', 'regular_low'])
  assert.equal(changes.length, before)
  await assert.rejects(ana.client.change({ type: 'pin', chat: ben.jid, pinned: true }, { timeout: 500 }), { code: 'APP_STATE_BROKEN' })
  // The others go on, and it does with the next login.
  await here.emulator.phoneChanges('Ana', [{ type: 'mute', chat: 'Ben', muted: true }])
  await changes.got({ type: 'mute', muted: true })
  await here.emulator.faults.clear()
  await ana.stop()
  await ana.start()
  await waitFor(() => changes.slice(before).some((change) => change.type === 'pin' && change.pinned === !pinned), 'the pin')
})

test('a key that is missing is asked for at the phone, and what waits for it goes on', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana')
  const changes = heard(ana)
  await here.emulator.phoneRenewsKey('Ana')
  await here.emulator.phoneChanges('Ana', [{ type: 'unarchiveChats', enabled: true }])
  await changes.got({ type: 'unarchiveChats', enabled: true })
  // A change of ours is under the new key: the phone and others can read it.
  const other = await here.baileys('Ana', { session: 'Ana again' })
  const notes = noted(other)
  const ben = await here.emulator.contact('Ben')
  await ana.client.change({ type: 'pin', chat: ben.jid, pinned: true })
  // Nobody knows the chat's other address yet.
  await until('the pin', () => notes.chats.get(ben.jid)?.pinned > 0)
  // One that nobody has: the phone says so.
  await here.emulator.faults.add({ what: 'appState', wrong: 'unknownKey', account: 'Ana', device: ana.device, collection: 'regular_high' })
  await here.emulator.phoneChanges('Ana', [{ type: 'mute', chat: 'Ben', muted: true }])
  const error = await waitFor(() => ana.errors[0], 'the error')
  assert.deepEqual([error.code, error.data.collection], ['APP_STATE_BROKEN', 'regular_high'])
})

test('a new Baileys reads the phone’s snapshot, and what Chasqui and the phone change after it', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana')
  const ben = await here.emulator.contact('Ben')
  await here.emulator.phoneChanges('Ana', [
    { type: 'contact', jid: 'Ben', name: 'Ben Ruiz' },
    { type: 'linkPreviews', enabled: false },
  ])
  await ana.client.change({ type: 'archive', chat: ben.jid, archived: true })
  await here.emulator.phoneSnapshots('Ana')
  const other = await here.baileys('Ana', { session: 'Ana again' })
  const notes = noted(other)
  const { regular_low: stored } = await other.socket.authState.keys.get('app-state-sync-version', ['regular_low'])
  const state = await here.emulator.appState('Ana')
  assert.equal(stored.version, state.regular_low.version)
  // Of a chat that it knows from the snapshot alone Baileys holds further news back, until there is a message in it.
  const eva = await here.emulator.contact('Eva')
  await ana.client.change({ type: 'archive', chat: eva.jid, archived: true })
  await until('the archive', () => notes.chats.get(eva.jid)?.archived === true)
  await other.socket.chatModify({ pin: true }, eva.jid)
  await heard(ana).got({ type: 'pin', chat: eva.jid, pinned: true })
  const { regular_low: after } = await here.emulator.appState('Ana')
  assert.deepEqual([after.followed, after.mismatch], [after.version, false])
  assert.deepEqual(ana.errors, [])

  // Another Chasqui reads the same snapshot, and the patches behind it from files of their own.
  assert.ok((await here.emulator.externalPatches('Ana')).count > 0)
  const third = await here.chasqui('Ana', { session: 'Ana, too' })
  const changes = heard(third)
  await changes.got({ type: 'contact', jid: ben.jid, name: 'Ben Ruiz', source: 'snapshot' })
  await changes.got({ type: 'linkPreviews', enabled: false, source: 'snapshot' })
  await changes.got({ type: 'archive', chat: ben.jid, archived: true })
  await changes.got({ type: 'archive', chat: eva.jid, archived: true })
  await changes.got({ type: 'pin', chat: eva.jid, pinned: true })
  await third.client.change({ type: 'pin', chat: eva.jid, pinned: false })
  await until('the end of the pin', () => notes.chats.get(eva.jid)?.pinned === null)
  const now = await here.emulator.appState('Ana')
  for (const { version, followed } of Object.values(now)) assert.equal(followed, version)
  assert.deepEqual(third.errors, [])
})

test('a snapshot that the hosts do not give at first is read later, and holds up nothing meanwhile', async (t) => {
  const here = await stage(t)
  const ben = await here.emulator.contact('Ben')
  await here.chasqui('Ana')
  await here.emulator.phoneChanges('Ana', [{ type: 'contact', jid: 'Ben', name: 'Ben Ruiz' }])
  await here.emulator.phoneSnapshots('Ana')
  await here.emulator.media.faults.add({ what: 'status', code: 404 })
  const later = await here.chasqui('Ana', { session: 'Ana, too' })
  const changes = heard(later)
  await waitFor(async () => (await here.emulator.media.faults.list())[0].hits > 0, 'a download that fails')
  await ben.send('Ana', { text: 'hola' })
  await later.got('hola')
  await here.emulator.media.faults.clear()
  await changes.got({ type: 'contact', jid: ben.jid, name: 'Ben Ruiz', source: 'snapshot' })
  assert.deepEqual(later.errors, [])
})

test('a program that is killed again and again while settings change is told of every change', async (t) => {
  const emulator = await startEmulator()
  t.after(() => emulator.stop())
  const folder = temporaryFolder()
  const [store, journal] = [`sqlite:${path.join(folder, 'session.db')}`, path.join(folder, 'journal')]
  const random = randomFrom(7)
  const start = async () => {
    const program = runProgram(t, emulator, { env: { JOURNAL: journal } })
    await program.ask('open', { session: 'Ana', store, endpoint: emulator.endpoint, pushName: 'Ana' })
    return program
  }
  const pinned = () => new Set(readJournal(journal).filter(([kind, type]) => kind === 'change' && type === 'pin').map(([, , chat]) => chat))
  const chats = Array.from({ length: 240 }, (_, n) => `1555000${1000 + n}@s.whatsapp.net`)
  let program = await start()
  for (let round = 0; round < 6; round++) {
    const flood = (async () => {
      for (const chat of chats.slice(round * 40, round * 40 + 40)) {
        await emulator.phoneChanges('Ana', [{ type: 'pin', chat, pinned: true }])
      }
    })()
    await pause(20 + random() * 150)
    program.child.kill('SIGKILL')
    await Promise.all([program.ended, flood])
    program = await start()
  }
  await waitFor(() => pinned().size === chats.length, 'every change')
  assert.deepEqual(program.errors, [])
  const { regular_low: state } = await emulator.appState('Ana')
  assert.deepEqual([state.records.length, state.mismatch], [chats.length, false])
})
