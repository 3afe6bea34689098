// Groups with Chasqui and npm Baileys in them: by LID and by phone number, members that come and go, several devices,
// members that are away, lost keys.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DELIVERED, READ, stage, waitFor } from './sides.mjs'

/** A group of these sides' accounts, once everybody knows of it. */
async function groupOf(here, sides, options) {
  const members = [...new Set(sides.map(({ name }) => name))]
  return here.emulator.group({ subject: 'Paseo', members, ...options })
}

/** Everybody writes once; everybody else reads each text once. */
async function everybodyWrites(sides, group, word) {
  for (const writer of sides) {
    const text = `${word} from ${writer.name} ${writer.device}`
    await writer.send(group.jid, text)
    for (const side of sides) {
      if (side === writer) continue
      const { chat, fromMe } = await side.got(text)
      assert.deepEqual([chat, fromMe], [group.jid, side.name === writer.name])
    }
  }
}

const retries = (here) => here.emulator.stanzas({ tag: 'receipt', type: 'retry' })

/** The key of the last group message of a side. */
async function lastKey(side) {
  const sent = await side.stanzas({ direction: 'out', tag: 'message', child: 'enc' })
  const enc = sent.at(-1).content.find(({ tag, attrs }) => tag === 'enc' && attrs.type === 'skmsg')
  // The first field is the key's id: 33 08, and up to five bytes.
  return Buffer.from(enc.content.base64, 'base64').subarray(2, 7).toString('hex')
}

for (const addressing of ['lid', 'pn']) {
  test(`Chasqui and Baileys write and read in a group by ${addressing}, with receipts of each member`, async (t) => {
    const here = await stage(t)
    const sides = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.chasqui('Eva')]
    const group = await groupOf(here, sides, { addressing })
    await everybodyWrites(sides, group, 'first')
    await everybodyWrites(sides, group, 'second')
    assert.deepEqual(await retries(here), [])

    const [ana, ben] = sides
    const read = new Map()
    ana.client.on('receipt', ({ ids, status, recipient, chat }) => {
      for (const id of ids) read.set(`${id} ${status} ${recipient.jid}`, chat)
    })
    const id = await ana.send(group.jid, 'seen?')
    await ben.read(await ben.got('seen?'))
    await ana.reaches(id, READ)
    await waitFor(() => read.has(`${id} read ${ben.jid}`) && read.has(`${id} delivered ${sides[2].jid}`), 'the receipts of the members')
    assert.equal(read.get(`${id} read ${ben.jid}`), group.jid)
    await ana.read(await ana.got('second from Ben 1'))
    await waitFor(async () => (await ben.stanzas({ direction: 'in', tag: 'receipt', type: 'read' })).length > 0, 'the read receipt of Chasqui')
  })
}

test('Baileys sees the timer that Chasqui sets for a group, and who may not set it is told', async (t) => {
  const here = await stage(t)
  const [ben, ana] = [await here.baileys('Ben'), await here.chasqui('Ana')]
  const group = await groupOf(here, [ben, ana])
  await everybodyWrites([ana, ben], group, 'hello')
  const { id, timestamp } = await ana.client.send(group.jid, { ephemeral: 86_400 })
  assert.ok(id && timestamp > 1e12)
  await waitFor(async () => (await ben.socket.groupMetadata(group.jid)).ephemeralDuration === 86_400, 'the timer')
  await ana.client.send(group.jid, { ephemeral: 0 })
  await waitFor(async () => !(await ben.socket.groupMetadata(group.jid)).ephemeralDuration, 'the end of the timer')
  await group.change({ remove: ['Ana'] })
  await assert.rejects(ana.client.send(group.jid, { ephemeral: 86_400 }), { code: 'NOT_ALLOWED' })
})

test('several devices of both kinds in one group read each other and their siblings', async (t) => {
  const here = await stage(t)
  const sides = [
    await here.chasqui('Ana'), await here.baileys('Ana', { session: 'Ana 2' }),
    await here.baileys('Ben'), await here.chasqui('Ben', { session: 'Ben 2' }),
  ]
  const group = await groupOf(here, sides)
  await everybodyWrites(sides, group, 'hello')
  await everybodyWrites(sides, group, 'again')
  assert.deepEqual(sides.flatMap(({ errors = [], unreadable = [] }) => [...errors, ...unreadable]), [])
})

