// One of each: every kind of message that the schema has goes between Chasqui and npm Baileys both ways, and every setting of
// the catalogue is told by Chasqui and taken by Baileys.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { proto } from 'baileys'

import { messageKinds, settings } from '../coverage/lists.mjs'
import { flush, note } from '../coverage/record.mjs'
import { stage, waitFor } from './sides.mjs'

/** Not contents: what clients themselves put beside one or around one. */
const CARRIED = new Set(['senderKeyDistributionMessage', 'fastRatchetKeySenderKeyDistributionMessage', 'messageContextInfo', 'deviceSentMessage'])
/** Wrappers that hold a message. */
const HOLDS_MESSAGE = 'FutureProofMessage'

const TARGET = { remoteJid: '15550009999@s.whatsapp.net', id: 'AA00', fromMe: false }

/** The least that such a message needs to be one. */
function sample({ name, type }, text) {
  if (type === 'string') return text
  if (type === HOLDS_MESSAGE) return { message: { extendedTextMessage: { text } } }
  if (name === 'protocolMessage') return { type: 14, key: TARGET, editedMessage: { extendedTextMessage: { text } }, timestampMs: 1 }
  if (name === 'reactionMessage') return { key: TARGET, text: '👍' }
  if (name === 'extendedTextMessage') return { text }
  return {}
}

const encoded = (kind, text) => proto.Message.encode(proto.Message.fromObject({ [kind.name]: sample(kind, text) })).finish()
/** Baileys' own schema may be older: what it does not know cannot be made by it. */
const isKnown = (kind) => encoded(kind, 'x').length > 0

test('a message of every kind goes from Chasqui to Baileys and is shown', async (t) => {
  const here = await stage(t)
  const [from, to] = [await here.chasqui('Sender'), await here.baileys('Shower')]
  const kinds = messageKinds().filter((kind) => !CARRIED.has(kind.name))
  assert.ok(kinds.length > 90)
  const sent = []
  for (const kind of kinds.filter(isKnown)) {
    const { id } = await from.client.relay(to.lid, encoded(kind, kind.name))
    const shown = () => to.shown.some(({ key, message }) => key.id === id && message)
    // What Baileys acts on and does not show has reached it when it has confirmed it.
    await waitFor(async () => shown() || from.rank(id) >= 3, `${kind.name} at Baileys`)
    sent.push({ kind, shown })
  }
  // What it shows it may show after it has confirmed it; nothing overtakes a later text.
  const last = await from.client.send(to.lid, { text: 'the last one' })
  await waitFor(async () => to.shown.some(({ key }) => key.id === last.id), 'the last text at Baileys')
  const lost = sent.filter(({ shown }) => !shown()).map(({ kind }) => kind.name)
  assert.deepEqual(lost.filter((name) => !HIDDEN_AT_BAILEYS.has(name)), [])
  for (const kind of kinds.filter(isKnown)) {
    note('Chasqui', 'out', `content ${kind.name}`)
    note('Baileys', 'in', `content ${kind.name}`)
  }
  flush()
})

test('kinds that Baileys has no schema for go between two clients of ours', async (t) => {
  const here = await stage(t)
  const [from, to] = [await here.chasqui('Sender'), await here.chasqui('Teller')]
  const kinds = messageKinds().filter((kind) => !CARRIED.has(kind.name) && !isKnown(kind))
  assert.ok(kinds.length > 5)
  for (const kind of kinds) {
    const bytes = Buffer.from([...varint(kind.number * 8 + 2), 0])
    const { id } = await from.client.relay(to.lid, bytes)
    const told = await waitFor(() => to.received.find((message) => message.id === id), `${kind.name} at Chasqui`)
    assert.ok(Buffer.from(told.original.raw()).includes(bytes), kind.name)
    for (const direction of ['in', 'out']) note('Chasqui', direction, `content ${kind.name}`)
  }
  flush()
})

/** What Baileys takes as an update of another message, or for the engine. */
const HIDDEN_AT_BAILEYS = new Set(['protocolMessage', 'reactionMessage', 'encReactionMessage', 'pollUpdateMessage'])

test('a message of every kind goes from Baileys to Chasqui and is told with its bytes', async (t) => {
  const here = await stage(t)
  const [from, to] = [await here.baileys('Maker'), await here.chasqui('Teller')]
  const kinds = messageKinds().filter((kind) => !CARRIED.has(kind.name) && isKnown(kind))
  for (const kind of kinds) {
    const message = proto.Message.fromObject({ [kind.name]: sample(kind, kind.name) })
    const id = await from.socket.relayMessage(to.lid, message, {})
    const told = await waitFor(() => to.received.find((message) => message.id === id), `${kind.name} at Chasqui`)
    const got = proto.Message.decode(told.original.raw())
    assert.deepEqual(proto.Message.toObject(got)[kind.name], proto.Message.toObject(message)[kind.name], kind.name)
    assert.equal(typeof told.type, 'string')
    note('Baileys', 'out', `content ${kind.name}`)
    note('Chasqui', 'in', `content ${kind.name}`)
  }
  assert.deepEqual([to.unreadable, to.errors], [[], []])
  flush()
})

/** What the index of a setting is about, by the name of its part. */
const PART = { chat: '15550002222@s.whatsapp.net', user: '15550002222@s.whatsapp.net', lid: '100000000000222@lid', pn: '15550002222@s.whatsapp.net', jid: '15550002222@s.whatsapp.net' }
const partOf = ([name, type]) => (type === 'bool' ? ['0'] : type === 'Option<String>' ? ['0'] : type === 'Vec<String>' ? [] : [PART[name] ?? '17'])

test('every setting of the catalogue is told by Chasqui and taken by Baileys', async (t) => {
  const here = await stage(t)
  const [ana, other] = [await here.chasqui('Ana'), await here.baileys('Ana', { session: 'Ana again' })]
  const version = async (collection) => (await here.emulator.appState('Ana'))[collection].version
  const followed = async (collection) => {
    const known = await other.socket.authState.keys.get('app-state-sync-version', [collection])
    return known[collection]?.version ?? 0
  }
  const rows = settings()
  assert.ok(rows.length > 75)
  for (const { name, collection, version: of, parts, field } of rows) {
    const told = ana.changes.length
    // A `SyncActionValue`: when, and an empty payload.
    const value = Buffer.from([0x08, 0x01, ...(field ? [...varint((field << 3) | 2), 0] : [])]).toString('base64')
    await here.emulator.phoneChanges('Ana', [{ type: 'other', action: name, index: parts.flatMap(partOf), value, version: of }])
    const now = await version(collection)
    const change = await waitFor(() => ana.changes[told], `"${name}" at Chasqui`)
    assert.ok(change.type !== 'unknown', `${name} is told as what nobody knows`)
    assert.ok(change.type !== 'other' || change.action === name, `${name} is told as ${change.type} ${change.action}`)
    await waitFor(async () => (await followed(collection)) === now, `"${name}" at Baileys`)
    note('Chasqui', 'in', `setting ${name}`)
    note('Chasqui', 'in', `setting ${name} is ${change.type}`)
    note('Baileys', 'in', `setting ${name}`)
  }
  assert.deepEqual(ana.errors, [])
  flush()
})

function varint(number) {
  const bytes = []
  for (; number > 127; number = Math.floor(number / 128)) bytes.push((number % 128) | 128)
  return [...bytes, number]
}
