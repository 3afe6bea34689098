// Where each user's session lives: a folder of its own, in the form that Baileys reads and writes.
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'

import { AppError } from '../failure'
import { sessionsFolder } from '../folders'

/** The folder of a user's session. An id that is none leads nowhere. */
export function folderOf(userId: string): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(userId)) throw new AppError('INVALID_INPUT', 'This is not the id of a user.')
  return path.join(sessionsFolder(), userId)
}

/** Whether the folder has a device that a phone has linked. What cannot be read counts: it is told when it is opened. */
export async function isLinked(userId: string): Promise<boolean> {
  try {
    return JSON.parse(await readFile(path.join(folderOf(userId), 'creds.json'), 'utf8')).me !== undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}

export const deleteFolder = (userId: string) => rm(folderOf(userId), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
