/** Addresses and nodes. */
import type * as constants from '../wire.js'

export type { BinaryNode, BinaryNodeAttributes, BinaryNodeData } from '../nodes.js'

export type JidServer =
  | 'c.us' | 'g.us' | 'broadcast' | 's.whatsapp.net' | 'call' | 'lid' | 'newsletter' | 'bot' | 'hosted' | 'hosted.lid'

export interface JidWithDevice {
  user: string
  device?: number | undefined
}
export type FullJid = JidWithDevice & {
  server: JidServer
  domainType?: number | undefined
}

/** The tables of the wire format. */
export type BinaryNodeCodingOptions = typeof constants
