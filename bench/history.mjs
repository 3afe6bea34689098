// A history that the phone gives after pairing: how long it takes, and what it takes meanwhile.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import { root } from '../scripts/setup.mjs'
import { row } from './report.mjs'
import { Scene } from './scene.mjs'

const execute = promisify(execFile)
const SIZES = { small: 20_000, large: 180_000 }

const rows = (key, name) => ({
  [`${key}Wall`]: row(`history of ${name} messages: from connect() to the last one`, 's'),
  [`${key}Cpu`]: row(`history of ${name} messages: CPU`, 's'),
  [`${key}Peak`]: row(`history of ${name} messages: memory above idle, peak`, 'MB'),
  [`${key}Longest`]: row(`history of ${name} messages: event loop, longest delay`, 'ms'),
})

/** Messages of one phone, in 200 chats; blobs of 5,000. Pairing is part of it. */
export const history = {
  name: 'history',
  rounds: { full: 3, quick: 1 },
  rows: { ...rows('small', '20,000'), ...rows('large', '180,000') },
  async sample(engine, { quick }) {
    const figures = {}
    for (const [key, size] of Object.entries(SIZES)) {
      // It keeps whole blobs and their objects, and is there for comparison of what it is made for.
      if (engine === 'baileys' && key === 'large') continue
      const messages = quick ? size / 20 : size
      await Scene.run(async (scene) => {
        await scene.server.history('Rosa', { generate: { chats: Math.min(200, messages / 50), messages, seed: 1 }, perBlob: 5000 })
        await scene.with(engine, { secure: true, history: true }, async (child) => {
          const { wall, cpu, peak, longest } = await child.ask('history', { name: 'Rosa', count: messages }, 600)
          figures[`${key}Wall`] = wall / 1000
          figures[`${key}Cpu`] = cpu / 1000
          figures[`${key}Peak`] = peak / 2 ** 20
          figures[`${key}Longest`] = longest
        })
      })
    }
    return figures
  },
}

/** The same bytes for both: inflated and decoded, as far as their messages. */
export const historyDecoding = {
  name: 'history-decoding',
  rounds: { full: 3, quick: 1 },
  rows: { decoded: row('history: a blob of 20,000 messages inflated and decoded, per second, one core', '1/s', true) },
  async sample(engine, { binaries }) {
    const folder = mkdtempSync(path.join(tmpdir(), 'chasqui-bench-'))
    try {
      const blob = path.join(folder, 'blob')
      const script = path.join(root, 'bench', 'history-blob.mjs')
      await execute(process.execPath, [script, 'write', blob])
      const reading = engine === 'chasqui' ? [path.join(binaries, 'history'), [blob]] : [process.execPath, [script, 'read', blob]]
      const { messages, decoded } = JSON.parse((await execute(...reading)).stdout.trim().split('\n').at(-1))
      if (messages !== 20_000) throw new Error(`${messages} messages were read, not 20,000`)
      return { decoded }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
