// Stanzas as they come in: messages, identities, key bundles; and how a device logs in and is linked.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { differ, metDifferences, ODD, ours, random, same, theirs } from './differential.mjs'

/** An own status or broadcast that names its author by LID. */
const ownBroadcast = ({ args: [{ attrs }] }) => attrs.from.endsWith('@broadcast') && attrs.participant.startsWith('100000000009')
const mine = {
  decodeMessageNode: ownBroadcast,
  decryptMessageNode: ownBroadcast,
  // There the result of the check of the phone's signature is not looked at.
  configureSuccessfulPairing: ({ got }) => got.message === 'Failed to verify account signature',
}
differ(mine)

const silent = { level: 'silent', child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} }
const ME = '15550000001:3@s.whatsapp.net'
const LID = '100000000009:3@lid'
const OTHER = '15550001001@s.whatsapp.net'
const USERS = [ME, LID, OTHER, '15550000001@s.whatsapp.net', '15550001001:2@s.whatsapp.net', '100000000001@lid', '100000000001:4@lid', '1@hosted', '1@hosted.lid']
const CHATS = [...USERS, ...USERS, '120363000000000001@g.us', '120363000000000001@g.us', 'status@broadcast', '5@broadcast', '6@newsletter', '7@call', '8@bot', '13135550002@c.us', 'x']

const node = (tag, attrs = {}, content) => ({ tag, attrs, ...(content === undefined ? {} : { content }) })
function attributes(dice) {
  const attrs = { id: dice.chance(0.97) ? '3EB0A' : '', from: dice.pick(CHATS), t: dice.pick(['1700000000', '0']) }
  const maybe = (name, probability, values) => {
    if (dice.chance(probability)) attrs[name] = dice.pick(values)
  }
  maybe('participant', 0.6, [...USERS, ''])
  maybe('recipient', 0.3, [...USERS, '1@bot', '120363000000000001@g.us', ''])
  maybe('addressing_mode', 0.3, ['lid', 'pn', ''])
  for (const prefix of ['participant', 'sender', 'recipient', 'peer_recipient']) {
    maybe(`${prefix}_lid`, 0.3, ['100000000001@lid', '100000000002@lid'])
    maybe(`${prefix}_pn`, 0.3, [OTHER])
    maybe(`${prefix}_username`, 0.2, ['ana'])
  }
  maybe('notify', 0.5, ['Ana', ''])
  maybe('category', 0.2, ['peer'])
  maybe('server_id', 0.3, ['77', ''])
  maybe('verified_name', 0.1, ['1'])
  return attrs
}

test('what stands in a message stanza in the open', async () => {
  for (let seed = 0; seed < 5000; seed++) await same('decodeMessageNode', () => [node('message', attributes(random(seed))), ME, LID])
  for (const value of ODD) {
    await same('decodeMessageNode', () => [value, ME, LID])
    await same('decodeMessageNode', () => [node('message', { id: '1', from: OTHER, t: '1' }), value, value])
  }
})

test('decryption addresses', async () => {
  for (const sender of [...USERS, '', undefined, null]) {
    for (const known of ['100000000001@lid', null, undefined]) {
      await same('getDecryptionJid', () => [sender, { lidMapping: { getLIDForPN: async (pn) => pn && known } }])
    }
  }
})

const { Message } = theirs.proto
const bytesOf = (content) => Buffer.from(Message.encode(Message.fromObject(content)).finish())
const certificate = (name) => {
  const { VerifiedNameCertificate } = theirs.proto
  const details = VerifiedNameCertificate.Details.encode({ verifiedName: name }).finish()
  return Buffer.from(VerifiedNameCertificate.encode({ details }).finish())
}
const CONTENTS = [
  { conversation: 'text' },
  { extendedTextMessage: { text: 'longer' } },
  { deviceSentMessage: { destinationJid: OTHER, message: { conversation: 'from the phone' } } },
  { senderKeyDistributionMessage: { groupId: '120363000000000001@g.us', axolotlSenderKeyDistributionMessage: Buffer.from([1, 2]) } },
  { senderKeyDistributionMessage: { groupId: '120363000000000001@g.us' }, conversation: 'both' },
  {},
]

