/** The Noise handshake of a connection (XX, 25519, AESGCM, SHA256), and the frames after it. */
import { Boom } from '@hapi/boom'

import { decodeBinaryNode } from './binary-nodes.js'
import { NOISE_MODE, WA_CERT_DETAILS } from './constants.js'
import { aesDecryptGCM, aesEncryptGCM, hkdf, sha256 } from './crypto.js'
import { Curve, type KeyPair } from './curve.js'
import type { BinaryNode } from './nodes.js'
import { loadProto } from './proto.js'
import type { ProtoClass } from './types.js'

const FRAME_HEAD = 3
const MAX_FRAME = 2 ** 24 - 1
const NOTHING = new Uint8Array()

interface NoiseLogger {
  level?: string
  trace(value: unknown, message?: string): void
}
interface Certificate {
  details?: Uint8Array | null
  signature?: Uint8Array | null
}
/** `proto.HandshakeMessage`, as far as it is read. */
export interface HandshakeMessage {
  serverHello?: { ephemeral?: Uint8Array | null; static?: Uint8Array | null; payload?: Uint8Array | null } | null
}

/** Eight zero bytes and a counter. */
function nonce(counter: number): Uint8Array {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt32BE(counter, 8)
  return bytes
}

/** `h`, `ck`, `k` and `n` of the specification. */
class SymmetricState {
  #hash: Uint8Array
  #chainingKey: Uint8Array
  #key: Uint8Array
  #counter = 0

