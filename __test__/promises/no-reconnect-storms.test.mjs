// Promise 6: no reconnect storms; here when a whole program loses its connections at once.

import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { temporary } from '../help.mjs'
import { runProgram } from '../harness/run-program.mjs'
import { dropAll } from '../harness/storm.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())

test('many sessions that are dropped at once come back, each by one attempt after a pause of its own', async (t) => {
  const sessions = Array.from({ length: 60 }, (_, n) => `Storm ${n}`)
  const program = runProgram(t, emulator)
  const store = `sqlite:${path.join(temporary(t), 'storm.db')}`
  for (const session of sessions) await program.ask('open', { session, store, endpoint: emulator.endpoint })
  const { count, pauses } = await dropAll(emulator, program, sessions)
  assert.equal(count, sessions.length)
  for (const [at, attempts] of pauses.entries()) {
    assert.equal(attempts.length, 1, sessions[at])
    // The first pause is a second, and a fifth more or less.
    assert.ok(attempts[0] >= 800 && attempts[0] <= 1200, `${attempts[0]} ms`)
  }
  assert.ok(new Set(pauses.flat()).size > 30, `the pauses are ${pauses.flat()}`)
})
