// What the promises cost in full. Each part gives rows `[promise, what, figure, bound]`; a row without a bound is told
// only.

import { readFileSync } from 'node:fs'
import path from 'node:path'

import { WhatsAppClient } from 'chasqui'

import { temporaryFolder } from '../harness/baileys.mjs'
import { waitFor } from '../harness/emulator.mjs'
import { baileysChat, groupChat, killAgainAndAgain, phoneChat } from '../harness/kills.mjs'
import { mixedAddresses } from '../harness/mixed.mjs'
import { burst, runProgram } from '../harness/run-program.mjs'
import { findSecrets, secretsOf } from '../harness/secrets.mjs'
import { dropAll } from '../harness/storm.mjs'
import { Baileys } from '../interop/sides.mjs'

const MB = 1 << 20
/** Texts written at once: the service's own queue stays short. */
const PORTION = 50_000

const withGc = { execArgv: ['--expose-gc'] }
const plain = (emulator) => ({ url: emulator.wsUrl, rootKey: emulator.rootKey })

/** One session and very many messages. */
export async function manyMessages({ scope, emulator, folder, full }) {
  const count = full ? 1_000_000 : 100_000
  const program = runProgram(scope, emulator, withGc)
  await program.ask('open', { session: 'Flat', store: `sqlite:${path.join(folder, 'flat.db')}`, endpoint: emulator.endpoint })
  const held = []
  const begun = performance.now()
  for (let done = PORTION; done <= count; done += PORTION) {
    await burst(emulator, 'María', 'Flat', PORTION)
    await program.ask('messages', { session: 'Flat', count: done })
    held.push(await program.ask('memory'))
  }
  const seconds = (performance.now() - begun) / 1000
  const grown = (what) => (held.at(-1)[what] - held[0][what]) / MB
  const { undecryptable, caches } = await program.ask('stats', { session: 'Flat' })
  const over = Object.entries(caches).filter(([, { size, cap }]) => size > cap)
  await program.ask('disconnect', { session: 'Flat' })
  const million = count.toLocaleString('en-US')
  return [
    [4, `resident memory at the end of ${million} messages beside that after the first ${PORTION.toLocaleString('en-US')}, MB`, grown('rss'), 20],
    [4, "the same of JavaScript's heap, MB", grown('heapUsed'), 5],
    [4, 'caches above their cap', over.length, 0],
    [1, `undecryptable of ${million} messages`, undecryptable, 0],
    [4, 'messages per second meanwhile, the contact encrypting on the same machine', count / seconds],
  ]
}

/** Very many sessions that do nothing, in a process that did not pair them. */
export async function idleSessions({ scope, emulator, folder, full }) {
  const [few, many] = full ? [200, 1000] : [50, 150]
  const options = { store: `sqlite:${path.join(folder, 'idle.db')}`, endpoint: plain(emulator) }
  const open = async (program, from, to) => {
    for (let at = from; at < to; at += 20) {
      const names = Array.from({ length: Math.min(20, to - at) }, (_, n) => `Idle ${at + n}`)
      await Promise.all(names.map((session) => program.ask('open', { session, ...options })))
    }
  }
  const pairing = runProgram(scope, emulator)
  await open(pairing, 0, many)
  pairing.child.kill('SIGKILL')
  await pairing.ended

  const program = runProgram(scope, emulator, withGc)
  await open(program, 0, few)
  const first = await program.ask('memory')
  await open(program, few, many)
  const last = await program.ask('memory')
  // And then all of them lose their connection at once.
  const names = Array.from({ length: many }, (_, n) => `Idle ${n}`)
  await program.ask('watchLoop')
  const { seconds, pauses } = await dropAll(emulator, program, names)
  const loop = await program.ask('loopDelay')
  const attempts = pauses.flat().length / many
  return [
    [6, `seconds until ${many} sessions that were dropped at once are open again`, seconds, 30],
    [6, 'attempts that each of them needed', attempts, 1.1],
    [6, 'event-loop delay meanwhile, longest, ms', loop.max, 20],
    [4, `resident memory of one further idle session, between ${few} and ${many}, kB`, (last.rss - first.rss) / (many - few) / 1000, 150],
    [4, "the same of JavaScript's heap, kB", (last.heapUsed - first.heapUsed) / (many - few) / 1000],
  ]
}

