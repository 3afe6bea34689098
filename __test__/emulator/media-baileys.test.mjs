// Two unmodified Baileys send each other files through the emulator's media hosts.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'

import { proto } from 'baileys'
import sharp from 'sharp'

import { openPeer } from '../harness/baileys.mjs'
import { startEmulator, waitFor } from '../harness/emulator.mjs'

let emulator
before(async () => (emulator = await startEmulator()))
after(() => emulator.stop())

const photo = () => sharp({ create: { width: 640, height: 480, channels: 3, background: '#2a7' } }).jpeg().toBuffer()

/** What is sent, with the file that has to arrive. */
async function letters() {
  const [image, document, voice] = [await photo(), randomBytes(6_000_001), randomBytes(30_000)]
  return [
    { file: image, content: { image, caption: 'the garden' } },
    { file: document, content: { document, mimetype: 'application/zip', fileName: 'papers.zip' } },
    { file: voice, content: { audio: voice, ptt: true, seconds: 3, mimetype: 'audio/ogg; codecs=opus', waveform: new Uint8Array(64) } },
  ]
}

/** Sends it, and resolves with the message as the other side shows it. */
async function deliver(from, to, content) {
  const { key } = await from.socket.sendMessage(to.jid, content)
  return waitFor(() => to.messages.find((message) => message.key.id === key.id && message.message), `a file for ${to.name}`)
}

test('image, document and voice note arrive byte for byte, both ways', async (t) => {
  const [ana, ben] = [await openPeer(t, emulator, 'media ana'), await openPeer(t, emulator, 'media ben')]
  for (const [from, to] of [[ana, ben], [ben, ana]]) {
    for (const { file, content } of await letters()) {
      const message = await deliver(from, to, content)
      assert.ok(file.equals(await to.download(message)), Object.keys(content)[0])
    }
  }
  const kinds = (await emulator.call('media')).map(({ kind, fetched }) => `${kind} ${fetched}`)
  const once = ['image 1', 'document 1', 'audio 1']
  assert.deepEqual(kinds, [...once, ...once])
})

test('a part of a file is fetched alone', async (t) => {
  const [ana, ben] = [await openPeer(t, emulator, 'part ana'), await openPeer(t, emulator, 'part ben')]
  const document = randomBytes(100_000)
  const message = await deliver(ana, ben, { document, mimetype: 'application/zip', fileName: 'papers.zip' })
  const part = await ben.download(message, { startByte: 1000, endByte: 2000 })
  assert.ok(document.subarray(1000, 2000).equals(part))
  const end = await ben.download(message, { startByte: 99_990, endByte: 100_000 })
  assert.ok(document.subarray(99_990).equals(end))
})

test('a contact sends a file, and its phone uploads it again when it is gone from the hosts', async (t) => {
  const ben = await openPeer(t, emulator, 'retry ben')
  await emulator.call('contact', { name: 'María' })
  const image = await photo()
  const put = await emulator.call('mediaPut', { kind: 'image', base64: image.toString('base64') })
  const bytes = (base64) => Buffer.from(base64, 'base64')
  const imageMessage = {
    ...put,
    mimetype: 'image/jpeg',
    mediaKey: bytes(put.mediaKey),
    fileSha256: bytes(put.fileSha256),
    fileEncSha256: bytes(put.fileEncSha256),
  }
  const raw = Buffer.from(proto.Message.encode({ imageMessage }).finish()).toString('base64')
  const { id } = await emulator.call('contactSend', { contact: 'María', to: ben.jid, raw })
  const message = await waitFor(() => ben.messages.find(({ key, message }) => key.id === id && message), 'the image')
  assert.ok(image.equals(await ben.download(message)))

  await emulator.call('mediaRemove', { directPath: put.directPath })
  await assert.rejects(ben.download(message), (error) => error.output.statusCode === 404)
  const updated = await ben.socket.updateMediaMessage(message)
  assert.notEqual(updated.message.imageMessage.directPath, put.directPath)
  // It has never asked for the hosts, and takes the one that it has built in.
  assert.match(updated.message.imageMessage.url, /^https:\/\/mmg\.whatsapp\.net\//)
  assert.ok(image.equals(await ben.download(updated)))

  await emulator.call('mediaRemove', { directPath: updated.message.imageMessage.directPath, everywhere: true })
  await assert.rejects(ben.socket.updateMediaMessage(message), /NOT_FOUND/)
})

test('files in groups, and own ones, are uploaded again by the phone of whoever asks', async (t) => {
  const [ana, ben] = [await openPeer(t, emulator, 'again ana'), await openPeer(t, emulator, 'again ben')]
  const group = await emulator.call('group', { subject: 'Photos', members: [ana.name, ben.name] })
  const image = await photo()
  const arrived = await deliver(ana, { ...ben, jid: group.jid }, { image })
  const own = await waitFor(() => ana.messages.find(({ key }) => key.id === arrived.key.id), 'the own message')
  await emulator.call('mediaRemove', { directPath: arrived.message.imageMessage.directPath })
  for (const [side, message] of [[ben, arrived], [ana, own]]) {
    await assert.rejects(side.download(message), (error) => error.output.statusCode === 404)
    assert.ok(image.equals(await side.download(await side.socket.updateMediaMessage(message))), side.name)
  }
})

test('an upload goes on after the right to it has run out', async (t) => {
  const [ana, ben] = [await openPeer(t, emulator, 'right ana'), await openPeer(t, emulator, 'right ben')]
  const send = async () => {
    const document = randomBytes(1000)
    const message = await deliver(ana, ben, { document, mimetype: 'application/zip', fileName: 'papers.zip' })
    assert.ok(document.equals(await ben.download(message)))
  }
  await send()
  await emulator.call('mediaExpireAuth')
  await send()
})
