/** Calls. */
import type { WACallUpdateType } from '../stanzas.js'

export type { WACallUpdateType } from '../stanzas.js'

export interface WACallEvent {
  chatId: string
  from: string
  callerPn?: string | undefined
  isGroup?: boolean | undefined
  groupJid?: string | undefined
  id: string
  date: Date
  isVideo?: boolean | undefined
  status: WACallUpdateType
  /** It came while the device was away. */
  offline: boolean
  latencyMs?: number | undefined
}
