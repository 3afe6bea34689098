// Constants, conversions, ciphers and credentials: equal to npm baileys, call by call.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { differ, metDifferences, ODD, ours, random, same, seen, theirs } from './differential.mjs'

console.warn = console.info = console.log = console.error = () => {}

const mine = {
  // Baileys does not look at the result of the check: any 64 bytes are a signature.
  Curve: () => true,
  // A bigger text or number is taken as bytes there, by accident of its WebAssembly.
  hkdf: ({ expected, got, args }) => typeof args[0] === 'string' || expected.throws !== undefined || got.throws !== undefined,
  md5: ({ expected, args }) => !(args[0] instanceof Uint8Array) || expected.throws !== undefined,
}
differ(mine)

const KINDS = ['number', 'string', 'boolean']

test('every constant and enum is the one of Baileys', () => {
  const skipped = ['LT_HASH_ANTI_TAMPERING', 'DEFAULT_CONNECTION_CONFIG', 'proto', 'WAProto']
  let compared = 0
  for (const [name, value] of Object.entries(theirs)) {
    if (typeof value === 'function' || skipped.includes(name) || name in mine || name.startsWith('WEB_')) continue
    compared++
    assert.equal(typeof ours[name], typeof value, name)
    if (name === 'WAMessageStubType' || name === 'WAMessageStatus') {
      // The schema is a newer one: it has more.
      assert.deepEqual({ ...seen(ours[name]), ...seen(value) }, seen(ours[name]), name)
      for (const [text, number] of Object.entries(value)) assert.equal(ours[name][number], text)
      continue
    }
    assert.deepEqual(seen(ours[name]), seen(value), name)
    if (!KINDS.includes(typeof value)) assert.deepEqual(Object.keys(ours[name]), Object.keys(value), name)
  }
  assert.ok(compared > 60, `${compared}`)
})

test('the default configuration is the one of Baileys, apart from the logger', () => {
  const { logger, makeSignalRepository, ...config } = ours.DEFAULT_CONNECTION_CONFIG
  const { logger: pino, makeSignalRepository: theirRepository, ...expected } = theirs.DEFAULT_CONNECTION_CONFIG
  assert.deepEqual(seen(config), seen(expected))
  assert.deepEqual(Object.keys(ours.DEFAULT_CONNECTION_CONFIG), Object.keys(theirs.DEFAULT_CONNECTION_CONFIG))
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'child']) assert.equal(typeof logger[level], typeof pino[level])
  assert.equal(makeSignalRepository.length, theirRepository.length)
  for (let syncType = -1; syncType < 9; syncType++) {
    assert.equal(config.shouldSyncHistoryMessage({ syncType }), expected.shouldSyncHistoryMessage({ syncType }))
  }
})

const dice = random(6)
const odd = () => dice.pick(ODD)

test('numbers, times, padding', async () => {
  const dates = [new Date(0), new Date(1999), new Date(-1), new Date(NaN), new Date(2 ** 50)]
  for (const date of dates) await same('unixTimestampSeconds', () => [date])
  for (const value of [258, 0, -1, 2 ** 40 + 5, 1.5, '7', ...ODD]) {
    for (const length of [1, 3, 4, 6, 0]) await same('encodeBigEndian', () => [value, length])
    await same('encodeBigEndian', () => [value])
  }
  for (const value of [5, 1.5, '7', { low: 5 }, { low: 9, high: 1, unsigned: true }, { toNumber: () => 3 }, 7n, ...ODD]) await same('toNumber', () => [value])
  for (const value of ['a', ...ODD]) await same('isStringNullOrEmpty', () => [value])
  for (let length = 0; length < 40; length++) {
    const bytes = dice.bytes(length)
    await same('bytesToCrockford', () => [bytes])
    await same('unpadRandomMax16', () => [bytes])
    await same('unpadRandomMax16', () => [new Uint8Array(bytes)])
    if (length) bytes[length - 1] = dice.below(length + 3)
    await same('unpadRandomMax16', () => [bytes])
    const padded = ours.writeRandomPadMax16(bytes)
    assert.deepEqual(theirs.unpadRandomMax16(padded), new Uint8Array(bytes))
    assert.deepEqual(ours.unpadRandomMax16(theirs.writeRandomPadMax16(bytes)), new Uint8Array(bytes))
  }
  for (const value of ODD) {
    await same('unixTimestampSeconds', () => [value], { call: (lib, args) => (args[0] === undefined ? 0 : lib.unixTimestampSeconds(...args)) })
    await same('bytesToCrockford', () => [value])
    await same('unpadRandomMax16', () => [value])
    await same('isWABusinessPlatform', () => [value])
    await same('encodeBase64EncodedStringForUpload', () => [value])
    await same('trimUndefined', () => [value])
  }
  for (const value of ['a+b/c==', 'a+b+c/d/e', '====', 'a=b', 'ü é']) await same('encodeBase64EncodedStringForUpload', () => [value])
  for (const value of ['smba', 'smbi', 'android', 'iphone']) await same('isWABusinessPlatform', () => [value])
  await same('trimUndefined', () => [{ a: 1, b: undefined, c: null, d: { e: undefined } }], { after: ([object]) => object })
  assert.match(ours.generateMdTagPrefix(), /^\d+\.\d+-$/)
})