function part(dice) {
  const pad = Buffer.alloc(3, 3)
  const content = bytesOf(dice.pick(CONTENTS))
  const type = dice.pick(['pkmsg', 'msg', 'skmsg', 'msg', 'skmsg', 'other', undefined])
  return dice.pick([
    () => node('enc', { v: '2', ...(type ? { type } : {}) }, Buffer.concat([content, pad])),
    () => node('enc', { v: '2', type: 'msg' }, Buffer.concat([content, pad])),
    () => node('enc', { v: '2', type: 'skmsg' }, Buffer.concat([content, pad])),
    () => node('plaintext', {}, content),
    // No padding, too much of it, and what is no protobuf.
    () => node('enc', { type: 'msg' }, dice.pick([Buffer.alloc(0), Buffer.from([1, 2, 200]), Buffer.from([0xff, 0x7f, 0, 1])])),
    () => node('plaintext', {}, dice.pick([Buffer.alloc(0), Buffer.from([0xff, 0x7f, 0])])),
    () => node('enc', { type: 'msg' }, dice.pick(['text', undefined, []])),
    () => node('verified_name', {}, certificate('Shop')),
    () => node('unavailable', { type: dice.pick(['view_once', 'x']) }),
    () => node('meta', {}, []),
  ])()
}

/** A repository that takes plaintext for ciphertext, and notes what it is asked. */
function repository(calls, { failing, known }) {
  const note = (name, give) => async (about) => {
    calls.push([name, about])
    if (failing === name) throw new Error(`${name} failed`)
    return give(about)
  }
  return {
    decryptMessage: note('decryptMessage', ({ ciphertext }) => ciphertext),
    decryptGroupMessage: note('decryptGroupMessage', ({ msg }) => msg),
    processSenderKeyDistributionMessage: note('processSenderKeyDistributionMessage', () => undefined),
    lidMapping: { getLIDForPN: note('getLIDForPN', () => known), storeLIDPNMappings: note('storeLIDPNMappings', () => undefined) },
    migrateSession: async (...about) => {
      calls.push(['migrateSession', about])
      return { migrated: 1, skipped: 0, total: 1 }
    },
  }
}
async function decrypted(lib, [stanza, behaviour]) {
  const calls = []
  const { decrypt, fullMessage, ...rest } = lib.decryptMessageNode(stanza, ME, LID, repository(calls, behaviour), silent)
  const before = { ...fullMessage }
  await decrypt()
  return { calls, before, fullMessage, ...rest }
}

test('ciphertexts of messages, with everything that goes wrong', async () => {
  for (let seed = 0; seed < 3000; seed++) {
    const make = () => {
      const dice = random(seed)
      const content = dice.chance(0.9) ? dice.many(dice.below(4), () => part(dice)) : dice.pick([undefined, 'text', Buffer.from('x')])
      const failing = dice.pick([undefined, undefined, 'decryptMessage', 'decryptGroupMessage', 'processSenderKeyDistributionMessage', 'storeLIDPNMappings'])
      return [node('message', attributes(dice), content), { failing, known: dice.pick([null, '100000000001@lid']) }]
    }
    await same('decryptMessageNode', make, { call: decrypted })
  }
})

