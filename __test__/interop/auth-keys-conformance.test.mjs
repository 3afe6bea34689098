// What a program's own store of keys is asked, kind by kind; and what becomes of messages where it is slow, or fails now and then.

import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

import { addTransactionCapability } from 'baileys'
import * as door from 'chasqui/baileys'

import { logger } from '../harness/baileys.mjs'
import { randomFrom } from '../harness/kills.mjs'
import { auth, textStore } from '../harness/text-store.mjs'
import { acquainted } from './going-on.mjs'
import { stage, waitFor } from './sides.mjs'

const SEED = Number(process.env.SEED ?? 20_261_123)
const isBytes = (value, length) => value instanceof Uint8Array && (length === undefined || value.length === length)
const isAddress = (id) => /^\d+(_1)?\.\d+$/.test(id)

/** What a value of each kind is, and what its id looks like. */
const KINDS = {
  'pre-key': { id: (id) => /^\d+$/.test(id), value: (value) => isBytes(value.private, 32) && isBytes(value.public, 32) },
  session: { id: isAddress, value: (value) => value.version === 'v1' && Object.keys(value._sessions).length > 0 },
  'sender-key': { id: (id) => /^[\d-]+@g\.us::\d+(_1)?::\d+$/.test(id), value: (value) => Buffer.isBuffer(value) && Array.isArray(JSON.parse(value.toString())) },
  'sender-key-memory': { id: (id) => /@g\.us$/.test(id), value: (value) => Object.entries(value).every(([jid, has]) => jid.includes('@') && has === true) },
  'app-state-sync-key': { id: (id) => Buffer.from(id, 'base64').length === 6, value: (value) => isBytes(value.keyData, 32) && typeof value.toJSON === 'function' },
  'app-state-sync-version': { id: (id) => /^(critical|regular)/.test(id), value: (value) => Number.isInteger(value.version) && isBytes(value.hash, 128) && typeof value.indexValueMap === 'object' },
  'lid-mapping': { id: (id) => /^\d+(_reverse)?$/.test(id), value: (value) => /^\d+$/.test(value) },
  'device-list': { id: (id) => /^\d+$/.test(id), value: (value) => Array.isArray(value) && value.every((device) => /^\d+$/.test(device)) },
  'identity-key': { id: isAddress, value: (value) => isBytes(value, 33) },
  tctoken: { id: (id) => id === '__index' || id.includes('@'), value: (value) => isBytes(value.token) },
}

test('every kind is written and read in the shapes of Baileys, deletions as null', async (t) => {
  const here = await stage(t)
  const store = textStore()
  const [written, read, deleted] = [new Map(), new Set(), new Set()]
  store.before = async (what, data, id) => {
    if (what === 'get') {
      assert.ok(KINDS[data]?.id(id), `read: ${data} ${id}`)
      read.add(data)
      return
    }
    for (const [kind, entries] of Object.entries(data)) {
      for (const [id, value] of Object.entries(entries)) {
        assert.ok(KINDS[kind]?.id(id), `written: ${kind} ${id}`)
        assert.notEqual(value, undefined, `${kind} ${id}`)
        if (value === null) deleted.add(kind)
        else written.set(`${kind} ${id}`, value)
      }
    }
  }
  const rosa = await here.baileys('Rosa', { auth: auth(store), door })
  const others = await acquainted(here, rosa)
  const maria = await here.emulator.contact('María')
  await maria.send('Rosa', { text: 'with a prekey' })
  await rosa.got('with a prekey')
  await waitFor(() => deleted.has('pre-key'), 'the prekey to be deleted')
  await others.ben.socket.issuePrivacyTokens([rosa.lid])
  await waitFor(() => [...written.keys()].some((name) => name.startsWith('tctoken ') && name !== 'tctoken __index'), 'the token of Ben')
  assert.ok(written.has('tctoken __index'), 'the list of those who have given one')
  for (const [name, value] of written) assert.ok(KINDS[name.split(' ')[0]].value(value), `${name}: ${JSON.stringify(value).slice(0, 200)}`)
  const kinds = new Set([...written.keys()].map((name) => name.split(' ')[0]))
  assert.deepEqual(Object.keys(KINDS).filter((kind) => !kinds.has(kind)), [])
  // What another process reads is what this one has written.
  await rosa.stop()
  const again = await here.baileys('Rosa', { auth: () => store.auth(store.newKeys()), door })
  await again.send(others.ben.jid, 'from another process')
  const { id: arrivedAs } = await others.ben.got('from another process')
  assert.equal((await others.ben.encryptions()).get(arrivedAs), 'msg')
  await again.send(others.group, 'to the group from another process')
  await others.eva.got('to the group from another process')
  for (const kind of ['session', 'sender-key', 'sender-key-memory', 'lid-mapping', 'app-state-sync-key', 'app-state-sync-version']) assert.ok(read.has(kind), `${kind} is read`)
})

