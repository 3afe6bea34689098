// Everything that Baileys has is there: exports, members of a socket, events, options and types, by the list in inventory/.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { listed, takeInventory } from '../../scripts/inventory.mjs'

const rows = await takeInventory()

test('the list is whole', () => {
  const sizes = [listed.exports, listed.socket, listed.events, listed.options, listed.types].map((list) => Object.keys(list).length)
  assert.deepEqual(sizes, [263, 170, 35, 40, 149])
})

for (const { what, lacking, of } of rows) {
  test(`${what}: ${of} of ${of}`, () => assert.deepEqual(lacking, []))
}
