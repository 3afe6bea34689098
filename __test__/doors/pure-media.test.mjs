// Media: keys, encryption, uploads and downloads; what one library encrypts the other reads.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'

import { differ, metDifferences, ODD, ours, random, same, theirs } from './differential.mjs'

console.warn = console.info = console.log = console.error = () => {}

const mine = {
  // The phone is asked to upload what is gone, as the documentation of Baileys says.
  downloadMediaMessage: ({ args }) => args[3] !== undefined,
}
differ(mine)

const dice = random(99)
let server
let base
let folder
const files = new Map()

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'chasqui-media-'))
  server = createServer((request, response) => {
    const file = files.get(request.url)
    if (!file) return response.writeHead(request.url === '/gone' ? 410 : 404).end()
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? []
    if (from === undefined) return response.end(file)
    response.writeHead(206).end(file.subarray(Number(from), to ? Number(to) + 1 : undefined))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${server.address().port}`
})
after(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true, force: true })
})

test('keys and places', async () => {
  const key = dice.bytes(32)
  for (const type of [...Object.keys(theirs.MEDIA_HKDF_KEY_MAPPING), 'x', undefined]) {
    await same('hkdfInfoKey', () => [type])
    await same('getMediaKeys', () => [key, type])
    await same('getMediaKeys', () => [key.toString('base64'), type])
    await same('getMediaKeys', () => [`data:;base64,${key.toString('base64')}`, type])
  }
  for (const value of ODD.filter((item) => !item)) await same('getMediaKeys', () => [value, 'image'])
  for (const args of [['/a'], ['/a', 'h'], ['/a', undefined], [undefined], ['']]) await same('getUrlFromDirectPath', () => args)
})

test('streams', async () => {
  const bytes = dice.bytes(1000)
  const file = path.join(folder, 'file')
  await writeFile(file, bytes)
  files.set('/plain', bytes)
  const items = [() => bytes, () => ({ stream: Readable.from([bytes]) }), () => ({ url: file }), () => ({ url: new URL(`file://${file}`) }), () => ({ url: `${base}/plain` }), () => ({ url: new URL(`${base}/plain`) }), () => ({ url: `data:image/png;base64,${bytes.toString('base64')}` }), () => ({ url: `${base}/none` })]
  for (const item of items) {
    const call = async (lib, [media]) => {
      const { stream, type } = await lib.getStream(media)
      return [type, await lib.toBuffer(stream)]
    }
    await same('getStream', () => [item()], { call })
  }
  await same('toBuffer', () => [bytes], { call: (lib, [item]) => lib.toBuffer(lib.toReadable(item)) })
  await same('getHttpStream', () => [], { call: async (lib) => lib.toBuffer(await lib.getHttpStream(`${base}/plain`)) })
})

test('what one encrypts the other reads, whole and in ranges', async () => {
  for (const length of [0, 1, 15, 16, 17, 1000, 70_000, 300_000]) {
    const bytes = dice.bytes(length)
    for (const [from, to] of [[ours, theirs], [theirs, ours]]) {
      const made = await from.encryptedStream(length % 2 ? bytes : { stream: Readable.from([bytes.subarray(0, 7), bytes.subarray(7)].filter((piece) => piece.length > 0)) }, 'image', { saveOriginalFileIfRequired: true })
      const encrypted = await readFile(made.encFilePath)
      assert.equal(made.fileLength, length)
      assert.deepEqual(made.fileSha256, createHash('sha256').update(bytes).digest())
      assert.deepEqual(made.fileEncSha256, createHash('sha256').update(encrypted).digest())
      assert.deepEqual(made.mac, encrypted.subarray(-10))
      assert.deepEqual(await readFile(made.originalFilePath), bytes)
      files.set('/encrypted', encrypted)
      const keys = await to.getMediaKeys(made.mediaKey, 'image')
      assert.deepEqual(await to.toBuffer(await to.downloadEncryptedContent(`${base}/encrypted`, keys)), bytes)
      for (let turn = 0; turn < 10 && length > 40; turn++) {
        const startByte = dice.pick([undefined, dice.below(length - 20)])
        const endByte = dice.pick([undefined, (startByte ?? 0) + 1 + dice.below(length - (startByte ?? 0) - 20)])
        const part = await ours.toBuffer(await ours.downloadEncryptedContent(`${base}/encrypted`, keys, { startByte, endByte }))
        assert.deepEqual(part, bytes.subarray(startByte ?? 0, endByte ?? length), `${startByte}-${endByte} of ${length}`)
      }
      await Promise.all([made.encFilePath, made.originalFilePath].map((file) => rm(file, { force: true })))
    }
  }
})

