/** Pre-keys and identities of the Signal protocol as they are made, written into stanzas and read from them. */
import { createHash } from 'node:crypto'

import { encodeBigEndian } from './bits.js'
import { Curve, generateSignalPubKey, type KeyPair, type SignedKeyPair } from './curve.js'
import { getServerFromDomainType, jidDecode, S_WHATSAPP_NET } from './jid.js'
import { getBinaryNodeChild, getBinaryNodeChildBuffer, getBinaryNodeChildUInt, type BinaryNode } from './nodes.js'
import { loadProto, type proto } from './proto.js'
import { KEY_BUNDLE_TYPE } from './constants.js'
import type { AuthenticationCreds, AuthenticationState, FullJid, SignalIdentity, SignalKeyStore } from './types.js'

export const createSignalIdentity = (wid: string, accountSignatureKey: Uint8Array): SignalIdentity => ({
  identifier: { name: wid, deviceId: 0 },
  identifierKey: generateSignalPubKey(accountSignatureKey),
})

/** The account's statement about this device, with the key that signed it only where asked for. */
export const encodeSignedDeviceIdentity = (account: proto.IADVSignedDeviceIdentity, includeSignatureKey: boolean): Uint8Array => {
  const { ADVSignedDeviceIdentity: identity } = loadProto()
  const key = account.accountSignatureKey
  const shown = includeSignatureKey && key?.length ? account : { ...account, accountSignatureKey: null }
  return identity.encode(shown).finish()
}

interface PreKeyCounters {
  nextPreKeyId: number
  firstUnuploadedPreKeyId: number
}

/** Makes what lacks of `range` keys that were not uploaded. The ids are those of the whole range. */
export const generateOrGetPreKeys = (
  creds: AuthenticationCreds,
  range: number,
): { newPreKeys: { [id: number]: KeyPair }; lastPreKeyId: number; preKeysRange: readonly [number, number] } => {
  const { nextPreKeyId, firstUnuploadedPreKeyId } = creds as unknown as PreKeyCounters
  const lastPreKeyId = firstUnuploadedPreKeyId + range - 1
  const newPreKeys: { [id: number]: KeyPair } = {}
  for (let id = nextPreKeyId; id <= lastPreKeyId; id++) newPreKeys[id] = Curve.generateKeyPair()
  return { newPreKeys, lastPreKeyId, preKeysRange: [firstUnuploadedPreKeyId, range] }
}

export const getPreKeys = async ({ get }: SignalKeyStore, min: number, limit: number): Promise<{ [id: string]: KeyPair }> => {
  const ids = Array.from({ length: Math.max(0, limit - min) }, (_, index) => String(min + index))
  return (await get('pre-key', ids)) as { [id: string]: KeyPair }
}

export const getNextPreKeys = async (
  { creds, keys }: AuthenticationState,
  count: number,
): Promise<{ update: Partial<AuthenticationCreds>; preKeys: { [id: string]: KeyPair } }> => {
  const { newPreKeys, lastPreKeyId, preKeysRange } = generateOrGetPreKeys(creds, count)
  const { nextPreKeyId, firstUnuploadedPreKeyId } = creds as unknown as PreKeyCounters
  const update = {
    nextPreKeyId: Math.max(lastPreKeyId + 1, nextPreKeyId),
    firstUnuploadedPreKeyId: Math.max(firstUnuploadedPreKeyId, lastPreKeyId + 1),
  }
  await keys.set({ 'pre-key': newPreKeys })
  const [first, range] = preKeysRange
  return { update, preKeys: await getPreKeys(keys, first, first + range) }
}

const leaf = (tag: string, content: Uint8Array): BinaryNode => ({ tag, attrs: {}, content })

export const xmppSignedPreKey = (key: SignedKeyPair): BinaryNode => ({
  tag: 'skey',
  attrs: {},
  content: [leaf('id', encodeBigEndian(key.keyId, 3)), leaf('value', key.keyPair.public), leaf('signature', key.signature)],
})

export const xmppPreKey = (pair: KeyPair, id: number): BinaryNode => ({
  tag: 'key',
  attrs: {},
  content: [leaf('id', encodeBigEndian(id, 3)), leaf('value', pair.public)],
})

