// Promise 14: what is known of groups and of their members' devices is asked for once, whoever needs it.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage, waitFor } from '../interop/sides.mjs'

const GROUPS = 50
const MESSAGES = 1000

/** How many requests of each kind a side has made since the last look. What it asks about its own keys is not of these. */
function counter(side) {
  let after = 0
  return async () => {
    const made = await side.emulator.stanzas({ account: side.name, direction: 'out', tag: 'iq', after })
    after = made.at(-1)?.sequence ?? after
    const of = (name, child) => made.filter(({ stanza }) => stanza.attrs.xmlns === name && (!child || stanza.content?.some(({ tag }) => tag === child))).length
    return { metadata: of('w:g2'), devices: of('usync'), keys: of('encrypt', 'key') }
  }
}

const NONE = { metadata: 0, devices: 0, keys: 0 }

test(`${MESSAGES} messages to ${GROUPS} groups ask for each group once, those received for none, and a new login for nothing`, async (t) => {
  const here = await stage(t, { captureLimit: 50_000 })
  const maria = await here.emulator.contact('María')
  await here.emulator.contact('Juan')
  // They are older than the device, which is told of none.
  const groups = []
  for (let at = 0; at < GROUPS; at++) {
    groups.push(await here.emulator.group({ subject: `Paseo ${at}`, members: ['María', 'Juan', 'Ana'] }))
  }
  const ana = await here.chasqui('Ana')
  const asked = counter(ana)
  await asked()
  // All at once: twenty for each group wait for the same answer.
  const sent = [...Array(MESSAGES)].map((_, at) => ana.send(groups[at % GROUPS].jid, `text ${at}`))
  await Promise.all(sent)
  await maria.waitForMessage(({ text }) => text === `text ${MESSAGES - 1}`)
  const first = await asked()
  assert.equal(first.metadata, GROUPS)
  assert.ok(first.devices <= 2, `${first.devices} queries of device lists for the same three people`)
  assert.ok(first.keys <= 2, `${first.keys} requests for keys for the same three people`)

  for (let at = 0; at < 200; at++) await maria.send(groups[at % GROUPS], { text: `answer ${at}` })
  await ana.got('answer 199')
  assert.deepEqual(await asked(), NONE)

  await ana.stop()
  await ana.start()
  await asked()
  for (const { jid } of groups) await ana.send(jid, 'after a restart')
  assert.deepEqual(await asked(), NONE)
})

test('changes of members and of their devices are told, and not asked for', async (t) => {
  const here = await stage(t)
  const [maria, eva] = [await here.emulator.contact('María'), await here.emulator.contact('Eva')]
  const ana = await here.chasqui('Ana')
  const group = await here.emulator.group({ subject: 'Paseo', members: ['María', 'Ana'] })
  const news = (type, count) => waitFor(async () => (await ana.stanzas({ direction: 'out', tag: 'ack', type })).length >= count, 'the news')
  const asked = counter(ana)
  const write = async (text, who) => {
    await ana.send(group.jid, text)
    await who.waitForMessage((message) => message.text === text)
  }
  await news('w:gp2', 1)
  await write('hello', maria)
  await asked()
  await group.change({ add: ['Eva'] })
  await news('w:gp2', 2)
  await write('hello, Eva', eva)
  assert.deepEqual(await asked(), { metadata: 0, devices: 1, keys: 1 }, 'only the new member is asked about')
  await group.change({ remove: ['Eva'] })
  await group.change({ subject: 'Paseo de dos' })
  await news('w:gp2', 4)
  await write('the two of us', maria)
  assert.deepEqual(await asked(), NONE)
  const other = await here.baileys('María')
  await news('devices', 1)
  await ana.send(group.jid, 'on both devices')
  await other.got('on both devices')
  assert.deepEqual(await asked(), { metadata: 0, devices: 0, keys: 1 }, 'only the keys of the new device')
})

