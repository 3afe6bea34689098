/** Patches and snapshots of the app state: made, checked and read. */
import { Boom } from '@hapi/boom'

import { isMissingKeyError, newLTHashState, type LTHashState } from './app-state.js'
import { toNumber } from './bits.js'
import type { WAPatchName } from './constants.js'
import { aesDecrypt, aesEncrypt, hmacSign } from './crypto.js'
import { makeLtHashGenerator, type LtHashGenerator } from './lt-hash.js'
import { loadProto, type proto } from './proto.js'
import { downloadExternalPatch } from './syncd-fetch.js'
import { mutationKeys, patchMac, snapshotMac, valueMac, type MutationKeys } from './syncd-macs.js'
import type { ChatMutation, ChatMutationMap, ProtoClass, WAPatchCreate } from './types.js'

const VALUE_MAC_BYTES = 32
const SET = 0

type SyncdRecord = proto.ISyncdRecord
type SyncdMutation = proto.ISyncdMutation
export type SyncdPatch = proto.ISyncdPatch
export type SyncdSnapshot = proto.ISyncdSnapshot
/** By the base64 of the key's id. */
export type FetchAppStateSyncKey = (keyId: string) => Promise<proto.Message.IAppStateSyncKeyData | null | undefined>
type OnMutation = (mutation: ChatMutation) => void
type Finished = ReturnType<LtHashGenerator['finish']>
interface SyncLogger {
  trace(value: unknown, message?: string): void
  debug(value: unknown, message?: string): void
  warn(value: unknown, message?: string): void
}

/** The fields of a decoded message that every sender sets; where one lacks, reading it is a TypeError. */
type Whole<T> = { [field in keyof T]-?: NonNullable<T[field]> }
const whole = <T>(value: T): Whole<T> => value as Whole<T>
interface Keyed {
  keyId?: proto.IKeyId | null | undefined
}
const blobOf = (part: proto.ISyncdValue | proto.ISyncdIndex | null | undefined): Uint8Array => whole(whole({ part }).part).blob
const idOf = ({ keyId }: Keyed): Uint8Array => whole(whole({ keyId }).keyId).id
const versionOf = ({ version }: { version?: proto.ISyncdVersion | null | undefined }): number =>
  toNumber(whole({ version }).version.version)

async function keysFor(id: Uint8Array, getKey: FetchAppStateSyncKey, what: string, data: object = {}): Promise<MutationKeys> {
  const name = Buffer.from(id).toString('base64')
  const key = await getKey(name)
  if (!key) throw new Boom(`failed to find key "${name}" to decode ${what}`, { data: { isMissingKey: true, ...data } })
  return mutationKeys(key.keyData as Uint8Array)
}

/** A patch with one change, and the state after it; `state` stays as it is. */
export const encodeSyncdPatch = async (
  { type, index, syncAction, apiVersion, operation }: WAPatchCreate,
  myAppStateKeyId: string,
  state: LTHashState,
  getAppStateSyncKey: FetchAppStateSyncKey,
): Promise<{ patch: SyncdPatch; state: LTHashState }> => {
  const key = myAppStateKeyId ? await getAppStateSyncKey(myAppStateKeyId) : undefined
  if (!key) throw new Boom(`myAppStateKey ("${myAppStateKeyId}") not present`, { data: { isMissingKey: true } })
  const keys = mutationKeys(key.keyData as Uint8Array)
  const keyId = { id: Buffer.from(myAppStateKeyId, 'base64') }
  const indexBytes = Buffer.from(JSON.stringify(index))
  const SyncActionData = loadProto()['SyncActionData'] as ProtoClass<object>
  const data = SyncActionData.fromObject({ index: indexBytes, value: syncAction, padding: new Uint8Array(), version: apiVersion })

  const encrypted = aesEncrypt(SyncActionData.encode(data).finish(), keys.valueEncryptionKey)
  const mac = valueMac(operation, encrypted, keyId.id, keys.valueMacKey)
  const indexMac = hmacSign(indexBytes, keys.indexKey)
  const generator = makeLtHashGenerator(state)
  generator.mix({ indexMac, valueMac: mac, operation })
  const next: LTHashState = { ...state, ...generator.finish(), version: state.version + 1 }

  const ofCollection = snapshotMac(next.hash, next.version, type, keys.snapshotMacKey)
  const record = { index: { blob: indexMac }, value: { blob: Buffer.concat([encrypted, mac]) }, keyId }
  const patch = {
    patchMac: patchMac(ofCollection, [mac], next.version, type, keys.patchMacKey),
    snapshotMac: ofCollection,
    keyId,
    mutations: [{ operation, record }],
  }
  return { patch, state: next }
}

