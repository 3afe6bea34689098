/** Helpers that answered otherwise in 6: later, with other parameters, or in other shapes. */
import { Browsers as browsers } from '../browsers.js'
import { BufferJSON as bufferJson } from '../buffer-json.js'
import { DEFAULT_CONNECTION_CONFIG as CONFIG, PROCESSABLE_HISTORY_TYPES as TYPES } from '../constants.js'
import { hkdf as hkdfNow, md5 as md5Bytes } from '../crypto.js'
import { decodeMessageNode as decodeNode, decryptMessageNode as decryptNode } from '../decode-message.js'
import { downloadAndProcessHistorySyncNotification as downloadHistory, processHistoryMessage as processHistory } from '../history-sync.js'
import type { HistorySync, HistorySyncNotification, ProcessedHistory } from '../history-sync.js'
import { isJidBroadcast, isJidStatusBroadcast } from '../jid.js'
import { cleanMessage as clean, isRealMessage as isReal } from '../keys.js'
import { LT_HASH_ANTI_TAMPERING as LATTICE } from '../lt-hash.js'
import { getMediaKeys as mediaKeysNow } from '../media-keys.js'
import { decryptMediaRetryData as decryptRetryNow, encryptMediaRetryRequest as encryptRetryNow } from '../media-retry.js'
import { getAggregateVotesInPollMessage as votesOf } from '../polls.js'
import { extractDeviceJids as devicesOf } from '../prekeys.js'
import { getCallStatusFromNode as callStatus } from '../stanzas.js'
import type { FullJid, MessageKey, USyncQueryResultList, WAMessage, WAMessageKey } from '../types.js'
import { EDITION_6 } from './edition.js'
import { historyContact, legacyCallStatus, legacyKey, withoutEmptyParticipant } from './shapes.js'

export const hkdf = async (...args: Parameters<typeof hkdfNow>): Promise<Buffer> => Buffer.from(hkdfNow(...args))
export const md5 = (...args: Parameters<typeof md5Bytes>): Buffer => Buffer.from(md5Bytes(...args))
export const encryptMediaRetryRequest = async (...args: Parameters<typeof encryptRetryNow>): Promise<ReturnType<typeof encryptRetryNow>> => encryptRetryNow(...args)
export const decryptMediaRetryData = async (...args: Parameters<typeof decryptRetryNow>): Promise<ReturnType<typeof decryptRetryNow>> => decryptRetryNow(...args)

type MediaKeys = Awaited<ReturnType<typeof mediaKeysNow>>
/** As Buffers. */
export async function getMediaKeys(...args: Parameters<typeof mediaKeysNow>): Promise<MediaKeys> {
  const { iv, cipherKey, macKey } = await mediaKeysNow(...args)
  return { iv: Buffer.from(iv), cipherKey: Buffer.from(cipherKey), ...(macKey ? { macKey: Buffer.from(macKey) } : {}) }
}

type Lanes = ArrayBuffer | Uint8Array
const bytes = (lanes: Lanes): Uint8Array => new Uint8Array(lanes as ArrayBuffer)
const lattice = (base: Lanes, add: Lanes[], subtract: Lanes[]): ArrayBuffer =>
  new Uint8Array(LATTICE.subtractThenAdd(bytes(base), subtract.map(bytes), add.map(bytes))).buffer
/** What is added comes first here. */
export const LT_HASH_ANTI_TAMPERING = {
  add: async (base: Lanes, macs: Lanes[]): Promise<ArrayBuffer> => lattice(base, macs, []),
  subtract: async (base: Lanes, macs: Lanes[]): Promise<ArrayBuffer> => lattice(base, [], macs),
  subtractThenAdd: async (base: Lanes, add: Lanes[], subtract: Lanes[]): Promise<ArrayBuffer> => lattice(base, add, subtract),
}

export const BufferJSON = {
  replacer: bufferJson.replacer,
  /** Also what older versions wrote, and no object of numbers. */
  reviver: (_key: any, value: any): any => {
    if (typeof value !== 'object' || !value || (value.buffer !== true && value.type !== 'Buffer')) return value
    const data = value.data || value.value
    return typeof data === 'string' ? Buffer.from(data, 'base64') : Buffer.from(data || [])
  },
}

export const extractDeviceJids = (result: USyncQueryResultList[], myJid: string, excludeZeroDevices: boolean): FullJid[] =>
  devicesOf(result, myJid, '', excludeZeroDevices).map(({ user, device }) => ({ user, device })) as FullJid[]

export const getKeyAuthor = (key: MessageKey | undefined | null, meId = 'me'): string =>
  (key?.fromMe ? meId : key?.participant || key?.remoteJid) || ''
export const getAggregateVotesInPollMessage = (poll: Parameters<typeof votesOf>[0], meId?: string): ReturnType<typeof votesOf> =>
  votesOf(poll, meId, getKeyAuthor)
export const getChatId = ({ remoteJid, participant, fromMe }: WAMessageKey): string =>
  (isJidBroadcast(remoteJid as string) && !isJidStatusBroadcast(remoteJid as string) && !fromMe ? participant : remoteJid) as string
export const cleanMessage = (message: WAMessage, meId: string): void => {
  clean(message, meId, '')
  message.key.participant ||= undefined
  withoutEmptyParticipant(message)
}
export const isRealMessage = (message: WAMessage, _meId: string): boolean => isReal(message)
export const getCallStatusFromNode = (node: Parameters<typeof callStatus>[0]): ReturnType<typeof callStatus> => legacyCallStatus(callStatus(node))

type Decoded = ReturnType<typeof decodeNode>
export const decodeMessageNode = (...args: Parameters<typeof decodeNode>): Decoded => shown(decodeNode(...args))
export const decryptMessageNode = (...args: Parameters<typeof decryptNode>): ReturnType<typeof decryptNode> => shown(decryptNode(...args))
/** The message itself stays: what opens it writes into it. */
function shown<D extends Pick<Decoded, 'fullMessage'>>(decoded: D): D {
  const { fullMessage } = decoded
  fullMessage.key = legacyKey(fullMessage.key)
  return decoded
}

export const processHistoryMessage = (item: HistorySync): ProcessedHistory => legacyHistory(processHistory(item, undefined))
export const downloadAndProcessHistorySyncNotification = async (msg: HistorySyncNotification, options: RequestInit): Promise<ProcessedHistory> =>
  legacyHistory(await downloadHistory(msg, options, undefined))
const legacyHistory = (history: ProcessedHistory): ProcessedHistory => ({ ...history, contacts: history.contacts.map(historyContact) })

export const INITIAL_PREKEY_COUNT = 30
/** In the numbers of `HistorySync.HistorySyncType`: not those that came with 7. */
export const PROCESSABLE_HISTORY_TYPES = TYPES.filter(type => type !== 5 && type !== 1)
const { enableAutoSessionRecreation: _recreation, enableRecentMessageCache: _recent, ...BEFORE } = CONFIG
export const DEFAULT_CONNECTION_CONFIG = { ...BEFORE, ...EDITION_6.defaults }
const { android: _since7, ...before } = browsers
export const Browsers = before
