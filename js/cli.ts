/** `npx chasqui emulator`: the emulator as a program. */

import { parseArgs } from 'node:util'

import { startEmulator } from './testing.js'

const USAGE = `Usage: chasqui emulator [--port 8080] [--host 127.0.0.1]

Starts an emulator of the WhatsApp service and prints its addresses. Ctrl+C ends it.
A port of 0 takes a free one. docs/emulator.md lists the environment variables.`

export async function main(args: string[]): Promise<void> {
  let parsed
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: { port: { type: 'string' }, host: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
  } catch (error) {
    return stopWith(`${(error as Error).message}\n\n${USAGE}`)
  }
  const { values, positionals } = parsed
  if (values.help) {
    console.log(USAGE)
    return
  }
  if (positionals.length !== 1 || positionals[0] !== 'emulator') return stopWith(USAGE)

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
