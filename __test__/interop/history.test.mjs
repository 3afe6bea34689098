// What the phone has of the past, read by Chasqui and by npm Baileys.

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { temporaryFolder } from '../harness/baileys.mjs'
import { readJournal, runProgram } from '../harness/run-program.mjs'
import { stage, waitFor } from './sides.mjs'

/** The schema's numbers of types of blobs. */
const INITIAL = 0
const RECENT = 3

const GROUP = '120363000000000001@g.us'

/** What the phone of Ana has, with people of the emulator. */
async function past(emulator) {
  const [ben, eva, tom] = await Promise.all(['Ben', 'Eva', 'Tom'].map((name) => emulator.contact(name)))
  const at = 1_690_000_000
  const history = {
    chats: [
      {
        jid: ben.lid,
        pn: ben.jid,
        name: 'Ben Ruiz',
        unread: 2,
        pinned: at,
        token: Buffer.from('token'),
        tokenTimestamp: at,
        messages: [
          { id: 'B3', text: 'and the newest', timestamp: at + 30, pushName: 'Ben' },
          { id: 'B2', text: 'mine', fromMe: true, timestamp: at + 20, status: 4, reactions: [{ emoji: '👍' }] },
          { id: 'B1', text: 'the oldest', timestamp: at + 10, pushName: 'Ben', starred: true },
        ],
      },
      { jid: eva.jid, lid: eva.lid, name: 'Eva', archived: true, messages: [{ id: 'E1', text: 'by number', timestamp: at }] },
      {
        jid: GROUP,
        name: 'Runners',
        members: [{ jid: ben.lid, admin: true }, { jid: tom.lid }],
        messages: [
          { id: 'G3', participant: tom.lid, text: 'of Tom', timestamp: at + 3, pushName: 'Tom' },
          { id: 'G2', fromMe: true, text: 'of Ana', timestamp: at + 2, status: 3 },
          // REVOKE, as phones note it.
          { id: 'G1', participant: ben.lid, stub: 1, timestamp: at + 1 },
        ],
      },
    ],
    contacts: [{ jid: ben.jid, name: 'Ben' }, { jid: tom.lid, name: 'Tom' }, { jid: eva.jid, name: '-' }],
    mappings: [{ pn: tom.jid.replace('s.whatsapp.net', 'c.us'), lid: tom.lid }],
    pastParticipants: [{ group: GROUP, jid: eva.jid, removed: true, at }],
  }
  return { ben, eva, tom, at, history }
}

const all = (parts, field) => parts.flatMap((part) => part[field] ?? [])
/** Waits until the last blob of all was told. */
const complete = (side) => waitFor(() => side.history.some(({ type, last }) => type === 'other' && last), 'all of the history', 60_000)

