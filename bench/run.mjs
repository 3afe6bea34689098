// npm run bench: Chasqui and npm Baileys on this machine, in this run, alternating.
//
//   npm run bench                      all suites; an hour, on an otherwise idle machine
//   npm run bench -- --quick           a smoke run: small counts, one round, figures mean little
//   npm run bench -- --only NAME       one suite, or several with commas; a wrong name tells them all
//   npm run bench -- --json FILE       the rows as JSON, too
//   npm run bench -- --no-build        what is built already, as it is
//
// CPU is user and system time of the measured process, all threads. A figure never decides a test.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { build } from '../scripts/build.mjs'
import { fail, root, step } from '../scripts/setup.mjs'
import { machine, table, toRow } from './report.mjs'
import { suites } from './suites.mjs'

const ENGINES = ['chasqui', 'baileys']
const TARGETS = [
  '-p', 'chasqui-node', '-p', 'chasqui-emulator-node', '-p', 'chasqui-client', '-p', 'chasqui-store', '--lib',
  '-p', 'chasqui-media', '-p', 'chasqui-thumbnail', '-p', 'chasqui-appstate', '--example', 'primitives', '--example', 'commits', '--example', 'archive',
  '--example', 'encryption', '--example', 'thumbnails', '--example', 'speed', '--example', 'history',
]

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'string' },
    engine: { type: 'string' },
    'no-build': { type: 'boolean', default: false },
  },
})
const only = options.only?.split(',')
const chosen = suites.filter(({ name }) => !only || only.includes(name))
const unknown = only?.find((name) => !suites.some((suite) => suite.name === name))
if (unknown !== undefined) {
  fail(`There is no suite "${unknown}". The suites are: ${suites.map(({ name }) => name).join(', ')}.`)
}
if (!options['no-build']) await build({ release: true, targets: TARGETS })

const context = { quick: options.quick, binaries: binaries() }
const origin = machine()
const rows = []
const unfinished = new Set()
for (const suite of chosen) {
  const rounds = suite.rounds[options.quick ? 'quick' : 'full']
  const samples = Object.fromEntries(Object.keys(suite.rows).map((key) => [key, { chasqui: [], baileys: [] }]))
  const engines = suite.engines ?? ENGINES
  for (let round = 0; round < rounds; round++) {
    // Whoever begins in one round is second in the next.
    for (const engine of round % 2 ? engines.toReversed() : engines) {
      if (options.engine && engine !== options.engine) continue
      step(`${suite.name}: ${engine}, round ${round + 1} of ${rounds}`)
      try {
        // `null`: tried, and not done within its bound.
        for (const [key, figure] of Object.entries(await suite.sample(engine, context))) {
          if (figure === null) unfinished.add(`${suite.rows[key].name} ${engine}`)
          else samples[key][engine].push(figure)
        }
      } catch (error) {
        console.error(`${suite.name}: ${engine} failed: ${error.stack}`)
        for (const { name } of Object.values(suite.rows)) unfinished.add(`${name} ${engine}`)
      }
    }
  }
  const found = Object.entries(suite.rows).map(([key, row]) => toRow(row, samples[key]))
  // The whole may take an hour: what is known is not lost when it is stopped.
  if (chosen.length > 1) console.log(`\n${show(found)}\n`)
  rows.push(...found)
}
origin.push(`load average at the end ${machine()[2].replace('load average ', '')}`)
console.log(`\n${origin.join('\n')}\n\n${show(rows)}`)
if (options.json) writeFileSync(options.json, `${JSON.stringify(rows, undefined, 2)}\n`)

function show(rows) {
  return table(rows, ({ name }, engine) => unfinished.has(`${name} ${engine}`))
}

function binaries() {
  const args = ['metadata', '--format-version=1', '--no-deps']
  const { stdout } = spawnSync('cargo', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
  return path.join(JSON.parse(stdout).target_directory, 'release', 'examples')
}
