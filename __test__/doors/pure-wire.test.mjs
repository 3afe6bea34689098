// Bytes on the wire: stanzas, the handshake and its frames, statistics.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'

import { differ, metDifferences, ODD, ours, random, same, seen, theirs } from './differential.mjs'

const mine = {
  // Texts with an @ that are no addresses stand as text here, and addresses that are the content of a node too: bytes for a reader.
  encodeBinaryNode: ({ args: [{ attrs }] }) => attrs.v?.includes('@'),
  // The engine says in its own words what is wrong, and takes an empty list of children for no content.
  decodeDecompressedBinaryNode: ({ got, expected }) => Boolean(got.throws && expected.throws),
  decodeBinaryNode: ({ got, expected }) => Boolean(got.throws && expected.throws),
  // There the results of two of the three checks of the certificates are not looked at.
  makeNoiseHandler: ({ got }) => /signature invalid/.test(got.message ?? ''),
}
differ(mine)

const OPTIONS = {}
const TEXTS = ['iq', 'message', 'type', 'xmlns', 'w:g2', 'result', 'abcdef', 'ABCDEF', '0123', '12.3-4', '', 'ü', 'true', '1700000000', 'x'.repeat(300), '-', '.', 'A1', '\u0000', '3EB0A1B2C3D4E5F6']
const JIDS = ['15550001001@s.whatsapp.net', '15550001001:3@s.whatsapp.net', '100000000001@lid', '100000000001:7@lid', '120363000000000001@g.us', 'status@broadcast', '5@newsletter', 's.whatsapp.net', 'g.us', '15550001001:2@hosted']

function tree(dice, depth = 0) {
  const attrs = Object.fromEntries(dice.many(dice.below(4), () => [dice.pick(['id', 'to', 'from', 'type', 'own', 't']), dice.pick(dice.chance(0.5) ? TEXTS : JIDS)]))
  const content = dice.pick([
    () => undefined,
    () => dice.bytes(dice.below(20)),
    () => dice.pick(TEXTS),
    () => dice.bytes(dice.pick([255, 256, 1000])),
    () => (depth < 4 ? dice.many(1 + dice.below(dice.chance(0.05) ? 300 : 4), () => tree(dice, depth + 1)) : undefined),
  ])()
  return { tag: dice.pick(['iq', 'message', 'own', 'enc', 'x']), attrs, ...(content === undefined ? {} : { content }) }
}
const decode = (lib, bytes) => lib.decodeBinaryNode(Buffer.from(bytes))

test('random stanzas are the same bytes, and read the same by both', async () => {
  for (let seed = 0; seed < 1500; seed++) {
    const node = tree(random(seed))
    const [made, expected] = [ours.encodeBinaryNode(node), theirs.encodeBinaryNode(node)]
    assert.equal(made.toString('hex'), expected.toString('hex'), JSON.stringify(seen(node)))
    assert.deepEqual(seen(await decode(ours, expected)), seen(await decode(theirs, expected)))
    const packed = Buffer.concat([Buffer.from([2]), deflateSync(expected.subarray(1))])
    await same('decompressingIfRequired', () => [packed])
    assert.deepEqual(seen(await decode(ours, packed)), seen(await decode(theirs, packed)))
  }
})

test('stanzas that are the same and are written in another way', async () => {
  const nodes = [
    ...['x@y', 'a@b@c', '1@c.us', '@s.whatsapp.net', '13135550002@bot', 'Ana @home'].map((v) => ({ tag: 'iq', attrs: { v } })),
    { tag: 'iq', attrs: { a: undefined, d: 'x' } },
    { tag: 'iq' },
    { tag: 'iq', attrs: {}, content: [] },
    { tag: 'iq', attrs: {}, content: [undefined, { tag: 'a', attrs: {} }] },
    { tag: 'iq', attrs: {}, content: new Uint8Array([5]) },
  ]
  for (const node of nodes) {
    const read = (lib, [written]) => lib.decodeBinaryNode(lib.encodeBinaryNode(written)).then(({ content, ...rest }) => ({ ...rest, content: content?.length ? content : undefined }))
    await same('decodeBinaryNode', () => [node], { call: read })
    await same('encodeBinaryNode', () => [node])
  }
  await same('encodeBinaryNode', () => [{ tag: 'iq', attrs: {} }, undefined, [9, 9]])
  // Of attributes that are no text Baileys makes bytes that nobody can read.
  const withNumber = { tag: 'iq', attrs: { b: null, c: 1, d: 'x' } }
  assert.deepEqual(await decode(ours, ours.encodeBinaryNode(withNumber)), { tag: 'iq', attrs: { d: 'x' } })
  await assert.rejects(decode(theirs, theirs.encodeBinaryNode(withNumber)))
  for (const node of [undefined, null, { tag: '', attrs: {} }, { tag: 'iq', attrs: {}, content: 5 }, { tag: 'iq', attrs: {}, content: null }, { tag: 'iq', attrs: {}, content: {} }]) {
    const [got, expected] = await Promise.all([ours, theirs].map(async (lib) => { try { return lib.encodeBinaryNode(node) } catch (error) { return error instanceof TypeError ? 'TypeError' : error.message } }))
    assert.deepEqual(got, expected)
  }
})

