// People: what checking many numbers costs, and what presence in a flood does to the event loop.

import { row } from './report.mjs'
import { Scene } from './scene.mjs'

/** So many numbers, of which some are on the service. */
const NUMBERS = { full: { count: 10_000, exist: 1000 }, quick: { count: 500, exist: 50 } }

/** As people write them. */
const written = (digits) => `+${digits.slice(0, -10)} (${digits.slice(-10, -7)}) ${digits.slice(-7, -4)}-${digits.slice(-4)}`

export const existence = {
  name: 'existence',
  rounds: { full: 3, quick: 1 },
  rows: {
    wall: row('10,000 numbers checked for existence: time', 's'),
    cpu: row('10,000 numbers checked for existence: CPU', 's'),
    longest: row('10,000 numbers checked for existence: longest event-loop delay', 'ms'),
    requests: row('10,000 numbers checked for existence: requests', ''),
  },
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      const { count, exist } = NUMBERS[quick ? 'quick' : 'full']
      await scene.pair(engine, ['Rosa'])
      const numbers = Array.from({ length: count - exist }, (_, n) => `1556${String(n).padStart(7, '0')}`)
      for (let at = 0; at < exist; at++) numbers.push((await scene.server.contact(`Person ${at}`)).jid.replace(/@.*/, ''))
      return scene.with(engine, {}, async (child) => {
        await child.ask('exist', { name: 'Rosa', numbers: numbers.slice(-5).map(written), exist: 5 })
        const before = await scene.server.requests('Rosa', 'usync')
        const { wall, cpu, longest } = await child.ask('exist', { name: 'Rosa', numbers: numbers.map(written), exist }, 300)
        return { wall: wall / 1000, cpu: cpu / 1000, longest, requests: (await scene.server.requests('Rosa', 'usync')) - before }
      })
    }),
}

/** So many states of so many people, so fast. */
const FLOOD = { full: { people: 1000, total: 100_000, perSecond: 20_000 }, quick: { people: 100, total: 2000, perSecond: 20_000 } }

export const presence = {
  name: 'presence',
  rounds: { full: 3, quick: 1 },
  rows: {
    told: row('20,000 states a second of 1,000 people, 5 s long: told to the program', '%', true),
    cpu: row('20,000 states a second of 1,000 people, 5 s long: CPU for one', 'µs'),
    wall: row('20,000 states a second of 1,000 people, 5 s long: until the last is told', 's'),
    longest: row('20,000 states a second of 1,000 people, 5 s long: longest event-loop delay', 'ms'),
    p99: row('20,000 states a second of 1,000 people, 5 s long: event-loop delay, p99', 'ms'),
  },
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      const flood = FLOOD[quick ? 'quick' : 'full']
      await scene.pair(engine, ['Rosa'])
      return scene.with(engine, {}, async (child) => {
        const told = async (one) => child.askWhile('presences', { name: 'Rosa', last: one.last }, 120, () => scene.server.presences('Rosa', one))
        await told({ ...flood, total: 1000, last: '15559999998' })
        const { cpu, wall, longest, p99, states } = await told({ ...flood, last: '15559999999' })
        return { told: (100 * states) / flood.total, cpu: (cpu * 1000) / flood.total, wall: wall / 1000, longest, p99 }
      })
    }),
}
