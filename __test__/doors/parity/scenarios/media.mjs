// Files of every kind: sent, received, downloaded, asked for again.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'

/** A picture of one pixel. */
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64')
/** Nothing that somebody could draw or play. */
const BYTES = Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * 7 + (at >> 8)) & 255))
async function collected(stream) {
  const parts = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}

const SENT = {
  image: { image: PIXEL, caption: 'c' },
  'image with a thumbnail': { image: PIXEL, jpegThumbnail: Buffer.from('ffd8ffd9', 'hex').toString('base64'), width: 1, height: 1 },
  'image for one look': { image: PIXEL, viewOnce: true },
  video: { video: BYTES, gifPlayback: true, jpegThumbnail: '', seconds: 2 },
  'video in a circle': { video: BYTES, ptv: true, jpegThumbnail: '' },
  audio: { audio: BYTES, mimetype: 'audio/mp4', seconds: 3 },
  'voice message': { audio: BYTES, ptt: true, seconds: 3, waveform: Buffer.from([1, 2]) },
  document: { document: BYTES, mimetype: 'application/pdf', fileName: 'a.pdf', caption: 'c' },
  'document without a name': { document: BYTES, mimetype: 'text/plain' },
  sticker: { sticker: BYTES, isAnimated: true },
}

const FIELDS = { image: 'imageMessage', video: 'videoMessage', audio: 'audioMessage', ptt: 'audioMessage', document: 'documentMessage', sticker: 'stickerMessage', ptv: 'ptvMessage' }

/** What the hosts have of a message, opened. */
async function stored(emulator, message, kind) {
  const [content] = Object.values(message.viewOnceMessage?.message ?? message).filter((item) => item?.directPath)
  const file = await emulator.media.get(content.directPath, { mediaKey: Buffer.from(content.mediaKey), kind })
  return Buffer.from(file)
}

const sending = (names) => async ({ paired, contact, send, got, step, record, emulator }) => {
  const me = await paired('Tienda', { receipts: 'drop' })
  const maria = await contact('María')
  for (const name of names) {
    await step(name)
    const sent = await send(me, maria.jid, SENT[name])
    if (!sent) continue
    await got(maria)
    const kind = { audio: 'audio', 'voice message': 'ptt', 'video in a circle': 'ptv', sticker: 'sticker', video: 'video' }[name] ?? (name.startsWith('document') ? 'document' : 'image')
    record('stored', await stored(emulator, sent.message, kind).catch((error) => String(error.message)))
  }
}

const names = Object.keys(SENT)

/** A file that somebody sends. */
async function comes({ emulator, say, message }, me, maria, kind, file, more = {}) {
  const media = await emulator.media.put(kind, file)
  const id = await say(maria, me.name, { [FIELDS[kind]]: { ...media, mimetype: 'x/y', ...more } })
  return { media, got: await message(({ key }) => key.id === id) }
}

