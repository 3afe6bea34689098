// Who writes at the same time is committed together, and is not bound to what others do.
import './support/database'

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { asc, count } from 'drizzle-orm'

import { db, POSTGRES, users, write } from '../lib/db'

const person = (number: number) => ({ id: `user-${number}`, name: `User ${number}`, email: `user-${number}@example.com` })
const numbers = Array.from({ length: 200 }, (_, number) => number)

test('one that fails undoes its own writing, and nobody else\'s', async () => {
  const done = await Promise.allSettled(numbers.map((number) => write(async (transaction) => {
    await transaction.insert(users).values(person(number))
    if (number % 50 === 7) throw new Error(`not ${number}`)
    return number
  })))
  const refused = numbers.filter((number) => number % 50 === 7)
  for (const [number, result] of done.entries()) {
    if (refused.includes(number)) assert.equal(result.status === 'rejected' && result.reason.message, `not ${number}`)
    else assert.equal(result.status === 'fulfilled' && result.value, number)
  }
  const kept = await (await db()).select({ id: users.id }).from(users).orderBy(asc(users.id))
  assert.deepEqual(kept.map(({ id }) => id), numbers.filter((number) => !refused.includes(number)).map((number) => person(number).id).toSorted())
})

test('they write in their order, and each sees what was written before', { skip: POSTGRES && 'Postgres has many writers' }, async () => {
  const [first] = await (await db()).select({ rows: count() }).from(users)
  const seen = await Promise.all(numbers.map((number) => write(async (transaction) => {
    await transaction.insert(users).values(person(1000 + number))
    const [now] = await transaction.select({ rows: count() }).from(users)
    return now!.rows
  })))
  assert.deepEqual(seen, numbers.map((number) => first!.rows + number + 1))
})

test('many that write are committed in a few portions, and the event loop turns between them', { skip: POSTGRES && 'Postgres has many writers' }, async () => {
  let turns = 0
  let over = false
  const turn = () => void (turns++, over || setImmediate(turn))
  turn()
  const doneIn = new Set<number>()
  await Promise.all(numbers.map((number) => write((transaction) => transaction.insert(users).values(person(2000 + number))).then(() => doneIn.add(turns))))
  over = true
  assert.ok(doneIn.size >= 5 && doneIn.size <= 20, `${doneIn.size} portions`)
})

test('what writes without it, as the sign-in does, waits for who writes', async () => {
  const database = await db()
  const inserted = async (number: number) => database.insert(users).values(person(number)).returning({ id: users.id })
  const alone: Promise<{ id: string }[]>[] = []
  const together = await Promise.all(numbers.map((number) => write(async (transaction) => {
    await transaction.insert(users).values(person(3000 + number))
    // A transaction is open.
    if (number % 50 === 7) alone.push(inserted(4000 + number))
    await new Promise(setImmediate)
    return number
  })))
  assert.deepEqual(together, numbers)
  assert.deepEqual((await Promise.all(alone)).flat(), [7, 57, 107, 157].map((number) => ({ id: `user-${4000 + number}` })))
})

test('many questions at once leave the event loop its turns', { skip: POSTGRES && 'Postgres answers from elsewhere' }, async () => {
  let turns = 0
  let over = false
  const turn = () => void (turns++, over || setImmediate(turn))
  turn()
  const answers = await Promise.all(Array.from({ length: 2000 }, async () => (await db()).select({ rows: count() }).from(users)))
  over = true
  assert.equal(answers.length, 2000)
  assert.ok(turns >= 5, `${turns} turns`)
})
