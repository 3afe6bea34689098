import assert from 'node:assert/strict'
import { test } from 'node:test'

import { formatsOf } from '@/lib/i18n/formats'
import { parsePrice, typedPrice } from '@/lib/money'

test('a price is read with point or comma', () => {
  assert.equal(parsePrice('12.50', 'EUR'), 1250)
  assert.equal(parsePrice(' 12,5 ', 'EUR'), 1250)
  assert.equal(parsePrice('0', 'EUR'), 0)
  assert.equal(parsePrice('900', 'CLP'), 900)
  assert.equal(parsePrice('1.234', 'KWD'), 1234)
})

test('what has two meanings, or none, is no price', () => {
  for (const text of ['1.250', '1,250.00', '', '-1', '1e3', '0x10', 'doce', '12.', '.5', '12345678901'])
    assert.equal(parsePrice(text, 'EUR'), null, text)
  assert.equal(parsePrice('9.5', 'CLP'), null)
})

test('a price that is shown for changing is read as the same', () => {
  for (const currency of ['EUR', 'CLP', 'KWD'])
    for (const language of ['es', 'en'])
      for (const amount of [0, 1, 99, 100, 123_456]) assert.equal(parsePrice(typedPrice(amount, currency, language), currency), amount)
})

test('a price is written as people of the language write it', () => {
  assert.equal(formatsOf('es').price(125_050, 'EUR').replace(/\s/g, ' '), '1250,50 €')
  assert.equal(formatsOf('en').price(900, 'CLP').replace(/\s/g, ' '), 'CLP 900')
})
