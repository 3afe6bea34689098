/** `npx chasqui`: the emulator as a program, and sessions of Baileys taken over. */

import { parseArgs } from 'node:util'

import type { StoreUrl } from '../index.js'
import { WhatsAppClient } from './client.js'
import { startEmulator } from './testing.js'

const USAGE = `Usage: chasqui emulator [--port 8080] [--host 127.0.0.1]
       chasqui import FOLDER STORE --session NAME
       chasqui export STORE FOLDER --session NAME [--baileys VERSION]

emulator  Starts an emulator of the WhatsApp service and prints its addresses. Ctrl+C ends it.
          A port of 0 takes a free one. docs/emulator.md lists the environment variables.
import    Takes over the session of Baileys in FOLDER, the one of its useMultiFileAuthState, into
          a store such as sqlite:sessions.db. The folder is only read; stop Baileys first, and do
          not start it with this folder again.
export    The way back: writes the session into FOLDER for the Baileys that it came from, or for
          the VERSION, such as 6.7.21, 6.17.16 or 7. Do not open the session in the store again.`

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  session: { type: 'string' },
  baileys: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

interface Values {
  port?: string
  host?: string
  session?: string
  baileys?: string
}

export async function main(args: string[]): Promise<void> {
  let parsed
  try {
    parsed = parseArgs({ args, allowPositionals: true, options: OPTIONS })
  } catch (error) {
    return stopWith(`${(error as Error).message}\n\n${USAGE}`)
  }
  const { values, positionals } = parsed
  if (values.help) {
    console.log(USAGE)
    return
  }
  const [command, from, to] = positionals
  if (command === 'emulator' && positionals.length === 1) return emulator(values)
  if (command === 'import' && from && to && positionals.length === 3) return importSession(from, to, values)
  if (command === 'export' && from && to && positionals.length === 3) return exportSession(from, to, values)
  return stopWith(USAGE)
}

async function importSession(folder: string, store: string, { session }: Values): Promise<void> {
  if (!session) return stopWith(`The session needs a name: --session NAME.\n\n${USAGE}`)
  try {
    const client = new WhatsAppClient({ session, store: store as StoreUrl })
    const { pn, counts, skipped } = await client.importFromBaileys(folder).finally(() => client.disconnect())
    console.log(`The session "${session}" is that of ${pn} now: ${counts.sessions ?? 0} conversations, ${counts.senderKeys ?? 0} keys of groups.`)
    for (const { file, reason } of skipped) console.log(`Left behind: ${file}: ${reason}.`)
  } catch (error) {
    stopWith((error as Error).message)
  }
}

async function exportSession(store: string, folder: string, { session, baileys }: Values): Promise<void> {
  if (!session) return stopWith(`The session needs a name: --session NAME.\n\n${USAGE}`)
  try {
    const client = new WhatsAppClient({ session, store: store as StoreUrl })
    const { pn, counts } = await client.exportToBaileys(folder, { ...(baileys !== undefined && { version: baileys }) }).finally(() => client.disconnect())
    console.log(`"${folder}" has the session of ${pn} now: ${counts['session'] ?? 0} conversations, ${counts['sender-key'] ?? 0} keys of groups.`)
  } catch (error) {
    stopWith((error as Error).message)
  }
}

async function emulator(values: Values): Promise<void> {
  if (values.port !== undefined && !/^\d{1,5}$/.test(values.port)) return stopWith(`"${values.port}" is not a port.`)
  try {
    const emulator = await startEmulator({
      testGroup: true,
      environment: { PORT: '8080', ...process.env },
      ...(values.port !== undefined && { port: Number(values.port) }),
      ...(values.host && { host: values.host }),
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void emulator.stop().then(() => process.exit(0)))
    }
    console.log(
      [
        'The emulator is running.',
        `  wss       ${emulator.url}`,
        `  ws        ${emulator.wsUrl}`,
        `  admin     ${emulator.httpUrl}`,
        `  root key  ${emulator.rootKey}`,
      ].join('\n'),
    )
  } catch (error) {
    stopWith((error as Error).message)
  }
}

function stopWith(text: string): void {
  console.error(text)
  process.exitCode = 1
}
