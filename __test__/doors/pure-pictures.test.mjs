// Pictures, audio, links and uploads.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Agent } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'

import { png } from '../harness/pictures.mjs'
import { differ, metDifferences, ODD, ours, random, same, theirs } from './differential.mjs'

const mine = {
  // What the two make differs in its bytes, and in what is no picture.
  extractImageThumb: ({ got, expected }) => Boolean(got.throws && expected.throws),
  generateThumbnail: ({ got, expected }) => Boolean(got.throws && expected.throws),
  generateProfilePicture: ({ args: [, dimensions] }) => dimensions.width !== dimensions.height,
  getAudioWaveform: ({ expected }) => expected.gives === undefined,
}
differ(mine)

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }
let folder
let server
let base
/** By path: how it is answered. */
const routes = new Map()
const seenRequests = []
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'chasqui-pictures-'))
  server = createServer(async (request, response) => {
    const pieces = []
    for await (const piece of request) pieces.push(piece)
    seenRequests.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(pieces) })
    const route = routes.get(request.url.split('?')[0])
    if (route) return route(response, request)
    response.writeHead(404).end('nothing')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${server.address().port}`
})
after(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true, force: true })
})

/** Width and height, as the frame header of a JPEG says. */
function jpegSize(file) {
  assert.equal(file.readUInt16BE(0), 0xffd8)
  for (let at = 2; at < file.length; at += 2 + file.readUInt16BE(at + 2)) {
    const marker = file.readUInt16BE(at)
    if (marker >= 0xffc0 && marker <= 0xffc2) return [file.readUInt16BE(at + 7), file.readUInt16BE(at + 5)]
  }
  return assert.fail('a JPEG without frame')
}

test('thumbnails have the width that is asked for, and tell of the picture', async () => {
  for (const [width, height] of [[100, 60], [60, 100], [400, 400], [1000, 10], [64, 2000]]) {
    const picture = png(width, height)
    const file = path.join(folder, `${width}x${height}.png`)
    await writeFile(file, picture)
    for (const wanted of [undefined, 16, 50]) {
      const { buffer, original } = await ours.extractImageThumb(picture, wanted)
      assert.deepEqual(original, { width, height })
      const [madeWidth, madeHeight] = jpegSize(buffer)
      assert.ok(Math.abs(madeWidth - Math.min(wanted ?? 32, width)) <= 1, `${madeWidth} of ${width}x${height}`)
      assert.ok(Math.abs(madeHeight - Math.max(1, (madeWidth * height) / width)) <= 2, `${madeHeight} of ${width}x${height}`)
      await same('extractImageThumb', () => [picture, wanted], { call: async (lib, args) => (await lib.extractImageThumb(...args)).original })
    }
    for (const make of [() => file, () => Readable.from([picture.subarray(0, 50), picture.subarray(50)])]) {
      await same('extractImageThumb', () => [make()], { call: async (lib, args) => (await lib.extractImageThumb(...args)).original })
    }
    const call = async (lib, args) => {
      const { thumbnail, originalImageDimensions } = await lib.generateThumbnail(...args)
      return [originalImageDimensions, jpegSize(Buffer.from(thumbnail, 'base64'))[0]]
    }
    await same('generateThumbnail', () => [file, 'image', {}], { call })
  }
  const none = path.join(folder, 'none')
  await writeFile(none, 'no picture')
  for (const args of [[Buffer.from('no picture')], [Buffer.alloc(0)], [none], [path.join(folder, 'absent')], [png(9, 9).subarray(0, 40)]]) {
    await same('extractImageThumb', () => args)
  }
  await same('generateThumbnail', () => [none, 'image', {}])
  await assert.rejects(ours.extractImageThumb(Buffer.from('no picture')), /Input|No image processing/)
})

test('pictures of profiles are squares', async () => {
  const call = async (lib, args) => jpegSize((await lib.generateProfilePicture(...args)).img)
  for (const dimensions of [undefined, { width: 96, height: 96 }]) {
    const edge = dimensions?.width ?? 640
    for (const make of [() => png(300, 200), () => ({ stream: Readable.from([png(20, 900)]) })]) {
      await same('generateProfilePicture', () => [make(), dimensions], { call })
      assert.deepEqual(await call(ours, [make(), dimensions]), [edge, edge])
    }
  }
  const wide = [png(50, 50), { width: 90, height: 40 }]
  await same('generateProfilePicture', () => wide, { call })
  assert.deepEqual(await call(ours, wide), [40, 40])
  await same('generateProfilePicture', () => [Buffer.from('no picture')])
})

/** A WAV file of one channel with 16 bits. */
function wav(samples, rate) {
  const head = Buffer.alloc(44)
  head.write('RIFF')
  head.writeUInt32LE(36 + samples.length * 2, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples.length * 2, 40)
  return Buffer.concat([head, Buffer.from(Int16Array.from(samples).buffer)])
}

test('how long audio plays', async () => {
  const audio = wav(Array.from({ length: 12_000 }, (_, index) => index % 100), 8000)
  const file = path.join(folder, 'audio.wav')
  await writeFile(file, audio)
  for (const make of [() => audio, () => file]) await same('getAudioDuration', () => [make()])
  assert.equal(await ours.getAudioDuration(Readable.from([audio])), 1.5)
  for (const value of [Buffer.from('no audio at all'), Buffer.alloc(0), path.join(folder, 'absent')]) await same('getAudioDuration', () => [value])
})

test('how loud audio is, and pictures of videos, by a program', { skip: process.platform === 'win32' }, async () => {
  const bin = path.join(folder, 'bin')
  const before = process.env.PATH
  const { mkdir } = await import('node:fs/promises')
  await mkdir(bin)
  const program = path.join(bin, 'ffmpeg')
  const write = async (code) => {
    await writeFile(program, `#!${process.execPath}\n${code}`)
    await chmod(program, 0o755)
  }
  process.env.PATH = `${bin}${path.delimiter}${before}`
  try {
    // The first half is silent, the second grows.
    await write(`const samples = Float32Array.from({ length: 6400 }, (_, index) => (index < 3200 ? 0 : (index % 2 ? 1 : -1) * (Math.floor(index / 100) - 31) / 64)); process.stdin.resume().on('end', () => process.stdout.write(Buffer.from(samples.buffer)))`)
    const bars = await ours.getAudioWaveform(Buffer.from('audio'), undefined)
    assert.deepEqual([...bars], Array.from({ length: 64 }, (_, bar) => (bar < 32 ? 0 : Math.floor((100 * (bar - 31)) / 32))))
    await same('getAudioWaveform', () => [Buffer.from('audio')])
    await write(`process.stdout.write(process.argv.includes('-frames:v') && process.argv.includes('file:/video.mp4') ? 'JPEG' : '')`)
    assert.deepEqual(await ours.generateThumbnail('/video.mp4', 'video', {}), { thumbnail: Buffer.from('JPEG').toString('base64'), originalImageDimensions: undefined })
    await write('process.exit(1)')
    const notes = []
    const logger = { debug: (...note) => notes.push(note) }
    assert.equal((await ours.generateThumbnail('/video.mp4', 'video', { logger })).thumbnail, undefined)
    assert.equal(await ours.getAudioWaveform(Buffer.from('audio'), logger), undefined)
    process.env.PATH = path.join(folder, 'empty')
    assert.equal((await ours.generateThumbnail('/video.mp4', 'video', { logger })).thumbnail, undefined)
    assert.equal(await ours.getAudioWaveform(Buffer.from('audio'), logger), undefined)
    assert.equal(notes.length, 4)
  } finally {
    process.env.PATH = before
  }
})

