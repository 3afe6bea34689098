// Folders of every version through `chasqui import` and back through `chasqui export`, as a user runs them.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'

import { root } from '../../scripts/setup.mjs'
import { temporaryFolder } from '../harness/baileys.mjs'
import { SIXES, openSix } from '../harness/baileys-6.mjs'
import { stage, waitFor } from './sides.mjs'

const samples = path.join(root, 'crates', 'chasqui-baileys', 'tests', 'samples')
const program = path.join(root, 'bin', 'chasqui.js')
const run = async (...args) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args])
  assert.equal(stderr, '')
  return stdout
}
/** Baileys may still be in the middle of saving. */
const saved = (folder) => waitFor(() => {
  try {
    return JSON.parse(readFileSync(path.join(folder, 'creds.json'), 'utf8'))
  } catch {
    return undefined
  }
}, 'the credentials to be saved')

const isObject = (value) => value !== null && typeof value === 'object'

/** Without what two good writings of one value may differ in. */
function steady(name, value) {
  if (name.startsWith('sender-key-1')) {
    const list = value.type === 'Buffer' ? JSON.parse(Buffer.from(value.data, 'base64')) : value
    // Keys of messages that were skipped are lost by 6.17.16 itself.
    for (const key of list) key.senderMessageKeys = key.senderMessageKeys.filter((seed) => seed.seed)
    return { isBuffer: value.type === 'Buffer', list: withoutPrivate(list) }
  }
  if (name.startsWith('session-')) {
    for (const entry of Object.values(value._sessions)) {
      const { used, created, closed, ...info } = entry.indexInfo
      // Who began it is known until it is answered.
      if (!entry.pendingPreKey) delete info.baseKeyType
      // Until something came it is only looked for among the chains, where it is not.
      else delete entry.currentRatchet.lastRemoteEphemeralKey
      entry.indexInfo = { ...info, open: closed === -1 }
      const chains = Object.entries(entry._chains)
      entry._chains = Object.fromEntries(chains.filter(([, { chainKey, messageKeys }]) => chainKey.key || Object.keys(messageKeys).length > 0))
    }
  }
  return withoutPrivate(value)
}

/** Private keys are clamped: their public halves tell whether they are the same. */
function withoutPrivate(value) {
  if (Array.isArray(value)) return value.map(withoutPrivate)
  if (!isObject(value)) return value
  const entries = Object.entries(value).filter(([name]) => !['private', 'privKey'].includes(name))
  return Object.fromEntries(entries.map(([name, part]) => [name, withoutPrivate(part)]))
}

const valuesOf = (folder) => Object.fromEntries(readdirSync(folder).sort().map((name) => [name, JSON.parse(readFileSync(path.join(folder, name), 'utf8'))]))

for (const version of ['6.17.16', '6.7.21', '7.0.0-rc14']) {
  test(`a folder of ${version} goes through a store and comes back`, async (t) => {
    const from = path.join(samples, `auth-${version}`, 'multi-file')
    const store = `sqlite:${path.join(temporaryFolder(t), 'session.db')}`
    const to = path.join(temporaryFolder(t), 'auth')
    assert.match(await run('import', from, store, '--session', 'shop'), /^The session "shop" is that of 15550001002:7@s\.whatsapp\.net now: 3 conversations, 2 keys of groups\.\n$/)
    assert.match(await run('export', store, to, '--session', 'shop'), /has the session of 15550001002:7@s\.whatsapp\.net now/)
    const [before, after] = [valuesOf(from), valuesOf(to)]
    // Of somebody whose LID is known, 7 has the session by it already; the rest follows.
    const mapping = before['lid-mapping-15550001001.json']
    const newName = (name) => (mapping && /^(identity-key|sender-key)-/.test(name) ? name.replace('15550001001', `${mapping}_1`) : name)
    // Settings and lists of devices are fetched again, and so is what is known of them.
    const isFetched = (name) => /^(app-state-sync-version|device-list)-/.test(name)
    const kept = Object.keys(before).filter((name) => !isFetched(name))
    for (const name of kept) assert.deepEqual(steady(name, after[newName(name)]), steady(name, before[name]), name)
    const more = Object.keys(after).filter((name) => !(name in before) && !Object.keys(before).some((old) => newName(old) === name))
    // 7 has the own pair, and who has which identity, once it has logged in.
    const known = version.startsWith('7') ? /^(identity-key|lid-mapping)-|^sender-key-.*--15550001002--7/ : /^$/
    assert.deepEqual(more.filter((name) => !known.test(name)), [])
  })
}

