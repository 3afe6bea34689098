// Many messages at once in both directions between Chasqui and npm Baileys.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DELIVERED, stage, waitFor } from './sides.mjs'

const COUNT = 500

const numbered = (who) => Array.from({ length: COUNT }, (_, index) => `${who} ${index}`)

test(`${COUNT} messages in each direction at once arrive once each, in the order of their sender`, async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const sending = [
    Promise.all(numbered('Ana').map((text) => ana.send(ben.jid, text))),
    (async () => {
      const ids = []
      for (const text of numbered('Ben')) ids.push(await ben.send(ana.jid, text))
      return ids
    })(),
  ]
  const [fromAna, fromBen] = await Promise.all(sending)
  await waitFor(() => ana.texts.length >= COUNT && ben.texts.length >= COUNT, 'all messages', 60_000)
  assert.deepEqual(ana.texts, numbered('Ben'))
  assert.deepEqual(ben.texts, numbered('Ana'))
  assert.equal(new Set([...fromAna, ...fromBen]).size, 2 * COUNT)
  for (const [side, ids] of [[ana, fromAna], [ben, fromBen]]) {
    await waitFor(() => ids.every((id) => side.rank(id) >= DELIVERED), `the delivery receipts of ${side.name}`)
  }
  assert.deepEqual([ana.unreadable, ana.errors], [[], []])
  // Nothing needed a second try.
  assert.deepEqual(await here.emulator.stanzas({ tag: 'receipt', type: 'retry' }), [])
  const backlog = () => here.emulator.accounts().then((accounts) => accounts.flatMap(({ devices }) => devices.map(({ queued }) => queued)))
  await waitFor(async () => (await backlog()).every((queued) => queued === 0), 'everything to be acknowledged')
})
