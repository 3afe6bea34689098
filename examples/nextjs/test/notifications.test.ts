// Notifications go to those who consented, one after the other and each once, whatever happens to the server.
import './support/database'

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { test, type TestContext } from 'node:test'

import { eq } from 'drizzle-orm'

import { MAX_TEXT, type NotificationView } from '../lib/api'
import { customers, db, messages, write } from '../lib/db'
import { publish } from '../lib/events'
import { AppError } from '../lib/failure'
import { cancelNotification, createNotification, listNotifications, notificationReport } from '../lib/notifications'
import { withOptOut } from '../lib/notifications/text'
import { makeNotifications, type NotificationsOptions } from '../lib/notifications/worker'
import { Shop, until } from './support/shop'

const TIME = { timeout: 30_000 }
const INTERVAL = 3000

const code = (expected: AppError['code']) => (error: unknown) => error instanceof AppError && error.code === expected
const stateOf = async (shop: Shop) => (await listNotifications(shop.userId))[0]!.state
const ended = (shop: Shop) => until(async () => (await stateOf(shop)) !== 'sending')

/** A worker whose pauses take no time: its clock goes on by them. What it sends is confirmed at once. */
function start(context: TestContext, shop: Shop, options: Partial<NotificationsOptions> = {}) {
  const state = { connected: true, late: 0 }
  const sentAt: number[] = []
  const pauses: number[] = []
  const began = Date.now()
  const now = () => began + state.late
  const notifications = makeNotifications({
    interval: INTERVAL,
    now,
    pause: async (milliseconds) => {
      pauses.push(milliseconds)
      state.late += milliseconds
      await new Promise((resolve) => setImmediate(resolve))
    },
    isConnected: () => state.connected,
    wakeOutbox: () => {
      sentAt.push(now())
      void shop.deliver()
    },
    ...options,
  })
  context.after(() => notifications.stop())
  return { ...notifications, state, sentAt, pauses, now }
}

test('the text tells how to get no more, unless it does so already', () => {
  assert.equal(withOptOut('Hoy hay pan.'), 'Hoy hay pan.\n\nResponde BAJA para no recibir más avisos.')
  for (const text of ['Hay pan. Responde BAJA si no quieres más.', 'Bread! (STOP to end)', '¡BAJA!']) assert.equal(withOptOut(text), text)
  assert.match(withOptOut('Precios a la baja: NOSTOP, REBAJAS'), /Responde BAJA/)
})

test('it goes to those who consented, one every three seconds, and the report says how far it got', TIME, async (context) => {
  const shop = await Shop.open()
  const given = []
  for (let i = 0; i < 4; i++) given.push(await shop.customer({ consent: 'given' }))
  await shop.customer({ consent: 'unknown' })
  await shop.customer({ consent: 'withdrawn' })
  const other = await Shop.open()
  await other.customer({ consent: 'given' })
  const worker = start(context, shop)
  const seen = shop.events()

  const created = await createNotification(shop.userId, 'Hoy hay pan.')
  assert.deepEqual([created.state, created.recipients, created.queued], ['sending', 4, 4])
  const late = await shop.customer({ consent: 'given' })
  worker.wake(shop.userId)
  await ended(shop)
  await until(async () => (await listNotifications(shop.userId))[0]!.sent === 4)

  assert.deepEqual(await shop.written(late), [], 'who consented later')
  for (const customer of given) {
    assert.deepEqual((await shop.written(customer)).map(({ text, author }) => [author, text]), [['notification', withOptOut('Hoy hay pan.')]])
  }
  assert.ok(worker.sentAt.length === 4 && worker.sentAt.slice(1).every((at, i) => at - worker.sentAt[i]! >= INTERVAL), String(worker.sentAt))
  assert.deepEqual(await other.written(), [])

  const [first, second] = await shop.written()
  await write((tx) => tx.update(messages).set({ status: 'read' }).where(eq(messages.id, first!.id)))
  await write((tx) => tx.update(messages).set({ status: 'failed', error: 'not there' }).where(eq(messages.id, second!.id)))
  const { notification, people } = await notificationReport(shop.userId, created.id)
  const { recipients, queued, pending, sent, delivered, read, failed, skipped } = notification
  assert.deepEqual({ recipients, queued, pending, sent, delivered, read, failed, skipped }, {
    recipients: 4, queued: 0, pending: 0, sent: 2, delivered: 0, read: 1, failed: 1, skipped: 0,
  })
  assert.deepEqual(people.map(({ customer, state, reason }) => [customer.id, state, reason]), [
    [given[0]!.id, 'read', null], [given[1]!.id, 'failed', 'not there'], [given[2]!.id, 'sent', null], [given[3]!.id, 'sent', null],
  ])
  assert.ok(seen.filter(({ name }) => name === 'conversation').length >= 4)
})