/**
 * Decrypts records, and gives the hash and the map after them. Records that cannot be decrypted, or with `validateMacs` whose MAC is
 * wrong, are left out.
 * @throws Boom 500 where a key lacks, or where a record is not the one that it says
 */
export const decodeSyncdMutations = async (
  msgMutations: (SyncdMutation | SyncdRecord)[],
  initialState: LTHashState,
  getAppStateSyncKey: FetchAppStateSyncKey,
  onMutation: OnMutation,
  validateMacs: boolean,
): Promise<Finished> => {
  const generator = makeLtHashGenerator(initialState)
  const known = new Map<string, MutationKeys>()
  const keysOf = async (record: SyncdRecord): Promise<MutationKeys | undefined> => {
    try {
      const id = idOf(record)
      const name = Buffer.from(id).toString('base64')
      const keys = known.get(name) ?? (await keysFor(id, getAppStateSyncKey, 'mutation', { msgMutations }))
      known.set(name, keys)
      return keys
    } catch (error) {
      if (isMissingKeyError(error)) throw error
      return undefined
    }
  }
  for (const mutation of msgMutations) {
    const operation = 'operation' in mutation ? mutation.operation : SET
    const record = 'record' in mutation && mutation.record ? mutation.record : (mutation as SyncdRecord)
    const keys = await keysOf(record)
    if (!keys) continue
    const blob = blobOf(record.value)
    const encrypted = blob.subarray(0, -VALUE_MAC_BYTES)
    const mac = blob.subarray(-VALUE_MAC_BYTES)
    if (validateMacs && !valueMac(operation, encrypted, idOf(record), keys.valueMacKey).equals(mac)) continue
    const plaintext = decrypted(encrypted, keys)
    if (!plaintext) continue
    const syncAction = (loadProto()['SyncActionData'] as ProtoClass<{ index: Uint8Array }>).decode(plaintext)
    const indexMac = blobOf(record.index)
    if (validateMacs && !hmacSign(syncAction.index, keys.indexKey).equals(indexMac)) throw new Boom('HMAC index verification failed')
    onMutation({ syncAction: syncAction as ChatMutation['syncAction'] & { index: Uint8Array }, index: JSON.parse(Buffer.from(syncAction.index).toString()) as string[] })
    generator.mix({ indexMac, valueMac: mac, operation })
  }
  return generator.finish()
}

function decrypted(encrypted: Uint8Array, { valueEncryptionKey }: MutationKeys): Buffer | undefined {
  try {
    return aesDecrypt(encrypted, valueEncryptionKey)
  } catch {
    return undefined
  }
}

/** As {@link decodeSyncdMutations}, of a patch. @throws Boom 500 also where the patch is not signed rightly */
export const decodeSyncdPatch = async (
  msg: SyncdPatch,
  name: WAPatchName,
  initialState: LTHashState,
  getAppStateSyncKey: FetchAppStateSyncKey,
  onMutation: OnMutation,
  validateMacs: boolean,
): Promise<Finished> => {
  const mutations = msg.mutations as SyncdMutation[]
  if (validateMacs) {
    const { patchMacKey } = await keysFor(idOf(msg), getAppStateSyncKey, 'patch', { msg })
    const values = mutations.map(({ record }) => blobOf(whole({ record }).record.value).slice(-VALUE_MAC_BYTES))
    const expected = patchMac(msg.snapshotMac as Uint8Array, values, versionOf(msg), name, patchMacKey)
    if (!expected.equals(msg.patchMac as Uint8Array)) throw new Boom('Invalid patch mac')
  }
  return decodeSyncdMutations(mutations, initialState, getAppStateSyncKey, onMutation, validateMacs)
}

