// Options of `makeWASocket` that the engine acts on by itself, seen from the service; where Baileys can be asked, both are.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DEFAULT_CONNECTION_CONFIG } from 'chasqui/baileys'

import { stage, waitFor } from '../interop/sides.mjs'
import { door } from './door.mjs'

const leaving = async (emulator, account, filter) => (await emulator.stanzas({ account, direction: 'out', ...filter })).map(({ stanza }) => stanza)

const garbled = ({ lid, jid }, id) => {
  const enc = { tag: 'enc', attrs: { v: '2', type: 'msg' }, content: { base64: Buffer.alloc(60, 9).toString('base64') } }
  return { tag: 'message', attrs: { from: lid, sender_pn: jid, id, t: '1700000000', type: 'text' }, content: [enc] }
}

const request = ({ jid }, id, count) => {
  const retry = { tag: 'retry', attrs: { count: String(count), id, t: '1700000000', v: '1' } }
  return { tag: 'receipt', attrs: { from: jid, id, type: 'retry', t: '1700000000' }, content: [retry] }
}

/** A device with a door, and the same with Baileys. */
const both = (t, { emulator, baileys }, options) => [
  ['the drop-in', async (account, more) => {
    const it = await door(t, emulator, account, { ...options, ...more })
    return { sock: () => it.sock, shown: (id) => it.messages.some(({ key }) => key.id === id) }
  }],
  ['Baileys', async (account, more) => {
    const it = await baileys(account, { socketOptions: { ...options, ...more } })
    return { sock: () => it.socket, shown: (id) => it.shown.some(({ key }) => key.id === id) }
  }],
]

test('fireInitQueries: switches, blocklist and privacy are asked for after a login, or not', async (t) => {
  const here = await stage(t)
  const maria = await here.emulator.contact('María')
  const asked = async (account) => {
    const all = (await leaving(here.emulator, account, { tag: 'iq', type: 'get' })).map(({ attrs }) => attrs.xmlns)
    return ['abt', 'blocklist', 'privacy'].filter((name) => all.includes(name))
  }
  for (const [name, make] of both(t, here)) {
    for (const [fireInitQueries, expected] of [[true, 3], [false, 0]]) {
      const account = `${name} ${fireInitQueries}`
      const { sock } = await make(account, { fireInitQueries })
      if (fireInitQueries) await waitFor(async () => (await asked(account)).length === 3, `the queries of ${account}`)
      // What is asked for at the login has been by then.
      await sock().sendMessage(maria.jid, { text: account })
      await maria.waitForMessage(({ text }) => text === account)
      assert.equal((await asked(account)).length, expected, `${account}: ${await asked(account)}`)
    }
  }
})

test('msgRetryCounterCache: how often a message was asked for is kept there, and read from there', async (t) => {
  const here = await stage(t)
  const { emulator } = here
  const maria = await emulator.contact('María')
  const kept = {}
  for (const [name, make] of both(t, here)) {
    const entries = new Map()
    const msgRetryCounterCache = { get: (key) => entries.get(key), set: (key, value) => void entries.set(key, value), del: (key) => void entries.delete(key), flushAll: () => entries.clear() }
    const { shown } = await make(name, { msgRetryCounterCache })
    await maria.send(name, { text: 'hola' }, { id: `IN ${name}` })
    await waitFor(() => shown(`IN ${name}`), 'the first')
    await emulator.inject({ account: name, stanza: garbled(maria, 'GARBLED1') })
    await waitFor(async () => (await leaving(emulator, name, { tag: 'receipt', type: 'retry', id: 'GARBLED1' })).length > 0, `${name} to ask`)
    // It is counted while the request leaves.
    await waitFor(() => entries.size > 0, `${name} to count`)
    kept[name] = [...entries]
  }
  assert.deepEqual(kept['the drop-in'], kept.Baileys)
  assert.deepEqual(kept.Baileys, [['GARBLED1:undefined', 1]])

  // Another socket goes on counting.
  const entries = new Map(Object.entries({ 'GARBLED2:undefined': 5, 'GARBLED3:undefined': 4 }))
  const msgRetryCounterCache = { get: async (key) => entries.get(key), set: async (key, value) => void entries.set(key, value), del: async () => {}, flushAll: async () => {} }
  const ana = await door(t, emulator, 'Ana', { msgRetryCounterCache })
  await maria.send('Ana', { text: 'hola' }, { id: 'IN1' })
  await waitFor(() => ana.messages.some(({ key }) => key.id === 'IN1'), 'the first')
  const asked = async (id) => (await leaving(emulator, 'Ana', { tag: 'receipt', type: 'retry', id })).length
  await emulator.inject({ account: 'Ana', stanza: garbled(maria, 'GARBLED2') })
  await waitFor(async () => (await leaving(emulator, 'Ana', { tag: 'ack', id: 'GARBLED2' })).length > 0, 'to be given up', 60_000)
  await emulator.inject({ account: 'Ana', stanza: garbled(maria, 'GARBLED3') })
  await waitFor(async () => (await asked('GARBLED3')) > 0, 'the last request', 60_000)
  assert.deepEqual([await asked('GARBLED2'), await asked('GARBLED3')], [0, 1])
  await waitFor(() => entries.get('GARBLED3:undefined') === 5, 'the last request to be counted')
  assert.equal(entries.get('GARBLED2:undefined'), 5)
})