test('changes of identity', async () => {
  const words = ['no_identity_node', 'invalid_notification', 'skipped_companion_device', 'skipped_self_primary', 'debounced', 'skipped_offline', 'skipped_no_session', 'session_refreshed', 'session_refresh_failed']
  const met = new Set()
  for (let seed = 0; seed < 1000; seed++) {
    const make = () => {
      const dice = random(seed)
      const attrs = { from: dice.pick([...USERS, undefined, 'x', '120363000000000001@g.us']), ...(dice.chance(0.3) ? { offline: dice.pick(['0', '1', '']) } : {}) }
      return [node('notification', attrs, dice.chance(0.9) ? [node('identity')] : dice.pick([[], undefined])), { exists: dice.chance(0.7), fails: dice.chance(0.2), hook: dice.chance(0.5), meId: dice.pick([ME, undefined]), meLid: dice.pick([LID, undefined]), known: dice.chance(0.2) }]
    }
    const call = async (lib, [stanza, { exists, fails, hook, known, ...me }]) => {
      const calls = []
      const context = {
        ...me,
        validateSession: async (jid) => (calls.push(['validateSession', jid]), { exists }),
        assertSessions: async (...args) => {
          calls.push(['assertSessions', ...args])
          if (fails) throw new Error('no')
          return true
        },
        debounceCache: { get: (name) => (calls.push(['get', name]), known), set: (...args) => (calls.push(['set', ...args]), true) },
        logger: silent,
        ...(hook ? { onBeforeSessionRefresh: (jid) => void calls.push(['hook', jid]) } : {}),
      }
      const result = await lib.handleIdentityChange(stanza, context)
      if (lib === ours) met.add(result.action)
      return [{ ...result, error: result.error?.message }, calls]
    }
    await same('handleIdentityChange', make, { call })
  }
  assert.deepEqual([...met].sort(), words.sort())
})

test('sessions from key bundles', async () => {
  for (let seed = 0; seed < 500; seed++) {
    const make = () => {
      const dice = random(seed)
      const some = (list) => list.filter(() => dice.chance(0.95))
      const keyNode = (tag, extra = []) => node(tag, {}, some([node('id', {}, dice.bytes(3)), node('value', {}, dice.bytes(dice.pick([32, 32, 32, 33, 5]))), ...extra]))
      const user = () => {
        const key = dice.chance(0.7) ? [keyNode('key')] : []
        const error = dice.chance(0.05) ? [node('error', { code: '404', text: 'item-not-found' })] : []
        return node('user', { jid: dice.pick(USERS) }, [...some([node('registration', {}, dice.bytes(4)), node('identity', {}, dice.bytes(32)), keyNode('skey', [node('signature', {}, dice.bytes(64))])]), ...key, ...error])
      }
      return [node('iq', {}, dice.chance(0.95) ? [node('list', {}, dice.many(dice.below(4), user))] : undefined)]
    }
    const call = async (lib, [answer]) => {
      const calls = []
      const outcome = await lib.parseAndInjectE2ESessions(answer, { injectE2ESession: async (about) => void calls.push(about) }).catch((error) => error)
      // Where a bundle lacks a part, those before it may be in already, or not.
      if (outcome instanceof TypeError) throw outcome
      if (outcome) throw outcome
      return calls
    }
    await same('parseAndInjectE2ESessions', make, { call })
  }
  await assert.rejects(ours.parseAndInjectE2ESessions(node('iq', {}, [node('list', {}, [node('user', { jid: OTHER }, [node('error', { code: '406', text: 'not-acceptable' })])])]), {}), { message: 'not-acceptable', data: 406 })
})

const KEYS = { signedIdentityKey: theirs.Curve.generateKeyPair(), registrationId: 0x1234 }
KEYS.signedPreKey = theirs.signedKeyPair(KEYS.signedIdentityKey, 7)

test('how a device introduces itself', async () => {
  const encoded = (call) => (lib, args) => Buffer.from(lib.proto.ClientPayload.encode(call(lib, args)).finish())
  for (const browser of [['Mac OS', 'Chrome', '1'], ['Mac OS', 'Desktop', '1'], ['Windows', 'Desktop', '1'], ['Ubuntu', 'Desktop', '1'], ['x', 'android', '1'], ['Android', 'Android', '1'], ['x', 'My Android', '1'], ['x', 'edge', '1'], ['x', 'nothing', '1'], ['', '', ''], undefined]) {
    for (const syncFullHistory of [true, false, undefined]) {
      const config = { version: [2, 3000, 1035194821], browser, countryCode: 'US', syncFullHistory }
      for (const jid of [ME, OTHER, '5@s.whatsapp.net', LID, 'x', undefined]) await same('generateLoginNode', () => [jid, config], { call: encoded((lib, args) => lib.generateLoginNode(...args)) })
      await same('generateRegistrationNode', () => [KEYS, config], { call: encoded((lib, args) => lib.generateRegistrationNode(...args)) })
    }
  }
  for (const value of ODD) {
    await same('generateLoginNode', () => [ME, value], { call: (lib, args) => void lib.generateLoginNode(...args) })
    await same('generateRegistrationNode', () => [KEYS, value], { call: (lib, args) => void lib.generateRegistrationNode(...args) })
  }
})

