// A session whose backup is restored after it has gone on: the same device, and both directions decrypt again.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'

import * as door from 'chasqui/baileys'

import { prepare } from '../../scripts/nextjs.mjs'
import { temporaryFolder } from '../harness/baileys.mjs'
import { waitFor } from '../harness/emulator.mjs'
import { acquainted, goesOn } from '../interop/going-on.mjs'
import { stage } from '../interop/sides.mjs'

const example = await prepare()
/** What asks again may have to wait for the other side's turn. */
const PATIENCE = 40_000

function scripts(folder) {
  const env = {
    ...process.env,
    DATABASE_URL: path.join(folder, 'data/test.db'),
    SESSIONS_FOLDER: path.join(folder, 'sessions'),
    MEDIA_FOLDER: path.join(folder, 'data/media'),
  }
  return async (name, ...args) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', `scripts/${name}.ts`, ...args], {
      cwd: example,
      env,
    })
    return stdout
  }
}

/** `writer` has the session until the backup is restored, `reader` from then on: npm Baileys where undefined. */
async function restored(t, writer, reader) {
  const here = await stage(t)
  const place = temporaryFolder()
  const script = scripts(place)
  const folder = path.join(place, 'sessions', 'rosa')
  const archive = path.join(place, 'backup.tar.gz')
  const rosa = await here.baileys('Rosa', { folder, door: writer })
  const { device, jid } = rosa
  const others = await acquainted(here, rosa)
  const hasKeys = () => readdirSync(folder).some((name) => name.startsWith('app-state-sync-key-'))
  await waitFor(hasKeys, 'the keys of the app state')
  const told = await script('backup', archive)
  assert.match(told, /1 session/)
  // What the backup does not know of.
  for (const mark of ['then', 'later', 'last']) await goesOn(rosa, others, mark)
  const fay = await here.baileys('Fay')
  await fay.send(jid, 'a stranger then')
  await rosa.got('a stranger then')
  await rosa.send(fay.jid, 'to a stranger')
  await fay.got('to a stranger')
  await rosa.acknowledged()
  await rosa.stop()

  assert.match(await script('restore', archive, '--replace'), /Signal sessions and sender keys are not restored/)
  const files = readdirSync(folder)
  assert.ok(files.includes('creds.json') && hasKeys())
  assert.deepEqual(
    files.filter((name) => /^(session|sender-key)-|chasqui/.test(name)),
    [],
  )

  await others.ben.send(jid, 'while it was away')
  const again = await here.baileys('Rosa', { folder, door: reader })
  assert.deepEqual([again.jid, again.device], [jid, device], 'the same device, without a code')
  await again.got('while it was away', PATIENCE)
  for (const mark of ['after one', 'after two']) {
    for (const other of [others.ben, others.eva, fay]) {
      await other.send(again.jid, `${mark} from ${other.name}`)
      await again.got(`${mark} from ${other.name}`, PATIENCE)
      await again.send(other.jid, `${mark} to ${other.name}`)
      await other.got(`${mark} to ${other.name}`, PATIENCE)
    }
    for (const side of [others.ben, again, others.eva]) {
      await side.send(others.group, `${mark}, group by ${side.name}`)
      for (const other of [again, others.ben, others.eva]) if (other !== side) await other.got(`${mark}, group by ${side.name}`, PATIENCE)
    }
  }
  // Renewed: from now on nobody asks for anything again.
  const asked = async () => (await here.emulator.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })).length
  await again.acknowledged()
  const before = await asked()
  for (const other of [others.ben, others.eva, fay]) {
    await other.send(again.jid, `steady from ${other.name}`)
    await again.got(`steady from ${other.name}`)
    await again.send(other.jid, `steady to ${other.name}`)
    await other.got(`steady to ${other.name}`)
  }
  assert.equal(await asked(), before, 'requests for what was sent before')
}

test('a session of chasqui/baileys goes on from an old backup', { timeout: 200_000 }, (t) => restored(t, door, door))
test('a session that npm Baileys has kept goes on from an old backup, with chasqui/baileys', { timeout: 200_000 }, (t) =>
  restored(t, undefined, door),
)
test('and with npm Baileys', { timeout: 200_000 }, (t) => restored(t, undefined, undefined))
