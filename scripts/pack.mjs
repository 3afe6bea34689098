// node scripts/pack.mjs DIRECTORY: writes the tarballs of the main package and of this platform's package.
//
// The main package is packed from a copy, whose package.json names the platform packages as optional dependencies. In
// the checkout they cannot stand: npm would look for versions there that are published only afterwards.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createRequire } from 'node:module'

import { fail, root, run } from './setup.mjs'

const destination = path.resolve(process.argv[2] ?? fail('Which directory? node scripts/pack.mjs DIRECTORY'))
const { platformName } = createRequire(import.meta.url)('../dist/native.js')
const platform = path.join(root, 'npm', platformName())
if (!existsSync(platform)) fail(`There is no package for ${platformName()} under npm/.`)
mkdirSync(destination, { recursive: true })

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const { scripts, devDependencies, ...published } = manifest
published.optionalDependencies = Object.fromEntries(
  // The others are the packages of scripts/alias.mjs, which need this one.
  readdirSync(path.join(root, 'npm')).filter((name) => !name.startsWith('chasqui-')).map((name) => [`chasqui-${name}`, manifest.version]),
)

const staging = mkdtempSync(path.join(tmpdir(), 'chasqui-pack-'))
try {
  for (const name of [...manifest.files, 'README.md', 'LICENSE', 'CHANGELOG.md']) {
    if (existsSync(path.join(root, name))) cpSync(path.join(root, name), path.join(staging, name), { recursive: true })
  }
  writeFileSync(path.join(staging, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  for (const directory of [staging, platform]) {
    await run('npm', ['pack', '--silent', '--pack-destination', destination], { cwd: directory })
  }
} finally {
  rmSync(staging, { recursive: true })
}
