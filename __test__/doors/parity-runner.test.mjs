// The parts of the parity runner: what it takes for the same, what it finds to differ, and what the table explains.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { compare } from './parity/compare.mjs'
import { outdated, readDifferences, unexplained } from './parity/differences.mjs'
import { Normal } from './parity/normal.mjs'

const book = (...events) => ({ steps: [{ name: 'one', events, calls: [], missing: [], creds: {} }], stray: [] })
const event = (name, payload) => ({ event: name, payload })
const paths = (a, b) => compare(a, b).map(({ path }) => path)

test('the same id has the same placeholder wherever it stands, and another id another one', () => {
  const normal = new Normal()
  const [a, b] = ['3EB0AAAAAAAAAAAAAAAAAA', '3EB0BBBBBBBBBBBBBBBBBB']
  assert.deepEqual(normal.value([a, { id: b }, `${a}-x`]), ['<id 1>', { id: '<id 2>' }, '<id 1>-x'])
  assert.deepEqual(new Normal().value({ messageTimestamp: Math.floor(Date.now() / 1000), old: 5 }), { messageTimestamp: '<now s>', old: 5 })
  assert.equal(new Normal().value({ mediaKey: Buffer.alloc(32) }).mediaKey, '<random Buffer>')
  assert.notEqual(new Normal().value(Buffer.from([1])), new Normal().value(Buffer.from([2])))
})

test('a field that differs, an event that one side does not tell, and an order are found', () => {
  assert.deepEqual(paths(book(event('a', { x: 1, y: 2 })), book(event('a', { x: 1, y: 3 }))), ['one > a.y'])
  assert.deepEqual(paths(book(event('a', 1), event('b', 2)), book(event('b', 2))), ['one > a'])
  assert.equal(paths(book(event('a', 1), event('b', 2)), book(event('b', 2), event('a', 1))).length, 2)
  assert.deepEqual(paths(book(event('a', { x: 1 })), book(event('a', { x: 1 }))), [])
})

test('what comes at any time keeps its own order only', () => {
  const setting = event('settings.update', { setting: 'locale' })
  assert.deepEqual(paths(book(setting, event('a', 1)), book(event('a', 1), setting)), [])
  assert.deepEqual(paths(book(setting), book()), ['one > settings.update'])
  const [open, online, close] = [{ connection: 'open' }, { isOnline: true }, { connection: 'close' }].map((update) => event('connection.update', update))
  assert.deepEqual(paths(book(online, open), book(open, online)), [])
  assert.deepEqual(paths(book(event('a', 1), open), book(open, event('a', 1))), [])
  assert.notDeepEqual(paths(book(event('a', 1), close), book(close, event('a', 1))), [])
  assert.deepEqual(paths(book(online), book()), ['one > connection.update.isOnline'])
})

test('a row explains the paths that fit in the scenarios that fit, and is out of date when it explains none', () => {
  const text = ['## Live behaviour', '', '| Scenario | Path |', '| `groups:*` | `*.authorPn` | a | b | why |', '', '## Another', '| `x` | `y` | a | b | c |'].join('\n')
  const rows = readDifferences(7, text)
  assert.equal(rows.length, 1)
  const [fits, other] = [{ path: 'one > groups.update[0].authorPn' }, { path: 'one > groups.update[0].author' }]
  const used = new Set()
  assert.deepEqual(unexplained('groups: told', [fits, other], rows, used), [other])
  assert.deepEqual(outdated(['groups: told'], rows, used), [])
  assert.deepEqual(unexplained('texts: a', [fits], rows), [fits])
  assert.equal(outdated(['groups: told'], rows, new Set()).length, 1)
  assert.equal(outdated(['texts: a'], rows, new Set()).length, 0)
  assert.equal(outdated(['groups: told'], rows, new Set(), ['groups: told', 'groups: made']).length, 0)
  const rare = readDifferences(7, text.replace('`*.authorPn`', '`*.authorPn` at times'))
  assert.equal(outdated(['groups: told'], rare, new Set()).length, 0)
  assert.deepEqual(unexplained('groups: told', [fits, other], rare), [other])
})

test('every row of the table can be read, and has a reason', () => {
  for (const edition of [7, 6]) {
    const rows = readDifferences(edition)
    assert.ok(rows.length > 5)
    for (const { scenarios, paths: patterns, why } of rows) assert.ok(scenarios.length > 0 && patterns.length > 0 && why.length > 5, `${scenarios} ${patterns}`)
  }
})
