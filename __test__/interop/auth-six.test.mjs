// A folder of Baileys 6: the drop-in goes on with it.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import test from 'node:test'

import * as door from 'chasqui/baileys'

import { temporaryFolder } from '../harness/baileys.mjs'
import { openSix } from '../harness/baileys-6.mjs'
import { stage } from './sides.mjs'

/** Rosa and the others write to each other and to the group. */
async function talk(rosa, { ben, eva, group }, mark) {
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
}

test('the drop-in goes on in a folder of Baileys 6.7.21, and keeps its names', async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const first = await openSix(t, here.emulator, 'Rosa', folder)
  const { device, jid } = first
  const [ben, eva] = [await here.baileys('Ben'), await here.chasqui('Eva')]
  const group = await first.createGroup('All', [ben.jid, eva.jid])
  const others = { ben, eva, group }
  await talk(first, others, 'first')
  await first.stop()
  // 6 asks again for what comes by an address that it has no session under.
  const asked = async (side) => (await side.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })).map(({ attrs }) => attrs.id)
  const before = await asked(first)
  await ben.send(jid, 'while away from Ben')
  const second = await here.baileys('Rosa', { folder, door })
  assert.deepEqual([second.jid, second.device], [jid, device], 'the same device')
  await second.got('while away from Ben')
  await talk(second, others, 'with the drop-in')
  assert.deepEqual((await asked(second)).slice(before.length), [], 'every session was found')
  await second.stop()
  assert.deepEqual(readdirSync(folder).filter((name) => /^session-.*_1\./.test(name)), [], '6 has no such names')
})
