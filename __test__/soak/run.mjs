// npm run test:soak: the promises in full figures; some ten minutes on two cores.
//
//   npm run test:soak                    builds as published, runs all parts, writes docs/soak.md
//   npm run test:soak -- --quick         a smoke run with small figures; writes nothing
//   npm run test:soak -- --only NAME     one part; writes nothing
//   npm run test:soak -- --no-build      what is built already, as it is

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { startEmulator } from 'chasqui/testing'

import { machine } from '../../bench/report.mjs'
import { build } from '../../scripts/build.mjs'
import { fail, root, step } from '../../scripts/setup.mjs'
import * as parts from './parts.mjs'

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, 'no-build': { type: 'boolean', default: false } },
})
const chosen = Object.entries(parts).filter(([name]) => !options.only || name === options.only)
if (chosen.length === 0) fail(`There is no part "${options.only}". The parts are: ${Object.keys(parts).join(', ')}.`)
if (!options['no-build']) await build({ release: true })

const origin = machine()
const rows = []
for (const [name, part] of chosen) {
  step(name)
  rows.push(...(await alone(part)))
}
const missed = rows.filter(([, , figure, bound]) => bound !== undefined && figure > bound)
// Not by the console: the peers' harness filters what goes there.
process.stdout.write(`\n${origin.join('\n')}\n\n${table(rows)}\n\n`)
if (!options.quick && !options.only) writeFileSync(path.join(root, 'docs', 'soak.md'), page())
if (missed.length > 0) fail(`${missed.length} of the bounds were not kept.`)

/** Runs a part with an emulator and a folder of its own, and clears away what it started. */
async function alone(part) {
  const folder = mkdtempSync(path.join(tmpdir(), 'chasqui-soak-'))
  const started = []
  const emulator = await startEmulator({ captureLimit: part.captureLimit ?? 20_000 })
  try {
    await emulator.contact('María')
    return await part({ scope: { after: (act) => started.push(act) }, emulator, folder, full: !options.quick })
  } finally {
    for (const act of started.reverse()) await act()
    await emulator.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function table(rows) {
  const shown = (figure) => (figure === undefined ? '' : figure.toLocaleString('en-US', { maximumFractionDigits: figure < 100 ? 1 : 0 }))
  const lines = rows.map(([promise, what, figure, bound]) => `| ${promise} | ${what} | ${shown(figure)} | ${shown(bound)} |`)
  return ['| Promise | | Measured | Bound |', '|---|---|---:|---:|', ...lines].join('\n')
}

function page() {
  return `# Soak test

What the promises come to in full figures: the last result of \`npm run test:soak\`, which measures the addon as it is published
against the emulator on the same machine. Each promise has a test of its own in \`npm test\`, with smaller figures and none that depend
on the machine: \`__test__/promises/\`.

${table(rows)}

${origin.map((line) => `- ${line}`).join('\n')}
- ${new Date().toISOString().slice(0, 10)}
`
}
