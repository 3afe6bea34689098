import assert from 'node:assert/strict'
import { test } from 'node:test'

import { piecesOf } from '@/components/conversations/links'
import { pageAfterSignIn, signInAddress } from '@/components/signInAddress'

const links = (text: string) => piecesOf(text).flatMap(({ href }) => href ?? [])

test('addresses of the web become links, without the sentence around them', () => {
  assert.deepEqual(links('Mira https://example.com/a?b=1. Y (http://example.org/x), ¿sí?'), [
    'https://example.com/a?b=1',
    'http://example.org/x',
  ])
})

test('nothing else does', () => {
  for (const text of ['javascript:alert(1)', 'data:text/html,<b>', 'https://', 'xhttps://example.com', '<a href="x">', 'example.com'])
    assert.deepEqual(links(text), [], text)
  assert.deepEqual(links('https://example.com/"onmouseover="x'), ['https://example.com/'])
})

test('the pieces together are the text', () => {
  for (const text of [
    '',
    'a',
    'https://example.com',
    'a https://example.com/. b https://example.org!',
    'https://[',
    '\n\nhttps://example.com\n',
  ]) {
    assert.equal(
      piecesOf(text)
        .map((piece) => piece.text)
        .join(''),
      text,
    )
  }
})

test('a long text without end is cut up in no time', () => {
  const began = performance.now()
  piecesOf('https://'.repeat(8000))
  piecesOf(`https://a${'.'.repeat(65_000)}x`)
  assert.ok(performance.now() - began < 1000)
})

test('signing in leads to pages of this program only', () => {
  assert.equal(pageAfterSignIn('/conversations/5b8f-1'), '/conversations/5b8f-1')
  for (const from of [
    '//example.com',
    'https://example.com',
    '/\\example.com',
    '/orders/../x',
    '/sign-in',
    '',
    null,
    undefined,
    '/conversations/a?b',
  ]) {
    assert.equal(pageAfterSignIn(from), '/', String(from))
  }
  assert.equal(signInAddress('/orders'), '/sign-in?from=%2Forders')
  assert.equal(signInAddress('/'), '/sign-in')
})
