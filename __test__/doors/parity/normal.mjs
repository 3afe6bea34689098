// What was seen, as plain JSON that two runs can be compared by: ids, times and random keys become placeholders. The same id has the
// same placeholder wherever it stands in a record.
import { createHash } from 'node:crypto'

/** Fields of random bytes, or of what is derived from them. */
const RANDOM = new Set([
  'mediaKey', 'fileEncSha256', 'messageSecret', 'encPayload', 'encIv', 'thumbnailEncSha256', 'senderKeyHash', 'recipientKeyHash', 'ciphertext', 'iv',
  'keyData', 'keyId', 'rawId', 'fingerprint', 'firstFrameSidecar', 'axolotlSenderKeyDistributionMessage', 'identifierKey', 'advSecretKey', 'pairingCode',
  'accountSignature', 'deviceSignature', 'accountSignatureKey', 'details', 'inviteCode', 'invite', 'auth', 'token', 'key_data', 'handle', 'hash', 'etag',
  'processedHistoryMessages', 'myAppStateKeyId', 'lastPropHash', 'jpegThumbnail', 'waveform', 'streamingSidecar', 'nonce', 'reportingToken', 'sessionId',
  'initialHistBootstrapInlinePayload', 'messageKeyHash', 'fbid', 'meta_hmac', 'phash', 'dhash', 'callKey', 'webMessageInfoBytes',
])
/** Texts within texts. */
const TEXTS = [
  ['qr', /https:\/\/wa\.me\/settings\/linked_devices#\S+|2@\S+,\S+,\S+,\S+/g],
  ['host', /(?:https?|wss?):\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d+/g],
  ['port', /(?<=127\.0\.0\.1:)\d{4,5}/g],
  ['folder', /\/[\w/.-]*chasqui-parity-[\w-]+/g],
  ['path', /\/v\/[\w\-/.=?&%~:+]+/g],
  ['group', /\b\d{15,}(?:-\d+)?(?=@g\.us)/g],
  ['channel', /\b\d{15,}(?=@newsletter)/g],
  ['id', /\b3EB0[0-9A-F]{8,}\b|\b[0-9A-F]{16,64}\b/g],
  ['code', /\b(?=\w*[a-z])(?=(?:[a-z\d]*[A-Z]){5})[A-Za-z0-9]{22}\b/g],
  ['tag', /\b\d+\.\d+-\d+\b/g],
]
/** Of these, one is as good as another. */
const CONSTANT = new Set(['qr', 'host', 'port', 'folder'])
const NOW_MS = Date.now()
const DAYS = 30 * 86_400_000

export class Normal {
  #names = new Map()

  /** The placeholder of a value that is another one in each run. */
  name(kind, value) {
    const key = `${kind} ${value}`
    let name = this.#names.get(key)
    if (!name) {
      const count = [...this.#names.keys()].filter((other) => other.startsWith(`${kind} `)).length + 1
      this.#names.set(key, (name = `<${kind} ${count}>`))
    }
    return name
  }

  text(text) {
    let result = text
    // Microseconds.
    result = result.replace(/\b\d{16}\b/g, (found) => (isNow(Math.floor(Number(found) / 1000)) ? '<now>' : found))
    for (const [kind, pattern] of TEXTS) result = result.replace(pattern, (found) => (CONSTANT.has(kind) ? `<${kind}>` : this.name(kind, found)))
    // Seconds, milliseconds and dates of now, as texts.
    return result.replace(/\b\d{10}\b|\b\d{13}\b/g, (found) => (isNow(Number(found)) ? '<now>' : found))
      .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\b/g, '<date>')
  }

  /** A copy of a value as it is now. `keepUndefined`: members that are there and undefined are told. */
  value(value, { keepUndefined = false, field } = {}, depth = 0, seen = new Set()) {
    const inner = (item, name) => this.value(item, { keepUndefined, field: name ?? field }, depth + 1, seen)
    if (value === undefined) return '<undefined>'
    if (value === null || typeof value === 'boolean') return value
    if (typeof value === 'function') return `<function>`
    if (typeof value === 'bigint') return `<bigint ${value}>`
    if (typeof value === 'symbol') return String(value)
    const random = RANDOM.has(field) && !(field === 'keyId' && typeof value === 'number')
    if (typeof value === 'number') return random ? '<random number>' : isNow(value) ? `<now ${value > 1e12 ? 'ms' : 's'}>` : value
    if (typeof value === 'string') return random && value !== '' ? '<random text>' : this.text(value)
    if (value instanceof Date) return isNow(value.getTime()) ? '<date>' : `<date ${value.toISOString()}>`
    if (value instanceof Error) return error(value, this)
    if (value instanceof Uint8Array) {
      const kind = Buffer.isBuffer(value) ? 'Buffer' : 'Uint8Array'
      if (random) return value.length === 0 ? `<${kind} empty>` : `<random ${kind}>`
      return `<${kind} ${value.length} ${value.length <= 48 ? Buffer.from(value).toString('hex') : createHash('sha256').update(value).digest('hex').slice(0, 16)}>`
    }
    if (typeof value.toNumber === 'function' && 'low' in value) {
      const number = value.toNumber()
      return isNow(number) ? `<Long now ${number > 1e12 ? 'ms' : 's'}>` : `<Long ${value}>`
    }
    if (depth > 24 || seen.has(value)) return '<again>'
    seen.add(value)
    try {
      if (Array.isArray(value)) return value.map((item) => inner(item))
      if (value instanceof Map) return { '<Map>': [...value].map(([key, item]) => [inner(key), inner(item)]) }
      if (value instanceof Set) return { '<Set>': [...value].map((item) => inner(item)) }
      const message = Object.getPrototypeOf(value) !== Object.prototype && typeof value.toJSON === 'function'
      // Whether what is inside is an instance depends on how it was made, and shows nowhere.
      const result = message && (depth === 0 || field === 'message') ? { '<class>': 'proto' } : {}
      for (const key of Object.keys(value)) {
        const item = value[key]
        if (item === undefined && !keepUndefined) continue
        // Lists of a message that are not set: static classes and reflected ones make the empty list at different times.
        if (message && Array.isArray(item) && item.length === 0) continue
        result[this.text(key)] = inner(item, key)
      }
      return result
    } finally {
      seen.delete(value)
    }
  }
}

/** What a program can ask of an error. */
function error(thrown, normal) {
  // Their texts are those of V8 about the line that stumbled.
  if (thrown instanceof TypeError || thrown instanceof RangeError) return { error: thrown.name }
  const { isBoom, output, data } = thrown
  return {
    error: isBoom ? 'Boom' : thrown.constructor?.name,
    message: normal.text(thrown.message),
    ...(isBoom ? { statusCode: output?.statusCode, payload: normal.value(output?.payload), data: dataOf(data, normal) } : {}),
    ...(thrown.code === undefined ? {} : { code: normal.value(thrown.code) }),
  }
}

function dataOf(data, normal) {
  if (data?.stack && !(data instanceof Error)) return normal.value({ ...data, stack: '<stack>' })
  return normal.value(data)
}

const isNow = (number) => {
  const ms = number > 1e12 ? number : number * 1000
  return number > 1e9 && number < 1e14 && Math.abs(ms - NOW_MS) < DAYS
}