test('what one message changes is one write, and what is known is not read again', async (t) => {
  const here = await stage(t)
  const store = textStore()
  const rosa = await here.baileys('Rosa', { auth: auth(store), door })
  const ben = await here.baileys('Ben')
  for (const round of [1, 2]) {
    await rosa.send(ben.jid, `${round} to Ben`)
    await ben.got(`${round} to Ben`)
    await ben.send(rosa.jid, `${round} from Ben`)
    await rosa.got(`${round} from Ben`)
  }
  const quiet = async () => {
    for (let before = -1; before !== store.sets; await pause(300)) before = store.sets
  }
  for (const [name, act] of [
    ['received', async (text) => { await ben.send(rosa.jid, text); await rosa.got(text) }],
    ['sent', async (text) => { await rosa.send(ben.jid, text); await ben.got(text) }],
  ]) {
    await quiet()
    const [sets, keys] = [store.sets, []]
    store.before = async (what, data) => void (what === 'set' && keys.push(...Object.keys(data)))
    await act(`one ${name}`)
    await quiet()
    assert.equal(store.sets - sets, 1, `${name}: ${keys}`)
    assert.deepEqual([...new Set(keys)], ['session'])
  }
})

test('a store in transactions of its own', async (t) => {
  const here = await stage(t)
  const store = textStore()
  store.keys = addTransactionCapability(store.newKeys(), logger(), { maxCommitRetries: 2, delayBetweenTriesMs: 10 })
  const rosa = await here.baileys('Rosa', { auth: auth(store), door })
  await acquainted(here, rosa)
  // Writes of the program and of the engine, and reads in between.
  const { keys } = rosa.socket.authState
  await keys.transaction(async () => {
    assert.equal(keys.isInTransaction(), true)
    await keys.set({ 'device-list': { 15550009999: ['0', '7'] } })
    assert.deepEqual((await keys.get('device-list', ['15550009999']))['15550009999'], ['0', '7'])
  }, 'mine')
  assert.ok(store.rows.has('device-list-15550009999'))
})

test('a slow store keeps the order, and what comes together is written together', async (t) => {
  const here = await stage(t)
  const store = textStore()
  const rosa = await here.baileys('Rosa', { auth: auth(store), door })
  const maria = await here.emulator.contact('María')
  await maria.send('Rosa', { text: 'hola' })
  await rosa.got('hola')
  const get = store.keys.get
  store.keys.get = async (...args) => {
    await pause(50)
    return get(...args)
  }
  store.before = async (what) => {
    if (what === 'set') await pause(50)
  }
  const texts = Array.from({ length: 100 }, (_, at) => `m${at}`)
  const sets = store.sets
  for (const text of texts) await maria.send('Rosa', { text })
  await rosa.got('m99', 60_000)
  assert.deepEqual(rosa.texts.filter((text) => text !== 'hola'), texts)
  assert.ok(store.sets - sets < texts.length / 2, `${store.sets - sets} writes for ${texts.length} messages`)
})

test('a store that fails now and then loses no message and doubles none, either way', { timeout: 120_000 }, async (t) => {
  const here = await stage(t)
  const store = textStore()
  const random = randomFrom(SEED)
  const socketOptions = { transactionOpts: { maxCommitRetries: 2, delayBetweenTriesMs: 5 }, keyStoreTimeoutMs: 2000 }
  const rosa = await here.baileys('Rosa', { auth: auth(store), door, socketOptions, reconnect: true })
  const maria = await here.emulator.contact('María')
  const jid = maria.lid
  await maria.send('Rosa', { text: 'hola' })
  await rosa.got('hola')
  const arrived = []
  const listen = async () => {
    for (;;) arrived.push((await maria.waitForMessage(() => true, { timeout: 2 ** 30 })).text)
  }
  // The wait ends with the emulator.
  void listen().catch(() => undefined)
  let faults = 0
  store.before = async (what) => {
    // Two in a row end the connection.
    if (random() < (what === 'set' ? 0.3 : 0.05)) {
      faults++
      throw new Error('the database is gone')
    }
    if (random() < 0.1) await pause(random() * 10)
  }
  const [texts, out] = [[], new Map()]
  for (let at = 0; at < 150; at++) {
    texts.push(`m${at}`)
    await maria.send('Rosa', { text: `m${at}` })
    if (at % 3 === 0) {
      const id = `3EB0${String(at).padStart(18, '0')}`
      // A message of one id, until it has left.
      const leave = async () => {
        for (;;) {
          await waitFor(() => rosa.isOpen && rosa.socket.ws.isOpen, 'Rosa to be open', 30_000)
          try {
            return await rosa.send(jid, `o${at}`, id)
          } catch {
            await pause(20)
          }
        }
      }
      out.set(`o${at}`, leave())
    }
    await pause(random() * 15)
  }
  await waitFor(() => texts.every((text) => rosa.texts.includes(text)), 'all messages', 40_000).catch(() => undefined)
  store.before = async () => undefined
  await waitFor(() => texts.every((text) => rosa.texts.includes(text)), 'all messages', 10_000).catch(() => undefined)
  await Promise.all(out.values())
  await waitFor(() => [...out.keys()].every((text) => arrived.includes(text)), 'all that was sent', 10_000).catch(() => undefined)
  assert.ok(faults > 10 && rosa.reconnects > 1, `${faults} faults, ${rosa.reconnects} new connections`)
  const came = rosa.texts.filter((text) => text !== 'hola')
  assert.deepEqual(came.toSorted(), texts.toSorted(), `seed ${SEED}: what came`)
  const doubled = arrived.filter((text, at) => arrived.indexOf(text) !== at)
  assert.deepEqual([doubled, [...out.keys()].filter((text) => !arrived.includes(text))], [[], []], `seed ${SEED}: doubled and lost of what was sent`)
})
