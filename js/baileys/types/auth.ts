/** Credentials and keys: what a program stores for a session. */
import type { LTHashState } from '../app-state.js'
import type { KeyPair, SignedKeyPair } from '../curve.js'
import type { Contact } from './contacts.js'
import type { MinimalMessage } from './messages.js'
import type { proto } from './proto.js'

export type { LTHashState } from '../app-state.js'
export type { KeyPair, SignedKeyPair } from '../curve.js'

export interface ProtocolAddress {
  name: string
  deviceId: number
}
export interface SignalIdentity {
  identifier: ProtocolAddress
  identifierKey: Uint8Array
}
export interface LIDMapping {
  pn: string
  lid: string
}

export interface SignalCreds {
  readonly signedIdentityKey: KeyPair
  readonly signedPreKey: SignedKeyPair
  readonly registrationId: number
}
export interface AccountSettings {
  /** Whether a message takes its chat out of the archive. */
  unarchiveChats: boolean
  /** What a new chat begins with. */
  defaultDisappearingMode?: Pick<proto.IConversation, 'ephemeralExpiration' | 'ephemeralSettingTimestamp'> | undefined
}

export interface AuthenticationCreds extends SignalCreds {
  readonly noiseKey: KeyPair
  readonly pairingEphemeralKeyPair: KeyPair
  /** Base64. */
  advSecretKey: string
  me?: Contact | undefined
  account?: proto.IADVSignedDeviceIdentity | undefined
  signalIdentities?: SignalIdentity[] | undefined
  myAppStateKeyId?: string | undefined
  firstUnuploadedPreKeyId: number
  nextPreKeyId: number
  lastAccountSyncTimestamp?: number | undefined
  platform?: string | undefined
  processedHistoryMessages: MinimalMessage[]
  /** How often history and app state were synchronised. */
  accountSyncCounter: number
  accountSettings: AccountSettings
  /** Only of sessions that were linked with a code. */
  registered: boolean
  pairingCode: string | undefined
  lastPropHash: string | undefined
  routingInfo: Buffer | undefined
  /** For programs to use. */
  additionalData?: any
}

/** What stands in a store, by kind. */
export interface SignalDataTypeMap {
  'pre-key': KeyPair
  session: Uint8Array
  'sender-key': Uint8Array
  'sender-key-memory': { [jid: string]: boolean }
  'app-state-sync-key': proto.Message.IAppStateSyncKeyData
  'app-state-sync-version': LTHashState
  'lid-mapping': string
  'device-list': string[]
  tctoken: { token: Buffer; timestamp?: string; senderTimestamp?: number }
  'identity-key': Uint8Array
}
/** `null` deletes. */
export type SignalDataSet = { [T in keyof SignalDataTypeMap]?: { [id: string]: SignalDataTypeMap[T] | null } }

type Awaitable<T> = T | Promise<T>

export interface SignalKeyStore {
  /** Missing ids may be left out. */
  get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]): Awaitable<{ [id: string]: SignalDataTypeMap[T] }>
  set(data: SignalDataSet): Awaitable<void>
  clear?(): Awaitable<void>
}
/** The same where the kind is not known. */
export interface AnyKeyStore {
  get(type: string, ids: string[]): Awaitable<{ [id: string]: unknown }>
  set(data: { [type: string]: { [id: string]: unknown } }): Awaitable<void>
}
export type SignalKeyStoreWithTransaction = SignalKeyStore & {
  isInTransaction: () => boolean
  transaction<T>(exec: () => Promise<T>, key: string): Promise<T>
}
export interface TransactionCapabilityOptions {
  maxCommitRetries: number
  delayBetweenTriesMs: number
}

export interface SignalAuthState {
  creds: SignalCreds
  keys: SignalKeyStore | SignalKeyStoreWithTransaction
}
export interface AuthenticationState {
  creds: AuthenticationCreds
  keys: SignalKeyStore
}
