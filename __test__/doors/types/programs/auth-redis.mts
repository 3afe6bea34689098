// Credentials in a hash of Redis, and what is looked up in them.
import {
  type AuthenticationCreds, BufferJSON, type Contact, Curve, type KeyPair, type SignalKeyStore, type SignalKeyStoreWithTransaction, type SignedKeyPair,
  addTransactionCapability, generateRegistrationId, initAuthCreds, makeCacheableSignalKeyStore, signedKeyPair,
} from 'baileys'

declare const redis: {
  hget(key: string, field: string): Promise<string | null>
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>
  hset(key: string, values: Record<string, string>): Promise<number>
  hdel(key: string, ...fields: string[]): Promise<number>
  del(key: string): Promise<number>
}
declare const logger: {
  level: string
  child(bindings: Record<string, unknown>): typeof logger
  trace(value: unknown, text?: string): void
  debug(value: unknown, text?: string): void
  info(value: unknown, text?: string): void
  warn(value: unknown, text?: string): void
  error(value: unknown, text?: string): void
}

export async function useRedis(session: string): Promise<{
  state: { creds: AuthenticationCreds; keys: SignalKeyStore }
  saveCreds: () => Promise<void>
  clear: () => Promise<void>
}> {
  const text = await redis.hget(session, 'creds')
  const creds: AuthenticationCreds = text ? JSON.parse(text, BufferJSON.reviver) : initAuthCreds()
  const keys: SignalKeyStore = {
    async get(type, ids) {
      const values = await redis.hmget(session, ...ids.map((id) => `${type}:${id}`))
      return Object.fromEntries(ids.flatMap((id, n) => (values[n] ? [[id, JSON.parse(values[n], BufferJSON.reviver)]] : [])))
    },
    async set(data) {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries ?? {})) {
          if (value) await redis.hset(session, { [`${type}:${id}`]: JSON.stringify(value, BufferJSON.replacer) })
          else await redis.hdel(session, `${type}:${id}`)
        }
      }
    },
    clear: async () => void (await redis.del(session)),
  }
  return {
    state: { creds, keys: makeCacheableSignalKeyStore(keys, logger) },
    saveCreds: async () => void (await redis.hset(session, { creds: JSON.stringify(creds, BufferJSON.replacer) })),
    clear: async () => keys.clear?.(),
  }
}

export const capable = (keys: SignalKeyStore): SignalKeyStoreWithTransaction =>
  addTransactionCapability(keys, logger, { maxCommitRetries: 3, delayBetweenTriesMs: 100 })

export function look(creds: AuthenticationCreds): string {
  const me: Contact | undefined = creds.me
  const noise: KeyPair = creds.noiseKey
  const signed: SignedKeyPair = creds.signedPreKey
  const fresh = signedKeyPair(Curve.generateKeyPair(), generateRegistrationId())
  const ours: boolean = Curve.verify(signed.keyPair.public, fresh.keyPair.public, fresh.signature)
  return `${me?.id} ${me?.lid} ${me?.name} ${creds.registered} ${creds.account?.details?.length} ${noise.public.length} ${ours} ${creds.accountSettings.unarchiveChats}`
}
