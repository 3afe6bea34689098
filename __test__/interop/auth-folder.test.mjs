// A folder of Baileys' auth state: the drop-in goes on with it in place, and Baileys goes on after it.

import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'

import { BufferJSON, initAuthCreds } from 'baileys'
import * as door from 'chasqui/baileys'

import { temporaryFolder } from '../harness/baileys.mjs'
import { stage, waitFor } from './sides.mjs'
import { acquainted, goesOn } from './going-on.mjs'

const filesOf = (folder) => readdirSync(folder).filter((name) => name.endsWith('.json')).sort()
const credsOf = (folder) => JSON.parse(readFileSync(path.join(folder, 'creds.json'), 'utf8'), BufferJSON.reviver)

test('Baileys, the drop-in and Baileys again on one folder', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const first = await here.baileys('Rosa', { folder })
  const { device, jid } = first
  const others = await acquainted(here, first)
  await first.stop()
  const before = credsOf(folder)
  await others.ben.send(jid, 'while away from Ben')
  const second = await here.baileys('Rosa', { folder, door })
  assert.deepEqual([second.jid, second.device], [jid, device], 'the same device')
  await second.got('while away from Ben')
  await goesOn(second, others, 'with the drop-in')
  await second.stop()
  const after = credsOf(folder)
  for (const name of ['noiseKey', 'signedIdentityKey', 'signedPreKey', 'registrationId', 'advSecretKey', 'account', 'signalIdentities']) {
    assert.deepEqual(after[name], before[name], name)
  }
  await others.eva.send(others.group, 'group while away by Eva')
  const third = await here.baileys('Rosa', { folder })
  assert.equal(third.device, device)
  await third.got('group while away by Eva')
  await goesOn(third, others, 'with Baileys again')
  await third.stop()
  // What Baileys has done meanwhile is seen.
  const fourth = await here.baileys('Rosa', { folder, door })
  assert.equal(fourth.device, device)
  await goesOn(fourth, others, 'with the drop-in again')
})

test('in a group by number, too, Baileys, the drop-in and Baileys again find the keys of its members', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const others = [await here.baileys('Ben'), await here.chasqui('Eva')]
  let rosa = await here.baileys('Rosa', { folder })
  const group = await here.emulator.group({ subject: 'By number', members: ['Rosa', 'Ben', 'Eva'], addressing: 'pn' })
  const talk = async (mark) => {
    for (const side of [rosa, ...others]) {
      await side.send(group.jid, `${mark} by ${side.name}`)
      for (const other of [rosa, ...others]) if (other !== side) await other.got(`${mark} by ${side.name}`)
    }
  }
  for (const [mark, options] of [['first', undefined], ['with the drop-in', { door }], ['again', {}], ['and again', { door }], ['at last', {}]]) {
    if (options) {
      await rosa.acknowledged()
      await rosa.stop()
      rosa = await here.baileys('Rosa', { folder, ...options })
    }
    await talk(mark)
  }
  const asked = await here.emulator.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })
  assert.deepEqual(asked.map(({ account, stanza }) => [account, stanza.attrs.id]), [], 'nobody asked for anything again')
})

test('a device that the drop-in has linked goes on with Baileys', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const first = await here.baileys('Rosa', { folder, door })
  const { device } = first
  const others = await acquainted(here, first)
  await first.stop()
  const files = filesOf(folder)
  for (const kind of ['pre-key-', 'session-', 'sender-key-', 'app-state-sync-key-', 'lid-mapping-']) {
    assert.ok(files.some((name) => name.startsWith(kind)), kind)
  }
  for (const name of files) assert.equal(statSync(path.join(folder, name)).mode & 0o77, 0, name)
  const second = await here.baileys('Rosa', { folder })
  assert.equal(second.device, device)
  await goesOn(second, others, 'with Baileys')
})

