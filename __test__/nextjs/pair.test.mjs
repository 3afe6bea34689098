// npm run pair: the code in qr.png is scanned, what is written is echoed, Ctrl+C keeps the session.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { prepare } from '../../scripts/nextjs.mjs'
import { temporaryFolder } from '../harness/baileys.mjs'
import { waitFor } from '../harness/emulator.mjs'
import { readQrCode } from './qr-code.mjs'

const example = await prepare()

function pair(emulator, place) {
  const env = { ...process.env, CHASQUI_ENDPOINT: JSON.stringify(emulator.endpoint) }
  const args = ['--import', 'tsx', 'scripts/pair.ts', '--folder', path.join(place, 'session'), '--qr', path.join(place, 'qr.png')]
  const child = spawn(process.execPath, args, { cwd: example, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const it = { output: '', child, ended: new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal))) }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (it.output += text))
  it.says = (pattern) =>
    waitFor(
      () => {
        if (child.exitCode !== null) throw new Error(`it ended: ${it.output}`)
        return pattern.test(it.output)
      },
      `${pattern} from the script, which says ${it.output}`,
      30_000,
    )
  return it
}

test('pairs by qr.png, echoes, and goes on after Ctrl+C', { timeout: 120_000 }, async (t) => {
  const emulator = await startEmulator()
  const place = temporaryFolder()
  const scripts = []
  const begin = () => {
    scripts.push(pair(emulator, place))
    return scripts.at(-1)
  }
  t.after(async () => {
    for (const { child } of scripts) child.kill('SIGKILL')
    await emulator.stop()
  })
  const picture = path.join(place, 'qr.png')
  const first = begin()
  await first.says(/Scan it with your phone/)
  assert.equal(statSync(picture).mode & 0o777, 0o600)
  assert.match(first.output, /(█▀▀▀▀▀█[^]*){3}/, 'the code is drawn, too')
  await emulator.scan(readQrCode(readFileSync(picture)), { account: 'Shop' })
  await first.says(/Open as \+\d+/)
  assert.equal(existsSync(picture), false, 'the code is gone')

  const maria = await emulator.contact('María')
  const echoed = async (text) => {
    await maria.send('Shop', { text })
    assert.equal((await maria.waitForMessage(undefined, { timeout: 30_000 })).text, text)
  }
  await echoed('hola')
  await echoed('¿qué tal? 🦜')

  await emulator.disconnect()
  await first.says(/The connection ended .*again in 1 s[^]*Open as/)
  await echoed('after a break')

  first.child.kill('SIGINT')
  assert.equal(await first.ended, 0, first.output)
  const second = begin()
  await second.says(/Open as/)
  assert.doesNotMatch(second.output, /Scan it/)
  await echoed('again')
  // What was not acknowledged when the script ended goes out again, under the same id.
  const said = (await emulator.stanzas({ account: 'Shop', direction: 'out', tag: 'message' })).map(({ stanza }) => stanza.attrs.id)
  assert.equal(new Set(said).size, 4, 'nothing else was said')

  await emulator.unlink('Shop')
  assert.equal(await second.ended, 1)
  assert.match(second.output, /has unlinked this device/)
})