/** The event loop while what was queued arrives, and while nothing does. */
export async function eventLoop({ scope, emulator, folder, full }) {
  const [rounds, count] = full ? [7, 10_000] : [3, 2000]
  const program = runProgram(scope, emulator)
  const options = { session: 'Loop', store: `sqlite:${path.join(folder, 'loop.db')}`, endpoint: emulator.endpoint }
  await program.ask('open', options)
  const [busy, idle] = [[], []]
  for (let round = 0; round < rounds; round++) {
    await program.ask('disconnect', { session: 'Loop' })
    await burst(emulator, 'María', 'Loop', count)
    await program.ask('watchLoop')
    await new Promise((resolve) => setTimeout(resolve, 2000))
    idle.push(await program.ask('loopDelay'))
    await program.ask('watchLoop')
    await program.ask('open', options)
    await program.ask('messages', { session: 'Loop', count })
    busy.push(await program.ask('loopDelay'))
  }
  // What else runs on the machine only adds: the quietest round says most about us. The delay of a thread that had to wait for
  // a core counts for less than what it did with it: 10,000 messages are a third of a second of two busy cores.
  const least = (all, what) => Math.min(...all.map((round) => round[what]))
  const name = `${count.toLocaleString('en-US')} queued messages arrive, in the quietest of ${rounds} rounds`
  return [
    [7, `longest computing on the event loop while ${name}, p99.9, ms`, least(busy, 'computed'), 5],
    [7, 'event-loop delay meanwhile, p99.9, ms', least(busy, 'p999')],
    [7, 'the same, longest, ms', least(busy, 'max'), 20],
    [7, 'event-loop delay of the same process while nothing happens, p99.9, ms', least(idle, 'p999')],
    [7, 'the same, longest, ms', least(idle, 'max')],
  ]
}

/** SIGKILL, again and again, in a flood with phones and Baileys; then on a disk that fills up and is emptied. */
export async function kills({ scope, emulator, folder, full }) {
  const rounds = full ? 200 : 12
  const side = await Baileys.make(emulator, 'Benno', { folder: temporaryFolder() })
  await side.start()
  scope.after(() => side.stop())
  const makeChats = async ({ lid }) => [
    ...(await Promise.all(['Ana', 'Luz'].map((name) => phoneChat(emulator, 'Killed', name)))),
    await groupChat(emulator, 'Killed', ['Iris', 'Noa', 'Leo']),
    baileysChat(side, () => lid),
  ]
  const file = path.join(folder, 'killed.db')
  const pages = () => readFileSync(file).readUInt32BE(28)
  /** Every fourth round on a slow disk, every tenth on one that takes little more, every tenth with a log that may not grow. */
  const query = (round) => (round % 4 === 3 ? '?sync_delay=20' : round % 10 === 5 && `?max_pages=${pages() + 20}`)
  const limit = (round) => round % 10 === 9 && 'ulimit -f 2000'
  const result = await killAgainAndAgain(scope, emulator, { rounds, folder, session: 'Killed', seed: 7, makeChats, query, limit })
  const { wrong, written, sent, tolerated } = result
  console.log(JSON.stringify({ ...result, kills: result.kills.length }))
  const of = `of ${written.toLocaleString('en-US')} messages written to it and ${sent.toLocaleString('en-US')} that it sent, the program killed ${rounds} times`
  const again = Object.values(tolerated).reduce((sum, count) => sum + count, 0)
  return [
    [1, `lost ${of}`, wrong.lost.length, 0],
    [1, 'given twice without saying so', wrong.doubled.length, 0],
    [1, 'undecryptable', wrong.undecryptable.length, 0],
    [1, 'asked for again in chats and a group with phones, by either side', wrong.askedAgain, 0],
    [1, 'sessions that the program began anew', wrong.renewed.length, 0],
    [1, 'asked for again in the chat with Baileys, which may spoil its own session', again],
  ]
}

