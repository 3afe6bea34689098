// The same echo bot, written for Baileys, on npm Baileys and on `chasqui/baileys`: what a program gains that changes its import.

import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

import { root } from '../scripts/setup.mjs'
import { median, row } from './report.mjs'
import { Scene } from './scene.mjs'

const execute = promisify(execFile)
const MB = 2 ** 20

/** Milliseconds to import the library, and memory in MB. */
async function loading(engine) {
  const program = (code) => `const start = performance.now(); ${code}
    console.log(JSON.stringify({ wall: performance.now() - start, rss: process.memoryUsage.rss() })); process.exit(0)`
  const measured = async (code) => {
    const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', program(code)], { cwd: path.join(root, 'bench') })
    return JSON.parse(stdout.trim().split('\n').at(-1))
  }
  const [empty, loaded] = [await measured(''), await measured(`await import('${engine === 'chasqui' ? 'chasqui/baileys' : 'baileys'}')`)]
  return { importWall: loaded.wall, importMemory: (loaded.rss - empty.rss) / MB }
}

export const doorImport = {
  name: 'door-import',
  rounds: { full: 9, quick: 2 },
  rows: {
    importWall: row('import of the library: time', 'ms'),
    importMemory: row('import of the library: resident memory', 'MB'),
  },
  sample: loading,
}

/** So many texts of María to each of some accounts, which echo them. */
async function echo(scene, child, names, each, options = {}) {
  const count = names.length * each
  const writes = async () => {
    for (const name of names) await scene.server.write('María', name, each)
  }
  const { cpu, wall, p99, longest, written } = await child.askWhile('echo', { count, ...options }, 1200, writes)
  return { cpu: (cpu * 1000) / count, rate: count / (wall / 1000), written: written / 1024 / count, p99, longest }
}

/** Seconds after which nothing is under way any more. */
const REST = 12

/** What a socket takes whose session is in one file with all others, instead of in a folder of its own. */
export const doorShared = {
  name: 'door-shared',
  rounds: { full: 1, quick: 1 },
  engines: ['chasqui'],
  rows: {
    memory: row('200 idle sockets in one SQLite file: resident memory of each', 'kB'),
    opening: row('200 sockets in one SQLite file: CPU to open each', 'ms'),
    idle: row('200 idle sockets in one SQLite file: CPU per second', 'ms'),
  },
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      const [few, some] = quick ? [2, 10] : [20, 200]
      const names = Array.from({ length: some }, (_, at) => `Bot ${at}`)
      const program = { program: './door-child.mjs', auth: 'shared' }
      await scene.with(engine, program, (child) => child.ask('pair', { names, atOnce: 8 }, 600))
      return scene.with(engine, program, async (child) => {
        const open = async (count) => (await child.ask('open', { names: names.slice(0, count), atOnce: 8 }, 600)).cpu
        const resting = () => child.ask('memory', { rest: quick ? 0 : REST }, 300)
        await open(few)
        const before = await resting()
        const opening = (await open(some)) / (some - few)
        const memory = ((await resting()) - before) / 1024 / (some - few)
        return { memory, opening, idle: await child.ask('idle', { seconds: quick ? 1 : 20 }) }
      })
    }),
}

