// Questions and answers between the runner and the processes that it measures.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The runner's end: a process with a program of this folder in it. */
export class Child {
  #process
  #waiting = new Map()
  #last = 0
  #onEvent
  #onArmed = () => {}

  /** `onEvent` takes what the process tells by itself. */
  constructor(program, argument, { onEvent = () => {}, exposeGc = false } = {}) {
    this.#onEvent = onEvent
    const file = fileURLToPath(new URL(program, import.meta.url))
    this.#process = fork(file, [JSON.stringify(argument)], {
      execArgv: exposeGc ? ['--expose-gc'] : [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#process.on('message', (message) => this.#take(message))
    this.#process.once('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${program} ended with ${signal ?? code}`))
      this.#waiting.clear()
    })
  }

  /** Runs a command in the process; fails after `seconds`. */
  ask(command, argument = {}, seconds = 120) {
    const id = ++this.#last
    return new Promise((resolve, reject) => {
      if (this.#process.exitCode !== null) return reject(new Error('the process has ended'))
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new Error(`"${command}" was not done within ${seconds} s`))
      }, seconds * 1000)
      const settle = (settled) => (value) => {
        clearTimeout(timer)
        settled(value)
      }
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) })
      this.#process.send({ id, command, argument })
    })
  }

  /** Runs a command that says when it is armed, and then does `meanwhile` while the command goes on. */
  async askWhile(command, argument, seconds, meanwhile) {
    const armed = new Promise((resolve) => (this.#onArmed = resolve))
    const done = this.ask(command, argument, seconds)
    await Promise.race([armed, done])
    const [result] = await Promise.all([done, meanwhile()])
    return result
  }

  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }

  #take(message) {
    if (message.event === 'armed') return this.#onArmed()
    if (message.event) return this.#onEvent(message)
    const waiting = this.#waiting.get(message.id)
    if (!waiting) return
    this.#waiting.delete(message.id)
    if (message.error) waiting.reject(new Error(message.error))
    else waiting.resolve(message.result)
  }
}

/** What the runner gave a process to begin with. */
export const given = () => JSON.parse(process.argv[2])

/** The process' end: answers commands by the functions of these names. */
export function serve(commands) {
  process.on('message', async ({ id, command, argument }) => {
    try {
      process.send({ id, result: (await commands[command](argument)) ?? null })
    } catch (error) {
      process.send({ id, error: error?.stack ?? String(error) })
    }
  })
  process.on('disconnect', () => process.exit(0))
}

/** Tells the runner something that it did not ask for. */
export const tell = (event, data) => process.send({ event, ...data })
