// Collections of the app state: what one library makes the other reads, and both refuse the same.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'

import { differ, metDifferences, ODD, ours, random, same, theirs } from './differential.mjs'

const mine = {
  // Of a record that is taken out, Baileys keeps the value in the map.
  encodeSyncdPatch: ({ args: [{ operation }] }) => operation === 1,
}
differ(mine)

const { proto } = theirs
const SET = 0
const REMOVE = 1
const NAMES = theirs.ALL_WA_PATCH_NAMES
const KEYS = new Map([Buffer.from([0, 0, 0, 0, 1, 1]), Buffer.from([0, 0, 0, 0, 2, 2])].map((id, index) => [id.toString('base64'), { keyData: Buffer.alloc(32, index + 1) }]))
const [KEY] = KEYS.keys()
const keyOf = async (id) => KEYS.get(id)
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

test('the lattice hash, whatever the order', async () => {
  for (let seed = 0; seed < 200; seed++) {
    const dice = random(seed)
    const macs = () => dice.many(dice.below(20), () => dice.bytes(32))
    const [base, less, more] = [dice.bytes(128), macs(), macs()]
    const call = (lib) => Buffer.from(lib.LT_HASH_ANTI_TAMPERING.subtractThenAdd(base, less, more))
    await same('LT_HASH_ANTI_TAMPERING', () => [seed], { call })
    const changes = dice.many(dice.below(30), () => ({ indexMac: Buffer.from([dice.below(5)]), valueMac: dice.bytes(32), operation: dice.pick([SET, SET, REMOVE, undefined]) }))
    const mixed = (lib, [state]) => {
      const generator = lib.makeLtHashGenerator(state)
      for (const change of changes) generator.mix(change)
      return generator.finish()
    }
    await same('makeLtHashGenerator', () => [{ hash: base, indexValueMap: { [Buffer.from([1]).toString('base64')]: { valueMac: Buffer.alloc(32, 9) } } }], { call: mixed, after: ([state]) => state })
  }
  const { LT_HASH_ANTI_TAMPERING: hash } = ours
  assert.throws(() => hash.subtractThenAdd(Buffer.alloc(5), [], []), { message: 'Base hash must be 128 bytes, got 5' })
  assert.throws(() => hash.subtractThenAdd(Buffer.alloc(128), [], [Buffer.alloc(5)]), RangeError)
  const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const both = hash.add(Buffer.alloc(128), [one, two])
  assert.deepEqual(hash.subtract(both, [one]), hash.add(Buffer.alloc(128), [two]))
})

/** Changes of one collection, as programs make them. */
function changes(dice) {
  const chat = () => dice.pick(['15550001001@s.whatsapp.net', '120363000000000001@g.us', 'ü@lid'])
  return dice.many(1 + dice.below(6), () => dice.pick([
    () => ({ index: ['mute', chat()], syncAction: { muteAction: { muted: dice.chance(0.5), muteEndTimestamp: 5 } }, apiVersion: 2 }),
    () => ({ index: ['pin_v1', chat()], syncAction: { timestamp: 1_700_000_000_000, pinAction: { pinned: true } }, apiVersion: 5 }),
    () => ({ index: ['contact', chat()], syncAction: { contactAction: { fullName: 'Ana' } }, apiVersion: 2, operation: dice.pick([SET, REMOVE]) }),
  ])()).map((change) => ({ operation: SET, type: 'regular_low', ...change }))
}
/** A collection and the patches that make it. */
async function collection(lib, seed, name = 'regular_low') {
  let state = lib.newLTHashState()
  const patches = []
  for (const change of changes(random(seed)).filter(({ operation }) => operation === SET)) {
    const made = await lib.encodeSyncdPatch({ ...change, type: name }, KEY, state, keyOf)
    state = made.state
    patches.push({ ...made.patch, version: { version: state.version } })
  }
  return { patches, state }
}
const plain = (patch) => proto.SyncdPatch.decode(proto.SyncdPatch.encode(proto.SyncdPatch.fromObject(patch)).finish())
/** As it comes from the service, and anew for each reader. */
const copies = (patches) => patches.map(plain)

