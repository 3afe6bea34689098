/** Small conversions: numbers, times, padding, tags. */
import { randomBytes } from 'node:crypto'
import { random } from './random.js'
import type { Long } from './types.js'

export const unixTimestampSeconds = (date: Date = new Date()): number => Math.floor(date.getTime() / 1000)

/** The `t` lowest bytes of `e`, the highest first. */
export const encodeBigEndian = (e: number, t = 4): Uint8Array => {
  const bytes = new Uint8Array(t)
  let rest = e
  for (let index = t - 1; index >= 0; index--) {
    bytes[index] = rest & 0xff
    rest >>>= 8
  }
  return bytes
}

export const toNumber = (t: Long | number | null | undefined): number => {
  if (typeof t !== 'object' || t === null) return t || 0
  return 'toNumber' in t ? t.toNumber() : (t as { low: number }).low
}

export const isStringNullOrEmpty = (value: string | null | undefined): value is null | undefined | '' =>
  value === undefined || value === null || value === ''

/** Takes the undefined members out, of the object itself. */
export function trimUndefined(obj: { [name: string]: any }): { [name: string]: any } {
  for (const name in obj) if (obj[name] === undefined) delete obj[name]
  return obj
}

const CROCKFORD = '123456789ABCDEFGHJKLMNPQRSTVWXYZ'

/** Five bits a character, without those that are easily confused. */
export function bytesToCrockford(buffer: Buffer): string {
  let text = ''
  let value = 0
  let bits = 0
  for (const byte of buffer) {
    value = ((value << 8) | byte) & 0xffff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += CROCKFORD.charAt((value >>> bits) & 31)
    }
  }
  return bits > 0 ? text + CROCKFORD.charAt((value << (5 - bits)) & 31) : text
}

export const generateMdTagPrefix = (): string => {
  const bytes = randomBytes(4)
  return `${bytes.readUInt16BE(0)}.${bytes.readUInt16BE(2)}-`
}

/** Between 1 and 16 bytes, each saying how many. */
export const writeRandomPadMax16 = (msg: Uint8Array): Buffer<ArrayBuffer> => {
  const length = ((random(1)[0] ?? 0) & 15) + 1
  return Buffer.concat([msg, Buffer.alloc(length, length)])
}

export const unpadRandomMax16 = (e: Uint8Array | Buffer): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(e)
  const length = bytes[bytes.length - 1]
  if (length === undefined) throw new Error('unpadPkcs7 given empty bytes')
  if (length > bytes.length) throw new Error(`unpad given ${bytes.length} bytes, but pad is ${length}`)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length - length)
}

/** The base64 of an upload's hash as it stands in a URL. */
export const encodeBase64EncodedStringForUpload = (b64: string): string =>
  encodeURIComponent(b64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''))

/** What `AuthenticationCreds.platform` of a business account is. */
export const isWABusinessPlatform = (platform: string): platform is 'smba' | 'smbi' => platform === 'smba' || platform === 'smbi'
