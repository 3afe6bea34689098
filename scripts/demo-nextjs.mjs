// npm run demo:nextjs: examples/nextjs as a finished shop, on an emulator of WhatsApp with a virtual phone and two customers.
// WHATSAPP_SERVICE=real npm run demo:nextjs: on the real service, with your phone; what it keeps is in demo-data/nextjs.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { build } from './build.mjs'
import { prepare } from './nextjs.mjs'
import { fail, root, run, step } from './setup.mjs'

const SHOP = 'Café Quebrada Clara'
/** How long a QR code is looked at before the virtual phone scans it. */
const BEFORE_SCAN = 6000
const BETWEEN_LOOKS = 1500

const real = process.env.WHATSAPP_SERVICE === 'real'
if (process.env.WHATSAPP_SERVICE && !real && process.env.WHATSAPP_SERVICE !== 'emulator') fail('WHATSAPP_SERVICE is "real" or "emulator".')

// --built: what is built already, for tests.
if (!process.argv.includes('--built')) await build()
// A checkout that was installed before the demo was written.
if (!existsSync(path.join(root, 'node_modules/jsqr'))) await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
const { Dashboard, readCode } = await import('./demo-nextjs/dashboard.mjs')
const app = await prepare()

const ended = new AbortController()
const { signal } = ended
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const tell = (text) => console.log(`${new Date().toTimeString().slice(0, 8)}  ${text}`)

const data = real ? path.join(root, 'demo-data/nextjs') : mkdtempSync(path.join(tmpdir(), 'chasqui-demo-nextjs-'))
mkdirSync(data, { recursive: true, mode: 0o700 })
const emulator = real ? undefined : await (await import('chasqui/testing')).startEmulator()
const port = process.env.PORT ? Number(process.env.PORT) : await freePort()
const url = `http://localhost:${port}`

step('Starting the server (next start)')
const server = spawn(process.execPath, ['node_modules/next/dist/bin/next', 'start', '--port', String(port), '--hostname', '127.0.0.1'], {
  cwd: app,
  // The terminal's Ctrl+C is for this process; it ends the server in its turn.
  detached: process.platform !== 'win32',
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    ...process.env,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    NEXT_MANUAL_SIG_HANDLE: 'true',
    DATABASE_URL: path.join(data, 'chasqui.db'),
    SESSIONS_FOLDER: path.join(data, 'auth_sessions'),
    MEDIA_FOLDER: path.join(data, 'media'),
    SECRET_FILE: path.join(data, 'secret'),
    ...(emulator && {
      CHASQUI_ENDPOINT: JSON.stringify({ ...emulator.endpoint, ca: emulator.ca }),
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${new URL('demo-nextjs/media.mjs', import.meta.url).href}`,
    }),
  },
})
const gone = new Promise((resolve) => server.once('close', resolve))
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => void end(0))
void gone.then(() => signal.aborted || end(1, 'The server has ended by itself.'))

const account = demoAccount()
const dashboard = new Dashboard(url)
try {
  await dashboard.ready(() => server.exitCode !== null)
  await dashboard.signIn(account)
  if (emulator) for (const product of await sampleProducts()) await dashboard.addProduct(product)
} catch (error) {
  await end(1, error.message)
}

const withPhone = `  This is the real WhatsApp: press "Connect" and scan the code with your phone (Settings, Linked devices).
  Everything is kept in ${path.relative(process.cwd(), data) || '.'}; delete that folder to begin anew.

  Ctrl+C ends the demo, and keeps the session.`
const withEmulator = `  Try this:
  - Sign in, and press "Connect". A virtual phone scans the code ${BEFORE_SCAN / 1000} seconds after it appears.
  - Two customers begin to write. Watch the conversations, look at the picture, answer them: they answer you.
  - The bot has answered /catalogo and taken orders. Change the products, and see the orders.
  - One customer has written START: send a notification, and see its report.
  - Disconnect, and connect again.

  Ctrl+C ends the demo and leaves nothing behind.`
console.log(`
  ${url}

  E-mail:    ${account.email}
  Password:  ${account.password}

${real ? withPhone : withEmulator}
`)

if (emulator) {
  await phone().catch((error) => signal.aborted || end(1, error.message))
} else await gone

/** The virtual phone: it scans what the dashboard shows, and the customers write when it is connected first. */
async function phone() {
  const { customersWrite } = await import('./demo-nextjs/people.mjs')
  let write = true
  for (let shown; !signal.aborted; await pause(BETWEEN_LOOKS)) {
    const { status, qrCode } = await dashboard.status().catch(() => ({}))
    if (status !== 'QR') shown = undefined
    if (status === 'QR' && !shown) {
      shown = Date.now()
      tell('The dashboard shows a QR code')
    }
    if (status === 'QR' && qrCode && Date.now() - shown >= BEFORE_SCAN) {
      const scanned = await emulator.scan(readCode(qrCode), { account: SHOP }).then(
        () => true,
        () => false,
      )
      if (scanned) tell('The virtual phone has scanned it')
    }
    if (status === 'CONNECTED' && write) {
      write = false
      tell('Connected')
      void customersWrite({ emulator, shop: SHOP, signal, tell })
    }
  }
}

function demoAccount() {
  const person = { name: 'Demo', email: 'demo@example.com' }
  if (!real) return { ...person, password: 'demo-demo' }
  // Behind it is somebody's WhatsApp.
  const file = path.join(data, 'password')
  if (!existsSync(file)) writeFileSync(file, randomBytes(9).toString('base64url'), { mode: 0o600 })
  return { ...person, password: readFileSync(file, 'utf8') }
}

async function sampleProducts() {
  const code = "import { sampleProducts } from './lib/sample-products.ts'; console.log(JSON.stringify(sampleProducts))"
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    cwd: app,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(Buffer.concat(await child.stdout.toArray()).toString())
}

async function freePort() {
  const probe = createServer()
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function end(code, why) {
  if (signal.aborted) return
  ended.abort(new Error('The demo ends.'))
  if (why) console.error(why)
  server.kill('SIGTERM')
  const late = setTimeout(() => server.kill('SIGKILL'), 30_000)
  await gone
  clearTimeout(late)
  await emulator?.stop()
  if (!real) rmSync(data, { recursive: true, force: true })
  process.exit(code)
}
