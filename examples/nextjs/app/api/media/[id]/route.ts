import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'

import { AppError } from '@/lib/failure'
import { route } from '@/lib/route'
import { whatsapp } from '@/lib/whatsapp'

/** Shown in the page. Everything else is for the disk: a browser that opened it here might run what is in it. */
const SHOWN = /^(image\/(jpeg|png|gif|webp)|video\/(mp4|webm|3gpp)|audio\/[\w.+-]+)$/

export const GET = route({}, async ({ user, params, request }) => {
  if (!/^\d{1,15}$/.test(params.id!)) throw new AppError('NOT_FOUND', 'There is no such message.')
  const { message, path } = await whatsapp.file(user.id, Number(params.id))
  const { size } = await stat(path)
  const mimetype = message.mimetype?.split(';')[0]!.trim().toLowerCase() ?? ''
  const shown = SHOWN.test(mimetype)
  const range = part(request.headers.get('range'), size)
  if (range === null) return new Response(null, { status: 416, headers: { 'Content-Range': `bytes */${size}` } })
  const headers = new Headers({
    'Content-Type': shown ? mimetype : 'application/octet-stream',
    'Content-Length': String(range.end - range.start + 1),
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, max-age=86400, immutable',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
  })
  if (!shown) headers.set('Content-Disposition', `attachment; filename*=UTF-8''${encodeURIComponent(message.fileName ?? `${message.type}-${message.id}`)}`)
  if (range.partial) headers.set('Content-Range', `bytes ${range.start}-${range.end}/${size}`)
  const file = createReadStream(path, size === 0 ? {} : { start: range.start, end: range.end })
  return new Response(Readable.toWeb(file) as ReadableStream, { status: range.partial ? 206 : 200, headers })
})

/** The bytes that a player asks for; null where there are none. */
function part(range: string | null, size: number): { start: number; end: number; partial: boolean } | null {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range ?? '') ?? []
  if (from === undefined || (!from && !to)) return { start: 0, end: size - 1, partial: false }
  const start = from ? Number(from) : Math.max(0, size - Number(to))
  const end = from && to ? Math.min(Number(to), size - 1) : size - 1
  return start > end ? null : { start, end, partial: true }
}
