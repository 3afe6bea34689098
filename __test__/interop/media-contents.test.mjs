// Albums, events and places that move, from Chasqui to Baileys and back.

import assert from 'node:assert/strict'
import { createDecipheriv, hkdfSync } from 'node:crypto'
import { test } from 'node:test'

import { proto } from 'baileys'

import { png } from '../harness/pictures.mjs'
import { stage } from './sides.mjs'

const MP4 = Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1')

test('an album goes both ways, each of its files naming it', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const progress = []
  const album = [{ image: png(20, 10) }, { video: MP4, caption: 'the second' }, { image: png(10, 20) }]
  const sent = await ana.client.send(ben.jid, { album, caption: 'Holidays' }, { onProgress: (step) => progress.push(step) })
  const { message: { albumMessage } } = await ben.showed(sent.id)
  assert.deepEqual([albumMessage.expectedImageCount, albumMessage.expectedVideoCount], [2, 1])
  const captions = []
  for (const [at, { id }] of sent.parts.entries()) {
    const { message } = await ben.showed(id)
    const { messageAssociation } = message.messageContextInfo
    assert.equal(messageAssociation.associationType, proto.MessageAssociation.AssociationType.MEDIA_ALBUM)
    assert.deepEqual([messageAssociation.parentMessageKey.id, messageAssociation.parentMessageKey.fromMe], [sent.id, true])
    const content = message[at === 1 ? 'videoMessage' : 'imageMessage']
    captions.push(content.caption)
    assert.deepEqual(await ben.download({ key: { id }, message }), album[at].image ?? album[at].video)
  }
  assert.deepEqual(captions.map((caption) => caption || undefined), ['Holidays', 'the second', undefined])
  assert.equal(progress.at(-1).bytes, progress.at(-1).total)
  const order = (await ben.stanzas({ direction: 'in', tag: 'message' })).map(({ attrs }) => attrs.id)
  const ids = [sent.id, ...sent.parts.map(({ id }) => id)]
  assert.deepEqual(order.filter((id) => ids.includes(id)), ids)
  // The same album again is the same messages.
  const again = await ana.client.send(ben.jid, { album, caption: 'Holidays' }, { id: sent.id })
  assert.deepEqual(again.parts.map(({ id }) => id), sent.parts.map(({ id }) => id))
  assert.equal((await ana.stanzas({ direction: 'out', tag: 'message' })).length, 4)

  const parent = await ben.socket.sendMessage(ana.lid, { album: { expectedImageCount: 1, expectedVideoCount: 1 } })
  const parts = [
    await ben.socket.sendMessage(ana.lid, { image: png(30, 30), albumParentKey: parent.key }),
    await ben.socket.sendMessage(ana.lid, { video: MP4, albumParentKey: parent.key }),
  ]
  const shown = await ana.showed(parent.key.id)
  assert.deepEqual([shown.type, shown.album], ['album', { images: 1, videos: 1 }])
  for (const [at, { key }] of parts.entries()) {
    const part = await ana.showed(key.id)
    assert.deepEqual([part.type, part.albumId], [['image', 'video'][at], parent.key.id])
  }
})

test('what is no album is refused before anything leaves', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana')
  for (const album of [
    'x', [], [{ image: png(1, 1) }], [{ image: png(1, 1) }, { document: MP4 }], [{ image: png(1, 1), video: MP4 }, { video: MP4 }],
    Array.from({ length: 101 }, () => ({ video: MP4 })),
  ]) {
    await assert.rejects(ana.client.send('+15550009999', { album }), { code: 'INVALID_CONTENT' })
  }
  const two = [{ image: png(1, 1) }, { image: '/nowhere/at/all.png' }]
  await assert.rejects(ana.client.send('+15550009999', { album: two }), { code: 'FILE_FAILED' })
  await assert.rejects(ana.client.send('+15550009999', { album: two, text: 'x' }), { code: 'INVALID_CONTENT' })
  await assert.rejects(ana.client.sendMany('+15550009999', [{ album: two }]), { code: 'INVALID_CONTENT' })
  assert.deepEqual(await ana.stanzas({ direction: 'out', tag: 'message' }), [])
})

