// `useChasquiAuthState`: the session of a Baileys program in a store of ours, without files.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import test from 'node:test'

import { BufferJSON, initAuthCreds } from 'baileys'
import * as door from 'chasqui/baileys'

import { root } from '../../scripts/setup.mjs'
import { temporaryFolder } from '../harness/baileys.mjs'
import { acquainted, goesOn } from './going-on.mjs'
import { stage, waitFor } from './sides.mjs'

const { makeCacheableSignalKeyStore, useChasquiAuthState } = door
const legacy = createRequire(import.meta.url)('chasqui/baileys/legacy')

/** A store of its own, as URL. */
const newStore = (t) => `sqlite:${path.join(temporaryFolder(t), 'rosa.db')}`

/** What gives the state anew for each socket, as programs do; `wrap`: in Baileys' cache, as most of them do. */
const from = (store, { wrap = true, ...options } = {}) => async () => {
  const { state, saveCreds } = await useChasquiAuthState(store, options)
  return { state: { creds: state.creds, keys: wrap ? makeCacheableSignalKeyStore(state.keys) : state.keys }, saveCreds }
}

const cli = (...args) => {
  const { status, stderr } = spawnSync(process.execPath, [path.join(root, 'bin/chasqui.js'), ...args], { encoding: 'utf8' })
  assert.deepEqual([status, stderr], [0, ''], args.join(' '))
}

/** The address of a device, as sessions are named by it. */
const addressOf = (side) => `${side.lid.split('@')[0]}_1.${side.device ?? 0}`

test('linked by QR, the session lives in the store alone and goes on after a restart', async (t) => {
  const here = await stage(t)
  const store = newStore(t)
  const auth = from(store)
  const first = await here.baileys('Rosa', { auth, door })
  const { device, jid } = first
  const others = await acquainted(here, first)
  await first.stop()
  const folder = path.dirname(store.slice('sqlite:'.length))
  assert.deepEqual(readdirSync(folder).filter((name) => !name.startsWith('rosa.db')), [], 'there are no other files')
  await others.ben.send(jid, 'while away from Ben')
  const second = await here.baileys('Rosa', { auth, door })
  assert.deepEqual([second.jid, second.device], [jid, device], 'the same device')
  await second.got('while away from Ben')
  await goesOn(second, others, 'again')
})

test('linked by a code, and by the API of 6', async (t) => {
  const here = await stage(t)
  const byCode = await here.baileys('Rosa', { auth: from(newStore(t)), door, byCode: true })
  const ben = await here.baileys('Ben', { auth: from(newStore(t), { wrap: false }), door: legacy })
  await byCode.send(ben.jid, 'by code')
  await ben.got('by code')
  assert.equal(byCode.socket.authState.creds.registered, true)
})

test('a folder of Baileys is imported, goes on in the store, and is exported for Baileys again', async (t) => {
  const here = await stage(t)
  const [folder, store] = [temporaryFolder(t), newStore(t)]
  const before = await here.baileys('Rosa', { folder })
  const { device } = before
  const others = await acquainted(here, before)
  before.socket.authState.creds.additionalData = { shop: 7 }
  before.socket.ev.emit('creds.update', {})
  await waitFor(() => readFileSync(path.join(folder, 'creds.json'), 'utf8').includes('"shop"'), 'the credentials to be saved')
  await before.stop()
  cli('import', folder, store, '--session', 'Rosa')
  const { state } = await useChasquiAuthState(store, { session: 'Rosa' })
  const saved = JSON.parse(readFileSync(path.join(folder, 'creds.json'), 'utf8'), BufferJSON.reviver)
  for (const name of Object.keys(saved)) {
    if (!['signalIdentities', 'nextPreKeyId', 'firstUnuploadedPreKeyId'].includes(name)) assert.deepEqual(state.creds[name], saved[name], name)
  }
  const here2 = await here.baileys('Rosa', { auth: from(store, { session: 'Rosa' }), door })
  assert.equal(here2.device, device)
  await goesOn(here2, others, 'from the store')
  here2.socket.authState.creds.additionalData.shop = 8
  here2.socket.ev.emit('creds.update', {})
  const stored = async () => (await useChasquiAuthState(store, { session: 'Rosa' })).state.creds.additionalData
  await waitFor(async () => (await stored())?.shop === 8, 'the credentials to be saved')
  await here2.stop()
  const out = path.join(temporaryFolder(t), 'out')
  cli('export', store, out, '--session', 'Rosa')
  assert.deepEqual(JSON.parse(readFileSync(path.join(out, 'creds.json'), 'utf8')).additionalData, { shop: 8 })
  const after = await here.baileys('Rosa', { folder: out })
  assert.equal(after.device, device)
  await goesOn(after, others, 'with Baileys')
})

