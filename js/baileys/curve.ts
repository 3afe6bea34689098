/** Curve25519 as Signal uses it: X25519 agreement by Node's OpenSSL, and XEdDSA signatures by the engine. */
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

import { loadClientAddon } from '../native.js'

export interface KeyPair {
  public: Uint8Array
  private: Uint8Array
}
export interface SignedKeyPair {
  keyPair: KeyPair
  signature: Uint8Array
  keyId: number
  timestampS?: number
}

const KEY_TYPE = 5
const KEY_BYTES = 32

// What stands before 32 bytes of key in PKCS#8 and SPKI.
const PRIVATE_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex')
const PUBLIC_HEAD = Buffer.from('302a300506032b656e032100', 'hex')

const importPrivate = (key: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PRIVATE_HEAD, key]), format: 'der', type: 'pkcs8' })
const importPublic = (key: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([PUBLIC_HEAD, key]), format: 'der', type: 'spki' })
const rawPublic = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES)
const rawPrivate = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'pkcs8' }).subarray(-KEY_BYTES)

/** The bits of a scalar that the curve fixes. */
function clamp(scalar: Uint8Array): Buffer {
  const clamped = Buffer.from(scalar)
  clamped[0] = (clamped[0] ?? 0) & 248
  clamped[31] = ((clamped[31] ?? 0) & 127) | 64
  return clamped
}

function checkPrivate(key: Uint8Array): void {
  if (!key) throw new Error('Undefined private key')
  if (!(key instanceof Uint8Array)) throw new Error(`Invalid private key type: ${typeof key}`)
  if (key.byteLength !== KEY_BYTES) throw new Error(`Incorrect private key length: ${key.byteLength}`)
}

/** The 32 bytes of a public key, which may have its type in front. */
function barePublic(key: Uint8Array): Uint8Array {
  const bytes = key.length === KEY_BYTES + 1 && key[0] === KEY_TYPE ? key.subarray(1) : key
  if (bytes.length !== KEY_BYTES) throw new Error('Invalid public key')
  return bytes
}

function sign(privateKey: Uint8Array, buf: Uint8Array): Buffer {
  checkPrivate(privateKey)
  if (!buf) throw new Error('Invalid message')
  return Buffer.from(loadClientAddon().curveSign(privateKey, buf))
}

export const Curve = {
  generateKeyPair: (): KeyPair => {
    const pair = generateKeyPairSync('x25519')
    return { private: clamp(rawPrivate(pair.privateKey)), public: Buffer.from(rawPublic(pair.publicKey)) }
  },
  sharedKey: (privateKey: Uint8Array, publicKey: Uint8Array): Buffer => {
    checkPrivate(privateKey)
    return diffieHellman({ privateKey: importPrivate(privateKey), publicKey: importPublic(barePublic(publicKey)) })
  },
  sign: (privateKey: Uint8Array, buf: Uint8Array): Uint8Array => sign(privateKey, buf),
  verify: (pubKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
    try {
      return loadClientAddon().curveVerify(barePublic(pubKey), message, signature)
    } catch {
      return false
    }
  },
}

/** The key with its type in front. */
export const generateSignalPubKey = (pubKey: Uint8Array | Buffer): Uint8Array | Buffer =>
  pubKey.length === KEY_BYTES + 1 ? pubKey : Buffer.concat([Buffer.from([KEY_TYPE]), pubKey])

export const signedKeyPair = (identityKeyPair: KeyPair, keyId: number): SignedKeyPair => {
  const keyPair = Curve.generateKeyPair()
  return { keyPair, signature: Curve.sign(identityKeyPair.private, generateSignalPubKey(keyPair.public)), keyId }
}
