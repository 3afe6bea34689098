// chasqui/testing and the command line.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:https'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { startEmulator } from 'chasqui/testing'

import { firstQr, openClient } from './help.mjs'
import { WhatsAppClient } from 'chasqui'

async function start(t, options) {
  const emulator = await startEmulator(options)
  t.after(() => emulator.stop())
  return emulator
}

test('many emulators run side by side, each with its own accounts', async (t) => {
  const emulators = await Promise.all(Array.from({ length: 8 }, () => start(t)))
  assert.equal(new Set(emulators.map(({ url }) => url)).size, 8)
  await openClient(t, emulators[0], 'Here')
  assert.deepEqual((await emulators[0].accounts()).map(({ name }) => name), ['Here'])
  assert.deepEqual(await emulators[1].accounts(), [])
})

test('the addresses are those of one port, over TLS and without', async (t) => {
  const emulator = await start(t)
  const { port } = new URL(emulator.url)
  assert.equal(emulator.url, `wss://127.0.0.1:${port}/ws/chat`)
  assert.equal(emulator.wsUrl, `ws://127.0.0.1:${port}/ws/chat`)
  assert.equal(new URL(emulator.httpUrl).port, port)
  assert.deepEqual(emulator.endpoint, { url: emulator.url, rootKey: emulator.rootKey, ca: emulator.ca })
  assert.equal((await start(t, { tls: false })).endpoint.url.slice(0, 5), 'ws://')
  const [response] = await once(get(emulator.httpUrl.replace('http:', 'https:'), { ca: emulator.ca }), 'response')
  response.resume()
  assert.ok(response.statusCode < 500)
})

test('the wrong options and a taken port are named', async (t) => {
  const emulator = await start(t)
  const port = Number(new URL(emulator.url).port)
  await assert.rejects(startEmulator({ port }), { code: 'PORT_IN_USE' })
  for (const [option, value] of [['port', 'x'], ['port', 65_536], ['rootKey', 'AAAA'], ['prot', 1]]) {
    await assert.rejects(startEmulator({ [option]: value }), { code: 'INVALID_OPTION', data: { option } })
  }
  await assert.rejects(startEmulator(null), { code: 'INVALID_OPTION' })
})

test('a scan of something else, or of an old code, is refused', async (t) => {
  const emulator = await start(t)
  await assert.rejects(emulator.scan('hello'), { code: 'INVALID_QR' })
  const client = new WhatsAppClient({ session: 'x', store: 'memory:', endpoint: emulator.endpoint })
  t.after(() => client.disconnect())
  const shown = firstQr(client)
  await client.connect()
  const { text } = await shown
  await emulator.scan(text, { account: 'Scanned' })
  await client.opened()
  await assert.rejects(emulator.scan(text), { code: 'QR_EXPIRED' })
})

test('stanzas() shows what was sent and received', async (t) => {
  const emulator = await start(t)
  const client = await openClient(t, emulator, 'Seen')
  const maria = await emulator.contact('María')
  const { id } = await client.send(maria.lid, { text: 'x' })
  const [stanza, ...others] = await emulator.stanzas({ account: 'Seen', direction: 'out', tag: 'message' })
  assert.deepEqual([stanza.stanza.attrs.id, stanza.account, others], [id, 'Seen', []])
  assert.equal((await emulator.stanzas({ direction: 'in', tag: 'ack', id })).length, 1)
})

test('waitForMessage() finds what came before it, gives each message once, and says what it got instead', async (t) => {
  const emulator = await start(t)
  const [ana, ben] = [await emulator.contact('Ana'), await emulator.contact('Ben')]
  for (const text of ['one', 'two', 'three']) await ana.send('Ben', { text })
  assert.equal((await ben.waitForMessage(({ text }) => text === 'two')).text, 'two')
  assert.equal((await ben.waitForMessage()).text, 'one')
  // All have arrived when the last is confirmed.
  for (let n = 0; n < 3; n++) await ana.waitForReceipt()
  const missing = ben.waitForMessage(({ text }) => text === 'two', { timeout: 50 })
  await assert.rejects(missing, { code: 'TIMEOUT', message: 'Ben got no such message within 50 ms; the last others were "three".' })
  const broken = assert.rejects(
    ben.waitForMessage(({ text }) => { if (text === 'four') throw new Error('my own fault') }),
    { message: 'my own fault' },
  )
  await ben.waitForMessage(({ text }) => text === 'three')
  // Options alone are understood, and anything else is told apart.
  await assert.rejects(ben.waitForMessage({ timeout: 1 }), { code: 'TIMEOUT' })
  await assert.rejects(ben.waitForReceipt('read'), { code: 'INVALID_OPTION', message: 'Option "predicate" must be a function.' })
  await assert.rejects(ben.waitForMessage({ timeout: '1' }), { code: 'INVALID_OPTION' })
  await ana.send('Ben', { text: 'four' })
  await broken
})

