// What a message of WhatsApp is kept as, whoever made it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { contentOf } from '../lib/whatsapp/content'

test('zero characters, which Postgres does not have, do not keep a message out', () => {
  assert.equal(contentOf({ conversation: 'ho\0la' })?.text, 'hola')
  assert.equal(contentOf({ conversation: '\0' })?.text, null)
  const file = contentOf({ documentMessage: { fileName: 'a\0.pdf', mimetype: 'application/\0pdf', caption: '\0', fileLength: 1 } })
  assert.deepEqual([file?.fileName, file?.mimetype, file?.text, file?.fileSize], ['a.pdf', 'application/pdf', null, 1])
})

test('a long text is cut', () => {
  assert.equal(contentOf({ conversation: 'x'.repeat(100_000) })?.text?.length, 65_536)
})
