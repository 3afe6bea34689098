// What happens to a user's session, for the pages that show it.
import { EventEmitter } from 'node:events'

import type { Events } from './api'
import { once } from './once'

export type Listener = <K extends keyof Events>(name: K, data: Events[K]) => void

const bus = once('events', () => new EventEmitter().setMaxListeners(0))

export function publish<K extends keyof Events>(userId: string, name: K, data: Events[K]) {
  bus.emit(userId, name, data)
}

/** Until the function that this gives is called, `listener` gets the events of this user, and of nobody else. */
export function subscribe(userId: string, listener: Listener): () => void {
  bus.on(userId, listener)
  return () => bus.off(userId, listener)
}
