/** What follows from a message besides itself: changes of its chat, of other messages, of a group. */
import { toNumber } from '../bits.js'
import { normalizeMessageContent } from '../content.js'
import { areJidsSameUser, jidNormalizedUser } from '../jid.js'
import { getChatId, isRealMessage, shouldIncrementChatUnread } from '../keys.js'
import type { AuthenticationCreds, WAMessage, WAMessageContent, WAMessageKey } from '../types.js'
import { onEventResponse, onPollVote } from './answers.js'
import { groupStub } from './group-stubs.js'

type Fields = { [field: string]: any }

export interface ProcessContext {
  creds: AuthenticationCreds
  emit(event: string, value: unknown): void
  getMessage(key: WAMessageKey): Promise<WAMessageContent | undefined>
  warn(error: unknown, what: string): void
}

// Numbers of the schema.
const PROTOCOL = {
  REVOKE: 0,
  EPHEMERAL_SETTING: 3,
  HISTORY_SYNC_NOTIFICATION: 5,
  APP_STATE_SYNC_KEY_SHARE: 6,
  MESSAGE_EDIT: 14,
  PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE: 17,
  GROUP_MEMBER_LABEL_CHANGE: 30,
}
const REVOKE_STUB = 1

/** Tells what follows from a message. A promise where something has to be asked for. */
export function processMessage(message: WAMessage, context: ProcessContext): Promise<void> | undefined {
  const { creds, emit } = context
  const chat: Fields = { id: jidNormalizedUser(getChatId(message.key)) }
  if (isRealMessage(message)) {
    chat['messages'] = [{ message }]
    chat['conversationTimestamp'] = toNumber(message.messageTimestamp as number)
    if (shouldIncrementChatUnread(message)) chat['unreadCount'] = 1
    if ((creds['accountSettings'] as { unarchiveChats?: boolean } | undefined)?.unarchiveChats) {
      chat['archived'] = false
      chat['readOnly'] = false
    }
  }
  const content = normalizeMessageContent(message.message) as Fields | undefined
  let later: Promise<void> | undefined
  if (content?.['protocolMessage']) onProtocol(content['protocolMessage'] as Fields, message, chat, context)
  else if (content?.['reactionMessage']) {
    const { key, ...reaction } = content['reactionMessage'] as Fields
    emit('messages.reaction', [{ reaction: { ...reaction, key: message.key }, key }])
  } else if (content?.['encEventResponseMessage']) {
    later = onEventResponse(content['encEventResponseMessage'] as Fields, message, context)
  } else if (content?.['pollUpdateMessage']) {
    later = onPollVote(content['pollUpdateMessage'] as Fields, message, context)
  } else if (message.messageStubType) groupStub(message, chat, creds, emit)
  if (Object.keys(chat).length > 1) emit('chats.update', [chat])
  return later
}

function onProtocol(protocol: Fields, message: WAMessage, chat: Fields, { creds, emit }: ProcessContext): void {
  const { key } = message
  switch (protocol['type']) {
    case PROTOCOL.REVOKE:
      return emit('messages.update', [
        { key: { ...key, id: protocol['key'].id }, update: { message: null, messageStubType: REVOKE_STUB, key } },
      ])
    case PROTOCOL.EPHEMERAL_SETTING:
      chat['ephemeralSettingTimestamp'] = toNumber(message.messageTimestamp as number)
      chat['ephemeralExpiration'] = protocol['ephemeralExpiration'] || null
      return
    case PROTOCOL.MESSAGE_EDIT:
      return emit('messages.update', [
        {
          key: { ...key, id: protocol['key']?.id },
          update: {
            message: { editedMessage: { message: protocol['editedMessage'] } },
            messageTimestamp: protocol['timestampMs'] ? Math.floor(toNumber(protocol['timestampMs']) / 1000) : message.messageTimestamp,
          },
        },
      ])
    case PROTOCOL.APP_STATE_SYNC_KEY_SHARE: {
      const shared = (protocol['appStateSyncKeyShare']?.keys ?? []) as { keyId?: { keyId?: Uint8Array } }[]
      const newest = shared.at(-1)?.keyId?.keyId
      if (!newest) return
      const myAppStateKeyId = Buffer.from(newest).toString('base64')
      creds['myAppStateKeyId'] = myAppStateKeyId
      return emit('creds.update', { myAppStateKeyId })
    }
    case PROTOCOL.GROUP_MEMBER_LABEL_CHANGE: {
      const label: unknown = protocol['memberLabel']?.label
      return emit('group.member-tag.update', {
        groupId: chat['id'],
        label: label ?? '',
        participant: key.participant,
        participantAlt: key.participantAlt,
        messageTimestamp: Number(message.messageTimestamp),
      })
    }
  }
}

export const isOwn = (jid: string | undefined, creds: AuthenticationCreds): boolean =>
  jid !== undefined && (areJidsSameUser(jid, creds.me?.id) || (creds.me?.lid !== undefined && areJidsSameUser(jid, creds.me.lid)))
