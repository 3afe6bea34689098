// Where the account's settings stand: a program's own keys have it, and a new process goes on from there.

import assert from 'node:assert/strict'
import test from 'node:test'

import * as door from 'chasqui/baileys'

import { textStore } from '../harness/text-store.mjs'
import { stage, waitFor } from './sides.mjs'

const COLLECTIONS = ['critical_block', 'critical_unblock_low', 'regular_high', 'regular_low', 'regular']

/** Each auth state has keys of its own, as in a process of its own. */
const anew = (store) => () => store.auth(store.newKeys())

/** What the device has asked for after its first so many queries, `[collection, version]`; without a version for a snapshot. */
async function asked(side, from) {
  const queries = await side.stanzas({ direction: 'out', tag: 'iq', xmlns: 'w:sync:app:state' })
  const collections = queries.slice(from).flatMap(({ content }) => content.flatMap((sync) => sync.content ?? []))
  return { count: queries.length, of: collections.map(({ attrs }) => [attrs.name, attrs.return_snapshot === 'true' ? undefined : Number(attrs.version)]) }
}

test('a new process with settings in memory goes on where the keys say that they stand, and Baileys after it', async (t) => {
  const here = await stage(t)
  const store = textStore()
  const other = await here.chasqui('Rosa', { session: 'Rosa elsewhere' })
  const first = await here.baileys('Rosa', { auth: anew(store), door })
  const ben = await here.emulator.contact('Ben')
  await ben.send('Rosa', { text: 'hola' })
  await first.got('hola')
  const archives = async (side, isArchived) => {
    const seen = new Promise((resolve) => {
      side.socket.ev.on('chats.update', (updates) => updates.some((update) => update.archived === isArchived) && resolve())
    })
    await other.client.change({ type: 'archive', chat: ben.jid, archived: isArchived })
    await seen
  }
  await archives(first, true)
  const before = store.version('regular_low')
  assert.ok(before > 0, 'the version is in the keys')
  // The keys of its second socket were not those of the first: the engine that waited after pairing went on with them.
  assert.equal((await first.stanzas({ direction: 'in', tag: 'success' })).length, 1)
  const queries = await asked(first, 0)
  assert.ok(queries.of.some(([name]) => name === 'regular_low'), 'the stanzas are seen')
  await first.stop()

  for (const [name, options] of [['the drop-in', { door }], ['Baileys', {}], ['the drop-in after Baileys', { door }]]) {
    const { count } = await asked(first, 0)
    const stood = Object.fromEntries(COLLECTIONS.map((collection) => [collection, store.version(collection)]))
    const side = await here.baileys('Rosa', { auth: anew(store), ...options })
    await archives(side, name === 'Baileys')
    await waitFor(() => store.version('regular_low') > stood.regular_low, `the keys to follow with ${name}`)
    const { of } = await asked(side, count)
    assert.ok(of.some(([collection]) => collection === 'regular_low'))
    for (const [collection, version] of of) {
      // Of one in which there is nothing, all is asked for.
      if (stood[collection] > 0) assert.ok(version >= stood[collection], `${name} asks for ${collection} from ${version}, not from ${stood[collection]}`)
    }
    await side.stop()
  }
})

test('a key of the settings that the phone would have to share again is taken from the keys', async (t) => {
  const here = await stage(t)
  const store = textStore()
  const first = await here.baileys('Rosa', { auth: anew(store), door })
  await first.stop()
  // The newest is another one, and where the settings stand was lost: they are read under the one before.
  const creds = JSON.parse(store.rows.get('creds'))
  const used = `app-state-sync-key-${creds.myAppStateKeyId}`
  creds.myAppStateKeyId = Buffer.from([0, 9, 0, 0, 0, 9]).toString('base64')
  store.rows.set('creds', JSON.stringify(creds))
  const newer = { ...JSON.parse(store.rows.get(used)), keyData: Buffer.alloc(32, 9).toString('base64') }
  store.rows.set(`app-state-sync-key-${creds.myAppStateKeyId}`, JSON.stringify(newer))
  for (const name of COLLECTIONS) store.rows.delete(`app-state-sync-version-${name}`)
  const toPhone = async (side) => (await side.stanzas({ direction: 'out', tag: 'message' })).filter(({ attrs }) => attrs.category === 'peer').length
  const before = await toPhone(first)
  const second = await here.baileys('Rosa', { auth: anew(store), door })
  await waitFor(() => store.version('critical_block') > 0, 'the settings to be read')
  assert.equal(await toPhone(second), before, 'the phone is not asked')
})

test('credentials that do not name the key of the settings name it again', async (t) => {
  const here = await stage(t)
  const store = textStore()
  const first = await here.baileys('Rosa', { auth: anew(store), door })
  await first.stop()
  // The phone has shared it while the program had no time to save that.
  const { myAppStateKeyId, ...creds } = JSON.parse(store.rows.get('creds'))
  assert.ok(myAppStateKeyId)
  store.rows.set('creds', JSON.stringify(creds))
  const second = await here.baileys('Rosa', { auth: anew(store), door })
  await waitFor(() => JSON.parse(store.rows.get('creds')).myAppStateKeyId === myAppStateKeyId, 'the key to be named')
  const toPhone = await second.stanzas({ direction: 'out', tag: 'message' })
  assert.deepEqual(toPhone.filter(({ attrs }) => attrs.category === 'peer'), [], 'the phone is not asked')
})

test('settings whose hash is not that of their records are read from the beginning', async (t) => {
  const here = await stage(t)
  const store = textStore()
  const other = await here.chasqui('Rosa', { session: 'Rosa elsewhere' })
  const first = await here.baileys('Rosa', { auth: anew(store), door })
  const ben = await here.emulator.contact('Ben')
  const pinned = (side, isPinned) => new Promise((resolve) => {
    side.socket.ev.on('chats.update', (updates) => updates.some((update) => (update.pinned > 0) === isPinned) && resolve())
  })
  const pin = pinned(first, true)
  await other.client.change({ type: 'pin', chat: ben.jid, pinned: true })
  await pin
  await waitFor(() => store.version('regular_low') > 0, 'the keys to follow')
  await first.stop()
  const row = JSON.parse(store.rows.get('app-state-sync-version-regular_low'))
  const [index] = Object.keys(row.indexValueMap)
  delete row.indexValueMap[index]
  store.rows.set('app-state-sync-version-regular_low', JSON.stringify(row))
  const { count } = await asked(first, 0)
  const second = await here.baileys('Rosa', { auth: anew(store), door })
  await waitFor(() => index in JSON.parse(store.rows.get('app-state-sync-version-regular_low')).indexValueMap, 'the record to be there again')
  const { of } = await asked(second, count)
  assert.ok(of.some(([name, version]) => name === 'regular_low' && !version), JSON.stringify(of))
})