export default {
  'sent, part 1': sending(names.slice(0, 5)),
  'sent, part 2': sending(names.slice(5)),

  'sent from a file, a stream and a URL': async ({ paired, contact, send, got, step, record, emulator }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    const folder = await mkdtemp(path.join(tmpdir(), 'chasqui-parity-media-'))
    const file = path.join(folder, 'file.bin')
    await writeFile(file, BYTES)
    const sources = { file: { url: file }, stream: { stream: Readable.from([BYTES.subarray(0, 1000), BYTES.subarray(1000)]) }, 'data URL': { url: `data:application/octet-stream;base64,${BYTES.toString('base64')}` } }
    for (const [name, document] of Object.entries(sources)) {
      await step(name)
      const sent = await send(me, maria.jid, { document, mimetype: 'x/y', fileName: 'f' })
      if (!sent) continue
      await got(maria)
      record('stored', await stored(emulator, sent.message, 'document').catch((error) => String(error.message)))
    }
    await step('no such file')
    await send(me, maria.jid, { document: { url: path.join(folder, 'none') }, mimetype: 'x/y' })
    await rm(folder, { recursive: true })
  },

  'an album': async ({ paired, contact, send, got, step }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('the album')
    const album = await send(me, maria.jid, { album: { expectedImageCount: 1, expectedVideoCount: 0 } })
    await got(maria)
    await step('its picture')
    if (album) await send(me, maria.jid, { image: PIXEL, albumParentKey: album.key })
    await got(maria)
  },

  'received and downloaded': async (scene) => {
    const { paired, contact, step, call, lib } = scene
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    for (const kind of ['image', 'video', 'audio', 'ptt', 'document', 'sticker', 'ptv']) {
      await step(kind)
      const { got } = await comes(scene, me, maria, kind, BYTES, kind === 'ptt' ? { ptt: true } : {})
      if (!got) continue
      const options = { options: { dispatcher: me.dispatcher } }
      await call('buffer', () => lib.downloadMediaMessage(got, 'buffer', options))
      await call('stream', async () => collected(await lib.downloadMediaMessage(got, 'stream', options)))
    }
  },

  'parts of a file, and content without a message': async (scene) => {
    const { paired, contact, step, call, lib } = scene
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('it comes')
    const { got } = await comes(scene, me, maria, 'document', BYTES)
    const content = got?.message.documentMessage
    const options = { dispatcher: me.dispatcher }
    await step('parts')
    await call('whole', async () => collected(await lib.downloadContentFromMessage(content, 'document', { options })))
    for (const range of [{ startByte: 16, endByte: 31 }, { startByte: 1000, endByte: 2000 }, { startByte: 49_990 }, { endByte: 99 }]) {
      await call(JSON.stringify(range), async () => collected(await lib.downloadContentFromMessage(content, 'document', { ...range, options })))
    }
    await step('what is none')
    await call('no message', () => lib.downloadMediaMessage({ key: got?.key }, 'buffer', {}))
    await call('a text', () => lib.downloadMediaMessage({ key: got?.key, message: { conversation: 'x' } }, 'buffer', {}))
    await call('no key', async () => collected(await lib.downloadContentFromMessage({ ...content, mediaKey: undefined }, 'document', { options })))
    await call('no address', async () => collected(await lib.downloadContentFromMessage({ mediaKey: content?.mediaKey }, 'document', { options })))
  },

  'a file that is gone': async (scene) => {
    const { paired, contact, step, call, lib, emulator, until } = scene
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('it comes')
    const { got, media } = await comes(scene, me, maria, 'image', PIXEL)
    await emulator.media.remove(media.directPath)
    await step('it is gone')
    const options = { options: { dispatcher: me.dispatcher } }
    await call('download', () => lib.downloadMediaMessage(got, 'buffer', options))
    await step('asked for again')
    const again = await call('updateMediaMessage', () => me.sock.updateMediaMessage(got))
    await call('download', () => lib.downloadMediaMessage(again ?? got, 'buffer', options))
    await step('gone everywhere')
    const other = await comes(scene, me, maria, 'image', PIXEL.subarray(0, 60))
    await emulator.media.remove(other.media.directPath, { everywhere: true })
    await call('updateMediaMessage', () => me.sock.updateMediaMessage(other.got))
  },

  'the hosts do not want a file': async ({ paired, contact, send, step, emulator }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await emulator.media.faults.add({ what: 'status', code: 500, direction: 'upload' })
    await step('refused')
    await send(me, maria.jid, { document: BYTES, mimetype: 'x/y', fileName: 'f' })
  },

  'prepared and generated with the socket': async ({ paired, step, call, lib, record }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    await step('prepared')
    const upload = me.sock.waUploadToServer
    await call('prepareWAMessageMedia', () => lib.prepareWAMessageMedia({ document: BYTES, mimetype: 'x/y' }, { upload }))
    await call('generateWAMessage', async () => {
      const { message, status, key } = await lib.generateWAMessage('15550001001@s.whatsapp.net', { document: BYTES, mimetype: 'x/y' }, { upload, userJid: me.sock.user?.id })
      return { message, status, key }
    })
    record('host', typeof me.sock.getMediaHost?.())
  },
}
