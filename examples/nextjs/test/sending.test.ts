// What is to be sent leaves in its order, whenever it is written, and nobody waits in vain.
import './support/database'

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as after } from 'node:timers/promises'

import type { WASocket } from 'baileys'

import { write, type Message } from '../lib/db'
import { enqueue } from '../lib/messages'
import { Keeper } from '../lib/whatsapp/keeper'
import { Outbox } from '../lib/whatsapp/outbox'
import { Shop } from './support/shop'

/** A line, and the promise of the first text that it is given. `refuse` may throw. */
function line(refuse: () => void = () => undefined) {
  let told!: (text: string) => void
  const text = new Promise<string>((resolve) => (told = resolve))
  const sendMessage = async (_jid: string, content: { text: string }) => {
    refuse()
    told(content.text)
  }
  return { socket: { sendMessage } as unknown as WASocket, text }
}

/** Answers somebody; `meanwhile` is done before that counts. */
type Say = (content: string, meanwhile?: () => Promise<void>) => Promise<Message>

/** A shop to which two people have written. */
async function conversations() {
  const shop = await Shop.open({ products: false })
  return { userId: shop.userId, say: await withSomebody(shop), sayToOther: await withSomebody(shop) }
}

async function withSomebody(shop: Shop): Promise<Say> {
  const { conversationId } = await shop.receive(await shop.customer(), 'hello')
  return (content, meanwhile = async () => {}) => write(async (transaction) => {
    const message = await enqueue(transaction, { userId: shop.userId, conversationId, content, author: 'operator' })
    await meanwhile()
    return message
  })
}

/** Lets others go on: each moment in which something ends is one of the first hundreds. */
async function steps(count: number) {
  for (; count > 0; count--) await undefined
}

test('a new line is given what waits, in whatever moment it opens', { timeout: 60_000 }, async () => {
  const { userId, say } = await conversations()
  await say('it waits')
  const outbox = new Outbox(userId)
  for (let late = 0; late < 300; late++) {
    const { socket, text } = line()
    outbox.open(socket)
    assert.equal(await text, 'it waits')
    await steps(late)
  }
})

test('what comes is kept, in whatever moment it comes', { timeout: 60_000 }, async () => {
  const keeper = new Keeper('nobody', { numberOf: async () => null, onNew: () => undefined })
  for (let late = 0; late < 300; late++) {
    await keeper.accepted('3EB0')
    await steps(late)
  }
})

test('nobody waits for a line that takes nothing', { timeout: 60_000 }, async () => {
  const { userId, say } = await conversations()
  const outbox = new Outbox(userId)
  const { socket } = line(() => {
    throw Object.assign(new Error('Connection Closed'), { output: { statusCode: 428 } })
  })
  outbox.open(socket)
  const all = [await say('one'), await say('two')].map(({ id }) => outbox.handedOver(id))
  outbox.wake()
  await Promise.all(all)
})

test('what is to be sent can be read in the order of its numbers', async () => {
  const { say, sayToOther } = await conversations()
  let second!: Promise<Message>
  const first = await say('first', async () => {
    second = sayToOther('second')
    assert.equal(await Promise.race([second, after(300)]), undefined, 'it overtook the first')
  })
  assert.ok((await second).id > first.id)
})
