/** Helpers that answered otherwise in 6: later, or with other parameters. */
import { Browsers as browsers } from '../browsers.js'
import { DEFAULT_CONNECTION_CONFIG as CONFIG, PROCESSABLE_HISTORY_TYPES as TYPES } from '../constants.js'
import { hkdf as hkdfNow, md5 as md5Now } from '../crypto.js'
import { cleanMessage as clean } from '../keys.js'
import { decryptMediaRetryData as decryptNow, encryptMediaRetryRequest as encryptNow } from '../media-retry.js'
import { extractDeviceJids as devicesOf } from '../prekeys.js'
import type { FullJid, USyncQueryResultList, WAMessage } from '../types.js'
import { EDITION_6 } from './edition.js'

export const hkdf = async (...args: Parameters<typeof hkdfNow>): Promise<Uint8Array> => hkdfNow(...args)
export const md5 = async (...args: Parameters<typeof md5Now>): Promise<Uint8Array> => md5Now(...args)
export const encryptMediaRetryRequest = async (...args: Parameters<typeof encryptNow>): Promise<ReturnType<typeof encryptNow>> => encryptNow(...args)
export const decryptMediaRetryData = async (...args: Parameters<typeof decryptNow>): Promise<ReturnType<typeof decryptNow>> => decryptNow(...args)

export const extractDeviceJids = (result: USyncQueryResultList[], myJid: string, excludeZeroDevices: boolean): FullJid[] =>
  devicesOf(result, myJid, '', excludeZeroDevices)
export const cleanMessage = (message: WAMessage, meId: string): void => clean(message, meId, '')

export const INITIAL_PREKEY_COUNT = 30
/** In the numbers of `HistorySync.HistorySyncType`: not those that came with 7. */
export const PROCESSABLE_HISTORY_TYPES = TYPES.filter(type => type !== 5 && type !== 1)
export const DEFAULT_CONNECTION_CONFIG = { ...CONFIG, ...EDITION_6.defaults }
const { android: _since7, ...before } = browsers
export const Browsers = before
