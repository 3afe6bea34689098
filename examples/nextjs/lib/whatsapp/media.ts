// Files of messages. They are fetched when they come, since WhatsApp keeps them for some weeks only, or when somebody looks at them.
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { downloadMediaMessage, proto, type WAMessage, type WASocket } from 'baileys'

import type { Message } from '../db'
import { AppError } from '../failure'
import { mediaFolder } from '../folders'
import { engineLog, log } from '../log'
import { once } from '../once'

const LARGEST = Number(process.env.MEDIA_MAX_BYTES ?? 100 * 1024 * 1024)
/** Files that are fetched at once, and those that wait; what comes beyond is fetched when somebody looks. */
const AT_ONCE = 3
const WAITING = 1000

const state = once('media', () => ({ underway: new Map<number, Promise<string>>(), queue: [] as (() => Promise<unknown>)[], running: 0 }))

const pathOf = ({ userId, id }: Message) => path.join(mediaFolder(), userId, String(id))

/** The path of the message's file, which is fetched if it is not here yet. */
export async function fileOf(message: Message, jid: string, socket?: WASocket): Promise<string> {
  const file = pathOf(message)
  if (await stat(file).catch(() => null)) return file
  if (!message.raw) throw new AppError('NOT_FOUND', 'This message has no file.')
  const running = state.underway.get(message.id) ?? fetchFile(message, message.raw, jid, file, socket).finally(() => state.underway.delete(message.id))
  state.underway.set(message.id, running)
  return running
}

/** Fetches the file soon. */
export function fetchSoon(message: Message, jid: string, socket?: WASocket) {
  if (state.queue.length >= WAITING) return
  state.queue.push(() => fileOf(message, jid, socket).catch((error: unknown) => log.warn({ err: error, message: message.id }, 'a file did not come')))
  next()
}

function next() {
  if (state.running >= AT_ONCE) return
  const work = state.queue.shift()
  if (!work) return
  state.running++
  void work().finally(() => {
    state.running--
    next()
  })
}

async function fetchFile(message: Message, raw: Buffer, jid: string, file: string, socket?: WASocket): Promise<string> {
  const whole: WAMessage = {
    key: { id: message.whatsappId, remoteJid: jid, fromMe: message.direction === 'out', participant: message.senderJid ?? undefined },
    message: proto.Message.decode(raw),
  }
  const part = `${file}.part`
  try {
    await mkdir(path.dirname(file), { recursive: true })
    const context = socket && { logger: engineLog, reuploadRequest: socket.updateMediaMessage }
    const stream = await downloadMediaMessage(whole, 'stream', {}, context)
    let length = 0
    const limited = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        length += chunk.length
        if (length > LARGEST) done(new AppError('TOO_LARGE', 'The file is too large.'))
        else done(null, chunk)
      },
    })
    await pipeline(stream, limited, createWriteStream(part, { mode: 0o600 }))
    await rename(part, file)
    return file
  } catch (error) {
    await rm(part, { force: true })
    if (error instanceof AppError || (error as NodeJS.ErrnoException).code === 'ENOSPC') throw error
    throw new AppError('NOT_FOUND', 'WhatsApp does not have this file any more.', { cause: error })
  }
}
