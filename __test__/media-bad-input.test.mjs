// Files that are not what they should be, on either side of the media hosts: each has its code, and leaves nothing behind.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { test } from 'node:test'

import { proto } from 'baileys'
import { startEmulator } from 'chasqui/testing'

import { waitFor } from './harness/emulator.mjs'
import { png } from './harness/pictures.mjs'
import { openClient, temporary } from './help.mjs'

async function begin(t, options) {
  const emulator = await startEmulator({ mediaLimit: 50_000_000 })
  t.after(() => emulator.stop())
  const client = await openClient(t, emulator, 'Tienda', options)
  return { emulator, client, folder: temporary(t) }
}

const SIZE = 300_000

/** What is done to a download: a fault of the hosts, or what the message says wrongly about its file. */
const DOWNLOADS = [
  ['a wrong byte', { fault: { what: 'flip', after: 100_000 } }, 'MEDIA_CORRUPT'],
  ['a wrong MAC', { fault: { what: 'flip', after: Math.ceil((SIZE + 1) / 16) * 16 + 3 } }, 'MEDIA_CORRUPT'],
  ['no end', { fault: { what: 'endless' } }, ['MEDIA_CORRUPT', 'MEDIA_TOO_LARGE']],
  ['an early end', { fault: { what: 'truncate', after: 0 } }, ['MEDIA_CORRUPT', 'MEDIA_FAILED']],
  ['a page of HTML', { fault: { what: 'page' } }, ['MEDIA_CORRUPT', 'MEDIA_FAILED']],
  ['a connection that always breaks', { fault: { what: 'cut' } }, 'MEDIA_FAILED'],
  ['a host that always fails', { fault: { what: 'status', code: 500 } }, 'MEDIA_FAILED'],
  ['a host that has it no longer', { fault: { what: 'status', code: 404 } }, 'MEDIA_GONE'],
  ['a wrong hash of the file', { says: { fileSha256: randomBytes(32) } }, 'MEDIA_CORRUPT'],
  ['a wrong hash of what is at the hosts', { says: { fileEncSha256: randomBytes(32) } }, 'MEDIA_CORRUPT'],
  ['another key', { says: { mediaKey: randomBytes(32) } }, 'MEDIA_CORRUPT'],
  ['another length', { says: { fileLength: SIZE - 1 } }, ['MEDIA_CORRUPT', 'MEDIA_TOO_LARGE']],
  ['a length without end', { says: { fileLength: '9223372036854775807' } }, 'MEDIA_TOO_LARGE'],
  ['no place', { says: { directPath: '', url: '' } }, 'INVALID_CONTENT'],
  ['a place that is no path', { says: { directPath: '@evil.example/x', url: 'https://evil.example/x' } }, 'MEDIA_FAILED'],
  ['more than is wanted', { options: { limit: 1000 } }, 'MEDIA_TOO_LARGE'],
  ['a folder that is not there', { target: 'none/file' }, 'FILE_FAILED'],
  ['a folder instead of a file', { target: 'folder' }, 'FILE_FAILED'],
  ...(existsSync('/dev/full') ? [['a device', { target: '/dev/full' }, 'FILE_FAILED']] : []),
]

test('a download that is not what was sent has its code, and leaves nothing on the disk', async (t) => {
  const { emulator, client, folder } = await begin(t)
  const put = await emulator.media.put('document', randomBytes(SIZE))
  for (const [name, { fault, says, options, target = 'file' }, codes] of DOWNLOADS) {
    const directory = path.join(folder, `${DOWNLOADS.findIndex(([other]) => other === name)}`)
    mkdirSync(path.join(directory, 'folder'), { recursive: true })
    const raw = proto.Message.encode(proto.Message.fromObject({ documentMessage: { ...put, ...says } })).finish()
    const rule = fault && (await emulator.media.faults.add({ direction: 'download', ...fault }))
    const isExpected = ({ code, message }) => [codes].flat().includes(code) || assert.fail(`${name}: ${code} ${message}`)
    const refused = [client.download(raw, { ...options, path: path.resolve(directory, target) })]
    if (!target.includes('/') && target !== 'folder') {
      refused.push(client.download(raw, options), buffer(client.downloadStream(raw, options)))
    }
    await Promise.all(refused.map((promise) => assert.rejects(promise, isExpected, name)))
    assert.deepEqual(readdirSync(directory), ['folder'], name)
    if (rule) await emulator.media.faults.clear(rule.id)
  }
})

const DOWNLOADER = `
import { readdirSync } from 'node:fs'
import { WhatsAppClient } from 'chasqui'
const { store, endpoint, raw, folder } = JSON.parse(process.env.JOB)
const client = new WhatsAppClient({ session: 'Tienda', store, endpoint })
await client.connect()
await client.opened()
const said = []
for (let time = 0; time < 2; time++) {
  const { code, data } = await client.download(Buffer.from(raw, 'base64'), { path: folder + '/file' }).catch((error) => error)
  said.push({ code, cause: data?.cause, files: readdirSync(folder) })
}
console.log(JSON.stringify(said))
await client.disconnect()
`

