// Files, from Chasqui to Baileys and back, through the emulator's media hosts.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'

import { temporaryFolder } from '../harness/baileys.mjs'
import { png } from '../harness/pictures.mjs'
import { stage, waitFor } from './sides.mjs'

const OGG = Buffer.concat([Buffer.from('OggS\0\x02'), Buffer.alloc(20), Buffer.from('\x01\x13OpusHead\x01\x01'), randomBytes(20_000)])
const MP4 = Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'), randomBytes(200_000)])
const MP3 = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), randomBytes(5000)])
const PDF = Buffer.from('%PDF-1.7\n%%EOF\n')
const WEBP = Buffer.concat([Buffer.from('RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0', 'latin1')])

/** What each kind is at the other end: the field of the message, and what it says. */
const KINDS = [
  ['image', png(60, 40), 'imageMessage', { mimetype: 'image/png', width: 60, height: 40, caption: 'Hola' }],
  ['video', MP4, 'videoMessage', { mimetype: 'video/mp4', caption: 'Hola' }],
  ['gif', MP4, 'videoMessage', { mimetype: 'video/mp4', gifPlayback: true, caption: 'Hola' }],
  ['note', MP4, 'ptvMessage', { mimetype: 'video/mp4' }],
  ['audio', MP3, 'audioMessage', { mimetype: 'audio/mpeg' }],
  ['voice', OGG, 'audioMessage', { mimetype: 'audio/ogg; codecs=opus', ptt: true }],
  ['document', PDF, 'documentMessage', { mimetype: 'application/pdf', fileName: 'a.pdf', caption: 'Hola' }],
  ['sticker', WEBP, 'stickerMessage', { mimetype: 'image/webp' }],
]

test('Baileys gets files of every kind, byte for byte', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  for (const [kind, bytes, field, says] of KINDS) {
    const { caption, fileName } = says
    const { id } = await ana.client.send(ben.jid, { [kind]: bytes, caption, fileName })
    const got = await ben.showed(id)
    const content = got.message[field]
    assert.ok(content, `${kind}: ${Object.keys(got.message)}`)
    for (const [name, value] of Object.entries(says)) assert.equal(content[name], value, `${kind}: ${name}`)
    assert.equal(Number(content.fileLength), bytes.length)
    assert.deepEqual(Buffer.from(content.fileSha256), createHash('sha256').update(bytes).digest())
    assert.deepEqual(await ben.download(got), bytes, kind)
    if (['video', 'gif', 'note', 'audio', 'voice'].includes(kind)) assert.ok(content.streamingSidecar.length >= 10, kind)
    if (kind === 'image') assert.deepEqual([...content.jpegThumbnail.subarray(0, 2)], [0xff, 0xd8])
  }
})

test('Chasqui gets files of every kind from Baileys, byte for byte, into memory, a file and a stream', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const folder = temporaryFolder()
  const contents = [
    ['image', { image: png(60, 40), caption: 'Hola' }, 'image', { mimetype: 'image/jpeg' }],
    ['video', { video: MP4, caption: 'Hola' }, 'video', { mimetype: 'video/mp4' }],
    ['gif', { video: MP4, gifPlayback: true }, 'video', { gif: true }],
    ['note', { video: MP4, ptv: true }, 'video', { note: true }],
    ['audio', { audio: MP3, mimetype: 'audio/mpeg', seconds: 3 }, 'audio', { seconds: 3, mimetype: 'audio/mpeg' }],
    ['voice', { audio: OGG, ptt: true, seconds: 2, mimetype: 'audio/ogg; codecs=opus' }, 'voice', { seconds: 2 }],
    ['document', { document: PDF, fileName: 'a.pdf', mimetype: 'application/pdf' }, 'document', { fileName: 'a.pdf' }],
    ['sticker', { sticker: WEBP }, 'sticker', { mimetype: 'image/webp' }],
  ]
  for (const [kind, content, type, says] of contents) {
    const bytes = content.image ?? content.video ?? content.audio ?? content.document ?? content.sticker
    const { key } = await ben.socket.sendMessage(ana.lid, content)
    const message = await ana.showed(key.id)
    assert.deepEqual([message.type, message.text], [type, content.caption], kind)
    for (const [name, value] of Object.entries(says)) assert.equal(message.media[name], value, `${kind}: ${name}`)
    assert.equal(message.media.size, bytes.length)
    assert.equal(message.media.sha256, createHash('sha256').update(bytes).digest('base64'))
    assert.deepEqual(await ana.client.download(message), bytes, kind)
    const target = path.join(folder, kind)
    assert.deepEqual(await ana.client.download(message, { path: target }), { path: target, size: bytes.length })
    assert.deepEqual(readFileSync(target), bytes, kind)
    assert.deepEqual(await buffer(ana.client.downloadStream(message)), bytes, kind)
  }
})

