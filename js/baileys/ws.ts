/** `sock.ws`: the state of the connection, and every stanza by the names under which Baileys' users listen to it. */
import { EventEmitter } from 'node:events'

import type { WhatsAppClient } from '../client.js'
import { binaryNode } from './binary-node.js'
import type { BinaryNode } from './nodes.js'

export interface SocketState {
  current: 'connecting' | 'open' | 'closing' | 'closed'
}

/** Names of stanzas; all others are events of the connection itself. */
const OF_STANZAS = /^(?:CB:|TAG:|frame$)/

export class DoorWebSocket extends EventEmitter {
  /** Programs look at `socket.readyState`, as the DOM numbers it. */
  socket: { readonly readyState: number } | null
  readonly #state: SocketState
  readonly #end: () => Promise<void>
  #client: WhatsAppClient | undefined
  #watching: (() => void) | undefined
  #wanted = false

  constructor(state: SocketState, end: () => Promise<void>) {
    super()
    this.#state = state
    this.#end = end
    this.setMaxListeners(0)
    const ready = { connecting: 0, open: 1, closing: 2, closed: 3 }
    this.socket = Object.defineProperty({}, 'readyState', { get: () => ready[state.current], enumerable: true }) as { readyState: number }
    this.on('newListener', (name: string | symbol) => {
      if (!this.#wanted && typeof name === 'string' && OF_STANZAS.test(name)) {
        this.#wanted = true
        this.#watch()
      }
    })
  }

  get isOpen(): boolean {
    return this.#state.current === 'open'
  }
  get isClosed(): boolean {
    return this.#state.current === 'closed'
  }
  get isClosing(): boolean {
    return this.#state.current === 'closing'
  }
  get isConnecting(): boolean {
    return this.#state.current === 'connecting'
  }

  /** Stanzas are shown once somebody listens to them: nobody pays for what nobody hears. */
  bind(client: WhatsAppClient | undefined): void {
    this.#watching?.()
    this.#watching = undefined
    this.#client = client
    if (this.#wanted) this.#watch()
  }

  #watch(): void {
    if (this.#client && !this.#watching) this.#watching = this.#client.onNode({}, node => this.tell(binaryNode(node)))
  }

  /** Emits a stanza under all its names. */
  tell(node: BinaryNode): boolean {
    const { tag, attrs, content } = node
    const child = Array.isArray(content) && content[0] ? content[0].tag : ''
    let heard = this.emit('frame', node)
    if (attrs['id']) heard = this.emit(`TAG:${attrs['id']}`, node) || heard
    for (const [name, value] of Object.entries(attrs)) {
      heard = this.emit(`CB:${tag},${name}:${value},${child}`, node) || heard
      heard = this.emit(`CB:${tag},${name}:${value}`, node) || heard
      heard = this.emit(`CB:${tag},${name}`, node) || heard
    }
    heard = this.emit(`CB:${tag},,${child}`, node) || heard
    return this.emit(`CB:${tag}`, node) || heard
  }

  readonly connect = (): void => undefined
  readonly close = (): Promise<void> => this.#end()
  /** Baileys sends frames by it. A program that has one of its own sends it to another server. */
  readonly send = (_data: unknown, done?: (error?: Error) => void): boolean => {
    done?.(new Error('Frames are made by the engine: use sendNode.'))
    return false
  }
}