test('credentials are as programs expect them: new, linked, and with what the program has put in', async (t) => {
  const here = await stage(t)
  const store = newStore(t)
  const fresh = await useChasquiAuthState(store)
  assert.deepEqual(Object.keys(fresh.state.creds).sort(), Object.keys(initAuthCreds()).sort())
  assert.equal(fresh.state.creds.me, undefined)
  // What is saved before the device is linked is what is linked.
  fresh.state.creds.additionalData = { kept: true }
  await fresh.saveCreds()
  const again = await useChasquiAuthState(store)
  assert.deepEqual(again.state.creds.noiseKey, fresh.state.creds.noiseKey)
  const rosa = await here.baileys('Rosa', { auth: from(store), door })
  const { creds } = rosa.socket.authState
  assert.deepEqual(creds.additionalData, { kept: true })
  const open = (await useChasquiAuthState(store)).state.creds
  assert.deepEqual([open.me.id, open.me.lid], [creds.me.id, creds.me.lid], 'while the socket is open')
  creds.additionalData.kept = 'still'
  rosa.socket.ev.emit('creds.update', {})
  await rosa.stop()
  const { state } = await useChasquiAuthState(store)
  for (const name of ['noiseKey', 'signedIdentityKey', 'signedPreKey', 'registrationId', 'advSecretKey', 'me', 'platform']) {
    assert.deepEqual(state.creds[name], creds[name], name)
  }
  assert.deepEqual(state.creds.additionalData, { kept: 'still' })
  assert.ok(state.creds.account.details && state.creds.accountSyncCounter > 0 && state.creds.myAppStateKeyId)
  assert.equal(state.creds.signalIdentities.length, 1)
  // Keys of another device do not take the place of a session.
  Object.assign(state.creds, initAuthCreds())
  await assert.rejects((await withCreds(store, state.creds)).saveCreds(), { code: 'INVALID_ARGUMENT' })
})

/** The state of a store whose credentials were replaced. */
async function withCreds(store, creds) {
  const all = await useChasquiAuthState(store)
  Object.assign(all.state.creds, creds)
  return all
}

