/** Ciphers, hashes and key derivation, in the calls of Baileys. */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'

const GCM_TAG = 16
const CBC_IV = 16
const PAIRING_ROUNDS = 2 << 16
const HKDF_MAX = 255 * 32

/** AES-256-GCM, the tag at the end. */
export function aesEncryptGCM(plaintext: Uint8Array, key: Uint8Array, iv: Uint8Array, additionalData: Uint8Array): Buffer<ArrayBuffer> {
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(additionalData)
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

export function aesDecryptGCM(ciphertext: Uint8Array, key: Uint8Array, iv: Uint8Array, additionalData: Uint8Array): Buffer<ArrayBuffer> {
  const decipher = createDecipheriv('aes-256-gcm', key, iv)
  const end = ciphertext.length - GCM_TAG
  decipher.setAAD(additionalData)
  decipher.setAuthTag(ciphertext.slice(end))
  return Buffer.concat([decipher.update(ciphertext.slice(0, end)), decipher.final()])
}

export function aesEncryptCTR(plaintext: Uint8Array, key: Uint8Array, iv: Uint8Array): Buffer<ArrayBuffer> {
  const cipher = createCipheriv('aes-256-ctr', key, iv)
  return Buffer.concat([cipher.update(plaintext), cipher.final()])
}

export function aesDecryptCTR(ciphertext: Uint8Array, key: Uint8Array, iv: Uint8Array): Buffer<ArrayBuffer> {
  const decipher = createDecipheriv('aes-256-ctr', key, iv)
  return Buffer.concat([decipher.update(ciphertext), decipher.final()])
}

/** AES-256-CBC with the IV in front. */
export function aesDecrypt(buffer: Uint8Array, key: Uint8Array): Buffer<ArrayBuffer> {
  return aesDecryptWithIV(buffer.slice(CBC_IV), key, buffer.slice(0, CBC_IV))
}

export function aesDecryptWithIV(buffer: Uint8Array, key: Uint8Array, IV: Uint8Array): Buffer<ArrayBuffer> {
  const decipher = createDecipheriv('aes-256-cbc', key, IV)
  return Buffer.concat([decipher.update(buffer), decipher.final()])
}

export function aesEncrypt(buffer: Uint8Array, key: Uint8Array): Buffer<ArrayBuffer> {
  const iv = randomBytes(CBC_IV)
  return Buffer.concat([iv, aesEncrypWithIV(buffer, key, iv)])
}

export function aesEncrypWithIV(buffer: Uint8Array, key: Uint8Array, IV: Uint8Array): Buffer<ArrayBuffer> {
  const cipher = createCipheriv('aes-256-cbc', key, IV)
  return Buffer.concat([cipher.update(buffer), cipher.final()])
}

export function hmacSign(buffer: Buffer | Uint8Array, key: Buffer | Uint8Array, variant: 'sha256' | 'sha512' = 'sha256'): Buffer {
  return createHmac(variant, key).update(buffer).digest()
}

export function sha256(buffer: Uint8Array): Buffer {
  return createHash('sha256').update(buffer).digest()
}

export function md5(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('md5').update(buffer).digest())
}

/** HKDF with SHA-256. Without salt the salt is 32 zero bytes. */
export function hkdf(
  buffer: Uint8Array,
  expandedLength: number,
  info: { salt?: Uint8Array | null; info?: string | null },
): Uint8Array {
  if (expandedLength > HKDF_MAX) throw new Error('HKDF expansion failed')
  const { salt, info: context } = info
  if (expandedLength < 1) return new Uint8Array()
  return new Uint8Array(hkdfSync('sha256', buffer, salt ?? new Uint8Array(), context ?? '', Math.floor(expandedLength)))
}

const stretch = promisify(pbkdf2)

/** The key that a pairing code stands for. */
export async function derivePairingCodeKey(pairingCode: string, salt: Buffer): Promise<Buffer> {
  return stretch(pairingCode, salt, PAIRING_ROUNDS, 32, 'sha256')
}
