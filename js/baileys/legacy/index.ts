/**
 * `chasqui/baileys/legacy`: the API of npm `baileys` 6 on Chasqui's engine: what `chasqui/baileys` has, with the names, shapes and
 * defaults of 6.
 */
// Before those of 7, of which they take the place.
export {
  Browsers, BufferJSON, cleanMessage, decodeMessageNode, decryptMediaRetryData, decryptMessageNode, DEFAULT_CONNECTION_CONFIG,
  downloadAndProcessHistorySyncNotification, encryptMediaRetryRequest, extractDeviceJids, getAggregateVotesInPollMessage, getCallStatusFromNode,
  getChatId, getKeyAuthor, getMediaKeys, hkdf, INITIAL_PREKEY_COUNT, isRealMessage, LT_HASH_ANTI_TAMPERING, md5, PROCESSABLE_HISTORY_TYPES, processHistoryMessage,
} from './helpers.js'
export { generateWAMessage, generateWAMessageContent, generateWAMessageFromContent } from './compose.js'
export { makeWASocket, makeWASocket as default } from './socket.js'
export { makeCacheManagerAuthState } from './cache-manager.js'
export { captureEventStream, readAndEmitEventStream } from './event-stream.js'
export { groupproto, textsecure } from './key-protos.js'
export { makeInMemoryStore } from './store.js'
export { printQRIfNecessaryListener } from './terminal.js'
export { isJidMetaAI as isJidMetaIa, isPnUser as isJidUser } from '../jid.js'
export * from '../index.js'
