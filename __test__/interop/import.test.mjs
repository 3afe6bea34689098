// A session that Baileys has made and used goes on with Chasqui: the same device, no code, every conversation.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'

import { WhatsAppClient } from 'chasqui'

import { root } from '../../scripts/setup.mjs'
import { temporaryFolder } from '../harness/baileys.mjs'
import { acquainted, goesOn } from './going-on.mjs'
import { stage, waitFor } from './sides.mjs'

/** A client that is only to import. */
async function importing(folder, database, session = 'Rosa', act = (client) => client.importFromBaileys(folder)) {
  const client = new WhatsAppClient({ session, store: database === 'memory:' ? database : `sqlite:${database}` })
  try {
    return await act(client)
  } finally {
    await client.disconnect()
  }
}

/** The files of a folder with what is in them. */
const filesOf = (folder) => Object.fromEntries(readdirSync(folder).sort().map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]))

test('Chasqui goes on where Baileys stopped', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const [before, ben, eva] = [await here.baileys('Rosa', { folder }), await here.baileys('Ben'), await here.chasqui('Eva')]
  const { device, jid, lid } = before
  // Both directions with both, so that there are ratchets that have turned; and one whom Rosa wrote to and who did not answer.
  for (const other of [ben, eva]) {
    for (const round of [1, 2]) {
      await before.send(other.jid, `${round} to ${other.name}`)
      await other.got(`${round} to ${other.name}`)
      await other.send(jid, `${round} from ${other.name}`)
      await before.got(`${round} from ${other.name}`)
    }
  }
  const zoe = await here.baileys('Zoe')
  await before.send(zoe.jid, 'no answer yet')
  await zoe.got('no answer yet')
  const { id: group } = await before.socket.groupCreate('All', [ben.jid, eva.jid])
  await before.send(group, 'group by Rosa')
  for (const other of [ben, eva]) {
    await other.got('group by Rosa')
    await other.send(group, `group by ${other.name}`)
    await before.got(`group by ${other.name}`)
  }
  await before.stop()
  await ben.send(jid, 'while away from Ben')
  await eva.send(group, 'group while away by Eva')

  const files = filesOf(folder)
  const kept = temporaryFolder(t)
  const imported = await importing(folder, path.join(kept, 'session.db'))
  assert.deepEqual(filesOf(folder), files, 'the folder is only read')
  assert.deepEqual([imported.pn.replace(/:\d+/, ''), imported.lid.replace(/:\d+/, ''), imported.skipped], [jid, lid, []])
  const { counts } = imported
  assert.ok(counts.sessions >= 4 && counts.prekeys > 700 && counts.senderKeys >= 3 && counts.appStateKeys >= 1, JSON.stringify(counts))

  const after = await here.chasqui('Rosa', { folder: kept })
  assert.deepEqual([after.jid, after.lid, after.device], [jid, lid, device], 'the same device')
  assert.equal(after.qrs?.length ?? 0, 0)
  await after.got('while away from Ben')
  await after.got('group while away by Eva')
  for (const other of [ben, eva, zoe]) {
    await after.send(other.jid, `again to ${other.name}`)
    await other.got(`again to ${other.name}`)
    await other.send(jid, `again from ${other.name}`)
    await after.got(`again from ${other.name}`)
  }
  await after.send(group, 'group by Rosa again')
  for (const other of [ben, eva]) {
    await other.got('group by Rosa again')
    await other.send(group, `group by ${other.name} again`)
    await after.got(`group by ${other.name} again`)
  }
  // Everything went on in the sessions that there were: nobody began a new one but Zoe, who had not answered.
  for (const other of [ben, eva]) {
    const kinds = await other.encryptions()
    const again = (await other.got('again to ' + other.name)).id
    assert.equal(kinds.get(again), 'msg', `the session with ${other.name} goes on`)
  }
  for (const side of [after, ben, eva, zoe]) {
    const retries = await side.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })
    assert.deepEqual(retries.map(({ attrs }) => attrs.id), [], `${side.name} asked for nothing again`)
  }
})

