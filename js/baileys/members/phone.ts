/** What the own phone is asked for: older messages, messages that could not be read, media that is gone. */
import { Boom } from '@hapi/boom'

import { toNumber } from '../bits.js'
import { assertMediaContent } from '../content.js'
import type { SocketContext } from '../context.js'
import { decryptMediaRetryData, encryptMediaRetryRequest, getStatusCodeForMediaRetry } from '../media-retry.js'
import { getUrlFromDirectPath } from '../media-keys.js'
import { loadProto } from '../proto.js'
import { bindWaitForEvent, delay } from '../timing.js'
import type { Long, WAMessage, WAMessageKey } from '../types.js'
import { BoundedCache, type UserDevicesCache } from './user-devices.js'

/** `Message.ProtocolMessage.Type` */
const PEER_DATA_OPERATION_REQUEST = 16
/** `Message.PeerDataOperationRequestType` */
const HISTORY_SYNC_ON_DEMAND = 3
const PLACEHOLDER_MESSAGE_RESEND = 4

/** From here on a time is in milliseconds. */
const MILLISECONDS = 100_000_000_000
/** The message itself may still come. */
const PATIENCE_MS = 2_000
/** Later the phone may be asked again. */
const FORGET_MS = 8_000
const MAX_PLACEHOLDERS = 5_000
const SUCCESS = 1

/** What is written is written in seconds. */
const seconds = (time: number | Long): number => {
  const value = toNumber(time)
  return value < MILLISECONDS ? value : Math.floor(value / 1000)
}

export const makePhone = (context: SocketContext) => {
  const { ask, config, ev, logger, me } = context
  const placeholderResendCache =
    (config['placeholderResendCache'] as UserDevicesCache | undefined) ?? new BoundedCache(60 * 60_000, MAX_PLACEHOLDERS)

  async function sendPeerDataOperationMessage(pdoMessage: { [field: string]: unknown }): Promise<string> {
    me()
    const { Message } = loadProto()
    const protocolMessage = { type: PEER_DATA_OPERATION_REQUEST, peerDataOperationRequestMessage: pdoMessage }
    const request = await ask<string>('signal.toPhone', { message: Message.encode(Message.fromObject({ protocolMessage })).finish() })
    context.expectFromPhone(request)
    return request
  }

  /** Whether the message comes by itself within the time. */
  async function comes(id: string): Promise<boolean> {
    let came = false
    const look = ({ messages }: { messages: WAMessage[] }): void => {
      came ||= messages.some(({ key, message }) => key.id === id && Boolean(message))
    }
    ev.on('messages.upsert', look)
    await delay(PATIENCE_MS)
    ev.off('messages.upsert', look)
    return came
  }

  return {
    placeholderResendCache,
    sendPeerDataOperationMessage,

    /** The id under which the messages come, as `messaging-history.set`. */
    fetchMessageHistory: async (count: number, oldestMsgKey: WAMessageKey, oldestMsgTimestamp: number | Long): Promise<string> =>
      sendPeerDataOperationMessage({
        peerDataOperationRequestType: HISTORY_SYNC_ON_DEMAND,
        historySyncOnDemandRequest: {
          chatJid: oldestMsgKey.remoteJid,
          oldestMsgFromMe: oldestMsgKey.fromMe,
          oldestMsgId: oldestMsgKey.id,
          // Phones take seconds, whatever the name says.
          oldestMsgTimestampMs: seconds(oldestMsgTimestamp),
          onDemandMsgCount: count,
        },
      }),

    /** Nothing where it was asked for already, 'RESOLVED' where the message came by itself, else the id of the request. */
    requestPlaceholderResend: async (
      messageKey: WAMessageKey,
      msgData?: Partial<WAMessage>,
    ): Promise<'RESOLVED' | string | undefined> => {
      me()
      const { id } = messageKey
      if (!id) throw new Boom('A message is asked for by its id', { statusCode: 400, data: messageKey })
      // Without a pause in between where the cache allows it: who asks twice at once asks once.
      const known = placeholderResendCache.get(id)
      if (known instanceof Promise ? await known : known) return undefined
      const [came] = await Promise.all([comes(id), placeholderResendCache.set(id, msgData ?? true)])
      if (came || !(await placeholderResendCache.get(id))) return 'RESOLVED'
      setTimeout(() => void placeholderResendCache.del(id), FORGET_MS).unref()
      logger.debug({ messageKey }, 'asking the phone for a message')
      return sendPeerDataOperationMessage({
        peerDataOperationRequestType: PLACEHOLDER_MESSAGE_RESEND,
        placeholderMessageResendRequest: [{ messageKey }],
      })
    },

    /** Has the phone upload the media of a message once more; the message itself gets the new place. */
    updateMediaMessage: async (message: WAMessage): Promise<WAMessage> => {
      const content = assertMediaContent(message.message as never)
      const mediaKey = content['mediaKey'] as Uint8Array
      const { id } = message.key
      const answered = bindWaitForEvent(ev, 'messages.media-update')(updates => {
        const update = updates.find(({ key }) => key.id === id)
        if (!update) return false
        if (update.error || !update.media) throw update.error ?? new Boom('The phone gave no media', { statusCode: 404 })
        const told = decryptMediaRetryData(update.media, mediaKey, id as string)
        if (told['result'] !== SUCCESS) {
          const statusCode = getStatusCodeForMediaRetry(told['result'] as number) || 404
          throw new Boom(`Media re-upload failed by device (${String(told['result'])})`, { data: told, statusCode })
        }
        content['directPath'] = told['directPath']
        content['url'] = getUrlFromDirectPath(told['directPath'] as string)
        return true
      })
      const sent = context.sendNode(encryptMediaRetryRequest(message.key, mediaKey, me().id))
      await Promise.all([sent, answered])
      ev.emit('messages.update', [{ key: message.key, update: { message: message.message ?? null } }])
      return message
    },
  }
}
