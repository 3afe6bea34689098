/** Codes in the terminal, by the package that Baileys 6 uses for it, if the program has it. */
import { createRequire } from 'node:module'
import path from 'node:path'

import type { BaileysEventEmitter } from '../types.js'

interface Printer {
  generate(text: string, options: { small: boolean }): void
}
interface PrinterLogger {
  error(value: unknown, message?: string): void
}

/** Looked for beside the program first: it is its dependency, not this package's. */
function loadPrinter(): Printer {
  for (const from of [path.join(process.cwd(), 'index.js'), __filename]) {
    try {
      return createRequire(from)('qrcode-terminal') as Printer
    } catch {
      // Not there.
    }
  }
  throw new Error('The package qrcode-terminal is not installed.')
}

export function printQRIfNecessaryListener(ev: Pick<BaileysEventEmitter, 'on'>, logger: PrinterLogger): void {
  ev.on('connection.update', ({ qr }) => {
    if (!qr) return
    try {
      loadPrinter().generate(qr, { small: true })
    } catch (error) {
      logger.error(error, 'the code cannot be printed: install qrcode-terminal, or use the qr of connection.update')
    }
  })
}
