/** Events of a socket in a file, one line of JSON each, and out of it again. */
import { EventEmitter, once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

import { delay } from '../timing.js'
import type { BaileysEventEmitter } from '../types.js'

interface Emitter {
  emit(event: string, arg: unknown): boolean
}

/** From now on what is emitted is written down too. A file that cannot be written costs the record, not the events. */
export function captureEventStream(ev: BaileysEventEmitter, filename: string): void {
  const target = ev as unknown as Emitter
  const emit = target.emit
  const file = createWriteStream(filename, { flags: 'a' }).on('error', () => undefined)
  target.emit = (event, data) => {
    file.write(`${JSON.stringify({ timestamp: Date.now(), event, data })}\n`)
    return emit.call(target, event, data)
  }
}

/** Emits what was written down; `task` settles after the last event. */
export function readAndEmitEventStream(filename: string, delayIntervalMs = 0): { ev: BaileysEventEmitter; task: Promise<void> } {
  const ev = new EventEmitter()
  async function replay(): Promise<void> {
    const file = createReadStream(filename)
    await once(file, 'open')
    for await (const line of createInterface({ input: file, crlfDelay: Infinity })) {
      if (!line) continue
      const { event, data } = JSON.parse(line) as { event: string; data: unknown }
      ev.emit(event, data)
      if (delayIntervalMs) await delay(delayIntervalMs)
    }
  }
  return { ev: ev as unknown as BaileysEventEmitter, task: replay() }
}
