// What a store keeps secret, and a scanner that finds it in any output, however it is encoded.

import { storeRecords } from './sqlite-records.mjs'

/** Secrets are looked for in pieces of this size: whatever holds 31 bytes of one in a row holds a whole piece. */
const PIECE = 16

const META = 0, SESSION = 1, PREKEY = 3, SIGNED_PREKEY = 4, OUTBOX = 7, INBOX = 8, SENT = 9, APP_STATE_KEY = 13

/** `{ name, bytes }` of each secret in a store's file. */
export function secretsOf(file) {
  return storeRecords(file).flatMap(({ namespace, key, value }) => {
    const secret = (name, bytes) => (bytes?.length >= PIECE ? [{ name, bytes }] : [])
    switch (namespace) {
      case META: {
        if (key.toString() !== 'creds') return []
        const fields = protobuf(value)
        return [
          ...secret('noise key', fields.get(1)), ...secret('identity key', fields.get(2)),
          ...secret('signed prekey', fields.get(3)?.subarray(4, 36)), ...secret('adv secret', fields.get(5)),
        ]
      }
      // Ratchet and chain keys are most of it; its public keys are no business of a log either.
      case SESSION: return secret('session', value)
      case PREKEY: return secret('prekey', value.subarray(4, 36))
      case SIGNED_PREKEY: return secret('signed prekey', value.subarray(4, 36))
      case OUTBOX: case SENT: return secret('message secret', messageSecret(protobuf(value).get(3)))
      case INBOX: return secret('message secret', messageSecret(value.subarray(5 + value.readUInt32BE(1))))
      case APP_STATE_KEY: return secret('app-state key', protobuf(protobuf(value).get(2)).get(1))
      default: return []
    }
  })
}

/** `messageContextInfo.messageSecret` of a Message. */
const messageSecret = (message) => protobuf(protobuf(message).get(35)).get(3)

/** The last length-delimited field of each number. */
function protobuf(bytes) {
  const fields = new Map()
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; at < bytes.length; shift += 7n) {
      const byte = bytes[at++]
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    return Number(value)
  }
  while (bytes && at < bytes.length) {
    const key = varint()
    if ((key & 7) === 0) varint()
    else if ((key & 7) === 1) at += 8
    else if ((key & 7) === 5) at += 4
    else if ((key & 7) === 2) {
      const length = varint()
      fields.set(Math.floor(key / 8), bytes.subarray(at, at + length))
      at += length
    } else break
  }
  return fields
}

/** Names of the secrets of which a piece is in the output: as raw bytes, escaped, hex, base64(url), or numbers. */
export function findSecrets(output, secrets) {
  const wanted = new Map()
  for (const { name, bytes } of secrets) {
    for (let at = 0; at + PIECE <= bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE)
      // Zeros and the like are no secret.
      if (new Set(piece).size > PIECE / 2) wanted.set(piece.toString('latin1'), name)
    }
  }
  const found = new Set()
  for (const bytes of readings(output)) {
    const text = bytes.toString('latin1')
    for (let at = 0; at + PIECE <= text.length; at++) {
      const name = wanted.get(text.slice(at, at + PIECE))
      if (name) found.add(name)
    }
  }
  return [...found].sort()
}

/** The output as bytes, and every part of it that may stand for other bytes, decoded. */
function* readings(output) {
  yield output
  const text = output.toString('latin1')
  // Characters may stand for bytes, in Latin-1 or in UTF-8, and be escaped.
  for (const encoding of ['latin1', 'utf8']) yield Buffer.from(output.toString(encoding).replace(ESCAPE, unescaped), 'latin1')
  for (const [run] of text.matchAll(/(?:(?:0x)?[0-9a-f]{1,2}[\s,:-]*){16,}/gi)) {
    const digits = run.replaceAll(/0x|[^0-9a-f]/gi, '')
    for (const skip of [0, 1]) yield Buffer.from(digits.slice(skip), 'hex')
  }
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{20,}/g)) {
    for (let skip = 0; skip < 4; skip++) yield Buffer.from(run.slice(skip), 'base64')
  }
  for (const [run] of text.matchAll(/(?:\d{1,3}[\s,;]+){15,}\d{1,3}/g)) yield Buffer.from(run.match(/\d+/g).map(Number))
}

const ESCAPE = /\\x([0-9a-f]{2})|\\u\{?(?:00)?([0-9a-f]{1,2})\}?|\\([bfnrt0"'\\])/gi
const NAMED = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', 0: '\0' }

function unescaped(_, x, u, named) {
  return named ? NAMED[named] ?? named : String.fromCharCode(Number.parseInt(x ?? u, 16))
}