/** Every stanza is looked at in the end. */
kills.captureLimit = 1_000_000

/** 10,000 messages that name their author by either address. */
export async function addresses({ scope, emulator, full }) {
  const client = new WhatsAppClient({ session: 'Mixed', store: 'memory:', endpoint: emulator.endpoint })
  client.on('qr', (qr) => emulator.scan(qr.text, { account: 'Mixed' }))
  scope.after(() => client.disconnect())
  await client.connect()
  await client.opened()
  const { messages, doubled, unreadable, retries } = await mixedAddresses(emulator, client, 'Mixed', full ? 10_000 : 1000)
  const of = `of ${messages.toLocaleString('en-US')} messages that name people by LID or by phone number alone`
  return [
    [1, `undecryptable ${of}, repeated and reordered`, unreadable, 0],
    [1, 'asked for again, by either side', retries, 0],
    [1, 'given twice', doubled, 0],
  ]
}

/** Every stanza is looked at in the end. */
addresses.captureLimit = 1_000_000

/** A phone that loses its session again and again, written to by a client that is closed and opened again meanwhile. */
export async function losses({ scope, emulator, folder, full }) {
  const [rounds, count, atOnce] = [full ? 100 : 10, 100, 10]
  const options = { session: 'Patient', store: `sqlite:${path.join(folder, 'patient.db')}`, endpoint: emulator.endpoint }
  const maria = await emulator.contact('María')
  let client
  const open = async () => {
    await client?.disconnect()
    client = new WhatsAppClient(options)
    client.on('qr', (qr) => emulator.scan(qr.text, { account: 'Patient' }))
    await client.connect()
    await client.opened()
  }
  await open()
  scope.after(() => client.disconnect())
  const [missing, twice, seen] = [new Set(), [], new Set()]
  for (let round = 0; round < rounds; round++) {
    await maria.forgetSessions()
    for (let n = 0; n < count; n += atOnce) {
      const texts = Array.from({ length: atOnce }, (_, at) => `text ${round} ${n + at}`)
      for (const { id } of await Promise.all(texts.map((text) => client.send(maria.jid, { text })))) missing.add(id)
    }
    // What the phone asks for again is there after a restart, too.
    if (round % 10 === 9) await open()
    while ([...missing].some((id) => !seen.has(id))) {
      const { id } = await maria.waitForMessage(undefined, { timeout: 20_000 })
      if (seen.has(id)) twice.push(id)
      seen.add(id)
    }
    missing.clear()
  }
  const asked = await emulator.stanzas({ account: 'Patient', direction: 'in', tag: 'receipt', type: 'retry' })
  const of = `of ${(rounds * count).toLocaleString('en-US')} messages to a phone that lost its session ${rounds} times`
  return [
    [2, `not shown ${of}`, rounds * count - seen.size, 0],
    [2, 'shown twice', twice.length, 0],
    [2, 'asked for again, and given again', asked.length],
  ]
}

/** Every stanza is looked at in the end. */
losses.captureLimit = 200_000

