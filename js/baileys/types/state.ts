/** The state of a connection and of the account. */
import type { Boom } from '@hapi/boom'

import type {
  NewChatMessageCappingMVStatusType, NewChatMessageCappingOTEStatusType, NewChatMessageCappingStatusType, ReachoutTimelockEnforcementType,
} from '../enums.js'
import type { Contact } from './contacts.js'

export type WAConnectionState = 'open' | 'connecting' | 'close'

export interface ConnectionState {
  connection: WAConnectionState
  lastDisconnect?: { error: Boom | Error | undefined; date: Date } | undefined
  isNewLogin?: boolean | undefined
  /** The text of the code to scan. */
  qr?: string | undefined
  /** What waited at the service while the device was away has come. */
  receivedPendingNotifications?: boolean | undefined
  legacy?: { phoneConnected: boolean; user?: Contact | undefined } | undefined
  /** Shown as online, so that the phone stays silent. */
  isOnline?: boolean | undefined
  /** While it is active the account may not write first. */
  reachoutTimeLock?: ReachoutTimelockState | undefined
}
export interface ReachoutTimelockState {
  isActive?: boolean | undefined
  timeEnforcementEnds?: Date | undefined
  enforcementType?: ReachoutTimelockEnforcementType | undefined
}
/** How many new chats the account may begin; times are strings of seconds. */
export interface NewChatMessageCapInfo {
  total_quota?: number | undefined
  used_quota?: number | undefined
  cycle_start_timestamp?: string | undefined
  cycle_end_timestamp?: string | undefined
  server_sent_timestamp?: string | undefined
  ote_status?: NewChatMessageCappingOTEStatusType | undefined
  mv_status?: NewChatMessageCappingMVStatusType | undefined
  capping_status?: NewChatMessageCappingStatusType | undefined
}

export interface WAInitResponse {
  ref: string
  ttl: number
  status: 200
}
