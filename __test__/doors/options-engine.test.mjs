// What the engine is told of the options of `makeWASocket`: a client in memory stands in its place.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

import { loadDoor, nextClient } from './fake-client.mjs'

const { makeWASocket, useMultiFileAuthState } = loadDoor('baileys')

const nothing = () => {}
const silent = { level: 'silent', child: () => silent, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing }

/** The options of the engine's client. */
async function told(t, config) {
  const folder = await mkdtemp(path.join(tmpdir(), 'chasqui-options-'))
  const { state } = await useMultiFileAuthState(folder)
  const made = nextClient()
  const sock = makeWASocket({ auth: state, logger: silent, ...config })
  t.after(async () => {
    await sock.end(undefined)
    await rm(folder, { recursive: true, force: true })
  })
  return (await made).options
}

const OPTIONS = [
  [{ browser: ['Ubuntu', 'Firefox', '22.04.4'] }, { browser: { os: 'Ubuntu', name: 'Firefox' } }],
  [{ countryCode: 'PE' }, { country: 'PE' }],
  [{ version: [2, 3000, 1_099_999_999] }, { version: [2, 3000, 1_099_999_999] }],
  [{ connectTimeoutMs: 1234 }, { connectTimeout: 1234 }],
  [{ pushName: 'Tienda' }, { pushName: 'Tienda' }],
  [{ agent: { proxy: new URL('http://u:p@proxy.example:81') } }, { proxy: 'http://u:p@proxy.example:81' }],
  [{ waWebSocketUrl: 'wss://service.example/ws' }, { endpoint: 'wss://service.example/ws' }],
  [{ waWebSocketUrl: new URL('wss://service.example/ws') }, { endpoint: 'wss://service.example/ws' }],
  [{ shouldSyncHistoryMessage: () => true }, { history: 'full' }],
  [{ shouldSyncHistoryMessage: () => true, syncFullHistory: false }, { history: 'recent' }],
  [{ shouldSyncHistoryMessage: () => false }, { history: false }],
]

test('what an option says reaches the engine, and is not there without it', async (t) => {
  const usual = await told(t, {})
  for (const [config, expected] of OPTIONS) {
    const options = await told(t, config)
    for (const [name, value] of Object.entries(expected)) {
      const given = options[name] instanceof URL ? options[name].href : options[name]
      assert.deepEqual(given, value, name)
      // The default for history is what the phone gives by itself.
      if (name !== 'history' || value !== 'recent') assert.notDeepEqual(usual[name], value, name)
    }
  }
  assert.equal(usual.proxy, undefined)
})

test('a logger that says nothing is not asked, and another one is the engine’s', async (t) => {
  assert.equal((await told(t, {})).logger, undefined)
  const logger = { ...silent, level: 'info' }
  assert.equal((await told(t, { logger })).logger, logger)
})