const { proto } = theirs
const encode = (name, object) => Buffer.from(proto[name].encode(proto[name].fromObject(object)).finish())

/** What the service sends when the phone has linked a device, with one thing wrong. */
function linked({ wrong, hosted }) {
  const phone = theirs.Curve.generateKeyPair()
  const secret = Buffer.alloc(32, 7)
  const identity = encode('ADVDeviceIdentity', { rawId: 5, timestamp: 1_700_000_000, ...(wrong === 'index' ? {} : { keyIndex: 3 }), ...(hosted ? { deviceType: 1 } : {}) })
  const signedBytes = Buffer.concat([hosted ? theirs.WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX : theirs.WA_ADV_ACCOUNT_SIG_PREFIX, identity, KEYS.signedIdentityKey.public])
  const accountSignature = Buffer.from(theirs.Curve.sign(phone.private, wrong === 'signature' ? Buffer.from('else') : signedBytes))
  const details = encode('ADVSignedDeviceIdentity', { details: identity, accountSignatureKey: phone.public, accountSignature })
  const hmac = theirs.hmacSign(Buffer.concat([hosted ? theirs.WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX : Buffer.alloc(0), details]), wrong === 'secret' ? Buffer.alloc(32) : secret)
  const blob = encode('ADVSignedDeviceIdentityHMAC', { details, hmac, ...(hosted ? { accountType: 1 } : {}) })
  const parts = [node('device-identity', {}, wrong === 'blob' ? Buffer.from('nothing') : blob), node('device', { jid: ME, lid: LID }), node('platform', { name: 'smba' }), node('biz', { name: 'Shop' })].filter(({ tag }) => tag !== wrong)
  return { stanza: node('iq', { id: '55' }, [node('pair-success', {}, parts)]), creds: { ...KEYS, advSecretKey: secret.toString('base64') }, identity, phone }
}

test('the phone has linked this device', async () => {
  const { Curve, WA_ADV_DEVICE_SIG_PREFIX } = ours
  for (const hosted of [false, true]) {
    for (const wrong of [undefined, 'index', 'signature', 'secret', 'blob', 'device-identity', 'device', 'platform', 'biz']) {
      const { stanza, creds, identity, phone } = linked({ wrong, hosted })
      const call = (lib, [stanza, creds]) => {
        const { creds: made, reply } = lib.configureSuccessfulPairing(stanza, creds)
        // Signatures are random; each is checked.
        const signature = Buffer.from(made.account.deviceSignature)
        assert.ok(Curve.verify(KEYS.signedIdentityKey.public, Buffer.concat([WA_ADV_DEVICE_SIG_PREFIX, identity, KEYS.signedIdentityKey.public, phone.public]), signature))
        const zeroed = (bytes) => Buffer.from(Buffer.from(bytes).toString('hex').replace(signature.toString('hex'), '00'), 'hex')
        const [sign] = reply.content
        sign.content[0].content = zeroed(sign.content[0].content)
        made.account.deviceSignature = 'checked'
        return { made: { ...made, account: { ...made.account } }, reply }
      }
      await same('configureSuccessfulPairing', () => [stanza, { ...creds, ...(hosted ? { signalIdentities: [{ identifier: { name: 'x', deviceId: 1 }, identifierKey: Buffer.alloc(33) }] } : {}) }], { call })
    }
  }
  for (const value of ODD) await same('configureSuccessfulPairing', () => [value, KEYS])
})

test('the differences that were allowed were met', () => {
  for (const name of Object.keys(mine)) assert.ok(metDifferences().has(name), name)
})