/** The stanza that uploads the next `count` pre-keys. */
export const getNextPreKeysNode = async (
  state: AuthenticationState,
  count: number,
): Promise<{ update: Partial<AuthenticationCreds>; node: BinaryNode }> => {
  const creds = state.creds as unknown as { registrationId: number; signedIdentityKey: KeyPair; signedPreKey: SignedKeyPair }
  const { update, preKeys } = await getNextPreKeys(state, count)
  const node: BinaryNode = {
    tag: 'iq',
    attrs: { xmlns: 'encrypt', type: 'set', to: S_WHATSAPP_NET },
    content: [
      leaf('registration', encodeBigEndian(creds.registrationId)),
      leaf('type', KEY_BUNDLE_TYPE),
      leaf('identity', creds.signedIdentityKey.public),
      { tag: 'list', attrs: {}, content: Object.entries(preKeys).map(([id, pair]) => xmppPreKey(pair, Number(id))) },
      xmppSignedPreKey(creds.signedPreKey),
    ],
  }
  return { update, node }
}

export interface SessionBundle {
  registrationId: number
  identityKey: Uint8Array | Buffer
  signedPreKey: { keyId: number; publicKey: Uint8Array | Buffer; signature: Uint8Array | Buffer }
  preKey: { keyId: number; publicKey: Uint8Array } | undefined
}

const wholeKey = (node: BinaryNode | undefined, tag: string): Uint8Array | undefined => {
  const key = getBinaryNodeChildBuffer(node, tag)
  return key?.length === 32 ? key : undefined
}

/** The keys that a retry receipt brings for a new session; null where they are not whole. */
export const extractE2ESessionFromRetryReceipt = (receipt: BinaryNode): SessionBundle | null => {
  const keys = getBinaryNodeChild(receipt, 'keys')
  const registrationId = getBinaryNodeChildUInt(receipt, 'registration', 4)
  const identity = wholeKey(keys, 'identity')
  const signed = getBinaryNodeChild(keys, 'skey')
  const signedId = signed && getBinaryNodeChildUInt(signed, 'id', 3)
  const signedKey = wholeKey(signed, 'value')
  const signature = getBinaryNodeChildBuffer(signed, 'signature')
  const type = getBinaryNodeChildBuffer(keys, 'type')
  if (registrationId === undefined || type?.length !== 1 || type[0] !== KEY_BUNDLE_TYPE[0]) return null
  if (!identity || signedId === undefined || !signedKey || !signature) return null
  const once = getBinaryNodeChild(keys, 'key')
  const onceId = once && getBinaryNodeChildUInt(once, 'id', 3)
  const onceKey = wholeKey(once, 'value')
  const whole = onceId !== undefined && !Number.isNaN(onceId) && onceKey
  if (once && !whole) return null
  return {
    registrationId,
    identityKey: generateSignalPubKey(identity),
    signedPreKey: { keyId: signedId, publicKey: generateSignalPubKey(signedKey), signature },
    preKey: whole ? { keyId: onceId, publicKey: generateSignalPubKey(onceKey) } : undefined,
  }
}

/** What a query gave about one user. */
export interface USyncQueryResultList {
  [protocol: string]: unknown
  id: string
}
interface Devices {
  deviceList?: { id: number; keyIndex?: number; isHosted?: boolean }[]
}

/** The devices to encrypt for: not this one, and of the others those that are known by a key. */
export const extractDeviceJids = (
  result: USyncQueryResultList[],
  myJid: string,
  myLid: string,
  excludeZeroDevices: boolean,
): FullJid[] => {
  const me = jidDecode(myJid)
  const myLidUser = jidDecode(myLid)?.user ?? myLid
  const found: FullJid[] = []
  for (const { id, devices } of result) {
    const parts = jidDecode(id)
    const list = (devices as Devices | undefined)?.deviceList
    if (!parts || !Array.isArray(list)) continue
    const { user, server, domainType } = parts
    const mine = user === me?.user || user === myLidUser
    for (const { id: device, keyIndex, isHosted } of list) {
      if ((excludeZeroDevices && device === 0) || (mine && device === me?.device) || (device !== 0 && !keyIndex)) continue
      const domain = isHosted ? (domainType === 1 ? 129 : 128) : domainType
      found.push({ user, device, domainType: domain, server: getServerFromDomainType(server, domain) })
    }
  }
  return found
}

/** A short hash over the devices that a group message goes to. */
export const generateParticipantHashV2 = (participants: string[]): string => {
  participants.sort()
  return `2:${createHash('sha256').update(participants.join('')).digest('base64').slice(0, 6)}`
}
