// The Next.js example as its users have it: a copy with its packages from the registry and the engine from `npm pack` tarballs, built.
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { root, run, step } from '../setup.mjs'

const example = path.join(root, 'examples/nextjs')
/** What a checkout of the example may have besides its files. */
const NOT_COPIED = /^(node_modules|\.next|data|auth_sessions|backups|qr\.png|next-env\.d\.ts|.*\.tsbuildinfo|\.env.*)$/
/** Not part of the pages: changing them needs no new build. */
const NOT_BUILT = /^(test|README\.md|Dockerfile|\.dockerignore)$/

function* filesBelow(folder, skip = () => false, below = '') {
  for (const entry of readdirSync(path.join(folder, below), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = path.join(below, entry.name)
    if (skip(name)) continue
    if (entry.isDirectory()) yield* filesBelow(folder, skip, name)
    else yield name
  }
}

/** Says whether anything in these files has changed. */
function fingerprint(hash, folder, skip) {
  for (const name of filesBelow(folder, skip)) hash.update(`${name}\0`).update(readFileSync(path.join(folder, name))).update('\0')
  return hash
}

/** A step that is left out while what it depends on is as it was the last time. */
async function whenChanged(mark, print, work) {
  if (existsSync(mark) && readFileSync(mark, 'utf8') === print) return false
  rmSync(mark, { force: true })
  await work()
  writeFileSync(mark, print)
  return true
}

/** Everything installed and built below `target/`; gives the folder. What has not changed since the last time is not done again. */
export async function installExample() {
  const place = path.join(root, 'target/demo-nextjs')
  const app = path.join(place, 'app')
  mkdirSync(app, { recursive: true })

  const { platformName } = createRequire(import.meta.url)('../../dist/native.js')
  const engine = createHash('sha256').update(process.version)
  for (const folder of ['dist', path.join('npm', platformName()), 'npm/chasqui-baileys']) fingerprint(engine, path.join(root, folder))
  for (const file of ['package.json', 'scripts/alias.mjs', 'scripts/pack.mjs', 'examples/nextjs/package.json', 'examples/nextjs/package-lock.json']) {
    engine.update(readFileSync(path.join(root, file)))
  }
  const installed = engine.digest('hex')
  const sources = fingerprint(createHash('sha256').update(installed), example, (name) => NOT_COPIED.test(name) || NOT_BUILT.test(name)).digest('hex')

  // The names of what is taken away are not known to the copy: it begins anew, but for what takes long to make.
  for (const name of readdirSync(app)) if (!['node_modules', '.next'].includes(name)) rmSync(path.join(app, name), { recursive: true })
  cpSync(example, app, { recursive: true, filter: (source) => !NOT_COPIED.test(path.relative(example, source)) })

  const changed = await whenChanged(path.join(place, 'installed'), installed, () => installPackages(app))
  if (changed) rmSync(path.join(place, 'built'), { force: true })
  await whenChanged(path.join(place, 'built'), sources, async () => {
    step('Building the pages (next build)')
    await run(process.execPath, ['node_modules/next/dist/bin/next', 'build'], { cwd: app, env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' } })
  })
  return app
}

async function installPackages(app) {
  const tarballs = mkdtempSync(path.join(tmpdir(), 'chasqui-demo-packages-'))
  try {
    step('Packing the engine (npm pack)')
    for (const script of ['pack', 'alias']) await run(process.execPath, [`scripts/${script}.mjs`, tarballs])
    const files = readdirSync(tarballs).map((name) => path.join(tarballs, name))
    // That of Baileys 6 stands for another version.
    const packages = files.filter((file) => !path.basename(file).startsWith('chasqui-baileys-')).concat(`baileys@file:${files.find((file) => /chasqui-baileys-7/.test(file))}`)
    step('Installing the packages of the example')
    await run('npm', ['install', '--no-save', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--no-progress', ...packages], { cwd: app })
  } finally {
    rmSync(tarballs, { recursive: true, force: true })
  }
}