test('patches that one makes the other reads', async () => {
  for (let seed = 0; seed < 60; seed++) {
    for (const [from, to] of [[ours, theirs], [theirs, ours], [ours, ours]]) {
      const { patches, state } = await collection(from, seed)
      const read = await to.decodePatches('regular_low', copies(patches), to.newLTHashState(), keyOf, {}, undefined, silent, true)
      assert.deepEqual(read.state.hash, state.hash)
      assert.equal(read.state.version, state.version)
      assert.deepEqual(Object.keys(read.state.indexValueMap).sort(), Object.keys(state.indexValueMap).sort())
      const expected = new Set(changes(random(seed)).filter(({ operation }) => operation === SET).map(({ index }) => JSON.stringify(index)))
      assert.deepEqual(new Set(Object.keys(read.mutationMap)), expected)
    }
  }
})

test('a record that is taken out leaves nothing behind', async () => {
  const add = { type: 'critical_unblock_low', index: ['contact', '1@lid'], syncAction: { contactAction: { fullName: 'Ana' } }, apiVersion: 2, operation: SET }
  const first = await ours.encodeSyncdPatch(add, KEY, ours.newLTHashState(), keyOf)
  const second = await ours.encodeSyncdPatch({ ...add, syncAction: { contactAction: {} }, operation: REMOVE }, KEY, first.state, keyOf)
  assert.deepEqual(second.state.indexValueMap, {})
  assert.deepEqual(second.state.hash, Buffer.alloc(128))
  assert.equal(Object.keys(first.state.indexValueMap).length, 1)
  const read = await theirs.decodePatches(add.type, copies([first, second].map(({ patch, state: { version } }) => ({ ...patch, version: { version } }))), theirs.newLTHashState(), keyOf, {}, undefined, silent, true)
  assert.deepEqual(read.state.hash, second.state.hash)
  // The map of Baileys after the same.
  const call = async (lib, [change]) => Object.keys((await lib.encodeSyncdPatch(change, KEY, first.state, keyOf)).state.indexValueMap).length
  await same('encodeSyncdPatch', () => [{ ...add, operation: REMOVE }], { call })
})

test('making a patch without its key', async () => {
  const [change] = changes(random(1))
  for (const id of ['', undefined, 'AAAA']) await same('encodeSyncdPatch', () => [change, id, ours.newLTHashState(), keyOf])
})

/** Damages a patch in one place. */
const DAMAGES = {
  nothing: () => undefined,
  patchMac: (patch) => (patch.patchMac = Buffer.alloc(32)),
  snapshotMac: (patch) => (patch.snapshotMac = Buffer.alloc(32)),
  value: (patch) => (patch.mutations[0].record.value.blob = Buffer.from(patch.mutations[0].record.value.blob).fill(9, 20, 30)),
  valueMac: (patch) => (patch.mutations[0].record.value.blob = Buffer.concat([patch.mutations[0].record.value.blob.subarray(0, -32), Buffer.alloc(32)])),
  short: (patch) => (patch.mutations[0].record.value.blob = Buffer.alloc(40)),
  empty: (patch) => (patch.mutations[0].record.value.blob = Buffer.alloc(32)),
  index: (patch) => (patch.mutations[0].record.index.blob = Buffer.alloc(32)),
  recordKey: (patch) => (patch.mutations[0].record.keyId.id = Buffer.from('none')),
  recordWithoutKey: (patch) => (patch.mutations[0].record.keyId = undefined),
  key: (patch) => (patch.keyId.id = Buffer.from('none')),
  otherKey: (patch) => (patch.keyId.id = Buffer.from([...KEYS.keys()][1], 'base64')),
  version: (patch) => (patch.version.version = 77),
  withoutMutations: (patch) => (patch.mutations = []),
  operation: (patch) => (patch.mutations[0].operation = REMOVE),
}

