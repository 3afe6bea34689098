// Prints what the protocol's primitives cost in npm Baileys, through its own functions, as JSON: microseconds of the
// process' CPU time per operation, median of batches. The names are those of the native program beside it,
// crates/chasqui-client/examples/primitives.rs, which does the same work.

import { Curve, aesDecryptGCM, aesEncryptGCM, decodeBinaryNode, encodeBinaryNode } from 'baileys'

import { acquainted, bundleOf, decrypt, encrypt, makeDevice, stranger, them, us } from './signal-baileys.mjs'

const BATCHES = 9
const figures = {}

async function measure(name, perBatch, work, prepare = () => undefined) {
  const batches = []
  // The first two warm the code up.
  for (let batch = 0; batch < BATCHES + 2; batch++) {
    const inputs = []
    for (let at = 0; at < perBatch; at++) inputs.push(await prepare())
    const before = process.cpuUsage()
    for (const input of inputs) {
      const done = work(input)
      if (done instanceof Promise) await done
    }
    const { user, system } = process.cpuUsage(before)
    if (batch > 1) batches.push((user + system) / perBatch)
  }
  figures[name] = batches.sort((a, b) => a - b)[BATCHES >> 1]
}

const content = (length) => Buffer.from(Array.from({ length }, (_, at) => (at * 131 + 17) & 255))
const enc = (type, length) => ({ tag: 'enc', attrs: { v: '2', type }, content: content(length) })
const message = {
  tag: 'message',
  attrs: {
    from: '5511987654321@s.whatsapp.net', type: 'text', id: '3EB0A1B2C3D4E5F60718', t: '1700000000',
    notify: 'Someone', sender_lid: '123456789012345@lid', addressing_mode: 'pn',
  },
  content: [enc('msg', 200)],
}
const fanOut = {
  tag: 'message',
  attrs: {
    to: '120363000000000001@g.us', type: 'text', id: '3EB0A1B2C3D4E5F60718', phash: '2:abcdefgh', addressing_mode: 'lid',
  },
  content: [
    enc('skmsg', 250),
    {
      tag: 'participants',
      attrs: {},
      content: Array.from({ length: 100 }, (_, at) => ({
        tag: 'to', attrs: { jid: `${100000000000000 + at}:${at % 5}@lid` }, content: [enc('pkmsg', 330)],
      })),
    },
  ],
}
for (const [node, perBatch, name] of [[message, 3000, 'Message'], [fanOut, 50, 'FanOut']]) {
  const bytes = encodeBinaryNode(node)
  await measure(`encode${name}`, perBatch, () => encodeBinaryNode(node))
  await measure(`decode${name}`, perBatch, () => decodeBinaryNode(bytes))
}

const key = Buffer.alloc(32, 1)
const iv = new Uint8Array(12)
const nothing = Buffer.alloc(0)
for (const [length, perBatch, name] of [[300, 3000, 'SmallFrame'], [65536, 200, 'LargeFrame']]) {
  const plaintext = Buffer.alloc(length, 5)
  const sealed = aesEncryptGCM(plaintext, key, iv, nothing)
  await measure(`seal${name}`, perBatch, () => aesEncryptGCM(plaintext, key, iv, nothing))
  await measure(`open${name}`, perBatch, () => aesDecryptGCM(sealed, key, iv, nothing))
}

{
  const [alice, bob] = [makeDevice(), makeDevice()]
  await measure(
    'sessionFromBundle', 20,
    ({ jid, session }) => alice.signal.injectE2ESession({ jid, session }),
    async () => ({ jid: stranger(), session: await bundleOf(bob) }),
  )
  await measure(
    'sessionFromMessage', 20,
    ({ from, first }) => decrypt(bob, from, first),
    async () => {
      const to = stranger()
      await alice.signal.injectE2ESession({ jid: to, session: await bundleOf(bob) })
      return { from: stranger(), first: await encrypt(alice, to) }
    },
  )
}

{
  const [alice] = await acquainted()
  await measure('encrypt', 300, () => encrypt(alice, them))
}
{
  const [alice, bob] = await acquainted()
  await measure('decrypt', 300, (sent) => decrypt(bob, us, sent), () => encrypt(alice, them))
}
{
  const [alice, bob] = await acquainted()
  await measure('ratchetTurns', 10, async () => {
    await decrypt(bob, us, await encrypt(alice, them))
    await decrypt(alice, them, await encrypt(bob, us))
  })
}
await measure('prekeys', 1, () => {
  for (let id = 0; id < 812; id++) Curve.generateKeyPair()
})

console.log(JSON.stringify(figures))
process.exit(0)
