// Much at once: a backlog after a long absence, and many sessions that write and are written to.

import { row } from './report.mjs'
import { Scene } from './scene.mjs'

const MB = 2 ** 20

/** Pairs a session and lets it write once to each of so many people, so that both know each other. Gives their names. */
async function acquainted(scene, engine, name, people) {
  await scene.pair(engine, [name])
  const names = Array.from({ length: people }, (_, at) => `Person ${at}`)
  const to = []
  for (const person of names) to.push((await scene.server.contact(person)).jid)
  await scene.with(engine, {}, async (child) => {
    await child.ask('send', { name, to, count: people, atOnce: 8 })
    await child.ask('close')
  })
  return names
}

const WAITED = '20,000 texts in 200 chats waited (Baileys: 4,000)'

export const backlog = {
  name: 'backlog',
  rounds: { full: 2, quick: 1 },
  rows: {
    time: row('20,000 texts in 200 chats waited: until all are given to the program', 's'),
    rate: row(`${WAITED}: per CPU-second`, '1/s', true),
    rateWall: row(`${WAITED}: per second`, '1/s', true),
    longest: row(`${WAITED}: longest event-loop delay`, 'ms'),
    p99: row(`${WAITED}: event-loop delay, p99`, 'ms'),
    peak: row(`${WAITED}: peak of resident memory above that before`, 'MB'),
  },
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      const [chats, each] = quick ? [20, 10] : [200, engine === 'baileys' ? 20 : 100]
      const people = await acquainted(scene, engine, 'Rosa', chats)
      for (const person of people) await scene.server.write(person, 'Rosa', each)
      // A new process, as after the absence.
      return scene.with(engine, {}, async (child) => {
        const count = chats * each
        const argument = { name: 'Rosa', count, watchLoop: true }
        const { wall, cpu, longest, p99, peak } = await child.ask('receive', argument, 300)
        const figures = { rate: count / (cpu / 1000), rateWall: count / (wall / 1000), longest, p99, peak: peak / MB }
        return engine === 'chasqui' ? { time: wall / 1000, ...figures } : figures
      })
    }),
}

export const flood = {
  name: 'flood',
  rounds: { full: 1, quick: 1 },
  rows: {
    both: row('100 sessions, each writing and written to at once: texts in and out per CPU-second', '1/s', true),
    bothWall: row('100 sessions, each writing and written to at once: texts in and out per second', '1/s', true),
  },
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      const sessions = quick ? 10 : 100
      const count = engine === 'baileys' || quick ? 5 : 200
      const names = Array.from({ length: sessions }, (_, at) => `Session ${at}`)
      await scene.pair(engine, names)
      const chats = []
      for (const name of names) chats.push([name, (await scene.server.contact(`Friend of ${name}`)).jid])
      return scene.with(engine, {}, async (child) => {
        const { failed } = await child.ask('open', { names, atOnce: 8 }, 300)
        if (failed) throw new Error(`${failed} of ${sessions} sessions did not open`)
        const run = (texts) => {
          const write = ([name]) => scene.server.write(`Friend of ${name}`, name, texts)
          const argument = { chats, count: texts, atOnce: 4 }
          return child.askWhile('flood', argument, 600, () => Promise.all(chats.map(write)))
        }
        await run(2)
        const { cpu, wall } = await run(count)
        const texts = 2 * sessions * count
        return { both: texts / (cpu / 1000), bothWall: texts / (wall / 1000) }
      })
    }),
}
