// The packages that stand for Baileys under its own name: programs with unchanged imports run and compile on them.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../..', import.meta.url))
const chasqui = require('../../package.json')
const packed = mkdtempSync(path.join(tmpdir(), 'chasqui-alias-'))
const apps = {}

/** As npm lays it out for `"baileys": "npm:chasqui-baileys@…"`: the package under the name of Baileys, chasqui beside it. */
function layOut(major) {
  const app = path.join(packed, `app-${major}`)
  const tarball = readdirSync(packed).find((name) => name.startsWith(`chasqui-baileys-${major}.`))
  for (const name of ['baileys', '@whiskeysockets/baileys']) {
    const target = path.join(app, 'node_modules', name)
    mkdirSync(target, { recursive: true })
    execFileSync('tar', ['-xzf', path.join(packed, tarball), '--strip-components=1', '-C', target])
  }
  symlinkSync(root, path.join(app, 'node_modules', 'chasqui'), 'dir')
  return app
}

before(() => {
  execFileSync(process.execPath, ['scripts/alias.mjs', packed], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  for (const major of [7, 6]) apps[major] = layOut(major)
})
after(() => rmSync(packed, { recursive: true, force: true }))

function run(app, file, program) {
  writeFileSync(path.join(app, file), program)
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: app, encoding: 'utf8' })
  assert.deepEqual([file, status, stderr], [file, 0, ''])
  return JSON.parse(stdout)
}

test('they need the chasqui of this checkout, and nothing else', () => {
  for (const [major, app] of Object.entries(apps)) {
    const manifest = require(path.join(app, 'node_modules/baileys/package.json'))
    assert.deepEqual([manifest.name, manifest.version.split('.')[0]], ['chasqui-baileys', major])
    assert.deepEqual(manifest.dependencies, { chasqui: chasqui.version })
    assert.equal(manifest.scripts, undefined)
  }
})

const MODULE_7 = (name) => `
import makeWASocket, { Browsers, DisconnectReason, makeWASocket as named, proto, useMultiFileAuthState } from '${name}'
import * as whole from '${name}'
import { LabelAssociationType } from '${name}/lib/Types/LabelAssociation.js'
import { LabelColor } from '${name}/lib/Types/Label'
import { delay, generateMessageIDV2 } from '${name}/lib/Utils/generics'
import { BufferJSON } from '${name}/lib/Utils'
import { Curve } from '${name}/lib/Utils/crypto.js'
import logger from '${name}/lib/Utils/logger'
import { jidDecode } from '${name}/lib/WABinary/jid-utils'
import { getBinaryNodeChild } from '${name}/lib/WABinary'
import { DEFAULT_CONNECTION_CONFIG } from '${name}/lib/Defaults/index.js'
import socketDefault from '${name}/lib/Socket/index.js'
import { proto as deepProto } from '${name}/WAProto/index.js'
import { unpadRandomMax16 } from '${name}/lib/Utils/some/path/nobody/listed.js'
const { state } = await useMultiFileAuthState('auth')
const sock = makeWASocket({ auth: state, browser: Browsers.ubuntu('x'), waWebSocketUrl: 'ws://127.0.0.1:9' })
await sock.end()
console.log(JSON.stringify({
  same: [named, whole.default, socketDefault].map((value) => value === makeWASocket),
  proto: deepProto === proto,
  names: [DisconnectReason[408], LabelAssociationType.Chat, LabelColor.Color2, jidDecode('1@s.whatsapp.net').user, sock.type, typeof logger.child],
  kinds: [delay, generateMessageIDV2, BufferJSON.reviver, Curve.sign, getBinaryNodeChild, unpadRandomMax16].map((value) => typeof value),
  version: DEFAULT_CONNECTION_CONFIG.version.length,
}))
`
const COMMON_7 = (name) => `
const { default: makeWASocket, Browsers, DisconnectReason, proto } = require('${name}')
const { LabelAssociationType } = require('${name}/lib/Types/LabelAssociation')
const { delay } = require('${name}/lib/Utils/generics')
console.log(JSON.stringify({
  same: [require('${name}').makeWASocket, require('${name}/lib/Socket').default].map((value) => value === makeWASocket),
  proto: require('${name}/WAProto').proto === proto,
  names: [DisconnectReason[408], LabelAssociationType.Message, Browsers.macOS('x')[0], typeof require('${name}/lib/Utils/logger').default.child, typeof delay],
}))
`

