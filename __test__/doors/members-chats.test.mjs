// Changes of chats, labels, contacts and settings: made by a socket of Baileys, and made by the members over the engine of
// another device of the account. The socket of Baileys tells of both in the same words.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage, waitFor } from '../interop/sides.mjs'
import { overEngine, plain } from './members-context.mjs'

const NOBODY = '5550000000001@s.whatsapp.net'

/** What both kinds of socket are asked for, each with the event that tells of it. The engine names chats by LID, as phones do. */
function modifications({ ben, group, at }) {
  const seconds = Math.floor(at / 1000)
  const last = (id, key = {}) => [{ key: { remoteJid: ben.lid, fromMe: false, id, ...key }, messageTimestamp: seconds }]
  return {
    archive: ['chats.update', (socket) => socket.chatModify({ archive: true, lastMessages: last('3EB0A1') }, ben.lid)],
    unarchive: ['chats.update', (socket) => socket.chatModify({ archive: false, lastMessages: last('3EB0A1') }, ben.lid)],
    'archive a group': ['chats.update', (socket) => socket.chatModify({ archive: true, lastMessages: last('3EB0A2', { remoteJid: group, participant: ben.lid }) }, group)],
    pin: ['chats.update', (socket) => socket.chatModify({ pin: true }, ben.lid)],
    unpin: ['chats.update', (socket) => socket.chatModify({ pin: false }, ben.lid)],
    mute: ['chats.update', (socket) => socket.chatModify({ mute: 1_900_000_000_000 }, ben.lid)],
    unmute: ['chats.update', (socket) => socket.chatModify({ mute: null }, ben.lid)],
    'mark unread': ['chats.update', (socket) => socket.chatModify({ markRead: false, lastMessages: last('3EB0A1') }, ben.lid)],
    'mark read': ['chats.update', (socket) => socket.chatModify({ markRead: true, lastMessages: last('3EB0A1') }, ben.lid)],
    star: ['messages.update', (socket) => socket.star(ben.lid, [{ id: '3EB0A1', fromMe: false }], true)],
    unstar: ['messages.update', (socket) => socket.chatModify({ star: { messages: [{ id: '3EB0A1', fromMe: true }], star: false } }, ben.lid)],
    'delete for me': ['messages.delete', (socket) => socket.chatModify({ deleteForMe: { deleteMedia: false, key: { remoteJid: ben.lid, fromMe: true, id: '3EB0A3' }, timestamp: seconds } }, ben.lid)],
    'delete for me in a group': ['messages.delete', (socket) => socket.chatModify({ deleteForMe: { deleteMedia: true, key: { remoteJid: group, fromMe: false, id: '3EB0A4', participant: ben.lid }, timestamp: seconds } }, group)],
    contact: ['contacts.upsert', (socket) => socket.addOrEditContact(ben.jid, { fullName: 'Benito', firstName: 'Ben', lidJid: ben.lid, saveOnPrimaryAddressbook: true })],
    label: ['labels.edit', (socket) => socket.addLabel(ben.lid, { id: '7', name: 'Amigos', color: 3, deleted: false })],
    'label a chat': ['labels.association', (socket) => socket.addChatLabel(ben.lid, '7')],
    'label a message': ['labels.association', (socket) => socket.addMessageLabel(ben.lid, '3EB0A1', '7')],
    'unlabel a message': ['labels.association', (socket) => socket.removeMessageLabel(ben.lid, '3EB0A1', '7')],
    'unlabel a chat': ['labels.association', (socket) => socket.removeChatLabel(ben.lid, '7')],
    'delete a label': ['labels.edit', (socket) => socket.addLabel('', { id: '7', name: 'Amigos', color: 3, deleted: true })],
    'link previews': ['settings.update', (socket) => socket.updateDisableLinkPreviewsPrivacy(true)],
    'an own patch': [
      'chats.update',
      (socket) => socket.appPatch({ syncAction: { pinAction: { pinned: true }, timestamp: at }, index: ['pin_v1', group], type: 'regular_low', apiVersion: 5, operation: 0 }),
    ],
    delete: ['chats.delete', (socket) => socket.chatModify({ delete: true, lastMessages: last('3EB0A1') }, ben.lid)],
  }
}