test('a stanza in the middle of bytes, and what is none', async () => {
  const bytes = Buffer.from('00f8031951fa5576f80119', 'hex')
  const index = { index: 1 }
  assert.deepEqual(ours.decodeDecompressedBinaryNode(bytes, OPTIONS, index), { tag: 'iq', attrs: { [Object.keys((await decode(theirs, Buffer.from('00f8031951fa5576', 'hex'))).attrs)[0]]: '1@lid' } })
  assert.equal(index.index, 8)
  assert.deepEqual(ours.decodeDecompressedBinaryNode(bytes, OPTIONS, index), { tag: 'iq', attrs: {} })
  assert.equal(index.index, 11)
  for (const hex of ['00', '00f8', '00f800', '00f80100', '0001', '00f803', '00f80319fc', '00f80319fc0161fc0562', '02010203', '']) {
    const call = (lib, [frame]) => lib.decodeBinaryNode(frame)
    await same('decodeBinaryNode', () => [Buffer.from(hex, 'hex')], { call })
  }
  const { TAGS, SINGLE_BYTE_TOKENS, DOUBLE_BYTE_TOKENS } = theirs
  await same('decodeDecompressedBinaryNode', () => [Buffer.from('f803', 'hex'), { TAGS, SINGLE_BYTE_TOKENS, DOUBLE_BYTE_TOKENS }])
  const dice = random(5)
  for (let turn = 0; turn < 3000; turn++) {
    const frame = Buffer.concat([Buffer.from([0, 0xf8, 1 + dice.below(6)]), dice.bytes(dice.below(40))])
    await ours.decodeBinaryNode(frame).then(seen, (error) => assert.ok(error.code === 'INVALID_ARGUMENT', error))
  }
  await assert.rejects(ours.decodeBinaryNode(Buffer.concat([Buffer.from([2]), deflateSync(Buffer.alloc(1 << 27))])), { code: 'ERR_BUFFER_TOO_LARGE' })
})

const trace = { level: 'silent', trace() {}, child: () => trace }
const pair = theirs.Curve.generateKeyPair()
const handlers = (options = {}) => [ours, theirs].map((lib) => lib.makeNoiseHandler({ keyPair: pair, NOISE_HEADER: lib.NOISE_WA_HEADER, logger: trace, ...options }))

test('the first frame introduces the connection', () => {
  for (const routingInfo of [undefined, Buffer.from([1, 2, 3]), Buffer.alloc(0), Buffer.alloc(70_000, 3)]) {
    const [mine, expected] = handlers({ routingInfo })
    for (const length of [0, 5, 70_000]) assert.deepEqual(mine.encodeFrame(Buffer.alloc(length, 7)), expected.encodeFrame(Buffer.alloc(length, 7)))
  }
})

test('what is mixed, encrypted and split is the same', async () => {
  const [mine, expected] = handlers()
  for (const noise of [mine, expected]) {
    noise.mixIntoKey(Buffer.alloc(32, 1))
    noise.authenticate(Buffer.from('data'))
  }
  const first = mine.encrypt(Buffer.from('static'))
  assert.deepEqual(first, expected.encrypt(Buffer.from('static')))
  for (const noise of [mine, expected]) noise.mixIntoKey(Buffer.alloc(32, 2))
  await Promise.all([mine.finishInit(), expected.finishInit()])
  for (let turn = 0; turn < 3; turn++) assert.deepEqual(mine.encodeFrame(Buffer.from([turn])), expected.encodeFrame(Buffer.from([turn])))
  assert.throws(() => mine.decrypt(Buffer.alloc(40)))
})

