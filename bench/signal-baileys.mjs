// Two devices with npm Baileys' own Signal repository, who write to each other.

import {
  Curve, DEFAULT_CONNECTION_CONFIG, addTransactionCapability, generateSignalPubKey, initAuthCreds, makeCacheableSignalKeyStore,
} from 'baileys'

const silent = {
  level: 'silent', child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {},
}

const plaintext = Buffer.alloc(160, 1)
let lastPreKey = 100

/** A device with Baileys' own Signal repository over a store in memory. */
export function makeDevice() {
  const rows = new Map()
  const store = {
    get: async (type, ids) => {
      const found = ids.map((id) => [id, rows.get(`${type}/${id}`)])
      return Object.fromEntries(found.filter(([, value]) => value !== undefined))
    },
    set: async (data) => {
      for (const [type, values] of Object.entries(data)) {
        for (const [id, value] of Object.entries(values)) rows.set(`${type}/${id}`, value)
      }
    },
  }
  const creds = initAuthCreds()
  const options = { maxCommitRetries: 10, delayBetweenTriesMs: 3000 }
  const keys = addTransactionCapability(makeCacheableSignalKeyStore(store, silent), silent, options)
  const signal = DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds, keys }, silent, async () => undefined)
  return { creds, keys, signal }
}

export async function bundleOf(device) {
  const { creds, keys } = device
  const keyId = ++lastPreKey
  const pair = Curve.generateKeyPair()
  await keys.transaction(() => keys.set({ 'pre-key': { [keyId]: pair } }), 'prekeys')
  return {
    registrationId: creds.registrationId,
    identityKey: generateSignalPubKey(creds.signedIdentityKey.public),
    signedPreKey: {
      keyId: creds.signedPreKey.keyId,
      publicKey: generateSignalPubKey(creds.signedPreKey.keyPair.public),
      signature: creds.signedPreKey.signature,
    },
    preKey: { keyId, publicKey: generateSignalPubKey(pair.public) },
  }
}

let lastStranger = 0
export const stranger = () => `57300555${String(++lastStranger).padStart(4, '0')}@s.whatsapp.net`
export const [us, them] = ['573005550001@s.whatsapp.net', '573005550002@s.whatsapp.net']
export const encrypt = (from, to) => from.signal.encryptMessage({ jid: to, data: plaintext })
export const decrypt = (at, from, { type, ciphertext }) => at.signal.decryptMessage({ jid: from, type, ciphertext })

/** Two who have each written once. New ones for each figure, since a stored session grows with every turn. */
export async function acquainted() {
  const [alice, bob] = [makeDevice(), makeDevice()]
  await alice.signal.injectE2ESession({ jid: them, session: await bundleOf(bob) })
  await decrypt(bob, us, await encrypt(alice, them))
  await decrypt(alice, them, await encrypt(bob, us))
  return [alice, bob]
}
