// People: what 10,000 checked numbers cost, and what presence in a flood does to the event loop.
//
//   node bench/people.mjs            10,000 numbers; 20,000 presences a second for 5 seconds
//   node bench/people.mjs --quick    1,000 numbers, 2,000 presences
//
// The service is the emulator in a process of its own. A figure never decides a test.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'

const { values: { quick, service } } = parseArgs({ options: { quick: { type: 'boolean', default: false }, service: { type: 'boolean', default: false } } })

if (service) await serve()
else await measure()

/** The emulator's process: does what it is told, by method and arguments. */
async function serve() {
  const { startEmulator } = await import('chasqui/testing')
  const emulator = await startEmulator()
  process.on('message', async ({ id, method, args }) => {
    if (method === 'stop') {
      await emulator.stop()
      return process.disconnect()
    }
    if (method !== 'flood') return process.send({ id, result: await emulator[method](...args) })
    // So many states of so many people, spread over the time that they are to take.
    const [people, total, perSecond] = args
    const begun = performance.now()
    for (let sent = 0; sent < total; ) {
      const due = Math.min(total, Math.ceil(((performance.now() - begun) / 1000) * perSecond))
      const now = []
      for (; sent < due; sent++) {
        const from = `${15_550_000_000 + (sent % people)}@s.whatsapp.net`
        const attrs = Math.floor(sent / people) % 2 ? { from, type: 'unavailable', last: '1700000000' } : { from }
        now.push(emulator.inject({ account: 'Bench', stanza: { tag: 'presence', attrs } }))
      }
      await Promise.all(now)
    }
    return process.send({ id, result: (performance.now() - begun) / 1000 })
  })
  process.send({ ready: emulator.endpoint })
}

async function measure() {
  const { WhatsAppClient } = await import('chasqui')
  const child = fork(fileURLToPath(import.meta.url), ['--service'])
  const waiting = new Map()
  let last = 0
  const call = (method, ...args) => new Promise((resolve) => {
    waiting.set(++last, resolve)
    child.send({ id: last, method, args })
  })
  const [{ ready: endpoint }] = await once(child, 'message')
  child.on('message', ({ id, result }) => waiting.get(id)?.(result))

  const client = new WhatsAppClient({ session: 'bench', store: 'memory:', endpoint })
  client.on('qr', ({ text }) => call('scan', text, { account: 'Bench' }))
  await client.connect()
  await client.opened()

  const count = quick ? 1000 : 10_000
  const numbers = Array.from({ length: count }, (_, n) => `+1 (555) ${String(n % 1000).padStart(3, '0')}-${String(n).padStart(4, '0')}`)
  const requests = async () => (await call('stanzas', { account: 'Bench', direction: 'out', tag: 'iq', child: 'usync' })).length
  const before = await requests()
  const began = performance.now()
  const found = await client.people.exists(numbers)
  const seconds = (performance.now() - began) / 1000
  console.log(`${found.length} numbers checked in ${((await requests()) - before)} requests and ${seconds.toFixed(2)} s`)

  const [people, perSecond] = [1000, 20_000]
  const total = quick ? 2000 : 5 * perSecond
  let told = 0
  client.on('presence', () => told++)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const took = await call('flood', people, total, perSecond)
  const calm = async (known = -1) => (known === told ? told : (await new Promise((resolve) => setTimeout(resolve, 200)), calm(told === known ? known : told)))
  await calm()
  delay.disable()
  console.log(`${total} presences of ${people} people sent in ${took.toFixed(2)} s (${Math.round(total / took)}/s); ${told} told; longest pause of the event loop ${(delay.max / 1e6).toFixed(1)} ms, 99 % below ${(delay.percentile(99) / 1e6).toFixed(1)} ms`)

  await client.disconnect()
  child.send({ method: 'stop' })
}
