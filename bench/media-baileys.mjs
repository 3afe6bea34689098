// What files cost in npm Baileys, through its own functions, as JSON: MB per second of the process' CPU time, and
// milliseconds of a thumbnail.

import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'

import { downloadContentFromMessage, encryptedStream } from 'baileys'

const LENGTH = 64 << 20
const RUNS = 5
const plain = randomBytes(LENGTH)

async function best(work) {
  let least = Infinity
  for (let run = 0; run < RUNS; run++) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, user + system)
  }
  return LENGTH / 1e6 / (least / 1e6)
}

const sealed = await encryptedStream({ stream: Readable.from([plain]) }, 'document')
const file = await readFile(sealed.encFilePath)
rmSync(sealed.encFilePath)

const encrypt = await best(async () => {
  const { encFilePath } = await encryptedStream({ stream: Readable.from([plain]) }, 'document')
  rmSync(encFilePath)
})

// Its downloads are given by a stand-in for fetch, from memory: transport costs next to nothing.
globalThis.fetch = async () => {
  let at = 0
  const pull = (controller) => {
    if (at >= file.length) return controller.close()
    controller.enqueue(new Uint8Array(file.subarray(at, (at += 65_536))))
  }
  return new Response(new ReadableStream({ pull }))
}
const drain = async (stream) => {
  for await (const piece of stream) void piece
}
const url = 'https://mmg.whatsapp.net/file'
const decrypt = await best(async () => drain(await downloadContentFromMessage({ mediaKey: sealed.mediaKey, url }, 'document')))

const figures = { encrypt, decrypt }
try {
  const { default: sharp } = await import('sharp')
  const noise = Buffer.alloc(4000 * 3000 * 3)
  for (let at = 0; at < noise.length; at += 3) noise.fill(128 + 100 * Math.sin(at / 5000) + (noiseAt(at) & 15), at, at + 3)
  const jpeg = await sharp(noise, { raw: { width: 4000, height: 3000, channels: 3 } }).jpeg({ quality: 88 }).toBuffer()
  let [least, cpu] = [Infinity, Infinity]
  for (let run = 0; run < RUNS; run++) {
    const [before, start] = [process.cpuUsage(), performance.now()]
    await sharp(jpeg).resize(32).jpeg({ quality: 50 }).toBuffer()
    least = Math.min(least, performance.now() - start)
    const { user, system } = process.cpuUsage(before)
    cpu = Math.min(cpu, (user + system) / 1000)
  }
  Object.assign(figures, { thumbnail: least, thumbnailCpu: cpu })
} catch {
  // Without sharp, which is optional, there is nothing to compare with.
}
console.log(JSON.stringify(figures))
process.exit(0)

/** A byte of noise for a place, the same every time. */
function noiseAt(at) {
  return (Math.imul(at, 2654435761) >>> 24) & 0xff
}