test('the history of one account is the same for Chasqui and for Baileys', async (t) => {
  const here = await stage(t)
  const { ben, eva, tom, at, history } = await past(here.emulator)
  const { messages } = await here.emulator.history.set('Ana', history)
  assert.equal(messages, 7)
  const ana = await here.chasqui('Ana')
  const other = await here.baileys('Ana', { session: 'Ana again', socketOptions: { shouldSyncHistoryMessage: () => true } })
  await complete(ana)
  await waitFor(() => all(other.history, 'pastParticipants').length > 0, 'the history at Baileys')
  assert.deepEqual(ana.errors, [])

  // Every message.
  const told = all(ana.history, 'messages')
  const theirs = all(other.history, 'messages')
  const ofTheirs = ({ key, messageTimestamp, message, status, pushName, starred, reactions }) => [
    key.id, key.fromMe === true, Number(messageTimestamp) * 1000, message?.conversation, key.fromMe ? status : undefined,
    pushName ?? undefined, starred ?? undefined, reactions?.map(({ text }) => text) ?? [],
  ]
  const statuses = { sent: 2, delivered: 3, read: 4 }
  const ofOurs = ({ id, fromMe, timestamp, text, status, sender, starred, reactions }) => [
    id, fromMe, timestamp, text, status && statuses[status], sender.name, starred, reactions?.map(({ emoji }) => emoji) ?? [],
  ]
  const sorted = (rows) => rows.toSorted(([a], [b]) => (a < b ? -1 : 1))
  assert.deepEqual(sorted(told.map(ofOurs)), sorted(theirs.map(ofTheirs)))
  const byId = new Map(told.map((message) => [message.id, message]))
  assert.equal(byId.size, 7)
  for (const { key, message } of theirs) {
    const ours = byId.get(key.id)
    assert.equal(ours.source, 'history')
    assert.equal(ours.chat, { [ben.lid]: ben.jid }[key.remoteJid] ?? key.remoteJid)
    assert.equal(Buffer.from(ours.raw()).includes(message?.conversation ?? ''), true)
  }
  assert.equal(byId.get('B3').sender.jid, ben.jid)
  assert.equal(byId.get('G3').sender.jid, tom.jid, 'also where only a mapping tells the number')
  assert.equal(byId.get('G2').sender.jid, ana.jid)
  assert.deepEqual(byId.get('G1').system, { what: 'REVOKE', parameters: [] })
  assert.equal(byId.get('G1').type, 'system')
  assert.deepEqual(byId.get('B2').reactions, [{ sender: ben.jid, fromMe: false, emoji: '👍', timestamp: (at + 20) * 1000 + 1 }])

  // Chats.
  const initial = ana.history.filter(({ type }) => type === 'initial')
  const chats = new Map(all(initial, 'chats').map((chat) => [chat.jid, chat]))
  const theirChats = new Map(all(other.history, 'chats').map((chat) => [chat.id, chat]))
  assert.equal(chats.size, theirChats.size)
  for (const [id, chat] of theirChats) {
    const ours = chats.get({ [ben.lid]: ben.jid }[id] ?? id)
    assert.deepEqual(
      [ours.name, ours.unread, ours.archived, ours.pinnedAt, ours.timestamp, ours.more],
      [chat.name, chat.unreadCount ?? undefined, chat.archived ?? undefined, chat.pinned ? chat.pinned * 1000 : undefined,
        Number(chat.conversationTimestamp) * 1000, chat.endOfHistoryTransferType === 0],
    )
  }
  assert.deepEqual([chats.get(ben.jid).lid, chats.get(eva.jid).lid], [ben.lid, eva.lid])
  assert.deepEqual(chats.get(GROUP).members, [{ jid: ben.jid, admin: 'admin' }, { jid: tom.jid }])

  // People.
  const names = new Map(all(ana.history, 'contacts').map(({ jid, pushName }) => [jid, pushName]))
  assert.deepEqual([...names], [[ben.jid, 'Ben'], [tom.jid, 'Tom']])
  const theirNames = all(other.history, 'contacts').filter(({ notify }) => notify)
  assert.deepEqual(new Map(theirNames.map(({ id, notify }) => [id, notify])).get(ben.jid), 'Ben')
  const gone = [{ group: GROUP, jid: eva.jid, removed: true, timestamp: at * 1000 }]
  assert.deepEqual(all(ana.history, 'pastParticipants'), gone)
  assert.equal(all(other.history, 'pastParticipants')[0].pastParticipants[0].userJid, eva.jid)
  const pairs = new Map(all(ana.history, 'lidMappings').map(({ pn, lid }) => [pn, lid]))
  for (const person of [ben, eva, tom]) assert.equal(pairs.get(person.jid), person.lid)
  assert.equal((await ana.client.resolve(tom.lid)).pn, tom.jid)

  // Both receipts of each notification, as Baileys sends them.
  for (const side of [ana, other]) {
    const receipts = await side.stanzas({ direction: 'out', tag: 'receipt' })
    const ids = (type) => receipts.filter(({ attrs }) => attrs.type === type).map(({ attrs }) => attrs.id)
    const confirmed = ids('hist_sync')
    assert.equal(new Set(confirmed).size, 4)
    for (const id of confirmed) assert.ok(ids('peer_msg').includes(id))
  }
})

