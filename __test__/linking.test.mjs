// How a session begins and ends beside the QR code: pairing by code, versions, bans, wiping, proxies.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { test, after } from 'node:test'

import { WhatsAppClient, fetchLatestVersion } from 'chasqui'
import { startEmulator } from 'chasqui/testing'

import { clientOf, next, openClient } from './help.mjs'
import { httpProxy, socksProxy } from './harness/proxies.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())

function waiting(t, session, options = {}) {
  const client = new WhatsAppClient({ session, store: 'memory:', endpoint: emulator.endpoint, pushName: session, ...options })
  t.after(() => client.disconnect())
  return client
}

test('a code typed into the phone pairs the session, and texts go both ways', async (t) => {
  const client = waiting(t, 'Typist')
  await client.connect()
  const code = await client.requestPairingCode('+57 300 555 0100')
  assert.match(code, /^[1-9A-HJ-NP-TV-Z]{8}$/)
  assert.equal(client.state, 'code')
  const linked = await emulator.enterCode(`${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase())
  await client.opened()
  assert.deepEqual([client.user.jid, client.user.device], [linked.jid, linked.device])

  const maria = await emulator.contact('María')
  const arrived = next(client, 'message', ({ text }) => text === 'Hola')
  await maria.send(client.user.jid, { text: 'Hola' })
  await client.send(await arrived, { text: 'Buenas' })
  await maria.waitForMessage(({ text }) => text === 'Buenas')
  await assert.rejects(client.requestPairingCode('+573005550100'), { code: 'ALREADY_PAIRED' })
})

test('a code of the program’s own choice, typed wrongly once, pairs', async (t) => {
  const client = waiting(t, 'Chooser')
  await client.connect()
  assert.equal(await client.requestPairingCode('573005550101', { code: 'chas-qu12'.replace('u', 'w') }), 'CHASQW12')
  await assert.rejects(emulator.enterCode('CHASQW13'), { code: 'PAIRING_FAILED' })
  assert.equal(client.state, 'code')
  await emulator.enterCode('CHASQW12')
  await client.opened()
})

test('a second code takes the place of the first', async (t) => {
  const client = waiting(t, 'Twice')
  await client.connect()
  const first = await client.requestPairingCode('573005550102')
  const second = await client.requestPairingCode('573005550102')
  assert.notEqual(first, second)
  await assert.rejects(emulator.enterCode(first), { code: 'PAIRING_FAILED' })
  await emulator.enterCode(second)
  await client.opened()
})

test('a code is refused where it cannot be had', async (t) => {
  const client = waiting(t, 'Refused')
  await assert.rejects(client.requestPairingCode('573005550103'), { code: 'NOT_CONNECTED' })
  await client.connect()
  for (const number of ['', '12345', 'María', '0573005550103']) {
    await assert.rejects(client.requestPairingCode(number), { code: 'INVALID_RECIPIENT' })
  }
  for (const code of ['', 'ABCD123', 'ABCD1230', 'ABCD 1234']) {
    await assert.rejects(client.requestPairingCode('573005550103', { code }), { code: 'INVALID_OPTION', data: { option: 'code' } })
  }
  const asked = client.requestPairingCode('573005550103').catch((error) => error)
  await client.disconnect()
  const outcome = await asked
  assert.ok(typeof outcome === 'string' || outcome.code === 'DISCONNECTED', String(outcome))
})

test('unlinked on the phone, a session is kept, or wiped if that is wanted', async (t) => {
  const keeper = await openClient(t, emulator, 'Keeper')
  const kept = next(keeper, 'connection', ({ state }) => state === 'closed')
  await emulator.unlink('Keeper')
  assert.equal((await kept).reason.code, 'LOGGED_OUT')
  assert.ok(keeper.user)
  await assert.rejects(keeper.connect(), { code: 'LOGGED_OUT' })

  const wiper = await openClient(t, emulator, 'Wiper', { wipeOnLogout: true })
  const wiped = next(wiper, 'connection', ({ state }) => state === 'closed')
  await emulator.unlink('Wiper')
  assert.equal((await wiped).reason.code, 'LOGGED_OUT')
  assert.deepEqual(await wiper.connect(), { state: 'qr' })
})

test('a temporary ban is told with its end, and waited for', async (t) => {
  const client = await openClient(t, emulator, 'Banned')
  const told = next(client, 'connection', ({ reason }) => reason?.code === 'TEMPORARILY_BANNED')
  const back = next(client, 'connection', ({ state }) => state === 'open')
  await emulator.disconnect({ account: 'Banned', how: 'failure', reason: 402, code: 101, expire: 2 })
  const { state, willRetry, retryIn, reason } = await told
  assert.deepEqual([state, willRetry, retryIn], ['reconnecting', true, 2000])
  assert.deepEqual([reason.data.expiresInSeconds, reason.data.banCode], [2, 101])
  await back
})

test('called outdated, a client asks for a newer version once, and goes on with it', async (t) => {
  const strict = await startEmulator({ minVersion: [2, 3000, 2_000_000_000] })
  t.after(() => strict.stop())
  let asked = 0
  const version = () => (asked++, [2, 3000, 2_000_000_001])
  const client = waiting(t, 'Newer', { endpoint: strict.endpoint, version })
  assert.deepEqual(await client.connect(), { state: 'qr' })
  assert.equal(asked, 1)

  for (const useless of [() => [2, 3000, 1], () => undefined, () => [2, 3000, 1_900_000_000]]) {
    const stuck = waiting(t, 'Stuck', { endpoint: strict.endpoint, version: useless })
    await assert.rejects(stuck.connect(), { code: 'CLIENT_OUTDATED' })
    assert.equal(stuck.state, 'closed')
  }
  const fixed = waiting(t, 'Fixed', { endpoint: strict.endpoint })
  await assert.rejects(fixed.connect(), { code: 'CLIENT_OUTDATED' })
})

test('the newest version is read from the service’s worker', async (t) => {
  const answers = {
    '/good': (response) => response.end(`self.x={"client_revision":1044000000,"b":1}`),
    '/escaped': (response) => response.end(`JSON.parse("{\\"client_revision\\":1044000001}")`),
    '/none': (response) => response.end('nothing here'),
    '/busy': (response) => response.writeHead(503).end(),
    '/silent': () => {},
  }
  const server = http.createServer((request, response) => answers[request.url](response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  const at = (path) => `http://127.0.0.1:${server.address().port}${path}`
  assert.deepEqual(await fetchLatestVersion({ url: at('/good') }), [2, 3000, 1_044_000_000])
  assert.deepEqual(await fetchLatestVersion({ url: at('/escaped') }), [2, 3000, 1_044_000_001])
  await assert.rejects(fetchLatestVersion({ url: at('/none') }), { code: 'REQUEST_FAILED' })
  await assert.rejects(fetchLatestVersion({ url: at('/busy') }), { code: 'REQUEST_FAILED', data: { error: 503 } })
  await assert.rejects(fetchLatestVersion({ url: at('/silent'), timeout: 50 }), { code: 'TIMEOUT' })
  const fallback = [2, 3000, 5]
  for (const path of ['/none', '/busy', '/silent']) {
    assert.deepEqual(await fetchLatestVersion({ url: at(path), timeout: 50, fallback }), fallback)
  }
  let used = 0
  const own = (...args) => (used++, fetch(...args))
  await fetchLatestVersion({ url: at('/good'), fetch: own })
  assert.equal(used, 1)
})

for (const [scheme, proxyOf] of [['http', httpProxy], ['socks5', socksProxy]]) {
  test(`a session goes through a ${scheme} proxy with credentials, which are in no log line`, async (t) => {
    const proxy = await proxyOf(t, { user: 'maria', password: 's@fe:word' })
    const lines = []
    const line = (text) => lines.push(text)
    const logger = { trace: line, debug: line, info: line, warn: line, error: line }
    const account = `Through ${scheme}`
    const good = `${scheme}://maria:s%40fe%3Aword@127.0.0.1:${proxy.port}`
    const client = await openClient(t, emulator, account, { proxy: good, logger })
    assert.ok(proxy.targets.includes(new URL(emulator.url).host), String(proxy.targets))
    const maria = await emulator.contact('María')
    await client.send(maria.jid, { text: `by ${scheme}` })
    await maria.waitForMessage(({ text }) => text === `by ${scheme}`)

    const refused = clientOf(t, emulator, account, { session: 'wrong', logger, proxy: `${scheme}://maria:wr0ng@127.0.0.1:${proxy.port}` })
    await assert.rejects(refused.connect(), (error) => {
      assert.equal(error.code, 'PROXY_FAILED')
      assert.equal(error.data.proxy, `127.0.0.1:${proxy.port}`)
      if (scheme === 'http') assert.equal(error.data.status, 407)
      return true
    })
    const said = lines.join('\n')
    assert.ok(lines.length > 0)
    for (const secret of ['s@fe', 's%40fe', 'wr0ng', Buffer.from('maria:s@fe:word').toString('base64')]) assert.ok(!said.includes(secret))
  })
}

test('a proxy that cannot be reached is told as such and tried again', async (t) => {
  const client = clientOf(t, emulator, 'Lost', { proxy: 'http://127.0.0.1:9' })
  const told = next(client, 'connection', ({ state }) => state === 'reconnecting')
  client.connect().catch(() => {})
  const { reason, willRetry } = await told
  assert.deepEqual([reason.code, willRetry], ['PROXY_FAILED', true])
})

test('what is no proxy is an invalid option', () => {
  for (const proxy of ['', 'localhost:8080', 'https://localhost:8080', 'ftp://x', 5]) {
    assert.throws(() => new WhatsAppClient({ session: 'x', store: 'memory:', proxy }), { code: 'INVALID_OPTION', data: { option: 'proxy' } })
  }
})