test('media goes out with what is shown of it, or without', async () => {
  const audio = wav(Array.from({ length: 16_000 }, (_, index) => index % 100), 8000)
  const call = async (lib, [content, options]) => {
    const files = []
    const upload = async (file) => (files.push(file), { mediaUrl: 'https://mmg.whatsapp.net/v/x.enc', directPath: '/v/x.enc' })
    const message = await lib.prepareWAMessageMedia({ ...content }, { upload, logger: silent, ...options })
    const [[type, fields]] = Object.entries(message)
    const { jpegThumbnail, width, height, seconds, waveform, backgroundArgb, caption } = fields
    assert.equal(files.length, 1)
    return [type, jpegThumbnail?.length > 0 && jpegSize(Buffer.from(jpegThumbnail))[0], width, height, seconds, waveform?.length ?? 0, backgroundArgb, caption]
  }
  for (const [content, options] of [
    [{ image: png(300, 200), caption: 'c' }],
    [{ image: png(300, 200), jpegThumbnail: png(32, 32).toString('base64').slice(0, 0) }],
    [{ image: png(300, 200), width: 5, height: 6 }],
    [{ image: Buffer.from('no picture') }],
    [{ audio }],
    [{ audio, seconds: 9 }],
    [{ audio, ptt: true, waveform: new Uint8Array([1, 2, 3]) }, { backgroundColor: '#112233' }],
    [{ audio: Buffer.from('no audio'), ptt: false }],
    [{ document: png(30, 20), mimetype: 'image/png' }],
    [{ sticker: png(30, 20) }],
  ]) await same('prepareWAMessageMedia', () => [content, options], { call })
})

test('a link without the package that reads it', async () => {
  // As with Baileys, whoever asks for a preview learns that the package is not installed.
  const { code } = await ours.getUrlInfo('https://example.com').catch((error) => error)
  const expected = await theirs.getUrlInfo('https://example.com').catch((error) => error)
  assert.equal(code, expected.code)
  assert.equal(code, 'ERR_MODULE_NOT_FOUND')
})

