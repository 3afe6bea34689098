// Plays scenarios of parity, and prints what differs.
//
//   node __test__/doors/parity/run.mjs [--only TEXT]… [--twice] [--print] [--book] [--all] [--edition 6] [--processes N]
//
// --twice: npm Baileys against itself, to see that a scenario is repeatable. --print: every difference, not only how many. --all: those
// that are documented, too. --cached: what npm Baileys showed in an earlier run, if nothing here has changed since. --book: what was written down. --findings FILE: the differences as Markdown.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { named, parity } from './runner.mjs'

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    twice: { type: 'boolean' }, print: { type: 'boolean' }, book: { type: 'boolean' }, all: { type: 'boolean' }, list: { type: 'boolean' }, cached: { type: 'boolean' },
    edition: { type: 'string', default: '7' }, processes: { type: 'string' }, findings: { type: 'string' },
  },
})

const names = named(values.only)
if (values.list) {
  for (const name of names) process.stdout.write(`${name}\n`)
  process.exit(0)
}
const short = (value) => (value === undefined ? '—' : JSON.stringify(value)).slice(0, 300)
const began = Date.now()
const { compared, outdated, leftOut } = await parity({
  names,
  sides: values.twice ? ['theirs', 'theirs'] : ['theirs', 'ours'],
  edition: Number(values.edition),
  cached: values.cached,
  processes: values.processes ? Number(values.processes) : undefined,
  done: ({ name, side, ms, failure }) => process.stderr.write(`  ${side} ${name} ${ms} ms${failure ? ` — ${failure}` : ''}\n`),
})
let bad = 0
for (const { name, differences, unexplained, failure, first, second, stray, lacks } of compared) {
  const shown = values.all ? differences : unexplained
  if (unexplained.length > 0 || failure) bad++
  const verdict = failure ? 'BROKEN' : unexplained.length > 0 ? 'DIFFERS' : first.lacks ? 'skipped' : 'same'
  process.stdout.write(`${verdict}  ${name}  (${unexplained.length} of ${differences.length}${lacks.length > 0 ? `; not in Baileys 6: ${lacks.join(', ')}` : ''})\n`)
  if (failure) process.stdout.write(`    ${failure}\n`)
  if (values.print) for (const { path, theirs, ours } of shown) process.stdout.write(`    ${path}\n      theirs ${short(theirs)}\n      ours   ${short(ours)}\n`)
  if (values.print && stray.flat().length > 0) process.stdout.write(`    unhandled: ${JSON.stringify(stray)}\n`)
  if (values.book) process.stdout.write(`${JSON.stringify(first.steps, null, 1)}\n${values.twice ? '' : JSON.stringify(second.steps, null, 1)}\n`)
}
for (const { name, why } of leftOut) process.stdout.write(`left out  ${name}: ${why}\n`)
for (const row of outdated) process.stdout.write(`OUTDATED  ${row.scenarios} ${row.paths}: no longer differs\n`)
process.stdout.write(`${compared.length} scenarios, ${bad} differ, ${outdated.length} rows out of date, ${Math.round((Date.now() - began) / 1000)} s\n`)
if (values.findings) writeFileSync(values.findings, (await import('./findings.mjs')).findings(compared))
process.exit(bad + outdated.length > 0 ? 1 : 0)
