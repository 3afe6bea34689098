// The process under measurement: sessions of one engine, and what they are made to do.

import { setTimeout as sleep } from 'node:timers/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'

import { given, serve, tell } from './ipc.mjs'

const { engine, ...options } = given()
const { openSession } = await import(`./engines/${engine}.mjs`)
const sessions = new Map()

function session(name) {
  let known = sessions.get(name)
  if (!known) {
    known = { isOpen: false, onText: undefined, onHistory: undefined, onGroup: undefined, onPresence: undefined }
    const onQr = (qr) => tell('qr', { qr, name })
    const told = {
      onText: (text) => known.onText?.(text),
      onHistory: (id) => known.onHistory?.(id),
      onGroup: () => known.onGroup?.(),
      onPresence: (person) => known.onPresence?.(person),
    }
    Object.assign(known, openSession({ ...options, name, onQr, ...told }))
    sessions.set(name, known)
  }
  return known
}

async function connect(name) {
  const one = session(name)
  if (one.isOpen) return one
  await one.connect()
  one.isOpen = true
  return one
}

async function close(name) {
  const one = sessions.get(name)
  if (!one?.isOpen) return
  one.isOpen = false
  await one.close()
}

/** CPU time of this process, user and system, in milliseconds, with the wall time beside it. */
async function timed(work) {
  const wall = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / 1000, wall: performance.now() - wall }
}

/** The same after a collection of garbage, and if asked for with the delays of the event loop meanwhile. */
async function watched(watchLoop, work) {
  globalThis.gc()
  const delays = watchLoop ? monitorEventLoopDelay({ resolution: 1 }) : undefined
  delays?.enable()
  const cost = await timed(work)
  // A delay is told by the tick after it.
  if (delays) await sleep(10)
  delays?.disable()
  // What is recorded is the time between two ticks of a timer of 1 ms.
  const delay = (nanoseconds) => nanoseconds / 1e6 - 1
  return { ...cost, ...(delays && { longest: delay(delays.max), p99: delay(delays.percentile(99)) }) }
}

/** Resident memory in bytes, after what can be given back is. */
async function settled() {
  for (let round = 0; round < 4; round++) {
    globalThis.gc()
    await sleep(250)
  }
  return process.memoryUsage.rss()
}

/** Resolves when so many texts were given to a session's listener. */
function texts(one, count) {
  let left = count
  return new Promise((resolve) => {
    one.onText = () => {
      if (--left > 0) return
      one.onText = undefined
      resolve()
    }
  })
}

/** Runs `work` for every item, so many at a time. */
async function forEach(items, atOnce, work) {
  const rest = items[Symbol.iterator]()
  const worker = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

serve({
  /** Pairs new sessions, logs them in, lets what follows a login pass, and closes them. */
  async pair({ names, atOnce }) {
    await forEach(names, atOnce, async (name) => {
      await connect(name)
      await sleep(300)
      await close(name)
    })
  },

  /** Opens sessions that stay open. Says how many could not. */
  async open({ names, atOnce }) {
    let failed = 0
    const cost = await timed(() =>
      forEach(names, atOnce, (name) =>
        connect(name).catch((error) => {
          if (!failed++) console.error(`${name}: ${error.stack}`)
        }),
      ),
    )
    return { ...cost, failed }
  },

  /** CPU and wall time from `connect()` to open, over and over. */
  async reconnect({ name, times }) {
    const costs = []
    for (let round = 0; round < times; round++) {
      costs.push(await timed(() => connect(name)))
      await sleep(50)
      await close(name)
    }
    return costs
  },

  memory: settled,

  /**
   * From now (and through the connecting, unless the session is open) until so many texts were given to its listener.
   * `peak`: by how much the memory grew at most since the beginning, bytes.
   */
  async receive({ name, count, watchLoop }) {
    const one = session(name)
    const all = texts(one, count)
    const before = process.memoryUsage.rss()
    const cost = await watched(watchLoop, async () => {
      if (one.isOpen) tell('armed')
      else await connect(name)
      await all
    })
    return { ...cost, peak: process.resourceUsage().maxRSS * 1024 - before }
  },

  /** From connecting until so many different messages of the history were given to the session's listener; for `peak` see `receive`. */
  async history({ name, count }) {
    const one = session(name)
    const ids = new Set()
    const all = new Promise((resolve) => {
      one.onHistory = (id) => ids.add(id).size === count && resolve()
    })
    const before = process.memoryUsage.rss()
    const cost = await watched(true, () => Promise.all([connect(name), all]))
    one.onHistory = undefined
    return { ...cost, peak: process.resourceUsage().maxRSS * 1024 - before }
  },

  /** Sends so many texts to one, or to several in turns, some at a time, until the server has acknowledged all. */
  async send({ name, to, count, atOnce, watchLoop }) {
    const one = await connect(name)
    const recipients = [to].flat()
    const all = Array.from({ length: count }, (_, at) => [recipients[at % recipients.length], `A text of a few words, number ${at}`])
    return watched(watchLoop, () => forEach(all, atOnce, ([recipient, text]) => one.send(recipient, text)))
  },

  /** Every one of these `[name, to]` sends so many texts, some at a time, and is written as many meanwhile. */
  async flood({ chats, count, atOnce }) {
    globalThis.gc()
    return timed(async () => {
      const arrived = chats.map(([name]) => texts(session(name), count))
      tell('armed')
      const numbers = Array.from({ length: count }, (_, at) => at)
      const write = ([name, to]) => forEach(numbers, atOnce, (at) => session(name).send(to, `A text, number ${at}`))
      await Promise.all([...arrived, ...chats.map(write)])
    })
  },

  /** Fetches all groups and holds them. `held`: by how much the memory has grown then, bytes. */
  async groups({ name, count }) {
    const one = await connect(name)
    const before = await settled()
    const cost = await watched(true, async () => (one.groups = await one.allGroups()))
    if (one.groups.length !== count) throw new Error(`${one.groups.length} groups`)
    return { ...cost, held: (await settled()) - before }
  },

  /** From connecting until so many changes of groups were told. */
  async changes({ name, count }) {
    const one = session(name)
    one.groups = undefined
    let left = count
    const all = new Promise((resolve) => (one.onGroup = () => --left === 0 && resolve()))
    return watched(false, async () => {
      await connect(name)
      await all
    })
  },

  /** Asks which of these numbers are on the service, where `exist` of them are. */
  async exist({ name, numbers, exist }) {
    const one = await connect(name)
    let found
    const cost = await watched(true, async () => (found = await one.exist(numbers)))
    if (found !== exist) throw new Error(`${found} of ${numbers.length} numbers`)
    return cost
  },

  /** Until the state of one person is told. `states`: how many of others were told before. */
  async presences({ name, last }) {
    const one = await connect(name)
    let states = 0
    const all = new Promise((resolve) => {
      one.onPresence = (person) => (person.startsWith(last) ? resolve() : states++)
    })
    const cost = await watched(true, () => {
      tell('armed')
      return all
    })
    return { ...cost, states }
  },

  async close({ names = [...sessions.keys()] }) {
    await Promise.all(names.map(close))
  },
})
