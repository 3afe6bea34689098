/** People, and what is known of them. */
export interface Contact {
  /** As it came, LID or phone number; of the session's own user with device. */
  id: string
  lid?: string | undefined
  phoneNumber?: string | undefined
  /** As the own user saved it. */
  name?: string | undefined
  /** As the person calls herself. */
  notify?: string | undefined
  username?: string | undefined
  verifiedName?: string | undefined
  /** `changed` tells that there is another picture, `null` that there is none; anything else is its URL. */
  imgUrl?: string | null | undefined
  status?: string | undefined
}

export type WAPresence = 'unavailable' | 'available' | 'composing' | 'recording' | 'paused'
export interface PresenceData {
  lastKnownPresence: WAPresence
  /** Seconds. */
  lastSeen?: number | undefined
  groupOnlineCount?: number | undefined
}

export type WAPrivacyValue = 'all' | 'contacts' | 'contact_blacklist' | 'none'
export type WAPrivacyOnlineValue = 'all' | 'match_last_seen'
export type WAPrivacyGroupAddValue = 'all' | 'contacts' | 'contact_blacklist'
export type WAReadReceiptsValue = 'all' | 'none'
export type WAPrivacyCallValue = 'all' | 'known'
export type WAPrivacyMessagesValue = 'all' | 'contacts'

export interface BotListInfo {
  jid: string
  personaId: string
}
