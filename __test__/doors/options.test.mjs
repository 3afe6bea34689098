// The options of `makeWASocket`: defaults, limits, and the address of a proxy.
import assert from 'node:assert/strict'
import { Agent } from 'node:https'
import { createRequire } from 'node:module'
import { test } from 'node:test'

const require = createRequire(import.meta.url)
const { OPTIONS, resolveConfig } = require('../../dist/baileys/options.js')
const { proxyOf } = require('../../dist/baileys/proxy.js')
const { DEFAULT_CONNECTION_CONFIG } = require('../../dist/baileys/index.js')
const { EDITION_7 } = require('../../dist/baileys/edition.js')
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

/** Of each option a value that says something; and whether it is said that it has no effect, or not all of it. */
const VALUES = {
  agent: [[new Agent(), true], [{ proxy: new URL('http://proxy.example') }, false]],
  appStateMacVerification: [[{ patch: false, snapshot: true }, false], [{ patch: true, snapshot: true }, false]],
  auth: [[auth, false]],
  browser: [[['Ubuntu', 'Firefox', '1'], false]],
  cachedGroupMetadata: [[async () => undefined, false]],
  callOfferCache: [[new Map(), false]],
  connectTimeoutMs: [[1, false]],
  countryCode: [['PE', false]],
  customUploadHosts: [[[{ hostname: 'a.example' }], false]],
  defaultQueryTimeoutMs: [[1, false]],
  emitOwnEvents: [[false, false]],
  enableAutoSessionRecreation: [[false, false]],
  enableRecentMessageCache: [[false, true], [true, false]],
  fetchAgent: [[new Agent(), false]],
  fireInitQueries: [[false, false]],
  generateHighQualityLinkPreview: [[true, false]],
  getMessage: [[async () => undefined, false]],
  keepAliveIntervalMs: [[1, false]],
  linkPreviewImageThumbnailWidth: [[1, false]],
  makeSignalRepository: [[() => ({}), true]],
  markOnlineOnConnect: [[false, false]],
  maxMsgRetryCount: [[1, false]],
  mediaCache: [[new Map(), false]],
  mobile: [[false, false]],
  msgRetryCounterCache: [[new Map(), false]],
  options: [[{ headers: { a: 'b' } }, true], [{ dispatcher: {} }, false]],
  patchMessageBeforeSending: [[(message) => message, false]],
  placeholderResendCache: [[new Map(), false]],
  printQRInTerminal: [[true, true], [false, false]],
  pushName: [['Tienda', false]],
  qrTimeout: [[1, false]],
  retryRequestDelayMs: [[1, false]],
  shouldIgnoreJid: [[() => true, false]],
  shouldSyncHistoryMessage: [[() => true, false]],
  syncFullHistory: [[false, false]],
  transactionOpts: [[{ maxCommitRetries: 1, delayBetweenTriesMs: 1 }, false]],
  userDevicesCache: [[new Map(), true]],
  version: [[[2, 3000, 1], false]],
  waWebSocketUrl: [['wss://service.example', false]],
}

test('each option says that it has no effect, or not all of it, where that is so, and nowhere else', () => {
  assert.deepEqual(Object.keys(VALUES).concat('logger').sort(), Object.keys(OPTIONS).sort())
  for (const [option, values] of Object.entries(VALUES)) {
    for (const [value, limited] of values) {
      const why = OPTIONS[option](value, EDITION_7)
      assert.equal(why !== undefined, limited, `${option}: ${why}`)
      if (limited) assert.match(why, /^(?:[a-z]|Baileys).{15,}[^.]$/, option)
    }
  }
  assert.equal(OPTIONS.printQRInTerminal(true, EDITION_6), undefined)
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
