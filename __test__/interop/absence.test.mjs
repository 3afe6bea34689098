// One side is away, or its connection breaks, while the other writes.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DELIVERED, READ, SENT, stage, waitFor } from './sides.mjs'

const PAIRS = [['chasqui', 'baileys'], ['baileys', 'chasqui']]

for (const [writer, reader] of PAIRS) {
  test(`what ${writer} writes while ${reader} is away comes in order at its return, marked as such`, async (t) => {
    const here = await stage(t)
    const [from, to] = [await here[writer]('writer'), await here[reader]('reader')]
    const address = to.jid
    await from.send(address, 'before')
    await to.got('before')
    await to.stop()
    const texts = Array.from({ length: 30 }, (_, index) => `while away ${index}`)
    const ids = []
    for (const text of texts) ids.push(await from.send(address, text))
    await waitFor(async () => {
      const acks = await from.stanzas({ direction: 'in', tag: 'ack' })
      return ids.every((id) => acks.some(({ attrs }) => attrs.id === id))
    }, 'the acks')
    assert.ok(ids.every((id) => from.rank(id) <= SENT))
    await to.start()
    await to.got(texts.at(-1))
    assert.deepEqual(to.texts, ['before', ...texts])
    assert.deepEqual(to.received.map(({ offline }) => offline), [false, ...texts.map(() => true)])
    for (const id of ids) await from.reaches(id, DELIVERED)
    await from.send(address, 'again')
    assert.equal((await to.got('again')).offline, false)
  })

  test(`the first message ever finds ${reader} away`, async (t) => {
    const here = await stage(t)
    const [from, to] = [await here[writer]('writer'), await here[reader]('reader')]
    const address = to.jid
    await to.stop()
    const id = await from.send(address, 'hello?')
    await to.start()
    await to.got('hello?')
    await from.reaches(id, DELIVERED)
    assert.equal((await to.encryptions()).get(id), 'pkmsg')
  })

  test(`receipts wait for ${writer}, who is away`, async (t) => {
    const here = await stage(t)
    const [from, to] = [await here[writer]('writer'), await here[reader]('reader')]
    const id = await from.send(to.jid, 'read me')
    const message = await to.got('read me')
    await from.stop()
    await to.read(message)
    await from.start()
    await from.reaches(id, READ)
  })
}

/** Each is done to one side while both write; the last lets the next login fail as well. */
const FAULTS = [
  { how: 'abrupt' },
  { how: 'clean' },
  { how: 'streamError', code: 503 },
  { how: 'failure', reason: 503 },
]
const COUNT = 30

/** Writes as a program over Chasqui does: the engine sees to it that a message leaves. */
async function writeByChasqui(from, address, texts) {
  for (const text of texts) await from.send(address, text)
}

/** Writes as a program over Baileys has to: what is not confirmed on this connection is sent again under its id. */
async function writeByBaileys(from, address, texts) {
  for (const [index, text] of texts.entries()) {
    const id = `3EB0${String(index).padStart(18, '0')}`
    do {
      // Between a close and the next opening nothing would come of it, and no further close either.
      await waitFor(() => from.isOpen, 'a connection')
      const { reconnects } = from
      try {
        await from.send(address, text, id)
      } catch {
        // The socket is closed: wait for the next one.
      }
      await waitFor(() => from.rank(id) >= DELIVERED || from.reconnects > reconnects, `${text} to be delivered`)
    } while (from.rank(id) < DELIVERED)
  }
}

for (const victim of ['Ana', 'Ben']) {
  for (const fault of FAULTS) {
    const what = `${fault.how}${fault.code ?? fault.reason ? ' 503' : ''}`
    test(`nothing is lost or doubled when the connection of ${victim === 'Ana' ? 'Chasqui' : 'Baileys'} breaks in mid-conversation: ${what}`, async (t) => {
      const here = await stage(t)
      const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben', { reconnect: true })]
      const texts = (who) => Array.from({ length: COUNT }, (_, index) => `${who} ${index}`)
      await ana.send(ben.jid, 'start')
      await ben.got('start')
      await ben.send(ana.lid, 'go')
      await ana.got('go')
      const writing = Promise.all([writeByChasqui(ana, ben.jid, texts('Ana')), writeByBaileys(ben, ana.lid, texts('Ben'))])
      await waitFor(() => ana.texts.length + ben.texts.length >= COUNT, 'half of the messages', 30_000)
      assert.deepEqual(await here.emulator.disconnect({ account: victim, ...fault }), { count: 1 })
      await writing
      // What was asked for again may have come twice.
      await waitFor(() => [ana, ben].every(({ texts }) => new Set(texts).size > COUNT), 'all messages')
      await ana.assertTexts(['go', ...texts('Ben')])
      await ben.assertTexts(['start', ...texts('Ana')])
      assert.deepEqual(ana.errors, [])
    })
  }
}
