// What settings cost in npm Baileys, through its own functions, as JSON: milliseconds. The folder that is named holds the key,
// the snapshot and the patches.

import { readFileSync } from 'node:fs'
import path from 'node:path'

import { decodeSyncdPatch, decodeSyncdSnapshot, encodeSyncdPatch, newLTHashState, proto } from 'baileys'

import { median } from './report.mjs'

const RUNS = 9
const COUNT = 5000
const NAME = 'regular_low'
const file = (name) => readFileSync(path.join(process.argv[2], name))
const key = { keyData: file('key') }
const getKey = async () => key

async function time(work) {
  const times = []
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return median(times)
}

const bytes = file('snapshot')
const { keyId } = proto.SyncdSnapshot.decode(bytes)
const decode = () => decodeSyncdSnapshot(NAME, proto.SyncdSnapshot.decode(bytes), getKey, undefined, true)
const { state, mutationMap } = await decode()
if (Object.keys(mutationMap).length !== COUNT) throw new Error('Baileys read another number of settings')

async function patch(count) {
  const wire = file(`patch-${count}`)
  return time(async () => {
    let seen = 0
    const known = { ...newLTHashState(), ...state }
    await decodeSyncdPatch(proto.SyncdPatch.decode(wire), NAME, known, getKey, () => seen++, true)
    if (seen !== count) throw new Error('Baileys read another number of changes')
  })
}

const change = {
  type: NAME, index: ['archive', '15550000001@s.whatsapp.net'], apiVersion: 3, operation: proto.SyncdMutation.SyncdOperation.SET,
  syncAction: { archiveChatAction: { archived: false } },
}
console.log(JSON.stringify({
  snapshot: await time(decode),
  patch: await patch(1),
  patchOfAll: await patch(COUNT),
  build: await time(() => encodeSyncdPatch(change, Buffer.from(keyId.id).toString('base64'), state, getKey)),
}))
process.exit(0)