test('damaged patches, with checks and without', async () => {
  for (let seed = 0; seed < 8; seed++) {
    const { patches } = await collection(theirs, seed)
    for (const [damage, apply] of Object.entries(DAMAGES)) {
      for (const validate of [true, false, undefined]) {
        for (const minimum of [undefined, 1]) {
          const make = () => {
            const damaged = copies(patches)
            apply(damaged[0])
            return [damaged]
          }
          // The error of a key that lacks carries the whole patch, whose classes differ.
          const without = async (call) => {
            try {
              return await call()
            } catch (error) {
              // What is no message fails in different places of the two decoders.
              if (!error.isBoom) return 'unreadable'
              return [error.message, error.output.statusCode, error.data?.isMissingKey]
            }
          }
          await same('decodePatches', make, { call: (lib, [list]) => without(() => lib.decodePatches('regular_low', list, lib.newLTHashState(), keyOf, {}, minimum, silent, validate)), after: ([list]) => list.map(({ mutations }) => mutations.length) })
          const heard = []
          const call = (lib, [[patch]]) => without(async () => [await lib.decodeSyncdPatch(patch, 'regular_low', lib.newLTHashState(), keyOf, ({ index }) => heard.push(index), Boolean(validate)), heard.splice(0)])
          await same('decodeSyncdPatch', make, { call })
          const mutations = (lib, [[{ mutations: list }]]) => without(async () => [await lib.decodeSyncdMutations(list, lib.newLTHashState(), keyOf, ({ index }) => heard.push(index), Boolean(validate)), heard.splice(0)])
          await same('decodeSyncdMutations', make, { call: mutations })
          assert.ok(damage)
        }
      }
    }
  }
  for (const value of ODD) {
    await same('decodeSyncdMutations', () => [value, theirs.newLTHashState(), keyOf, () => undefined, true])
    await same('decodePatches', () => ['regular', value, theirs.newLTHashState(), keyOf, {}, undefined, undefined])
  }
})

/** The snapshot of a collection. */
const snapshotOf = (lib, { patches, state }, name) => {
  const records = new Map(patches.flatMap(({ mutations }) => mutations.map(({ record }) => [record.index.blob.toString('hex'), record])))
  const snapshot = { version: { version: state.version }, records: [...records.values()], keyId: { id: Buffer.from(KEY, 'base64') } }
  const keys = theirs.hkdf(KEYS.get(KEY).keyData, 160, { info: 'WhatsApp Mutation Keys' })
  const version = Buffer.alloc(8)
  version.writeUInt32BE(state.version, 4)
  const mac = theirs.hmacSign(Buffer.concat([state.hash, version, Buffer.from(name)]), keys.slice(96, 128))
  return proto.SyncdSnapshot.decode(proto.SyncdSnapshot.encode(proto.SyncdSnapshot.fromObject({ ...snapshot, mac })).finish())
}

test('snapshots', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const made = await collection(ours, seed)
    for (const minimum of [undefined, 0, 100]) {
      for (const validate of [true, false, undefined]) {
        await same('decodeSyncdSnapshot', () => ['regular_low', snapshotOf(ours, made, 'regular_low'), keyOf, minimum, validate, silent], { call: async (lib, args) => {
          const { state, mutationMap } = await lib.decodeSyncdSnapshot(...args)
          assert.deepEqual(state.hash, made.state.hash)
          return [state, Object.keys(mutationMap)]
        } })
      }
    }
  }
  const made = await collection(ours, 3)
  const warned = []
  await ours.decodeSyncdSnapshot('regular_high', snapshotOf(ours, made, 'regular_low'), keyOf, undefined, true, { ...silent, warn: (...args) => warned.push(args) })
  assert.equal(warned.length, 1)
  assert.equal(warned[0][0].name, 'regular_high')
  assert.match(warned[0][1], /LTHash verification failed/)
  const foreign = snapshotOf(ours, made, 'regular_low')
  await assert.rejects(ours.decodeSyncdSnapshot('regular_low', foreign, async () => undefined, undefined), (error) => ours.isMissingKeyError(error) && !ours.isAppStateSyncIrrecoverable(error, 1))
})

