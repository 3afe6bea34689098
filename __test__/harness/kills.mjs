// A program that is killed again and again during a flood in both directions.

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { waitFor } from './emulator.mjs'
import { runProgram } from './run-program.mjs'

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/*
 * A chat is `{ name, jid, users, strict, write(text), got(), stop() }`: where the program writes to, whose addresses the
 * other side has (without server), whether every retry in it counts against us, how the other side writes (gives the id
 * once it was told that it is sent), and the ids that arrived there.
 */

/** The chat with a virtual phone. */
export async function phoneChat(emulator, session, name) {
  const contact = await emulator.contact(name)
  const ids = []
  let listening = true
  const listen = async () => {
    while (listening) ids.push((await contact.waitForMessage(() => true, { timeout: 2 ** 30 })).id)
  }
  // The wait ends with the emulator.
  void listen().catch(() => {})
  return {
    name,
    jid: contact.jid,
    users: [contact.jid, contact.lid].map(userOf),
    strict: true,
    write: async (text) => (await contact.send(session, { text })).id,
    got: () => ids,
    stop: () => (listening = false),
  }
}

/**
 * The chat with one of Baileys' sessions (a side of `interop/sides.mjs`). It may use a key twice or spoil a session by
 * itself (docs/protocol-notes.md): what it asks for again is told and not counted against us.
 */
export function baileysChat(side, to) {
  return {
    name: side.name,
    jid: side.jid,
    users: [side.jid, side.lid].map(userOf),
    strict: false,
    write: async (text) => side.send(await to(), text),
    got: () => side.received.filter(({ fromMe }) => !fromMe).map(({ id }) => id),
    stop: () => {},
  }
}

const userOf = (jid) => jid.split(/[:@]/)[0]

/**
 * Kills the program `rounds` times with SIGKILL while everybody writes to everybody, then lets it take what is left.
 *
 * `chats` is made by a function of the session's JID; `query` gives the store's options for a round (or nothing), `limit`
 * what is imposed on the process. Gives what was lost or doubled in either direction, and what both sides asked for again.
 */
