/** Keys and places of encrypted media. */
import { DEF_MEDIA_HOST, MEDIA_HKDF_KEY_MAPPING, type MediaType } from './constants.js'
import { hkdf } from './crypto.js'
import { Boom } from '@hapi/boom'
import type { MediaDecryptionKeyInfo } from './types.js'

export const hkdfInfoKey = (type: MediaType): string => `WhatsApp ${MEDIA_HKDF_KEY_MAPPING[type]} Keys`

/** What a media key, as bytes or in base64, is stretched to. */
export async function getMediaKeys(buffer: Uint8Array | string | null | undefined, mediaType: MediaType): Promise<MediaDecryptionKeyInfo> {
  if (!buffer) throw new Boom('Cannot derive from empty media key')
  const key = typeof buffer === 'string' ? Buffer.from(buffer.replace('data:;base64,', ''), 'base64') : buffer
  const keys = hkdf(key, 112, { info: hkdfInfoKey(mediaType) })
  return { iv: keys.slice(0, 16), cipherKey: keys.slice(16, 48), macKey: keys.slice(48, 80) }
}

export const getUrlFromDirectPath = (directPath: string, host: string = DEF_MEDIA_HOST): string => `https://${host}${directPath}`
