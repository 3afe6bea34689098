/** History: parts of the phone's blobs as `messaging-history.set`. Source: contract §3.2 and §5. */
import { processHistoryMessage } from '../history-sync.js'
import { loadProto } from '../proto.js'
import type { WireEvent } from '../../internals.js'

type Fields = { [field: string]: any }

/** `HistorySync.HistorySyncType` by the engine's names. */
const TYPES: { [name: string]: number } = { initial: 0, status: 1, full: 2, recent: 3, names: 4, 'on-demand': 6 }
export const HISTORY = { INITIAL_BOOTSTRAP: 0, RECENT: 3, ON_DEMAND: 6 }

export const historyType = (name: string): number => TYPES[name] ?? 5

/** What a part tells; undefined where there is nothing in it. */
export function historyOf({ type, order, progress, request, raw }: Extract<WireEvent, { kind: 'history' }>, isLatest: boolean): Fields | undefined {
  if (raw.length === 0) return undefined
  const syncType = historyType(type)
  const proto = loadProto() as unknown as { HistorySync: { decode(bytes: Uint8Array): any } }
  const sync = proto.HistorySync.decode(Buffer.from(raw))
  sync.syncType = syncType
  const told = processHistoryMessage(sync, undefined) as unknown as Fields
  const { chats, contacts, messages, lidPnMappings, pastParticipants } = told
  return {
    chats,
    contacts,
    messages,
    lidPnMappings,
    pastParticipants: pastParticipants?.length ? pastParticipants : undefined,
    syncType,
    progress: progress ?? sync.progress ?? null,
    isLatest: syncType === HISTORY.ON_DEMAND ? undefined : isLatest,
    chunkOrder: order,
    peerDataRequestSessionId: request ?? null,
  }
}
