/** What the socket remembers of messages that it may have to send again. */
export type { RecentMessage } from '../retry-manager.js'

export interface RecentMessageKey {
  to: string
  id: string
}
export interface SessionRecreateHistory {
  [jid: string]: number
}
export interface RetryCounter {
  [messageId: string]: number
}
export type PendingPhoneRequest = Record<string, ReturnType<typeof setTimeout>>
export interface RetryStatistics {
  totalRetries: number
  successfulRetries: number
  failedRetries: number
  mediaRetries: number
  sessionRecreations: number
  phoneRequests: number
}
