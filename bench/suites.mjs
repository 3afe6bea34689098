// What is measured. A suite takes one sample of one engine: `{ row: figure }`. The runner alternates between the engines,
// repeats, and takes medians.

import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

import { root } from '../scripts/setup.mjs'
import { appState } from './appstate.mjs'
import { door, doorImport, doorShared, doorStores } from './door.mjs'
import { groupMetadata, groupReceiving, groupSending } from './groups.mjs'
import { history, historyDecoding } from './history.mjs'
import { backlog, flood } from './load.mjs'
import { media, mediaMemory } from './media.mjs'
import { nextjs, nextjsKills } from './nextjs.mjs'
import { existence, presence } from './people.mjs'
import { median, row } from './report.mjs'
import { Scene, queued, withAcquainted } from './scene.mjs'
import { acquaintances, archive, commits, sessionSize } from './storage.mjs'

const execute = promisify(execFile)
const here = path.join(root, 'bench')

// ── Start ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const LOADING = {
  // With the addon, and the first client made: more than what the other engine is asked for.
  chasqui: {
    import: `const { WhatsAppClient } = await import('chasqui'); new WhatsAppClient({ session: 'a', store: 'memory:' })`,
    require: `const { WhatsAppClient } = require('chasqui'); new WhatsAppClient({ session: 'a', store: 'memory:' })`,
  },
  baileys: { import: `await import('baileys')`, require: `require('baileys')` },
}

async function load(engine, how) {
  const code = engine ? LOADING[engine][how] : ''
  const program = `const before = process.cpuUsage(), start = performance.now(); ${code};
    const wall = performance.now() - start, { user, system } = process.cpuUsage(before)
    console.log(JSON.stringify({ wall, cpu: (user + system) / 1000, rss: process.memoryUsage.rss() }))
    process.exit(0)`
  const type = how === 'require' ? 'commonjs' : 'module'
  const { stdout } = await execute(process.execPath, [`--input-type=${type}`, '-e', program], { cwd: here })
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

const loading = {
  name: 'import',
  rounds: { full: 9, quick: 2 },
  rows: {
    importWall: row('import, with the addon and a first client: time', 'ms'),
    importCpu: row('import, with the addon and a first client: CPU', 'ms'),
    importMemory: row('import, with the addon and a first client: resident memory', 'MB'),
    requireWall: row('require, likewise: time', 'ms'),
    requireMemory: row('require, likewise: resident memory', 'MB'),
  },
  async sample(engine) {
    const figures = {}
    for (const how of ['import', 'require']) {
      const empty = await load(undefined, how)
      // Older versions of Node cannot require what is a module throughout.
      const loaded = await load(engine, how).catch(() => undefined)
      if (!loaded) continue
      figures[`${how}Wall`] = loaded.wall
      figures[`${how}Cpu`] = loaded.cpu
      figures[`${how}Memory`] = (loaded.rss - empty.rss) / 2 ** 20
    }
    delete figures.requireCpu
    return figures
  },
}

// ── The protocol's primitives ────────────────────────────────────────────────────────────────────────────────────────

const primitives = {
  name: 'primitives',
  rounds: { full: 5, quick: 1 },
  rows: {
    encodeMessage: row('node: encode a message of 303 B', 'µs'),
    decodeMessage: row('node: decode a message of 303 B', 'µs'),
    encodeFanOut: row('node: encode a message to 100 devices, 36 kB', 'µs'),
    decodeFanOut: row('node: decode a message to 100 devices, 36 kB', 'µs'),
    sealSmallFrame: row('Noise frame of 300 B: encrypt', 'µs'),
    openSmallFrame: row('Noise frame of 300 B: decrypt', 'µs'),
    sealLargeFrame: row('Noise frame of 64 kB: encrypt', 'µs'),
    openLargeFrame: row('Noise frame of 64 kB: decrypt', 'µs'),
    sessionFromBundle: row('Signal: session from a bundle', 'µs'),
    sessionFromMessage: row('Signal: session from a first message, decrypted', 'µs'),
    encrypt: row('Signal: encrypt, with its record', 'µs'),
    decrypt: row('Signal: decrypt, with its record', 'µs'),
    ratchetTurns: row('Signal: there and back, two ratchet turns', 'µs'),
    prekeys: row('812 prekeys', 'ms'),
  },
  async sample(engine, { binaries }) {
    const { stdout } =
      engine === 'chasqui'
        ? await execute(path.join(binaries, 'primitives'))
        : await execute(process.execPath, [path.join(here, 'primitives-baileys.mjs')])
    const figures = JSON.parse(stdout.trim().split('\n').at(-1))
    figures.prekeys /= 1000
    return figures
  },
}

// ── Connecting ───────────────────────────────────────────────────────────────────────────────────────────────────────

const connecting = {
  name: 'connect',
  rounds: { full: 3, quick: 1 },
  rows: {
    connectCpu: row('connect() to open, paired, beside another session: CPU', 'ms'),
    connectWall: row('connect() to open, paired, beside another session: time', 'ms'),
  },
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      await scene.pair(engine, ['Rosa', 'Inés'])
      const costs = await scene.with(engine, {}, async (child) => {
        // Keeps open what a process opens once, such as the store's file.
        await child.ask('open', { names: ['Inés'], atOnce: 1 })
        await child.ask('reconnect', { name: 'Rosa', times: 3 })
        return child.ask('reconnect', { name: 'Rosa', times: quick ? 3 : 15 })
      })
      return { connectCpu: median(costs.map(({ cpu }) => cpu)), connectWall: median(costs.map(({ wall }) => wall)) }
    }),
}