test('keys are read and written in the shapes of Baileys, with a socket and without', async (t) => {
  const here = await stage(t)
  const store = newStore(t)
  const rosa = await here.baileys('Rosa', { auth: from(store), door })
  const others = await acquainted(here, rosa)
  const id = addressOf(others.ben)
  const [user, number] = [others.ben.lid.split('@')[0], others.ben.jid.split('@')[0]]
  const one = async (keys, type, name) => (await keys.get(type, [name]))[name]
  const { keys, creds } = rosa.socket.authState
  const shapes = async (of) => {
    assert.equal((await one(of, 'session', id)).version, 'v1')
    assert.equal((await one(of, 'session', `${number}.${others.ben.device}`)).version, 'v1', 'by the number too')
    assert.equal(await one(of, 'lid-mapping', number), user)
    assert.equal(await one(of, 'lid-mapping', `${user}_reverse`), number)
    assert.ok(Buffer.isBuffer(await one(of, 'identity-key', id)))
    assert.ok((await one(of, 'device-list', user) ?? await one(of, 'device-list', number)).includes(String(others.ben.device)))
    assert.equal(typeof (await one(of, 'app-state-sync-key', creds.myAppStateKeyId)).toJSON, 'function')
    assert.equal((await one(of, 'app-state-sync-version', 'regular_high')).hash.length, 128)
    const own = `${others.group}::${creds.me.lid.split(':')[0]}_1::${rosa.device}`
    assert.ok(Array.isArray(JSON.parse((await one(of, 'sender-key', own)).toString())))
    assert.equal(Object.values(await one(of, 'sender-key-memory', others.group)).every((has) => has === true), true)
    const ids = Array.from({ length: creds.nextPreKeyId }, (_, number) => String(number))
    const preKeys = Object.values(await of.get('pre-key', ids)).filter(Boolean)
    assert.ok(preKeys.length > 700 && preKeys.every((pair) => Buffer.isBuffer(pair.private)))
    assert.deepEqual(await of.get('session', ['15550009999.0']), { '15550009999.0': null })
    assert.deepEqual(await of.get('nonsense', ['x']), { x: null })
  }
  await shapes(keys)
  await keys.set({ session: { [id]: null } })
  assert.equal(await one(keys, 'session', id), null)
  await rosa.send(others.ben.jid, 'anew')
  const anew = (await others.ben.got('anew')).id
  await waitFor(async () => (await others.ben.encryptions()).get(anew) === 'pkmsg', 'a new session')
  await others.ben.send(rosa.jid, 'taken')
  await rosa.got('taken')
  await rosa.stop()

  const { state } = await useChasquiAuthState(store)
  await shapes(state.keys)
  // Into another store, by hand.
  const other = newStore(t)
  const copy = await withCreds(other, state.creds)
  await copy.saveCreds()
  for (const [type, names] of Object.entries({
    session: [id, addressOf(others.eva)],
    'lid-mapping': [number],
    'pre-key': Array.from({ length: creds.nextPreKeyId }, (_, at) => String(at)),
    'app-state-sync-key': [creds.myAppStateKeyId],
  })) await copy.state.keys.set({ [type]: await state.keys.get(type, names) })
  const moved = await here.baileys('Rosa', { auth: from(other), door })
  assert.equal(moved.device, rosa.device)
  await moved.send(others.ben.jid, 'moved')
  const { id: arrivedAs } = await others.ben.got('moved')
  assert.equal((await others.ben.encryptions()).get(arrivedAs), 'msg')
  await assert.rejects(moved.socket.authState.keys.set({ session: { [id]: 'rubbish' } }), { code: 'STORE_CORRUPT' })
})

test('a thousand keys are read in a few calls of the engine', async (t) => {
  const here = await stage(t)
  const store = newStore(t)
  const rosa = await here.baileys('Rosa', { auth: from(store), door })
  const { ben } = await acquainted(here, rosa)
  const { keys } = rosa.socket.authState
  const ids = Array.from({ length: 1000 }, (_, at) => `1555077${String(at).padStart(4, '0')}`)
  await keys.set({ 'lid-mapping': Object.fromEntries(ids.map((id, at) => [id, String(2000077000000 + at)])) })
  // What the process knows of the session, and its way to the engine.
  const folders = globalThis[Symbol.for('chasqui.baileys.folders')]
  const { control } = [...folders.values()].find(({ path }) => path.includes(store.slice('sqlite:'.length))).session
  let calls = 0
  const { get } = control
  control.get = (files) => (calls++, get(files))
  const numbers = [ids, [...ids].reverse(), [...ids, 'nobody']]
  for (const asked of numbers) {
    calls = 0
    const found = await keys.get('lid-mapping', asked)
    assert.deepEqual(Object.keys(found).sort(), [...asked].sort())
    for (const [at, id] of ids.entries()) assert.equal(found[id], String(2000077000000 + at))
    assert.ok(calls > 0 && calls <= 4, `${calls} calls`)
  }
  assert.equal((await keys.get('lid-mapping', ['nobody'])).nobody, null)
  // Two names of one record, asked for at once.
  const [byLid, byNumber] = [addressOf(ben), `${ben.jid.split('@')[0]}.${ben.device}`]
  const sessions = await keys.get('session', [byLid, '15550009999.0', byNumber])
  assert.deepEqual(sessions[byNumber], sessions[byLid])
  assert.equal(sessions[byLid].version, 'v1')
  assert.equal(sessions['15550009999.0'], null)
})

