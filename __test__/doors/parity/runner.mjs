// Plays scenarios on two libraries, in a few processes at a time, and compares.
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'

import { compare } from './compare.mjs'
import { outdated, readDifferences, unexplained } from './differences.mjs'
import { scenarios } from './scenarios.mjs'

const WORKER = new URL('./worker.mjs', import.meta.url)

/** Most of a scenario is waiting. */
const PROCESSES = Math.min(8, availableParallelism() * 2)

/**
 * Plays all tasks `{ name, side, edition }`; resolves with what was written down, in their order.
 */
export async function play(tasks, { processes = PROCESSES, done = () => {} } = {}) {
  const results = new Array(tasks.length)
  let next = 0
  const one = () =>
    new Promise((resolve, reject) => {
      let at
      const child = fork(WORKER, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: ['--no-warnings'] })
      const give = () => {
        at = next++
        child.send(at < tasks.length ? tasks[at] : 'end')
      }
      child.on('message', (result) => {
        if (result !== 'ready') {
          results[at] = result
          done(result)
        }
        give()
      })
      child.on('exit', (code) => {
        if (at >= tasks.length) return resolve()
        results[at] = { ...tasks[at], steps: [], failure: `the process ended with ${code}`, stray: [] }
        done(results[at])
        resolve(next < tasks.length ? one() : undefined)
      })
      child.on('error', reject)
    })
  await Promise.all(Array.from({ length: Math.min(processes, tasks.length) }, one))
  return results
}

/** The scenarios whose name has one of the texts in it. */
export const named = (texts) => [...scenarios.keys()].filter((name) => texts.length === 0 || texts.some((text) => name.includes(text)))

/**
 * Compares two libraries over scenarios: `{ name, differences, unexplained, failure }` of each, and the rows that are out of date.
 *
 * @param {{ names: string[], sides?: [string, string], edition?: 6 | 7 }} options
 */
export async function parity({ names, sides = ['theirs', 'ours'], edition = 7, processes, done }) {
  const tasks = names.flatMap((name) => sides.map((side) => ({ name, side, edition })))
  const results = await play(tasks, { processes, done })
  const rows = sides[0] === sides[1] ? [] : readDifferences()
  const used = new Set()
  const compared = names.map((name, at) => {
    const [first, second] = [results[2 * at], results[2 * at + 1]]
    const differences = compare(first, second)
    return { name, differences, unexplained: unexplained(name, differences, rows, used), failure: first.failure, stray: [first.stray, second.stray], first, second }
  })
  return { compared, outdated: outdated(names, rows, used) }
}
