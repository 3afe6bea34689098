import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ERRORS } from '@/lib/api'
import { chooseLanguage, TEXTS } from '@/lib/i18n'
import { formatsOf } from '@/lib/i18n/formats'

test('what the person chose counts more than what the browser accepts', () => {
  assert.equal(chooseLanguage('en', 'es'), 'en')
  assert.equal(chooseLanguage('es', 'en'), 'es')
  assert.equal(chooseLanguage('xx', 'en'), 'en')
})

test('the heaviest accepted language that there is, else Spanish', () => {
  assert.equal(chooseLanguage(undefined, 'fr-FR,fr;q=0.9,en-GB;q=0.5,es;q=0.4'), 'en')
  assert.equal(chooseLanguage(undefined, 'en;q=0.3, ES-mx;q=0.8'), 'es')
  assert.equal(chooseLanguage(undefined, 'en;q=0, de'), 'es')
  assert.equal(chooseLanguage(undefined, 'en'), 'en')
  for (const nothing of [null, '', '*', ';;,,q=', 'en;q=x']) assert.equal(chooseLanguage(undefined, nothing), 'es')
})

test('every error of the routes has words in both languages, and they differ', () => {
  for (const code of Object.keys(ERRORS) as (keyof typeof ERRORS)[]) {
    assert.ok(TEXTS.es.errors[code].length > 5)
    assert.notEqual(TEXTS.es.errors[code], TEXTS.en.errors[code])
  }
})

test('plurals', () => {
  assert.equal(TEXTS.es.conversations.unread(1), '1 mensaje sin leer')
  assert.equal(TEXTS.es.conversations.unread(3), '3 mensajes sin leer')
  assert.equal(TEXTS.en.notifications.consented(0), '0 customers take notifications.')
})

test('days have names while they are near', () => {
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
  assert.equal(formatsOf('es').day(ago(0)), 'hoy')
  assert.equal(formatsOf('en').day(ago(1)), 'yesterday')
  assert.match(formatsOf('en').day(ago(400)), /20\d\d/)
})