test('a large history comes in parts, whole and in order, and the next part waits for the last one', async (t) => {
  const here = await stage(t)
  await here.emulator.history.set('Ana', { generate: { chats: 12, messages: 3000, seed: 5 }, perBlob: 1000 })
  const ana = await here.chasqui('Ana')
  const other = await here.baileys('Ana', { session: 'Ana again', socketOptions: { shouldSyncHistoryMessage: () => true } })
  await complete(ana)
  await waitFor(() => new Set(all(other.history, 'messages').map(({ key }) => key.id)).size === 3000, 'the history at Baileys', 60_000)
  const told = new Map(all(ana.history, 'messages').map((message) => [message.id, message]))
  assert.equal(all(ana.history, 'messages').length, 3000)
  for (const { key, message, messageTimestamp } of all(other.history, 'messages')) {
    const ours = told.get(key.id)
    assert.deepEqual([ours.text, ours.fromMe, ours.timestamp], [message.conversation, key.fromMe, Number(messageTimestamp) * 1000])
  }
  assert.deepEqual(ana.history.filter(({ redelivered }) => redelivered), [])
  const recent = ana.history.filter(({ type }) => type === 'recent')
  assert.deepEqual(recent.filter(({ last }) => last).map(({ order, progress }) => [order, progress]), [[0, 33], [1, 66], [2, 100]])
  for (const { part, last, messages } of recent) assert.ok(messages.length <= 600 && (last || messages.length > 0), `part ${part}`)
})

test('the phone is asked for older messages, as often as there are more', async (t) => {
  const here = await stage(t)
  await here.emulator.history.set('Ana', { generate: { chats: 3, messages: 90, seed: 9 }, recent: 5 })
  const ana = await here.chasqui('Ana')
  await complete(ana)
  assert.equal(all(ana.history, 'messages').length, 15)
  const chat = ana.history.find(({ chats }) => chats.length > 0).chats[0]
  assert.equal(chat.more, true)
  const ofChat = () => all(ana.history, 'messages').filter((message) => message.chat === chat.jid)
  const oldest = () => ofChat().reduce((a, b) => (b.timestamp < a.timestamp ? b : a))
  const first = await ana.client.fetchHistory(chat.jid, { count: 10, before: oldest() })
  assert.deepEqual([first.messages, first.more], [10, true])
  assert.equal(ofChat().length, 15)
  const { id, fromMe, timestamp } = oldest()
  const rest = await ana.client.fetchHistory(chat.jid, { before: { id, fromMe, timestamp } })
  assert.deepEqual([rest.messages, rest.more], [15, false])
  assert.equal(new Set(ofChat().map((message) => message.id)).size, 30)
  assert.deepEqual(ana.history.filter(({ request }) => request === rest.request).map(({ type }) => type), ['on-demand'])
  await assert.rejects(ana.client.fetchHistory('15550009999', { timeout: 300 }), { code: 'TIMEOUT' })
  await assert.rejects(ana.client.fetchHistory(chat.jid, { count: 0 }), { code: 'INVALID_OPTION' })
})

test('blobs that are missing or damaged are asked for again, and nothing is lost', async (t) => {
  const here = await stage(t)
  const spoil = [
    { what: 'missing', kind: RECENT, order: 0 },
    { what: 'cut', kind: RECENT, order: 1 },
    { what: 'noise', kind: RECENT, order: 2 },
    { what: 'bomb', kind: RECENT, order: 3 },
  ]
  await here.emulator.history.set('Ana', { generate: { chats: 5, messages: 505, seed: 2 }, perBlob: 100, spoil })
  await here.emulator.media.faults.add({ what: 'flip', path: 't62', skip: 0, times: 1, after: 40 })
  const ana = await here.chasqui('Ana')
  // Only the bomb's hundred are not there.
  await waitFor(() => all(ana.history, 'messages').length === 405, 'what can be had', 60_000)
  await waitFor(() => ana.errors.length === 5, 'the bomb')
  const lost = ana.errors.map(({ code, data }) => [code, data.type, data.order, data.askedAgain])
  assert.deepEqual(lost.toSorted(), [
    ['HISTORY_FAILED', 'initial', 0, true],
    ['HISTORY_FAILED', 'recent', 0, true],
    ['HISTORY_FAILED', 'recent', 1, true],
    ['HISTORY_FAILED', 'recent', 2, true],
    ['HISTORY_FAILED', 'recent', 3, false],
  ])
  assert.equal(new Set(all(ana.history, 'messages').map(({ id }) => id)).size, 405)
  const asked = await ana.stanzas({ direction: 'out', tag: 'receipt', type: 'server-error' })
  for (const { attrs, content } of asked) {
    assert.deepEqual([attrs.to, attrs.category], [ana.jid, 'peer'])
    assert.deepEqual(content.map(({ tag }) => tag), ['encrypt'])
  }
  assert.equal(ana.client.state, 'open')
})