test('several sessions in one store, sealed ones too', async (t) => {
  const here = await stage(t)
  const store = newStore(t)
  const encryptionKey = Buffer.alloc(32, 7)
  const rosa = await here.baileys('Rosa', { auth: from(store, { session: 'Rosa' }), door })
  const ben = await here.baileys('Ben', { auth: from(store, { session: 'Ben', encryptionKey }), door })
  await rosa.send(ben.jid, 'hello')
  await ben.got('hello')
  await ben.stop()
  await assert.rejects(useChasquiAuthState(store, { session: 'Ben' }), { code: 'WRONG_KEY' })
  const { state } = await useChasquiAuthState(store, { session: 'Ben', encryptionKey })
  assert.equal(state.creds.me.id.replace(/:\d+/, ''), ben.jid)
})

test('a store in memory serves a socket and its restart after the pairing', async (t) => {
  const here = await stage(t)
  const rosa = await here.baileys('Rosa', { auth: from('memory:', { session: 'in memory' }), door })
  const ben = await here.baileys('Ben')
  await rosa.send(ben.jid, 'hello')
  await ben.got('hello')
})

test('a second socket takes the place of the first, and a logout ends the session', async (t) => {
  const here = await stage(t)
  const store = newStore(t)
  const first = await here.baileys('Rosa', { auth: from(store), door })
  const second = await here.baileys('Rosa', { auth: from(store), door })
  assert.equal(second.device, first.device)
  await waitFor(() => !first.isOpen, 'the first to be closed')
  const { state, saveCreds } = await useChasquiAuthState(store)
  await second.logout()
  await saveCreds()
  const fresh = await useChasquiAuthState(store)
  assert.equal(fresh.state.creds.me, undefined)
  assert.notDeepEqual(fresh.state.creds.noiseKey, state.creds.noiseKey)
})

test('a session is cleared by the program, once its socket has closed', async (t) => {
  const here = await stage(t)
  const store = newStore(t)
  const rosa = await here.baileys('Rosa', { auth: from(store), door })
  const { device } = rosa
  const { clear } = await useChasquiAuthState(store)
  await assert.rejects(clear(), { code: 'ALREADY_CONNECTED' })
  await rosa.stop()
  const { clear: clearNow, saveCreds, state } = await useChasquiAuthState(store)
  await clearNow()
  // Its credentials do not come back.
  await saveCreds()
  assert.equal((await useChasquiAuthState(store)).state.creds.me, undefined)
  assert.ok(state.creds.me)
  const again = await here.baileys('Rosa', { auth: from(store), door })
  assert.notEqual(again.device, device)
})

test('a second process knows whose session it is, and is told who has it', async (t) => {
  const here = await stage(t)
  const store = newStore(t)
  for (const options of [{ session: 'Rosa' }, { session: 'Eva', encryptionKey: Buffer.alloc(32, 7) }]) {
    const side = await here.baileys(options.session, { auth: from(store, options), door })
    const { id, lid } = side.socket.authState.creds.me
    const program = `
      import { makeWASocket, useChasquiAuthState } from 'chasqui/baileys'
      const { state, saveCreds } = await useChasquiAuthState(${JSON.stringify(store)}, { session: '${options.session}', ${options.encryptionKey ? 'encryptionKey: Buffer.alloc(32, 7)' : ''} })
      const sock = makeWASocket({ auth: state, waWebSocketUrl: 'ws://127.0.0.1:9' })
      sock.ev.on('creds.update', saveCreds)
      const { lastDisconnect } = await new Promise((resolve) => sock.ev.on('connection.update', (update) => update.connection === 'close' && resolve(update)))
      await saveCreds()
      const refused = await Promise.resolve(state.keys.get('session', ['1.0'])).catch((error) => error.code)
      console.log(JSON.stringify([state.creds.me.id, state.creds.me.lid, lastDisconnect.error.cause.code, lastDisconnect.error.cause.data.holder.pid, refused]))`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' })
    assert.deepEqual([stderr, JSON.parse(stdout || 'null')], ['', [id, lid, 'SESSION_HELD', process.pid, 'SESSION_HELD']])
    await side.send(side.jid, 'still there')
  }
})

test('what is no store is refused', async () => {
  await assert.rejects(useChasquiAuthState('mongodb://localhost'), { code: 'INVALID_OPTION' })
  await assert.rejects(useChasquiAuthState('baileys:/tmp/x'), { code: 'INVALID_OPTION' })
  await assert.rejects(useChasquiAuthState(undefined), { code: 'INVALID_OPTION' })
})
