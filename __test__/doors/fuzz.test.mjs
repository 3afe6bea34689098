// Random input for the helpers of npm baileys and of chasqui/baileys: results and errors are the same. A turn can be repeated by its
// number: CHASQUI_FUZZ_SEED=… CHASQUI_FUZZ_TARGET=… CHASQUI_FUZZ_TURN=… node --test __test__/doors/fuzz.test.mjs. Long runs, with a seed
// of their own that is printed: CHASQUI_FUZZ_TURNS=100000.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'

import { ours, outcome, random, seen, theirs } from './differential.mjs'
import { targets } from './fuzz/targets.mjs'
import { Normal } from './parity/normal.mjs'

console.warn = console.info = console.log = console.error = () => {}

const { CHASQUI_FUZZ_TURNS: turns, CHASQUI_FUZZ_SEED: seed = turns ? String(Date.now()) : '20261123', CHASQUI_FUZZ_TARGET: only, CHASQUI_FUZZ_TURN: turn } = process.env
const SHOWN = 3

/** A number for each turn of each target. */
const diceOf = (name, number) => random(createHash('sha256').update(`${seed} ${name} ${number}`).digest().readUInt32LE(0))

/** Random bytes and times are placeholders; what is not set in a message is as nothing. */
const shown = (value) => withoutNothing(new Normal().value(value))
function withoutNothing(value) {
  if (Array.isArray(value)) return value.map(withoutNothing)
  if (value === null || typeof value !== 'object') return typeof value === 'string' ? value.replace(/^<Uint8Array/, '<Buffer') : value
  return Object.fromEntries(Object.entries(value).filter(([name, item]) => name !== '<class>' && item !== '<undefined>' && !(Array.isArray(item) && item.length === 0)).map(([name, item]) => [name, withoutNothing(item)]))
}

for (const [name, { input, run }] of Object.entries(targets)) {
  if (only && name !== only) continue
  test(name, { timeout: 0 }, async (t) => {
    const wrong = []
    const count = turn ? 1 : Number(turns ?? 200)
    for (let at = 0; at < count && wrong.length < SHOWN; at++) {
      const number = turn ? Number(turn) : at
      const of = async (lib) => outcome(async () => shown(await run(lib, input(diceOf(name, number)))))
      const [expected, got] = [await of(theirs), await of(ours)]
      try {
        assert.deepEqual(got, expected)
      } catch (error) {
        wrong.push(`turn ${number}: ${JSON.stringify(seen(input(diceOf(name, number))))?.slice(0, 1200)}\n${error.message.slice(0, 1500)}`)
      }
    }
    t.diagnostic(`seed ${seed}, ${count} turns`)
    assert.equal(wrong.length, 0, `seed ${seed}\n${wrong.join('\n\n')}`)
  })
}
