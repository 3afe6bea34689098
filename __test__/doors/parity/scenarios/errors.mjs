// What a program is told when something fails: messages, status codes and data of the errors.
import { createHmac } from 'node:crypto'

const closes = ({ connection }) => connection === 'close'

const bytes = (array) => ({ base64: Buffer.from(array).toString('base64') })
const DEVICE = { tag: 'device', attrs: { jid: '15550001099:7@s.whatsapp.net', lid: '100000000000099:7@lid' } }
const PLATFORM = { tag: 'platform', attrs: { name: 'android' } }
const identity = (array) => ({ tag: 'device-identity', attrs: {}, content: bytes(array) })

/** What the phone says of the device, sealed with the secret of the code, or with another one. */
function sealed({ lib, me, secret = Buffer.from(me.creds.advSecretKey, 'base64') }) {
  const details = lib.proto.ADVDeviceIdentity.encode({ rawId: 1, timestamp: 1_700_000_000, keyIndex: 1 }).finish()
  const signed = lib.proto.ADVSignedDeviceIdentity.encode({ details, accountSignatureKey: Buffer.alloc(32, 9), accountSignature: Buffer.alloc(64, 9) }).finish()
  return identity(lib.proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac: createHmac('sha256', secret).update(signed).digest() }).finish())
}

/** The phone confirms a pairing, and is not believed. */
const pairing = (children) => async ({ account, emulator, until, step, lib }) => {
  const me = account('Tienda', { autoScan: false, autoRestart: false })
  await me.open()
  await until('connection.update', ({ qr }) => qr)
  await step('confirmed')
  const content = [{ tag: 'pair-success', attrs: {}, content: children({ lib, me }) }]
  await emulator.inject({ stanza: { tag: 'iq', attrs: { id: 'PAIR1', type: 'set', from: 's.whatsapp.net' }, content } })
  await until('connection.update', closes)
}

export default {
  'a pairing without an identity': pairing(() => [DEVICE, PLATFORM]),
  'a pairing without a device': pairing((scene) => [sealed(scene), PLATFORM]),
  'a pairing sealed with another secret': pairing((scene) => [sealed({ ...scene, secret: Buffer.alloc(32, 7) }), DEVICE, PLATFORM]),

  'what the service refuses': async ({ paired, call, step, emulator }) => {
    const me = await paired()
    const { sock } = me
    const group = '120363000000000009@g.us'
    for (const code of [400, 401, 403, 404, 406, 429, 500, 503]) {
      await step(`refused with ${code}`)
      // What is asked too often is asked again by the engine, but not what changes something.
      const { id } = await emulator.faults.add({ what: 'refuse', account: me.name, tag: 'iq', code })
      if (code !== 429) await call('groupMetadata', () => sock.groupMetadata(group))
      await call('groupUpdateSubject', () => sock.groupUpdateSubject(group, 'x'))
      await call('updateProfileStatus', () => sock.updateProfileStatus('x'))
      if (code !== 429) await call('fetchBlocklist', () => sock.fetchBlocklist())
      if (code !== 429) await call('query', () => sock.query({ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'privacy' }, content: [{ tag: 'privacy', attrs: {} }] }))
      await emulator.faults.clear(id)
    }
  },

  'contents that are none': async ({ paired, contact, call, step }) => {
    const me = await paired()
    const maria = await contact('María')
    const { sock } = me
    await step('sent')
    const contents = {
      nothing: {}, 'an unknown name': { hologram: true }, 'no file': { image: { url: '/nowhere/at/all.jpg' } },
      'contacts without any': { contacts: { displayName: 'x', contacts: [] } },
      'a poll without answers': { poll: { name: 'x', values: 'none' } },
      'too many answers to choose': { poll: { name: 'x', values: ['a', 'b'], selectableCount: 3 } },
      'a forward of nothing': { forward: {} }, 'a call that is none': { call: {} },
    }
    for (const [name, content] of Object.entries(contents)) await call(name, () => sock.sendMessage(maria.jid, content))
    await call('a receipt for nothing', () => sock.sendReceipt(maria.jid, undefined, [], 'read'))
    await call('a chat that is none', () => sock.sendPresenceUpdate('composing'))
    await call('a code too short', () => sock.requestPairingCode('15550001001', 'ABC'))
  },

  'files that no host takes': async ({ paired, contact, call, step, emulator }) => {
    const me = await paired()
    const maria = await contact('María')
    await step('sent')
    await emulator.media.faults.add({ what: 'status', code: 500, direction: 'upload' })
    await call('document', () => me.sock.sendMessage(maria.jid, { document: Buffer.from('x'), mimetype: 'text/plain', fileName: 'a.txt' }))
  },
}
