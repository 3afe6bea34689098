/** The constants of Baileys 7: names, numbers, prefixes and tables that programs read. */
import { notImplemented } from '../doors/missing.js'
import { DEFAULT_VERSION } from '../doors/version.js'
import { quietLogger } from './quiet-logger.js'
import type { MessageKey, WABrowserDescription, WAMessageContent, WAVersion } from './types.js'

// Addresses of the service itself.
export const OFFICIAL_BIZ_JID = '16505361212@c.us'
export const SERVER_JID = 'server@c.us'
export const PSA_WID = '0@c.us'
export const META_AI_JID = '13135550002@c.us'

export const DEFAULT_ORIGIN = 'https://web.whatsapp.com'
export const DEF_MEDIA_HOST = 'mmg.whatsapp.net'
export const CALL_VIDEO_PREFIX = 'https://call.whatsapp.com/video/'
export const CALL_AUDIO_PREFIX = 'https://call.whatsapp.com/voice/'
export const DEF_CALLBACK_PREFIX = 'CB:'
export const DEF_TAG_PREFIX = 'TAG:'
export const PHONE_CONNECTION_CB = 'CB:Pong'

// Handshake and signatures.
export const DICT_VERSION = 3
export const NOISE_MODE = 'Noise_XX_25519_AESGCM_SHA256\0\0\0\0'
export const NOISE_WA_HEADER = Buffer.from([0x57, 0x41, 6, DICT_VERSION])
export const KEY_BUNDLE_TYPE = Buffer.from([5])
export const WA_ADV_ACCOUNT_SIG_PREFIX = Buffer.from([6, 0])
export const WA_ADV_DEVICE_SIG_PREFIX = Buffer.from([6, 1])
export const WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX = Buffer.from([6, 5])
export const WA_ADV_HOSTED_DEVICE_SIG_PREFIX = Buffer.from([6, 6])
export const WA_CERT_DETAILS = {
  SERIAL: 0,
  ISSUER: 'WhatsAppLongTerm1',
  PUBLIC_KEY: Buffer.from('142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b', 'hex'),
}

// Errors and answers.
export const UNAUTHORIZED_CODES = [401, 403, 419]
export const NO_MESSAGE_FOUND_ERROR_TEXT = 'Message absent from node'
export const MISSING_KEYS_ERROR_TEXT = 'Key used already or never filled'
export const ACCOUNT_RESTRICTED_TEXT = 'Your account has been restricted'
export const DECRYPTION_RETRY_CONFIG = {
  maxRetries: 3,
  baseDelayMs: 100,
  sessionRecordErrors: ['No session record', 'SessionError: No session record'],
}
export const NACK_REASONS = {
  SenderReachoutTimelocked: 463,
  ParsingError: 487,
  UnrecognizedStanza: 488,
  UnrecognizedStanzaClass: 489,
  UnrecognizedStanzaType: 490,
  InvalidProtobuf: 491,
  InvalidHostedCompanionStanza: 493,
  MissingMessageSecret: 495,
  SignalErrorOldCounter: 496,
  MessageDeletedOnPeer: 499,
  UnhandledError: 500,
  UnsupportedAdminRevoke: 550,
  UnsupportedLIDGroup: 551,
  DBOperationFailed: 552,
}
export const SERVER_ERROR_CODES = { MessageAccountRestriction: '463', SmaxInvalid: '479' } as const

// Times and counts.
export const TimeMs = { Minute: 60_000, Hour: 3_600_000, Day: 86_400_000, Week: 604_800_000 } as const
export const WA_DEFAULT_EPHEMERAL = 604_800
export const STATUS_EXPIRY_SECONDS = 86_400
export const PLACEHOLDER_MAX_AGE_SECONDS = 1_209_600
export const HISTORY_SYNC_PAUSED_TIMEOUT_MS = 120_000
export const UPLOAD_TIMEOUT = 30_000
export const MIN_PREKEY_COUNT = 5
export const INITIAL_PREKEY_COUNT = 812
export const MAX_SYNC_ATTEMPTS = 2
export const DEFAULT_CACHE_TTLS = { SIGNAL_STORE: 300, MSG_RETRY: 3600, CALL_OFFER: 300, USER_DEVICES: 300 }

/** The kinds of history that are taken in, in the numbers of `HistorySync.HistorySyncType`. */
export const PROCESSABLE_HISTORY_TYPES = [0, 4, 3, 2, 6, 5, 1]

