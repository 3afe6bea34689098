// A copy of examples/nextjs as its users would have it: installed from the packed tarballs, with no link to the checkout, and built.
//
// It stays in target/nextjs/, and is made again when the example or what it is installed from has changed.

import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { root, run, step } from './setup.mjs'

const example = path.join(root, 'examples/nextjs')
/** What is made there: it is neither copied nor looked at. */
const MADE = new Set(['node_modules', '.next', 'auth_sessions', 'data', 'backups', 'next-env.d.ts', 'tsconfig.tsbuildinfo'])

/** What stands behind `baileys`. The program is the same, to the letter. */
const ENGINES = {
  chasqui: {},
  baileys: {
    dependencies: { baileys: JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).devDependencies.baileys },
    // Its libsignal comes from GitHub otherwise.
    overrides: { libsignal: '6.0.0', '@whiskeysockets/libsignal-node': 'npm:libsignal@6.0.0' },
  },
}

const quiet = { stdio: ['ignore', 'ignore', 'inherit'] }

/**
 * The folder of the built copy. Two programs must not make it at once: scripts/test.mjs does it before the tests, which find it made.
 *
 * @param {{ engine?: 'chasqui' | 'baileys', build?: boolean }} options
 */
export async function prepare({ engine = 'chasqui', build = true } = {}) {
  const folder = path.join(root, 'target/nextjs', engine)
  const app = path.join(folder, 'app')
  mkdirSync(app, { recursive: true })
  const inputs = [...filesOf(path.join(root, 'dist')), ...filesOf(path.join(root, 'npm')), path.join(root, 'package.json')]
  const installed = digest([...inputs, path.join(example, 'package.json'), path.join(example, 'package-lock.json')])
  const built = digest(filesOf(example), installed)
  const changed = (name, now) => {
    const file = path.join(folder, name)
    return { differs: !existsSync(file) || readFileSync(file, 'utf8') !== now, done: () => writeFileSync(file, now), undo: () => rmSync(file, { force: true }) }
  }
  const installation = changed('installed', installed)
  const sources = changed('copied', built)
  const building = changed('built', built)
  if (sources.differs) {
    for (const name of readdirSync(app)) if (name !== 'node_modules') rmSync(path.join(app, name), { recursive: true })
    cpSync(example, app, { recursive: true, filter: (source) => !MADE.has(path.basename(source)) })
    const file = path.join(app, 'package.json')
    const { dependencies, ...manifest } = JSON.parse(readFileSync(file, 'utf8'))
    const { overrides, ...more } = ENGINES[engine]
    writeFileSync(file, JSON.stringify({ ...manifest, overrides, dependencies: { ...dependencies, ...more.dependencies } }, null, 2))
  }
  if (installation.differs) {
    step(`Installing examples/nextjs, with ${engine} as its baileys`)
    installation.undo()
    const tarballs = engine === 'chasqui' ? await pack() : []
    await run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--loglevel', 'error', ...tarballs], { cwd: app, ...quiet })
    if (tarballs.length) rmSync(path.dirname(tarballs[1]), { recursive: true })
    installation.done()
  }
  sources.done()
  if (build && building.differs) {
    step('Building examples/nextjs')
    const next = path.join(app, 'node_modules/next/dist/bin/next')
    await run(process.execPath, [next, 'build'], { cwd: app, ...quiet, env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' } })
    building.done()
  }
  return app
}

/** The tarballs as npm is to install them. */
async function pack() {
  const folder = mkdtempSync(path.join(tmpdir(), 'chasqui-pack-'))
  for (const script of ['pack.mjs', 'alias.mjs']) await run(process.execPath, [path.join(root, 'scripts', script), folder], quiet)
  const named = (pattern) => path.join(folder, readdirSync(folder).find((name) => pattern.test(name)))
  const platform = readdirSync(folder).find((name) => /^chasqui-(linux|darwin|win32)/.test(name))
  return [`baileys@file:${named(/^chasqui-baileys-7/)}`, named(/^chasqui-\d/), path.join(folder, platform)]
}

function filesOf(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (MADE.has(entry.name)) return []
    const file = path.join(folder, entry.name)
    return entry.isDirectory() ? filesOf(file) : [file]
  })
}

/** Of names and contents. */
function digest(files, more = '') {
  const hash = createHash('sha256').update(more)
  for (const file of files.toSorted()) if (existsSync(file)) hash.update(path.relative(root, file)).update(readFileSync(file))
  return hash.digest('hex')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await prepare({ engine: process.argv[2] }))
