// npm run demo:nextjs: what it prints works, its people live, and Ctrl+C leaves nothing behind.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { temporaryFolder } from '../harness/baileys.mjs'
import { waitFor } from '../harness/emulator.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const PATIENCE = 90_000

test('the demo of the Next.js product', { timeout: 290_000 }, async (t) => {
  const temporary = temporaryFolder()
  const child = spawn(process.execPath, ['scripts/demo-nextjs.mjs', '--built'], {
    cwd: root,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGTERM'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const ended = new Promise((resolve) => child.once('close', resolve))
  const says = (pattern, timeout = PATIENCE) =>
    waitFor(
      () => {
        if (child.exitCode !== null) throw new Error(`the demo ended: ${output}`)
        return pattern.exec(output)
      },
      `${pattern} from the demo`,
      timeout,
    )

  const [, url, email, password] = await says(
    /(http:\/\/localhost:\d+)\s+E-mail: +(\S+)\s+Password: +(\S+)[^]*Ctrl\+C ends the demo/,
    250_000,
  )
  const signIn = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password }),
  })
  assert.equal(signIn.status, 200)
  const cookie = signIn.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  const call = async (address, method = 'GET') => (await fetch(`${url}/api/${address}`, { method, headers: { cookie } })).json()

  assert.ok((await call('products')).products.length > 3)
  assert.match((await call('whatsapp/connect', 'POST')).qr, /^data:image\/png/)
  /** Seldom enough for the user's limits. */
  const seldom = (condition, what) => waitFor(async () => (await condition()) || setTimeout(500), what, PATIENCE)
  await seldom(async () => (await call('whatsapp/status')).isConnected, 'the virtual phone to scan')
  await seldom(async () => (await call('orders')).orders.length === 2, 'both customers to order')
  const { conversations } = await call('conversations')
  assert.equal(conversations.length, 2)
  const said = (await Promise.all(conversations.map(({ id }) => call(`conversations/${id}/messages`)))).flatMap(({ messages }) => messages)
  const { media } = said.find(({ type }) => type === 'image')
  const picture = await fetch(url + media.url, { headers: { cookie } })
  assert.deepEqual([picture.status, picture.headers.get('content-type')], [200, 'image/png'])
  assert.ok(
    said.some(({ author, text }) => author === 'command' && /productos/.test(text)),
    'the catalogue was sent',
  )

  child.kill('SIGINT')
  assert.equal(await ended, 0, output)
  await assert.rejects(fetch(url))
  assert.deepEqual(
    readdirSync(temporary).filter((name) => name.startsWith('chasqui')),
    [],
  )
})
