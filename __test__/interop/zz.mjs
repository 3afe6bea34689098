// Many messages at once in both directions between Chasqui and npm Baileys.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { DELIVERED, stage, waitFor } from './sides.mjs'

const COUNT = 500

const numbered = (who) => Array.from({ length: COUNT }, (_, index) => `${who} ${index}`)

/** What a `msg` says about its key: ratchet key and counter (03-messages, WhisperMessage: fields 1 and 2). */
function messageKey({ content }) {
  const enc = content.find(({ tag }) => tag === 'enc')
  const bytes = Buffer.from(enc.content.base64, 'base64')
  const counterAt = 1 + 2 + 33 + 1
  let end = counterAt
  while (bytes[end] & 0x80) end++
  return enc.attrs.type === 'msg' ? bytes.subarray(3, end + 1).toString('hex') : undefined
}

test(`${COUNT} messages in each direction at once arrive once each, in the order of their sender`, async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  await ana.send(ben.jid, 'start')
  await ben.got('start')
  await ben.send(ana.lid, 'go')
  await ana.got('go')
  const [fromAna, fromBen] = await Promise.all([
    Promise.all(numbered('Ana').map((text) => ana.send(ben.jid, text))),
    (async () => {
      const ids = []
      for (const text of numbered('Ben')) ids.push(await ben.send(ana.lid, text))
      return ids
    })(),
  ])
  console.error('sent'); for (let i=0;i<14;i++) { await new Promise(r=>setTimeout(r,2000)); const r=await here.emulator.stanzas({tag:'receipt',type:'retry',direction:'out'}); console.error(ana.texts.length, ben.texts.length, ana.unreadable.length, r.filter(x=>x.account==='Ana').length, r.filter(x=>x.account==='Ben').length) }
  const all = (await here.emulator.stanzas({})); const i = all.findIndex(s=>s.stanza.attrs.type==='retry');
  for (const s of all.slice(Math.max(0,i-12),i+60)) if (s.stanza.tag!=='iq'||1) console.error(s.sequence, s.account, s.connection, s.direction, JSON.stringify(s.stanza).replace(/"base64":"[^"]{90,}"/g,'"b"').slice(0,260))
  const missing = numbered('Ben').filter(x=>!ana.texts.includes(x)); console.error('missing at ana', missing.slice(0,5), missing.length, 'at ben', numbered('Ana').filter(x=>!ben.texts.includes(x)).slice(0,5)); const mid=fromBen[missing[0]?.split(' ')[1]]; for (const s of all.filter(s=>s.stanza.attrs.id===mid)) console.error(s.sequence, s.account, s.direction, JSON.stringify(s.stanza).replace(/"base64":"[^"]{90,}"/g,'"b"').slice(0,360)); process.exit()
  await waitFor(() => ana.texts.length > COUNT && ben.texts.length > COUNT, 'all messages', 60_000)
  assert.deepEqual(ben.texts, ['start', ...numbered('Ana')])

  // Baileys now and then encrypts two messages under one key, when it sends and receives at once. Chasqui asks for the
  // second again, so that it comes later than its turn.
  const keys = new Set()
  const spoilt = []
  for (const stanza of await ana.stanzas({ direction: 'in', tag: 'message', child: 'enc' })) {
    const key = messageKey(stanza)
    if (key && keys.has(key)) spoilt.push(stanza.attrs.id)
    keys.add(key)
  }
  t.diagnostic(`${spoilt.length} messages of Baileys under a used key`)
  assert.ok(spoilt.length < COUNT / 20)
  assert.deepEqual(ana.unreadable.map(({ id }) => id), spoilt)
  const isSpoilt = (text) => spoilt.includes(fromBen[text.split(' ')[1]])
  assert.deepEqual(ana.texts.filter((text) => !isSpoilt(text)), ['go', ...numbered('Ben').filter((text) => !isSpoilt(text))])
  assert.deepEqual(ana.texts.toSorted(), ['go', ...numbered('Ben')].toSorted())

  assert.deepEqual((await ben.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })), [])
  assert.equal(new Set([...fromAna, ...fromBen]).size, 2 * COUNT)
  for (const [side, ids] of [[ana, fromAna], [ben, fromBen]]) {
    await waitFor(() => ids.every((id) => side.rank(id) >= DELIVERED), `the delivery receipts of ${side.name}`)
  }
  assert.deepEqual(ana.errors, [])
  const backlog = async () => (await here.emulator.accounts()).flatMap(({ devices }) => devices.map(({ queued }) => queued))
  await waitFor(async () => (await backlog()).every((queued) => queued === 0), 'everything to be acknowledged')
})