test('a blob that stands in its notification is read, and asked for again by request', async (t) => {
  const here = await stage(t)
  const generate = { chats: 4, messages: 100, seed: 3 }
  await here.emulator.history.set('Ana', { generate, inline: true, spoil: [{ what: 'cut', kind: INITIAL }] })
  const ana = await here.chasqui('Ana')
  await waitFor(() => all(ana.history, 'messages').length === 100, 'all messages')
  assert.deepEqual(ana.errors.map(({ data }) => [data.type, data.askedAgain]), [['initial', true]])
})

test('an answer of the phone that cannot be had is asked for again, and the call resolves with the next one', async (t) => {
  const here = await stage(t)
  const spoil = [{ what: 'missing', kind: 6 }]
  await here.emulator.history.set('Ana', { generate: { chats: 2, messages: 40, seed: 7 }, recent: 1, spoil })
  const ana = await here.chasqui('Ana')
  await complete(ana)
  const chat = ana.history.find(({ chats }) => chats.length > 0).chats[0].jid
  const before = all(ana.history, 'messages').find((message) => message.chat === chat)
  assert.equal((await ana.client.fetchHistory(chat, { before })).messages, 19)
  assert.deepEqual(ana.errors.map(({ code, data }) => [code, data.type, data.askedAgain]), [['HISTORY_FAILED', 'on-demand', true]])
})

test('with history: false only what was asked for is told', async (t) => {
  const here = await stage(t)
  const { tom, history } = await past(here.emulator)
  await here.emulator.history.set('Ana', history)
  const ana = await here.chasqui('Ana', { history: false })
  const confirmed = () => ana.stanzas({ direction: 'out', tag: 'receipt', type: 'hist_sync' })
  await waitFor(async () => (await confirmed()).length === 4, 'the receipts')
  const { messages, more } = await ana.client.fetchHistory(GROUP)
  assert.deepEqual([messages, more], [3, false])
  assert.deepEqual(ana.history.map(({ type }) => type), ['on-demand'])
  assert.equal(all(ana.history, 'messages')[0].sender.jid, tom.jid, 'the session has learnt who is who')
  const fetched = (await here.emulator.media.list()).filter(({ fetched }) => fetched > 0)
  assert.equal(fetched.length, 4, 'all but the recent messages')
})

test('with history: full the phone gives all that it has', async (t) => {
  const here = await stage(t)
  await here.emulator.history.set('Ana', { generate: { chats: 3, messages: 300, seed: 4 }, recent: 10, perBlob: 100 })
  const ana = await here.chasqui('Ana', { history: 'full' })
  await complete(ana)
  assert.equal(new Set(all(ana.history, 'messages').map(({ id }) => id)).size, 300)
  assert.deepEqual(ana.history.filter(({ type, last }) => type === 'full' && last).map(({ order }) => order), [0, 1, 2])
})

test('the next part waits until a listener\'s promise has resolved', async (t) => {
  const here = await stage(t)
  await here.emulator.history.set('Ana', { generate: { chats: 3, messages: 1200, seed: 6 } })
  const ana = await here.chasqui('Ana')
  let busy = 0
  let most = 0
  ana.client.on('history', async () => {
    most = Math.max(most, ++busy)
    await new Promise(setImmediate)
    busy--
  })
  await complete(ana)
  assert.equal(all(ana.history, 'messages').length, 1200)
  assert.equal(most, 1)
})

test('a program that is killed in the middle of a history loses nothing of it', async (t) => {
  const emulator = await startEmulator()
  t.after(() => emulator.stop())
  await emulator.history.set('Ana', { generate: { chats: 6, messages: 4000, seed: 8 }, perBlob: 1500 })
  const folder = temporaryFolder(t)
  const journal = path.join(folder, 'journal.jsonl')
  const session = { session: 'Ana', store: `sqlite:${path.join(folder, 'session.db')}`, endpoint: emulator.endpoint }
  const told = () => readJournal(journal).filter(([what]) => what === 'history')
  const ids = () => new Set(told().flatMap(([, , ids]) => ids))
  for (let before = 0; before < 4000; before = ids().size) {
    const program = runProgram(t, emulator, { env: { JOURNAL: journal } })
    await program.ask('open', { ...session, dawdling: 20 })
    await waitFor(() => ids().size > before + 900 || ids().size === 4000, 'some of the history', 60_000)
    program.child.kill('SIGKILL')
    await program.ended
  }
  assert.equal(ids().size, 4000)
  assert.ok(told().some(([, redelivered]) => redelivered), 'what was in the program\'s hands was given again')
})