test('what cannot be taken over is refused, and nothing is written', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const rosa = await here.baileys('Rosa', { folder })
  const ben = await here.baileys('Ben')
  await rosa.send(ben.jid, 'hello')
  await ben.got('hello')
  await rosa.stop()
  const change = (act) => {
    const copy = temporaryFolder(t)
    cpSync(folder, copy, { recursive: true })
    act(copy)
    return copy
  }
  const edit = (act) => change((copy) => {
    const creds = JSON.parse(readFileSync(path.join(folder, 'creds.json'), 'utf8'))
    act(creds)
    writeFileSync(path.join(copy, 'creds.json'), JSON.stringify(creds))
  })
  const database = path.join(temporaryFolder(t), 'session.db')
  for (const [wrong, code] of [
    [path.join(folder, 'nowhere'), 'FILE_FAILED'],
    [temporaryFolder(t), 'INVALID_ARGUMENT'],
    [change((copy) => writeFileSync(path.join(copy, 'creds.json'), '{"noiseKey":')), 'STORE_CORRUPT'],
    [edit((creds) => delete creds.signedIdentityKey), 'STORE_CORRUPT'],
    [edit((creds) => delete creds.account), 'INVALID_ARGUMENT'],
    [edit((creds) => delete creds.me.lid), 'INVALID_ARGUMENT'],
  ]) {
    await assert.rejects(importing(wrong, database), { code }, wrong)
  }
  for (const nothing of ['', undefined, 7]) {
    await assert.rejects(importing(nothing, database), { code: 'INVALID_ARGUMENT' })
  }
  // One file that is damaged is named, and costs nothing else.
  const [damaged] = readdirSync(folder).filter((name) => name.startsWith('session-'))
  const cut = change((copy) => writeFileSync(path.join(copy, damaged), readFileSync(path.join(folder, damaged), 'utf8').slice(0, 100)))
  const { skipped } = await importing(cut, database)
  assert.deepEqual(skipped.map(({ file }) => file), [damaged])
  assert.match(skipped[0].reason, /ends too early/)
  // There is a session now.
  await assert.rejects(importing(folder, database), { code: 'INVALID_ARGUMENT' })
  const file = readFileSync(database)
  assert.ok(file.length > 0)
  rmSync(database)
})

test('a client that is connected imports nothing', async (t) => {
  const here = await stage(t)
  const rosa = await here.chasqui('Rosa')
  await assert.rejects(rosa.client.importFromBaileys(temporaryFolder(t)), { code: 'ALREADY_CONNECTED' })
})

test('the command imports a session, and says what it wants', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const rosa = await here.baileys('Rosa', { folder })
  await rosa.stop()
  // It saves after its socket has ended.
  await waitFor(() => readFileSync(path.join(folder, 'creds.json'), 'utf8').endsWith('}'), 'the credentials to be saved')
  const program = path.join(root, 'bin', 'chasqui.js')
  const run = (...args) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
  const kept = temporaryFolder(t)
  const store = `sqlite:${path.join(kept, 'session.db')}`
  const done = run('import', folder, store, '--session', 'Rosa')
  assert.deepEqual([done.status, done.stderr], [0, ''])
  assert.ok(done.stdout.startsWith(`The session "Rosa" is that of ${rosa.jid.replace('@', `:${rosa.device}@`)} now: `), done.stdout)
  for (const [args, said] of [
    [['import', folder, store, '--session', 'Rosa'], /not empty/],
    [['import', folder, store], /needs a name/],
    [['import', folder], /^Usage: /],
    [['export'], /^Usage: /],
  ]) {
    const refused = run(...args)
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, said)
  }
  const after = await here.chasqui('Rosa', { folder: kept })
  assert.equal(after.device, rosa.device)
})

test('Baileys goes on where Chasqui stopped', async (t) => {
  const here = await stage(t)
  const kept = temporaryFolder(t)
  const before = await here.chasqui('Rosa', { folder: kept })
  const { device, jid } = before
  const others = await acquainted(here, before)
  await before.stop()
  await others.ben.send(jid, 'while away from Ben')
  await others.eva.send(others.group, 'group while away by Eva')
  const folder = path.join(temporaryFolder(t), 'auth')
  const exporting = (client) => client.exportToBaileys(folder)
  const exported = await importing(undefined, path.join(kept, 'session.db'), 'Rosa', exporting)
  assert.equal(exported.pn, jid.replace('@', `:${device}@`))
  assert.ok(exported.counts.session >= 3 && exported.counts['pre-key'] > 700 && exported.counts['sender-key'] >= 3, JSON.stringify(exported.counts))
  await assert.rejects(importing(undefined, path.join(kept, 'session.db'), 'Rosa', exporting), { code: 'INVALID_ARGUMENT' })

  const after = await here.baileys('Rosa', { folder })
  assert.deepEqual([after.jid, after.device], [jid, device], 'the same device')
  await after.got('while away from Ben')
  await after.got('group while away by Eva')
  await goesOn(after, others, 'then')
})

test('there and back: Baileys, Chasqui, and Baileys again', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const first = await here.baileys('Rosa', { folder })
  const { device } = first
  const others = await acquainted(here, first)
  await first.stop()
  const kept = temporaryFolder(t)
  await importing(folder, path.join(kept, 'session.db'))
  const second = await here.chasqui('Rosa', { folder: kept })
  await goesOn(second, others, 'with Chasqui')
  await second.stop()
  const back = path.join(temporaryFolder(t), 'auth')
  await importing(undefined, path.join(kept, 'session.db'), 'Rosa', (client) => client.exportToBaileys(back))
  const third = await here.baileys('Rosa', { folder: back })
  assert.equal(third.device, device)
  await goesOn(third, others, 'with Baileys again')
})

test('what is not paired is not exported', async (t) => {
  const database = path.join(temporaryFolder(t), 'session.db')
  const folder = temporaryFolder(t)
  const exporting = (folder) => importing(undefined, database, 'Nobody', (client) => client.exportToBaileys(folder))
  for (const where of [folder, '', undefined]) await assert.rejects(exporting(where), { code: 'INVALID_ARGUMENT' })
  assert.deepEqual(readdirSync(folder), [])
})
