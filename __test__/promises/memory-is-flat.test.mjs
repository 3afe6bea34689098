// Promise 4: memory is flat. The full figures are those of `npm run test:soak`.

import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { openClient, temporary } from '../help.mjs'
import { burst, runProgram } from '../harness/run-program.mjs'

const MB = 1 << 20
const emulator = await startEmulator({ captureLimit: 100 })
after(() => emulator.stop())

test('15,000 further messages leave a session with the memory that it had', async (t) => {
  const program = runProgram(t, emulator, { execArgv: ['--expose-gc'] })
  const store = `sqlite:${path.join(temporary(t), 'flat.db')}`
  await program.ask('open', { session: 'Flat', store, endpoint: emulator.endpoint })
  await emulator.contact('María')
  const held = []
  for (let count = 5000; count <= 20_000; count += 5000) {
    await burst(emulator, 'María', 'Flat', 5000)
    await program.ask('messages', { session: 'Flat', count })
    held.push(await program.ask('memory'))
  }
  t.diagnostic(held.map(({ rss, heapUsed }) => `${(rss / MB).toFixed(1)}/${(heapUsed / MB).toFixed(1)}`).join(' '))
  const [first, last] = [held[0], held.at(-1)]
  assert.ok(last.rss - first.rss < 20 * MB, `resident memory grew from ${first.rss} to ${last.rss}`)
  assert.ok(last.heapUsed - first.heapUsed < 2 * MB, `JavaScript's heap grew from ${first.heapUsed} to ${last.heapUsed}`)
  assert.equal((await program.ask('stats', { session: 'Flat' })).inboxDepth, 0)
})

test('an idle session costs little, whatever the number of sessions', async (t) => {
  const program = runProgram(t, emulator, { execArgv: ['--expose-gc'] })
  const store = `sqlite:${path.join(temporary(t), 'idle.db')}`
  const open = async (from, to) => {
    const endpoint = { url: emulator.wsUrl, rootKey: emulator.rootKey }
    const sessions = Array.from({ length: to - from }, (_, n) => `Idle ${from + n}`)
    await Promise.all(sessions.map((session) => program.ask('open', { session, store, endpoint })))
    return (await program.ask('memory')).rss
  }
  const figures = [await open(0, 50), await open(50, 100), await open(100, 150)]
  t.diagnostic(figures.map((rss) => (rss / MB).toFixed(1)).join(' '))
  const each = (figures[2] - figures[1]) / 50
  assert.ok(each < MB / 2, `${each} bytes for each further session`)
})

test('every cache tells its size and its cap, and no number of people makes it outgrow that', async (t) => {
  const client = await openClient(t, emulator, 'Popular')
  const people = 1100
  const got = new Set()
  const all = new Promise((resolve) => client.on('message', ({ text }) => got.add(text).size === people && resolve()))
  for (let n = 0; n < people; n++) {
    const contact = await emulator.contact(`Person ${n}`)
    await contact.send('Popular', { text: `from ${n}` })
  }
  await all
  const { caches } = client.stats()
  assert.equal(caches.sessions.size, caches.sessions.cap)
  for (const [name, { size, cap }] of Object.entries(caches)) assert.ok(cap > 0 && size <= cap, `${name}: ${size} of ${cap}`)
  // Whoever was forgotten first is only no longer in memory.
  const again = new Promise((resolve) => client.once('message', resolve))
  await (await emulator.contact('Person 0')).send('Popular', { text: 'still here?' })
  assert.equal((await again).text, 'still here?')
})
