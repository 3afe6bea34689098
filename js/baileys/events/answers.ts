/** Votes and answers to events: only who has the message that they are about can read them, so the program is asked for it. */
import { toNumber } from '../bits.js'
import { jidNormalizedUser } from '../jid.js'
import { decryptEventResponse, decryptPollVote } from '../polls.js'
import type { AuthenticationCreds, WAMessage, WAMessageKey } from '../types.js'
import type { ProcessContext } from './process.js'

type Fields = { [field: string]: any }
/** Opens it, as sealed by `author` for the message of `creator`; throws where it was sealed for others. */
type Open = (creator: string, author: string) => Fields

/** Somebody votes. Baileys 6 tells of it, and 7 does no more; programs of 7 have no harm of it. */
export async function onPollVote(vote: Fields, message: WAMessage, context: ProcessContext): Promise<void> {
  const creation = vote['pollCreationMessageKey'] as WAMessageKey | undefined
  const secret = creation && (await secretOf(creation, context))
  if (!secret) return
  const open: Open = (pollCreatorJid, voterJid) =>
    decryptPollVote((vote['vote'] ?? {}) as Fields, { pollCreatorJid, pollMsgId: creation.id as string, pollEncKey: secret, voterJid })
  const opened = openWith(open, creation, message, context, 'failed to decrypt poll vote')
  if (!opened) return
  const update = { pollUpdateMessageKey: message.key, vote: opened, senderTimestampMs: toNumber((vote['senderTimestampMs'] ?? 0) as number) }
  context.emit('messages.update', [{ key: creation, update: { pollUpdates: [update] } }])
}

/** Somebody answers an event. */
export async function onEventResponse(answer: Fields, message: WAMessage, context: ProcessContext): Promise<void> {
  const creation = answer['eventCreationMessageKey'] as WAMessageKey | undefined
  const secret = creation && (await secretOf(creation, context))
  if (!secret) return context.warn({ creationMsgKey: creation }, 'event creation message not found, cannot decrypt response')
  const open: Open = (eventCreatorJid, responderJid) =>
    decryptEventResponse(answer, { eventCreatorJid, eventMsgId: creation.id as string, eventEncKey: secret, responderJid })
  const response = openWith(open, creation, message, context, 'failed to decrypt event response')
  if (!response) return
  const eventResponse = { eventResponseMessageKey: message.key, senderTimestampMs: toNumber(response['timestampMs'] as number), response }
  context.emit('messages.update', [{ key: creation, update: { eventResponses: [eventResponse] } }])
}

async function secretOf(creation: WAMessageKey, { getMessage, warn }: ProcessContext): Promise<Uint8Array | undefined> {
  try {
    const found = (await getMessage(creation)) as Fields | null | undefined
    return (found?.['messageContextInfo']?.messageSecret as Uint8Array | undefined) || undefined
  } catch (error) {
    warn(error, 'getMessage has failed')
    return undefined
  }
}

/** Nothing says whether the sender went by numbers or by LIDs: what was sealed for one does not open with the other. */
function openWith(open: Open, creation: WAMessageKey, message: WAMessage, { creds, warn }: ProcessContext, failed: string): Fields | undefined {
  let last: unknown
  for (const creator of creatorOf(creation, message.key, creds)) {
    for (const author of authorOf(message.key, creds)) {
      try {
        return open(creator, author)
      } catch (error) {
        last = error
      }
    }
  }
  warn(last, failed)
  return undefined
}

const addresses = (...jids: (string | null | undefined)[]): string[] => [...new Set(jids.filter(jid => Boolean(jid)).map(jid => jidNormalizedUser(jid as string)))]

function authorOf(key: WAMessageKey, { me }: AuthenticationCreds): string[] {
  if (key.fromMe) return addresses(me?.lid, me?.id)
  return key.participant ? addresses(key.participant, key.participantAlt) : addresses(key.remoteJid, key.remoteJidAlt)
}

function creatorOf(creation: WAMessageKey, key: WAMessageKey, { me }: AuthenticationCreds): string[] {
  if (creation.fromMe) return addresses(me?.lid, me?.id)
  const creator = creation.participant || creation.remoteJid
  // The other form is only known of who sent this message, or whom this chat is with.
  if (creator === key.participant) return addresses(creator, key.participantAlt)
  return addresses(creator, creator === key.remoteJid ? key.remoteJidAlt : undefined)
}
