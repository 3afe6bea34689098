import assert from 'node:assert/strict'
import { test } from 'node:test'

import { formatted } from '@/components/conversations/formatting'

/** The text with the names of its marks around each piece. */
const shown = (text: string) =>
  formatted(text).map(({ text: piece, href, marks }) => (href ? `[${piece}]` : marks.reduceRight((inner, mark) => `<${mark}>${inner}</>`, piece))).join('')

test('marks as WhatsApp has them', () => {
  assert.equal(shown('• *CAFE-250* Café — *24 PEN*'), '• <bold>CAFE-250</> Café — <bold>24 PEN</>')
  assert.equal(shown('_a_ ~b~ `c` *d*.'), '<italic>a</> <strike>b</> <code>c</> <bold>d</>.')
  assert.equal(shown('*a _b_ c*'), '<bold>a </><bold><italic>b</></><bold> c</>')
  assert.equal(shown('```let *x*\n= 1``` fin'), '<code>let *x*\n= 1</> fin')
})

test('what is no mark stays as it is', () => {
  for (const text of ['2 * 3 * 4', 'snake_case_name', '* lista\n* otra', '*sin fin', '**', '***', '*dos\nlíneas*', '`', '```', 'a*b*c', '_ a_']) assert.equal(shown(text), text)
})

test('addresses are not cut up by marks', () => {
  assert.equal(shown('https://example.com/a_b_c_d *x*'), '[https://example.com/a_b_c_d] <bold>x</>')
})

test('a text full of signs is read in no time', () => {
  const began = performance.now()
  for (const piece of ['*a ', '*_~', '*a*', '_*a', '```', '`a ', '*_~`a']) formatted(piece.repeat(65_536 / piece.length))
  assert.ok(performance.now() - began < 2000)
})