test('a new device has the keys that the program made, and they are its own to save', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const { state, saveCreds } = await door.useMultiFileAuthState(folder)
  assert.deepEqual(Object.keys(state.creds).sort(), Object.keys(initAuthCreds()).sort())
  assert.deepEqual(filesOf(folder), [], 'nothing is written before it is saved')
  const keys = structuredClone({ ...state.creds })
  await saveCreds()
  assert.deepEqual(credsOf(folder).noiseKey, state.creds.noiseKey)
  const side = await here.baileys('Rosa', { folder, door })
  const saved = await waitFor(() => credsOf(folder).account && credsOf(folder), 'the credentials to be saved')
  for (const name of ['noiseKey', 'signedIdentityKey', 'signedPreKey']) {
    // Whoever of the two wrote it last: the order of names is its own.
    assert.deepEqual(JSON.parse(JSON.stringify(saved[name])), JSON.parse(JSON.stringify(state.creds[name])), name)
  }
  assert.equal(saved.registrationId, keys.registrationId)
  assert.equal(saved.advSecretKey, keys.advSecretKey)
  assert.equal(saved.me.id, side.socket.user.id)
  assert.equal(saved.registered, false)
})

test('the keys can be read and written while a socket is there, and while none is', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const rosa = await here.baileys('Rosa', { folder, door })
  const ben = await here.baileys('Ben')
  await rosa.send(ben.jid, 'hello')
  await ben.got('hello')
  const id = `${ben.lid.split('@')[0]}_1.0`
  const read = async (keys) => (await keys.get('session', [id]))[id]
  const { keys } = rosa.socket.authState
  assert.equal((await read(keys)).version, 'v1')
  // Forgotten, it is made anew.
  await keys.set({ session: { [id]: null } })
  assert.equal(await read(keys), null)
  await rosa.send(ben.jid, 'anew')
  const kinds = await ben.encryptions()
  const anew = (await ben.got('anew')).id
  await waitFor(async () => (await ben.encryptions()).get(anew) === 'pkmsg', `a new session, not ${kinds.get(anew)}`)
  await rosa.stop()
  const { state } = await door.useMultiFileAuthState(folder)
  assert.equal((await read(state.keys)).version, 'v1')
  const [name] = filesOf(folder).filter((file) => file.startsWith('app-state-sync-key-'))
  const keyId = name.slice('app-state-sync-key-'.length, -'.json'.length).replaceAll('__', '/')
  const key = (await state.keys.get('app-state-sync-key', [keyId]))[keyId]
  assert.equal(typeof key.toJSON, 'function', 'a message of the schema')
  await state.keys.set({ session: { [id]: null } })
  assert.equal(existsSync(path.join(folder, `session-${id}.json`)), false)
  const again = await here.baileys('Rosa', { folder, door })
  assert.equal(await read(again.socket.authState.keys), null, 'what was changed meanwhile is seen')
})

test('damaged credentials are named and left as they are', async (t) => {
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'creds.json')
  writeFileSync(file, '{"noiseKey":{"private"')
  await assert.rejects(door.useMultiFileAuthState(folder), (error) => error.code === 'STORE_CORRUPT' && error.data.path === file)
  assert.equal(readFileSync(file, 'utf8'), '{"noiseKey":{"private"')
})

test('one session file that is damaged costs that session and nothing else', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const rosa = await here.baileys('Rosa', { folder })
  const others = await acquainted(here, rosa)
  const { device } = rosa
  await rosa.stop()
  const [damaged] = readdirSync(folder).filter((name) => name.startsWith(`session-${others.ben.lid.split('@')[0]}`))
  const cut = readFileSync(path.join(folder, damaged), 'utf8').slice(0, 100)
  writeFileSync(path.join(folder, damaged), cut)
  const after = await here.baileys('Rosa', { folder, door })
  assert.equal(after.device, device)
  assert.equal(readFileSync(path.join(folder, damaged), 'utf8'), cut, 'it is not overwritten unasked')
  await after.send(others.ben.jid, 'hello again')
  await others.ben.got('hello again')
  await after.send(others.eva.jid, 'as before')
  const { id } = await others.eva.got('as before')
  assert.equal((await others.eva.encryptions()).get(id), 'msg')
})
