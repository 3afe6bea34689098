// Several devices on each side, of both kinds in one account.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DELIVERED, stage, waitFor } from './sides.mjs'

test('each of four devices per account sees what its siblings send, and gets what the other account sends', async (t) => {
  const here = await stage(t)
  const accounts = { Ana: [], Ben: [] }
  for (const kind of ['chasqui', 'baileys', 'chasqui', 'baileys']) {
    for (const [name, devices] of Object.entries(accounts)) devices.push(await here[kind](name, { session: `${name} ${devices.length}` }))
  }
  const all = Object.values(accounts).flat()
  assert.deepEqual(accounts.Ana.map(({ device }) => device), [1, 2, 3, 4])

  const said = []
  for (const [mine, theirs] of [['Ana', 'Ben'], ['Ben', 'Ana']]) {
    for (const writer of accounts[mine]) {
      const text = `from device ${writer.device} of ${mine}`
      const id = await writer.send(accounts[theirs][0].jid, text)
      said.push({ id, text, mine, theirs, writer })
      for (const side of all) if (side !== writer) await side.got(text)
    }
  }
  for (const side of all) {
    for (const { id, text, mine, theirs, writer } of said) {
      const copies = side.received.filter((message) => message.text === text && side !== writer)
      assert.equal(copies.length, side === writer ? 0 : 1, `${text} at ${side.kind} ${side.device} of ${side.name}`)
      for (const copy of copies) {
        const own = side.name === mine
        const chat = accounts[own ? theirs : mine][0]
        assert.deepEqual([copy.id, copy.fromMe], [id, own])
        // Baileys keeps the form in which the chat was addressed.
        assert.ok([chat.jid, chat.lid].includes(copy.chat), copy.chat)
        if (side.kind === 'Chasqui') assert.deepEqual([copy.chat, copy.source], [chat.jid, own ? 'own-device' : 'live'])
      }
    }
  }
  for (const { id, writer } of said) await writer.reaches(id, DELIVERED)
  assert.deepEqual(await here.emulator.stanzas({ tag: 'receipt', type: 'retry' }), [])
  assert.deepEqual(all.flatMap(({ errors = [], unreadable = [] }) => [...errors, ...unreadable]), [])
})

for (const [writer, newcomer] of [['chasqui', 'baileys'], ['baileys', 'chasqui']]) {
  test(`a device that is linked in mid-conversation gets the next message: ${newcomer} comes, ${writer} writes`, async (t) => {
    const here = await stage(t)
    const [from, to] = [await here[writer]('Ana'), await here[newcomer]('Ben')]
    await from.send(to.jid, 'before')
    await to.got('before')
    const added = await here[newcomer]('Ben', { session: 'Ben again' })
    const sibling = await here[newcomer]('Ana', { session: 'Ana again' })
    for (const type of ['devices', 'account_sync']) {
      await waitFor(async () => (await from.stanzas({ direction: 'out', tag: 'ack', type })).length > 0, `the news by ${type}`)
    }
    await from.send(to.jid, 'after')
    // Baileys does not read `account_sync`, and learns of its siblings when its cache of five minutes has run out.
    const reached = writer === 'chasqui' ? [to, added, sibling] : [to, added]
    for (const side of reached) await side.got('after')
    assert.deepEqual(added.texts, ['after'])
  })

  test(`a device that is unlinked gets nothing more, and ${writer} goes on writing to the other`, async (t) => {
    const here = await stage(t)
    const [from, to] = [await here[writer]('Ana'), await here[newcomer]('Ben')]
    const gone = await here[newcomer]('Ben', { session: 'Ben again' })
    await from.send(to.jid, 'to both')
    for (const side of [to, gone]) await side.got('to both')
    await here.emulator.unlink('Ben', gone.device)
    for (const text of ['one', 'two']) {
      await from.send(to.jid, text)
      await to.got(text)
    }
    assert.deepEqual(gone.texts, ['to both'])
  })
}
