// Files: how fast they are encrypted and decrypted, beside what OpenSSL does for the same work on this machine; what memory a
// long one takes on its way; what a thumbnail costs.

import { execFile, fork } from 'node:child_process'
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import { root } from '../scripts/setup.mjs'
import { row } from './report.mjs'

const execute = promisify(execFile)
const here = path.join(root, 'bench')

/** Lines such as `verify and decrypt   553 MB/s`, or with `12 ms` somewhere in them, by how they begin. */
function figure(lines, name, unit) {
  const line = lines.find((line) => line.startsWith(`${name} `))
  return Number(new RegExp(`([\\d.]+) ${unit}`).exec(line)[1])
}

/** MB per second of the same work by Node's OpenSSL, part after part: the best of some runs. */
function machine() {
  const plain = Buffer.alloc(4 << 20, 7)
  const [key, iv, macKey] = [randomBytes(32), randomBytes(16), randomBytes(32)]
  const encrypt = () => {
    const [cipher, mac, whole, hash] = [createCipheriv('aes-256-cbc', key, iv), createHmac('sha256', macKey), createHash('sha256'), createHash('sha256')]
    const pieces = []
    mac.update(iv)
    for (let at = 0; at < plain.length; at += 65_536) {
      const piece = plain.subarray(at, at + 65_536)
      hash.update(piece)
      const sealed = cipher.update(piece)
      mac.update(sealed)
      whole.update(sealed)
      pieces.push(sealed)
    }
    pieces.push(cipher.final())
    return [Buffer.concat(pieces), mac.digest(), whole.digest(), hash.digest()]
  }
  const [sealed] = encrypt()
  const decrypt = () => {
    const [cipher, mac, whole, hash] = [createDecipheriv('aes-256-cbc', key, iv), createHmac('sha256', macKey), createHash('sha256'), createHash('sha256')]
    mac.update(iv)
    for (let at = 0; at < sealed.length; at += 65_536) {
      const piece = sealed.subarray(at, at + 65_536)
      mac.update(piece)
      whole.update(piece)
      hash.update(cipher.update(piece))
    }
    hash.update(cipher.final())
    return [mac.digest(), whole.digest(), hash.digest()]
  }
  const best = (work) => {
    let seconds = Infinity
    for (let run = 0; run < 30; run++) {
      const before = performance.now()
      work()
      seconds = Math.min(seconds, (performance.now() - before) / 1000)
    }
    return plain.length / 1e6 / seconds
  }
  return { machineEncrypt: best(encrypt), machineDecrypt: best(decrypt) }
}

export const media = {
  name: 'media',
  rounds: { full: 3, quick: 1 },
  rows: {
    encrypt: row('file: encrypt and hash, one core', 'MB/s', true),
    decrypt: row('file: verify and decrypt, one core (Baileys verifies nothing)', 'MB/s', true),
    machineEncrypt: row("file: encrypt and hash by Node's OpenSSL, part after part", 'MB/s', true),
    machineDecrypt: row("file: verify and decrypt by Node's OpenSSL, part after part", 'MB/s', true),
    thumbnail: row('thumbnail of a JPEG of 12 megapixels (Baileys: by sharp, 32 px wide)', 'ms'),
    thumbnailCpu: row('thumbnail of a JPEG of 12 megapixels: CPU', 'ms'),
  },
  async sample(engine, { binaries }) {
    if (engine === 'baileys') {
      const { stdout } = await execute(process.execPath, [path.join(here, 'media-baileys.mjs')])
      return JSON.parse(stdout.trim().split('\n').at(-1))
    }
    const run = async (name) => (await execute(path.join(binaries, name))).stdout.split('\n')
    const [encryption, thumbnails] = [await run('encryption'), await run('thumbnails')]
    const thumbnail = figure(thumbnails, 'JPEG', 'ms')
    return {
      encrypt: figure(encryption, 'encrypt', 'MB/s'),
      decrypt: figure(encryption, 'verify and decrypt', 'MB/s'),
      thumbnail,
      // It has one thread.
      thumbnailCpu: thumbnail,
      ...machine(),
    }
  },
}

/** CHASQUI_BENCH_FILE_MB names another length. */
const megabytes = (quick) => Number(process.env.CHASQUI_BENCH_FILE_MB ?? (quick ? 50 : 1000))

export const mediaMemory = {
  name: 'media-memory',
  engines: ['chasqui'],
  rounds: { full: 1, quick: 1 },
  rows: {
    upload: row('file of 1 GB: upload, most memory above idle', 'MB'),
    uploadRate: row('file of 1 GB: upload to the emulator', 'MB/s', true),
    download: row('file of 1 GB: download, most memory above idle', 'MB'),
    downloadRate: row('file of 1 GB: download from the emulator', 'MB/s', true),
  },
  async sample(_, { quick }) {
    const { startEmulator } = await import('chasqui/testing')
    const folder = mkdtempSync(path.join(tmpdir(), 'chasqui-bench-'))
    const emulator = await startEmulator()
    const file = path.join(folder, 'long')
    writeFileSync(file, '')
    truncateSync(file, megabytes(quick) * 1e6)
    const child = fork(path.join(here, 'media-child.mjs'), { env: { ...process.env, ENDPOINT: JSON.stringify(emulator.endpoint) } })
    try {
      const friend = await emulator.contact('Rosa')
      const said = async () => {
        const [message] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => { throw new Error('the client ended') })])
        return message
      }
      await emulator.scan((await said()).qr, { account: 'Ana' })
      await said()
      child.send({ to: friend.jid, file })
      const up = await said()
      const raw = Buffer.from((await friend.waitForMessage()).raw()).toString('base64')
      child.send({ raw, target: path.join(folder, 'again') })
      const down = await said()
      const rate = ({ seconds }) => megabytes(quick) / seconds
      return { upload: up.memory, uploadRate: rate(up), download: down.memory, downloadRate: rate(down) }
    } finally {
      child.kill()
      await emulator.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
