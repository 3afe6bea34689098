/** What a program knows of a chat, or doubts, before it writes there: its cache of groups, and whether caches are to be used. */
import { DEFAULT_CONNECTION_CONFIG } from '../constants.js'
import type { SocketContext } from '../context.js'
import { isJidGroup, jidNormalizedUser } from '../jid.js'
import { BoundedCache } from '../members/user-devices.js'
import type { GroupMetadata, GroupParticipant } from '../types.js'

/** How long a list counts as given: the engine keeps it current by itself. */
const LIFE_MS = 60_000
const MAX_GROUPS = 1000

export interface CacheUse {
  useCachedGroupMetadata?: boolean | undefined
  useUserDevicesCache?: boolean | undefined
  statusJidList?: string[] | undefined
}

/** Baileys 6 has the phone number as `jid`. */
const memberOf = ({ id, phoneNumber, lid, jid }: GroupParticipant & { jid?: string }): { id: string; others: string[] } => ({
  id,
  others: [phoneNumber, lid, jid].filter(other => typeof other === 'string'),
})

export function makeChatFacts(context: SocketContext) {
  const { config, ask } = context
  const cached = config.cachedGroupMetadata === DEFAULT_CONNECTION_CONFIG.cachedGroupMetadata ? undefined : config.cachedGroupMetadata
  const given = new BoundedCache(LIFE_MS, MAX_GROUPS)

  /** The members as the program has them. The engine takes them where it knows nothing itself. */
  async function groupOf(jid: string): Promise<{ lids?: boolean; members: object[] } | undefined> {
    const { participants, addressingMode } = ((await cached?.(jid)) ?? {}) as Partial<GroupMetadata>
    if (!Array.isArray(participants) || given.get(jid)) return undefined
    given.set(jid, true)
    const lids = addressingMode === undefined ? {} : { lids: addressingMode === 'lid' }
    // What a cache of the program gives need not be whole.
    return { ...lids, members: participants.filter(participant => typeof participant?.id === 'string').map(memberOf) }
  }

  /** Tells the engine before a message goes to a chat. */
  return async function prepare(jid: string, { useCachedGroupMetadata, useUserDevicesCache, statusJidList = [] }: CacheUse): Promise<void> {
    const doubtDevices = useUserDevicesCache === false
    const doubtGroup = isJidGroup(jid) && useCachedGroupMetadata === false
    const group = isJidGroup(jid) && !doubtGroup && cached ? await groupOf(jid) : undefined
    if (group || doubtGroup || doubtDevices) await ask('signal.prepare', { chat: jidNormalizedUser(jid), group, doubtGroup, doubtDevices })
    for (const person of doubtDevices ? statusJidList : []) await ask('signal.prepare', { chat: jidNormalizedUser(person), doubtDevices })
  }
}