  constructor(protocolName: string) {
    const name = Buffer.from(protocolName)
    this.#hash = name.length === 32 ? name : sha256(name)
    this.#chainingKey = this.#hash
    this.#key = this.#hash
  }
  mixHash(data: Uint8Array): void {
    this.#hash = sha256(Buffer.concat([this.#hash, data]))
  }
  #expand(data: Uint8Array): [Uint8Array, Uint8Array] {
    const expanded = hkdf(data, 64, { salt: this.#chainingKey, info: '' })
    return [expanded.subarray(0, 32), expanded.subarray(32)]
  }
  mixKey(data: Uint8Array): void {
    ;[this.#chainingKey, this.#key] = this.#expand(data)
    this.#counter = 0
  }
  encrypt(plaintext: Uint8Array): Buffer {
    const ciphertext = aesEncryptGCM(plaintext, this.#key, nonce(this.#counter++), this.#hash)
    this.mixHash(ciphertext)
    return ciphertext
  }
  decrypt(ciphertext: Uint8Array): Buffer {
    const plaintext = aesDecryptGCM(ciphertext, this.#key, nonce(this.#counter++), this.#hash)
    this.mixHash(ciphertext)
    return plaintext
  }
  split(): Transport {
    return new Transport(...this.#expand(NOTHING))
  }
}

/** After the handshake: a key and a counter for each direction. */
class Transport {
  readonly #write: Uint8Array
  readonly #read: Uint8Array
  #written = 0
  #got = 0

  constructor(write: Uint8Array, read: Uint8Array) {
    this.#write = write
    this.#read = read
  }
  encrypt(plaintext: Uint8Array): Buffer {
    return aesEncryptGCM(plaintext, this.#write, nonce(this.#written++), NOTHING)
  }
  decrypt(ciphertext: Uint8Array): Buffer {
    return aesDecryptGCM(ciphertext, this.#read, nonce(this.#got++), NOTHING)
  }
}

/** Which data center the service wants, where it said so, and the version of the protocol. */
function introOf(header: Uint8Array, routingInfo: Uint8Array | undefined): Buffer {
  if (!routingInfo) return Buffer.from(header)
  const length = Buffer.from([routingInfo.length >> 16, (routingInfo.length >> 8) & 0xff, routingInfo.length & 0xff])
  return Buffer.concat([Buffer.from('ED\0\x01'), length, routingInfo, header])
}

const refused = (message: string): Boom => new Boom(message, { statusCode: 400 })

/** The server's key is signed by an intermediate one, and that by the root. */
function checkCertificates(chain: Uint8Array): void {
  const { CertChain } = loadProto() as unknown as {
    CertChain: ProtoClass<{ leaf?: Certificate | null; intermediate?: Certificate | null }> & {
      NoiseCertificate: { Details: ProtoClass<{ key: Uint8Array; issuerSerial: number }> }
    }
  }
  const { leaf, intermediate } = CertChain.decode(chain)
  if (!leaf?.details || !leaf.signature) throw refused('invalid noise leaf certificate')
  if (!intermediate?.details || !intermediate.signature) throw refused('invalid noise intermediate certificate')
  const { key, issuerSerial } = CertChain.NoiseCertificate.Details.decode(intermediate.details)
  if (!Curve.verify(key, leaf.details, leaf.signature)) throw refused('noise certificate signature invalid')
  if (!Curve.verify(WA_CERT_DETAILS.PUBLIC_KEY, intermediate.details, intermediate.signature)) {
    throw refused('noise intermediate certificate signature invalid')
  }
  if (issuerSerial !== WA_CERT_DETAILS.SERIAL) throw refused('certification match failed')
}

export interface NoiseHandler {
  encrypt(plaintext: Uint8Array): Uint8Array
  decrypt(ciphertext: Uint8Array): Uint8Array
  /** Mixes data into the hash of the handshake. */
  authenticate(data: Uint8Array): void
  mixIntoKey(data: Uint8Array): void
  /** The handshake is over: frames are encrypted from now on. */
  finishInit(): Promise<void>
  /** Takes the server's answer; gives the encrypted static key for the last message. @throws Boom 400 for a server that is not the service */
  processHandshake(answer: HandshakeMessage, noiseKey: KeyPair): Uint8Array
  /** The first frame has the introduction in front. */
  encodeFrame(data: Uint8Array): Buffer<ArrayBuffer>
  /** Frames may come in pieces. During the handshake they are given as bytes, then as nodes. */
  decodeFrame(newData: Uint8Array, onFrame: (frame: Uint8Array | BinaryNode) => void): Promise<void>
}

export const makeNoiseHandler = ({
  keyPair,
  NOISE_HEADER,
  logger,
  routingInfo,
}: {
  keyPair: KeyPair
  NOISE_HEADER: Uint8Array
  logger: NoiseLogger
  routingInfo?: Uint8Array | undefined
}): NoiseHandler => {
  const handshake = new SymmetricState(NOISE_MODE)
  let transport: Transport | undefined
  let intro: Buffer | undefined = introOf(NOISE_HEADER, routingInfo)
  let received: Uint8Array[] = []
  let size = 0
  /** How many bytes there must be before looking at them is worth it. */
  let wanted = FRAME_HEAD
  let reading: Promise<void> | undefined

  const authenticate = (data: Uint8Array): void => {
    if (!transport) handshake.mixHash(data)
  }
  /** The next whole frame of what was received. */
  function nextFrame(): Buffer | undefined {
    if (size < wanted) return undefined
    const bytes = Buffer.concat(received)
    received = [bytes]
    wanted = FRAME_HEAD + bytes.readUIntBE(0, FRAME_HEAD)
    if (size < wanted) return undefined
    const frame = bytes.subarray(FRAME_HEAD, wanted)
    received = [bytes.subarray(wanted)]
    size -= wanted
    wanted = FRAME_HEAD
    return frame
  }
  async function read(onFrame: (frame: Uint8Array | BinaryNode) => void): Promise<void> {
    for (let frame = nextFrame(); frame; frame = nextFrame()) {
      if (!transport) onFrame(frame)
      else {
        const node = await decodeBinaryNode(transport.decrypt(frame))
        if (logger.level === 'trace') logger.trace({ id: node.attrs['id'] }, 'a frame')
        onFrame(node)
      }
    }
  }

  authenticate(NOISE_HEADER)
  authenticate(keyPair.public)
  return {
    encrypt: plaintext => (transport ?? handshake).encrypt(plaintext),
    decrypt: ciphertext => (transport ?? handshake).decrypt(ciphertext),
    authenticate,
    mixIntoKey: data => handshake.mixKey(data),
    async finishInit() {
      transport = handshake.split()
      logger.trace('the handshake is over')
    },
    processHandshake({ serverHello }, noiseKey) {
      const { ephemeral, static: encryptedStatic, payload } = serverHello as { ephemeral: Uint8Array; static: Uint8Array; payload: Uint8Array }
      handshake.mixHash(ephemeral)
      handshake.mixKey(Curve.sharedKey(keyPair.private, ephemeral))
      handshake.mixKey(Curve.sharedKey(keyPair.private, handshake.decrypt(encryptedStatic)))
      checkCertificates(handshake.decrypt(payload))
      const encrypted = handshake.encrypt(noiseKey.public)
      handshake.mixKey(Curve.sharedKey(noiseKey.private, ephemeral))
      return encrypted
    },
    encodeFrame(data) {
      const payload = transport ? transport.encrypt(data) : data
      if (payload.length > MAX_FRAME) throw new RangeError(`A frame of ${payload.length} bytes is too long.`)
      const head = Buffer.alloc(FRAME_HEAD)
      head.writeUIntBE(payload.length, 0, FRAME_HEAD)
      const frame = Buffer.concat([...(intro ? [intro] : []), head, payload])
      intro = undefined
      return frame
    },
    async decodeFrame(newData, onFrame) {
      received.push(newData)
      size += newData.length
      // One reader at a time: a compressed frame must not be overtaken by the next one.
      while (reading) await reading.catch(() => undefined)
      reading = read(onFrame).finally(() => {
        reading = undefined
      })
      await reading
    },
  }
}