const json = (value, status = 200) => (response) => response.writeHead(status).end(JSON.stringify(value))

test('a file is posted, with redirects', async () => {
  const file = path.join(folder, 'encrypted')
  const bytes = random(3).bytes(200_000)
  await writeFile(file, bytes)
  routes.set('/ok', json({ url: 'https://mmg.whatsapp.net/x', direct_path: '/x' }))
  routes.set('/refused', json({ error: 'no' }, 401))
  routes.set('/text', (response) => response.end('no JSON'))
  routes.set('/moved', (response) => response.writeHead(302, { location: '/ok' }).end())
  routes.set('/nowhere', (response) => response.writeHead(302).end())
  routes.set('/circle', (response) => response.writeHead(307, { location: `${base}/circle` }).end())
  routes.set('/silent', () => undefined)
  const params = (where, more) => ({ url: `${base}${where}`, filePath: file, headers: { 'X-One': '1' }, ...more })
  for (const where of ['/ok?auth=a', '/refused', '/text', '/moved', '/nowhere', '/circle', '/none']) await same('uploadWithNodeHttp', () => [params(where)])
  await same('uploadWithNodeHttp', () => [params('/silent', { timeoutMs: 50 })])
  await same('uploadWithNodeHttp', () => [params('/ok', { filePath: path.join(folder, 'absent') })])
  await same('uploadWithNodeHttp', () => [params('/ok', { url: 'http://127.0.0.1:1/' })])
  await same('uploadWithNodeHttp', () => [params('/ok'), 6])
  seenRequests.length = 0
  await ours.uploadWithNodeHttp(params('/moved'))
  assert.deepEqual(seenRequests.map(({ method, url, headers, body }) => [method, url, headers['x-one'], headers['content-length'], body.equals(bytes)]), [
    ['POST', '/moved', '1', '200000', true],
    ['POST', '/ok', '1', '200000', true],
  ])
})

/** Leads connections to media servers to the one of the tests, without TLS. */
class Detour extends Agent {
  hosts = []
  createConnection({ host }, done) {
    this.hosts.push(host)
    const socket = connect(server.address().port, '127.0.0.1')
    if (done) socket.once('connect', () => done(null, socket)).once('error', done)
    return done ? undefined : socket
  }
}

test('media servers are tried one after another', async () => {
  const file = path.join(folder, 'upload')
  await writeFile(file, 'encrypted')
  const logger = { debug() {}, warn() {}, info() {} }
  const hash = Buffer.from('ü+/=').toString('base64')
  const answers = (...list) => {
    const left = [...list]
    return (response) => (left.length > 1 ? left.shift() : left[0])(response)
  }
  const good = json({ url: 'https://mmg.whatsapp.net/x', direct_path: '/x', meta_hmac: 'h', fbid: 5, ts: 6, other: 7 })
  for (const [name, list] of [['first', [good]], ['second', [json({ error: 'no' }, 401), good]], ['none', [json({})]], ['only a path', [json({ direct_path: '/y' })]]]) {
    for (const [config, mediaType] of [[{ customUploadHosts: [] }, 'image'], [{ customUploadHosts: [{ hostname: 'custom.example' }], options: { headers: { 'X-Mine': '1' } } }, 'document'], [{ customUploadHosts: [], options: { headers: [['X-Mine', '2']] } }, 'audio']]) {
      const call = async (lib) => {
        const route = answers(...list)
        for (const place of Object.values(lib.MEDIA_PATH_MAP)) routes.set(`${place}/${lib.encodeBase64EncodedStringForUpload(hash)}`, route)
        seenRequests.length = 0
        const asked = []
        const fetchAgent = new Detour({ keepAlive: false })
        const refresh = async (force) => {
          asked.push(force)
          return { auth: `a/${asked.length}`, hosts: [{ hostname: 'one.example' }, { hostname: 'two.example' }] }
        }
        const upload = lib.getWAUploadToServer({ ...config, fetchAgent, logger }, refresh)
        const result = await upload(file, { mediaType, fileEncSha256B64: hash }).catch((error) => [error.message, error.output?.statusCode])
        return [result, asked, fetchAgent.hosts, seenRequests.map(({ url, headers, body }) => [url, headers.host.split(':')[0], headers.origin, headers['content-type'], headers['x-mine'], String(body)])]
      }
      await same('getWAUploadToServer', () => [name, config], { call })
    }
  }
  const upload = ours.getWAUploadToServer({ logger }, async () => ({ auth: 'a', hosts: [] }))
  await assert.rejects(upload(file, { mediaType: 'image', fileEncSha256B64: hash }), { message: 'Media upload failed on all hosts' })
  for (const value of ODD.slice(0, 1)) await same('getWAUploadToServer', () => [value, value])
})

test('the differences that were allowed were met', () => {
  for (const name of Object.keys(mine)) assert.ok(metDifferences().has(name), name)
})
