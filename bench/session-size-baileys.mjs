// Prints the bytes that a session of npm Baileys takes in its store after TURNS ratchet turns of each side, as JSON.

import { BufferJSON } from 'baileys'

import { acquainted, decrypt, encrypt, them, us } from './signal-baileys.mjs'

const [alice, bob] = await acquainted()
for (let turn = 0; turn < Number(process.argv[2]); turn++) {
  await decrypt(bob, us, await encrypt(alice, them))
  await decrypt(alice, them, await encrypt(bob, us))
}
const address = alice.signal.jidToSignalProtocolAddress(them)
const { [address]: session } = await alice.keys.get('session', [address])
// As its store of files writes it.
console.log(JSON.stringify({ bytes: JSON.stringify(session, BufferJSON.replacer).length }))
process.exit(0)
