// What happens once when the server starts, and once when it ends.
import { closeDatabase } from './db'
import { log } from './log'
import { once } from './once'
import { beginShutdown, holdSessions, releaseSessions } from './running'
import { whatsapp } from './whatsapp'

/** How long what is underway may take when the server ends. */
const ENDING = 25_000

const state = once('start', () => ({ started: false, ending: undefined as Promise<void> | undefined }))

export async function start(): Promise<void> {
  if (state.started) return
  state.started = true
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end().finally(() => process.exit(0)))
  if (!(await holdSessions())) {
    log.fatal('Another process has the sessions in this folder. Two servers cannot share it.')
    process.exit(1)
  }
  // The first requests need not wait for it.
  void whatsapp.restore().catch((error: unknown) => log.error({ err: error }, 'the sessions were not restored'))
}

function end(): Promise<void> {
  return (state.ending ??= (async () => {
    log.info('ending')
    beginShutdown()
    const late = new Promise<void>((resolve) => setTimeout(resolve, ENDING).unref())
    await Promise.race([whatsapp.shutDown(), late])
    await closeDatabase()
    releaseSessions()
    log.info('ended')
  })())
}
