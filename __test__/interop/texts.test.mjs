// Chasqui and npm Baileys write to each other: what is written, in which encryption, and what is told about it.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DELIVERED, READ, stage, waitFor } from './sides.mjs'

/** Exactly so many bytes of UTF-8. */
const ofBytes = (bytes, text) => text.repeat(Math.ceil(bytes / Buffer.byteLength(text))).slice(0, bytes)

const TEXTS = {
  'one byte': 'x',
  '4 KB': ofBytes(4096, 'The quick brown fox. '),
  '60 KB': ofBytes(60 * 1024, 'Pack my box with five dozen liquor jugs. '),
  'emoji': '👍 👩‍👩‍👧‍👦 🏳️‍🌈 🇨🇴 ❤️ e\u0301 👋🏽',
  'right to left': 'שלום עולם — مرحبا بالعالم \u202babc\u202c \u200f123\u200e',
  'other scripts and white space': '日本語\n\tไทย हिन्दी\r\n \u00a0\u2028 ends with blanks  ',
  'what resembles addresses and tokens': 'meet at 5:30@bar, 5550100@s.whatsapp.net, constructor, __proto__, 3EB0',
}

for (const [writer, reader] of [['chasqui', 'baileys'], ['baileys', 'chasqui']]) {
  test(`texts of every size and script arrive byte by byte from ${writer} at ${reader}`, async (t) => {
    const here = await stage(t)
    const [from, to] = [await here[writer](`${writer} writes`), await here[reader](`${reader} reads`)]
    for (const [what, text] of Object.entries(TEXTS)) {
      const id = await from.send(to.jid, text)
      const message = await waitFor(() => to.received.find((message) => message.id === id), what)
      assert.deepEqual(Buffer.from(message.text), Buffer.from(text), what)
      assert.equal(message.offline, false)
      assert.equal(message.name, from.name)
    }
    assert.deepEqual(to.texts, Object.values(TEXTS))
  })

  test(`the first messages are pkmsg, and msg after the answer: ${writer} begins`, async (t) => {
    const here = await stage(t)
    const [first, second] = [await here[writer]('first'), await here[reader]('second')]
    const ids = []
    const say = async (from, to, text) => {
      ids.push(await from.send(to.jid, text))
      await to.got(text)
    }
    await say(first, second, 'one')
    await say(first, second, 'two')
    await say(second, first, 'three')
    await say(first, second, 'four')
    await say(second, first, 'five')
    const kinds = new Map([...(await first.encryptions()), ...(await second.encryptions())])
    assert.deepEqual(ids.map((id) => kinds.get(id)), ['pkmsg', 'pkmsg', 'msg', 'msg', 'msg'])
  })

  test(`what ${writer} wrote is told to be delivered and read by ${reader}`, async (t) => {
    const here = await stage(t)
    const [from, to] = [await here[writer]('writer'), await here[reader]('reader')]
    const ids = []
    for (const text of ['one', 'two', 'three']) ids.push(await from.send(to.jid, text))
    for (const id of ids) await from.reaches(id, DELIVERED)
    assert.ok(ids.every((id) => from.rank(id) < READ))
    await to.read(await to.got('two'))
    await from.reaches(ids[1], READ)
    assert.deepEqual(ids.map((id) => from.rank(id)), [DELIVERED, READ, DELIVERED])
  })

  test(`a number, a phone-number JID and a LID reach the same person: ${writer} writes`, async (t) => {
    const here = await stage(t)
    const [from, to] = [await here[writer]('writer'), await here[reader]('reader')]
    const forms = [to.jid, to.lid, ...(writer === 'chasqui' ? [`+${to.jid.split('@')[0]}`] : [])]
    for (const form of forms) {
      await from.send(form, `to ${form}`)
      // While Baileys takes in a new mapping, the next message overtakes.
      await to.got(`to ${form}`)
    }
    assert.deepEqual(to.texts, forms.map((form) => `to ${form}`))
    if (reader === 'chasqui') assert.deepEqual(to.received.map(({ chat }) => chat), forms.map(() => from.jid))
    await to.send(from.lid, 'back')
    await from.got('back')
  })
}