/** A handler and what the other side sends it: frames under its reading key. */
async function connected(lib) {
  const noise = lib.makeNoiseHandler({ keyPair: pair, NOISE_HEADER: lib.NOISE_WA_HEADER, logger: trace })
  await noise.finishInit()
  // The key of the other direction, from the same handshake.
  const hash = Buffer.from(lib.NOISE_MODE)
  const key = Buffer.from(theirs.hkdf(Buffer.alloc(0), 64, { salt: hash, info: '' })).subarray(32)
  let counter = 0
  const frame = (node) => {
    const nonce = Buffer.alloc(12)
    nonce.writeUInt32BE(counter++, 8)
    const plain = theirs.encodeBinaryNode(node)
    const bytes = theirs.aesEncryptGCM(node.packed ? Buffer.concat([Buffer.from([2]), deflateSync(plain.subarray(1))]) : plain, key, nonce, Buffer.alloc(0))
    return Buffer.concat([Buffer.from([bytes.length >> 16, (bytes.length >> 8) & 255, bytes.length & 255]), bytes])
  }
  return { noise, frame }
}

test('frames come in pieces, several at once, and in their order', async () => {
  for (const lib of [ours, theirs]) {
    const { noise, frame } = await connected(lib)
    const stream = Buffer.concat(Array.from({ length: 6 }, (_, id) => frame({ tag: 'iq', attrs: { id: `x${id}` } })))
    const got = []
    for (let at = 0; at < stream.length; at += 7) await noise.decodeFrame(stream.subarray(at, at + 7), ({ attrs }) => got.push(attrs.id))
    assert.deepEqual(got, ['x0', 'x1', 'x2', 'x3', 'x4', 'x5'])
  }
  const { noise, frame } = await connected(ours)
  const got = []
  const pieces = Array.from({ length: 8 }, (_, id) => frame({ tag: 'iq', attrs: { id: `x${id}` }, packed: id % 2 === 0 }))
  await Promise.all(pieces.map((piece) => noise.decodeFrame(piece, ({ attrs }) => got.push(attrs.id))))
  assert.deepEqual(got, ['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'])
  await assert.rejects(noise.decodeFrame(Buffer.concat([Buffer.from([0, 0, 20]), Buffer.alloc(20)]), () => undefined))
})

test('before the handshake is over frames are bytes', async () => {
  for (const noise of handlers()) {
    const got = []
    await noise.decodeFrame(Buffer.from([0, 0, 2, 7]), (frame) => got.push(Buffer.from(frame)))
    await noise.decodeFrame(Buffer.from([8, 0, 0, 1, 9, 0]), (frame) => got.push(Buffer.from(frame)))
    assert.deepEqual(got, [Buffer.from([7, 8]), Buffer.from([9])])
  }
})

const { proto } = theirs
const certificate = (details, signer) => {
  const bytes = Buffer.from(proto.CertChain.NoiseCertificate.Details.encode(details).finish())
  return { details: bytes, signature: Buffer.from(theirs.Curve.sign(signer, bytes)) }
}

/** What a server answers that has the handshake's other side; with one thing wrong. */
function serverHello(root, wrong) {
  const [ephemeral, fixed, intermediate, stranger] = Array.from({ length: 4 }, () => theirs.Curve.generateKeyPair())
  const noise = theirs.makeNoiseHandler({ keyPair: pair, NOISE_HEADER: theirs.NOISE_WA_HEADER, logger: trace })
  noise.authenticate(ephemeral.public)
  noise.mixIntoKey(theirs.Curve.sharedKey(ephemeral.private, pair.public))
  const encryptedStatic = noise.encrypt(fixed.public)
  noise.mixIntoKey(theirs.Curve.sharedKey(fixed.private, pair.public))
  const chain = {
    leaf: certificate({ serial: 2, issuerSerial: 1, key: fixed.public }, wrong === 'leaf signature' ? stranger.private : intermediate.private),
    intermediate: certificate({ serial: 1, issuerSerial: wrong === 'issuer' ? 5 : 0, key: intermediate.public }, wrong === 'root signature' ? stranger.private : root.private),
  }
  if (wrong === 'leaf' || wrong === 'intermediate') delete chain[wrong]
  if (wrong === 'details') delete chain.leaf.details
  const payload = noise.encrypt(Buffer.from(proto.CertChain.encode(chain).finish()))
  if (wrong === 'payload') payload[0] ^= 1
  return { serverHello: { ephemeral: ephemeral.public, static: encryptedStatic, payload } }
}