test('a file comes from a path, a URL, bytes, a Blob, a stream or an iterable, and is uploaded once to be sent twice', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana', { allowPrivateUrls: true }), await here.baileys('Ben')]
  const bytes = randomBytes(300_000)
  const file = path.join(temporaryFolder(), 'a.bin')
  writeFileSync(file, bytes)
  const server = createServer((request, response) => response.end(bytes)).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await waitFor(() => server.listening, 'the web server')
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 70_001) yield bytes.subarray(at, at + 70_001)
  }
  const sources = {
    path: file,
    'file URL': new URL(`file://${file}`),
    URL: `http://127.0.0.1:${server.address().port}/a.bin`,
    bytes: new Uint8Array(bytes),
    Blob: new Blob([bytes]),
    stream: Readable.from(pieces()),
    iterable: pieces(),
  }
  for (const [name, source] of Object.entries(sources)) {
    const { id } = await ana.client.send(ben.jid, { document: source, mimetype: 'application/x-test' })
    const got = await ben.showed(id)
    assert.equal(got.message.documentMessage.mimetype, 'application/x-test')
    assert.deepEqual(await ben.download(got), bytes, name)
  }
  const uploaded = await ana.client.upload(file, { kind: 'document' })
  const before = (await here.emulator.media.list()).length
  for (const caption of ['once', 'twice']) {
    const { id } = await ana.client.send(ben.jid, { document: uploaded, caption })
    assert.deepEqual(await ben.download(await ben.showed(id)), bytes)
  }
  assert.equal((await here.emulator.media.list()).length, before)
})

test('progress is told, and a signal ends an upload and a download', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const bytes = randomBytes(2_000_000)
  const progress = []
  const { id } = await ana.client.send(ben.jid, { document: bytes }, { onProgress: (step) => progress.push(step) })
  assert.ok(progress.every(({ bytes, total }) => bytes <= total), JSON.stringify(progress))
  assert.deepEqual(progress.at(-1), { bytes: 2_000_026, total: 2_000_026 })
  await ben.showed(id)

  const fault = await here.emulator.media.faults.add({ what: 'slow', direction: 'upload', bytesPerSecond: 1000 })
  const controller = new AbortController()
  const upload = ana.client.upload(bytes, { kind: 'document', signal: controller.signal, reuse: false })
  setTimeout(() => controller.abort(new Error('enough')), 100)
  await assert.rejects(upload, ({ code, cause }) => code === 'ABORTED' && cause.message === 'enough')
  await here.emulator.media.faults.clear(fault.id)

  const { key } = await ben.socket.sendMessage(ana.lid, { document: bytes, mimetype: 'x/y', fileName: 'z' })
  const got = await ana.showed(key.id)
  await here.emulator.media.faults.add({ what: 'slow', direction: 'download', bytesPerSecond: 1000 })
  const folder = temporaryFolder()
  const stop = new AbortController()
  const download = ana.client.download(got, { path: path.join(folder, 'z'), signal: stop.signal })
  await waitFor(() => readdirSync(folder).length === 1, 'the temporary file')
  stop.abort()
  await assert.rejects(download, { code: 'ABORTED' })
  await waitFor(() => readdirSync(folder).length === 0, 'the temporary file to be gone')
})

test('what was altered is refused, and nothing of it stays on the disk', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const { key } = await ben.socket.sendMessage(ana.lid, { document: randomBytes(400_000), mimetype: 'x/y', fileName: 'z' })
  const got = await ana.showed(key.id)
  const folder = temporaryFolder()
  const target = path.join(folder, 'z')
  const fault = await here.emulator.media.faults.add({ what: 'flip', direction: 'download', after: 200_000 })
  await assert.rejects(ana.client.download(got, { path: target }), { code: 'MEDIA_CORRUPT' })
  await assert.rejects(ana.client.download(got), { code: 'MEDIA_CORRUPT' })
  await assert.rejects(buffer(ana.client.downloadStream(got)), { code: 'MEDIA_CORRUPT' })
  assert.deepEqual(readdirSync(folder), [])
  await here.emulator.media.faults.clear(fault.id)
  await ana.client.download(got, { path: target })
  assert.ok(existsSync(target))
  await assert.rejects(ana.client.download(got, { limit: 1000 }), { code: 'MEDIA_TOO_LARGE', data: { limit: 1000, size: 400_000 } })
})