test('msgRetryCounterCache: how often a message was given again outlives the socket', async (t) => {
  const { emulator } = await stage(t)
  const maria = await emulator.contact('María')
  for (const [account, given] of [['with', 2], ['without', 4]]) {
    const entries = new Map()
    const cache = { get: (key) => entries.get(key), set: (key, value) => void entries.set(key, value), del() {}, flushAll() {} }
    const it = await door(t, emulator, account, { maxMsgRetryCount: 2, ...(account === 'with' ? { msgRetryCounterCache: cache } : {}) })
    const { key } = await it.sock.sendMessage(maria.jid, { text: account })
    await maria.waitForMessage(({ text }) => text === account)
    const copies = async () => (await leaving(emulator, account, { tag: 'message', id: key.id })).length
    const before = await copies()
    for (const round of [1, 2]) {
      for (let times = 0; times < 3; times++) await emulator.inject({ account, stanza: request(maria, key.id, 1) })
      // What comes after them has been acted on.
      await maria.send(account, { text: 'done' }, { id: `DONE${account}${round}` })
      await waitFor(() => it.messages.some((message) => message.key.id === `DONE${account}${round}`), 'what comes after')
      if (round === 1 || account === 'without') await waitFor(async () => (await copies()) - before >= 2 * round, 'to be given again')
      if (round === 1) await it.again()
    }
    assert.equal((await copies()) - before, given, account)
    assert.deepEqual([...entries], account === 'with' ? [[`${key.id}:${maria.jid}`, 2]] : [])
  }
})

test('msgRetryCounterCache: one that fails counts nothing, and messages go on', async (t) => {
  const { emulator } = await stage(t)
  const maria = await emulator.contact('María')
  const fail = async () => { throw new Error('the cache is gone') }
  const ana = await door(t, emulator, 'Ana', { msgRetryCounterCache: { get: fail, set: fail, del: fail, flushAll: fail } })
  const { key } = await ana.sock.sendMessage(maria.jid, { text: 'hola' })
  await maria.waitForMessage()
  const copies = async () => (await leaving(emulator, 'Ana', { tag: 'message', id: key.id })).length
  const before = await copies()
  await emulator.inject({ account: 'Ana', stanza: request(maria, key.id, 1) })
  await waitFor(async () => (await copies()) > before, 'to be given again')
})

test('enableAutoSessionRecreation: who asks a second time gets a new session, or the one that there is', async (t) => {
  const { emulator } = await stage(t)
  const maria = await emulator.contact('María')
  for (const [account, enableAutoSessionRecreation, kinds] of [['Ana', true, ['msg', 'pkmsg']], ['Ben', false, ['msg', 'msg']]]) {
    const it = await door(t, emulator, account, { enableAutoSessionRecreation })
    await maria.send(account, { text: 'hola' }, { id: `IN${account}` })
    await waitFor(() => it.messages.some((message) => message.key.id === `IN${account}`), 'the first')
    const { key } = await it.sock.sendMessage(maria.jid, { text: account })
    await maria.waitForMessage(({ text }) => text === account)
    await emulator.inject({ account, stanza: request(maria, key.id, 2) })
    const copies = () => leaving(emulator, account, { tag: 'message', id: key.id })
    await waitFor(async () => (await copies()).length === 2, 'to be given again')
    const encs = (node) => (node.tag === 'enc' ? [node.attrs.type] : [node.content ?? []].flat().flatMap((child) => (child.tag ? encs(child) : [])))
    assert.deepEqual((await copies()).map((copy) => encs(copy)[0]), kinds, account)
  }
})

test('appStateMacVerification: settings whose MAC is wrong are taken, or not', async (t) => {
  const here = await stage(t)
  const { emulator } = here
  const maria = await emulator.contact('María')
  for (const [name, make] of both(t, here)) {
    for (const [verify, taken] of [[{ patch: false, snapshot: false }, true], [{ patch: true, snapshot: true }, false], ...(name === 'Baileys' ? [] : [[undefined, false], [DEFAULT_CONNECTION_CONFIG.appStateMacVerification, false]])]) {
      const account = `${name} ${JSON.stringify(verify)}, ${taken}`
      const { sock, shown } = await make(account, verify ? { appStateMacVerification: verify } : {})
      await maria.send(account, { text: 'hola' }, { id: account })
      await waitFor(() => shown(account), 'the first')
      const updates = []
      sock().ev.on('chats.update', (news) => updates.push(...news))
      const asked = async () => (await leaving(emulator, account, { tag: 'iq', xmlns: 'w:sync:app:state' })).length
      const before = await asked()
      await emulator.faults.add({ what: 'appState', wrong: 'patchMac', account, collection: 'regular_low' })
      await emulator.phoneChanges(account, [{ type: 'pin', chat: maria.jid, pinned: true }])
      if (!taken) await waitFor(async () => (await asked()) > before, `${account} to ask`, 60_000)
      await emulator.phoneChanges(account, [{ type: 'mute', chat: maria.jid, muted: true }])
      await waitFor(() => updates.some((update) => update.muteEndTime !== undefined), `the other collection of ${account}`, 60_000)
      if (taken) await waitFor(() => updates.some((update) => update.pinned > 0), `the pin of ${account}`)
      assert.equal(updates.some((update) => update.pinned > 0), taken, account)
    }
  }
})