/** Whether the MAC of a collection is that of its hash. */
async function isWhole(
  state: LTHashState,
  name: WAPatchName,
  signed: Keyed,
  mac: Uint8Array,
  getKey: FetchAppStateSyncKey,
): Promise<boolean> {
  const { snapshotMacKey } = await keysFor(idOf(signed), getKey, 'mutation')
  return snapshotMac(state.hash, state.version, name, snapshotMacKey).equals(mac)
}

/** Notes the last mutation of each index, if the version is news. */
function collector(map: ChatMutationMap, version: number, minimum: number | undefined): OnMutation {
  if (minimum !== undefined && version <= minimum) return () => undefined
  return mutation => {
    map[String(mutation.syncAction.index)] = mutation
  }
}

/** The state of a collection and what is in it, from its snapshot. What changed after version `minimumVersionNumber` is told. */
export const decodeSyncdSnapshot = async (
  name: WAPatchName,
  snapshot: SyncdSnapshot,
  getAppStateSyncKey: FetchAppStateSyncKey,
  minimumVersionNumber: number | undefined,
  validateMacs: boolean = true,
  logger?: SyncLogger,
): Promise<{ state: LTHashState; mutationMap: ChatMutationMap }> => {
  const mutationMap: ChatMutationMap = {}
  const version = versionOf(snapshot)
  const state = { ...newLTHashState(), version }
  const collect = collector(mutationMap, version, minimumVersionNumber)
  const records = snapshot.records as SyncdRecord[]
  Object.assign(state, await decodeSyncdMutations(records, state, getAppStateSyncKey, collect, validateMacs))
  if (validateMacs && !(await isWhole(state, name, snapshot, snapshot.mac as Uint8Array, getAppStateSyncKey))) {
    logger?.warn({ name, version }, 'LTHash verification failed: a snapshot is not whole')
  }
  return { state, mutationMap }
}

/** The state after patches, and what they change. A patch that cannot be read is passed over; what follows one that is not whole is left. */
export const decodePatches = async (
  name: WAPatchName,
  syncds: SyncdPatch[],
  initial: LTHashState,
  getAppStateSyncKey: FetchAppStateSyncKey,
  options: RequestInit,
  minimumVersionNumber: number | undefined,
  logger: SyncLogger | undefined,
  validateMacs: boolean = true,
): Promise<{ state: LTHashState; mutationMap: ChatMutationMap }> => {
  const state: LTHashState = { ...initial, indexValueMap: { ...initial.indexValueMap } }
  const mutationMap: ChatMutationMap = {}
  for (const patch of syncds) {
    if (patch.externalMutations) {
      logger?.trace({ name }, 'downloading mutations of the app state')
      const { mutations } = await downloadExternalPatch(patch.externalMutations, options)
      patch.mutations = patch.mutations?.concat(mutations ?? []) ?? null
    }
    state.version = versionOf(patch)
    const collect = collector(mutationMap, state.version, minimumVersionNumber)
    try {
      Object.assign(state, await decodeSyncdPatch(patch, name, state, getAppStateSyncKey, collect, validateMacs))
    } catch (error) {
      if (isMissingKeyError(error)) throw error
      logger?.warn({ name, version: state.version, error }, 'a patch of the app state cannot be read')
      continue
    }
    if (validateMacs && !(await isWhole(state, name, patch, patch.snapshotMac as Uint8Array, getAppStateSyncKey))) {
      logger?.warn({ name, version: state.version }, 'LTHash verification failed: after a patch the collection is not whole')
      break
    }
    // They are not needed any more, and can be large.
    patch.mutations = []
  }
  return { state, mutationMap }
}
