// Writes sender-key.txt: a sender key, its distributions and its messages as Baileys' group cipher makes them.
// Run it in the repository's root: node crates/chasqui-signal/tests/vectors/sender-key.mjs
import { writeFileSync } from 'node:fs'
import { GroupCipher, GroupSessionBuilder, SenderKeyName, SenderKeyRecord } from 'baileys/lib/Signal/Group/index.js'

let record
const store = {
  loadSenderKey: async () => record ?? new SenderKeyRecord(),
  storeSenderKey: async (_name, changed) => { record = changed },
}
const name = new SenderKeyName('120363000000000001@g.us', { id: '100000000000001', deviceId: 5, toString: () => '100000000000001.5' })
const builder = new GroupSessionBuilder(store)
const cipher = new GroupCipher(store, name)
const plaintext = Buffer.from('0a0568656c6c6f090909090909090909', 'hex')

const lines = [['plaintext', plaintext], ['distribution', (await builder.create(name)).serialize()]]
for (const at of [0, 1, 2]) lines.push([`message${at}`, await cipher.encrypt(plaintext)])
lines.push(['later-distribution', (await builder.create(name)).serialize()], ['message3', await cipher.encrypt(plaintext)])
const text = lines.map(([key, value]) => `${key} ${Buffer.from(value).toString('hex')}\n`).join('')
writeFileSync(new URL('sender-key.txt', import.meta.url), text)
