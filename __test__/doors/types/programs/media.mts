// Media in and out, and messages that are made by hand.
import {
  type AnyMediaMessageContent, type DownloadableMessage, type MediaType, type WAMediaUpload, type WAMessage, type WASocket, type proto,
  downloadContentFromMessage, downloadMediaMessage, extensionForMediaMessage, generateWAMessage, generateWAMessageFromContent, getMediaKeys,
  getUrlFromDirectPath, prepareWAMessageMedia, toBuffer,
} from 'baileys'
import { createWriteStream } from 'node:fs'
import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export async function collect(message: DownloadableMessage, type: MediaType): Promise<Buffer> {
  const stream = await downloadContentFromMessage(message, type)
  let buffer = Buffer.from([])
  for await (const chunk of stream) buffer = Buffer.concat([buffer, chunk])
  return buffer
}

export async function save(sock: WASocket, message: WAMessage): Promise<string> {
  const content = message.message!
  const image: proto.Message.IImageMessage | null | undefined = content.imageMessage
  if (image) return (await collect(image, 'image')).toString('base64')
  const audio = content.audioMessage
  if (audio?.ptt) return `${audio.seconds} ${audio.mimetype} ${(await collect(audio, 'audio')).length}`
  const document = content.documentMessage ?? content.documentWithCaptionMessage?.message?.documentMessage
  if (document) return `${document.fileName} ${document.fileLength?.toString()} ${document.title}`
  const stream: Transform = await downloadMediaMessage(message, 'stream', {}, { logger: sock.logger, reuploadRequest: sock.updateMediaMessage })
  const file = `./file.${extensionForMediaMessage(content)}`
  await pipeline(stream, createWriteStream(file))
  const buffer: Buffer = await downloadMediaMessage(message, 'buffer', {})
  return `${file} ${buffer.length}`
}

export async function send(sock: WASocket, jid: string, upload: WAMediaUpload, stream: Readable): Promise<void> {
  const caption = 'a picture'
  const contents: AnyMediaMessageContent[] = [
    { image: upload, caption, jpegThumbnail: 'x', width: 1, height: 1 },
    { video: { stream }, ptv: true },
    { audio: { url: new URL('https://example.com/a.ogg') }, seconds: 3 },
    { document: await toBuffer(stream), mimetype: 'application/pdf', fileName: 'a.pdf', caption },
    { sticker: { url: 'a.webp' }, isAnimated: true },
  ]
  for (const content of contents) await sock.sendMessage(jid, content, { mediaUploadTimeoutMs: 60_000 })
  const media = await prepareWAMessageMedia({ image: { url: './a.png' } }, { upload: sock.waUploadToServer })
  const message = generateWAMessageFromContent(
    jid,
    {
      viewOnceMessage: {
        message: {
          messageContextInfo: { deviceListMetadata: {}, deviceListMetadataVersion: 2 },
          interactiveMessage: {
            header: { title: 't', hasMediaAttachment: true, ...media },
            body: { text: 'b' },
            footer: { text: 'f' },
            nativeFlowMessage: { buttons: [{ name: 'quick_reply', buttonParamsJson: '{}' }], messageParamsJson: '' },
          },
        },
      },
    },
    { userJid: sock.user!.id },
  )
  const id = await sock.relayMessage(jid, message.message!, {
    messageId: message.key.id!,
    additionalNodes: [{ tag: 'biz', attrs: {}, content: [{ tag: 'interactive', attrs: { type: 'native_flow', v: '1' } }] }],
  })
  const whole = await generateWAMessage(jid, { text: id }, { userJid: sock.user!.id, upload: sock.waUploadToServer, logger: sock.logger })
  await sock.upsertMessage(whole, 'append')
  const { cipherKey, iv } = await getMediaKeys(Buffer.alloc(32), 'image')
  console.log(cipherKey.length, iv.length, getUrlFromDirectPath('/v/t'))
  const again = await sock.updateMediaMessage(whole)
  console.log(again.message?.imageMessage?.url)
}
