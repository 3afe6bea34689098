// The same scenarios on npm baileys and on chasqui/baileys, against the emulator: what the sockets tell, give back and throw is compared
// field by field. What differs on purpose stands in docs/baileys-differences.md, with a reason; nothing else may, and nothing may stand
// there that does not differ. `node __test__/doors/parity/run.mjs --only NAME --print` shows one scenario.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { named, parity } from './runner.mjs'

/**
 * The tests of some files of scenarios. Most of it is waiting: hundreds of connections, a few at a time.
 *
 * @param {...string} files
 */
export const sameAsBaileys = (...files) => {
  const names = named([]).filter((name) => files.includes(name.split(':')[0]))
  assert.ok(names.length >= 15)
  compared('a program sees the same on npm baileys and on chasqui/baileys', { names })
}

/** The tests of some scenarios on npm Baileys 6 and on the door for it. */
export const sameAsBaileys6 = (...names) => {
  const known = new Set(named([]))
  for (const name of names) assert.ok(known.has(name), `there is a scenario ${name}`)
  compared('a program sees the same on npm baileys 6 and on chasqui/baileys/legacy', { names, edition: 6 })
}

const compared = (title, options) => test(title, { timeout: 290_000 }, async (t) => {
  const { compared, outdated } = await parity({ ...options, tries: 3 })
  for (const { name, unexplained, failure, before, lacks } of compared) {
    await t.test(name, (t) => {
      if (before) t.diagnostic(`played again, since there was another thing: ${before.map(({ path }) => path).join(', ')}`)
      if (lacks.length > 0) t.diagnostic(`not in Baileys 6, and not compared: ${lacks.join(', ')}`)
      assert.equal(failure, undefined, 'the scenario itself')
      assert.deepEqual(unexplained, [])
    })
  }
  await t.test('what is documented to differ does differ', () => {
    assert.deepEqual(outdated.map(({ scenarios, paths }) => [scenarios, paths]), [])
  })
})
