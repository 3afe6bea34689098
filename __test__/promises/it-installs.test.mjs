// Promise 9: it installs. What the tarballs hold `package.test.mjs` checks; here npm itself installs them, with nothing
// on the PATH but Node, and every entry is loaded. Next.js is among the examples' tests.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { startEmulator } from 'chasqui/testing'

import { pack } from '../examples/install.mjs'
import { temporary } from '../help.mjs'

const exec = promisify(execFile)
const manifest = JSON.parse(readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'))

/** npm's own program: what its launcher, a shell script on some systems, would run. */
async function npmProgram() {
  const { stdout } = await exec('npm', ['root', '--global'])
  const installed = path.join(stdout.trim(), 'npm', 'bin', 'npm-cli.js')
  // A Node without an npm of its own runs another one's, to which the launcher is a link.
  const launchers = process.env.PATH.split(path.delimiter).map((folder) => path.join(folder, 'npm'))
  return realpathSync([installed, ...launchers].find((file) => existsSync(file)))
}

/** A program that loads every entry and has one session talk with the emulator of this process. */
const use = (load) => `
  ${Object.keys(manifest.exports).filter((entry) => entry !== './package.json').map((entry, n) => load(`entry${n}`, path.posix.join('chasqui', entry))).join('\n  ')}
  const { WhatsAppClient } = entry0
  if (typeof WhatsAppClient !== 'function') throw new Error('no class')
  async function main() {
    const client = new WhatsAppClient({ session: 'x', store: 'memory:', endpoint: JSON.parse(process.env.ENDPOINT) })
    const { state } = await client.connect()
    if (state !== 'qr') throw new Error(state)
    await client.disconnect()
  }
  main()
`

test('npm installs it without scripts, with neither git nor a compiler, and every entry loads in silence', async (t) => {
  const emulator = await startEmulator()
  t.after(() => emulator.stop())
  const folder = temporary(t)
  const bin = path.join(folder, 'bin')
  const app = path.join(folder, 'app')
  for (const directory of [bin, app]) mkdirSync(directory)
  symlinkSync(process.execPath, path.join(bin, 'node'))
  const npm = await npmProgram()
  const tarballs = await pack()
  writeFileSync(path.join(app, 'package.json'), '{ "private": true }')
  const env = { ...process.env, PATH: bin, NODE_PATH: '', npm_config_audit: 'false', npm_config_fund: 'false' }
  await exec(process.execPath, [npm, 'install', '--ignore-scripts', '--omit=dev', ...tarballs], { cwd: app, env })

  writeFileSync(path.join(app, 'use.mjs'), use((name, entry) => `import * as ${name} from '${entry}'`))
  writeFileSync(path.join(app, 'use.cjs'), use((name, entry) => `const ${name} = require('${entry}')`))
  for (const file of ['use.mjs', 'use.cjs']) {
    const { stdout, stderr } = await exec(process.execPath, [file], {
      cwd: app, env: { PATH: '', ENDPOINT: JSON.stringify(emulator.endpoint) },
    })
    assert.deepEqual([file, stdout, stderr], [file, '', ''])
  }
  await assert.rejects(exec(process.execPath, ['-e', "require('chasqui/dist/client.js')"], { cwd: app }), /ERR_PACKAGE_PATH_NOT_EXPORTED/)

  // Nothing that npm installed has a script that it would have run.
  const lock = JSON.parse(readFileSync(path.join(app, 'package-lock.json'), 'utf8'))
  const scripted = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript)
  assert.deepEqual(scripted.map(([name]) => name), [])
})

test('the exports name types and code that exist, for import and for require', () => {
  const files = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(files))
  for (const [entry, target] of Object.entries(manifest.exports)) {
    for (const file of files(target)) {
      assert.ok(readFileSync(new URL(`../../${file}`, import.meta.url)).length > 0, `${entry}: ${file}`)
    }
    if (entry !== './package.json') assert.ok(target.import && target.require, entry)
  }
  assert.equal(manifest.engines.node, '>=20')
})
