// The options of `makeWASocket`: defaults, limits, and the address of a proxy.
import assert from 'node:assert/strict'
import { Agent } from 'node:https'
import { createRequire } from 'node:module'
import { test } from 'node:test'

const require = createRequire(import.meta.url)
const { OPTIONS, resolveConfig } = require('../../dist/baileys/options.js')
const { proxyOf } = require('../../dist/baileys/proxy.js')
const { DEFAULT_CONNECTION_CONFIG } = require('../../dist/baileys/index.js')
const { EDITION_6 } = require('../../dist/baileys/legacy/edition.js')

const auth = { creds: {}, keys: {} }
const listener = () => {
  const warnings = []
  const warn = (about, text) => warnings.push([about.option, text])
  return { warnings, logger: { level: 'info', child: () => undefined, trace() {}, debug() {}, info() {}, warn, error() {} } }
}

test('undefined means the default, and what the program says stands', () => {
  const config = resolveConfig({ auth, shouldSyncHistoryMessage: undefined, countryCode: 'PE', emitOwnEvents: false })
  assert.equal(config.shouldSyncHistoryMessage, DEFAULT_CONNECTION_CONFIG.shouldSyncHistoryMessage)
  assert.deepEqual([config.countryCode, config.emitOwnEvents, config.auth], ['PE', false, auth])
  assert.deepEqual(config.browser, ['Mac OS', 'Chrome', '14.4.1'])
  assert.equal(config.syncFullHistory, true)
  assert.equal(config.shouldSyncHistoryMessage({ syncType: 2 }), false)
})

test('the defaults of 6 are those of 6', () => {
  const config = resolveConfig({ auth }, EDITION_6)
  assert.deepEqual(config.browser, ['Ubuntu', 'Chrome', '22.04.4'])
  assert.equal(config.syncFullHistory, false)
  assert.equal(config.shouldSyncHistoryMessage({ syncType: 2 }), true)
  assert.equal(config.retryRequestDelayMs, 250)
})

test('an option that has no effect is named once, and why', () => {
  const { warnings, logger } = listener()
  const userDevicesCache = { get() {}, set() {}, del() {}, flushAll() {} }
  for (let n = 0; n < 2; n++) resolveConfig({ auth, logger, userDevicesCache, keepAliveIntervalMs: 30_000, agent: new Agent(), qrTimeout: 1 })
  assert.deepEqual(warnings.map(([option]) => option).sort(), ['agent', 'userDevicesCache'])
  for (const [option, text] of warnings) assert.match(text, new RegExp(`"${option}".*: .+\\.$`))
})

test('what WhatsApp took away is refused as Baileys refuses it', () => {
  for (const options of [{ mobile: true }, { waWebSocketUrl: 'tcp://g.example:443' }, { waWebSocketUrl: new URL('tcp://g.example') }]) {
    assert.throws(() => resolveConfig({ auth, ...options }), (error) => error.isBoom && error.output.statusCode === 401)
  }
})

test('every option of the table is one of Baileys', () => {
  assert.equal(Object.keys(OPTIONS).length, 40)
})

test('the address of a proxy is taken from the agents in use', () => {
  // As the packages keep it: see the versions in the titles.
  const agents = [
    ['https-proxy-agent 7', { proxy: new URL('http://u%40:p@proxy.example:81') }, 'http://u%40:p@proxy.example:81'],
    ['http-proxy-agent 7, without port', { proxy: new URL('http://proxy.example') }, 'http://proxy.example:80'],
    ['https-proxy-agent 5', { proxy: { host: 'proxy.example', port: 81, auth: 'u:p', href: 'http://u:p@proxy.example:81/' } }, 'http://u:p@proxy.example:81'],
    ['socks-proxy-agent 8', { proxy: { host: 'proxy.example', port: 1080, type: 5, userId: 'u', password: 'p:' } }, 'socks5://u:p%3A@proxy.example:1080'],
    ['proxy-agent 6', { getProxyForUrl: () => 'http://proxy.example:81' }, 'http://proxy.example:81'],
    ['proxy-agent 5', { proxyUri: 'socks://proxy.example' }, 'socks5://proxy.example:1080'],
    ['undici 6', { [Symbol('proxy agent options')]: { uri: 'http://u:p@proxy.example:81/', protocol: 'http:' } }, 'http://u:p@proxy.example:81'],
    ['socks 4', { proxy: { host: 'proxy.example', port: 1080, type: 4 } }, undefined],
    ['TLS to the proxy', { proxy: new URL('https://proxy.example') }, undefined],
    ['a proxy-agent that finds none', { getProxyForUrl: () => '' }, undefined],
    ['no proxy', new Agent(), undefined],
    ['nothing', undefined, undefined],
    ['text', 'http://proxy.example', undefined],
  ]
  for (const [title, agent, url] of agents) assert.equal(proxyOf(agent), url, title)
})
