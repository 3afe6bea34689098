/** The Signal sessions of a socket, as programs may use or replace them. */
import type { LIDMapping } from './auth.js'
import type { proto } from './proto.js'

interface PreKey {
  keyId: number
  publicKey: Uint8Array
}
export interface E2ESession {
  registrationId: number
  identityKey: Uint8Array
  signedPreKey: PreKey & { signature: Uint8Array }
  preKey?: PreKey | undefined
}
interface GroupOptions {
  group: string
  meId: string
}

export interface SignalRepository {
  decryptGroupMessage(options: { group: string; authorJid: string; msg: Uint8Array }): Promise<Uint8Array>
  processSenderKeyDistributionMessage(options: { item: proto.Message.ISenderKeyDistributionMessage; authorJid: string }): Promise<void>
  decryptMessage(options: { jid: string; type: 'pkmsg' | 'msg'; ciphertext: Uint8Array }): Promise<Uint8Array>
  encryptMessage(options: { jid: string; data: Uint8Array }): Promise<{ type: 'pkmsg' | 'msg'; ciphertext: Uint8Array }>
  encryptGroupMessage(options: GroupOptions & { data: Uint8Array }): Promise<{ senderKeyDistributionMessage: Uint8Array; ciphertext: Uint8Array }>
  getSenderKeyDistributionMessage(options: GroupOptions): Promise<Uint8Array>
  hasSenderKey(options: GroupOptions): Promise<boolean>
  getSessionInfo(jid: string): Promise<{ baseKey: Uint8Array; registrationId: number } | null>
  injectE2ESession(options: { jid: string; session: E2ESession }): Promise<void>
  validateSession(jid: string): Promise<{ exists: boolean; reason?: string | undefined }>
  jidToSignalProtocolAddress(jid: string): string
  migrateSession(fromJid: string, toJid: string): Promise<{ migrated: number; skipped: number; total: number }>
  deleteSession(jids: string[]): Promise<void>
}
/** Which LID belongs to which phone number. */
export interface LIDMappingStore {
  storeLIDPNMappings(pairs: LIDMapping[]): Promise<void>
  getLIDForPN(pn: string): Promise<string | null>
  getLIDsForPNs(pns: string[]): Promise<LIDMapping[] | null>
  getPNForLID(lid: string): Promise<string | null>
  getPNsForLIDs(lids: string[]): Promise<LIDMapping[] | null>
  close(): void
}
export interface SignalRepositoryWithLIDStore extends SignalRepository {
  lidMapping: LIDMappingStore
  close?: (() => void) | undefined
}

export type IdentityChangeResult =
  | { action: 'no_identity_node' }
  | { action: 'invalid_notification' }
  | { action: 'skipped_companion_device'; device: number }
  | { action: 'skipped_self_primary' }
  | { action: 'debounced' }
  | { action: 'skipped_offline' }
  | { action: 'skipped_no_session' }
  | { action: 'session_refreshed' }
  | { action: 'session_refresh_failed'; error: unknown }
export interface IdentityChangeContext {
  meId: string | undefined
  meLid: string | undefined
  validateSession: (jid: string) => Promise<{ exists: boolean; reason?: string | undefined }>
  assertSessions: (jids: string[], force?: boolean) => Promise<boolean>
  debounceCache: { get(key: string): boolean | undefined; set(key: string, value: boolean): unknown }
  logger: { debug(value: unknown, message?: string): void; warn(value: unknown, message?: string): void }
  /** Called before a session is made anew. */
  onBeforeSessionRefresh?: ((jid: string) => void) | undefined
}