test('an event and the answers to it go both ways', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const startsAt = new Date('2031-05-01T18:00:00Z')
  const event = {
    name: 'Party', description: 'Bring cake', startsAt, endsAt: startsAt.getTime() + 3_600_000, guests: true,
    place: { latitude: 4.6, longitude: -74.08, name: 'Plaza' },
  }
  const { id } = await ana.client.send(ben.jid, { event })
  const { message } = await ben.showed(id)
  const { eventMessage } = message
  assert.deepEqual([eventMessage.name, eventMessage.description, Number(eventMessage.startTime), Number(eventMessage.endTime)],
    ['Party', 'Bring cake', startsAt / 1000, startsAt / 1000 + 3600])
  assert.deepEqual([eventMessage.extraGuestsAllowed, eventMessage.location.name, message.messageContextInfo.messageSecret.length], [true, 'Plaza', 32])

  const theirs = await ben.socket.sendMessage(ana.lid, { event: { name: 'Match', startDate: startsAt, extraGuestsAllowed: true } })
  const shown = await ana.showed(theirs.key.id)
  assert.deepEqual([shown.type, shown.event.name, shown.event.startsAt, shown.event.guests], ['event', 'Match', startsAt.getTime(), true])
  await assert.rejects(ana.client.attend(shown, 'perhaps'), { code: 'INVALID_CONTENT' })
  const answer = await ana.client.attend(shown, 'maybe', { guests: 2 })
  const got = await ben.showed(answer.id)
  assert.equal(got.message.encEventResponseMessage.eventCreationMessageKey.id, theirs.key.id)
  const [stanza] = await ana.stanzas({ direction: 'out', tag: 'message', id: answer.id })
  assert.equal(stanza.attrs.type, 'event')
  // Opened as the protocol's document says, by Node's own cryptography.
  const { encPayload, encIv } = got.message.encEventResponseMessage
  const { messageSecret } = theirs.message.messageContextInfo
  const key = Buffer.from(hkdfSync('sha256', messageSecret, Buffer.alloc(32), `${theirs.key.id}${ben.lid}${ana.lid}Event Response`, 32))
  const decipher = createDecipheriv('aes-256-gcm', key, encIv).setAAD(Buffer.from(`${theirs.key.id}\0${ana.lid}`)).setAuthTag(encPayload.subarray(-16))
  const opened = Buffer.concat([decipher.update(encPayload.subarray(0, -16)), decipher.final()])
  const { response, extraGuestCount } = proto.Message.EventResponseMessage.decode(opened)
  assert.deepEqual([response, extraGuestCount], [proto.Message.EventResponseMessage.EventResponseType.MAYBE, 2])
})

test('a place that moves goes both ways', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const places = []
  for (const [latitude, offset] of [[4.5, 0], [4.6, 20]]) {
    const { id } = await ana.client.send(ben.jid, { location: { latitude, longitude: -74, live: true, offset, accuracy: 12, speed: 1.5, heading: 90, caption: 'on my way' } })
    places.push((await ben.showed(id)).message.liveLocationMessage)
  }
  const [first, second] = places
  assert.deepEqual([first.degreesLatitude, first.accuracyInMeters, first.speedInMps, first.degreesClockwiseFromMagneticNorth, first.caption], [4.5, 12, 1.5, 90, 'on my way'])
  assert.ok(Number(second.sequenceNumber) > Number(first.sequenceNumber))

  const liveLocationMessage = { degreesLatitude: 1.5, degreesLongitude: 2.5, speedInMps: 3, sequenceNumber: 7, timeOffset: 60, caption: 'here' }
  const id = await ben.socket.relayMessage(ana.lid, { liveLocationMessage }, {})
  const shown = await ana.showed(id)
  assert.deepEqual([shown.type, shown.text], ['location', 'here'])
  assert.deepEqual(shown.location, { latitude: 1.5, longitude: 2.5, speed: 3, live: true, sequence: 7, offset: 60 })
})
