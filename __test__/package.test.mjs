// What npm gets and what a program loads. Named after promise 9: it installs.

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import * as esm from 'chasqui'
import * as testing from 'chasqui/testing'

import { temporary } from './help.mjs'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('..', import.meta.url))
const { platformName } = require('../dist/native.js')

test('import and require give the same classes', () => {
  const cjs = require('chasqui')
  assert.equal(cjs.WhatsAppClient, esm.WhatsAppClient)
  assert.equal(cjs.ChasquiError, esm.ChasquiError)
  assert.equal(cjs.version, esm.version)
  assert.equal(require('chasqui/testing').startEmulator, testing.startEmulator)
  assert.equal(esm.version, require('chasqui/package.json').version)
})

test('the module loaded twice still has one error class', () => {
  const first = require('../dist/error.js').ChasquiError
  delete require.cache[require.resolve('../dist/error.js')]
  assert.equal(require('../dist/error.js').ChasquiError, first)
})

test('a missing platform package is named, with what to do', (t) => {
  const directory = temporary(t)
  cpSync(path.join(root, 'dist'), path.join(directory, 'dist'), { recursive: true })
  cpSync(path.join(root, 'package.json'), path.join(directory, 'package.json'))
  const { WhatsAppClient } = require(path.join(directory, 'dist', 'index.js'))
  assert.throws(() => new WhatsAppClient({ session: 'x', store: 'memory:' }), (error) => {
    assert.equal(error.data.platform, platformName())
    assert.match(error.message, new RegExp(`chasqui-${platformName()}@${esm.version}`))
    return true
  })
})

test('platforms have the names that napi-rs gives them', () => {
  assert.equal(platformName('linux', 'x64', false), 'linux-x64-gnu')
  assert.equal(platformName('linux', 'arm64', true), 'linux-arm64-musl')
  assert.equal(platformName('darwin', 'arm64', false), 'darwin-arm64')
  assert.equal(platformName('win32', 'x64', false), 'win32-x64-msvc')
})

test('the platform packages agree with package.json', () => {
  const { version, napi } = require('../package.json')
  const names = readdirSync(path.join(root, 'npm')).filter((name) => !name.startsWith('chasqui-'))
  assert.equal(names.length, napi.targets.length)
  for (const name of names) {
    const manifest = require(`../npm/${name}/package.json`)
    assert.equal(manifest.name, `chasqui-${name}`)
    assert.equal(manifest.version, version)
    assert.deepEqual(manifest.files, [`chasqui.${name}.node`, `chasqui-emulator.${name}.node`])
    const [os, cpu, abi] = name.split('-')
    assert.deepEqual([manifest.os, manifest.cpu], [[os], [cpu]])
    assert.deepEqual(manifest.libc, { gnu: ['glibc'], musl: ['musl'] }[abi])
  }
})

test('it installs: the tarballs work without scripts, without a compiler and without the checkout', (t) => {
  const directory = temporary(t)
  const run = (program, args, cwd) => execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  run(process.execPath, ['scripts/pack.mjs', directory], root)
  const tarballs = readdirSync(directory).sort()
  assert.deepEqual(tarballs, [`chasqui-${esm.version}.tgz`, `chasqui-${platformName()}-${esm.version}.tgz`])

  // What is in them, and only that.
  const list = (name) => run('tar', ['-tzf', path.join(directory, name)]).trim().split('\n').map((file) => file.replace('package/', ''))
  const files = list(tarballs[0])
  for (const file of ['package.json', 'index.d.ts', 'testing.d.ts', 'bin/chasqui.js', 'dist/index.js', 'dist/index.mjs', 'LICENSE']) {
    assert.ok(files.includes(file), file)
  }
  assert.deepEqual(files.filter((file) => !/^(dist\/|bin\/|[^/]+\.(md|json|d\.ts)$|LICENSE$)/.test(file)), [])
  assert.deepEqual(list(tarballs[1]).filter((file) => file.endsWith('.node')).length, 2)

  // Unpacked as npm lays it out.
  const app = path.join(directory, 'app')
  for (const [tarball, name] of [[tarballs[0], 'chasqui'], [tarballs[1], `chasqui-${platformName()}`]]) {
    const target = path.join(app, 'node_modules', name)
    mkdirSync(target, { recursive: true })
    run('tar', ['-xzf', path.join(directory, tarball), '--strip-components=1', '-C', target])
  }
  const manifest = JSON.parse(readFileSync(path.join(app, 'node_modules/chasqui/package.json'), 'utf8'))
  assert.equal(manifest.optionalDependencies[`chasqui-${platformName()}`], manifest.version)
  assert.equal(manifest.scripts, undefined)

  const use = `new WhatsAppClient({ session: 'x', store: 'memory:' }).stats().session === 'x' || process.exit(3)
    startEmulator().then((emulator) => emulator.stop())`
  writeFileSync(path.join(app, 'esm.mjs'), `import { WhatsAppClient } from 'chasqui'; import { startEmulator } from 'chasqui/testing'\n${use}`)
  writeFileSync(path.join(app, 'cjs.cjs'), `const { WhatsAppClient } = require('chasqui'); const { startEmulator } = require('chasqui/testing')\n${use}`)
  for (const file of ['esm.mjs', 'cjs.cjs']) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: app, encoding: 'utf8' })
    assert.deepEqual([status, stdout, stderr], [0, '', ''], file)
  }

  // Both flavours have types: compiled against, as a user would.
  writeFileSync(path.join(app, 'use.mts'), TYPED)
  writeFileSync(path.join(app, 'use.cts'), TYPED)
  const types = path.join(root, 'node_modules', '@types')
  run(process.execPath, [
    path.join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--module', 'node16', '--target', 'es2022',
    '--lib', 'es2024,esnext.disposable', '--typeRoots', types, '--types', 'node', 'use.mts', 'use.cts',
  ], app)
})

const TYPED = `
import { WhatsAppClient, type Message, type ChasquiError } from 'chasqui'
import { startEmulator } from 'chasqui/testing'
export async function use() {
  const emulator = await startEmulator({ tls: false })
  const client = new WhatsAppClient({ session: 'x', store: 'sqlite:x.db', endpoint: emulator.endpoint, logger: console })
  client.on('message', async (message: Message) => { await client.send(message, { text: message.text ?? '' }) })
  client.once('qr', ({ dataUrl }) => emulator.scan(dataUrl.toUpperCase()))
  client.off('error', (error: ChasquiError) => error.code)
  // @ts-expect-error: there is no such event
  client.on('mesage', () => {})
  // @ts-expect-error: there is no such store
  new WhatsAppClient({ session: 'x', store: 'mongo:x' })
  const { state } = await client.connect()
  return state satisfies 'open' | 'qr'
}
`
