// Groups: what the first message to one costs, which brings the own key to everybody, and every later one; and how fast
// a group's messages come in. And what it costs to know all groups, and to hear of what changes in them.

import { median, row } from './report.mjs'
import { Scene } from './scene.mjs'

/** Members besides the own account, with how many groups of each size a sample looks at. */
const SIZES = [[5, 5], [100, 3], [1000, 1]]

const count = (number) => number.toLocaleString('en-US')

const sendRows = SIZES.map(([size]) => ({
  [`first${size}`]: row(`first text to a group of ${count(size)}, sessions with all: CPU`, 'ms'),
  [`firstWall${size}`]: row(`first text to a group of ${count(size)}, sessions with all: time`, 'ms'),
  [`firstLoop${size}`]: row(`first text to a group of ${count(size)}: longest event-loop delay`, 'ms'),
  [`later${size}`]: row(`later texts to a group of ${count(size)}, per CPU-second`, '1/s', true),
  [`laterWall${size}`]: row(`later texts to a group of ${count(size)}, per second`, '1/s', true),
}))

export const groupSending = {
  name: 'group-send',
  rounds: { full: 3, quick: 1 },
  rows: Object.assign({}, ...sendRows),
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      await scene.pair(engine, ['Rosa'])
      let people = 0
      const group = (size) => {
        // Everybody is new, so that the first message begins a session with each.
        const members = Array.from({ length: size }, () => `Person ${++people}`)
        return scene.server.group(`${size} people`, ['Rosa', ...members])
      }
      const figures = {}
      const send = (child, to, texts, options) =>
        child.ask('send', { name: 'Rosa', to, count: texts, ...options }, quick ? 60 : 180)
      const later = (size) => (engine === 'baileys' || quick ? Math.max(10, 400 / size) : Math.max(500, 20_000 / size))
      await scene.with(engine, {}, async (child) => {
        await send(child, await group(5), 20, { atOnce: 1 })
        for (const [size, groups] of SIZES) {
          const keys = ['first', 'firstWall', 'firstLoop', 'later', 'laterWall'].map((key) => `${key}${size}`)
          try {
            const firsts = []
            let last
            for (let round = 0; round < (quick ? 1 : groups); round++) {
              last = await group(size)
              firsts.push(await send(child, last, 1, { atOnce: 1, watchLoop: true }))
            }
            const texts = later(size)
            const { cpu, wall } = await send(child, last, texts, { atOnce: 50 })
            const middle = (what) => median(firsts.map((first) => first[what]))
            const found = [middle('cpu'), middle('wall'), middle('longest'), texts / (cpu / 1000), texts / (wall / 1000)]
            keys.forEach((key, at) => (figures[key] = found[at]))
          } catch (error) {
            console.error(`group-send: ${engine}, ${size} members: ${error.message}`)
            for (const key of keys) figures[key] = null
            break
          }
        }
      })
      return figures
    }),
}

/** Members that write. */
const WRITERS = 5

export const groupReceiving = {
  name: 'group-receive',
  rounds: { full: 3, quick: 1 },
  rows: {
    received: row('texts received in a group, per CPU-second', '1/s', true),
    receivedWall: row('texts received in a group, per second', '1/s', true),
  },
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      await scene.pair(engine, ['Rosa'])
      const writers = Array.from({ length: WRITERS }, (_, at) => `Writer ${at}`)
      for (const writer of writers) await scene.server.contact(writer)
      const group = await scene.server.group('Five who write', ['Rosa', ...writers])
      const receive = async (child, texts) => {
        for (const writer of writers) await scene.server.write(writer, group, texts / WRITERS)
        const cost = await child.ask('receive', { name: 'Rosa', count: texts }, 300)
        await child.ask('close')
        return cost
      }
      const texts = engine === 'baileys' || quick ? (quick ? 200 : 1000) : 20_000
      return scene.with(engine, {}, async (child) => {
        await receive(child, quick ? 50 : 500)
        const { cpu, wall } = await receive(child, texts)
        return { received: texts / (cpu / 1000), receivedWall: texts / (wall / 1000) }
      })
    }),
}

/** Groups that are fetched, with members out of so many people; and how often their names change. */
const FETCHED = { full: { groups: 500, members: 200, people: 1000 }, quick: { groups: 20, members: 50, people: 100 } }
const CHANGES = { full: 5000, quick: 200 }

export const groupMetadata = {
  name: 'group-metadata',
  rounds: { full: 3, quick: 1 },
  rows: {
    fetchedWall: row('metadata of 500 groups of 200, fetched for the first time: time', 's'),
    fetched: row('metadata of 500 groups of 200, fetched for the first time: CPU', 's'),
    longest: row('metadata of 500 groups of 200, fetched for the first time: longest event-loop delay', 'ms'),
    againWall: row('the same once more: time', 's'),
    again: row('the same once more: CPU', 's'),
    held: row('resident memory that the program takes to hold them', 'MB'),
    changes: row('changes of groups that waited, told per CPU-second', '1/s', true),
    changesWall: row('changes of groups that waited, told per second', '1/s', true),
  },
  sample: (engine, { quick }) =>
    Scene.run(async (scene) => {
      const { groups, members, people } = FETCHED[quick ? 'quick' : 'full']
      // They are there before the device is, so that it has heard of none.
      const made = []
      for (let at = 0; at < groups; at++) {
        const others = Array.from({ length: members - 2 }, (_, n) => `Person ${(at * 7 + n) % people}`)
        made.push(await scene.server.group(`Group ${at}`, ['Owner', 'Rosa', ...others]))
      }
      await scene.pair(engine, ['Rosa'])
      const changes = CHANGES[quick ? 'quick' : 'full']
      return scene.with(engine, {}, async (child) => {
        const first = await child.ask('groups', { name: 'Rosa', count: groups }, 300)
        const second = await child.ask('groups', { name: 'Rosa', count: groups }, 300)
        await child.ask('close')
        for (let at = 0; at < changes; at++) await scene.server.rename(made[at % made.length], `Name ${at}`)
        const { cpu, wall } = await child.ask('changes', { name: 'Rosa', count: changes }, 300)
        return {
          fetchedWall: first.wall / 1000,
          fetched: first.cpu / 1000,
          longest: first.longest,
          againWall: second.wall / 1000,
          again: second.cpu / 1000,
          held: first.held / 2 ** 20,
          changes: changes / (cpu / 1000),
          changesWall: changes / (wall / 1000),
        }
      })
    }),
}