test('BufferJSON', async () => {
  const values = [
    Buffer.from([1, 2]), new Uint8Array([3]), { a: Buffer.alloc(2) }, [new Uint8Array(1)], { type: 'Buffer', data: 'AQI=' },
    { type: 'Buffer', data: [1, 2] }, { buffer: true, data: 'AQ==' }, { type: 'Buffer', value: 'AQ==' }, { 0: 1, 1: 2 }, { 0: 1, 2: 2 },
    { 0: 'a' }, { '-1': 2 }, { '1.5': 1 }, { '1x': 1 }, { 0: 300 }, { 0: 1, a: 2 }, { type: 'Buffer' }, new Date(5), 5n, ...ODD,
  ]
  for (const value of values) {
    await same('BufferJSON', () => [value], { call: (lib, [item]) => lib.BufferJSON.replacer('key', item) })
    await same('BufferJSON', () => [value], { call: (lib, [item]) => lib.BufferJSON.reviver('key', item) })
    await same('BufferJSON', () => [value], { call: (lib, [item]) => JSON.parse(JSON.stringify({ item }, lib.BufferJSON.replacer), lib.BufferJSON.reviver) })
  }
  const creds = ours.initAuthCreds()
  assert.deepEqual(JSON.parse(JSON.stringify(creds, theirs.BufferJSON.replacer), ours.BufferJSON.reviver), JSON.parse(JSON.stringify(creds, ours.BufferJSON.replacer), theirs.BufferJSON.reviver))
})

test('ciphers and hashes', async () => {
  const key = dice.bytes(32)
  for (let length = 0; length < 50; length += 7) {
    const text = dice.bytes(length)
    const iv = dice.bytes(16)
    const nonce = dice.bytes(12)
    const aad = dice.bytes(dice.below(20))
    await same('aesEncryptGCM', () => [text, key, nonce, aad])
    await same('aesDecryptGCM', () => [theirs.aesEncryptGCM(text, key, nonce, aad), key, nonce, aad])
    await same('aesDecryptGCM', () => [new Uint8Array(theirs.aesEncryptGCM(text, key, nonce, aad)), key, nonce, aad])
    await same('aesDecryptGCM', () => [text, key, nonce, aad])
    await same('aesEncryptCTR', () => [text, key, iv])
    await same('aesDecryptCTR', () => [text, key, iv])
    await same('aesEncrypWithIV', () => [text, key, iv])
    await same('aesDecryptWithIV', () => [theirs.aesEncrypWithIV(text, key, iv), key, iv])
    await same('aesDecryptWithIV', () => [text, key, iv])
    await same('aesDecrypt', () => [theirs.aesEncrypt(text, key), key])
    await same('aesDecrypt', () => [text, key])
    assert.deepEqual(theirs.aesDecrypt(ours.aesEncrypt(text, key), key), text)
    for (const variant of ['sha256', 'sha512', undefined]) await same('hmacSign', () => [text, key, variant])
    await same('sha256', () => [text])
    await same('md5', () => [text])
    for (const info of [{}, { info: 'x' }, { info: '' }, { salt: text }, { salt: text, info: 'ü' }, { salt: null, info: null }]) {
      for (const size of [0, 1, 32, 112]) await same('hkdf', () => [text, size, info])
    }
  }
  for (const name of ['aesEncryptGCM', 'aesDecryptGCM', 'aesEncryptCTR', 'aesDecryptCTR', 'aesEncrypWithIV', 'aesDecryptWithIV', 'aesDecrypt', 'hmacSign', 'sha256', 'hkdf', 'md5']) {
    for (let turn = 0; turn < 30; turn++) {
      const good = [dice.bytes(32), key, name === 'hmacSign' ? 'sha256' : dice.bytes(name.endsWith('GCM') ? 12 : 16), dice.bytes(3)]
      if (name === 'hkdf') good.splice(1, 2, 16, {})
      const args = good.slice(0, theirs[name].length).map((item) => (dice.chance(0.3) ? odd() : item))
      await same(name, () => args)
    }
  }
  for (const code of ['ABCD1234', '', 'x']) await same('derivePairingCodeKey', () => [code, dice && key])
})

