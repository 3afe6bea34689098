// A program's own store of keys, as those of Prisma, Mongo or Redis are: the drop-in reads and writes it as Baileys does.

import assert from 'node:assert/strict'
import test from 'node:test'

import * as door from 'chasqui/baileys'

import { temporaryFolder } from '../harness/baileys.mjs'
import { auth, textStore } from '../harness/text-store.mjs'
import { acquainted, goesOn } from './going-on.mjs'
import { stage, waitFor } from './sides.mjs'

test('Baileys, the drop-in and Baileys again on one store', async (t) => {
  const here = await stage(t)
  const store = textStore()
  const first = await here.baileys('Rosa', { auth: auth(store) })
  const { device, jid } = first
  const others = await acquainted(here, first)
  await first.stop()
  await others.ben.send(jid, 'while away from Ben')
  const second = await here.baileys('Rosa', { auth: auth(store), door })
  assert.deepEqual([second.jid, second.device], [jid, device], 'the same device')
  await second.got('while away from Ben')
  await goesOn(second, others, 'with the drop-in')
  await second.stop()
  await others.eva.send(others.group, 'group while away by Eva')
  const third = await here.baileys('Rosa', { auth: auth(store) })
  assert.equal(third.device, device)
  await third.got('group while away by Eva')
  await goesOn(third, others, 'with Baileys again')
})

test('a device that the drop-in has linked, with shapes that Baileys reads', async (t) => {
  const here = await stage(t)
  const store = textStore()
  const shapes = new Map()
  store.before = async (what, data) => {
    if (what === 'set') for (const [type, entries] of Object.entries(data)) for (const value of Object.values(entries)) if (value) shapes.set(type, value)
  }
  const first = await here.baileys('Rosa', { auth: auth(store), door })
  const { device } = first
  const others = await acquainted(here, first)
  assert.equal(shapes.get('session').version, 'v1')
  assert.ok(Buffer.isBuffer(shapes.get('sender-key')))
  assert.ok(Buffer.isBuffer(shapes.get('pre-key').private))
  assert.equal(typeof shapes.get('app-state-sync-key').toJSON, 'function')
  assert.equal(typeof shapes.get('lid-mapping'), 'string')
  assert.ok(shapes.get('identity-key') instanceof Uint8Array)
  await first.stop()
  const second = await here.baileys('Rosa', { auth: auth(store) })
  assert.equal(second.device, device)
  await goesOn(second, others, 'with Baileys')
})

test('what cannot be stored does not leave, and no step is lost', async (t) => {
  const here = await stage(t)
  const store = textStore()
  const socketOptions = { transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 1 }, keyStoreTimeoutMs: 300 }
  const rosa = await here.baileys('Rosa', { auth: auth(store), door, socketOptions, reconnect: true })
  const ben = await here.baileys('Ben')
  for (const round of [1, 2]) {
    await rosa.send(ben.jid, `${round} to Ben`)
    await ben.got(`${round} to Ben`)
    await ben.send(rosa.jid, `${round} from Ben`)
    await rosa.got(`${round} from Ben`)
  }
  const open = () => waitFor(() => rosa.isOpen && rosa.socket.ws.isOpen, 'Rosa to be open again')
  for (const [name, wrong] of [
    ['throws', async (what) => { if (what === 'set') throw new Error('the disk is full') }],
    ['hangs', async (what) => { if (what === 'set') await new Promise(() => undefined) }],
    ['gives rubbish', async (what, type) => (what === 'get' && type === 'session' ? '"rubbish"' : undefined)],
    ['cannot be read', async (what, type) => { if (what === 'get' && type === 'session') throw new Error('the disk is gone') }],
    ['hangs when it is read', async (what, type) => (what === 'get' && type === 'session' ? new Promise(() => undefined) : undefined)],
  ]) {
    await open()
    store.before = wrong
    if (['gives rubbish', 'cannot be read', 'hangs when it is read'].includes(name)) {
      // What is known is not read again.
      const before = rosa.reconnects
      await here.emulator.disconnect({ account: 'Rosa' })
      await waitFor(() => rosa.reconnects > before, 'the line to be cut')
      await open()
    }
    const text = `while it ${name}`
    await assert.rejects(rosa.send(ben.jid, text), (error) => {
      // In the outbox it is stored already: it leaves when its step can be.
      const { code } = error.cause.code === 'SEND_UNCONFIRMED' ? error.cause.data.cause : error.cause
      assert.ok(['STORE_FAILED', 'STORE_CORRUPT'].includes(code), `${name}: ${error.cause.code} ${error.message}`)
      return true
    })
    store.before = async () => undefined
    await open()
    await rosa.send(ben.jid, `after it ${name}`)
    await ben.got(`after it ${name}`)
    await ben.send(rosa.jid, `back after it ${name}`)
    await rosa.got(`back after it ${name}`)
    assert.ok(ben.texts.filter((one) => one === text).length <= 1, `what was sent while it ${name} comes once or never`)
  }
  const retries = await ben.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })
  assert.deepEqual(retries.map(({ attrs }) => attrs.id), [], 'no step of a ratchet was lost')
})

test('keys that the program has cleared are those of a new device, with the same object and beside the same store', async (t) => {
  const here = await stage(t)
  const store = textStore()
  const socketOptions = { sideStore: `sqlite:${temporaryFolder()}/side.db` }
  const first = await here.baileys('Rosa', { auth: auth(store), door, socketOptions })
  const others = await acquainted(here, first)
  const { device, jid } = first
  const creds = store.rows.get('creds')
  await first.stop()
  // Only the keys: the device goes on, and begins with everybody anew.
  store.rows.clear()
  store.rows.set('creds', creds)
  const second = await here.baileys('Rosa', { auth: auth(store), door, socketOptions })
  assert.equal(second.device, device)
  await second.send(others.ben.jid, 'without keys')
  const { id } = await others.ben.got('without keys')
  assert.equal((await others.ben.encryptions()).get(id), 'pkmsg')
  await others.ben.send(jid, 'to one without keys')
  await second.got('to one without keys')
  await second.stop()
  // All: what the store beside them has of the former device goes.
  store.rows.clear()
  const third = await here.baileys('Rosa', { auth: auth(store), door, socketOptions })
  assert.notEqual(third.device, device)
  await others.eva.send(jid, 'to a new device')
  await third.got('to a new device')
  await third.send(others.group, 'to the group from a new device')
  await others.ben.got('to the group from a new device')
})
