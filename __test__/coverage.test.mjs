// docs/protocol-coverage.md has every row, and no cell without a mark or a reason.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { REASONS, sections } from './coverage/rows.mjs'

const page = readFileSync(new URL('../docs/protocol-coverage.md', import.meta.url), 'utf8')

test('the page has a row for everything that the protocol has, in its order', () => {
  const names = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name)
  assert.deepEqual(names, sections().flatMap(([, rows]) => rows.map(({ name }) => name)))
  assert.ok(names.length > 400)
})

test('each cell was seen, or says why not', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  const empty = rows.filter((line) => line.split('|').slice(2, -1).some((cell) => cell.trim() === ''))
  assert.deepEqual(empty, [])
})

test('no reason is left for a row that is gone', () => {
  const names = new Set(sections().flatMap(([, rows]) => rows.map(({ name }) => name)))
  const gone = Object.keys(REASONS).filter((key) => !names.has(key) && !names.has(key.replace(/: (sends|receives|emulator|baileys)$/, '')))
  assert.deepEqual(gone, [])
})