// ── Many sessions ────────────────────────────────────────────────────────────────────────────────────────────────────

/** CPU microseconds of the process for one text that comes in by one of its sessions. */
async function messageCost(scene, child, count) {
  const costs = []
  for (let round = 0; round < 3; round++) {
    const writes = () => scene.server.write('María', 'Session 0', count)
    const { cpu } = await child.askWhile('receive', { name: 'Session 0', count }, 300, writes)
    costs.push((cpu * 1000) / count)
  }
  return median(costs)
}

const sessions = {
  name: 'sessions',
  rounds: { full: 1, quick: 1 },
  rows: {
    memory200: row('200 idle sessions: resident memory of each', 'kB'),
    memory1000: row('1,000 idle sessions: resident memory of each', 'kB'),
    opening200: row('200 sessions: CPU to open each', 'ms'),
    opening1000: row('1,000 sessions: CPU to open each', 'ms'),
    message1: row('a text in, 1 session open: CPU', 'µs'),
    message200: row('a text in, 200 sessions open: CPU', 'µs'),
    message1000: row('a text in, 1,000 sessions open: CPU', 'µs'),
  },
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      const [some, many] = quick ? [20, 40] : [200, 1000]
      const count = engine === 'baileys' || quick ? 200 : 3000
      const names = Array.from({ length: many }, (_, at) => `Session ${at}`)
      await scene.pair(engine, names, { durable: false })
      await scene.server.contact('María')
      return scene.with(engine, { durable: false }, async (child) => {
        const open = async (upTo) => {
          const { cpu, failed } = await child.ask('open', { names: names.slice(0, upTo), atOnce: 8 }, 900)
          if (failed) throw new Error(`${failed} of ${upTo} sessions did not open`)
          return cpu
        }
        const figures = {}
        await open(1)
        await messageCost(scene, child, count)
        figures.message1 = await messageCost(scene, child, count)
        // What a process grows by is counted from some sessions on: the first ones pay for what all share.
        const few = some / 10
        await open(few)
        let before = await child.ask('memory')
        figures.opening200 = (await open(some)) / (some - few)
        figures.memory200 = ((await child.ask('memory')) - before) / 1024 / (some - few)
        figures.message200 = await messageCost(scene, child, count)
        try {
          before = await child.ask('memory')
          figures.opening1000 = (await open(many)) / (many - some)
          figures.memory1000 = ((await child.ask('memory', {}, 300)) - before) / 1024 / (many - some)
          figures.message1000 = await messageCost(scene, child, count)
        } catch (error) {
          console.error(`sessions: ${engine} did not get to ${many}: ${error.message}`)
        }
        return figures
      })
    }),
}

// ── Messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const messages = (secure) => {
  const over = secure ? 'wss' : 'ws'
  return {
    name: over,
    rounds: { full: 3, quick: 1 },
    rows: {
      received: row(`texts received over ${over}, per CPU-second`, '1/s', true),
      receivedWall: row(`texts received over ${over}, per second`, '1/s', true),
      sent: row(`texts sent over ${over} to 2 devices, per CPU-second`, '1/s', true),
      sentWall: row(`texts sent over ${over} to 2 devices, per second`, '1/s', true),
    },
    sample: (engine, { quick }) =>
      Scene.run(async (scene) => {
        const slow = engine === 'baileys' || quick
        const [incoming, outgoing] = slow ? [quick ? 200 : 2000, quick ? 100 : 600] : [20_000, 10_000]
        const figures = {}
        await withAcquainted(scene, engine, secure, async (child, jid) => {
          const received = await queued(scene, child, incoming)
          figures.received = incoming / (received.cpu / 1000)
          figures.receivedWall = incoming / (received.wall / 1000)
          const sent = await child.ask('send', { name: 'Rosa', to: jid, count: outgoing, atOnce: 200 }, 300)
          figures.sent = outgoing / (sent.cpu / 1000)
          figures.sentWall = outgoing / (sent.wall / 1000)
        })
        return figures
      }),
  }
}

const eventLoop = {
  name: 'event-loop',
  rounds: { full: 3, quick: 1 },
  rows: {
    longest: row('event loop while 5,000 queued texts arrive: longest delay', 'ms'),
    p99: row('event loop while 5,000 queued texts arrive: delay, p99', 'ms'),
  },
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      let figures
      await withAcquainted(scene, engine, false, async (child) => {
        const { longest, p99 } = await queued(scene, child, quick ? 500 : 5000, { watchLoop: true })
        figures = { longest, p99 }
      })
      return figures
    }),
}

export const suites = [
  loading, doorImport, primitives, connecting, messages(false), messages(true), groupSending, groupReceiving, groupMetadata, existence, presence, eventLoop, backlog, flood,
  commits, archive, sessionSize, sessions, acquaintances, history, historyDecoding, appState, media, mediaMemory, doorStores, doorShared, door, nextjs, nextjsKills,
]
