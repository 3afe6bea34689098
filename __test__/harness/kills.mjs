// A program that is killed again and again during a flood in both directions.

import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { waitFor } from './emulator.mjs'
import { readJournal, runProgram } from './run-program.mjs'

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
  const phone = await listening(emulator, name)
  return {
    name,
    jid: phone.jid,
    users: phone.users,
    strict: true,
    write: async (text) => (await phone.contact.send(session, { text })).id,
    got: () => phone.ids,
    stop: phone.stop,
  }
}

/** A group of the session and some people, whose phones must be in no other chat here; the first of them writes. */
export async function groupChat(emulator, session, names) {
  const phones = await Promise.all(names.map((name) => listening(emulator, name)))
  const group = await emulator.group({ subject: 'Flood', members: [session, ...names] })
  return {
    name: `the group of ${names.join(', ')}`,
    jid: group.jid,
    users: [userOf(group.jid), ...phones.flatMap(({ users }) => users)],
    strict: true,
    write: async (text) => (await phones[0].contact.send(group, { text })).id,
    // There is what every member has.
    got: () => {
      const others = phones.slice(1).map(({ ids }) => new Set(ids))
      return phones[0].ids.filter((id) => others.every((ids) => ids.has(id)))
    },
    stop: () => phones.forEach(({ stop }) => stop()),
  }
}

/** A virtual phone and the ids of what it got. */
async function listening(emulator, name) {
  const contact = await emulator.contact(name)
  const ids = []
  let wanted = true
  const listen = async () => {
    while (wanted) ids.push((await contact.waitForMessage(() => true, { timeout: 2 ** 30 })).id)
  }
  // The wait ends with the emulator.
  void listen().catch(() => {})
  return { contact, jid: contact.jid, users: [contact.jid, contact.lid].map(userOf), ids, stop: () => (wanted = false) }
}

/**
 * The chat with one of Baileys' sessions (a side of `interop/sides.mjs`). When it sends and receives at once it may use a
 * key twice or spoil a session by itself (docs/protocol-notes.md): the two sides take turns, a round each, and what is
 * asked for again is told and not counted against us.
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
 * what is imposed on the process, `client` further options of the client. Gives what was lost or doubled in either direction, and what both sides asked for again.
 */
export async function killAgainAndAgain(t, emulator, { rounds, folder, session, seed, makeChats, query = () => '', limit = () => undefined, volume = 40, client = {} }) {
  // The instants do not depend on who wrote how much in between.
  const [random, instants] = [randomFrom(seed), randomFrom(seed + 1)]
  const file = path.join(folder, 'killed.db')
  const journal = path.join(folder, 'journal')
  const options = { session, endpoint: emulator.endpoint, handling: 2, ...client }
  const letGo = []
  const noteLetGo = ({ errors }) => letGo.push(...errors.filter(({ code }) => code === 'HANDLER_FAILED').map(({ data }) => data))
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
    const all = readJournal(journal)
    return all.filter(([what]) => what === kind)
  }
  const gotIds = () => new Set(lines('got').filter(([, , type]) => type !== 'undecryptable').map(([, id]) => id))

  let { program, opened } = start('first')
  const { user } = await opened
  const chats = await makeChats(user)
  t.after(() => chats.forEach((chat) => chat.stop()))
  const told = new Map(chats.map((chat) => [chat, []]))
  // Both have written before the flood, one after the other: what two first messages at once do is another matter.
  for (const chat of chats) {
    const { id } = await program.ask('send', { session, to: chat.jid, content: { text: 'hello' } })
    await waitFor(() => chat.got().includes(id), `a first message at ${chat.name}`)
    const answer = await chat.write('hello to you')
    told.get(chat).push(answer)
    await waitFor(() => gotIds().has(answer), `an answer of ${chat.name}`)
  }
  let turn = 0
  let writing = true
  const writers = chats.map(async (chat) => {
    for (let n = 0; writing; n++) {
      if (chat.strict || turn % 2 === 0) told.get(chat).push(await chat.write(`text ${n}`))
      await pause(random() * 20)
    }
  })
  const flood = (running) => {
    const now = chats.filter(({ strict }) => strict || turn % 2 === 1)
    running.ask('flood', { session, chats: now.map(({ jid }) => jid), count: 1e6 }).catch(() => {})
  }
  flood(program)
  const kills = []
  for (let round = 0; round < rounds; round++) {
    // Some while the program begins or logs in, most in the middle of everything.
    const early = instants() < 0.3
    if (!early) await opened.catch(() => {})
    await pause(instants() * (early ? 1000 : 500))
    program.child.kill('SIGKILL')
    await program.ended
    noteLetGo(program)
    kills.push(`${early ? 'early ' : ''}${lines('got').length}+${lines('sent').length}`)
    turn++
    const next = start(round)
    void next.opened.then(() => flood(next.program)).catch(() => {})
    ;({ program, opened } = next)
  }
  // What the last round was limited by ends with it.
  program.child.kill('SIGKILL')
  await program.ended
  noteLetGo(program)
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
  // What Baileys spoils takes its time to be asked for again: as long as something comes, more may.
  const left = () => missing(written, gotIds()).length + missing(sent, arrived()).length
  for (let before = Infinity; left() > 0 && left() < before; ) {
    before = left()
    await waitFor(() => left() === 0, 'every message', 20_000).catch(() => {})
  }
  await program.ask('disconnect', { session })
  noteLetGo(program)

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
    letGo,
    wrong: {
      lost: [...missing(written, gotIds()), ...missing(sent, arrived())],
      unsent: chats.length * volume - confirmed,
      doubled,
      undecryptable: undecryptable.filter((id) => strictIds(chats, told).has(id)),
      ...(await againstUs(emulator, session, chats)),
    },
    tolerated: reasons(await retriesIn(emulator, session, chats.filter(({ strict }) => !strict))),
  }
}

const strictIds = (chats, told) => new Set(chats.filter(({ strict }) => strict).flatMap((chat) => told.get(chat)))

/** Retry receipts in these chats, by either side. */
async function retriesIn(emulator, session, chats) {
  const users = new Set(chats.flatMap((chat) => chat.users))
  const retries = await emulator.stanzas({ account: session, tag: 'receipt', type: 'retry' })
  return retries.filter(({ stanza: { attrs } }) => users.has(userOf(attrs.participant ?? attrs.to ?? attrs.from)))
}

/** How many of them were ours (`out`) and the other side's (`in`), by the number of the request and its reason. */
function reasons(retries) {
  const counts = {}
  for (const { direction, stanza } of retries) {
    const { count, error } = stanza.content.find(({ tag }) => tag === 'retry').attrs
    const kind = `${direction} ${count}, reason ${error ?? 'none'}`
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
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
  return { askedAgain: (await retriesIn(emulator, session, strict)).length, renewed }
}

/** For which device a message was encrypted, and how. */
function encryptions({ attrs, content = [] }) {
  const children = Array.isArray(content) ? content : []
  const direct = children.filter(({ tag }) => tag === 'enc').map((enc) => ({ device: attrs.to, type: enc.attrs.type }))
  const participants = children.find(({ tag }) => tag === 'participants')?.content ?? []
  return [...direct, ...participants.flatMap((to) => (to.content ?? []).map((enc) => ({ device: to.attrs.jid, type: enc.attrs.type })))]
}
