/** Asking the phone to upload media again, and reading its answer. */
import { randomBytes } from 'node:crypto'
import { Boom } from '@hapi/boom'

import { aesDecryptGCM, aesEncryptGCM, hkdf } from './crypto.js'
import { jidNormalizedUser } from './jid.js'
import { getBinaryNodeChild, getBinaryNodeChildBuffer, type BinaryNode } from './nodes.js'
import { loadProto } from './proto.js'
import type { ProtoClass, WAMessageKey } from './types.js'

const protoClass = (name: string): ProtoClass<{ [field: string]: unknown }> => loadProto()[name] as ProtoClass<{ [field: string]: unknown }>
const keyFor = (mediaKey: Uint8Array): Uint8Array => hkdf(mediaKey, 32, { info: 'WhatsApp Media Retry Notification' })

export const encryptMediaRetryRequest = (key: WAMessageKey, mediaKey: Buffer | Uint8Array, meId: string): BinaryNode => {
  const id = key.id as string
  const receipt = protoClass('ServerErrorReceipt').encode({ stanzaId: id }).finish()
  const iv = randomBytes(12)
  const sealed = aesEncryptGCM(receipt, keyFor(mediaKey), iv, Buffer.from(id))
  const about = { jid: key.remoteJid as string, from_me: String(!!key.fromMe), participant: key.participant || undefined }
  return {
    tag: 'receipt',
    attrs: { id, to: jidNormalizedUser(meId), type: 'server-error' },
    content: [
      {
        tag: 'encrypt',
        attrs: {},
        content: [
          { tag: 'enc_p', attrs: {}, content: sealed },
          { tag: 'enc_iv', attrs: {}, content: iv },
        ],
      },
      { tag: 'rmr', attrs: about as BinaryNode['attrs'] },
    ],
  }
}

/** As `MediaRetryNotification.ResultType`: failed, done, not found, not decrypted. */
const STATUS_CODES = new Map([
  [0, 418],
  [1, 200],
  [2, 404],
  [3, 412],
])
export const getStatusCodeForMediaRetry = (code: number): 200 | 412 | 404 | 418 => STATUS_CODES.get(code) as 200 | 412 | 404 | 418

export interface MediaRetry {
  key: WAMessageKey
  media?: { ciphertext: Uint8Array; iv: Uint8Array }
  error?: Boom
}

export const decodeMediaRetryNode = (node: BinaryNode): MediaRetry => {
  const { attrs } = getBinaryNodeChild(node, 'rmr') as BinaryNode
  const key = { id: node.attrs['id'], remoteJid: attrs['jid'], fromMe: attrs['from_me'] === 'true', participant: attrs['participant'] }
  const error = getBinaryNodeChild(node, 'error')
  if (error) {
    const code = Number(error.attrs['code'])
    return { key, error: new Boom(`Failed to re-upload media (${code})`, { data: error.attrs, statusCode: getStatusCodeForMediaRetry(code) }) }
  }
  const sealed = getBinaryNodeChild(node, 'encrypt')
  const ciphertext = getBinaryNodeChildBuffer(sealed, 'enc_p')
  const iv = getBinaryNodeChildBuffer(sealed, 'enc_iv')
  if (ciphertext && iv) return { key, media: { ciphertext, iv } }
  return { key, error: new Boom('Failed to re-upload media (missing ciphertext)', { statusCode: 404 }) }
}

export const decryptMediaRetryData = (
  { ciphertext, iv }: { ciphertext: Uint8Array; iv: Uint8Array },
  mediaKey: Uint8Array,
  msgId: string,
): { [field: string]: unknown } => protoClass('MediaRetryNotification').decode(aesDecryptGCM(ciphertext, keyFor(mediaKey), iv, Buffer.from(msgId)))
