// Whom the account has blocked, on whichever of its devices.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DELIVERED, stage, waitFor } from './sides.mjs'

test('nothing leaves for a person whom another device of the account has blocked, until that is undone', async (t) => {
  const here = await stage(t)
  const [ana, sibling] = [await here.chasqui('Ana'), await here.baileys('Ana', { session: 'Ana again' })]
  const [ben, eva] = [await here.emulator.contact('Ben'), await here.emulator.contact('Eva')]
  const number = `+${ben.jid.split('@')[0]}`
  await ana.send(ben.jid, 'before')
  await ben.waitForMessage(({ text }) => text === 'before')

  const told = async (action, count) => {
    await sibling.socket.updateBlockStatus(ben.jid, action)
    const [news] = (await waitFor(async () => {
      const found = await ana.stanzas({ direction: 'in', tag: 'notification', type: 'account_sync', child: 'blocklist' })
      return found.length === count && found
    }, 'the news')).slice(-1)
    await waitFor(async () => (await ana.stanzas({ direction: 'out', tag: 'ack', id: news.attrs.id })).length > 0, 'its ack')
  }
  const refused = async (side) => {
    const before = (await side.stanzas({ direction: 'out', tag: 'message' })).length
    for (const to of [ben.jid, ben.lid, number]) {
      await assert.rejects(side.send(to, 'unwanted'), ({ code, data }) => code === 'BLOCKED' && [ben.jid, ben.lid].includes(data.jid), to)
    }
    assert.equal((await side.stanzas({ direction: 'out', tag: 'message' })).length, before)
    assert.equal(side.client.stats().outboxDepth, 0)
    await side.send(eva.jid, 'to another')
  }

  await told('block', 1)
  await refused(ana)
  await ana.stop()
  await ana.start()
  await refused(ana)
  // One that is linked later asks for the list before its first message.
  await refused(await here.chasqui('Ana', { session: 'Ana, too' }))

  await told('unblock', 2)
  await ana.send(number, 'after')
  await ben.waitForMessage(({ text }) => text === 'after')
  assert.deepEqual(ana.errors, [])
})

test('a blocked person is heard in groups alone, and is not told', async (t) => {
  const here = await stage(t)
  const [ana, sibling, ben] = [await here.chasqui('Ana'), await here.baileys('Ana', { session: 'Ana again' }), await here.baileys('Ben')]
  const eva = await here.emulator.contact('Eva')
  const group = await here.emulator.group({ subject: 'Paseo', members: ['Ana', 'Ben', 'Eva'] })
  const write = async (text) => {
    const id = await ben.send(ana.jid, text)
    const [ack] = await waitFor(async () => {
      const found = await ben.stanzas({ direction: 'in', tag: 'ack', id })
      return found.length > 0 && found
    }, 'the ack')
    assert.equal(ack.attrs.error, undefined)
    return id
  }
  await ben.reaches(await write('before'), DELIVERED)
  await ana.got('before')

  await sibling.socket.updateBlockStatus(ben.jid, 'block')
  await waitFor(async () => (await ana.stanzas({ direction: 'in', tag: 'notification', type: 'account_sync', child: 'blocklist' })).length === 1, 'the news')
  const unheard = await write('unheard')
  // In the group nothing has changed, both ways: what comes there would come after what was written before it.
  await ben.send(group.jid, 'to all')
  for (const side of [ana, sibling]) await side.got('to all')
  await ana.send(group.jid, 'to all of you')
  await ben.got('to all of you')
  await eva.waitForMessage(({ text }) => text === 'to all of you')
  const [{ attrs: sent }] = await ana.stanzas({ direction: 'out', tag: 'message' })
  const [ack] = await ana.stanzas({ direction: 'in', tag: 'ack', id: sent.id })
  assert.deepEqual([ack.attrs.error, ack.attrs.phash], [undefined, undefined], 'the service counts the same devices')

  await sibling.socket.updateBlockStatus(ben.jid, 'unblock')
  await ben.reaches(await write('after'), DELIVERED)
  for (const side of [ana, sibling]) {
    await side.got('after')
    assert.deepEqual(side.texts.filter((text) => text !== 'to all of you'), ['before', 'to all', 'after'])
    assert.deepEqual(await here.emulator.stanzas({ account: 'Ana', direction: 'in', tag: 'message', id: unheard }), [])
  }
  assert.ok(ben.rank(unheard) < DELIVERED)
  assert.deepEqual(ana.errors, [])
})
