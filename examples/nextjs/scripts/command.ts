// What all scripts of the terminal have: plain sentences for errors, and nothing left behind.
import { rmSync } from 'node:fs'

/** An error that the person at the terminal can do something about: its sentence is enough. */
export class Refused extends Error {}

const leftovers = new Set<string>()

/** `folder` is removed when the script ends, also by Ctrl+C. */
export function removeAtEnd(folder: string) {
  leftovers.add(folder)
}

function cleanUp() {
  for (const folder of leftovers) rmSync(folder, { recursive: true, force: true })
  leftovers.clear()
}

/** Runs a script to its end. The exit code is 1 where it failed. */
export async function run(work: () => Promise<void>) {
  const stop = (signal: NodeJS.Signals) => {
    cleanUp()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    await work()
  } catch (error) {
    console.error(isPlain(error) ? error.message : error)
    process.exitCode = 1
  } finally {
    cleanUp()
  }
}

const isPlain = (error: unknown): error is Error =>
  error instanceof Error &&
  (error instanceof Refused || error.name === 'DamagedBackup' || String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS'))

/** A number with its word: `one(1, 'session')`. */
export const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`