test('what the members change is what Baileys changes', async (t) => {
  const { baileys, chasqui } = await stage(t)
  const [ana, ben] = [await baileys('Ana'), await baileys('Ben')]
  const engine = await chasqui('Ana')
  const { members } = overEngine(engine.client)
  const group = (await ana.socket.groupCreate('Cine', [ben.jid])).id
  const told = []
  ana.socket.ev.process((events) => told.push(...Object.entries(events)))
  for (const [name, [event, change]] of Object.entries(modifications({ ben, group, at: Date.now() }))) {
    const seen = []
    for (const socket of [ana.socket, members]) {
      told.length = 0
      await change(socket)
      const found = await waitFor(() => told.find(([one]) => one === event), `${name}: ${event}`)
      // What is undefined is there or not, as events come together or alone.
      seen.push(JSON.parse(JSON.stringify(plain(found[1]))))
    }
    assert.deepEqual(seen[1], seen[0], name)
  }
})

test('what has no event is changed on the other devices too', async (t) => {
  const { baileys, chasqui } = await stage(t)
  const [ana, ben] = [await chasqui('Ana'), await baileys('Ben')]
  const other = await chasqui('Ana')
  const { members } = overEngine(ana.client)
  const changed = (what) => waitFor(() => other.changes.find((change) => Object.entries(what).every(([name, value]) => JSON.stringify(change[name]) === JSON.stringify(value))), JSON.stringify(what))
  await members.addOrEditQuickReply({ shortcut: 'hola', message: 'Buenos días', timestamp: '1700000000' })
  await changed({ type: 'quickReply', id: '1700000000', shortcut: 'hola', message: 'Buenos días' })
  await members.removeQuickReply('1700000000')
  await changed({ type: 'quickReply', id: '1700000000', deleted: true })
  await members.addOrEditContact(ben.jid, { fullName: 'Benito' })
  await members.removeContact(ben.jid)
  await changed({ type: 'contact', removed: true })
  await members.updateProfileName('Anita')
  await changed({ type: 'pushName', name: 'Anita' })
  // Eight hours, as the programs say it.
  const before = Date.now()
  await members.chatModify({ mute: 8 * 3_600_000 }, ben.jid)
  const mute = await changed({ type: 'mute', muted: true })
  assert.ok(mute.until >= before + 8 * 3_600_000 && mute.until < before + 9 * 3_600_000)
  await members.star(ben.jid, [{ id: '3EB0A1', fromMe: true }, { id: '3EB0A2', fromMe: false }], true)
  for (const id of ['3EB0A1', '3EB0A2']) await changed({ type: 'star', id, starred: true })
  await members.chatModify({ clear: true, lastMessages: [{ key: { remoteJid: ben.jid, fromMe: true, id: '3EB0A1' }, messageTimestamp: 1_700_000_000 }] }, ben.jid)
  await changed({ type: 'clear', deleteStarred: true })
})

test('what cannot be changed is refused as by Baileys', async (t) => {
  const { baileys, chasqui } = await stage(t)
  const ana = await baileys('Ana')
  const { client } = await chasqui('Ana')
  const { members } = overEngine(client)
  const refused = async (socket, call) => {
    try {
      return { gives: await call(socket) }
    } catch ({ message, isBoom, output, data }) {
      return isBoom ? { message, statusCode: output.statusCode, data } : { isBoom: false }
    }
  }
  for (const call of [
    (socket) => socket.chatModify({ bogus: true }, NOBODY),
    (socket) => socket.chatModify({ archive: true, lastMessages: [{}] }, NOBODY),
    (socket) => socket.chatModify({ archive: true, lastMessages: [{ key: { remoteJid: 'x@g.us', id: '1', fromMe: false } }] }, NOBODY),
    (socket) => socket.chatModify({ delete: true, lastMessages: [{ key: { remoteJid: NOBODY, id: '1', fromMe: false } }] }, NOBODY),
  ]) {
    const theirs = await refused(ana.socket, call)
    assert.ok(theirs.message)
    assert.deepEqual(await refused(members, call), theirs)
  }
  // Only behind the door an action is taken as its bytes.
  await assert.rejects(client.change({ type: 'made', collection: 'regular', index: ['hologram'], value: 'CAE=', version: 1 }), { code: 'INVALID_CHANGE' })
  const patch = { syncAction: { timestamp: 1 }, index: ['constructor'], type: 'irregular', apiVersion: 1, operation: 0 }
  await assert.rejects(members.appPatch(patch), ({ isBoom, output }) => isBoom && output.statusCode === 400)
  await assert.rejects(members.chatModify({ star: { messages: [{ id: '3EB0A1', fromMe: false }], star: true } }, '120363000000000099@g.us'), ({ isBoom, output }) => isBoom && output.statusCode === 400)
  assert.equal(await members.resyncAppState(['regular'], false), undefined)
  assert.equal(members.updateServerTimeOffset({ attrs: { t: '1700000000' } }), undefined)
  await members.cleanDirtyBits('groups')
  await members.cleanDirtyBits('account_sync', 1_700_000_000)
})
