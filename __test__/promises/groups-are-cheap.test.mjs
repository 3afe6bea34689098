// Promise 14: what is known of groups and of their members' devices is asked for once, whoever needs it.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage } from '../interop/sides.mjs'

const GROUPS = 50
const MESSAGES = 1000

test(`${MESSAGES} messages to ${GROUPS} groups cost at most ${GROUPS} metadata queries, and a new login none`, async (t) => {
  const here = await stage(t, { captureLimit: 20_000 })
  const ana = await here.chasqui('Ana')
  const [maria] = [await here.emulator.contact('María'), await here.emulator.contact('Juan')]
  const groups = []
  for (let at = 0; at < GROUPS; at++) {
    groups.push(await here.emulator.group({ subject: `Paseo ${at}`, members: ['María', 'Juan', 'Ana'] }))
  }
  const queries = async () => (await ana.stanzas({ direction: 'out', tag: 'iq', xmlns: 'w:g2' })).length
  const lists = async () => (await ana.stanzas({ direction: 'out', tag: 'iq', xmlns: 'usync' })).length
  await Promise.all(
    [...Array(MESSAGES)].map((_, at) => ana.send(groups[at % GROUPS].jid, `text ${at}`)),
  )
  await maria.waitForMessage(({ text }) => text === `text ${MESSAGES - 1}`)
  const [asked, listed] = [await queries(), await lists()]
  assert.ok(asked <= GROUPS, `${asked} metadata queries`)
  assert.ok(listed <= 3, `${listed} queries of device lists for the same three people`)
  await ana.stop()
  await ana.start()
  await ana.send(groups[0].jid, 'after a restart')
  assert.equal(await queries(), asked)
})
