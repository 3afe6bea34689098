/** What receipts, calls, presence and refusals tell. Source: 03 §15, 07 §9 and §14. */
import { areJidsSameUser, isJidGroup, isJidStatusBroadcast, jidNormalizedUser } from '../jid.js'
import { ACCOUNT_RESTRICTED_TEXT, SERVER_ERROR_CODES } from '../constants.js'
import { getAllBinaryNodeChildren, getBinaryNodeChild, getBinaryNodeChildren, type BinaryNode } from '../nodes.js'
import { loadProto } from '../proto.js'
import { getCallStatusFromNode, getStatusFromReceiptType } from '../stanzas.js'
import type { AuthenticationCreds, WAMessage } from '../types.js'
import { STUB } from './group-stubs.js'
import { isOwn } from './process.js'

type Emit = (event: string, value: unknown) => void
type Fields = { [field: string]: any }

const ERROR = 0
const DELIVERED = 3

/** Messages of ours that somebody got, read or played; or of others, that an own device has read. */
export function onReceipt({ attrs, content }: BinaryNode, creds: AuthenticationCreds, emit: Emit): void {
  const { from = '', participant, recipient, id = '', t, type } = attrs
  const status = getStatusFromReceiptType(type)
  if (status === undefined) return
  const isLid = from.includes('lid')
  const { me } = creds
  const fromOwn = areJidsSameUser(participant || from, isLid ? me?.lid : me?.id) || isOwn(participant || from, creds)
  const remoteJid = !fromOwn || isJidGroup(from) ? from : (recipient ?? from)
  const fromMe = !recipient || ((type === 'retry' || type === 'sender') && fromOwn)
  const key = { remoteJid, id: '', fromMe, participant }
  const ids = [id]
  if (Array.isArray(content)) ids.push(...getBinaryNodeChildren(content[0], 'item').map(item => item.attrs['id'] as string))
  const keys = ids.map(each => ({ ...key, id: each }))
  if (isJidGroup(remoteJid) || isJidStatusBroadcast(remoteJid)) {
    if (!participant) return
    const time = status === DELIVERED ? 'receiptTimestamp' : 'readTimestamp'
    return emit('message-receipt.update', keys.map(each => ({
      key: each,
      receipt: { userJid: jidNormalizedUser(participant), [time]: Number(t) },
    })))
  }
  emit('messages.update', keys.map(each => ({ key: each, update: { status, messageTimestamp: Number(t ?? 0) } })))
}

/** The service refused a message that had left. */
export function onRefused(chat: string, id: string, error: number | undefined, emit: Emit): void {
  const code = String(error ?? 500)
  const parameters = code === SERVER_ERROR_CODES.MessageAccountRestriction ? [code, ACCOUNT_RESTRICTED_TEXT] : [code]
  emit('messages.update', [
    { key: { remoteJid: chat, fromMe: true, id }, update: { status: ERROR, messageStubParameters: parameters } },
  ])
}

export function onPresence({ tag, attrs, content }: BinaryNode, emit: Emit): void {
  const { from = '', participant, type, last, count } = attrs
  let presence: Fields | undefined
  if (tag === 'presence') {
    const seen = last === undefined ? NaN : Number(last)
    presence = {
      lastKnownPresence: type === 'unavailable' ? 'unavailable' : 'available',
      lastSeen: Number.isFinite(seen) ? seen : undefined,
      groupOnlineCount: count ? Number(count) : undefined,
    }
  } else {
    const [child] = Array.isArray(content) ? content : []
    if (!child) return
    const lastKnownPresence = child.tag === 'paused' ? 'available' : child.attrs['media'] === 'audio' ? 'recording' : child.tag
    presence = { lastKnownPresence }
  }
  emit('presence.update', { id: from, presences: { [participant || from]: presence } })
}

/** The offers of calls, whose later stages say less. */
export interface Calls {
  get(id: string): Fields | undefined | Promise<Fields | undefined>
  set(id: string, call: Fields): unknown
  del(id: string): unknown
}

/** A stage of a call, with what the offer said. */
export function onCall(node: BinaryNode, offer: Fields | undefined, calls: Calls, emit: Emit, upsert: (message: WAMessage, type: 'append' | 'notify') => void): void {
  const { attrs } = node
  const [info] = getAllBinaryNodeChildren(node)
  if (!info) return
  const status = getCallStatusFromNode(info)
  const call: Fields = {
    chatId: attrs['from'],
    from: info.attrs['from'] || info.attrs['call-creator'],
    callerPn: info.attrs['caller_pn'],
    id: info.attrs['call-id'],
    date: new Date(Number(attrs['t']) * 1000),
    offline: Boolean(attrs['offline']),
    status,
  }
  const id = call['id'] as string
  if (status === 'offer') {
    call['isVideo'] = Boolean(getBinaryNodeChild(info, 'video'))
    call['isGroup'] = info.attrs['type'] === 'group' || Boolean(info.attrs['group-jid'])
    call['groupJid'] = info.attrs['group-jid']
    calls.set(id, call)
  } else if (offer) {
    call['isVideo'] = offer['isVideo']
    call['isGroup'] = offer['isGroup']
    call['callerPn'] ||= offer['callerPn']
  }
  if (status === 'reject' || status === 'accept' || status === 'timeout' || status === 'terminate') calls.del(id)
  emit('call', [call])
  const { isVideo, isGroup } = call
  if (status !== 'timeout' && !(status === 'offer' && isGroup)) return
  const one = isVideo ? STUB.CALL_MISSED_VIDEO : STUB.CALL_MISSED_VOICE
  const many = isVideo ? STUB.CALL_MISSED_GROUP_VIDEO : STUB.CALL_MISSED_GROUP_VOICE
  const message = loadProto().WebMessageInfo.fromObject({
    key: { remoteJid: call['chatId'], id, fromMe: false },
    messageTimestamp: Math.floor((call['date'] as Date).getTime() / 1000),
    ...(status === 'timeout' ? { messageStubType: isGroup ? many : one } : { message: { call: { callKey: Buffer.from(id) } } }),
  }) as WAMessage
  upsert(message, call['offline'] ? 'append' : 'notify')
}

export const callId = (node: BinaryNode): string | undefined => getAllBinaryNodeChildren(node)[0]?.attrs['call-id']
