// Builds both addons into npm/<platform>/ and the TypeScript into dist/.
//
//   npm run build                 optimised as for development: quick to compile
//   npm run build -- --release    as published and as measured

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, renameSync, statSync, utimesSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { checkTools, fail, install, root, run, step } from './setup.mjs'

/** Crate, and the name of the addon made from it. */
const ADDONS = [
  ['chasqui-node', 'chasqui'],
  ['chasqui-emulator-node', 'chasqui-emulator'],
]

/** `targets`: what cargo is to build besides the addons. */
export async function build({ release = false, targets = ADDONS.flatMap(([crate]) => ['-p', crate]) } = {}) {
  checkTools()
  await install()
  step(`Compiling the Rust code${release ? ', optimised' : ''} (the first time takes some minutes)`)
  await run('cargo', ['build', ...(release ? ['--release'] : []), ...targets])
  step('Compiling the TypeScript code')
  await run(process.execPath, ['node_modules/typescript/bin/tsc'])
  const { platformName } = createRequire(import.meta.url)('../dist/native.js')
  const platform = platformName()
  const directory = path.join(root, 'npm', platform)
  mkdirSync(directory, { recursive: true })
  for (const [crate, addon] of ADDONS) {
    const file = path.join(directory, `${addon}.${platform}.node`)
    const made = path.join(targetDirectory(), release ? 'release' : 'debug', libraryName(crate))
    // By way of a rename: a running program keeps the file that it has loaded.
    copyFileSync(made, `${file}.new`)
    // Whoever looks at times sees when it was made.
    const { atime, mtime } = statSync(made)
    utimesSync(`${file}.new`, atime, mtime)
    renameSync(`${file}.new`, file)
  }
  step(`Built for ${platform}`)
}

function targetDirectory() {
  const args = ['metadata', '--format-version=1', '--no-deps']
  const { stdout } = spawnSync('cargo', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (!stdout) fail('"cargo metadata" failed.')
  return JSON.parse(stdout).target_directory
}

function libraryName(crate) {
  const name = crate.replaceAll('-', '_')
  if (process.platform === 'win32') return `${name}.dll`
  return process.platform === 'darwin' ? `lib${name}.dylib` : `lib${name}.so`
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await build({ release: process.argv.includes('--release') })
}
