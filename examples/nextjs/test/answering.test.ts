// Each message that is due is answered once, whenever the process ends.
import './support/database'

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { test, type TestContext } from 'node:test'

import { eq } from 'drizzle-orm'

import { makeAnswering, type AnsweringOptions } from '../lib/bot/worker'
import type { Answer, Hook } from '../lib/bot/types'
import { messages, write } from '../lib/db'
import { listOrders } from '../lib/orders'
import { Shop, until } from './support/shop'

delete process.env.AI_ENDPOINT
const TIME = { timeout: 30_000 }

const reply = (content: string): Answer => ({ replies: [{ content, author: 'rule' }] })
const echo: Hook = async ({ message }) => reply(`a ${message.text}`)
const texts = async (shop: Shop) => (await shop.written()).map(({ text }) => text)
const nothingDue = (shop: Shop) => until(async () => (await shop.due()) === 0)

function start(context: TestContext, options: Partial<AnsweringOptions> = {}) {
  const woken: string[] = []
  const answering = makeAnswering({ wakeOutbox: (userId) => void woken.push(userId), pause: async () => undefined, ...options })
  context.after(() => answering.stop())
  return { ...answering, woken }
}

/** Something that is let go by hand. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}

test('what is due is answered in its order, and pages and outbox are told', TIME, async (context) => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  const seen = shop.events()
  for (const text of ['/ayuda', 'hola', '/pedido CAFE-250 2', '/pedido NADA']) await shop.receive(rosa, text)
  const { wake, woken } = start(context)
  wake(shop.userId)
  await until(() => seen.some(({ name }) => name === 'order') && woken.length === 3)
  await nothingDue(shop)
  const written = await shop.written()
  assert.deepEqual(written.map(({ author, status, text }) => [author, status, text!.split(/[ :]/)[0]]), [
    ['command', 'pending', 'Puedes'], ['command', 'pending', 'Recibimos'], ['command', 'pending', 'No'],
  ])
  assert.deepEqual(woken, Array(3).fill(shop.userId))
  assert.equal((await listOrders(shop.userId)).length, 1)
  await until(() => seen.filter(({ name }) => name === 'conversation').length === 3)
  assert.deepEqual(seen.filter(({ name }) => name === 'message').map(({ data }) => 'id' in data && data.id), written.map(({ id }) => id))
})

test('a conversation that takes long holds up no other one, and four are answered at once', TIME, async (context) => {
  const shop = await Shop.open()
  const slow = gate()
  let now = 0
  let most = 0
  const { wake } = start(context, {
    answer: async (incoming) => {
      most = Math.max(most, ++now)
      if (incoming.message.text === 'slow') await slow.opened
      now--
      return echo(incoming)
    },
  })
  const rosa = await shop.customer()
  await shop.receive(rosa, 'slow')
  await shop.receive(rosa, 'after it')
  for (let i = 0; i < 12; i++) await shop.receive(await shop.customer(), `quick ${i}`)
  wake(shop.userId)
  await until(async () => (await shop.written()).length === 12)
  assert.deepEqual(await shop.written(rosa), [])
  for (let i = 0; i < 5; i++) await shop.receive(await shop.customer(), 'slow')
  wake(shop.userId)
  await until(() => now === 4)
  // All four are busy, and nobody looks for more: more may come all the same.
  await new Promise((resolve) => setTimeout(resolve, 50))
  await shop.receive(await shop.customer(), 'quick at last')
  wake(shop.userId)
  slow.open()
  await nothingDue(shop)
  assert.equal(most, 4)
  assert.deepEqual((await shop.written(rosa)).map(({ text }) => text), ['a slow', 'a after it'])
})

test('what a process did not finish is answered by the next one, and not a second time by the first', TIME, async (context) => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  const held = gate()
  const asked = gate()
  const first = start(context, {
    answer: async (incoming) => {
      asked.open()
      await held.opened
      return echo(incoming)
    },
  })
  const { id } = await shop.receive(rosa, 'one')
  first.wake(shop.userId)
  await asked.opened
  const second = start(context, { answer: echo })
  await second.restore()
  await until(async () => (await shop.written()).length === 1)
  held.open()
  await until(async () => (await shop.due()) === 0)
  await shop.receive(rosa, 'two')
  first.wake(shop.userId)
  await until(async () => (await shop.written()).length === 2)
  assert.deepEqual(await texts(shop), ['a one', 'a two'])
  assert.equal((await shop.incoming({ id } as never)).message.answerDue, false)
})

test('two processes over one database give each answer and each order once', TIME, async (context) => {
  const shop = await Shop.open()
  for (let i = 0; i < 12; i++) await shop.receive(await shop.customer(), `/pedido CAFE-250 ${i + 1}`)
  const both = [start(context), start(context)]
  for (const { wake } of both) wake(shop.userId)
  await nothingDue(shop)
  await Promise.all(both.map(({ stop }) => stop()))
  assert.equal((await shop.written()).length, 12)
  assert.deepEqual((await listOrders(shop.userId)).map(({ quantity }) => quantity).sort((a, b) => a - b), Array.from({ length: 12 }, (_, i) => i + 1))
})

test('a process that is killed again and again gives each answer and each order once', { timeout: 60_000 }, async (context) => {
  const shop = await Shop.open()
  const people = await Promise.all(Array.from({ length: 10 }, () => shop.customer()))
  for (let i = 0; i < 8; i++) for (const person of people) await shop.receive(person, `/pedido CAFE-250 ${i + 1}`)
  for (const kill of [1, 7, 13, 22, Infinity]) {
    const child = spawn(process.execPath, ['--import', 'tsx', path.join(import.meta.dirname, 'support/answering-process.ts'), shop.userId], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    context.after(() => child.kill('SIGKILL'))
    let sent = 0
    child.stdout.on('data', (lines: Buffer) => {
      sent += lines.toString().split('\n').length - 1
      if (sent >= kill) child.kill('SIGKILL')
    })
    const ended = once(child, 'close')
    if (kill === Infinity) {
      await nothingDue(shop)
      child.kill('SIGKILL')
    }
    await ended
    if (kill !== Infinity) assert.notEqual(await shop.due(), 0, 'there was something left to do')
  }
  for (const person of people) {
    assert.deepEqual((await shop.written(person)).map(({ text }) => Number(/(\d+) ×/.exec(text!)?.[1])), [1, 2, 3, 4, 5, 6, 7, 8])
  }
  assert.equal((await listOrders(shop.userId)).length, 80)
})

test('an answer that fails leaves its message to people, writes nothing, and holds nothing up', TIME, async (context) => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  const { wake } = start(context, {
    answer: async (incoming) => {
      if (incoming.message.text === 'throws') throw new Error('a fault')
      if (incoming.message.text !== 'fails later') return echo(incoming)
      return {
        ...reply('never'),
        effects: async (tx) => {
          await tx.update(messages).set({ edited: true }).where(eq(messages.id, incoming.message.id))
          throw new Error('a fault')
        },
      }
    },
  })
  await shop.receive(rosa, 'throws')
  const later = await shop.receive(rosa, 'fails later')
  await shop.receive(rosa, 'fine')
  wake(shop.userId)
  await nothingDue(shop)
  assert.deepEqual(await texts(shop), ['a fine'])
  assert.equal((await shop.incoming(later)).message.edited, false)
})

test('while the database is away it tries again, after pauses that grow', TIME, async (context) => {
  const shop = await Shop.open()
  const pauses: number[] = []
  let failures = 0
  const { wake } = start(context, {
    pause: async (milliseconds) => void pauses.push(milliseconds),
    answer: async (incoming) => {
      if (failures++ < 9) throw Object.assign(new Error('Failed query'), { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) })
      return echo(incoming)
    },
  })
  await shop.receive(await shop.customer(), 'one')
  wake(shop.userId)
  await nothingDue(shop)
  assert.deepEqual(await texts(shop), ['a one'])
  assert.deepEqual(pauses, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
})

test('where somebody took over meanwhile, or an hour has gone, there is no answer; BAJA holds all the same', TIME, async (context) => {
  const shop = await Shop.open()
  const [rosa, luz] = await Promise.all([1, 2].map(() => shop.customer({ consent: 'given' })))
  const { wake } = start(context, {
    answer: async (incoming) => {
      await shop.setAutomatic(rosa!, false)
      return echo(incoming)
    },
  })
  await shop.receive(rosa!, 'one')
  await shop.receive(rosa!, '/pedido CAFE-250')
  await shop.receive(rosa!, 'Baja')
  wake(shop.userId)
  await nothingDue(shop)
  assert.deepEqual(await texts(shop), [])
  assert.deepEqual(await listOrders(shop.userId), [])
  assert.equal(await shop.consentOf(rosa!), 'withdrawn')

  const late = start(context, { now: () => Date.now() + 3_600_001 })
  await shop.receive(luz!, '/ayuda')
  await shop.receive(luz!, 'BAJA')
  late.wake(shop.userId)
  await nothingDue(shop)
  assert.deepEqual(await texts(shop), [])
  assert.equal(await shop.consentOf(luz!), 'withdrawn')
})

test('a message that was deleted meanwhile gets no answer', TIME, async (context) => {
  const shop = await Shop.open()
  const { wake } = start(context, {
    answer: async (incoming) => {
      await write((tx) => tx.update(messages).set({ type: 'deleted', text: null }).where(eq(messages.id, incoming.message.id)))
      return echo(incoming)
    },
  })
  await shop.receive(await shop.customer(), 'one')
  wake(shop.userId)
  await nothingDue(shop)
  assert.deepEqual(await texts(shop), [])
})

test('two programs that answer each other come to an end: ten answers in five minutes', TIME, async (context) => {
  const shop = await Shop.open()
  const rosa = await shop.customer({ consent: 'given' })
  const other = await shop.customer()
  let later = 0
  const { wake } = start(context, { now: () => Date.now() + later })
  for (let i = 0; i < 14; i++) await shop.receive(rosa, '/ayuda')
  await shop.receive(other, '/ayuda')
  await shop.receive(rosa, 'BAJA')
  wake(shop.userId)
  await nothingDue(shop)
  assert.equal((await shop.written(rosa)).length, 10)
  assert.equal((await shop.written(other)).length, 1)
  assert.equal(await shop.consentOf(rosa), 'withdrawn')
  later = 5 * 60_000 + 1000
  await shop.receive(rosa, '/ayuda')
  wake(shop.userId)
  await nothingDue(shop)
  assert.equal((await shop.written(rosa)).length, 11)
})

test('a server that ends does not wait for ever, and what was not done is done after the next start', TIME, async (context) => {
  const shop = await Shop.open()
  const held = gate()
  const asked = gate()
  const first = start(context, {
    answer: async (incoming) => {
      asked.open()
      await held.opened
      return echo(incoming)
    },
  })
  await shop.receive(await shop.customer(), 'one')
  first.wake(shop.userId)
  await asked.opened
  await first.stop()
  held.open()
  first.wake(shop.userId)
  assert.equal(await shop.due(), 1)
  await start(context, { answer: echo }).restore()
  await nothingDue(shop)
  assert.deepEqual(await texts(shop), ['a one'])
})
