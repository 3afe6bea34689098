/** The keys of the app state, and what is signed with them. */
import { createHmac } from 'node:crypto'

import { hkdf, hmacSign } from './crypto.js'

const KEY_BYTES = 32
const OPERATIONS = new Map<unknown, number>([[0, 1], [1, 2]]) // SET and REMOVE as they are signed

export interface MutationKeys {
  indexKey: Uint8Array
  valueEncryptionKey: Uint8Array
  valueMacKey: Uint8Array
  snapshotMacKey: Uint8Array
  patchMacKey: Uint8Array
}

/** What the 32 bytes that devices share are expanded to. */
export function mutationKeys(keyData: Uint8Array): MutationKeys {
  const expanded = hkdf(keyData, 5 * KEY_BYTES, { info: 'WhatsApp Mutation Keys' })
  const part = (index: number): Uint8Array => expanded.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES)
  return { indexKey: part(0), valueEncryptionKey: part(1), valueMacKey: part(2), snapshotMacKey: part(3), patchMacKey: part(4) }
}

const bigEndian64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

/** Of one record. */
export function valueMac(operation: number | null | undefined, encrypted: Uint8Array, keyId: Uint8Array, key: Uint8Array): Buffer {
  const about = Buffer.from([OPERATIONS.get(operation) ?? 0, ...keyId])
  const mac = createHmac('sha512', key).update(about).update(encrypted).update(bigEndian64(about.length))
  return mac.digest().subarray(0, KEY_BYTES)
}

/** Of a whole collection. */
export const snapshotMac = (hash: Uint8Array, version: number, name: string, key: Uint8Array): Buffer =>
  hmacSign(Buffer.concat([hash, bigEndian64(version), Buffer.from(name)]), key)

/** Of a patch with these records. */
export const patchMac = (snapshot: Uint8Array, values: readonly Uint8Array[], version: number, name: string, key: Uint8Array): Buffer =>
  hmacSign(Buffer.concat([snapshot, ...values, bigEndian64(version), Buffer.from(name)]), key)
