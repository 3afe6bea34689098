// The table and the file of the results, and where they come from.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'

import { root } from '../scripts/setup.mjs'

export const median = (figures) => {
  const sorted = figures.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** What a suite says of a row: name, unit, and whether more is better. */
export const row = (name, unit, more = false) => ({ name, unit, lowerIsBetter: !more })

/** `{ name, unit, chasqui, baileys, ratio, lowerIsBetter }`; a ratio above 1 says how many times better Chasqui is. */
export function toRow({ name, unit, lowerIsBetter }, { chasqui, baileys }) {
  const middle = (figures) => (figures?.length ? rounded(median(figures)) : null)
  const [ours, theirs] = [middle(chasqui), middle(baileys)]
  const known = ours > 0 && theirs > 0
  const ratio = known ? rounded(lowerIsBetter ? theirs / ours : ours / theirs) : null
  return { name, unit, chasqui: ours, baileys: theirs, ratio, lowerIsBetter }
}

const rounded = (figure) => Number(figure.toPrecision(4))

const shown = (figure, suffix = '') =>
  typeof figure !== 'number' ? (figure ?? '–') : `${figure.toLocaleString('en-US', { maximumSignificantDigits: 3 })}${suffix}`

/** `unfinished(row, engine)`: whether an engine was to be measured and did not get there. */
export function table(rows, unfinished) {
  const figure = (row, engine) => row[engine] ?? (unfinished(row, engine) ? 'did not finish' : null)
  const cells = rows.map((row) => [
    row.name,
    row.unit,
    shown(figure(row, 'chasqui')),
    shown(figure(row, 'baileys')),
    shown(row.ratio, ' ×'),
  ])
  const head = ['', '', 'Chasqui', 'Baileys', 'better by']
  const widths = head.map((title, at) => Math.max(title.length, ...cells.map((cell) => cell[at].length)))
  const line = (cell) => cell.map((text, at) => (at < 2 ? text.padEnd(widths[at]) : text.padStart(widths[at]))).join('  ')
  return [head, ...cells].map(line).join('\n')
}

/** One line each. */
export function machine() {
  const cpus = os.cpus()
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  let revision = 'unknown'
  try {
    revision = git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain', '-uno') ? ' with changes' : '')
  } catch {
    // An unpacked archive has no history.
  }
  const baileys = JSON.parse(readFileSync(new URL('../node_modules/baileys/package.json', import.meta.url), 'utf8'))
  return [
    `Node ${process.version}, ${os.type()} ${os.release()} ${os.arch()}`,
    `${cpus.length} × ${cpus[0]?.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    `load average ${os.loadavg().map((load) => load.toFixed(2)).join(' ')}`,
    `revision ${revision}; npm baileys ${baileys.version}`,
  ]
}