test('who says BAJA in between gets none', TIME, async (context) => {
  const shop = await Shop.open()
  const [, rosa, luz] = [await shop.customer({ consent: 'given' }), await shop.customer({ consent: 'given' }), await shop.customer({ consent: 'given' })]
  const worker = start(context, shop, {
    wakeOutbox: () => void write((tx) => tx.update(customers).set({ consent: 'withdrawn' }).where(eq(customers.id, rosa.id))).then(() => shop.deliver()),
  })
  const { id } = await createNotification(shop.userId, 'Hoy hay pan.')
  worker.wake(shop.userId)
  await ended(shop)
  const { people, notification } = await notificationReport(shop.userId, id)
  assert.deepEqual(people.map(({ state, reason }) => [state === 'skipped', reason]), [[false, null], [true, 'withdrawn'], [false, null]])
  assert.deepEqual([notification.state, notification.skipped], ['done', 1])
  assert.deepEqual(await shop.written(rosa), [])
  assert.equal((await shop.written(luz)).length, 1)
})

test('a cancelled one goes to nobody else, and the next one may begin', TIME, async (context) => {
  const shop = await Shop.open()
  for (let i = 0; i < 3; i++) await shop.customer({ consent: 'given' })
  const worker = start(context, shop)
  worker.state.connected = false
  const { id } = await createNotification(shop.userId, 'Hoy hay pan.')
  await assert.rejects(createNotification(shop.userId, 'Y café.'), code('CONFLICT'))
  const seen = shop.events()
  const cancelled = await cancelNotification(shop.userId, id)
  assert.deepEqual([cancelled.state, cancelled.queued, cancelled.skipped], ['cancelled', 0, 3])
  assert.deepEqual(seen.map(({ name, data }) => [name, 'state' in data && data.state]), [['notification', 'cancelled']])
  await assert.rejects(cancelNotification(shop.userId, id), code('CONFLICT'))
  assert.deepEqual((await notificationReport(shop.userId, id)).people.map(({ state, reason }) => [state, reason]), Array(3).fill(['skipped', 'cancelled']))

  await createNotification(shop.userId, 'Y café.')
  worker.state.connected = true
  worker.wake(shop.userId)
  await ended(shop)
  assert.deepEqual((await shop.written()).map(({ text }) => text), Array(3).fill(withOptOut('Y café.')))
  await until(async () => (await listNotifications(shop.userId))[0]!.sent === 3)
  assert.deepEqual((await listNotifications(shop.userId)).map(({ state, sent }) => [state, sent]), [['done', 3], ['cancelled', 0]])
})

test('a hundred at once begin one', TIME, async () => {
  const shop = await Shop.open()
  await shop.customer({ consent: 'given' })
  const all = await Promise.allSettled(Array.from({ length: 100 }, () => createNotification(shop.userId, 'Hoy hay pan.')))
  assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.ok(all.every((one) => one.status === 'fulfilled' || code('CONFLICT')(one.reason)))
  assert.equal((await shop.recipients()).length, 1)
})

test('it waits while WhatsApp is not connected, and while the last message has not left', TIME, async (context) => {
  const shop = await Shop.open()
  for (let i = 0; i < 3; i++) await shop.customer({ consent: 'given' })
  let leaves = false
  const worker = start(context, shop, { wakeOutbox: () => void (leaves && shop.deliver()) })
  worker.state.connected = false
  await createNotification(shop.userId, 'Hoy hay pan.')
  await worker.restore()
  worker.wake(shop.userId)
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(await shop.written(), [])

  worker.state.connected = true
  publish(shop.userId, 'status', { success: true, status: 'CONNECTED', isConnected: true, qrCode: null, connection: { phoneNumber: null, lastConnectedAt: null }, reason: null })
  await until(async () => worker.pauses.length >= 5)
  assert.equal((await shop.written()).length, 1, 'the first one is in the outbox still')
  leaves = true
  await shop.deliver()
  await ended(shop)
  assert.equal((await shop.written()).length, 3)
})

