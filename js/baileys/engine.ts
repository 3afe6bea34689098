/**
 * One engine client behind a socket. After pairing the engine restarts its connection by itself, while Baileys leaves that to the
 * program: the first socket closes with 515 and the program makes another one. In between the engine is parked: it goes on, and what
 * it reports waits for the next socket of the folder.
 */
import type { ClientOptions, ConnectionEvent, Message, QrCode, Receipt } from '../../index.js'
import { WhatsAppClient } from '../client.js'

export type EngineEvent =
  | { name: 'qr'; value: QrCode }
  | { name: 'connection'; value: ConnectionEvent }
  | { name: 'message'; value: Message }
  | { name: 'receipt'; value: Receipt }

/** A program that makes no next socket within this time wanted none; the engine must not keep the process alive. */
const PARKED_MS = 30_000
/** With more waiting than this the engine stops; the rest stays in its store. */
const MAX_HELD = 10_000

export class Engine {
  readonly client: WhatsAppClient
  #sink: ((event: EngineEvent) => void) | undefined
  #held: EngineEvent[] = []
  #parked: NodeJS.Timeout | undefined

  constructor(options: ClientOptions) {
    this.client = new WhatsAppClient(options)
    this.client.on('qr', value => this.#take({ name: 'qr', value }))
    this.client.on('connection', value => this.#take({ name: 'connection', value }))
    this.client.on('message', value => this.#take({ name: 'message', value }))
    this.client.on('receipt', value => this.#take({ name: 'receipt', value }))
  }

  /** From now on `sink` gets the events, first the ones that waited. */
  attach(sink: (event: EngineEvent) => void): void {
    clearTimeout(this.#parked)
    this.#sink = sink
    const held = this.#held
    this.#held = []
    for (const event of held) sink(event)
  }

  /** No socket for the moment. `current` is the event that led here; the next socket sees it again. */
  park(current: EngineEvent, expired: () => void): void {
    this.#sink = undefined
    this.#held = [current]
    this.#parked = setTimeout(() => {
      expired()
      void this.client.disconnect().catch(() => undefined)
    }, PARKED_MS)
  }

  #take(event: EngineEvent): void {
    if (this.#sink) return this.#sink(event)
    this.#held.push(event)
    if (this.#held.length === MAX_HELD) void this.client.disconnect().catch(() => undefined)
  }
}