let server
let base
const files = new Map()
before(async () => {
  server = createServer((request, response) => {
    const file = files.get(request.url)
    if (!file) return response.writeHead(404).end()
    response.end(file)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${server.address().port}`
})
after(() => {
  server.closeAllConnections()
  server.close()
})
async function uploaded(name, bytes) {
  const made = await theirs.encryptedStream(bytes, 'md-app-state')
  files.set(name, await readFile(made.encFilePath))
  await rm(made.encFilePath, { force: true })
  return { url: `${base}${name}`, mediaKey: made.mediaKey }
}

test('mutations in a file of their own', async () => {
  const { patches, state } = await collection(ours, 5)
  const mutations = Buffer.from(proto.SyncdMutations.encode(proto.SyncdMutations.fromObject({ mutations: patches[0].mutations })).finish())
  const external = await uploaded('/mutations', mutations)
  await same('downloadExternalBlob', () => [external, {}])
  await same('downloadExternalPatch', () => [external, {}])
  await same('downloadExternalBlob', () => [{ url: `${base}/none`, mediaKey: Buffer.alloc(32) }, {}])
  await same('downloadExternalBlob', () => [{}, {}])
  const call = (lib) => {
    const [first, ...rest] = copies(patches)
    first.mutations = []
    first.externalMutations = external
    return lib.decodePatches('regular_low', [first, ...rest], lib.newLTHashState(), keyOf, {}, undefined, silent, true)
  }
  assert.deepEqual((await call(ours)).state.hash, state.hash)
  assert.deepEqual((await call(theirs)).state.hash, state.hash)
})

test('the answer of the service about collections', async () => {
  const { patches } = await collection(theirs, 6)
  const node = (tag, attrs = {}, content) => ({ tag, attrs, ...(content === undefined ? {} : { content }) })
  const encode = (patch) => Buffer.from(proto.SyncdPatch.encode(proto.SyncdPatch.fromObject(patch)).finish())
  const list = patches.map((patch) => node('patch', {}, encode(patch)))
  const unnumbered = patches.map(({ version: _, ...patch }) => node('patch', {}, encode(patch)))
  const answer = (...collections) => node('iq', {}, [node('sync', {}, collections)])
  for (const make of [
    () => answer(node('collection', { name: 'regular_low', version: '4', has_more_patches: 'true' }, [node('patches', {}, list)])),
    () => answer(node('collection', { name: 'regular_low', version: '4' }, unnumbered)),
    () => answer(node('collection', { name: 'regular_low', version: '4' }, []), node('collection', { name: 'regular', version: '1' }, [node('patches', {}, [node('patch'), ...list])])),
    () => answer(node('collection', { name: 'regular' }, [node('snapshot')])),
    () => answer(node('collection', { name: 'regular' }, [node('patch', {}, { ...encode(patches[0]) })])),
    () => answer(),
    () => node('iq'),
    () => undefined,
  ]) await same('extractSyncdPatches', () => [make(), {}])
  // A snapshot is named by a path on the media servers, which a test cannot reach.
  const reference = Buffer.from(proto.ExternalBlobReference.encode({ mediaKey: Buffer.alloc(32) }).finish())
  await same('extractSyncdPatches', () => [answer(node('collection', { name: 'regular' }, [node('snapshot', {}, reference)])), {}])
  assert.equal(NAMES.length, 5)
})

test('the differences that were allowed were met', () => {
  for (const name of Object.keys(mine)) assert.ok(metDifferences().has(name), name)
})
