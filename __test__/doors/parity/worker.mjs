// Runs scenarios, one after another, each on an emulator of its own, and gives back what was written down.
import { engineOf } from './engines.mjs'
import { lackedBy } from './lacking.mjs'
import { Scene } from './scene.mjs'
import { scenarios } from './scenarios.mjs'

// The Signal library of Baileys prints its sessions, keys included.
for (const method of ['info', 'log', 'warn']) console[method] = () => {}
// What a library leaves unhandled belongs to its behaviour, and must not take the other scenarios along.
let stray = []
process.on('unhandledRejection', (error) => stray.push(String(error?.message ?? error)))
process.on('uncaughtException', (error) => stray.push(String(error?.message ?? error)))

const LONGEST_MS = 150_000

async function play({ name, side, edition }) {
  const { run, options } = scenarios.get(name)
  const began = Date.now()
  const scene = new Scene(await engineOf(side, edition))
  stray = []
  let failure
  let lacks
  let timer
  try {
    await scene.prepare(options, name)
    const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error('the scenario does not end')), LONGEST_MS)))
    await Promise.race([run(scene), late])
    await scene.settle()
  } catch (error) {
    failure = scene.normal.text(String(error?.message ?? error))
    lacks = lackedBy(scene.engine, error)
    if (lacks) return { name, side, steps: [], lacks, stray: [], ms: Date.now() - began }
    if (scene.engine.reference || process.env.PARITY_STACKS) process.stderr.write(`${name} on ${side}: ${error?.stack}\n`)
  } finally {
    clearTimeout(timer)
    await scene.stop().catch(() => {})
  }
  return { name, side, steps: scene.book, failure, stray, ms: Date.now() - began }
}

process.on('message', async (task) => {
  if (task === 'end') process.exit(0)
  process.send(await play(task).catch((error) => ({ ...task, steps: [], failure: `worker: ${error?.stack}`, stray: [] })))
})
process.send('ready')
