// Queries about users, media retries, app-state flags: equal to npm baileys, call by call.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { differ, metDifferences, ODD, ours, random, same, seen, theirs } from './differential.mjs'

console.warn = console.info = console.log = console.error = () => {}

const mine = {
  // The answer about a bot is looked for one level too deep there, which always throws.
  // And a status in bytes is read as their numbers, unless they are a Buffer.
  USyncQuery: ({ expected, args }) => expected.throws === 'TypeError' || JSON.stringify(seen(args)).includes('Uint8Array'),
  USyncStatusProtocol: ({ args }) => JSON.stringify(seen(args)).includes('Uint8Array'),
}
differ(mine)

const dice = random(4242)
const PROTOCOLS = ['Device', 'Contact', 'Status', 'DisappearingMode', 'BotProfile', 'LID', 'Username']
const FIELDS = ['Id', 'Lid', 'Phone', 'Username', 'UsernameKey', 'Type', 'PersonaId']
const node = (tag, attrs = {}, content = undefined) => ({ tag, attrs, content })
const text = (value) => dice.pick([value, Buffer.from(value), new Uint8Array(Buffer.from(value)), undefined, ''])
const attrs = () => Object.fromEntries(['type', 'val', 't', 'duration', 'code'].filter(() => dice.chance(0.4)).map((name) => [name, { type: dice.pick(['in', 'out']), val: '5@lid', t: '7', duration: '9', code: '401' }[name]]))
const error = () => (dice.chance(0.1) ? [node('error', { code: '403', text: 'forbidden' })] : [])
const devices = () =>
  node('devices', {}, [
    ...error(),
    ...(dice.chance(0.9) ? [node('device-list', {}, dice.many(dice.below(3), () => node('device', { id: '1', ...(dice.chance(0.5) ? { 'key-index': '2' } : {}), ...(dice.chance(0.5) ? { is_hosted: dice.pick(['true', 'false']) } : {}) })))] : []),
    ...(dice.chance(0.5) ? [node('key-index-list', { ts: '5', ...(dice.chance(0.5) ? { expected_ts: '6' } : {}) }, dice.pick([Buffer.from([1]), undefined]))] : []),
  ])
const bot = () => node('bot', {}, [node('profile', { persona_id: 'p' }, [node('name', {}, 'N'), node('default'), node('prompts', {}, [node('prompt', {}, [node('emoji', {}, 'E'), node('text', {}, 'T')])]), node('commands', {}, [node('description', {}, 'D'), node('command', {}, [node('name', {}, 'c'), node('description', {}, 'd')])])])])
const answer = () => dice.pick([devices, bot, ...['contact', 'status', 'disappearing_mode', 'lid', 'username', 'other'].map((tag) => () => node(tag, attrs(), dice.chance(0.2) ? error() : text('hi')))])()

test('queries, what stands inside them, and their answers', async () => {
  for (let turn = 0; turn < 500; turn++) {
    const fields = FIELDS.filter(() => dice.chance(0.3))
    const chosen = PROTOCOLS.filter(() => dice.chance(0.5))
    const result = dice.pick([
      undefined,
      node('iq', { type: 'error' }),
      ...dice.many(4, () => node('iq', { type: 'result' }, [node('usync', {}, [node('result'), ...(dice.chance(0.9) ? [node('list', {}, dice.many(dice.below(3), () => node('user', dice.chance(0.9) ? { jid: '1@s.whatsapp.net' } : {}, dice.many(dice.below(3), answer))))] : []), node('side_list', {}, [node('user', { jid: 's' })])])])),
    ])
    const call = (lib) => {
      const user = fields.reduce((made, field) => made[`with${field}`](`${field} value`), new lib.USyncUser())
      const query = chosen.reduce((made, name) => made[`with${name}Protocol`](), new lib.USyncQuery().withMode('m').withContext('c').withUser(user))
      return {
        query: { ...query, protocols: query.protocols.map((protocol) => [protocol.constructor.name, protocol.name, protocol.getQueryElement(), protocol.getUserElement(user)]) },
        result: query.parseUSyncQueryResult(result),
      }
    }
    await same('USyncQuery', () => [fields, chosen, result], { call })
  }
  for (const name of ['USyncContactProtocol', 'USyncDeviceProtocol', 'USyncStatusProtocol', 'USyncDisappearingModeProtocol', 'USyncUsernameProtocol']) {
    for (let turn = 0; turn < 300; turn++) {
      const one = answer()
      await same(name, () => [one], { call: (lib) => new lib[name]().parser(one) })
    }
  }
  assert.deepEqual(seen({ ...new ours.USyncQuery() }), seen({ ...new theirs.USyncQuery() }))
  assert.deepEqual(Object.keys(new ours.USyncUser()), [])
})

