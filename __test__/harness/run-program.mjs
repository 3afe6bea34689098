// The test's end of program.mjs.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('program.mjs', import.meta.url))

/**
 * Starts the program; it is killed after the test. Codes that it shows are scanned by the account named as the session.
 *
 * `limit`: what a shell does before it becomes the program, for instance `ulimit -f 1000`.
 */
export function runProgram(t, emulator, { execArgv = [], env = {}, limit } = {}) {
  const words = [process.execPath, ...execArgv, PROGRAM]
  const [command, ...args] = limit ? ['/bin/sh', '-c', `${limit}; exec "$0" "$@"`, ...words] : words
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  const calls = new Map()
  let lastCall = 0
  const output = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(data))
  const connections = []
  const errors = []
  child.on('message', (message) => {
    if (message.qr) return void emulator.scan(message.qr, { account: message.account }).catch(() => {})
    if (message.connection) return void connections.push(message)
    if (message.session && message.error) return void errors.push(message.error)
    const { resolve, reject } = calls.get(message.call)
    calls.delete(message.call)
    if (message.error) reject(Object.assign(new Error(message.error.message), { code: message.error.code }))
    else resolve(message.result)
  })
  const ended = once(child, 'close').then(([code, signal]) => {
    const text = Buffer.concat(output).toString()
    for (const { reject } of calls.values()) reject(new Error(`the program ended with ${signal ?? code}: ${text.slice(-2000)}`))
    return { code, signal }
  })
  t.after(() => child.kill('SIGKILL'))
  return {
    child,
    ended,
    /** `{ session, connection }` of each `connection` event so far. */
    connections,
    /** `{ code, data }` of each `error` event so far. */
    errors,
    /** Everything written to stdout and stderr so far. */
    output: () => Buffer.concat(output),
    ask: (name, argument = {}) =>
      new Promise((resolve, reject) => {
        const call = ++lastCall
        calls.set(call, { resolve, reject })
        child.send({ call, name, argument }, (error) => error && reject(error))
      }),
  }
}

/** What programs have noted in a journal; what a kill tore in the middle of its writing was not noted. */
export function readJournal(file) {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line.startsWith('[') && line.endsWith(']')).map((line) => JSON.parse(line))
}

/** A contact writes so many numbered texts; resolves when the service has them all. */
export async function burst(emulator, contact, to, count, text = 'text') {
  const body = JSON.stringify({ contact, to, text, count })
  const response = await fetch(`${emulator.httpUrl}/admin/call/contactSend`, { method: 'POST', body })
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()).ids
}
