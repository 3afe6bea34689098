// Media hosts: asked for and uploaded to beside npm Baileys; and hosts that fail, of a server of our own.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'
import { test } from 'node:test'

import { temporaryFolder } from '../harness/baileys.mjs'
import { stage } from '../interop/sides.mjs'
import { overEngine, sideBySide, stanzaLogger } from './members-context.mjs'

const { getWAUploadToServer, uploadWithNodeHttp } = createRequire(import.meta.url)('../../dist/baileys/media-upload.js')

function file(content) {
  const filePath = path.join(temporaryFolder(), 'file')
  writeFileSync(filePath, content)
  return { filePath, fileEncSha256B64: createHash('sha256').update(content).digest('base64') }
}

test('files are uploaded as Baileys does', async (t) => {
  const { baileys, emulator } = await stage(t)
  const log = stanzaLogger()
  const ana = await baileys('Ana', { socketOptions: { logger: log } })
  const { same, ours } = sideBySide(ana, log, { config: { waWebSocketUrl: emulator.endpoint } })
  assert.equal(ours.members.getMediaHost(), 'mmg.whatsapp.net')
  await same('the hosts', (socket) => socket.refreshMediaConn(true))
  await same('the hosts, known', (socket) => socket.refreshMediaConn())
  await same('the host', async (socket) => socket.getMediaHost())
  const { filePath, fileEncSha256B64 } = file('hola')
  for (const mediaType of ['image', 'document', 'product-catalog-image']) {
    const up = (socket) => socket.waUploadToServer(filePath, { mediaType, fileEncSha256B64, timeoutMs: 10_000 })
    const [mine, theirs] = [await up(ours.members), await up(ana.socket)]
    assert.deepEqual(Object.keys(mine).toSorted(), Object.keys(theirs).toSorted())
    assert.equal(new URL(mine.mediaUrl).pathname, new URL(theirs.mediaUrl).pathname)
    assert.equal(mine.directPath.split('?')[0], theirs.directPath.split('?')[0])
  }
  await same('no such kind', (socket) => socket.waUploadToServer(filePath, { mediaType: 'bogus', fileEncSha256B64 }), { sent: false })
  await same('no such file', (socket) => socket.waUploadToServer(`${filePath}.none`, { mediaType: 'image', fileEncSha256B64 }), { sent: false })
  await same('another file than said', (socket) => socket.waUploadToServer(filePath, { mediaType: 'image', fileEncSha256B64: file('other').fileEncSha256B64 }), { sent: false })
})

test('hosts are asked for once by all who want them', async (t) => {
  const { chasqui } = await stage(t)
  const ana = await chasqui('Ana')
  const { members } = overEngine(ana.client)
  const asked = async () => (await ana.stanzas({ direction: 'out', tag: 'iq', xmlns: 'w:m' })).length
  const before = await asked()
  const found = await Promise.all([1, 2, 3].map(() => members.refreshMediaConn()))
  assert.ok(found.every((one) => one === found[0]))
  assert.equal(await asked(), before + 1)
  await members.refreshMediaConn(true)
  assert.equal(await asked(), before + 2)
})

async function server(t, answer) {
  const seen = []
  const it = createServer((request, response) => {
    const pieces = []
    request.on('data', (piece) => pieces.push(piece))
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString()
      seen.push({ url: request.url, headers: request.headers, body })
      answer(request, response, body)
    })
  })
  await new Promise((resolve) => it.listen(0, '127.0.0.1', resolve))
  t.after(() => it.close())
  return { seen, origin: `http://127.0.0.1:${it.address().port}` }
}
const json = (response, value) => response.end(JSON.stringify(value))

test('an upload follows redirections with its file, and not for ever', async (t) => {
  const { filePath } = file('hola')
  const { seen, origin } = await server(t, ({ url }, response) => {
    if (url === '/end') return json(response, { direct_path: '/there' })
    if (url === '/text') return response.end('<html>')
    response.writeHead(302, { Location: url === '/once' ? '/end' : '/loop' }).end()
  })
  const headers = { 'X-Own': 'yes' }
  assert.deepEqual(await uploadWithNodeHttp({ url: `${origin}/once`, filePath, headers }), { direct_path: '/there' })
  assert.deepEqual(seen.map(({ body, headers }) => [body, headers['x-own'], headers['content-length']]), [['hola', 'yes', '4'], ['hola', 'yes', '4']])
  assert.equal(await uploadWithNodeHttp({ url: `${origin}/text`, filePath, headers }), undefined)
  await assert.rejects(uploadWithNodeHttp({ url: `${origin}/loop`, filePath, headers }), /Too many redirects/)
  await assert.rejects(uploadWithNodeHttp({ url: `${origin}/once`, filePath: `${filePath}.none`, headers }), { code: 'ENOENT' })
})

test('a host that does not answer is given up after the time', async (t) => {
  const { filePath } = file('hola')
  const { origin } = await server(t, () => {})
  await assert.rejects(uploadWithNodeHttp({ url: `${origin}/`, filePath, headers: {}, timeoutMs: 50 }), ({ output }) => output.statusCode === 408)
})

test("the program's hosts come first, and the next one where one fails", async (t) => {
  const { filePath, fileEncSha256B64 } = file('hola')
  const asked = []
  // A dispatcher of undici instead of an agent: the uploads go by fetch.
  const dispatcher = { dispatch() {} }
  const { fetch } = globalThis
  t.after(() => (globalThis.fetch = fetch))
  globalThis.fetch = async (url, { dispatcher: given }) => {
    assert.equal(given, dispatcher)
    const { host, searchParams } = new URL(url)
    asked.push([host, searchParams.get('auth')])
    if (host === 'down') throw new Error('down')
    return new Response(host === 'good' ? '{"direct_path":"/v/1","ts":7}' : 'no')
  }
  let auth = 0
  const hosts = (...names) => names.map((hostname) => ({ hostname, maxContentLengthBytes: NaN }))
  const refresh = (force) => ({ hosts: hosts('full', 'good'), auth: `a${force ? ++auth : auth}`, ttl: 1, fetchDate: new Date() })
  const upload = getWAUploadToServer({ customUploadHosts: hosts('down'), fetchAgent: dispatcher }, async (force) => refresh(force))
  const about = { mediaType: 'image', fileEncSha256B64 }
  assert.deepEqual(await upload(filePath, about), { mediaUrl: 'https://good/v/1', directPath: '/v/1', meta_hmac: undefined, fbid: undefined, ts: 7 })
  assert.deepEqual(asked, [['down', 'a0'], ['full', 'a0'], ['good', 'a1']])
  const bad = getWAUploadToServer({ customUploadHosts: hosts('down'), fetchAgent: dispatcher }, async () => ({ ...refresh(false), hosts: hosts('down') }))
  await assert.rejects(bad(filePath, about), ({ message, output }) => message === 'Media upload failed on all hosts' && output.statusCode === 500)
})