test('a member that is added reads what comes after, and one that is removed could not read the next message', async (t) => {
  const here = await stage(t)
  const [ana, ben, eva] = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.baileys('Eva')]
  const group = await groupOf(here, [ana, ben])
  await everybodyWrites([ana, ben], group, 'before')
  await group.change({ add: ['Eva'] })
  await waitFor(async () => (await ana.stanzas({ direction: 'out', tag: 'ack', type: 'w:gp2' })).length > 1, 'the news')
  await everybodyWrites([ana, ben, eva], group, 'with Eva')
  assert.ok(eva.texts.every((text) => !text.startsWith('before')))

  const key = await lastKey(ana)
  await ana.send(group.jid, 'the same key')
  await ben.got('the same key')
  assert.equal(await lastKey(ana), key)
  await group.change({ remove: ['Eva'] })
  await waitFor(async () => (await ana.stanzas({ direction: 'out', tag: 'ack', type: 'w:gp2' })).length > 2, 'the news')
  await ana.send(group.jid, 'without Eva')
  await ben.got('without Eva')
  assert.notEqual(await lastKey(ana), key, 'a new key')
  const given = (await ana.stanzas({ direction: 'out', tag: 'message', child: 'participants' })).at(-1)
  const named = given.content.find(({ tag }) => tag === 'participants').content.map(({ attrs }) => attrs.jid.replace(/:\d+@/, '@'))
  assert.ok(named.includes(ben.lid) && !named.includes(eva.lid), named.join(' '))
  await everybodyWrites([ana, ben], group, 'after')
  assert.ok(!eva.texts.includes('without Eva'))
})

test('a member that is unlinked from one device makes the others renew the key', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const gone = await here.baileys('Ben', { session: 'Ben 2' })
  const group = await groupOf(here, [ana, ben])
  await ana.send(group.jid, 'to both')
  for (const side of [ben, gone]) await side.got('to both')
  const key = await lastKey(ana)
  await here.emulator.unlink('Ben', gone.device)
  await waitFor(async () => (await ana.stanzas({ direction: 'out', tag: 'ack', type: 'devices' })).length > 0, 'the news')
  await ana.send(group.jid, 'to one')
  await ben.got('to one')
  assert.notEqual(await lastKey(ana), key)
})

for (const [writer, sleeper] of [['chasqui', 'baileys'], ['baileys', 'chasqui'], ['chasqui', 'chasqui']]) {
  test(`a ${sleeper} member that was away gets what ${writer} wrote meanwhile, long texts too`, async (t) => {
    const here = await stage(t)
    const [from, to] = [await here[writer]('Ana'), await here[sleeper]('Ben')]
    const group = await groupOf(here, [from, to])
    await from.send(group.jid, 'awake')
    await to.got('awake')
    await to.stop()
    const texts = [...Array(20)].map((_, at) => `while away ${at}`)
    texts.push('ñandú 🦙 '.repeat(4_600))
    for (const text of texts) await from.send(group.jid, text)
    await to.start()
    for (const text of texts) assert.equal((await to.got(text)).chat, group.jid)
    const id = await to.send(group.jid, 'back again')
    await from.got('back again')
    // Baileys tells of receipts in groups elsewhere.
    if (to.kind === 'Chasqui') await to.reaches(id, DELIVERED)
  })
}

test('a Baileys member that lost its sessions is given the message again, by request', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const group = await groupOf(here, [ana, ben])
  await everybodyWrites([ana, ben], group, 'before')
  await ben.forgetSenderKeys()
  await ana.send(group.jid, 'lost?')
  await ben.got('lost?')
  assert.ok((await retries(here)).length > 0)
  const again = (await ana.stanzas({ direction: 'out', tag: 'message' })).at(-1)
  assert.equal(again.attrs.participant?.replace(/:\d+@/, '@'), ben.lid)
  await ana.send(group.jid, 'next')
  await ben.got('next')
})

test('two hundred texts in a group, both ways at once, arrive once each', async (t) => {
  const here = await stage(t)
  const sides = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.chasqui('Eva')]
  const group = await groupOf(here, sides)
  await everybodyWrites(sides, group, 'hello')
  const texts = (name) => [...Array(100)].map((_, at) => `${name} ${at}`)
  await Promise.all(sides.slice(0, 2).map(async (side) => {
    for (const text of texts(side.name)) await side.send(group.jid, text)
  }))
  for (const side of sides) {
    for (const other of sides.slice(0, 2)) {
      if (side === other) continue
      for (const text of texts(other.name)) await side.got(text)
      const got = side.texts.filter((text) => text.startsWith(`${other.name} `))
      assert.deepEqual(got, texts(other.name), `of ${other.name} at ${side.name}`)
    }
  }
})

