/** What single stanzas say: errors, calls, receipts, and how they are answered. */
import { DisconnectReason } from './disconnect.js'
import { getAllBinaryNodeChildren, type BinaryNode } from './nodes.js'

/** As `proto.WebMessageInfo.Status`. */
const RECEIPT_STATUS: { [type: string]: number } = { sender: 2, played: 5, read: 4, 'read-self': 4 }
const DELIVERED = 3

/** The status that a receipt gives a message; nothing where it is about something else. */
export const getStatusFromReceiptType = (type: string | undefined): number | undefined => {
  if (type === undefined) return DELIVERED
  return Object.hasOwn(RECEIPT_STATUS, type) ? RECEIPT_STATUS[type] : undefined
}

export const getErrorCodeFromStreamError = (node: BinaryNode): { reason: string; statusCode: number } => {
  const [child] = getAllBinaryNodeChildren(node)
  const reason = child?.tag || 'unknown'
  const fallback = reason === 'conflict' ? DisconnectReason.connectionReplaced : DisconnectReason.badSession
  const statusCode = Number(node.attrs['code'] || fallback)
  return { reason: statusCode === DisconnectReason.restartRequired ? 'restart required' : reason, statusCode }
}

export type WACallUpdateType =
  | 'offer' | 'ringing' | 'preaccept' | 'transport' | 'relaylatency' | 'timeout' | 'reject' | 'accept' | 'terminate'

const CALL_TAGS: readonly string[] = ['preaccept', 'transport', 'relaylatency', 'reject', 'accept']

export const getCallStatusFromNode = ({ tag, attrs }: BinaryNode): WACallUpdateType => {
  if (tag === 'offer' || tag === 'offer_notice') return 'offer'
  if (tag === 'terminate') return attrs['reason'] === 'timeout' ? 'timeout' : 'terminate'
  return CALL_TAGS.includes(tag) ? (tag as WACallUpdateType) : 'ringing'
}

/** The status code that a failure of the WebSocket stands for. */
export const getCodeFromWSError = (error: Error): number => {
  const { message, code } = (error ?? {}) as Partial<Error> & { code?: string }
  const refused = /Unexpected server response: (.*)/s.exec(message ?? '')
  if (refused) {
    const status = Number(refused[1])
    return Number.isNaN(status) || status < 400 ? 500 : status
  }
  return code?.startsWith('E') || message?.includes('timed out') ? 408 : 500
}

/** How the people of a message are addressed, and their other addresses. */
export const extractAddressingContext = (
  stanza: BinaryNode,
): { addressingMode: string; senderAlt: string | undefined; recipientAlt: string | undefined } => {
  const { attrs } = stanza
  const sender = attrs['participant'] || attrs['from']
  const addressingMode = attrs['addressing_mode'] || (sender?.endsWith('lid') ? 'lid' : 'pn')
  const other = addressingMode === 'lid' ? 'pn' : 'lid'
  return {
    addressingMode,
    senderAlt: attrs[`participant_${other}`] || attrs[`sender_${other}`] || attrs[`peer_recipient_${other}`],
    recipientAlt: attrs[`recipient_${other}`],
  }
}

/** The acknowledgement of a stanza, or with `errorCode` its refusal. */
export function buildAckStanza(node: BinaryNode, errorCode?: number, meId?: string): BinaryNode {
  const { tag, attrs } = node
  const ack = {
    id: attrs['id'],
    to: attrs['from'],
    class: tag,
    ...(errorCode ? { error: String(errorCode) } : {}),
    ...(attrs['participant'] ? { participant: attrs['participant'] } : {}),
    ...(attrs['recipient'] ? { recipient: attrs['recipient'] } : {}),
    ...(attrs['type'] ? { type: attrs['type'] } : {}),
    ...(tag === 'message' && meId ? { from: meId } : {}),
  }
  return { tag: 'ack', attrs: ack as BinaryNode['attrs'] }
}
