// The server is killed in mid-conversation: after the next start every message is there once, and every answer was given once.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { PATIENCE, startApp, waitFor } from './app.mjs'

const MESSAGES = 500
const KILLS = 3

/** The texts of a conversation, page by page, oldest first. */
async function allTexts(user, id) {
  const found = []
  for (let before = ''; ; before = `?before=${found[0].id}`) {
    const { messages, more } = await user.call(`/api/conversations/${id}/messages${before}`)
    found.unshift(...messages)
    if (!more) return found
  }
}

test(`kill -9 during a flood of ${MESSAGES} messages, ${KILLS} times: all are kept once, in their order`, { timeout: 280_000 }, async (t) => {
  const emulator = await startEmulator()
  let app = await startApp(emulator)
  t.after(async () => {
    await app.end('SIGKILL')
    await emulator.stop()
  })
  let rosa = await app.user('Rosa')
  await rosa.link(emulator)
  const maria = await emulator.contact('María')
  await maria.send('Rosa', { text: 'first' })
  const { id } = await waitFor(async () => (await rosa.conversations())[0], 'the conversation', PATIENCE)
  await rosa.call(`/api/conversations/${id}`, { automatic: false }, 'PATCH')
  const expected = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`)
  const flood = (async () => {
    for (const text of expected) await maria.send('Rosa', { text })
  })()
  const kept = async () => (await rosa.conversations())[0].unread
  for (let kill = 1; kill <= KILLS; kill++) {
    const enough = (MESSAGES * kill) / (KILLS + 1)
    await waitFor(async () => (await kept()) >= enough, `${enough} messages`, PATIENCE)
    assert.equal(await app.end('SIGKILL'), 'SIGKILL')
    app = await startApp(emulator, { data: app.data })
    rosa = await app.user('Rosa')
  }
  await flood
  await rosa.connected()
  await waitFor(async () => (await kept()) >= MESSAGES + 1, 'all messages', PATIENCE)
  const found = (await allTexts(rosa, id)).filter(({ direction }) => direction === 'in')
  assert.deepEqual(found.map(({ text }) => text).toSorted(), ['first', ...expected].toSorted())
  assert.deepEqual(found.map(({ text }) => text), ['first', ...expected])
  assert.equal(new Set(found.map(({ whatsappId }) => whatsappId)).size, MESSAGES + 1)
  assert.equal(await kept(), MESSAGES + 1, 'the number of unread ones')
})

test('kill -9 while orders are answered: each is taken once and answered once', { timeout: 280_000 }, async (t) => {
  const emulator = await startEmulator()
  let app = await startApp(emulator)
  t.after(async () => {
    await app.end('SIGKILL')
    await emulator.stop()
  })
  let rosa = await app.user('Rosa')
  await rosa.link(emulator)
  await rosa.call('/api/products', { code: 'cafe', name: 'Café', price: 1000, currency: 'COP' })
  const people = await Promise.all(['María', 'Pedro', 'Lucía', 'Tomás'].map((name) => emulator.contact(name)))
  const got = new Map(people.map(({ name }) => [name, []]))
  let over = false
  const reading = people.map(async (person) => {
    while (!over) await person.waitForMessage(undefined, { timeout: 500 }).then((message) => got.get(person.name).push(message), () => undefined)
  })
  t.after(() => (over = true))
  // As many as a customer is answered in a row.
  const quantities = Array.from({ length: 8 }, (_, index) => index + 1)
  const orders = (async () => {
    for (const quantity of quantities) for (const person of people) await person.send('Rosa', { text: `/pedido cafe ${quantity}` })
  })()
  for (const enough of [3, 10, 20]) {
    await waitFor(async () => (await rosa.call('/api/orders')).orders.length >= enough, () => `${enough} orders; the server says ${app.tail()}`, PATIENCE)
    await app.end('SIGKILL')
    app = await startApp(emulator, { data: app.data })
    rosa = await app.user('Rosa')
  }
  await orders
  const total = quantities.length * people.length
  await waitFor(async () => (await rosa.call('/api/orders')).orders.length >= total, () => `all orders; the server says ${app.tail()}`, PATIENCE)
  const ids = () => [...got.values()].map((messages) => new Set(messages.map(({ id }) => id)).size)
  await waitFor(() => ids().every((count) => count >= quantities.length), () => `all answers, not ${ids()}; the server says ${app.tail()}`, PATIENCE)
  over = true
  await Promise.all(reading)
  const { orders: taken } = await rosa.call('/api/orders')
  assert.equal(taken.length, total)
  for (const { name } of people) {
    const ofOne = taken.filter(({ customer }) => customer.name === name).map(({ quantity }) => quantity)
    assert.deepEqual(ofOne.toSorted((a, b) => a - b), quantities, name)
  }
  for (const { id, name } of await rosa.conversations()) {
    const messages = await rosa.messages(id)
    const answers = messages.filter(({ direction }) => direction === 'out')
    assert.equal(answers.length, quantities.length, `answers to ${name}`)
    // Sent again they have the same id, by which phones show them once.
    const shown = new Map(got.get(name).map((message) => [message.id, message.text]))
    assert.deepEqual([...shown].toSorted(), answers.map(({ whatsappId, text }) => [whatsappId, text]).toSorted())
  }
})
