/** The 40 options of `makeWASocket`: what they are without the program's word, and where one cannot be had here. */
import { Boom } from '@hapi/boom'

import { DEFAULT_CONNECTION_CONFIG } from './constants.js'
import { EDITION_7, type Edition } from './edition.js'
import { proxyOf } from './proxy.js'
import type { SocketConfig, UserFacingSocketConfig } from './types.js'

/** Why the value has no effect, or not all of it; `undefined` where it has. */
type Limit = (value: unknown, edition: Edition) => string | undefined

const always = (why: string): Limit => () => why
const otherThan = (value: unknown, why: string): Limit => given => (given === value ? undefined : why)
const none: Limit = () => undefined

const { makeSignalRepository } = DEFAULT_CONNECTION_CONFIG

export type SocketOption = Exclude<keyof SocketConfig, 'endpoint' | 'sideStore' | 'keyStoreTimeoutMs' | 'confirmMessages'>

export const OPTIONS: { readonly [Option in SocketOption]: Limit } = {
  agent: agent => (proxyOf(agent) ? undefined : 'of an agent the address of its proxy is taken (http or socks5); this one has none'),
  appStateMacVerification: none,
  auth: none,
  browser: none,
  cachedGroupMetadata: none,
  callOfferCache: none,
  connectTimeoutMs: none,
  countryCode: none,
  customUploadHosts: none,
  defaultQueryTimeoutMs: none,
  emitOwnEvents: none,
  enableAutoSessionRecreation: none,
  enableRecentMessageCache: otherThan(true, 'the engine keeps what it has sent in its store; only sock.messageRetryManager is missing then'),
  fetchAgent: none,
  fireInitQueries: none,
  generateHighQualityLinkPreview: none,
  getMessage: none,
  keepAliveIntervalMs: none,
  linkPreviewImageThumbnailWidth: none,
  logger: none,
  makeSignalRepository: otherThan(makeSignalRepository, 'the engine keeps the Signal sessions itself'),
  markOnlineOnConnect: none,
  maxMsgRetryCount: none,
  mediaCache: none,
  mobile: none,
  msgRetryCounterCache: none,
  options: value =>
    (value as { headers?: unknown } | null)?.headers ? 'its headers go with media and previews, not with the connection itself' : undefined,
  patchMessageBeforeSending: none,
  placeholderResendCache: none,
  printQRInTerminal: (value, { name }) => (value && name === 7 ? 'Baileys 7 prints no code: it comes with connection.update' : undefined),
  pushName: none,
  qrTimeout: none,
  retryRequestDelayMs: none,
  shouldIgnoreJid: none,
  shouldSyncHistoryMessage: none,
  syncFullHistory: none,
  transactionOpts: none,
  userDevicesCache: always('messages go by the lists of devices that the engine keeps; only sock.getUSyncDevices looks into this cache'),
  version: none,
  waWebSocketUrl: none,
}

/** What was warned of already, in this process. */
const warned = new Set<string>()

/**
 * The program's options with the defaults of the edition; `undefined` means the default.
 * @throws Boom 401 for what WhatsApp took away: the mobile API
 */
export function resolveConfig(userConfig: UserFacingSocketConfig, edition: Edition = EDITION_7): SocketConfig {
  const given = Object.entries(userConfig).filter(([, value]) => value !== undefined)
  const config = { ...DEFAULT_CONNECTION_CONFIG, ...edition.defaults, ...Object.fromEntries(given) } as unknown as SocketConfig
  if (config.endpoint !== undefined && userConfig.waWebSocketUrl === undefined) config.waWebSocketUrl = config.endpoint
  const { waWebSocketUrl, mobile, logger } = config
  if (mobile || (waWebSocketUrl instanceof URL ? waWebSocketUrl.href : String(waWebSocketUrl)).startsWith('tcp:')) {
    throw new Boom('Mobile API is not supported anymore', { statusCode: 401 })
  }
  for (const [option, value] of given) {
    if (warned.has(option) || !Object.hasOwn(OPTIONS, option)) continue
    const why = OPTIONS[option as SocketOption](value, edition)
    if (why === undefined) continue
    warned.add(option)
    logger?.warn?.({ option }, `The option "${option}" has no effect here: ${why}.`)
  }
  return config
}