/** Runs with a folder that is a disk of 128 kB, which only the program sees. */
const WITH_A_SMALL_DISK = ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=128k none "$0" && exec "$@"']

test('a disk that is full says so, and nothing is left on it', async (t) => {
  const disk = temporary(t)
  const can = spawnSync('unshare', [...WITH_A_SMALL_DISK, disk, 'true'])
  if (can.status !== 0) return t.skip('a file system of its own needs unshare(1) and the right to mount')
  const emulator = await startEmulator()
  t.after(() => emulator.stop())
  const store = `sqlite:${path.join(temporary(t), 'sessions.db')}`
  const client = await openClient(t, emulator, 'Tienda', { store })
  await client.disconnect()
  const put = await emulator.media.put('document', randomBytes(SIZE))
  const raw = Buffer.from(proto.Message.encode(proto.Message.fromObject({ documentMessage: put })).finish()).toString('base64')
  const job = { store, endpoint: emulator.endpoint, raw, folder: disk }
  const child = spawn('unshare', [...WITH_A_SMALL_DISK, disk, process.execPath, '--input-type=module', '-e', DOWNLOADER], {
    cwd: import.meta.dirname, env: { ...process.env, JOB: JSON.stringify(job) }, stdio: ['ignore', 'pipe', 'inherit'],
  })
  const full = { code: 'FILE_FAILED', cause: 'ENOSPC', files: [] }
  assert.deepEqual(JSON.parse(await text(child.stdout)), [full, full])
})

test('a source that cannot be sent has its code, and nothing is sent', async (t) => {
  const { emulator, client, folder } = await begin(t, { allowPrivateUrls: true })
  const huge = path.join(folder, 'huge')
  writeFileSync(huge, '')
  truncateSync(huge, 2 ** 31 + 1)
  const large = path.join(folder, 'large')
  writeFileSync(large, '')
  truncateSync(large, 60_000_000)
  const server = createServer((request, response) => {
    if (request.url === '/long') return response.writeHead(200, { 'content-length': 2 ** 31 + 1 }).write('x')
    if (request.url === '/cut') return response.writeHead(200, { 'content-length': 1000 }).write('x', () => response.destroy())
    return response.writeHead(404).end('<html>')
  }).listen(0, '127.0.0.1')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await waitFor(() => server.listening, 'the web server')
  const url = `http://127.0.0.1:${server.address().port}`
  async function* numbers() {
    yield 7
  }
  for (const [name, source, code] of [
    ['no file', path.join(folder, 'none'), 'FILE_FAILED'],
    ['a folder', folder, 'FILE_FAILED'],
    ...(existsSync('/dev/zero') ? [['a device', '/dev/zero', 'FILE_FAILED']] : []),
    ['more than the service takes', huge, 'MEDIA_TOO_LARGE'],
    ['more than the host takes', large, 'MEDIA_TOO_LARGE'],
    ['a page that is not there', `${url}/gone`, 'MEDIA_FAILED'],
    ['a file that is too long', `${url}/long`, 'MEDIA_TOO_LARGE'],
    ['a file that is cut off', `${url}/cut`, 'MEDIA_FAILED'],
    ['another protocol', 'ftp://example.com/a', 'FILE_FAILED'],
    ['a stream of numbers', numbers(), 'INVALID_CONTENT'],
    ['a number', 7, 'INVALID_CONTENT'],
    ['an odd object', {}, 'INVALID_CONTENT'],
  ]) {
    await assert.rejects(client.send('+15550009999', { document: source }), (error) => error.code === code || assert.fail(`${name}: ${error.code} ${error.message}`))
  }
  assert.deepEqual((await emulator.stanzas({ account: 'Tienda', direction: 'out', tag: 'message' })).filter(({ stanza }) => stanza.attrs.category !== 'peer'), [])
})

test('pictures that are broken or absurd are sent as they are, without a thumbnail', async (t) => {
  const { client } = await begin(t)
  const sized = (width, height) => {
    const picture = Buffer.from(png(4, 4))
    picture.writeUInt32BE(width, 16)
    picture.writeUInt32BE(height, 20)
    return picture
  }
  const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0000b08ffffffff0101110000', 'hex')
  for (const [name, picture] of [
    ['2 billion pixels wide', sized(0x7fffffff, 0x7fffffff)], ['no pixels', sized(0, 0)], ['cut off', png(400, 400).subarray(0, 60)],
    ['a header and nothing', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')], ['a huge JPEG of nothing', jpeg], ['a GIF of nothing', Buffer.from('GIF89a\xff\xff\xff\xff\x00\x00\x00', 'latin1')],
    ['a WebP of nothing', Buffer.from('RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff', 'latin1')], ['HTML', Buffer.from('<html>')], ['nothing', Buffer.alloc(0)], ['noise', randomBytes(5000)],
  ]) {
    const uploaded = await client.upload(picture, { kind: 'image' })
    assert.deepEqual([uploaded.thumbnail, uploaded.size], [undefined, picture.length], name)
  }
})
