// A program that is killed again and again while a contact writes to it and it answers.

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { waitFor } from './emulator.mjs'
import { runProgram } from './run-program.mjs'

/**
 * Kills the program `rounds` times with SIGKILL, then lets it take what is left and 50 messages more.
 * Gives the number of messages that were written, those `lost`, those given twice without saying so, those shown as
 * undecryptable, how often either side asked for one again, and after how many the kills came.
 */
export async function killAgainAndAgain(t, emulator, { rounds, folder, session }) {
  const contact = await emulator.contact('María')
  const journal = path.join(folder, 'journal')
  const options = { session, store: `sqlite:${path.join(folder, 'killed.db')}`, endpoint: emulator.endpoint, reply: true }
  const start = async () => {
    const program = runProgram(t, emulator, { env: { JOURNAL: journal } })
    await program.ask('open', options)
    return program
  }
  // A line without its end was cut off by the kill, before the engine heard that the message was taken.
  const given = () => (existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').slice(0, -1).map(JSON.parse) : [])

  const ids = []
  let writing = true
  let program = await start()
  const writer = (async () => {
    while (writing) {
      ids.push((await contact.send(session, { text: `text ${ids.length}` })).id)
      await pause(1)
    }
  })()
  const kills = []
  for (let round = 0; round < rounds; round++) {
    const wanted = given().length + Math.ceil(Math.random() * 100)
    await waitFor(() => given().length >= wanted, 'messages')
    program.child.kill('SIGKILL')
    await program.ended
    kills.push(given().length)
    program = await start()
  }
  writing = false
  await writer
  for (let n = 0; n < 50; n++) ids.push((await contact.send(session, { text: `after ${n}` })).id)
  const all = () => new Set(given().map(([id]) => id)).size >= ids.length
  await waitFor(all, 'every message', 60_000).catch(() => {})

  const seen = new Set()
  const doubled = []
  const undecryptable = []
  for (const [id, type, redelivered] of given()) {
    if (type !== 'text') undecryptable.push(id)
    if (seen.has(id) && !redelivered) doubled.push(id)
    seen.add(id)
  }
  const retries = { account: session, tag: 'receipt', type: 'retry' }
  return {
    messages: ids.length,
    lost: ids.filter((id) => !seen.has(id)),
    doubled,
    undecryptable,
    askedAgain: (await emulator.stanzas(retries)).length,
    kills,
  }
}