test('media of messages: downloaded, refused, asked for again', async () => {
  const bytes = dice.bytes(5000)
  const made = await theirs.encryptedStream(bytes, 'image')
  files.set('/image', await readFile(made.encFilePath))
  await rm(made.encFilePath, { force: true })
  const image = { url: `${base}/image`, mediaKey: made.mediaKey }
  const messages = [
    { message: { imageMessage: image } },
    { message: { ephemeralMessage: { message: { viewOnceMessage: { message: { imageMessage: image } } } } } },
    { message: { imageMessage: { ...image, url: `${base}/none` } } },
    { message: { imageMessage: { mediaKey: made.mediaKey } } },
    { message: { imageMessage: { url: undefined, mediaKey: made.mediaKey } } },
    { message: { imageMessage: { ...image, mediaKey: undefined } } },
    { message: { conversation: 'x' } },
    { message: { locationMessage: {} } },
    { message: undefined },
  ]
  for (const message of messages) {
    await same('downloadMediaMessage', () => [message, 'buffer', {}])
    await same('downloadMediaMessage', () => [message, 'stream', {}], { call: async (lib, args) => lib.toBuffer(await lib.downloadMediaMessage(...args)) })
  }
  let asked = 0
  const context = { logger: { info() {} }, reuploadRequest: async () => (asked++, messages[0]) }
  const gone = { key: {}, message: { imageMessage: { ...image, url: `${base}/gone` } } }
  await same('downloadMediaMessage', () => [gone, 'buffer', {}, context])
  assert.equal(asked, 1)
  assert.deepEqual(await ours.downloadMediaMessage(gone, 'buffer', {}, context), bytes)
})

test('media is encrypted, uploaded once, and put into the message', async () => {
  const bytes = dice.bytes(3000)
  for (const [content, options] of [
    [{ image: bytes, caption: 'c', jpegThumbnail: '', width: 1, height: 2 }, {}],
    [{ image: bytes, jpegThumbnail: '', viewOnce: true }, {}],
    [{ video: bytes, gifPlayback: true, jpegThumbnail: '' }, {}],
    [{ video: bytes, ptv: true, jpegThumbnail: '' }, {}],
    [{ audio: bytes, seconds: 3 }, {}],
    [{ document: bytes, mimetype: 'text/plain' }, {}],
    [{ document: { stream: Readable.from([bytes]) }, mimetype: 'text/plain', fileName: 'a.txt', caption: 'c' }, { jid: '1@s.whatsapp.net' }],
    [{ sticker: bytes, isAnimated: true }, {}],
    [{ image: bytes, jpegThumbnail: '', albumParentKey: { id: '1' } }, {}],
    [{ product: { productImage: bytes, productId: '1', title: 't' }, businessOwnerJid: '1@s.whatsapp.net', body: 'b', footer: 'f' }, {}],
    [{ video: bytes, jpegThumbnail: '', edit: { id: '1' }, mentions: ['1@lid'] }, {}],
  ]) {
    const call = async (lib) => {
      const uploads = []
      const upload = async (file, { mediaType }) => {
        uploads.push([mediaType, (await readFile(file)).length])
        return { mediaUrl: 'https://mmg.whatsapp.net/v/x.enc', directPath: '/v/x.enc' }
      }
      const media = content.document?.stream ? { ...content, document: { stream: Readable.from([bytes]) } } : content
      const message = await lib.generateWAMessageContent(media, { upload, ...options })
      const shown = JSON.stringify(message, (name, value) => (['mediaKey', 'fileEncSha256', 'messageSecret', 'mediaKeyTimestamp', 'timestampMs'].includes(name) ? 'changes' : value))
      return [JSON.parse(shown), uploads]
    }
    await same('generateWAMessageContent', () => [Object.keys(content)], { call })
  }
  const cache = new Map()
  const mediaCache = { get: (name) => cache.get(name), set: (name, value) => void cache.set(name, value) }
  files.set('/plain', bytes)
  let uploads = 0
  const upload = async () => (uploads++, { mediaUrl: 'https://mmg.whatsapp.net/v/x.enc', directPath: '/v/x.enc' })
  for (const caption of ['a', 'b']) {
    const { documentMessage } = await ours.prepareWAMessageMedia({ document: { url: `${base}/plain` }, caption }, { upload, mediaCache })
    assert.equal(documentMessage.caption, caption)
    assert.equal(documentMessage.directPath, '/v/x.enc')
  }
  assert.equal(uploads, 1)
  await same('prepareWAMessageMedia', () => [{ foo: 1 }, {}])
})

test('the differences that were allowed were met', () => {
  for (const name of Object.keys(mine)) assert.ok(metDifferences().has(name), name)
})
