/** Votes and answers: opening them, adding them up, and keeping them with the message they are about. */
import { aesDecryptGCM, hmacSign, sha256 } from './crypto.js'
import { getKeyAuthor } from './keys.js'
import { loadProto, type proto } from './proto.js'
import type { ProtoClass, WAMessage, WAMessageContent, WAMessageKey } from './types.js'

interface Sealed {
  encPayload?: Uint8Array | null
  encIv?: Uint8Array | null
}

/** Opens what `author` sent about the message `id` of `creator`. The key hangs on the secret of that message, and on the purpose. */
function unseal({ encPayload, encIv }: Sealed, secret: Uint8Array, id: string, creator: string, author: string, purpose: string): Buffer {
  const about = Buffer.concat([Buffer.from(id), Buffer.from(creator), Buffer.from(author), Buffer.from(purpose), Buffer.from([1])])
  const key = hmacSign(about, hmacSign(secret, new Uint8Array(32), 'sha256'), 'sha256')
  return aesDecryptGCM(encPayload as Uint8Array, key, encIv as Uint8Array, Buffer.from(`${id}\0${author}`))
}

const messageClass = <T>(name: string): ProtoClass<T> => loadProto().Message[name] as ProtoClass<T>

/** The options that were voted for, as the SHA-256 of their names. */
export function decryptPollVote(
  { encPayload, encIv }: Sealed,
  { pollCreatorJid, pollMsgId, pollEncKey, voterJid }: { pollCreatorJid: string; pollMsgId: string; pollEncKey: Uint8Array; voterJid: string },
): proto.Message.PollVoteMessage {
  const plain = unseal({ encPayload, encIv } as Sealed, pollEncKey, pollMsgId, pollCreatorJid, voterJid, 'Poll Vote')
  return messageClass<proto.Message.PollVoteMessage>('PollVoteMessage').decode(plain)
}

export function decryptEventResponse(
  { encPayload, encIv }: Sealed,
  { eventCreatorJid, eventMsgId, eventEncKey, responderJid }: { eventCreatorJid: string; eventMsgId: string; eventEncKey: Uint8Array; responderJid: string },
): proto.Message.EventResponseMessage {
  const plain = unseal({ encPayload, encIv } as Sealed, eventEncKey, eventMsgId, eventCreatorJid, responderJid, 'Event Response')
  return messageClass<proto.Message.EventResponseMessage>('EventResponseMessage').decode(plain)
}

export type PollUpdate = proto.IPollUpdate
/** The answer by its name is put there by who opened it. */
export type EventResponse = proto.IEventResponse & { eventResponse?: unknown }
export type Reaction = proto.IReaction
export type UserReceipt = proto.IUserReceipt

const POLLS = ['pollCreationMessage', 'pollCreationMessageV2', 'pollCreationMessageV3'] as const

/** Each option with those who chose it. What fits no option is under "Unknown". */
export function getAggregateVotesInPollMessage(
  { message, pollUpdates }: { message?: WAMessageContent | null; pollUpdates?: PollUpdate[] | null },
  meId?: string,
  authorOf = getKeyAuthor,
): { name: string; voters: string[] }[] {
  const { options } = POLLS.map(name => message?.[name]).find(poll => poll?.options) ?? {}
  const byHash = new Map<string, { name: string; voters: string[] }>()
  for (const { optionName } of options ?? []) {
    byHash.set(sha256(Buffer.from(optionName || '')).toString('hex'), { name: optionName || '', voters: [] })
  }
  for (const { vote, pollUpdateMessageKey } of pollUpdates ?? []) {
    for (const option of vote?.selectedOptions ?? []) {
      const hash = Buffer.from(option).toString('hex')
      const entry = byHash.get(hash) ?? { name: 'Unknown', voters: [] }
      entry.voters.push(authorOf(pollUpdateMessageKey, meId))
      byHash.set(hash, entry)
    }
  }
  return [...byHash.values()]
}

const RESPONSES = ['GOING', 'NOT_GOING', 'MAYBE']

/** Each answer to an event with those who gave it. */
export function getAggregateResponsesInEventMessage(
  { eventResponses }: { eventResponses?: EventResponse[] | null },
  meId?: string,
): { response: string; responders: string[] }[] {
  const answers = RESPONSES.map(response => ({ response, responders: [] as string[] }))
  for (const { eventResponse, eventResponseMessageKey } of eventResponses ?? []) {
    answers.find(({ response }) => response === eventResponse)?.responders.push(getKeyAuthor(eventResponseMessageKey, meId))
  }
  return answers
}

/** The receipt of a user takes what is new from this one. */
export const updateMessageWithReceipt = (msg: Pick<WAMessage, 'userReceipt'>, receipt: UserReceipt): void => {
  msg.userReceipt = msg.userReceipt || []
  const known = msg.userReceipt.find(({ userJid }) => userJid === receipt.userJid)
  if (known) Object.assign(known, receipt)
  else msg.userReceipt.push(receipt)
}

/** The entries of all others, and then `entry`. */
const replace = <T>(entries: T[] | null | undefined, key: (entry: T) => WAMessageKey | null | undefined, entry: T, keep = true): T[] => {
  const author = getKeyAuthor(key(entry))
  const others = (entries ?? []).filter(other => getKeyAuthor(key(other)) !== author)
  return keep ? [...others, entry] : others
}

export const updateMessageWithReaction = (msg: Pick<WAMessage, 'reactions'>, reaction: Reaction): void => {
  const reactions = replace(msg.reactions, ({ key }) => key, reaction)
  reaction.text = reaction.text || ''
  msg.reactions = reactions
}

/** A vote for nothing takes the earlier one back. */
export const updateMessageWithPollUpdate = (msg: Pick<WAMessage, 'pollUpdates'>, update: PollUpdate): void => {
  msg.pollUpdates = replace(msg.pollUpdates, ({ pollUpdateMessageKey }) => pollUpdateMessageKey, update, Boolean(update.vote?.selectedOptions?.length))
}

export const updateMessageWithEventResponse = (msg: Pick<WAMessage, 'eventResponses'>, update: EventResponse): void => {
  msg.eventResponses = replace(msg.eventResponses, ({ eventResponseMessageKey }) => eventResponseMessageKey, update)
}