test('the service shows who it is', async () => {
  const root = theirs.Curve.generateKeyPair()
  const before = ours.WA_CERT_DETAILS.PUBLIC_KEY
  ours.WA_CERT_DETAILS.PUBLIC_KEY = root.public
  const noiseKey = theirs.Curve.generateKeyPair()
  try {
    for (const wrong of [undefined, 'leaf', 'intermediate', 'details', 'issuer', 'leaf signature', 'root signature', 'payload']) {
      const hello = serverHello(root, wrong)
      const call = async (lib) => {
        const noise = lib.makeNoiseHandler({ keyPair: pair, NOISE_HEADER: lib.NOISE_WA_HEADER, logger: trace })
        const encrypted = Buffer.from(noise.processHandshake(hello, noiseKey))
        await noise.finishInit()
        return [encrypted, noise.encodeFrame(Buffer.from('after'))]
      }
      await same('makeNoiseHandler', () => [wrong], { call })
    }
  } finally {
    ours.WA_CERT_DETAILS.PUBLIC_KEY = before
  }
  // Under the root of the service a stranger is refused.
  const noise = ours.makeNoiseHandler({ keyPair: pair, NOISE_HEADER: ours.NOISE_WA_HEADER, logger: trace })
  assert.throws(() => noise.processHandshake(serverHello(root), noiseKey), { message: 'noise intermediate certificate signature invalid' })
})

test('the tables of the statistics are those of Baileys', () => {
  assert.ok(Array.isArray(ours.WEB_EVENTS))
  assert.equal(ours.WEB_EVENTS.length, theirs.WEB_EVENTS.length)
  assert.deepEqual(seen([...ours.WEB_EVENTS]), seen(theirs.WEB_EVENTS))
  assert.deepEqual(seen([...ours.WEB_GLOBALS]), seen(theirs.WEB_GLOBALS))
  assert.deepEqual(Object.keys(ours.WEB_GLOBALS), Object.keys(theirs.WEB_GLOBALS))
})

test('statistics are the same bytes', async () => {
  const value = (dice) => dice.pick([0, 1, -1, 127, 128, -128, -129, 32767, 40_000, -40_000, 2 ** 31, -(2 ** 31), 2 ** 40, 1.5, true, false, 'text', 'ü'.repeat(200), 'x'.repeat(70_000), ''])
  for (let seed = 0; seed < 300; seed++) {
    const make = () => {
      const dice = random(seed)
      const event = () => {
        const { name, props } = dice.pick(theirs.WEB_EVENTS)
        const chosen = Object.keys(props).filter(() => dice.chance(0.5))
        const globals = dice.many(dice.below(3), () => [dice.pick(theirs.WEB_GLOBALS).name, dice.chance(0.2) ? null : value(dice)])
        return { [name]: { props: Object.fromEntries(chosen.map((property) => [property, dice.chance(0.01) ? null : value(dice)])), globals: Object.fromEntries(globals) } }
      }
      return [dice.many(dice.below(4), event), dice.below(65_536)]
    }
    await same('encodeWAM', make, { call: (lib, [events, sequence]) => lib.encodeWAM(new lib.BinaryInfo({ events, sequence })) })
  }
  await same('BinaryInfo', () => [], { call: (lib) => [new lib.BinaryInfo(), new lib.BinaryInfo({ sequence: 5 })] })
  for (const events of [[{}], [{ Nothing: { props: {}, globals: {} } }], [{ WamDroppedEvent: { props: {}, globals: { nothing: 1 } } }], undefined, null, 5, {}]) {
    await same('encodeWAM', () => [events], { call: (lib, [list]) => lib.encodeWAM(new lib.BinaryInfo({ events: list })) })
  }
})

test('the differences that were allowed were met', () => {
  for (const name of Object.keys(mine)) assert.ok(metDifferences().has(name), name)
})