/** An hour of a small office: twenty sessions that write, are written to, and lose their connection, in one process. */
export async function office({ scope, emulator, folder, full }) {
  const [sessions, minutes] = full ? [20, 60] : [20, 1]
  const options = { store: `sqlite:${path.join(folder, 'office.db')}`, endpoint: emulator.endpoint, handling: 0 }
  const program = runProgram(scope, emulator, withGc)
  const names = Array.from({ length: sessions }, (_, n) => `Office ${n}`)
  for (const session of names) await program.ask('open', { session, ...options })
  const maria = await emulator.contact('María')
  let expected = 0
  /** What an hour holds, minute by minute, without the waiting: every session gets 20 texts and writes 10. */
  const minute = async (n) => {
    expected += 20
    await Promise.all(
      names.map(async (session) => {
        await burst(emulator, 'María', session, 20)
        await program.ask('flood', { session, chats: [maria.jid], count: 10 })
        await program.ask('messages', { session, count: expected })
      }),
    )
    // One of them loses its connection in each minute.
    await emulator.disconnect({ account: names[n % sessions] })
  }
  const warm = full ? 5 : 1
  for (let n = 0; n < warm; n++) await minute(n)
  const samples = []
  for (let n = warm; n < warm + minutes; n++) {
    await minute(n)
    samples.push({ ...(await program.ask('memory')), descriptors: await program.ask('descriptors') })
  }
  const shown = samples.filter((_, n) => n % Math.ceil(samples.length / 12) === 0 || n === samples.length - 1)
  console.log(shown.map(({ rss, descriptors }) => `${(rss / MB).toFixed(1)} MB, ${descriptors} descriptors`).join('; '))
  const grown = (what) => samples.at(-1)[what] - samples[0][what]
  const most = (what) => Math.max(...samples.map((sample) => sample[what]))
  const traffic = (sessions * 30 * minutes).toLocaleString('en-US')
  return [
    [4, `resident memory of ${sessions} sessions after ${minutes} minutes' traffic (${traffic} messages) beside that at their beginning, MB`, grown('rss') / MB, 20],
    [4, 'the most at any minute beside that, MB', (most('rss') - samples[0].rss) / MB, 40],
    [4, "the same of JavaScript's heap at the end, MB", grown('heapUsed') / MB, 5],
    [4, 'file descriptors at the end beside those at the beginning', grown('descriptors'), 4],
  ]
}

/** Everything logged at trace level, searched for everything secret. */
export async function logs({ scope, emulator, folder, full }) {
  const count = full ? 20_000 : 2000
  const file = path.join(folder, 'logged.db')
  const program = runProgram(scope, emulator, { env: { TRACE: '1' } })
  await program.ask('open', { session: 'Logged', store: `sqlite:${file}`, endpoint: emulator.endpoint, reply: true })
  const secrets = new Map()
  const collect = () => {
    for (const { name, bytes } of secretsOf(file)) secrets.set(bytes.toString('latin1'), { name, bytes })
  }
  for (let done = 0; done < count; done += 1000) {
    collect()
    await burst(emulator, 'María', 'Logged', 1000, 'a text that is nobody’s business')
    await program.ask('messages', { session: 'Logged', count: done + 1000 })
  }
  collect()
  const output = program.output()
  const found = findSecrets(output, [...secrets.values()])
  const texts = output.includes('business') ? 1 : 0
  return [
    [10, `kinds of secrets found in ${(output.length / MB).toFixed(1)} MB of trace log, of ${secrets.size.toLocaleString('en-US')} secrets`, found.length, 0],
    [10, 'texts of messages found in it', texts, 0],
  ]
}

/** A frame that is announced and never sent. */
export async function silence({ scope, emulator, full }) {
  if (!full) return []
  const program = runProgram(scope, emulator)
  await program.ask('open', { session: 'Waiting', store: 'memory:', endpoint: plain(emulator) })
  await emulator.inject({ account: 'Waiting', frame: 'oversized' })
  const [begun, before] = [performance.now(), program.connections.length]
  const since = () => program.connections.slice(before)
  await waitFor(() => since().some(({ connection }) => connection.reason?.code === 'CONNECTION_LOST'), 'the end', 90_000)
  return [[5, 'seconds until a connection ends on which a frame was announced and never came', (performance.now() - begun) / 1000, 40]]
}
