/**
 * One engine client behind a socket. After pairing the engine restarts its connection by itself, while Baileys leaves that to the
 * program: the first socket closes with 515 and the program makes another one. In between the engine is parked: it goes on, and what
 * it reports waits for the next socket of the folder.
 */
import type { ClientOptions, ConnectionEvent, OfflineEvent, QrCode } from '../../index.js'
import { WhatsAppClient } from '../client.js'
import type { Internals, Relay, WireEvent } from '../internals.js'
import type { Ask } from '../requests.js'

export type EngineEvent =
  | { name: 'qr'; value: QrCode }
  | { name: 'connection'; value: ConnectionEvent }
  | { name: 'offline'; value: OfflineEvent }

export interface Sink {
  event(event: EngineEvent): void
  /** A promise confirms it. */
  wire(event: WireEvent): Promise<unknown> | undefined
}

/** A program that makes no next socket within this time wanted none. */
const PARKED_MS = 30_000
/** With more waiting than this the engine stops; the rest stays in its store. */
const MAX_HELD = 10_000

type Held = { event: EngineEvent } | { wire: WireEvent; taken: (confirmation: Promise<unknown> | undefined) => void }

/** What ends the engines that are parked: they keep no process alive, and leave in order before it ends. */
const parked = new Set<() => void>()
const leave = (): void => {
  for (const end of parked) end()
}

function note(end: () => void): void {
  if (parked.size === 0) process.on('beforeExit', leave)
  parked.add(end)
}

function unnote(end: () => void): void {
  parked.delete(end)
  if (parked.size === 0) process.off('beforeExit', leave)
}

export class Engine {
  readonly client: WhatsAppClient
  ask!: Ask
  relay!: Relay
  #sink: Sink | undefined
  #held: Held[] = []
  #unpark: (() => void) | undefined
  #keepAlive: ((isWanted: boolean) => void) | undefined

  constructor(options: ClientOptions, internals: Internals = {}) {
    this.client = new WhatsAppClient(options, {
      ...internals,
      bind: ask => (this.ask = ask),
      bindHold: hold => (this.#keepAlive = hold),
      bindRelay: relay => (this.relay = relay),
      onWire: wire => this.#takeWire(wire),
    })
    this.client.on('qr', value => this.#take({ name: 'qr', value }))
    this.client.on('connection', value => this.#take({ name: 'connection', value }))
    this.client.on('offline', value => this.#take({ name: 'offline', value }))
  }

  /** From now on `sink` gets the events, first the ones that waited. */
  attach(sink: Sink): void {
    this.#unpark?.()
    this.#sink = sink
    const held = this.#held
    this.#held = []
    for (const one of held) {
      if ('event' in one) sink.event(one.event)
      else one.taken(sink.wire(one.wire))
    }
  }

  /** No socket for the moment. `current` is the event that led here; the next socket sees it again. */
  park(current: EngineEvent, expired: (released: Promise<void>) => void): void {
    this.#sink = undefined
    this.#held = [{ event: current }]
    const end = (): void => {
      this.#unpark?.()
      expired(this.client.disconnect().catch(() => undefined))
    }
    const timer = setTimeout(end, PARKED_MS).unref()
    note(end)
    this.#keepAlive?.(false)
    this.#unpark = () => {
      this.#unpark = undefined
      clearTimeout(timer)
      unnote(end)
      this.#keepAlive?.(true)
    }
  }

  #take(event: EngineEvent): void {
    if (this.#sink) return this.#sink.event(event)
    this.#hold({ event })
  }

  #takeWire(wire: WireEvent): Promise<unknown> | undefined {
    if (this.#sink) return this.#sink.wire(wire)
    return new Promise(resolve => this.#hold({ wire, taken: resolve }))
  }

  #hold(held: Held): void {
    this.#held.push(held)
    if (this.#held.length === MAX_HELD) void this.client.disconnect().catch(() => undefined)
  }
}
