// Both module formats, and what loading the door costs.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import makeWASocket, * as esm from 'chasqui/baileys'
import makeLegacySocket, * as legacy from 'chasqui/baileys/legacy'

import { listed } from '../../scripts/inventory.mjs'

const exec = promisify(execFile)
const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../..', import.meta.url))

test('import and require give the same functions, by default and by name', () => {
  for (const [entry, imported, byDefault] of [['chasqui/baileys', esm, makeWASocket], ['chasqui/baileys/legacy', legacy, makeLegacySocket]]) {
    const { default: required, ...cjs } = require(entry)
    assert.equal(typeof byDefault, 'function')
    assert.equal(required, byDefault)
    assert.equal(require(entry).makeWASocket, byDefault)
    assert.equal(imported.makeWASocket, byDefault)
    for (const [name, value] of Object.entries(cjs)) assert.equal(imported[name], value, name)
  }
})

test('every name can be imported', () => {
  const names = Object.keys(listed.exports)
  assert.deepEqual(names.filter((name) => !(name in esm)), [])
})

test('every name of 6 that 7 has not can be imported from the legacy entry', () => {
  for (const { exportsNotIn7 } of Object.values(listed.otherVersions)) {
    assert.deepEqual(exportsNotIn7.filter((name) => !(name in legacy)), [])
  }
})

test('loading does not build the schema, nor load what only some programs use', async () => {
  const look = `
    const before = performance.now()
    const { proto, Browsers } = require('chasqui/baileys')
    const loaded = Object.keys(require.cache).filter((file) => /protobufjs|schema\\.json|qrcode|sharp|jimp|link-preview/.test(file))
    console.log(JSON.stringify({ loaded, type: typeof proto, browser: Browsers.ubuntu('x')[1], built: typeof proto.Message.decode }))`
  const { stdout, stderr } = await exec(process.execPath, ['-e', look], { cwd: root })
  assert.equal(stderr, '')
  assert.deepEqual(JSON.parse(stdout), { loaded: [], type: 'object', browser: 'x', built: 'function' })
})