export const door = {
  name: 'door',
  rounds: { full: 1, quick: 1 },
  rows: {
    rate1: row('echo bot, 1 socket: texts answered per second', '1/s', true),
    cpu1: row('echo bot, 1 socket: CPU for a text and its answer', 'µs'),
    p99At1: row('echo bot, 1 socket: event-loop delay, p99', 'ms'),
    longestAt1: row('echo bot, 1 socket: longest event-loop delay', 'ms'),
    grown: row('echo bot, 1 socket: resident memory after 50,000 texts (Baileys: 6,000) above that after 1,000', 'MB'),
    rate200: row('echo bot, 20 of 200 sockets written to: texts answered per second', '1/s', true),
    cpu200: row('echo bot, 20 of 200 sockets written to: CPU for a text and its answer', 'µs'),
    p99At200: row('echo bot, 20 of 200 sockets written to: event-loop delay, p99', 'ms'),
    rate1000: row('echo bot, 100 of 1,000 sockets written to: texts answered per second', '1/s', true),
    cpu1000: row('echo bot, 100 of 1,000 sockets written to: CPU for a text and its answer', 'µs'),
    p99At1000: row('echo bot, 100 of 1,000 sockets written to: event-loop delay, p99', 'ms'),
    memory200: row('200 idle sockets: resident memory of each', 'kB'),
    memory1000: row('1,000 idle sockets: resident memory of each', 'kB'),
    opening: row('200 sockets: CPU to open each', 'ms'),
    idle1000: row('1,000 idle sockets: CPU per second', 'ms'),
  },
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      // Baileys was not done with half of as much after 20 minutes: each text costs it more than the one before, and each socket.
      const baileys = engine === 'baileys'
      const [some, many] = quick ? [10, 20] : [200, baileys ? 200 : 1000]
      const [first, all] = quick ? [100, 400] : [1000, baileys ? 6000 : 50_000]
      const names = Array.from({ length: many }, (_, at) => `Bot ${at}`)
      const program = { program: './door-child.mjs' }
      const perProcess = baileys ? 50 : 200
      for (let at = 0; at < many; at += perProcess) {
        const part = names.slice(at, at + perProcess)
        await scene.with(engine, program, (child) => child.ask('pair', { names: part, atOnce: 8 }, 60 + 3 * part.length))
      }
      await scene.server.contact('María')
      return scene.with(engine, program, async (child) => {
        const figures = {}
        const open = async (count) => (await child.ask('open', { names: names.slice(0, count), atOnce: 8 }, 1200)).cpu
        await open(1)
        await echo(scene, child, names.slice(0, 1), first)
        const before = await child.ask('memory')
        const one = await echo(scene, child, names.slice(0, 1), all - first)
        Object.assign(figures, { rate1: one.rate, cpu1: one.cpu, p99At1: one.p99, longestAt1: one.longest })
        figures.grown = Math.max(0, ((await child.ask('memory')) - before) / MB)

        // What a process grows by is counted from some sockets on: the first ones pay for what all share.
        const few = some / 10
        await open(few)
        const idle = () => child.ask('memory', { rest: quick ? 0 : REST }, 300)
        const small = await idle()
        figures.opening = (await open(some)) / (some - few)
        const medium = await idle()
        figures.memory200 = (medium - small) / 1024 / (some - few)
        const atSome = await echo(scene, child, names.slice(0, some / 10), quick ? 5 : 50)
        Object.assign(figures, { rate200: atSome.rate, cpu200: atSome.cpu, p99At200: atSome.p99 })
        if (many === some) return figures
        const beside = await idle()
        await open(many)
        figures.memory1000 = ((await idle()) - beside) / 1024 / (many - some)
        figures.idle1000 = await child.ask('idle', { seconds: quick ? 1 : 20 })
        const atMany = await echo(scene, child, names.slice(0, many / 10), quick ? 5 : 50)
        return Object.assign(figures, { rate1000: atMany.rate, cpu1000: atMany.cpu, p99At1000: atMany.p99 })
      })
    }),
}

/** What a session is kept in, and what the engines are called where it is. */
const AUTHS = {
  native: 'on the native class, SQLite',
  sqlite: 'through the door, SQLite',
  folder: 'through the door, auth folder',
  keys: "through the door, the program's own keys in memory",
}

/** Texts at a time: few enough that none has to wait in the store, which would be measured too. */
const PART = 500

export const doorStores = {
  name: 'door-stores',
  rounds: { full: 3, quick: 1 },
  rows: Object.fromEntries(
    Object.entries(AUTHS).flatMap(([auth, where]) => [
      [`${auth}Cpu`, row(`echo bot ${where}: CPU for a text and its answer`, 'µs')],
      [`${auth}Rate`, row(`echo bot ${where}: texts answered per second`, '1/s', true)],
      [`${auth}Written`, row(`echo bot ${where}: written to the disk for a text and its answer`, 'kB')],
    ]),
  ),
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      await scene.server.contact('María')
      const figures = {}
      for (const auth of Object.keys(AUTHS)) {
        if (engine === 'baileys' && (auth === 'native' || auth === 'sqlite')) continue
        const names = [`Bot ${auth}`]
        await scene.with(engine, { program: './door-child.mjs', auth }, async (child) => {
          await child.ask('open', { names, atOnce: 1 })
          const some = (parts) => (quick ? 1 : engine === 'baileys' ? parts / 10 : parts)
          for (let part = 0; part < some(10); part++) await echo(scene, child, names, PART)
          // A collection between them would be measured, by what it makes V8 forget: there is none.
          const parts = []
          for (let part = 0; part < some(40); part++) parts.push(await echo(scene, child, names, PART, { collect: part === 0 }))
          for (const [what, figure] of [['Cpu', 'cpu'], ['Rate', 'rate'], ['Written', 'written']]) {
            figures[auth + what] = median(parts.map((part) => part[figure]))
          }
        })
      }
      return figures
    }),
}
