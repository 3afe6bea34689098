// Caches of the program's own, and the callbacks that a socket asks.
import makeWASocket, {
  type AuthenticationState, type CacheStore, type GroupMetadata, type PossiblyExtendedCacheStore, type WAMessageContent, type WAMessageKey,
  DEFAULT_CONNECTION_CONFIG, isJidBroadcast, proto,
} from 'baileys'

class NodeCache {
  readonly entries = new Map<string, unknown>()
  get<T>(key: string): T | undefined {
    return this.entries.get(key) as T | undefined
  }
  set<T>(key: string, value: T): boolean {
    this.entries.set(key, value)
    return true
  }
  del(key: string): number {
    return Number(this.entries.delete(key))
  }
  flushAll(): void {
    this.entries.clear()
  }
}
const asynchronous: CacheStore = {
  get: async <T,>(key: string): Promise<T> => key as T,
  set: async () => undefined,
  del: async () => undefined,
  flushAll: async () => undefined,
}
const devices: PossiblyExtendedCacheStore = { ...asynchronous, mget: async () => ({}), mset: async () => undefined, mdel: async () => undefined }
const groups = new Map<string, GroupMetadata>()

export function open(auth: AuthenticationState) {
  const sock = makeWASocket({
    ...DEFAULT_CONNECTION_CONFIG,
    auth,
    msgRetryCounterCache: new NodeCache(),
    callOfferCache: new NodeCache(),
    placeholderResendCache: asynchronous,
    mediaCache: asynchronous,
    userDevicesCache: devices,
    customUploadHosts: [{ hostname: 'media.example.com', maxContentLengthBytes: 1 << 20 }],
    cachedGroupMetadata: async (jid) => groups.get(jid),
    getMessage: async (key: WAMessageKey): Promise<WAMessageContent | undefined> => (key.id ? proto.Message.create({ conversation: 'x' }) : undefined),
    shouldIgnoreJid: (jid) => isJidBroadcast(jid),
    patchMessageBeforeSending: (message) => {
      const requiresPatch = !!(message.buttonsMessage || message.templateMessage || message.listMessage)
      if (!requiresPatch) return message
      return { viewOnceMessage: { message: { messageContextInfo: { deviceListMetadataVersion: 2, deviceListMetadata: {} }, ...message } } }
    },
    options: { headers: { 'x-test': '1' } },
  })
  sock.ev.on('groups.update', async ([event]) => {
    if (event?.id) groups.set(event.id, await sock.groupMetadata(event.id))
  })
  sock.ws.on('CB:call', (node: { tag: string; attrs: Record<string, string> }) => console.log(node.attrs.from))
  sock.ws.on('CB:ack,class:call', () => undefined)
  return sock
}
export type Socket = ReturnType<typeof open>
export const close = async (sock: Socket): Promise<void> => {
  await sock.ws.close()
  sock.end(undefined)
}