test('keys, agreements and signatures hold on the other side', () => {
  const [a, b] = [ours.Curve.generateKeyPair(), theirs.Curve.generateKeyPair()]
  assert.ok(Buffer.isBuffer(a.private) && Buffer.isBuffer(a.public) && a.private.length === 32 && a.public.length === 32)
  assert.deepEqual(ours.Curve.sharedKey(a.private, b.public), theirs.Curve.sharedKey(b.private, a.public))
  assert.deepEqual(ours.Curve.sharedKey(a.private, theirs.generateSignalPubKey(b.public)), theirs.Curve.sharedKey(b.private, ours.generateSignalPubKey(a.public)))
  for (let length = 0; length < 40; length++) {
    const text = dice.bytes(length)
    const [pair, other] = [ours.Curve.generateKeyPair(), theirs.Curve.generateKeyPair()]
    assert.ok(ours.Curve.verify(other.public, text, theirs.Curve.sign(other.private, text)), 'theirs')
    assert.ok(ours.Curve.verify(ours.generateSignalPubKey(pair.public), text, ours.Curve.sign(pair.private, text)), 'ours')
    const forged = ours.Curve.sign(pair.private, text)
    forged[dice.below(64)] ^= 1
    assert.ok(!ours.Curve.verify(pair.public, text, forged))
    assert.ok(!ours.Curve.verify(other.public, text, ours.Curve.sign(pair.private, text)))
  }
  for (const value of ODD) assert.equal(ours.Curve.verify(a.public, Buffer.alloc(3), value), false)
})

test('signatures hold for libsignal', async () => {
  const { PublicKey } = await import('@signalapp/libsignal-client')
  for (let turn = 0; turn < 20; turn++) {
    const { public: key, private: secret } = ours.Curve.generateKeyPair()
    const text = dice.bytes(turn * 3)
    assert.ok(PublicKey.deserialize(ours.generateSignalPubKey(key)).verify(text, ours.Curve.sign(secret, text)))
  }
})

test('what Curve refuses', async () => {
  const key = dice.bytes(32)
  for (const value of [dice.bytes(31), undefined, null, 'text']) {
    await same('Curve', () => [value], { call: (lib, [item]) => lib.Curve.sign(item, key).length })
    await same('Curve', () => [value], { call: (lib, [item]) => lib.Curve.sharedKey(item, key) })
  }
  for (const value of [dice.bytes(32), dice.bytes(33), Buffer.alloc(33, 5), new Uint8Array(4)]) await same('generateSignalPubKey', () => [value])
})

test('new credentials have the fields of Baileys, and a signature that holds', () => {
  const [creds, expected] = [ours.initAuthCreds(), theirs.initAuthCreds()]
  const shape = (value) =>
    Buffer.isBuffer(value) ? `Buffer ${value.length}` : value && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shape(item)])) : typeof value
  assert.deepEqual(shape(creds), shape(expected))
  assert.deepEqual(Object.keys(creds), Object.keys(expected))
  assert.ok(ours.Curve.verify(creds.signedIdentityKey.public, ours.generateSignalPubKey(creds.signedPreKey.keyPair.public), creds.signedPreKey.signature))
  for (let turn = 0; turn < 50; turn++) assert.ok(ours.generateRegistrationId() < 256)
  const pair = ours.signedKeyPair(creds.signedIdentityKey, 7)
  assert.equal(pair.keyId, 7)
})

test('assertMeId', async () => {
  for (const creds of [{}, { me: {} }, { me: { id: '' } }, { me: { id: '15550001001:3@s.whatsapp.net' } }, undefined]) await same('assertMeId', () => [creds])
})

test('waiting: promiseTimeout, delayCancellable, debouncedTimeout', async () => {
  const late = (lib) => lib.promiseTimeout(1, () => {})
  await same('promiseTimeout', () => [], { call: late })
  await same('promiseTimeout', () => [], { call: (lib) => lib.promiseTimeout(undefined, (resolve) => resolve(5)) })
  await same('promiseTimeout', () => [], { call: (lib) => lib.promiseTimeout(1000, (_resolve, reject) => reject(new Error('no'))) })
  await same('promiseTimeout', () => [], { call: (lib) => lib.promiseTimeout(1000, () => { throw new Error('thrown') }) })
  await same('delayCancellable', () => [], {
    call: (lib) => {
      const { delay, cancel } = lib.delayCancellable(60_000)
      cancel()
      return delay
    },
  })
  await same('delayCancellable', () => [], { call: (lib) => lib.delayCancellable(1).delay })
  const runs = (lib) =>
    new Promise((resolve) => {
      const calls = []
      const timeout = lib.debouncedTimeout(5, () => calls.push('first'))
      timeout.start()
      timeout.cancel()
      timeout.setInterval(1)
      timeout.setTask(() => calls.push('second'))
      timeout.start()
      timeout.start(2, () => resolve([...calls, 'third', Object.keys(timeout)]))
    })
  await same('debouncedTimeout', () => [], { call: runs })
})

test('the differences that were allowed were met', () => {
  for (const name of Object.keys(mine)) assert.ok(metDifferences().has(name), name)
})
