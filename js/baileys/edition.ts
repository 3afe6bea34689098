/** What differs between the lines of Baileys that this door stands in for: 7, and 6 behind `chasqui/baileys/legacy`. */
import { generateWAMessage } from './compose.js'
import type { SocketContext } from './context.js'
import type { BaileysEventMap, SocketConfig, WASocket } from './types.js'

export interface Edition {
  readonly name: 6 | 7
  /** Where they are not those of 7. */
  readonly defaults: Partial<SocketConfig>
  /** Of `HistorySync.HistorySyncType`: what of the history is taken at all; all where it is not said. */
  readonly history?: readonly number[]
  /** A message from what the program gives to `sendMessage`. */
  readonly generate: typeof generateWAMessage
  /** One occurrence's events in the shapes of this edition. What it is given stays as it is. */
  readonly events?: (events: Partial<BaileysEventMap>) => { [event: string]: unknown }
  /** Members that the socket has besides, or instead. */
  readonly members?: (sock: WASocket, context: SocketContext) => object
}

export const EDITION_7: Edition = { name: 7, defaults: {}, generate: generateWAMessage }
