// All events at once, and each by itself.
import {
  type BaileysEvent, type BaileysEventMap, type ParticipantAction, type PresenceData, type WACallEvent, type WACallUpdateType, type WASocket, type proto,
  getAggregateVotesInPollMessage, decryptPollVote, makeEventBuffer,
} from 'baileys'

export function listen(sock: WASocket, getMessage: (key: proto.IMessageKey) => Promise<proto.IMessage | undefined>): () => void {
  const handlers: Partial<Record<BaileysEvent, number>> = { 'messages.upsert': 1 }
  const stop = sock.ev.process(async (events: Partial<BaileysEventMap>) => {
    for (const name of Object.keys(events) as BaileysEvent[]) handlers[name] = (handlers[name] ?? 0) + 1
    const update = events['connection.update']
    if (update?.connection === 'open') console.log(update.isOnline, update.lastDisconnect?.date)
    if (events['labels.association']) console.log(events['labels.association'].association.labelId, events['labels.association'].type)
    if (events['labels.edit']) console.log(events['labels.edit'].name, events['labels.edit'].color)
    if (events.call) for (const call of events.call) await answer(sock, call)
    for (const { key, update } of events['messages.update'] ?? []) {
      if (!update.pollUpdates) continue
      const creation = await getMessage(key)
      if (creation) for (const { name, voters } of getAggregateVotesInPollMessage({ message: creation, pollUpdates: update.pollUpdates })) console.log(name, voters)
    }
    const { chats, messages, isLatest, syncType, progress } = events['messaging-history.set'] ?? {}
    console.log(chats?.length, messages?.length, isLatest, syncType, progress)
    for (const presence of Object.values(events['presence.update']?.presences ?? {})) seen(presence)
    const blocklist = events['blocklist.update']
    if (blocklist?.type === 'add') console.log(blocklist.blocklist)
    const request = events['group.join-request']
    if (request) console.log(request.action === 'created', request.method)
    const settings = events['settings.update']
    if (settings?.setting === 'locale') console.log(settings.value.length)
    console.log(events['newsletter.reaction']?.reaction.code, events['chats.lock']?.locked, events['lid-mapping.update']?.lid)
  })
  sock.ev.on('group-participants.update', ({ action }: { action: ParticipantAction }) => console.log(action))
  sock.ev.on('messages.media-update', ([first]) => console.log(first?.media?.iv.length, first?.error?.output.statusCode))
  sock.ev.on('contacts.update', (contacts) => contacts.map(({ imgUrl, notify, verifiedName }) => [imgUrl, notify, verifiedName]))
  sock.ev.on('group.member-tag.update', ({ label, participant }) => console.log(label, participant))
  sock.ev.removeAllListeners('call')
  sock.ev.buffer()
  if (sock.ev.isBuffering()) sock.ev.flush()
  const buffered = sock.ev.createBufferedFunction(async (n: number) => String(n))
  void buffered(1).then((text: string) => text)
  return stop
}

async function answer(sock: WASocket, { id, from, status, isVideo, isGroup, date, offline }: WACallEvent): Promise<void> {
  const states: WACallUpdateType[] = ['offer', 'ringing', 'timeout', 'reject', 'accept', 'terminate']
  if (status === 'offer' && states.includes(status) && !isGroup && !offline) await sock.rejectCall(id, from)
  console.log(isVideo, date.toISOString())
}
const seen = ({ lastKnownPresence, lastSeen }: PresenceData): void => console.log(lastKnownPresence === 'composing', lastSeen)

export const vote = (update: proto.Message.IPollUpdateMessage, key: Uint8Array): proto.Message.PollVoteMessage =>
  decryptPollVote(update.vote!, { pollCreatorJid: 'a', pollMsgId: 'b', pollEncKey: key, voterJid: 'c' })

export function own(): void {
  const ev = makeEventBuffer({ level: 'x', child: () => undefined as never, trace() {}, debug() {}, info() {}, warn() {}, error() {} })
  ev.on('creds.update', ({ me }) => console.log(me?.id))
  ev.emit('creds.update', { registered: true })
}
