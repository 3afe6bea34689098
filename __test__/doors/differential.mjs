// The same calls on npm baileys and on chasqui/baileys: results and thrown errors are compared. Where the two differ on purpose,
// DIFFERENCES says which calls, and docs/baileys-differences.md says why.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { types } from 'node:util'

import * as theirs from 'baileys'

const require = createRequire(import.meta.url)
export const ours = require('../../dist/baileys/index.js')
export { theirs }

/** A generator of pseudo-random numbers whose run can be repeated. */
export function random(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit) => Math.floor(next() * limit)
  const pick = (list) => list[below(list.length)]
  const bytes = (length) => Buffer.from(Array.from({ length }, () => below(256)))
  return { next, below, pick, bytes, chance: (probability) => next() < probability, many: (count, make) => Array.from({ length: count }, make) }
}

/** Values that nobody should pass, and somebody does. */
export const ODD = [undefined, null, '', 0, -1, NaN, 2 ** 53, true, 'text', [], {}, Buffer.alloc(0), Buffer.alloc(5000, 7), () => undefined]

/** A copy in which what matters can be seen: bytes and their class, messages as what is set in them, 64-bit numbers. Members that are undefined are as none. */
export function seen(value, depth = 0) {
  if (depth > 12) return '…'
  if (typeof value === 'function') return `function/${value.length}`
  if (value === null || typeof value !== 'object') return value
  if (types.isPromise(value)) return 'promise'
  if (value instanceof Date) return { date: value.getTime() }
  if (value instanceof RegExp) return String(value)
  if (Buffer.isBuffer(value)) return `Buffer ${value.toString('hex')}`
  if (value instanceof Uint8Array) return `Uint8Array ${Buffer.from(value).toString('hex')}`
  if (typeof value.toNumber === 'function') return `Long ${value.toString()} ${value.unsigned}`
  if (Array.isArray(value)) return value.map((item) => seen(item, depth + 1))
  if (value instanceof Map) return { map: seen([...value], depth + 1) }
  if (value instanceof Set) return { set: seen([...value], depth + 1) }
  const entries = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .map((name) => [name, seen(value[name], depth + 1)])
  const message = Object.getPrototypeOf(value) !== Object.prototype && typeof value.toJSON === 'function'
  // Lists that are not set: Baileys' static classes and reflected ones make the empty list at different times.
  return { ...(message ? { 'a message': true } : {}), ...Object.fromEntries(message ? entries.filter(([, item]) => !(Array.isArray(item) && item.length === 0)) : entries) }
}

const thrown = (error) =>
  error instanceof TypeError || error instanceof RangeError
    ? // Their texts are those of V8 and of Node.js about the line that stumbled.
      { throws: error.name }
    : { throws: error?.name ?? 'nothing', message: error?.message ?? String(error), ...(error?.isBoom ? { statusCode: error.output.statusCode, data: seen(dataOf(error)) } : {}) }
/** Stacks differ. */
const dataOf = ({ data }) => (data?.stack ? { ...data, stack: 'stack' } : data)

export async function outcome(call) {
  try {
    return { gives: await call() }
  } catch (error) {
    return thrown(error)
  }
}

/** What compares two libraries call by call. */
export function comparison(theirs, ours) {
  /** By export: which mismatches are meant. Each stands in docs/baileys-differences.md. */
  const differences = {}
  const met = new Set()

  /**
   * Calls `name` of both with the arguments that `make` makes anew for each. `after` is shown with the result: arguments that are changed.
   */
  async function same(name, make, { call = (lib, args) => lib[name](...args), after = () => undefined } = {}) {
    const of = async (lib) => {
      const args = make()
      const result = await outcome(async () => seen(await call(lib, args)))
      return { ...result, after: seen(after(args)) }
    }
    const expected = await of(theirs)
    const got = await of(ours)
    try {
      assert.deepEqual(got, expected)
    } catch (error) {
      if (differences[name]?.({ args: make(), expected, got })) return void met.add(name)
      error.message = `${name}(${describe(make())}):\n${error.message}`
      throw error
    }
  }
  return { DIFFERENCES: differences, differ: (more) => Object.assign(differences, more), metDifferences: () => met, same }
}

export const { DIFFERENCES, differ, metDifferences, same } = comparison(theirs, ours)

const describe = (args) => {
  try {
    return JSON.stringify(seen(args)).slice(0, 1500)
  } catch {
    return '…'
  }
}
