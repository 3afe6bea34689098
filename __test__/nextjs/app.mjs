// The built example as a server in a process of its own, with the emulator as the service, and its users over HTTP.
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { prepare } from '../../scripts/nextjs.mjs'
import { temporaryFolder } from '../harness/baileys.mjs'
import { waitFor } from '../harness/emulator.mjs'
import { readQrCodeUrl } from './qr-code.mjs'

export { waitFor }
/** What stands behind `baileys`. */
export const ENGINES = ['chasqui', 'baileys']
/** A loaded machine may take long for a server to start. */
export const PATIENCE = 60_000
const PRELOAD = new URL('at-emulator.mjs', import.meta.url).href

/**
 * A server. `data` is the folder with everything that it keeps: given again, it goes on with it; given its `port` too, at the same address.
 *
 * @param {import('chasqui/testing').Emulator} emulator
 */
export async function startApp(emulator, { engine = 'chasqui', data = temporaryFolder(), env = {}, folder, limits = true, port } = {}) {
  const cwd = folder ?? (await prepare({ engine }))
  port ??= await freePort()
  const base = `http://127.0.0.1:${port}`
  const next = path.join(cwd, 'node_modules/next/dist/bin/next')
  const child = spawn(process.execPath, [next, 'start', '--hostname', '127.0.0.1', '--port', String(port)], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      NEXT_MANUAL_SIG_HANDLE: 'true',
      NODE_OPTIONS: `--import ${PRELOAD}`,
      CHASQUI_ENDPOINT: JSON.stringify(emulator.endpoint),
      DATABASE_URL: path.join(data, 'app.db'),
      SESSIONS_FOLDER: path.join(data, 'auth_sessions'),
      MEDIA_FOLDER: path.join(data, 'media'),
      SECRET_FILE: path.join(data, 'secret'),
      ...(limits ? { SIGN_IN_LIMIT: '1000', RATE_LIMIT_SEND: '10000', RATE_LIMIT_CHANGE: '10000', RATE_LIMIT_READ: '100000' } : {}),
      ...env,
    },
  })
  const app = { base, port, data, engine, child, log: '', sessions: path.join(data, 'auth_sessions') }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (app.log = (app.log + text).slice(-1_000_000)))
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)))
  /** The last lines that the server printed. */
  app.tail = () => app.log.slice(-4000)
  app.user = (name, more) => signIn(app, name, more)
  app.end = (signal = 'SIGTERM') => {
    child.kill(signal)
    return ended
  }
  await waitFor(async () => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended: ${app.tail()}`)
    return fetch(`${base}/api/health`).then(({ ok }) => ok, () => false)
  }, 'the server to answer', PATIENCE)
  return app
}

/** Somebody who is signed in; the account is made at the first time. `call` gives the answer's JSON, its status as `http`. */
async function signIn(app, name, { password = 'a fictitious password' } = {}) {
  const email = `${name.toLowerCase()}@example.com`
  const user = { name, email, password, cookie: '' }
  user.raw = (address, { headers = {}, ...options } = {}) => fetch(app.base + address, { redirect: 'manual', headers: { cookie: user.cookie, ...headers }, ...options })
  /** Without a body GET, with one POST, unless `method` says otherwise. */
  user.call = async (address, body, method = body === undefined ? 'GET' : 'POST') => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await user.raw(address, { method, headers, body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body) })
    const text = await response.text()
    try {
      return { ...JSON.parse(text), http: response.status, headers: response.headers }
    } catch {
      throw new Error(`${address} answered ${response.status} ${text.slice(0, 500)}\n${app.tail()}`)
    }
  }
  const enter = async (address, more) => {
    const response = await fetch(`${app.base}/api/auth/${address}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: app.base },
      body: JSON.stringify({ email, password, ...more }),
    })
    user.cookie = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ')
    return response
  }
  if (!(await enter('sign-in/email')).ok) {
    const made = await enter('sign-up/email', { name })
    if (!made.ok) throw new Error(`${name} could not sign up: ${made.status} ${await made.text()}\n${app.tail()}`)
  }
  user.status = () => user.call('/api/whatsapp/status')
  /** Connects, and scans the code with the phone of `account`. */
  user.link = async (emulator, account = name) => {
    const { qr } = await user.call('/api/whatsapp/connect', {})
    if (qr) await emulator.scan(readQrCodeUrl(qr), { account })
    await user.connected()
    return (await emulator.accounts()).find((one) => one.name === account).jid
  }
  user.connected = () => waitFor(async () => (await user.status()).isConnected, () => `${name} to be connected; the server says ${app.tail()}`, PATIENCE)
  user.conversations = async () => (await user.call('/api/conversations')).conversations
  user.messages = async (id) => (await user.call(`/api/conversations/${id}/messages`)).messages
  user.events = (listen) => listenTo(user, listen)
  return user
}

/** Gives each server-sent event to `listen(name, data)` until the function that this resolves with is called. */
async function listenTo(user, listen) {
  const abort = new AbortController()
  const response = await user.raw('/api/events', { signal: abort.signal })
  if (!response.ok) throw new Error(`events: ${response.status}`)
  const reading = (async () => {
    let rest = ''
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const events = (rest + chunk).split('\n\n')
      rest = events.pop()
      for (const event of events) {
        const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? []
        if (name) listen(name, JSON.parse(data))
      }
    }
  })().catch((error) => {
    if (!abort.signal.aborted) throw error
  })
  return async () => {
    abort.abort()
    await reading
  }
}

/** A Postgres server of a test's own, as the example's tests start it; undefined where this machine has none. */
export async function startPostgres() {
  const folder = await prepare()
  const { tsImport } = await import(pathToFileURL(path.join(folder, 'node_modules/tsx/dist/esm/api/index.mjs')).href)
  const { startPostgres: start } = await tsImport('./test/postgres.ts', pathToFileURL(path.join(folder, 'package.json')).href)
  return start()
}

export async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