test('after a restart it goes on with the next customer, and keeps its pace', TIME, async (context) => {
  const shop = await Shop.open()
  const people = []
  for (let i = 0; i < 5; i++) people.push(await shop.customer({ consent: 'given' }))
  let stop: Promise<void> | undefined
  const first = start(context, shop, {
    wakeOutbox: async () => {
      await shop.deliver()
      if ((await shop.written()).length === 2) stop = first.stop()
    },
  })
  await createNotification(shop.userId, 'Hoy hay pan.')
  first.wake(shop.userId)
  await until(() => stop !== undefined)
  await stop
  const before = (await shop.written()).length
  assert.ok(before === 2 || before === 3)

  const second = start(context, shop)
  await second.restore()
  await ended(shop)
  assert.ok(second.pauses[0]! > 0 && second.pauses[0]! <= INTERVAL, 'not at once after the last one')
  for (const person of people) assert.equal((await shop.written(person)).length, 1)
})

test('a process that is killed again and again sends each message once', { timeout: 60_000 }, async (context) => {
  const shop = await Shop.open()
  const people = []
  for (let i = 0; i < 60; i++) people.push(await shop.customer({ consent: 'given' }))
  await createNotification(shop.userId, 'Hoy hay pan.')
  for (const kill of [1, 6, 11, 17, Infinity]) {
    const child = spawn(process.execPath, ['--import', 'tsx', path.join(import.meta.dirname, 'support/notifying-process.ts'), shop.userId], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    context.after(() => child.kill('SIGKILL'))
    let sent = 0
    child.stdout.on('data', (lines: Buffer) => {
      sent += lines.toString().split('\n').length - 1
      if (sent >= kill) child.kill('SIGKILL')
    })
    const closed = once(child, 'close')
    if (kill === Infinity) {
      await ended(shop)
      child.kill('SIGKILL')
    }
    await closed
    if (kill !== Infinity) assert.equal(await stateOf(shop), 'sending')
  }
  for (const person of people) assert.equal((await shop.written(person)).length, 1)
  const ids = (await shop.recipients()).map(({ messageId }) => messageId)
  assert.deepEqual([...ids].sort(), (await shop.written()).map(({ id }) => id).sort(), 'each row has its message')
})

test('pages are told once a second at most, and of the last state always', TIME, async (context) => {
  const shop = await Shop.open()
  for (let i = 0; i < 5; i++) await shop.customer({ consent: 'given' })
  const worker = start(context, shop, { interval: 100 })
  const seen = shop.events()
  const told = () => seen.filter(({ name }) => name === 'notification').map(({ data }) => data as NotificationView)
  const { id } = await createNotification(shop.userId, 'Hoy hay pan.')
  worker.wake(shop.userId)
  await ended(shop)
  await until(() => told().at(-1)?.state === 'done')
  const sent = await shop.written()
  const before = worker.state.late
  const many = told().length
  await write((tx) => tx.update(messages).set({ status: 'read' }).where(eq(messages.userId, shop.userId)))
  for (let again = 0; again < 20; again++) {
    for (const { id: messageId, conversationId } of sent) {
      publish(shop.userId, 'message', {
        id: messageId, conversationId, whatsappId: '', direction: 'out', author: 'notification', senderName: null, type: 'text', text: null,
        media: null, status: 'read', error: null, edited: false, timestamp: '',
      })
    }
  }
  await until(() => told().at(-1)?.read === 5)
  assert.ok(told().length - many <= 2 + (worker.state.late - before) / 1000, `${told().length - many} events`)
  assert.ok(told().every((view) => view.id === id))
})

test('what cannot be sent is refused', TIME, async () => {
  const shop = await Shop.open()
  const other = await Shop.open()
  await assert.rejects(createNotification(shop.userId, 'Hoy hay pan.'), code('CONFLICT'), 'nobody consented')
  await shop.customer({ consent: 'given' })
  await assert.rejects(createNotification(shop.userId, 'x'.repeat(MAX_TEXT)), code('INVALID_INPUT'), 'no room for the line about BAJA')
  const { id } = await createNotification(shop.userId, 'Hoy hay pan.')
  for (const wrong of [id, 'nothing', '../..', '']) {
    await assert.rejects(notificationReport(other.userId, wrong), code('NOT_FOUND'))
    await assert.rejects(cancelNotification(other.userId, wrong), code('NOT_FOUND'))
  }
  assert.deepEqual(await listNotifications(other.userId), [])
  assert.equal(await stateOf(shop), 'sending')
  await write((tx) => tx.insert(customers).values(Array.from({ length: 2001 }, (_, i) => ({ userId: other.userId, jid: `${i}@s.whatsapp.net`, consent: 'given' as const }))))
  await assert.rejects(createNotification(other.userId, 'Hoy hay pan.'), code('CONFLICT'), 'too many')
  const all = await (await db()).select().from(customers).where(eq(customers.userId, other.userId))
  await write((tx) => tx.delete(customers).where(eq(customers.id, all[0]!.id)))
  assert.equal((await createNotification(other.userId, 'Hoy hay pan.')).queued, 2000)
})
