// The runner's side of examples/nextjs: its built server in a process of its own, what that takes of the machine, and its users.
// What a process takes is read from /proc, which Linux has.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { prepare } from '../scripts/nextjs.mjs'

/** Per second, in /proc: the same on every Linux of today. */
const TICKS = 100
const PRELOADS = ['../__test__/nextjs/at-emulator.mjs', './nextjs-collect.mjs'].map((file) => new URL(file, import.meta.url).href)
const TOKEN = 'a fictitious token'

const running = new Set()
process.on('exit', () => {
  for (const { app } of running) app.child.kill('SIGKILL')
})
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1))

/** So many at a time; stops at the first error. */
export async function forEach(items, atOnce, work) {
  const rest = items[Symbol.iterator]()
  const worker = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** Asks every few milliseconds; false when `seconds` went by. */
export async function within(seconds, condition, every = 50) {
  const end = performance.now() + seconds * 1000
  while (!(await condition())) {
    if (performance.now() > end) return false
    await sleep(every)
  }
  return true
}

export class Shop {
  #options
  #database
  app

  /** The server of an engine, with everything that it keeps in `data`. */
  static async start(engine, emulator, data) {
    const shop = new Shop()
    const env = { NODE_OPTIONS: PRELOADS.map((file) => `--import ${file}`).join(' '), METRICS_TOKEN: TOKEN, LOG_LEVEL: 'warn' }
    const folder = await prepare({ engine })
    shop.#options = [{ endpoint: emulator.info.endpoint }, { engine, data, folder, env }]
    await shop.restart()
    const { createClient } = createRequire(path.join(folder, 'package.json'))('@libsql/client')
    shop.#database = createClient({ url: `file:${path.join(data, 'app.db')}` })
    return shop
  }

  /** Starts the server, again where it has ended; users stay signed in. Resolves when it answers. */
  async restart() {
    // Loaded here alone: it brings npm Baileys and its ways with timers into the process.
    const { startApp } = await import('../__test__/nextjs/app.mjs')
    const app = await startApp(...this.#options)
    // Users go on with the object that they know.
    this.app = this.app ? Object.assign(this.app, app) : app
    running.add(this)
  }

  async end(signal) {
    await this.app.end(signal)
    running.delete(this)
  }

  async stop() {
    if (running.has(this)) await this.end('SIGKILL')
    this.#database?.close()
  }

  /** CPU of the server so far, user and system, in milliseconds. */
  cpu() {
    const fields = readFileSync(`/proc/${this.app.child.pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS
  }

  /** Resident memory of the server in bytes, after what can be given back is. */
  async memory() {
    for (let round = 0; round < 4; round++) {
      this.app.child.kill('SIGUSR2')
      await sleep(500)
    }
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.app.child.pid}/status`, 'utf8'))[1]) * 1024
  }

  /** A figure from the server's metrics; those of the event loop's delay are of the time since they were read last. */
  async metrics() {
    const response = await fetch(`${this.app.base}/api/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
    const text = await response.text()
    if (!response.ok) throw new Error(`metrics: ${response.status} ${text}`)
    const figures = new Map(text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    }))
    // What is recorded is the time between two ticks of a timer of 10 ms.
    const delay = (name) => Math.max(0, figures.get(`nodejs_eventloop_lag_${name}_seconds`) * 1000 - 10)
    return { connected: figures.get('chasqui_sessions{status="CONNECTED"}') ?? 0, longest: delay('max'), p99: delay('p99') }
  }

  /** Rows of the server's database. */
  async select(sql) {
    return (await this.#database.execute(sql)).rows
  }

  /** How many messages are in the database, of those with this condition. */
  async count(condition) {
    return Number((await this.select(`select count(*) as n from messages where ${condition}`))[0].n)
  }
}
