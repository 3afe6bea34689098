/** `chasqui/baileys`: the API of npm `baileys` 7 on Chasqui's engine. All exports of Baileys are here. */

import { release } from 'node:os'

import { proto } from './proto.js'
import type { SignalKeyStore, WABrowserDescription, WAVersion } from './types.js'
import { DEFAULT_VERSION } from '../doors/version.js'

export { useMultiFileAuthState } from './auth-state.js'
export * from './app-state.js'
export * from './audio.js'
export * from './binary-nodes.js'
export * from './bits.js'
export * from './buffer-json.js'
export * from './chat-modification.js'
export * from './constants.js'
export * from './content.js'
export * from './creds.js'
export * from './crypto.js'
export * from './curve.js'
export { decodeMessageNode, decryptMessageNode, getDecryptionJid } from './decode-message.js'
export { DisconnectReason } from './disconnect.js'
export * from './enums.js'
export { downloadAndProcessHistorySyncNotification, downloadHistory, processHistoryMessage } from './history-sync.js'
export * from './identity-change.js'
export { parseAndInjectE2ESessions } from './inject-sessions.js'
export * from './jid.js'
export { isPnUser as isJidUser } from './jid.js'
export { proto, proto as WAProto } from './proto.js'
export * from './event-buffer.js'
export * from './keys.js'
export * from './compose.js'
export { prepareWAMessageMedia } from './prepare-media.js'
export { generateForwardMessageContent, generateLinkPreviewIfRequired, generateWAMessageFromContent, prepareDisappearingMessageSettingContent } from './generate.js'
export * from './download.js'
export * from './link-preview.js'
export { LT_HASH_ANTI_TAMPERING, makeLtHashGenerator } from './lt-hash.js'
export * from './media-keys.js'
export * from './media-retry.js'
export * from './login.js'
export * from './nodes.js'
export { makeNoiseHandler } from './noise-handler.js'
export * from './platforms.js'
export * from './polls.js'
export * from './prekeys.js'
export type * from './quiet-logger.js'
export { makeWASocket, makeWASocket as default } from './socket.js'
export * from './stanzas.js'
export * from './retry-manager.js'
export * from './streams.js'
export * from './sync-action.js'
export { decodePatches, decodeSyncdMutations, decodeSyncdPatch, decodeSyncdSnapshot, encodeSyncdPatch } from './syncd.js'
export type { ChatMutationMap } from './syncd.js'
export { downloadExternalBlob, downloadExternalPatch, extractSyncdPatches } from './syncd-fetch.js'
export * from './thumbnails.js'
export * from './timing.js'
export * from './transactions.js'
export * from './upload.js'
export { getWAUploadToServer, uploadWithNodeHttp } from './upload-http.js'
export {
  USyncContactProtocol,
  USyncDeviceProtocol,
  USyncDisappearingModeProtocol,
  USyncQuery,
  USyncStatusProtocol,
  USyncUser,
  USyncUsernameProtocol,
} from './usync.js'
export type * from './usync.js'
export * from './wam.js'
export { WEB_EVENTS, WEB_GLOBALS } from './wam-tables.js'
export * from './wire.js'
export type * from './types.js'

const named =
  (os: string, version: string) =>
  (browser: string): WABrowserDescription => [os, browser, version]

const SYSTEMS: Partial<Record<NodeJS.Platform, string>> = { darwin: 'Mac OS', win32: 'Windows', android: 'Android' }

export const Browsers = {
  ubuntu: named('Ubuntu', '22.04.4'),
  macOS: named('Mac OS', '14.4.1'),
  baileys: named('Baileys', '6.5.0'),
  windows: named('Windows', '10.0.22631'),
  android: (browser: string): WABrowserDescription => [browser, 'Android', ''],
  appropriate: (browser: string): WABrowserDescription => [SYSTEMS[process.platform] ?? 'Ubuntu', browser, release()],
}

/** The version that this package was made for; asks nobody. */
export async function fetchLatestBaileysVersion(): Promise<{ version: WAVersion; isLatest: boolean; error?: unknown }> {
  return { version: [...DEFAULT_VERSION], isLatest: true }
}
export { fetchLatestBaileysVersion as fetchLatestWaWebVersion }

/** Gives the store back: the engine has its own cache. */
export function makeCacheableSignalKeyStore(store: SignalKeyStore, _logger?: unknown, _cache?: unknown): SignalKeyStore {
  return store
}

/** An enum of the schema, which is built when it is looked at. */
function lazyEnum(load: () => { [name: string]: number }): { [name: string]: number } {
  return new Proxy(
    {},
    {
      get: (_target, key) => Reflect.get(load(), key) as unknown,
      has: (_target, key) => Reflect.has(load(), key),
      ownKeys: () => Reflect.ownKeys(load()),
      getOwnPropertyDescriptor: (_target, key) => Reflect.getOwnPropertyDescriptor(load(), key),
    },
  )
}
export const WAMessageStatus = lazyEnum(() => proto.WebMessageInfo.Status)
export const WAMessageStubType = lazyEnum(() => proto.WebMessageInfo.StubType)
