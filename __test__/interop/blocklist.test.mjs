// Whom the account has blocked, on whichever of its devices.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage, waitFor } from './sides.mjs'

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