export async function killAgainAndAgain(t, emulator, { rounds, folder, session, seed, makeChats, query = () => '', limit = () => undefined, volume = 40 }) {
  const random = randomFrom(seed)
  const file = path.join(folder, 'killed.db')
  const journal = path.join(folder, 'journal')
  const options = { session, endpoint: emulator.endpoint, handling: 2 }
  const unopened = []
  const start = (round) => {
    const program = runProgram(t, emulator, { env: { JOURNAL: journal }, limit: limit(round) || undefined })
    const opened = program.ask('open', { ...options, store: `sqlite:${file}${query(round) || ''}` })
    // A round may be too short, or its disk too small, to open.
    opened.catch(({ code }) => code && unopened.push(code))
    return { program, opened }
  }
  // A line without its end was cut off by the kill, before anybody was told of it.
  const lines = (kind) => {
    const all = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').slice(0, -1).map(JSON.parse) : []
    return all.filter(([what]) => what === kind)
  }
  const gotIds = () => new Set(lines('got').map(([, id]) => id))

  let { program, opened } = start('first')
  const { user } = await opened
  const chats = await makeChats(user)
  t.after(() => chats.forEach((chat) => chat.stop()))
  const told = new Map(chats.map((chat) => [chat, []]))
  let writing = true
  const writers = chats.map(async (chat) => {
    for (let n = 0; writing; n++) {
      told.get(chat).push(await chat.write(`text ${n}`))
      await pause(random() * 8)
    }
  })
  const flood = (running) => void running.ask('flood', { session, chats: chats.map(({ jid }) => jid), count: 1e6 }).catch(() => {})
  flood(program)
  const kills = []
  for (let round = 0; round < rounds; round++) {
    // Some while the program begins or logs in, most in the middle of everything.
    const early = random() < 0.3
    if (!early) await opened.catch(() => {})
    await pause(random() * (early ? 1000 : 500))
    program.child.kill('SIGKILL')
    await program.ended
    kills.push(`${early ? 'early ' : ''}${lines('got').length}+${lines('sent').length}`)
    const next = start(round)
    void next.opened.then(() => flood(next.program)).catch(() => {})
    ;({ program, opened } = next)
  }
  // What the last round was limited by ends with it.
  program.child.kill('SIGKILL')
  await program.ended
  ;({ program, opened } = start('last'))
  await opened
  writing = false
  await Promise.all(writers)
  for (const chat of chats) for (let n = 0; n < 20; n++) told.get(chat).push(await chat.write(`after ${n}`))
  const confirmed = await program.ask('flood', { session, chats: chats.map(({ jid }) => jid), count: volume })
  const written = [...told.values()].flat()
  const arrived = () => new Set(chats.flatMap((chat) => chat.got()))
  const missing = (ids, there) => ids.filter((id) => !there.has(id))
  const sent = lines('sent').map(([, id]) => id)
  const all = () => missing(written, gotIds()).length + missing(sent, arrived()).length === 0
  await waitFor(all, 'every message', 60_000).catch(() => {})
  await program.ask('disconnect', { session })

  const seen = new Set()
  const doubled = []
  const undecryptable = []
  for (const [, id, type, redelivered] of lines('got')) {
    if (type === 'undecryptable') {
      undecryptable.push(id)
      continue
    }
    if (seen.has(id) && !redelivered) doubled.push(id)
    seen.add(id)
  }
  return {
    written: written.length,
    sent: sent.length,
    kills,
    refused: [...new Set(lines('failed').map(([, code]) => code))],
    unopened,
    wrong: {
      lost: [...missing(written, gotIds()), ...missing(sent, arrived())],
      unsent: chats.length * volume - confirmed,
      doubled,
      undecryptable: undecryptable.filter((id) => strictIds(chats, told).has(id)),
      ...(await againstUs(emulator, session, chats)),
    },
    tolerated: await askedIn(emulator, session, chats.filter(({ strict }) => !strict)),
  }
}

const strictIds = (chats, told) => new Set(chats.filter(({ strict }) => strict).flatMap((chat) => told.get(chat)))

/** Retries in these chats, by either side. */
async function askedIn(emulator, session, chats) {
  const users = new Set(chats.flatMap((chat) => chat.users))
  const retries = await emulator.stanzas({ account: session, tag: 'receipt', type: 'retry' })
  return retries.filter(({ stanza: { attrs } }) => users.has(userOf(attrs.to ?? attrs.from))).length
}

/** Retries, and sessions that the program began anew, in the chats where only it can be the cause. */
async function againstUs(emulator, session, chats) {
  const strict = chats.filter((chat) => chat.strict)
  const users = new Set(strict.flatMap((chat) => chat.users))
  const settled = new Set()
  const renewed = []
  for (const { stanza } of await emulator.stanzas({ account: session, direction: 'out', tag: 'message' })) {
    for (const { device, type } of encryptions(stanza)) {
      if (!users.has(userOf(device))) continue
      if (type === 'msg') settled.add(device)
      else if (settled.has(device)) renewed.push(`${stanza.attrs.id} to ${device}`)
    }
  }
  return { askedAgain: await askedIn(emulator, session, strict), renewed }
}

/** For which device a message was encrypted, and how. */
function encryptions({ attrs, content = [] }) {
  const children = Array.isArray(content) ? content : []
  const direct = children.filter(({ tag }) => tag === 'enc').map((enc) => ({ device: attrs.to, type: enc.attrs.type }))
  const participants = children.find(({ tag }) => tag === 'participants')?.content ?? []
  return [...direct, ...participants.flatMap((to) => (to.content ?? []).map((enc) => ({ device: to.attrs.jid, type: enc.attrs.type })))]
}
