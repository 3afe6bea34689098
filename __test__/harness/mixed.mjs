// A conversation in which nobody can rely on how the other is named.

import { waitFor } from './emulator.mjs'
import { burst } from './run-program.mjs'

/**
 * Two people and an open client write to each other, `count` messages in all. Those to the client name their author by
 * LID or by phone number alone, some come twice or after the next one; the client writes to either address in turn.
 */
export async function mixedAddresses(emulator, client, account, count) {
  const people = await Promise.all(['Mara', 'Mila'].map((name) => emulator.contact(name)))
  const got = []
  client.on('message', ({ id, type, text, chat }) => got.push({ id, type, text, chat }))
  const faults = [
    { what: 'otherAddress', rate: 0.5, seed: 3 },
    { what: 'duplicate', rate: 0.05, seed: 4 },
    { what: 'reorder', rate: 0.05, seed: 5 },
  ]
  // The first that strikes decides, so that each is given a part of the messages of its own.
  for (const fault of faults) await emulator.faults.add({ account, tag: 'message', ...fault })
  const [rounds, share] = [20, Math.ceil(count / 80)]
  const [written, sent] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const [ids] = await Promise.all([
      Promise.all(people.map(({ name }) => burst(emulator, name, account, share, `${name} ${round}`))),
      Promise.all(people.map(async ({ jid, lid, name }) => {
        for (let n = 0; n < share; n++) {
          const { id } = await client.send(n % 2 ? jid : lid, { text: `to ${name} ${round} ${n}` })
          sent.push({ id, name })
        }
      })),
    ])
    written.push(...ids.flat())
  }
  await waitFor(() => new Set(got.map(({ id }) => id)).size === written.length, 'all that was written', 120_000)
  const struck = (await emulator.faults.list()).map(({ hits }) => hits)
  await emulator.faults.clear()
  for (const { name } of people) {
    const mine = new Set(sent.filter((one) => one.name === name).map(({ id }) => id))
    const person = people.find((one) => one.name === name)
    while (mine.size > 0) mine.delete((await person.waitForMessage(undefined, { timeout: 20_000 })).id)
  }
  const once = new Set(got.map(({ id }) => id))
  return {
    messages: written.length + sent.length,
    /** How many came by the other address, twice, and after the next one. */
    struck,
    doubled: got.length - once.size,
    unreadable: got.filter(({ type }) => type !== 'text').length,
    retries: (await emulator.stanzas({ tag: 'receipt', type: 'retry' })).length,
    chats: new Set(got.map(({ chat }) => chat)),
    people: new Set(people.map(({ jid }) => jid)),
  }
}
