// A program's own store of keys, written for Baileys 6: the drop-in for 6 goes on with it, and that Baileys goes on after it.

import assert from 'node:assert/strict'
import test from 'node:test'

import * as legacy from 'chasqui/baileys/legacy'

import { SIXES, openSix } from '../harness/baileys-6.mjs'
import { textStore } from '../harness/text-store.mjs'
import { away, company, gotAway, retries, talk } from './group-talk.mjs'
import { stage } from './sides.mjs'

/** What 6 keeps, and what nobody else keeps for the drop-in: 6 never asks for it. */
const KINDS = ['creds', 'pre-key', 'session', 'sender-key', 'sender-key-memory', 'app-state-sync-key', 'app-state-sync-version']
const OURS = [/^lid-mapping-pair-\d+(_reverse)?$/, /^tctoken-/]

/** A state that knows nothing but what is in the store, as after a restart. */
const restarted = (store) => ({
  get state() {
    return (this.now = store.auth(store.newKeys())).state
  },
  get saveCreds() {
    return this.now.saveCreds
  },
})

/** Every row is one that 6 reads, and no session is open under two names: it would send with the same keys. */
function assertRows({ rows }) {
  const names = [...rows.keys()].filter((name) => !OURS.some((ours) => ours.test(name)))
  assert.deepEqual(names.filter((name) => !KINDS.some((kind) => name === kind || name.startsWith(`${kind}-`))), [], 'no kind that 6 has not')
  assert.deepEqual(names.filter((name) => /^(session|sender-key)-.*_1(\.|::)/.test(name)), [], 'no name that 6 has not')
  const open = names.filter((name) => name.startsWith('session-')).map((name) => {
    const { _sessions } = JSON.parse(rows.get(name))
    const keys = Object.keys(_sessions).filter((key) => _sessions[key].indexInfo.closed === -1)
    assert.equal(keys.length, 1, `${name} has one open session`)
    return keys[0]
  })
  assert.ok(open.length > 0, 'there are sessions')
  assert.equal(new Set(open).size, open.length, 'no session is open twice')
}

for (const version of Object.keys(SIXES)) {
  test(`Baileys ${version}, the drop-in, the drop-in anew and ${version} again, on one store`, async (t) => {
    // As it was for Baileys 6: people are addressed by number.
    const here = await stage(t, { lidMigrated: false })
    const asked = retries(here.emulator)
    const store = textStore()
    const first = await openSix(t, here.emulator, 'Rosa', store.rows, { version })
    const { device, jid } = first
    const all = await company(here)
    await talk(first, all, 'first')
    await first.stop()
    for (const round of ['second', 'third']) {
      await away(all, jid, round)
      const ours = await here.baileys('Rosa', { auth: restarted(store), door: legacy })
      assert.deepEqual([ours.jid, ours.device], [jid, device], 'the same device')
      await gotAway(ours, all, round)
      await talk(ours, all, round)
      await ours.stop()
      assertRows(store)
      assert.deepEqual(await asked(), [], `nobody asked for anything again in the ${round} round`)
    }
    await away(all, jid, 'fourth')
    const again = await openSix(t, here.emulator, 'Rosa', store.rows, { version, linked: true })
    assert.deepEqual([again.jid, again.device], [jid, device], 'the same device')
    await talk(again, all, 'fourth')
    await gotAway(again, all, 'fourth')
    assert.deepEqual(await asked(), [], 'nobody asked for anything again')
  })

  test(`a device that the drop-in for 6 has linked, with a store of its own, goes on with Baileys ${version}`, async (t) => {
    const here = await stage(t, { lidMigrated: false })
    const asked = retries(here.emulator)
    const store = textStore()
    const first = await here.baileys('Rosa', { auth: restarted(store), door: legacy })
    const { device, jid } = first
    const all = await company(here)
    await talk(first, all, 'first')
    await first.stop()
    assertRows(store)
    await away(all, jid, 'then')
    const second = await openSix(t, here.emulator, 'Rosa', store.rows, { version, linked: true })
    assert.deepEqual([second.jid, second.device], [jid, device], 'the same device')
    await talk(second, all, 'with Baileys')
    await gotAway(second, all, 'then')
    await second.stop()
    const third = await here.baileys('Rosa', { auth: restarted(store), door: legacy })
    await talk(third, all, 'with the drop-in again')
    await third.stop()
    assertRows(store)
    const fourth = await openSix(t, here.emulator, 'Rosa', store.rows, { version, linked: true })
    await talk(fourth, all, 'at last')
    assert.deepEqual(await asked(), [], 'nobody asked for anything again')
  })
}

test('Baileys 6.7.21 and people by LID, on one store', async (t) => {
  const here = await stage(t)
  const asked = retries(here.emulator)
  const store = textStore()
  const first = await openSix(t, here.emulator, 'Rosa', store.rows)
  const { jid } = first
  const [ben, eva] = [await here.baileys('Ben'), await here.chasqui('Eva')]
  const all = { others: [ben, eva], group: await first.createGroup('All', [ben.jid, eva.jid]) }
  await talk(first, all, 'first')
  await first.stop()
  // By itself it asks again for what comes by an address that it has no session under, and not always with success.
  await asked()
  for (const round of ['second', 'third']) {
    await away(all, jid, round)
    const ours = await here.baileys('Rosa', { auth: restarted(store), door: legacy })
    await gotAway(ours, all, round)
    await talk(ours, all, round)
    await ours.stop()
    assertRows(store)
  }
  assert.deepEqual(await asked(), [], 'every session was found')
  await away(all, jid, 'fourth')
  const again = await openSix(t, here.emulator, 'Rosa', store.rows, { linked: true })
  await talk(again, all, 'fourth')
  await gotAway(again, all, 'fourth')
  assert.deepEqual(await asked(), [], 'every session is where 6 looks for it')
})

test('a store that Baileys 7 has written becomes one of 6 as it is used', async (t) => {
  const here = await stage(t, { lidMigrated: false })
  const asked = retries(here.emulator)
  const store = textStore()
  const first = await here.baileys('Rosa', { auth: restarted(store) })
  const { device, jid } = first
  const all = await company(here)
  await talk(first, all, 'first')
  await first.stop()
  await away(all, jid, 'second')
  const second = await here.baileys('Rosa', { auth: restarted(store), door: legacy })
  await gotAway(second, all, 'second')
  await talk(second, all, 'second')
  await second.stop()
  await away(all, jid, 'third')
  const third = await openSix(t, here.emulator, 'Rosa', store.rows, { linked: true })
  assert.deepEqual([third.jid, third.device], [jid, device], 'the same device')
  await talk(third, all, 'third')
  await gotAway(third, all, 'third')
  assert.deepEqual(await asked(), [], 'nobody asked for anything again')
})