/** Ben and Eva, whom people write to by number, as it was for Baileys 6, and how they talk with Rosa. */
async function company(here) {
  const [ben, eva] = [await here.baileys('Ben'), await here.chasqui('Eva')]
  let group
  return async (rosa, mark) => {
    group ??= (await here.emulator.group({ subject: 'All', members: ['Rosa', 'Ben', 'Eva'], addressing: 'pn' })).jid
    for (const other of [ben, eva]) {
      await rosa.send(other.jid, `${mark} to ${other.name}`)
      await other.got(`${mark} to ${other.name}`)
      await other.send(rosa.jid, `${mark} from ${other.name}`)
      await rosa.got(`${mark} from ${other.name}`)
    }
    for (const side of [rosa, ben, eva]) {
      await side.send(group, `${mark}, group by ${side.name}`)
      for (const other of [rosa, ben, eva]) if (other !== side) await other.got(`${mark}, group by ${side.name}`)
    }
    const asked = await here.emulator.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })
    assert.deepEqual(asked.map(({ stanza }) => stanza.attrs.id), [], 'nobody asked for anything again')
  }
}

for (const version of Object.keys(SIXES)) {
  test(`Baileys ${version}, a store of Chasqui, and ${version} again`, async (t) => {
    const here = await stage(t, { lidMigrated: false })
    const folder = temporaryFolder(t)
    const first = await openSix(t, here.emulator, 'Rosa', folder, { version })
    const { device, jid } = first
    const talk = await company(here)
    await talk(first, 'first')
    await first.stop()
    await saved(folder)
    const kept = temporaryFolder(t)
    const store = `sqlite:${path.join(kept, 'session.db')}`
    await run('import', folder, store, '--session', 'Rosa')
    const second = await here.chasqui('Rosa', { folder: kept })
    assert.deepEqual([second.jid, second.device], [jid, device], 'the same device')
    await talk(second, 'with Chasqui')
    await second.stop()
    const back = path.join(temporaryFolder(t), 'auth')
    await run('export', store, back, '--session', 'Rosa')
    assert.deepEqual(readdirSync(back).filter((name) => /_1(\.|--)|^(lid-mapping|device-list|identity-key|tctoken)-/.test(name)), [], '6 has no such names')
    const third = await openSix(t, here.emulator, 'Rosa', back, { version, linked: true })
    assert.deepEqual([third.jid, third.device], [jid, device], 'the same device')
    await talk(third, 'with Baileys again')
  })

  test(`what Chasqui has linked goes on with Baileys ${version}, in the form that every 6 reads`, async (t) => {
    const here = await stage(t, { lidMigrated: false })
    const kept = temporaryFolder(t)
    const first = await here.chasqui('Rosa', { folder: kept })
    const { device, jid } = first
    const talk = await company(here)
    await talk(first, 'first')
    await first.stop()
    const back = path.join(temporaryFolder(t), 'auth')
    await run('export', `sqlite:${path.join(kept, 'session.db')}`, back, '--session', 'Rosa', '--baileys', '6')
    const second = await openSix(t, here.emulator, 'Rosa', back, { version, linked: true })
    assert.deepEqual([second.jid, second.device], [jid, device], 'the same device')
    await talk(second, 'with Baileys')
  })
}

test('a session goes to the version that is named', async (t) => {
  const from = path.join(samples, 'auth-7.0.0-rc14', 'multi-file')
  const store = `sqlite:${path.join(temporaryFolder(t), 'session.db')}`
  await run('import', from, store, '--session', 'shop')
  const formOf = (folder) => {
    const values = valuesOf(folder)
    const key = Object.entries(values).find(([name]) => name.startsWith('sender-key-1'))[1]
    const form = key.type === 'Buffer' ? 'buffer' : typeof key[0].senderChainKey.seed === 'string' ? 'list' : 'either'
    const { name } = values['creds.json'].signalIdentities.at(-1).identifier
    return { form, byNumber: name.endsWith('@s.whatsapp.net') && !Object.keys(values).some((file) => /_1(\.|--)/.test(file)) }
  }
  for (const [version, form, byNumber] of [
    ['7', 'buffer', false],
    ['6.7.21', 'buffer', true],
    ['6.17.16', 'list', true],
    ['6', 'either', true],
  ]) {
    const to = path.join(temporaryFolder(t), 'auth')
    await run('export', store, to, '--session', 'shop', '--baileys', version)
    assert.deepEqual(formOf(to), { form, byNumber }, version)
  }
  const refused = run('export', store, path.join(temporaryFolder(t), 'auth'), '--session', 'shop', '--baileys', '5')
  await assert.rejects(refused, /"5" is no version of Baileys that is known/)
})
