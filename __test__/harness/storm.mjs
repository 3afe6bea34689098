// Every session of a program loses its connection at the same moment.

import { waitFor } from './emulator.mjs'

/** Drops all, waits until all are open again; what happened to each, in the order of events, and how long it took. */
export async function dropAll(emulator, program, sessions) {
  const before = program.connections.length
  const start = performance.now()
  const { count } = await emulator.disconnect()
  const since = () => program.connections.slice(before)
  const open = () => new Set(since().filter(({ connection }) => connection.state === 'open').map(({ session }) => session))
  await waitFor(() => open().size === sessions.length, 'all to be open again', 120_000)
  const seconds = (performance.now() - start) / 1000
  return {
    count,
    seconds,
    /** Milliseconds that each announced it would wait, in the order of its attempts. */
    pauses: sessions.map((name) =>
      since().filter(({ session, connection }) => session === name && connection.state === 'reconnecting').map(({ connection }) => connection.retryIn)),
  }
}