test('the Noise root and the TLS names can be given, and outlast a restart', async (t) => {
  const rootKey = Buffer.alloc(32, 7).toString('base64')
  const [one, two] = [await start(t, { rootKey, tls: { names: ['localhost'] } }), await start(t, { rootKey })]
  assert.equal(one.rootKey, two.rootKey)
  assert.notEqual(one.ca, two.ca)
})

test('stop() ends connections and waits, can be called twice, and frees the port', async (t) => {
  const emulator = await startEmulator()
  const port = Number(new URL(emulator.url).port)
  const maria = await emulator.contact('María')
  const waiting = assert.rejects(maria.waitForMessage(), { code: 'EMULATOR_FAILED' })
  await emulator.stop()
  await waiting
  await emulator[Symbol.asyncDispose]()
  await assert.rejects(emulator.accounts(), { code: 'EMULATOR_FAILED' })
  await start(t, { port })
})

function cli(...args) {
  return cliWith({}, ...args)
}

function cliWith(variables, ...args) {
  const bin = fileURLToPath(new URL('../bin/chasqui.js', import.meta.url))
  const env = { ...process.env, ...variables }
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
  let output = ''
  const said = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        output += data
        resolve()
      })
    }
  })
  const ended = once(child, 'close').then(([code]) => ({ code, output }))
  return { child, said, ended, output: () => output }
}

test('the program prints its addresses, serves, and ends on SIGTERM and on SIGINT', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    const { child, said, ended, output } = cli('emulator', '--port', '0')
    t.after(() => child.kill('SIGKILL'))
    await said
    const [, url] = /\bws +(ws:\S+)/.exec(output())
    const [, rootKey] = /root key +(\S+)/.exec(output())
    const client = new WhatsAppClient({ session: 'x', store: 'memory:', endpoint: { url, rootKey } })
    assert.deepEqual(await client.connect(), { state: 'qr' })
    await client.disconnect()
    child.kill(signal)
    assert.equal((await ended).code, 0)
  }
})

test('the program says what is wrong with its arguments', async (t) => {
  const emulator = await start(t)
  const { port } = new URL(emulator.url)
  for (const [args, text] of [
    [[], /^Usage: chasqui emulator/], [['emulator', '--prot', '1'], /--prot/], [['emulator', '--port', 'x'], /"x" is not a port/],
    [['emulator', '--port', port], /in use/],
  ]) {
    const { code, output } = await cli(...args).ended
    assert.equal(code, 1)
    assert.match(output, text)
  }
})

test('the program takes what its arguments leave out from the environment', async (t) => {
  const rootKey = Buffer.alloc(32, 5).toString('base64')
  const expected = (await start(t, { rootKey })).rootKey
  const { child, said, ended, output } = cliWith({ CHASQUI_EMULATOR_NOISE_ROOT: rootKey, PORT: '1' }, 'emulator', '--port', '0')
  t.after(() => child.kill('SIGKILL'))
  await said
  assert.ok(output().includes(expected))
  child.kill('SIGTERM')
  await ended
  const wrong = await cliWith({ CHASQUI_EMULATOR_NOISE_ROOT: 'x' }, 'emulator', '--port', '0').ended
  assert.equal(wrong.code, 1)
  assert.match(wrong.output, /CHASQUI_EMULATOR_NOISE_ROOT/)
})