test('a group of 1,024 costs one query of metadata and a handful of others, once', async (t) => {
  const here = await stage(t)
  const maria = await here.emulator.contact('María')
  const crowd = [...Array(1022)].map((_, at) => `member ${at}`)
  const group = await here.emulator.group({ subject: 'Everybody', members: ['María', 'Ana', ...crowd] })
  const ana = await here.chasqui('Ana')
  const asked = counter(ana)
  await asked()
  await Promise.all([...Array(20)].map((_, at) => ana.send(group.jid, `text ${at}`)))
  await maria.waitForMessage(({ text }) => text === 'text 19')
  const { metadata, devices, keys } = await asked()
  assert.equal(metadata, 1)
  assert.ok(devices <= 5 && keys <= 11, `${devices} queries of device lists, ${keys} requests for keys`)
  await ana.send(group.jid, 'once more')
  assert.deepEqual(await asked(), NONE)
})

test('what a service that is asked too often refuses is asked for again later, and other chats go on', async (t) => {
  const here = await stage(t)
  const maria = await here.emulator.contact('María')
  const [busy, other] = [
    await here.emulator.group({ subject: 'Busy', members: ['María', 'Ana'] }),
    await here.emulator.group({ subject: 'Other', members: ['María', 'Ana'] }),
  ]
  const ana = await here.chasqui('Ana')
  await waitFor(async () => (await ana.stanzas({ direction: 'out', tag: 'iq', xmlns: 'encrypt', child: 'digest' })).length > 0, 'what a login asks')
  const asked = counter(ana)
  await asked()
  // The metadata, then the lists of devices, then the keys.
  for (const [xmlns, times, backoff] of [['w:g2', 2], ['usync', 1, 1], ['encrypt', 1]]) {
    await here.emulator.faults.add({ what: 'refuse', code: 429, account: 'Ana', xmlns, times, ...(backoff && { backoff }) })
  }
  const order = []
  const sent = (what, sending) => sending.then(() => order.push(what))
  const late = ['one', 'two', 'three'].map((text) => sent(text, ana.send(busy.jid, text)))
  await waitFor(async () => (await here.emulator.faults.list()).find(({ rule }) => rule.xmlns === 'w:g2').hits > 0, 'the refusal')
  const juan = await here.emulator.contact('Juan')
  await sent('meanwhile', juan.send(ana.jid, { text: 'hello' }).then(() => ana.got('hello')))
  await Promise.all(late)
  assert.deepEqual(order, ['meanwhile', 'one', 'two', 'three'])
  for (const text of ['one', 'two', 'three']) assert.equal((await maria.waitForMessage((message) => message.text === text)).encryption, 'skmsg')
  assert.deepEqual(await asked(), { metadata: 3, devices: 2, keys: 2 }, 'three calls ask once, and again after each refusal')
  await ana.send(other.jid, 'to the other group')
  assert.deepEqual(await asked(), { ...NONE, metadata: 1 })
})

test('messages that a refused query holds up end at their own time and leave as soon as they can', async (t) => {
  const here = await stage(t)
  const maria = await here.emulator.contact('María')
  const groups = []
  for (const subject of ['Busy', 'Other']) groups.push(await here.emulator.group({ subject, members: ['María', 'Ana'] }))
  const [busy, other] = groups
  const ana = await here.chasqui('Ana')
  await ana.send(other.jid, 'known')
  const { id: fault } = await here.emulator.faults.add({ what: 'refuse', code: 429, account: 'Ana', xmlns: 'w:g2' })
  const unconfirmed = ana.client.send(busy.jid, { text: 'late' }, { timeout: 300 })
  await ana.send(other.jid, 'goes on')
  await assert.rejects(unconfirmed, { code: 'SEND_UNCONFIRMED' })
  assert.equal(ana.client.stats().outboxDepth, 1)
  await here.emulator.faults.clear(fault)
  assert.equal((await maria.waitForMessage(({ text }) => text === 'late')).group, busy.jid)
  await waitFor(() => ana.client.stats().outboxDepth === 0, 'the ack')
})
