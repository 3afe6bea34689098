// Everything that Baileys has is there: exports, members of a socket, events, options and types, by the list in inventory/.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { listed, takeInventory, takeInventoryOf6 } from '../../scripts/inventory.mjs'

const rows = await takeInventory()
const rowsOf6 = await takeInventoryOf6()

test('the list is whole', () => {
  const sizes = [listed.exports, listed.socket, listed.events, listed.options, listed.types].map((list) => Object.keys(list).length)
  assert.deepEqual(sizes, [263, 170, 35, 40, 149])
})

test('the lists of 6 are whole', () => {
  assert.deepEqual(Object.fromEntries(rowsOf6.slice(0, 4).map(({ what, of }) => [what, of])), {
    'exports of 6.7.21': 215, 'members of 6.7.21': 142, 'exports of 6.17.16': 212, 'members of 6.17.16': 100,
  })
})

for (const { what, lacking, of } of [...rows, ...rowsOf6]) {
  test(`${what}: ${of} of ${of}`, () => assert.deepEqual(lacking, []))
}