test('media retries', async () => {
  const key = { id: '3EB0A', remoteJid: '15550001001@s.whatsapp.net', fromMe: true }
  const mediaKey = dice.bytes(32)
  for (const changed of [{}, { participant: '15550001002@s.whatsapp.net' }, { fromMe: undefined }, { participant: '' }]) {
    const shown = (lib) => {
      const { content, ...outer } = lib.encryptMediaRetryRequest({ ...key, ...changed }, mediaKey, '15550001003:4@s.whatsapp.net')
      const [{ content: sealed, ...encrypt }, rmr] = content
      const [p, iv] = sealed
      const opened = theirs.aesDecryptGCM(p.content, theirs.hkdf(mediaKey, 32, { info: 'WhatsApp Media Retry Notification' }), iv.content, Buffer.from(key.id))
      return { outer, encrypt, rmr, opened, tags: [p.tag, iv.tag] }
    }
    await same('encryptMediaRetryRequest', () => [], { call: shown })
  }
  const rmr = node('rmr', { jid: key.remoteJid, from_me: 'true', participant: 'p' })
  const sealed = node('encrypt', {}, [node('enc_p', {}, Buffer.from([1])), node('enc_iv', {}, Buffer.from([2]))])
  for (const children of [[rmr], [rmr, sealed], [rmr, node('encrypt')], [rmr, node('error', { code: '2' })], [rmr, node('error', { code: '9' })], [rmr, node('error', {})], [sealed]]) {
    const call = (lib) => {
      const { error, ...rest } = lib.decodeMediaRetryNode(node('notification', { id: '1' }, children))
      return { ...rest, error: error && [error.message, error.output.statusCode, error.data] }
    }
    await same('decodeMediaRetryNode', () => [children], { call })
  }
  for (const code of [0, 1, 2, 3, 4, ...ODD]) await same('getStatusCodeForMediaRetry', () => [code])
  const iv = dice.bytes(12)
  const retryKey = theirs.hkdf(mediaKey, 32, { info: 'WhatsApp Media Retry Notification' })
  const bytes = theirs.proto.MediaRetryNotification.encode({ stanzaId: '1', directPath: '/x', result: 1 }).finish()
  const ciphertext = theirs.aesEncryptGCM(bytes, retryKey, iv, Buffer.from('ID'))
  await same('decryptMediaRetryData', () => [{ ciphertext, iv }, mediaKey, 'ID'])
  await same('decryptMediaRetryData', () => [{ ciphertext, iv }, mediaKey, 'other'])
})

test('app state: new, damaged, given up', async () => {
  await same('newLTHashState', () => [])
  for (const version of [undefined, null, NaN, '3', 4, -1, 0]) await same('ensureLTHashStateVersion', () => [{ version }], { after: ([state]) => state })
  const errors = [new Error('x'), new TypeError('t'), new RangeError('r'), null, undefined, { data: { isMissingKey: true } }, { data: { isMissingKey: 1 } }, 'text']
  for (const error of errors) {
    await same('isMissingKeyError', () => [error])
    for (const attempts of [0, 1, 2, 3, undefined]) await same('isAppStateSyncIrrecoverable', () => [error, attempts])
  }
})

test('the differences that were allowed were met', () => {
  for (const name of Object.keys(mine)) assert.ok(metDifferences().has(name), name)
})
