// What is stored: how fast, how large, and what of it is held in memory.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import { root } from '../scripts/setup.mjs'
import { row } from './report.mjs'
import { Scene } from './scene.mjs'

const execute = promisify(execFile)

const lastLine = ({ stdout }) => JSON.parse(stdout.trim().split('\n').at(-1))

export const commits = {
  name: 'commits',
  engines: ['chasqui'],
  rounds: { full: 3, quick: 1 },
  rows: {
    rate: row("store: commits per second, 100 sessions' in groups (a message's records, synchronous=FULL)", '1/s', true),
    latency: row('store: what a commit adds to a message under light load, median', 'ms'),
    latency99: row('store: what a commit adds to a message under light load, p99', 'ms'),
  },
  async sample(_, { binaries, quick }) {
    const folder = mkdtempSync(path.join(tmpdir(), 'chasqui-bench-'))
    try {
      return lastLine(await execute(path.join(binaries, 'commits'), [folder, quick ? '0.5' : '4']))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

export const archive = {
  name: 'archive',
  engines: ['chasqui'],
  rounds: { full: 1, quick: 1 },
  rows: {
    inserts: row('archive: messages written per second, indexed (synchronous=FULL, batches of 64)', '1/s', true),
    chats: row('archive of 1,000,000 messages: a page of 50 chats with what was said last', 'ms'),
    newest: row('archive of 1,000,000 messages: the newest 50 of a chat', 'ms'),
    middle: row('archive of 1,000,000 messages: 50 from the middle of a chat', 'ms'),
    byId: row('archive of 1,000,000 messages: one by its id', 'ms'),
    common: row('archive of 1,000,000 messages: the last 50 with a word that is in half of them', 'ms'),
    unfinished: row('archive of 1,000,000 messages: the same with the word unfinished', 'ms'),
    rare: row('archive of 1,000,000 messages: those with a word that is in ten of them', 'ms'),
    inChat: row('archive of 1,000,000 messages: the last 50 of a chat with a common word', 'ms'),
    unread: row('archive of 1,000,000 messages: how much is to be read', 'ms'),
    size: row('archive: bytes of the file per message of 130 bytes', 'B'),
  },
  async sample(_, { binaries, quick }) {
    const folder = mkdtempSync(path.join(tmpdir(), 'chasqui-bench-'))
    try {
      return lastLine(await execute(path.join(binaries, 'archive'), [folder, quick ? '20000' : '1000000']))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

export const sessionSize = {
  name: 'session-size',
  rounds: { full: 1, quick: 1 },
  // That of Baileys grows with every turn, and its turns become slower with it: all of them would take half an hour.
  rows: { bytes: row('Signal: a stored session after 5,000 ratchet turns of each side (Baileys: after 500)', 'kB') },
  async sample(engine, { binaries, quick }) {
    const turns = quick ? '50' : engine === 'baileys' ? '500' : '5000'
    const { bytes } =
      engine === 'chasqui'
        ? lastLine(await execute(path.join(binaries, 'primitives'), ['session-size', turns]))
        : lastLine(await execute(process.execPath, [path.join(root, 'bench', 'session-size-baileys.mjs'), turns]))
    return { bytes: bytes / 1000 }
  },
}

export const acquaintances = {
  name: 'acquaintances',
  rounds: { full: 1, quick: 1 },
  rows: {
    each: row('a session that has heard from 500 contacts and written to 50 groups of 40: resident memory', 'kB'),
  },
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      const [few, many] = quick ? [1, 3] : engine === 'baileys' ? [2, 5] : [5, 15]
      const [people, groups, members] = quick ? [20, 3, 10] : [500, 50, 40]
      const names = Array.from({ length: many }, (_, at) => `Session ${at}`)
      const contacts = Array.from({ length: people }, (_, at) => `Person ${at}`)
      await scene.pair(engine, names)
      for (const contact of contacts) await scene.server.contact(contact)
      const chats = new Map(names.map((name) => [name, []]))
      for (const name of names) {
        for (const contact of contacts) await scene.server.write(contact, name, 1)
        for (let group = 0; group < groups; group++) {
          const some = Array.from({ length: members }, (_, at) => contacts[(group * members + at) % people])
          const jid = await scene.server.group(`Group ${group}`, [name, ...some])
          await scene.server.write(some[0], jid, 1)
          chats.get(name).push(jid)
        }
      }
      return scene.with(engine, {}, async (child) => {
        const live = async (name) => {
          await child.ask('receive', { name, count: people + groups }, 300)
          await child.ask('send', { name, to: chats.get(name), count: groups, atOnce: 8 }, 300)
        }
        for (const name of names.slice(0, few)) await live(name)
        const before = await child.ask('memory')
        for (const name of names.slice(few)) await live(name)
        return { each: ((await child.ask('memory')) - before) / 1024 / (many - few) }
      })
    }),
}
