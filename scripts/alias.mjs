// node scripts/alias.mjs DIRECTORY: writes the tarballs of the packages that stand for `baileys` 7 and 6 under their own name.
//
// Their code is made here: every path into Baileys leads to one module of chasqui. package.json maps them all; for what does not read
// its map (TypeScript's old resolution, old bundlers) the paths that are in use are there as files.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { fail, root, run } from './setup.mjs'

/** Folder under npm/, and the entry of chasqui that it stands for. */
export const ALIASES = [
  ['chasqui-baileys', 'chasqui/baileys'],
  ['chasqui-baileys-6', 'chasqui/baileys/legacy'],
]

/** Paths that programs import; those that end in / are folders. */
const PATHS = [
  'WAProto/', 'lib/Defaults/', 'lib/Types/', 'lib/Types/Call', 'lib/Types/Label', 'lib/Types/LabelAssociation', 'lib/Utils/',
  'lib/Utils/crypto', 'lib/Utils/generics', 'lib/WABinary/', 'lib/WABinary/jid-utils',
]
/** Those of 6 only. */
const PATHS_OF_6 = ['lib/Store/', 'lib/Store/object-repository']
/** Paths with a default export of their own. */
const DEFAULTS = { 'lib/Socket/': 'makeWASocket', 'lib/Utils/logger': 'logger' }
const DEFAULTS_OF_6 = {
  'lib/Store/make-in-memory-store': 'makeInMemoryStore',
  'lib/Store/make-ordered-dictionary': 'makeOrderedDictionary',
  'lib/Store/make-cache-manager-store': 'makeCacheManagerAuthState',
}

const conditions = (file) => ({
  import: { types: `./${file}.d.mts`, default: `./${file}.mjs` },
  require: { types: `./${file}.d.ts`, default: `./${file}.js` },
})

/** A module that shows `entry`, with a default where it has a name. */
function moduleOf(entry, byDefault) {
  const star = `export * from '${entry}'\n`
  const named = byDefault ? `export { ${byDefault} as default } from '${entry}'\n` : ''
  const changed = `const whole = require('${entry}')
module.exports = Object.defineProperty({ ...whole, default: whole.${byDefault} }, '__esModule', { value: true })\n`
  return {
    '.d.ts': star + named,
    '.d.mts': star + named,
    '.mjs': star + named,
    '.js': byDefault && byDefault !== 'makeWASocket' ? changed : `module.exports = require('${entry}')\n`,
  }
}

/** Writes the whole package into `directory`. */
export function writeAlias([folder, entry], directory) {
  cpSync(path.join(root, 'npm', folder), directory, { recursive: true })
  cpSync(path.join(root, 'LICENSE'), path.join(directory, 'LICENSE'))
  const deep = `${entry}/deep`
  const map = { '.': conditions('lib/index'), './lib': conditions('lib/index'), './lib/index.js': conditions('lib/index') }
  const write = (file, modules) => {
    mkdirSync(path.dirname(path.join(directory, file)), { recursive: true })
    for (const [ending, text] of Object.entries(modules)) writeFileSync(path.join(directory, file + ending), text)
  }
  const place = (name, from, byDefault) => {
    const file = name.endsWith('/') ? `${name}index` : name
    write(file, moduleOf(from, byDefault))
    const spellings = name.endsWith('/') ? [name.slice(0, -1), `${name}index`, `${name}index.js`] : [name, `${name}.js`]
    for (const spelling of spellings) map[`./${spelling}`] = conditions(file)
  }
  const old = entry.endsWith('legacy')
  write('lib/index', moduleOf(entry, 'makeWASocket'))
  write('lib/deep', moduleOf(deep))
  for (const name of [...PATHS, ...(old ? PATHS_OF_6 : [])]) place(name, deep)
  for (const [name, byDefault] of Object.entries({ ...DEFAULTS, ...(old ? DEFAULTS_OF_6 : {}) })) place(name, deep, byDefault)
  Object.assign(map, { './lib/*': conditions('lib/deep'), './WAProto/*': conditions('lib/deep'), './package.json': './package.json' })
  const manifest = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'))
  const whole = { ...manifest, main: './lib/index.js', types: './lib/index.d.ts', exports: map, files: ['lib', 'WAProto'] }
  writeFileSync(path.join(directory, 'package.json'), `${JSON.stringify(whole, null, 2)}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const destination = path.resolve(process.argv[2] ?? fail('Which directory? node scripts/alias.mjs DIRECTORY'))
  mkdirSync(destination, { recursive: true })
  for (const alias of ALIASES) {
    const staging = mkdtempSync(path.join(tmpdir(), 'chasqui-alias-'))
    try {
      writeAlias(alias, staging)
      await run('npm', ['pack', '--silent', '--pack-destination', destination], { cwd: staging })
    } finally {
      rmSync(staging, { recursive: true })
    }
  }
}
