/**
 * Curve25519 as Signal uses it: X25519 agreement, and XEdDSA signatures with the sign of the Edwards point in their last bit.
 *
 * OpenSSL does every multiplication of a point by a secret: the agreement is X25519, a nonce and its point are an Ed25519 key pair.
 * What is left for JavaScript is one product of scalars, and the map from the public Montgomery point to the Edwards one.
 */
import { createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, randomBytes, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

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
const SIGNATURE_BYTES = 64

// What stands before 32 bytes of key in PKCS#8 and SPKI; the last byte of the object id tells the curves apart.
const PRIVATE_HEAD = { x25519: '302e020100300506032b656e04220420', ed25519: '302e020100300506032b657004220420' }
const PUBLIC_HEAD = { x25519: '302a300506032b656e032100', ed25519: '302a300506032b6570032100' }
type CurveName = keyof typeof PRIVATE_HEAD

const PRIME = (1n << 255n) - 19n
const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n

const importPrivate = (curve: CurveName, key: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([Buffer.from(PRIVATE_HEAD[curve], 'hex'), key]), format: 'der', type: 'pkcs8' })
const importPublic = (curve: CurveName, key: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([Buffer.from(PUBLIC_HEAD[curve], 'hex'), key]), format: 'der', type: 'spki' })
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

const fromLittleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex') || '0'}`)
const toLittleEndian = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(KEY_BYTES * 2, '0'), 'hex').reverse()

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (let square = base % modulus, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % modulus) {
    if (rest & 1n) result = (result * square) % modulus
  }
  return result
}

/** `y = (u - 1) / (u + 1)`, with the sign of x in the last bit. */
function edwards(montgomery: Uint8Array, sign: number): Buffer {
  const u = fromLittleEndian(montgomery) & ((1n << 255n) - 1n)
  const y = ((u + PRIME - 1n) * power(u + 1n, PRIME - 2n, PRIME)) % PRIME
  const point = toLittleEndian(y)
  point[31] = (point[31] ?? 0) | sign
  return point
}

const sha512 = (...parts: Uint8Array[]): Buffer => createHash('sha512').update(Buffer.concat(parts)).digest()

function check(point: Buffer, message: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, message, importPublic('ed25519', point), signature)
}

function sign(privateKey: Uint8Array, buf: Uint8Array): Buffer {
  checkPrivate(privateKey)
  if (!buf) throw new Error('Invalid message')
  const secret = clamp(privateKey)
  const scalar = fromLittleEndian(secret)
  const montgomery = rawPublic(createPublicKey(importPrivate('x25519', secret)))
  // The seed depends on the key and the message too, so that a weak source of randomness does not give a nonce twice.
  const seed = createHmac('sha512', randomBytes(64)).update(secret).update(buf).digest().subarray(0, KEY_BYTES)
  const nonce = fromLittleEndian(clamp(sha512(seed).subarray(0, KEY_BYTES)))
  const commitment = rawPublic(createPublicKey(importPrivate('ed25519', seed)))
  const attempt = (bit: number): Buffer | undefined => {
    const point = edwards(montgomery, bit)
    const challenge = fromLittleEndian(sha512(commitment, point, buf)) % ORDER
    const signature = Buffer.concat([commitment, toLittleEndian((nonce + challenge * scalar) % ORDER)])
    if (!check(point, buf, signature)) return undefined
    signature[63] = (signature[63] ?? 0) | bit
    return signature
  }
  // X25519 does not tell the sign of x: the one signature of the two that verifies does.
  const signature = attempt(0) ?? attempt(0x80)
  if (!signature) throw new Error('Invalid private key')
  return signature
}

export const Curve = {
  generateKeyPair: (): KeyPair => {
    const pair = generateKeyPairSync('x25519')
    return { private: clamp(rawPrivate(pair.privateKey)), public: Buffer.from(rawPublic(pair.publicKey)) }
  },
  sharedKey: (privateKey: Uint8Array, publicKey: Uint8Array): Buffer => {
    checkPrivate(privateKey)
    return diffieHellman({ privateKey: importPrivate('x25519', privateKey), publicKey: importPublic('x25519', barePublic(publicKey)) })
  },
  sign: (privateKey: Uint8Array, buf: Uint8Array): Uint8Array => sign(privateKey, buf),
  verify: (pubKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
    try {
      if (signature.length !== SIGNATURE_BYTES) return false
      const bare = Buffer.from(signature)
      const bit = (bare[63] ?? 0) & 0x80
      bare[63] = (bare[63] ?? 0) & 0x7f
      return check(edwards(barePublic(pubKey), bit), message, bare)
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
