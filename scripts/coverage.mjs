// Writes docs/protocol-coverage.md from what crosses in the interop tests.
//
//   npm run coverage            runs them, and writes the page
//   npm run coverage -- DIR     writes it from what tests wrote to DIR, run with CHASQUI_COVERAGE=DIR

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { REASONS, sections } from '../__test__/coverage/rows.mjs'
import { root, run, step } from './setup.mjs'

const COLUMNS = ['sends', 'receives', 'emulator', 'baileys']
const given = process.argv[2]

function seenIn(directory) {
  const seen = new Set()
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.tsv'))) {
    for (const line of readFileSync(path.join(directory, file), 'utf8').split('\n')) seen.add(line)
  }
  return seen
}

function page(seen) {
  const counts = { seen: 0, reason: 0, empty: [] }
  const cell = (row, column) => {
    const wanted = row[column]
    const found = Array.isArray(wanted) && wanted.some((kind) => seen.has(kind.join('\t')))
    const reason = typeof wanted === 'string' ? wanted : (REASONS[`${row.name}: ${column}`] ?? REASONS[row.name])
    if (found) counts.seen++
    else if (reason) counts.reason++
    else counts.empty.push(`${row.name}: ${column}`)
    return found ? '✓' : (reason ?? '')
  }
  const tables = sections().map(([title, rows]) => {
    const lines = rows.map((row) => `| \`${row.name}\` | ${COLUMNS.map((column) => cell(row, column)).join(' | ')} |`)
    return [`## ${title}`, '', '| | Chasqui sends | Chasqui receives | emulator | tested with Baileys |', '| --- | --- | --- | --- | --- |', ...lines, ''].join('\n')
  })
  const text = [
    '# What of the protocol is there',
    '',
    'Made by `npm run coverage` from what crossed while the interop tests ran: a ✓ is something that was seen, at a client of ours, at',
    'npm Baileys, and at the emulator between them. A cell without one says why.',
    '',
    `${counts.seen} cells were seen, ${counts.reason} have a reason, ${counts.empty.length} are empty.`,
    '',
    ...tables,
  ].join('\n')
  return { text, counts }
}

const directory = given ?? mkdtempSync(path.join(tmpdir(), 'chasqui-coverage-'))
if (!given) {
  step('Running the interop tests')
  const tests = readdirSync(path.join(root, '__test__/interop')).filter((name) => name.endsWith('.test.mjs'))
  const env = { ...process.env, CHASQUI_COVERAGE: directory }
  await run(process.execPath, ['--test', '--test-concurrency=2', ...tests.map((name) => `__test__/interop/${name}`)], { env })
}
const { text, counts } = page(seenIn(directory))
writeFileSync(path.join(root, 'docs/protocol-coverage.md'), text)
if (!given) rmSync(directory, { recursive: true, force: true })
step(`docs/protocol-coverage.md: ${counts.seen} cells seen, ${counts.reason} with a reason, ${counts.empty.length} empty`)
for (const name of counts.empty) console.log(`  ${name}`)