test('one that was removed cannot read what is written after it, even if it gets hold of the ciphertext', async (t) => {
  const here = await stage(t)
  const [ana, ben, eva] = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.baileys('Eva')]
  const group = await groupOf(here, [ana, ben, eva])
  await everybodyWrites([ana, ben, eva], group, 'hello')
  await group.change({ remove: ['Eva'] })
  await waitFor(async () => (await ana.stanzas({ direction: 'out', tag: 'ack', type: 'w:gp2' })).length > 1, 'the news')
  const id = await ana.send(group.jid, 'without Eva')
  await ben.got('without Eva')
  const [{ attrs, content }] = await ana.stanzas({ direction: 'out', tag: 'message', id })
  const stanza = {
    tag: 'message',
    attrs: { id, from: group.jid, participant: ana.lid.replace('@', `:${ana.device}@`), participant_pn: ana.jid, addressing_mode: 'lid', type: attrs.type, t: `${Math.floor(Date.now() / 1000)}`, notify: 'Ana' },
    content: content.filter(({ tag, attrs }) => tag === 'enc' && attrs.type === 'skmsg'),
  }
  await here.emulator.inject({ account: 'Eva', stanza })
  await waitFor(async () => (await eva.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })).some(({ attrs }) => attrs.id === id), 'the failure')
  assert.ok(!eva.texts.includes('without Eva'))
})

test('Chasqui asks for the key of a group that it has missed, and Baileys gives the message again', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const group = await groupOf(here, [ana, ben])
  // The one that brings the key is lost on its way.
  const { id } = await here.emulator.faults.add({ what: 'drop', account: 'Ana', tag: 'message', times: 1 })
  await ben.send(group.jid, 'with the key')
  await waitFor(async () => (await here.emulator.faults.list()).find((fault) => fault.id === id).hits === 1, 'the loss')
  await ben.send(group.jid, 'without the key')
  assert.equal((await ana.got('without the key')).chat, group.jid)
  const [{ attrs }] = await ana.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })
  assert.deepEqual([attrs.to, attrs.participant.replace(/:\d+@/, '@')], [group.jid, ben.lid])
  await ben.send(group.jid, 'and so on')
  await ana.got('and so on')
})

test('a status post is read by whom it names and by nobody else, from Chasqui and from Baileys', async (t) => {
  const here = await stage(t)
  const [ana, ben, eva] = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.baileys('Eva')]
  const status = 'status@broadcast'
  const post = async (text) => (await ana.client.send(status, { text, recipients: [ben.jid] })).id
  for (const text of ['my day', 'my evening']) {
    const id = await post(text)
    assert.equal((await ben.got(text)).chat, status)
    await ana.reaches(id, DELIVERED)
  }
  const last = await post('good night')
  await ben.read(await ben.got('good night'))
  await ana.reaches(last, READ)
  await ben.forgetSenderKeys()
  await post('and again')
  await ben.got('and again')

  for (const text of ['his day', 'his evening']) {
    await ben.socket.sendMessage(status, { text }, { statusJidList: [ana.jid] })
    const { chat, original } = await ana.got(text)
    assert.deepEqual([chat, original.sender.jid], [status, ben.jid])
    await ana.read(await ana.got(text))
  }
  await waitFor(async () => (await ben.stanzas({ direction: 'in', tag: 'receipt', type: 'read' })).length === 2, 'the read receipts')
  assert.deepEqual(eva.texts, [])
})

test('a group of 1,024 members is written to from both sides', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const crowd = [...Array(1022)].map((_, at) => `member ${at}`)
  const group = await here.emulator.group({ subject: 'Everybody', members: ['Ana', 'Ben', ...crowd] })
  for (const text of ['the first', 'the second']) {
    await ana.send(group.jid, text)
    await ben.got(text, 60_000)
    await ben.send(group.jid, `${text} of Ben`)
    await ana.got(`${text} of Ben`, 60_000)
  }
  assert.deepEqual(await retries(here), [])
  await assert.rejects(group.change({ add: ['one more'] }))
})
