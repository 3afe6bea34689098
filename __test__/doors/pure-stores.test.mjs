// Transactions on a key store, and the memory of retries: the same steps on npm baileys and here.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ours, random, seen, theirs } from './differential.mjs'

const silent = { level: 'silent', child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} }

/** A store that notes what it was told, and fails `failing` times. */
function store(failing = 0) {
  const stored = { 'pre-key': { 1: 'one' }, session: { a: 'A' } }
  const sets = []
  return {
    sets,
    stored,
    get: async (type, ids) => Object.fromEntries(ids.filter((id) => stored[type]?.[id]).map((id) => [id, stored[type][id]])),
    set: async (data) => {
      // Baileys writes transactions that turned out empty as well.
      if (Object.values(data).every((entries) => Object.keys(entries).length === 0)) return
      if (failing-- > 0) throw new Error('store failed')
      sets.push(Object.fromEntries(Object.entries(structuredClone(data)).filter(([, entries]) => Object.keys(entries).length > 0)))
      for (const [type, entries] of Object.entries(data)) {
        stored[type] ??= {}
        for (const [id, value] of Object.entries(entries)) value ? (stored[type][id] = value) : delete stored[type][id]
      }
    },
  }
}

async function steps(lib, seed) {
  const dice = random(seed)
  const state = store(seed % 3)
  const keys = lib.addTransactionCapability(state, silent, { maxCommitRetries: 2, delayBetweenTriesMs: 1 })
  const heard = []
  const step = async () => {
    const type = dice.pick(['session', 'pre-key', 'sender-key'])
    const id = dice.pick(['1', '2', 'a', 'b'])
    if (dice.chance(0.5)) heard.push(['get', type, id, { ...(await keys.get(type, [id, 'z'])) }])
    // Of pre-keys Baileys forgets most deletions.
    else await keys.set({ [type]: { [id]: dice.pick(type === 'pre-key' ? ['x', 'y'] : ['x', 'y', null]) } })
    heard.push(keys.isInTransaction())
  }
  for (let turn = 0; turn < 4; turn++) {
    const count = 1 + dice.below(4)
    try {
      const result = await keys.transaction(async () => {
        for (let index = 0; index < count; index++) await step()
        await keys.transaction(step, 'other')
        if (dice.chance(0.1)) throw new Error('work failed')
        return turn
      }, 'key')
      heard.push(result)
    } catch (error) {
      heard.push(error.message)
    }
    await step().catch((error) => heard.push(error.message))
  }
  return { heard: seen(heard), stored: state.stored, sets: state.sets }
}

test('transactions read once, write together, retry, and forget what failed', async () => {
  for (let seed = 1; seed <= 200; seed++) assert.deepEqual(await steps(ours, seed), await steps(theirs, seed), `seed ${seed}`)
})

test('a pre-key is deleted if there is one', async () => {
  const state = store()
  const keys = ours.addTransactionCapability(state, silent, { maxCommitRetries: 2, delayBetweenTriesMs: 1 })
  await keys.set({ 'pre-key': { 7: null } })
  await keys.transaction(async () => {
    await keys.set({ 'pre-key': { 1: null, 8: null, 9: 'new' } })
    await keys.set({ 'pre-key': { 9: null } })
    assert.deepEqual(await keys.get('pre-key', ['1', '9']), {})
  }, 'key')
  assert.deepEqual(state.stored['pre-key'], {})
  assert.deepEqual(state.sets, [{ 'pre-key': { 1: null, 9: null } }])
})

test('transactions of one key follow each other, those of two do not wait', async () => {
  for (const lib of [theirs, ours]) {
    const keys = lib.addTransactionCapability(store(), silent, { maxCommitRetries: 1, delayBetweenTriesMs: 1 })
    const order = []
    let release
    const gate = new Promise((resolve) => (release = resolve))
    const first = keys.transaction(async () => {
      order.push('first')
      await gate
      order.push('first ends')
    }, 'key')
    const second = keys.transaction(async () => void order.push('second'), 'key')
    await keys.transaction(async () => void order.push('other'), 'another key')
    release()
    await Promise.all([first, second])
    assert.deepEqual(order, ['first', 'other', 'first ends', 'second'])
  }
})

test('the memory of retries', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const run = (lib) => {
      const dice = random(seed)
      const manager = new lib.MessageRetryManager(silent, 3)
      const heard = []
      for (let turn = 0; turn < 40; turn++) {
        const [jid, id, bytes, code] = [dice.pick(['a', 'b']), dice.pick(['1', '2', '3']), dice.bytes(dice.below(2)), dice.pick([undefined, 0, 4, 7, 9])]
        const call = dice.pick([
          () => manager.addRecentMessage(jid, id, { conversation: id }),
          () => manager.getRecentMessage(jid, id)?.message,
          // The reason is a text for logs.
          () => manager.shouldRecreateSession(jid, dice.chance(0.7), code).recreate,
          () => manager.parseRetryErrorCode(dice.pick(['4', 'x', '', '99', '-1', undefined, '7a'])),
          () => manager.isMacError(code),
          () => manager.incrementRetryCount(id),
          () => manager.getRetryCount(id),
          () => manager.hasExceededMaxRetries(id),
          () => manager.markRetryFailed(id),
          () => manager.saveBaseKey(jid, id, bytes),
          () => manager.hasSameBaseKey(jid, id, bytes),
          () => manager.deleteBaseKey(jid, id),
        ])
        heard.push(seen(call()), { ...manager.statistics })
      }
      manager.clear()
      return heard
    }
    assert.deepEqual(run(ours), run(theirs), `seed ${seed}`)
  }
})

test('a request to the phone comes once, or not at all', async () => {
  for (const lib of [theirs, ours]) {
    const manager = new lib.MessageRetryManager(silent, 3)
    const calls = []
    manager.schedulePhoneRequest('1', () => calls.push('replaced'), 1)
    await new Promise((resolve) => manager.schedulePhoneRequest('1', resolve, 2))
    manager.schedulePhoneRequest('2', () => calls.push('cancelled'), 1)
    manager.cancelPendingPhoneRequest('2')
    await new Promise((resolve) => manager.schedulePhoneRequest('3', resolve, 5))
    assert.deepEqual(calls, [])
    assert.equal(manager.statistics.phoneRequests, 2)
    manager.clear()
  }
})
