// Plays scenarios on two libraries, in a few processes at a time, and compares.
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'

import { compare } from './compare.mjs'
import { outdated, readDifferences, unexplained } from './differences.mjs'
import { LEFT_OUT } from './lacking.mjs'
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
 * Compares two libraries over scenarios: `{ name, differences, unexplained, failure, lacks }` of each, and the rows that are out of date.
 * `lacks`: what the reference does not have, and was not compared.
 *
 * @param {{ tries?: number, names: string[], sides?: [string, string], edition?: 6 | 7 }} options
 */
export async function parity({ names, sides = ['theirs', 'ours'], edition = 7, processes, done, cached = false, tries = 1 }) {
  const leftOut = edition === 6 ? names.filter((name) => name in LEFT_OUT) : []
  names = names.filter((name) => !leftOut.includes(name))
  const tasks = names.flatMap((name) => sides.map((side) => ({ name, side, edition })))
  const kept = tasks.map((task) => (cached && task.side === 'theirs' ? keptOf(task) : undefined))
  // What a library leaves unhandled may come late, and must not be taken for that of the other: each has processes of its own.
  const results = [...kept]
  for (const each of new Set(sides)) {
    const missing = tasks.flatMap(({ side }, at) => (side === each && !kept[at] ? [at] : []))
    const played = await play(missing.map((at) => tasks[at]), { processes, done })
    for (const [n, at] of missing.entries()) results[at] = played[n]
  }
  if (cached) for (const [at, task] of tasks.entries()) if (task.side === 'theirs' && !kept[at] && !results[at].failure) keep(task, results[at])
  const rows = sides[0] === sides[1] ? [] : readDifferences(edition)
  const used = new Set()
  const judged = (name, [first, second]) => {
    // The scenario is about something that the reference does not have.
    if (first.lacks) return { name, differences: [], unexplained: [], lacks: [first.lacks], stray: [[], []], first, second }
    const differences = compare(first, second)
    const lacks = [...new Set(first.steps.flatMap(({ calls }) => calls.flatMap((call) => call.lacks ?? [])))]
    return { name, differences, unexplained: unexplained(name, differences, rows, used), failure: first.failure, lacks, stray: [first.stray, second.stray], first, second }
  }
  const compared = names.map((name, at) => judged(name, results.slice(2 * at, 2 * at + 2)))
  // On a machine that has no time for it a scenario may fall apart, with either library. What differs does so each time.
  for (let left = tries; left > 1; left--) {
    for (const [at, { name, unexplained: bad, failure }] of compared.entries()) {
      if (bad.length > 0 || failure) compared[at] = { ...judged(name, [...(await play([{ name, side: sides[0], edition }], { done })), ...(await play([{ name, side: sides[1], edition }], { done }))]), before: bad }
    }
  }
  return { compared, outdated: outdated(names, rows, used, [...scenarios.keys()].filter((name) => edition !== 6 || !(name in LEFT_OUT))), leftOut: leftOut.map((name) => ({ name, why: LEFT_OUT[name] })) }
}

const FOLDER = path.join(tmpdir(), 'chasqui-parity-books')
let version
/** What the reference showed last time, as long as neither its scenarios nor the runner have changed. */
function fileOf({ name, edition }) {
  const here = new URL('.', import.meta.url)
  const read = (files) => files.map((file) => readFileSync(new URL(file, here))).join('\n')
  version ??= read(readdirSync(here).filter((file) => file.endsWith('.mjs') && !['run.mjs', 'runner.mjs', 'compare.mjs', 'differences.mjs', 'findings.mjs'].includes(file)).sort())
  const key = createHash('sha256').update(`${version} ${read([`scenarios/${name.split(':')[0]}.mjs`])} ${edition} ${name}`)
  return path.join(FOLDER, `${key.digest('hex').slice(0, 32)}.json`)
}
const keptOf = (task) => (existsSync(fileOf(task)) ? JSON.parse(readFileSync(fileOf(task), 'utf8')) : undefined)
function keep(task, result) {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(fileOf(task), JSON.stringify(result))
}