test('a group is made, changed and talked in by people of the emulator alone', async (t) => {
  const emulator = await start(t)
  const [ana, ben, eva] = [await emulator.contact('Ana'), await emulator.contact('Ben'), await emulator.contact('Eva')]
  const group = await emulator.group({ subject: 'Paseo', members: ['Ana', 'Ben'], description: 'Sunday' })
  assert.deepEqual(group.members.map(({ name, role }) => [name, role]), [['Ana', 'superadmin'], ['Ben', 'member']])
  assert.match(group.jid, /^1203\d+@g\.us$/)
  await ana.send(group, { text: 'who comes?' })
  const got = await ben.waitForMessage()
  assert.deepEqual([got.text, got.group, got.chat, got.from, got.encryption], ['who comes?', group.jid, group.jid, ana.jid, 'skmsg'])
  assert.deepEqual((await ana.waitForReceipt()).group, group.jid)
  await ben.read()
  await ana.waitForReceipt(({ receipt }) => receipt === 'read')

  await assert.rejects(eva.send(group.jid, { text: 'x' }), { code: 'EMULATOR_FAILED' })
  await group.change({ add: ['Eva'] })
  await group.change({ remove: ['Ben'] }, { by: 'Ana' })
  await ana.send(group.jid, { text: 'the two of us' })
  assert.equal((await eva.waitForMessage()).text, 'the two of us')
  await group.change({ subject: 'Paseo de dos' })
  await group.change({ leave: 'Eva' })
  const { subject, members } = await group.details()
  assert.deepEqual([subject, members.map(({ name }) => name)], ['Paseo de dos', ['Ana']])
  assert.deepEqual((await emulator.groups()).map(({ jid }) => jid), [group.jid])
  for (const options of [{ subject: '', members: ['Ana'] }, { subject: 'x', members: [] }, { subject: 'x', membres: [] }]) {
    await assert.rejects(emulator.group(options), { code: 'INVALID_OPTION' })
  }
})

test('faults are added, listed and cleared, and the wrong ones are named', async (t) => {
  const emulator = await start(t)
  const { id } = await emulator.faults.add({ what: 'drop', tag: 'ack', rate: 0.5, seed: 7 })
  await emulator.faults.add({ what: 'delay', milliseconds: 5 })
  assert.deepEqual((await emulator.faults.list()).map(({ rule, hits }) => [rule.what, hits]), [['drop', 0], ['delay', 0]])
  await emulator.faults.clear(id)
  assert.equal((await emulator.faults.list()).length, 1)
  await emulator.faults.clear()
  assert.deepEqual(await emulator.faults.list(), [])
  await assert.rejects(emulator.faults.add({ what: 'delay' }), { code: 'INVALID_OPTION', data: { option: 'milliseconds' } })
  await assert.rejects(emulator.faults.add({ what: 'vanish' }), { code: 'INVALID_OPTION' })
})

test('files are put, read, listed and removed, and their faults are added, listed and cleared', async (t) => {
  const emulator = await start(t)
  const { media } = emulator
  const file = Buffer.from('a voice')
  const put = await media.put('ptt', file)
  assert.deepEqual([put.mediaKey.length, put.fileSha256.length, put.fileLength, put.streamingSidecar.length], [32, 32, 7, 10])
  const stored = await media.get(put.directPath)
  assert.equal(stored.length, 26)
  assert.deepEqual(await media.get(put.directPath, { mediaKey: put.mediaKey, kind: 'ptt' }), file)
  await assert.rejects(media.get(put.directPath, { mediaKey: put.mediaKey, kind: 'image' }), { code: 'INVALID_OPTION' })
  const plain = await media.put('image', file, { plain: true })
  assert.deepEqual(Object.keys(plain).sort(), ['directPath', 'fileLength', 'fileSha256', 'mediaKeyTimestamp', 'url'])
  const list = await media.list()
  assert.deepEqual(list.map(({ directPath, kind, length, fetched }) => ({ directPath, kind, length, fetched })), [
    { directPath: put.directPath, kind: 'ptt', length: 26, fetched: 0 },
    { directPath: plain.directPath, kind: 'image', length: 7, fetched: 0 },
  ])

  const rule = { what: 'status', code: 429, retryAfter: 2, path: plain.directPath, times: 1 }
  const { id } = await media.faults.add(rule)
  const { port } = new URL(emulator.url)
  const fetched = () => fetch(`http://127.0.0.1:${port}${plain.directPath}`)
  const refused = await fetched()
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '2'])
  assert.equal(await (await fetched()).text(), 'a voice')
  assert.deepEqual(await media.faults.list(), [{ id, rule: { ...rule, skip: 0 }, seen: 2, hits: 1 }])
  await media.faults.clear(id)
  assert.deepEqual(await media.faults.list(), [])
  await assert.rejects(media.faults.add({ what: 'status' }), { code: 'INVALID_OPTION', data: { option: 'code' } })

  await media.remove(put.directPath)
  await assert.rejects(media.get(put.directPath), { code: 'EMULATOR_FAILED' })
  await media.expireAuth()
})
