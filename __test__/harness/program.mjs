// A process with sessions of its own, driven over IPC by a test that measures it, reads its output or kills it.
//
// JOURNAL: a file to which each message, each change of the settings and each part of the history is written before the listener
// or the handler returns, and each that was sent once that is known, so that it outlives a SIGKILL.
// TRACE: every log line goes to stdout.

import { openSync, readFileSync, readdirSync, writeSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'

import { WhatsAppClient } from 'chasqui'

const journal = process.env.JOURNAL && openSync(process.env.JOURNAL, 'a')
const clients = new Map()
const uncaught = []
let delay
let watch
let turns
/** Milliseconds for which this thread has had a core. */
const threadTime = () => Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6

// Each begins a line of its own: a kill may have torn the one before.
const note = (...line) => journal && writeSync(journal, `\n${JSON.stringify(line)}`)

const write = (level) => (line) => process.stdout.write(`${level} ${line}\n`)
const logger = process.env.TRACE && {
  trace: write('trace'), debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error'),
  level: 'trace',
}

const commands = {
  /**
   * Opens a session; the test scans its QR code. Gives `{ user }`. `handling`: messages are taken by `onMessage`, each in so
   * many milliseconds, and again after so many ends of the process (`retries`); the handler never ends with a text `stuckOn`,
   * and ends the process on a text `dieOn`. `dawdling`: milliseconds for each part of the history. `takeOver`: from whoever has
   * the session.
   */
  async open({ session, reply = false, throwing = false, handling, retries, stuckOn, dieOn, dawdling = 0, takeOver = false, ...options }) {
    const client = new WhatsAppClient({ session, ...options, ...(logger && { logger }) })
    const state = { client, messages: 0, waiting: [] }
    clients.set(session, state)
    client.on('qr', (qr) => process.send({ qr: qr.text, account: session }))
    if (throwing) {
      client.on('message', ({ text }) => {
        throw new Error(`no to ${text}`)
      })
    }
    const take = (message) => {
      note('got', message.id, message.type, message.redelivered)
      state.messages++
      state.waiting = state.waiting.filter(({ count, done }) => state.messages < count || done())
      if (reply) client.send(message, { text: `re: ${message.text}` }).catch(() => {})
    }
    if (handling === undefined) client.on('message', take)
    else {
      client.onMessage(async (message) => {
        if (dieOn !== undefined && message.text === dieOn) process.exit(1)
        if (stuckOn !== undefined && message.text === stuckOn) await new Promise(() => {})
        await pause(handling)
        take(message)
      }, { retries })
    }
    client.on('history', async ({ redelivered, messages }) => {
      note('history', redelivered, messages.map(({ id }) => id))
      await pause(dawdling)
    })
    client.on('change', ({ changes }) => changes.forEach(({ type, chat }) => note('change', type, chat)))
    client.on('error', ({ code, data }) => process.send({ session, error: { code, data } }))
    client.on('connection', (event) => process.send({ session, connection: event }))
    await client.connect({ takeOver })
    await client.opened()
    return { user: client.user }
  },

  /** Waits until a session has got so many messages in all. */
  messages({ session, count }) {
    const state = clients.get(session)
    if (state.messages < count) return new Promise((done) => state.waiting.push({ count, done }))
  },

  /** Sends, and gives what became of it: `{ id }` or `{ code, data }`. */
  async send({ session, to, content, options }) {
    try {
      return await clients.get(session).client.send(to, content, options)
    } catch (error) {
      return { code: error.code, data: error.data }
    }
  },

  /** Sends one text after the other to each of the chats, `count` to each; gives how many were confirmed. */
  async flood({ session, chats, count }) {
    const { client } = clients.get(session)
    let sent = 0
    const one = async (chat) => {
      for (let n = 0; n < count; n++) {
        try {
          const { id } = await client.send(chat, { text: `answer ${n}` })
          note('sent', id)
          sent++
        } catch (error) {
          note('failed', error.code)
          if (error.code === 'NOT_CONNECTED') return
        }
      }
    }
    await Promise.all(chats.map(one))
    return sent
  },

  async logout({ session }) {
    await clients.get(session).client.logout()
  },

  async disconnect({ session }) {
    await clients.get(session).client.disconnect()
  },

  /** Messages of what became uncaught exceptions from now on. */
  uncaught() {
    process.on('uncaughtException', ({ message }) => uncaught.push(message))
  },

  uncaughtSoFar: () => uncaught,

  stats: ({ session }) => clients.get(session).client.stats(),

  /** Watches the event loop until `loopDelay`. */
  watchLoop() {
    delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    turns = []
    let before = threadTime()
    watch = setInterval(() => {
      const now = threadTime()
      turns.push(now - before)
      before = now
    }, 1)
  },

  /**
   * Milliseconds. `p999` and `max`: by which timers were late (what is recorded is the time between two ticks of one of
   * 1 ms). `computed`: of computing between two chances for timers, p99.9; others on the machine do not count in it.
   */
  loopDelay() {
    delay.disable()
    clearInterval(watch)
    turns.sort((one, other) => one - other)
    const computed = turns[Math.floor(turns.length * 0.999)]
    return { p999: delay.percentile(99.9) / 1e6 - 1, max: delay.max / 1e6 - 1, computed }
  },

  /** Open file descriptors. */
  descriptors: () => readdirSync('/proc/self/fd').length,

  /** What the process holds, in bytes. Needs --expose-gc. */
  async memory() {
    for (let n = 0; n < 4; n++) {
      gc()
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { rss, heapUsed } = process.memoryUsage()
    return { rss, heapUsed, peak: process.resourceUsage().maxRSS * 1024 }
  },
}

process.on('message', async ({ call, name, argument }) => {
  try {
    process.send({ call, result: (await commands[name](argument)) ?? null })
  } catch (error) {
    process.send({ call, error: { code: error.code, message: error.stack } })
  }
})
process.on('disconnect', () => process.exit(0))