test('a transfer goes on where it was cut, and another entitlement is asked for when one is refused', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const bytes = randomBytes(6_000_000)
  await here.emulator.media.faults.add({ what: 'cut', direction: 'upload', after: 2_000_000, times: 1 })
  const { id } = await ana.client.send(ben.jid, { document: bytes })
  assert.deepEqual(await ben.download(await ben.showed(id)), bytes)
  await here.emulator.media.expireAuth()
  const again = await ana.client.send(ben.jid, { document: bytes.subarray(0, 1000) })
  assert.deepEqual(await ben.download(await ben.showed(again.id)), bytes.subarray(0, 1000))

  const { key } = await ben.socket.sendMessage(ana.lid, { document: bytes, mimetype: 'x/y', fileName: 'z' })
  const got = await ana.showed(key.id)
  await here.emulator.media.faults.add({ what: 'cut', direction: 'download', after: 1_500_000, times: 2 })
  assert.deepEqual(await ana.client.download(got), bytes)
  await here.emulator.media.faults.add({ what: 'status', direction: 'download', code: 500, times: 2 })
  assert.deepEqual(await ana.client.download(got), bytes)
})

test('wrong sources are named before anything leaves', async (t) => {
  const here = await stage(t)
  const ana = await here.chasqui('Ana')
  const send = (content) => ana.client.send('+15550009999', content)
  const folder = temporaryFolder()
  await assert.rejects(send({ image: path.join(folder, 'none.jpg') }), { code: 'FILE_FAILED' })
  await assert.rejects(send({ image: folder }), { code: 'FILE_FAILED' })
  for (const url of ['http://127.0.0.1/a', 'http://localhost/a', 'http://[::1]/a', 'http://169.254.169.254/latest', 'ftp://example.com/a']) {
    await assert.rejects(send({ image: new URL(url) }), { code: 'URL_NOT_ALLOWED' }, url)
  }
  await assert.rejects(send({ image: 7 }), { code: 'INVALID_CONTENT' })
  await assert.rejects(send({ image: '' }), { code: 'INVALID_CONTENT' })
  await assert.rejects(send({ sticker: WEBP, caption: 'x' }), { code: 'INVALID_CONTENT' })
  await assert.rejects(send({ document: PDF, viewOnce: true }), { code: 'INVALID_CONTENT' })
  async function* broken() {
    yield Buffer.from('a')
    throw new TypeError('the source broke')
  }
  await assert.rejects(send({ document: broken() }), { name: 'TypeError', message: 'the source broke' })
  await assert.rejects(ana.client.download(Buffer.from([0x0a, 0x01, 0x61])), { code: 'INVALID_CONTENT' })
  assert.deepEqual(await ana.stanzas({ direction: 'out', tag: 'message' }), [])
})

test('a card and a place go both ways', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const card = await ana.client.send(ben.jid, { contact: { name: 'Luz; the baker', phone: '+1 555 000 7777' } })
  const { contactMessage } = (await ben.showed(card.id)).message
  assert.equal(contactMessage.displayName, 'Luz; the baker')
  assert.match(contactMessage.vcard, /^BEGIN:VCARD\nVERSION:3.0\n[^]*FN:Luz\\; the baker\nTEL;type=CELL;waid=15550007777:\+15550007777\nEND:VCARD$/)
  const cards = await ana.client.send(ben.jid, { contact: [{ name: 'A', phone: '15550001' }, { name: 'B', vcard: contactMessage.vcard }] })
  assert.equal((await ben.showed(cards.id)).message.contactsArrayMessage.contacts.length, 2)
  const place = await ana.client.send(ben.jid, { location: { latitude: 4.6, longitude: -74.08, name: 'Plaza' } })
  const { locationMessage } = (await ben.showed(place.id)).message
  assert.deepEqual([locationMessage.degreesLatitude, locationMessage.degreesLongitude, locationMessage.name], [4.6, -74.08, 'Plaza'])

  const back = await ben.socket.sendMessage(ana.lid, { location: { degreesLatitude: 1.5, degreesLongitude: 2.5, name: 'Park' } })
  const shown = await ana.showed(back.key.id)
  assert.deepEqual([shown.type, shown.location], ['location', { latitude: 1.5, longitude: 2.5, name: 'Park' }])
  const vcard = 'BEGIN:VCARD\nVERSION:3.0\nFN:Bo\nEND:VCARD'
  const contact = await ben.socket.sendMessage(ana.lid, { contacts: { displayName: 'Bo', contacts: [{ displayName: 'Bo', vcard }] } })
  assert.deepEqual((await ana.showed(contact.key.id)).contacts, [{ name: 'Bo', vcard }])
})