export type WAPatchName = 'critical_block' | 'critical_unblock_low' | 'regular_high' | 'regular_low' | 'regular'
export const ALL_WA_PATCH_NAMES: readonly WAPatchName[] = [
  'critical_block', 'critical_unblock_low', 'regular_high', 'regular_low', 'regular',
]

/** Links with a password in them are none. */
export const URL_REGEX = /https:\/\/(?![^:@\/\s]+:[^:@\/\s]+@)[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}(:\d+)?(\/[^\s]*)?/g

// Media: where each kind is uploaded, and what its keys are derived with.
export const MEDIA_PATH_MAP = {
  image: '/mms/image',
  video: '/mms/video',
  document: '/mms/document',
  audio: '/mms/audio',
  sticker: '/mms/image',
  'thumbnail-link': '/mms/image',
  'product-catalog-image': '/product/image',
  'md-app-state': '',
  'md-msg-hist': '/mms/md-app-state',
  'biz-cover-photo': '/pps/biz-cover-photo',
} as const
export const MEDIA_HKDF_KEY_MAPPING = {
  audio: 'Audio',
  document: 'Document',
  gif: 'Video',
  image: 'Image',
  ppic: '',
  product: 'Image',
  ptt: 'Audio',
  sticker: 'Image',
  video: 'Video',
  'thumbnail-document': 'Document Thumbnail',
  'thumbnail-image': 'Image Thumbnail',
  'thumbnail-video': 'Video Thumbnail',
  'thumbnail-link': 'Link Thumbnail',
  'md-msg-hist': 'History',
  'md-app-state': 'App State',
  'product-catalog-image': '',
  'payment-bg-image': 'Payment Background',
  ptv: 'Video',
  'biz-cover-photo': 'Image',
} as const
export type MediaType = keyof typeof MEDIA_HKDF_KEY_MAPPING
export const MEDIA_KEYS = Object.keys(MEDIA_PATH_MAP) as (keyof typeof MEDIA_PATH_MAP)[]

// Fields of the statistics format.
export const FLAG_GLOBAL = 0
export const FLAG_EVENT = 1
export const FLAG_FIELD = 2
export const FLAG_EXTENDED = 4
export const FLAG_BYTE = 8

/** FULL of `HistorySync.HistorySyncType`: the one kind that is not asked for by default. */
const FULL_HISTORY = 2

export const DEFAULT_CONNECTION_CONFIG = {
  version: [...DEFAULT_VERSION] as WAVersion,
  browser: ['Mac OS', 'Chrome', '14.4.1'] as WABrowserDescription,
  waWebSocketUrl: 'wss://web.whatsapp.com/ws/chat',
  connectTimeoutMs: 20_000,
  keepAliveIntervalMs: 30_000,
  logger: quietLogger('info'),
  emitOwnEvents: true,
  defaultQueryTimeoutMs: 60_000,
  customUploadHosts: [] as { hostname: string; maxContentLengthBytes: number }[],
  retryRequestDelayMs: 250,
  maxMsgRetryCount: 5,
  fireInitQueries: true,
  auth: undefined as unknown,
  markOnlineOnConnect: true,
  syncFullHistory: true,
  patchMessageBeforeSending: (message: WAMessageContent): WAMessageContent => message,
  shouldSyncHistoryMessage: ({ syncType }: { syncType?: number | null }): boolean => syncType !== FULL_HISTORY,
  shouldIgnoreJid: (): boolean => false,
  linkPreviewImageThumbnailWidth: 192,
  transactionOpts: { maxCommitRetries: 10, delayBetweenTriesMs: 3000 },
  generateHighQualityLinkPreview: false,
  enableAutoSessionRecreation: true,
  enableRecentMessageCache: true,
  options: {},
  appStateMacVerification: { patch: false, snapshot: false },
  countryCode: 'US',
  getMessage: async (..._args: [key?: MessageKey]): Promise<WAMessageContent | undefined> => undefined,
  cachedGroupMetadata: async (..._args: [jid?: string]): Promise<undefined> => undefined,
  /** The engine keeps the Signal sessions itself. */
  makeSignalRepository: (_auth: unknown, _logger: unknown, _pnToLID?: unknown): never => {
    throw notImplemented('makeSignalRepository')
  },
}
