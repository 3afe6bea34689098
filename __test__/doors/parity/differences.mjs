// The differences that are meant: the rows of "Live behaviour" in docs/baileys-differences.md, and those of the edition for Baileys 6.
import { readFileSync } from 'node:fs'

const FILE = new URL('../../../docs/baileys-differences.md', import.meta.url)
const HEADING = '## Live behaviour\n'
const HEADING_OF_6 = '## Live behaviour of `chasqui/baileys/legacy`\n'

/**
 * Rows `{ scenarios, paths, why }`, the first two patterns in which `*` stands for anything. What differs only `at times`, as the batches fall,
 * is `rare`. What differs from Baileys 7 may differ from
 * Baileys 6, and need not: those rows are `inherited`.
 *
 * @param {6 | 7} [edition]
 * @param {string} [text] of the document
 */
export function readDifferences(edition = 7, text = readFileSync(FILE, 'utf8')) {
  if (edition === 7) return rowsOf(text, HEADING)
  return [...rowsOf(text, HEADING).map((row) => ({ ...row, inherited: true })), ...rowsOf(text, HEADING_OF_6)]
}

function rowsOf(text, heading) {
  const section = text.split(/^(?=## )/m).find((part) => part.startsWith(heading)) ?? ''
  return section
    .split('\n')
    .filter((line) => /^\| `/.test(line))
    .map((line) => {
      const [scenario, path, , , why] = line.split('|').slice(1).map((cell) => cell.trim())
      const patterns = [scenario, path].map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, pattern]) => pattern))
      const rare = path.endsWith('at times')
      return { rare, scenarios: patterns[0], paths: patterns[1], why, matches: { scenario: patterns[0].map(matcher), path: patterns[1].map(matcher) } }
    })
}

const matcher = (pattern) => new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 's')
const fits = (patterns, text) => patterns.some((pattern) => pattern.test(text))

/** The differences of a scenario that no row explains; the rows that explain some are added to `used`. */
export function unexplained(scenario, differences, rows, used = new Set()) {
  return differences.filter(({ path }) => {
    const found = rows.filter(({ matches }) => fits(matches.scenario, scenario) && fits(matches.path, path))
    for (const row of found) used.add(row)
    return found.length === 0
  })
}

/** The rows that explained nothing although all of their scenarios were run; `all` are those that there are. */
export function outdated(scenarios, rows, used, all = scenarios) {
  const of = (row) => all.filter((scenario) => fits(row.matches.scenario, scenario))
  const run = (row) => of(row).length > 0 && of(row).every((scenario) => scenarios.includes(scenario))
  return rows.filter((row) => !row.inherited && !row.rare && !used.has(row) && run(row))
}
