// WhatsApp sessions as a backup has them: who the device is, and not how far its conversations have got.
import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'

/**
 * Keys that move on with every message: an older one in their place would use again what was used, and could not read what came after.
 * Without them both sides agree on new ones. Chasqui's own file has them, too (`chasqui.sqlite`, with its journal): what else it has is
 * made again from the files here, which are at most a second behind it.
 */
const MOVING = /^(session|sender-key|sender-key-memory)-/
const SESSION_NAME = /^[\w-]{1,128}$/

export const isSessionName = (name: string) => SESSION_NAME.test(name)

/** A file of Baileys' auth state that keeps its meaning. */
export const isKeptFile = (name: string) =>
  name.endsWith('.json') && !name.startsWith('.') && !MOVING.test(name) && name.length <= 255 && !/[/\\\0]/.test(name)

/** Folders in which there is a session; links are none. */
export async function listSessions(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return entries
    .filter((entry) => entry.isDirectory() && isSessionName(entry.name))
    .map(({ name }) => name)
    .sort()
}

/** Baileys writes files in place: what is read in that moment is not whole, and is read again. */
async function readJson(file: string): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (!(await lstat(file)).isFile()) return undefined
      const text = await readFile(file, 'utf8')
      JSON.parse(text)
      return text
    } catch (error) {
      // Used and deleted meanwhile.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      if (!(error instanceof SyntaxError)) throw error
      if (attempt === 10) throw new Error(`${file} is damaged.`, { cause: error })
      await setTimeout(50)
    }
  }
}

export interface DumpedSession {
  files: number
  /** Files that are none of JSON and were left out. */
  damaged: string[]
}

/** Writes a session into one file; undefined where there is none, such as before a phone has scanned. */
export async function dumpSession(folder: string, target: string): Promise<DumpedSession | undefined> {
  // Keys that are made after the credentials were read are made again.
  const creds = await readJson(path.join(folder, 'creds.json'))
  if (creds === undefined) return undefined
  const names = (await readdir(folder)).filter((name) => isKeptFile(name) && name !== 'creds.json').sort()
  const dumped: DumpedSession = { files: 1, damaged: [] }
  async function* lines() {
    yield `${JSON.stringify({ file: 'creds.json', text: creds })}\n`
    for (const name of names) {
      try {
        const text = await readJson(path.join(folder, name))
        if (text === undefined) continue
        dumped.files += 1
        yield `${JSON.stringify({ file: name, text })}\n`
      } catch (error) {
        if (!(error instanceof Error && error.cause instanceof SyntaxError)) throw error
        dumped.damaged.push(name)
      }
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(target, { mode: 0o600, flags: 'wx' }))
  return dumped
}

/** Writes the files of a session into a new folder. */
export async function unpackSession(source: string, folder: string) {
  await mkdir(folder, { mode: 0o700 })
  for await (const line of createInterface({ input: createReadStream(source), crlfDelay: Infinity })) {
    const { file, text } = JSON.parse(line) as { file: unknown; text: unknown }
    if (typeof file !== 'string' || typeof text !== 'string') throw new Error(`${path.basename(source)} is not a session.`)
    if (isKeptFile(file)) await writeFile(path.join(folder, file), text, { mode: 0o600, flag: 'wx' })
  }
}
