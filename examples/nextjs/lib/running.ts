// Whether this process takes work, and whether another one has the sessions and the database.
import { mkdir } from 'node:fs/promises'
import path from 'node:path'

import { createClient } from '@libsql/client'

import { sessionsFolder } from './folders'
import { once } from './once'

const state = once('running', () => ({ ending: false, release: undefined as (() => Promise<void>) | undefined }))

/**
 * Says that this process has the sessions: the server calls it before it opens them, so that nothing is restored under it. False where
 * another one has them. The lock is an open transaction in a SQLite file: the system takes it back when the process ends, also by kill -9.
 */
export async function holdSessions(): Promise<boolean> {
  if (state.release) return true
  const folder = sessionsFolder()
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const client = createClient({ url: `file:${path.join(folder, '.running')}`, timeout: 0 })
  try {
    const transaction = await client.transaction('write')
    state.release = async () => {
      // Closing alone leaves the transaction to whenever its memory is freed.
      await transaction.rollback()
      client.close()
    }
    return true
  } catch (error) {
    client.close()
    if (/SQLITE_BUSY|database is locked/.test(String(error))) return false
    throw error
  }
}

export async function releaseSessions(): Promise<void> {
  const { release } = state
  state.release = undefined
  await release?.()
}

/** From here on /api/health answers 503, so that whoever sends requests here turns to another server. */
export function beginShutdown() {
  state.ending = true
}

export const isShuttingDown = () => state.ending
