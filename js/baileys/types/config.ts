/** The options of `makeWASocket`. What each does, and what it cannot do here, is said in ../options.ts. */
import type { Agent } from 'node:https'

import type { Endpoint, StoreUrl } from '../../../index.js'
import type { ILogger } from '../quiet-logger.js'
import type { AuthenticationState, LIDMapping, SignalAuthState, TransactionCapabilityOptions } from './auth.js'
import type { GroupMetadata } from './groups.js'
import type { MediaConnInfo } from './media.js'
import type { PatchedMessageWithRecipientJID, WAMessageKey } from './messages.js'
import type { proto } from './proto.js'
import type { SignalRepositoryWithLIDStore } from './signal.js'

export type WAVersion = [number, number, number]
export type WABrowserDescription = [os: string, name: string, version: string]
type NameBrowser = (browser: string) => WABrowserDescription
export interface BrowsersMap {
  ubuntu: NameBrowser
  macOS: NameBrowser
  baileys: NameBrowser
  windows: NameBrowser
  android: NameBrowser
  appropriate: NameBrowser
}
export type CurveKeyPair = import('../curve.js').KeyPair

/** A cache of the program's own; it may answer at once or later. */
export interface CacheStore {
  get<T>(key: string): Promise<T> | T | undefined
  set<T>(key: string, value: T): Promise<void> | void | number | boolean
  del(key: string): void | Promise<void> | number | boolean
  flushAll(): void | Promise<void>
  close?: (() => void) | undefined
}
export type PossiblyExtendedCacheStore = CacheStore & {
  mget?: (<T>(keys: string[]) => Promise<Record<string, T | undefined>>) | undefined
  mset?: (<T>(entries: { key: string; value: T }[]) => Promise<void> | void | number | boolean) | undefined
  mdel?: ((keys: string[]) => void | Promise<void> | number | boolean) | undefined
}

type Awaitable<T> = T | Promise<T>

export interface SocketConfig {
  auth: AuthenticationState
  /** An emulator's `endpoint` fits too. Default: `CHASQUI_ENDPOINT` of the environment, else the real service. */
  waWebSocketUrl: string | URL | Endpoint
  /** Chasqui's own name for the same. */
  endpoint?: Endpoint | string | undefined
  /** Chasqui's own: where that lives which Baileys has no type for, beside keys of the program's own. Default: memory. */
  sideStore?: StoreUrl | undefined
  /** Chasqui's own: how long one call of `keys.get` or `keys.set` may take. Default: 30,000. */
  keyStoreTimeoutMs?: number | undefined
  /**
   * Chasqui's own: whether what handlers of `ev.on` and `ev.process` return confirms a message. While a promise of theirs is
   * open, or where it was rejected, the message is given again at the next opening, as `append`. Default: true.
   */
  confirmMessages?: boolean | undefined
  version: WAVersion
  browser: WABrowserDescription
  logger: ILogger

  connectTimeoutMs: number
  keepAliveIntervalMs: number
  /** `undefined` or 0: never. */
  defaultQueryTimeoutMs: number | undefined
  qrTimeout?: number | undefined
  agent?: Agent | undefined
  fetchAgent?: Agent | undefined
  options: RequestInit

  /** @deprecated Baileys 7 prints none. */
  printQRInTerminal?: boolean | undefined
  /** @deprecated There is no such API any more. */
  mobile?: boolean | undefined
  pushName?: string | undefined
  countryCode: string

  /** Whether what this socket did comes as events too. */
  emitOwnEvents: boolean
  fireInitQueries: boolean
  markOnlineOnConnect: boolean
  syncFullHistory: boolean
  shouldSyncHistoryMessage: (notification: proto.Message.IHistorySyncNotification) => boolean
  shouldIgnoreJid: (jid: string) => boolean | undefined
  patchMessageBeforeSending: (
    message: proto.IMessage,
    recipientJids?: string[],
  ) => Awaitable<PatchedMessageWithRecipientJID[] | PatchedMessageWithRecipientJID>
  getMessage: (key: WAMessageKey) => Promise<proto.IMessage | undefined>
  cachedGroupMetadata: (jid: string) => Promise<GroupMetadata | undefined>

  msgRetryCounterCache?: CacheStore | undefined
  userDevicesCache?: PossiblyExtendedCacheStore | undefined
  callOfferCache?: CacheStore | undefined
  placeholderResendCache?: CacheStore | undefined
  mediaCache?: CacheStore | undefined

  customUploadHosts: MediaConnInfo['hosts']
  retryRequestDelayMs: number
  maxMsgRetryCount: number
  transactionOpts: TransactionCapabilityOptions
  enableAutoSessionRecreation: boolean
  enableRecentMessageCache: boolean
  linkPreviewImageThumbnailWidth: number
  generateHighQualityLinkPreview: boolean
  appStateMacVerification: { patch: boolean; snapshot: boolean }
  makeSignalRepository: (
    auth: SignalAuthState,
    logger: ILogger,
    pnToLIDFunc?: (jids: string[]) => Promise<LIDMapping[] | undefined>,
  ) => SignalRepositoryWithLIDStore
}

/** `undefined` means the default. */
export type UserFacingSocketConfig = { [Option in keyof SocketConfig]?: SocketConfig[Option] | undefined } & { auth: AuthenticationState }
