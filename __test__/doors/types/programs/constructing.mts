// Protobuf messages by hand.
import { WAMessageStatus, WAMessageStubType, WAProto, proto } from 'baileys'
import type { WAContextInfo, WAMessageContent, WATextMessage } from 'baileys'

export function construct(): Uint8Array {
  const text: WATextMessage = { text: 'hi', contextInfo: { mentionedJid: ['1@s.whatsapp.net'], isForwarded: true } }
  const content: WAMessageContent = { extendedTextMessage: text }
  const context: WAContextInfo = { stanzaId: 'A', participant: '1@s.whatsapp.net', quotedMessage: content }
  const message = proto.Message.create({
    listMessage: {
      title: 't',
      buttonText: 'b',
      listType: proto.Message.ListMessage.ListType.SINGLE_SELECT,
      sections: [{ title: 's', rows: [{ rowId: '1', title: 'r', description: 'd' }] }],
      contextInfo: context,
    },
  })
  const info = proto.WebMessageInfo.fromObject({
    key: { remoteJid: '1@s.whatsapp.net', fromMe: true, id: 'A' },
    message,
    messageTimestamp: 5,
    status: proto.WebMessageInfo.Status.PENDING,
  })
  const bytes = proto.WebMessageInfo.encode(info).finish()
  const read: proto.WebMessageInfo = proto.WebMessageInfo.decode(bytes)
  const object: { [field: string]: any } = proto.WebMessageInfo.toObject(read, { longs: Number, defaults: true })
  const interactive = proto.Message.InteractiveMessage.create({
    body: proto.Message.InteractiveMessage.Body.create({ text: 'b' }),
    footer: proto.Message.InteractiveMessage.Footer.fromObject({ text: 'f' }),
    nativeFlowMessage: proto.Message.InteractiveMessage.NativeFlowMessage.create({ buttons: [{ name: 'cta_url', buttonParamsJson: '{}' }] }),
  })
  const key = new proto.MessageKey({ id: 'x' })
  console.log(object, key.toJSON(), interactive.body?.text, read.userReceipt.length)
  return bytes
}

export function kind(message: proto.IWebMessageInfo): string {
  const protocol: proto.Message.IProtocolMessage | null | undefined = message.message?.protocolMessage
  switch (protocol?.type) {
    case proto.Message.ProtocolMessage.Type.REVOKE:
      return 'revoked'
    case proto.Message.ProtocolMessage.Type.MESSAGE_EDIT:
      return `edited ${protocol.editedMessage?.conversation}`
    case WAProto.Message.ProtocolMessage.Type.EPHEMERAL_SETTING:
      return `disappears ${protocol.ephemeralExpiration}`
  }
  switch (message.messageStubType) {
    case WAMessageStubType.GROUP_PARTICIPANT_ADD:
    case WAMessageStubType.GROUP_PARTICIPANT_REMOVE:
      return `${message.messageStubParameters?.join()}`
    case proto.WebMessageInfo.StubType.CALL_MISSED_VOICE:
      return 'missed'
  }
  if (message.status === WAMessageStatus.READ) return 'read'
  const names = Object.keys(proto.WebMessageInfo.Status) as (keyof typeof proto.WebMessageInfo.Status)[]
  const name: string = proto.WebMessageInfo.Status[message.status ?? 0]!
  const sync: proto.HistorySync.HistorySyncType = proto.HistorySync.HistorySyncType.RECENT
  const notified: proto.Message.HistorySyncType | undefined = undefined as proto.Message.HistorySyncType | undefined
  return `${name} ${names.length} ${sync} ${notified}`
}

export const isPreview = (type: proto.Message.ExtendedTextMessage.PreviewType): boolean => type === proto.Message.ExtendedTextMessage.PreviewType.VIDEO
