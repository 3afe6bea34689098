/** The events of 7 as those of 6. */
import type { BaileysEventMap, WAMessage, WAMessageKey, WAMessageUpdate } from '../types.js'
import { altered, historyContact, legacyCallStatus, legacyContact, legacyError, legacyGroup, legacyKey, legacyMessage, legacyQr, participantJid } from './shapes.js'

type Converters = { [E in keyof BaileysEventMap]?: (payload: BaileysEventMap[E]) => unknown }

/** Votes and answers to events, each with the key of the message in which it came. */
function answers(update: Partial<WAMessage>, field: 'pollUpdates' | 'eventResponses', named: string): object {
  const list = update[field] as { [field: string]: WAMessageKey }[] | null | undefined
  const shown = (answer: { [field: string]: WAMessageKey }): object => {
    const key = answer[named]
    return key ? altered(answer, { [named]: legacyKey(key) }) : answer
  }
  return list ? { [field]: list.map(shown) } : {}
}

function legacyUpdate({ key, update }: WAMessageUpdate): object {
  const { messageTimestamp: _time, ...rest } = update
  // A receipt is only a status in 6.
  const isReceipt = update.status !== undefined && update.status !== null && !update.message
  const shown: Partial<WAMessage> = isReceipt ? rest : update
  return {
    key: legacyKey(key),
    update: {
      ...shown,
      ...(shown.key ? { key: legacyKey(shown.key) } : {}),
      ...answers(shown, 'pollUpdates', 'pollUpdateMessageKey'),
      ...answers(shown, 'eventResponses', 'eventResponseMessageKey'),
    },
  }
}

const CONVERTERS: Converters = {
  'connection.update'(update) {
    legacyError(update.lastDisconnect?.error)
    return update.qr ? { ...update, qr: legacyQr(update.qr) } : update
  },
  'messaging-history.set': ({ contacts, messages, ...rest }) => ({
    ...rest,
    contacts: contacts.map(historyContact),
    messages: messages.map(legacyMessage),
  }),
  call: calls => calls.map(call => ({ ...call, status: legacyCallStatus(call.status) })),
  'chats.update': chats =>
    chats.map(chat => {
      const { messages } = chat
      if (!messages) return chat
      return { ...chat, messages: messages.map(item => (item.message ? { ...item, message: legacyMessage(item.message as WAMessage) } : item)) }
    }),
  'contacts.upsert': contacts => contacts.map(contact => legacyContact(contact)),
  // It names only whom it is about.
  'contacts.update': contacts => contacts.map(contact => (contact.phoneNumber || contact.lid ? legacyContact(contact) : contact)),
  'messages.upsert': upsert => ({ ...upsert, messages: upsert.messages.map(legacyMessage) }),
  'messages.update': updates => updates.map(legacyUpdate),
  'messages.delete': gone => ('keys' in gone ? { ...gone, keys: gone.keys.map(legacyKey) } : gone),
  'messages.media-update': updates => updates.map(update => ({ ...update, key: legacyKey(update.key) })),
  'messages.reaction': reactions =>
    reactions.map(({ key, reaction }) => ({
      key: legacyKey(key),
      reaction: reaction.key ? { ...reaction, key: legacyKey(reaction.key) } : reaction,
    })),
  'message-receipt.update': updates => updates.map(update => ({ ...update, key: legacyKey(update.key) })),
  'groups.upsert': groups => groups.map(group => legacyGroup(group)),
  'groups.update': groups => groups.map(group => legacyGroup(group)),
  'group-participants.update': update => ({ ...update, participants: update.participants.map(participantJid) }),
}

/** One occurrence's events in the shapes of 6; what it is given stays as it is. */
export function toLegacyEvents(events: Partial<BaileysEventMap>): { [event: string]: unknown } {
  const legacy: { [event: string]: unknown } = {}
  for (const [event, payload] of Object.entries(events)) {
    const convert = CONVERTERS[event as keyof BaileysEventMap] as ((payload: unknown) => unknown) | undefined
    legacy[event] = convert ? convert(payload) : payload
  }
  const mapping = events['lid-mapping.update']
  if (mapping) legacy['chats.phoneNumberShare'] ??= { lid: mapping.lid, jid: mapping.pn }
  return legacy
}