test('a program for Baileys 7 runs, by both names and in both module formats', () => {
  for (const name of ['baileys', '@whiskeysockets/baileys']) {
    assert.deepEqual(run(apps[7], 'program.mjs', MODULE_7(name)), {
      same: [true, true, true],
      proto: true,
      names: ['timedOut', 'label_jid', 1, '1', 'md', 'function'],
      kinds: Array(6).fill('function'),
      version: 3,
    })
    assert.deepEqual(run(apps[7], 'program.cjs', COMMON_7(name)), {
      same: [true, true],
      proto: true,
      names: ['timedOut', 'label_message', 'Mac OS', 'function', 'function'],
    })
  }
})

const COMMON_6 = `
const { default: makeWASocket, makeInMemoryStore, DEFAULT_CONNECTION_CONFIG, hkdf, isJidUser } = require('@whiskeysockets/baileys')
const { ObjectRepository } = require('@whiskeysockets/baileys/lib/Store/object-repository')
const makeStore = require('@whiskeysockets/baileys/lib/Store/make-in-memory-store').default
const store = makeInMemoryStore({})
console.log(JSON.stringify({
  kinds: [makeWASocket, store.bind, ObjectRepository, isJidUser].map((value) => typeof value),
  same: makeStore === makeInMemoryStore,
  browser: DEFAULT_CONNECTION_CONFIG.browser[0],
  later: hkdf(Buffer.alloc(32), 1, {}) instanceof Promise,
}))
`

test('a program for Baileys 6 runs', () => {
  const expected = { kinds: Array(4).fill('function'), same: true, browser: 'Ubuntu', later: true }
  assert.deepEqual(run(apps[6], 'program.cjs', COMMON_6), expected)
  const asModule = COMMON_6
    .replace(/const \{ default: (.*?) \} = require\('(.*?)'\)/, "import { default as $1 } from '$2'")
    .replace(/const (\{ .*? \}) = require\('(.*?)'\)/, "import $1 from '$2'")
    .replace(/const (\w+) = require\('(.*?)'\)\.default/, "import $1 from '$2'")
  assert.doesNotMatch(asModule, /require/)
  assert.deepEqual(run(apps[6], 'program.mjs', asModule), expected)
})

const TYPED = `
import makeWASocket, { proto, type WAMessage, type WASocket } from 'baileys'
import { Label, LabelColor } from 'baileys/lib/Types/Label'
import { LabelAssociation, LabelAssociationType } from 'baileys/lib/Types/LabelAssociation'
import { WACallEvent } from 'baileys/lib/Types/Call'
import { ILogger } from 'baileys/lib/Utils/logger'
import { proto as deep } from 'baileys/WAProto'
export const color = (label: Label): boolean => label.color === LabelColor.Color3
export const isChat = (association: LabelAssociation): boolean => association.type === LabelAssociationType.Chat
export const caller = (call: WACallEvent, logger: ILogger): void => logger.info({ from: call.from }, 'called')
export const text = (message: WAMessage): string | null | undefined => message.message?.conversation
export const same = (message: deep.IMessage): proto.IMessage => message
export const type: (sock: WASocket) => 'md' = (sock) => sock.type
export default makeWASocket
// @ts-expect-error: there is no such name
import { nobodyHasThis } from 'baileys'
`

test('a program in TypeScript compiles, by both ways of resolution', () => {
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
  const types = path.join(root, 'node_modules', '@types')
  writeFileSync(path.join(apps[7], 'typed.ts'), TYPED)
  for (const resolution of [['--module', 'node16'], ['--module', 'esnext', '--moduleResolution', 'bundler'], ['--module', 'commonjs', '--moduleResolution', 'node10']]) {
    const args = [compiler, '--noEmit', '--strict', '--esModuleInterop', '--skipLibCheck', '--target', 'es2022', '--typeRoots', types, '--types', 'node', ...resolution, 'typed.ts']
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: apps[7], encoding: 'utf8' })
    assert.equal(status, 0, `${resolution}\n${stdout}`)
  }
})
