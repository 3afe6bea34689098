// onMessage over a stand-in for the addon: order, bounds, retries, and what is confirmed when.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { WhatsAppClient } from 'chasqui'

import { endAll, made, useFake } from './fake.mjs'
import { waitFor } from './harness/emulator.mjs'

useFake()
after(endAll)

function open() {
  const client = new WhatsAppClient({ session: 'shop', store: 'memory:' })
  const fake = made.at(-1)
  let seq = 0
  /** Messages of one batch, as `chat:text`. */
  const give = (...names) => {
    seq += names.length
    const first = seq - names.length + 1
    return fake.give(names.map((name, n) => ({ t: 'message', seq: first + n, message: message(name), rawAt: [0, 0] })))
  }
  return { client, fake, give, done: fake.finishedSeqs }
}

function message(name, redelivered = false) {
  const [chat, text] = name.split(':')
  return {
    id: name, chat, sender: { jid: chat, device: 0 }, fromMe: false, source: 'live', timestamp: 1, type: 'text', text,
    mentions: [], redelivered,
  }
}

/** A handler whose calls end when the test says so. */
function gated() {
  const begun = []
  const gates = new Map()
  const handler = ({ id, redelivered }) => {
    begun.push(redelivered ? `${id} again` : id)
    return new Promise((resolve, reject) => gates.set(id, { resolve, reject }))
  }
  return { handler, begun, end: (id) => gates.get(id).resolve(), fail: (id) => gates.get(id).reject(new Error(`no to ${id}`)) }
}

test('without a handler nothing is held; with one a message is, until that has returned', async () => {
  const { client, fake, give, done } = open()
  await give('a:1')
  const { handler, begun, end } = gated()
  const stop = client.onMessage(handler)
  await give('a:2', 'b:3')
  await waitFor(() => begun.length === 2)
  assert.deepEqual([fake.held, begun], [[2, 3], ['a:2', 'b:3']])
  end('b:3')
  await waitFor(() => done.confirmed.length === 1)
  assert.deepEqual(done.confirmed, [3])
  end('a:2')
  await waitFor(() => done.confirmed.length === 2)
  stop()
  await give('a:4')
  assert.deepEqual(fake.held, [2, 3])
})

test('messages of one chat follow each other, and different chats run side by side up to the bound', async () => {
  const { client, give, done } = open()
  const { handler, begun, end } = gated()
  client.onMessage(handler, { concurrency: 2 })
  await give('a:1', 'a:2', 'b:3', 'c:4', 'b:5')
  await waitFor(() => begun.length === 2)
  assert.deepEqual(begun, ['a:1', 'b:3'])
  end('a:1')
  await waitFor(() => begun.length === 3)
  assert.equal(begun[2], 'c:4')
  end('c:4')
  await waitFor(() => begun.length === 4)
  assert.equal(begun[3], 'a:2')
  end('b:3')
  await waitFor(() => begun.length === 5)
  for (const id of ['a:2', 'b:5']) end(id)
  await waitFor(() => done.confirmed.length === 5)
  assert.deepEqual(done.confirmed.toSorted(), [1, 2, 3, 4, 5])
})

test('what a handler throws on comes again after a pause, marked, before the next of its chat; then it is let go', async () => {
  const { client, give, done } = open()
  const calls = []
  const errors = []
  client.on('error', (error) => errors.push(error))
  client.onMessage((m) => {
    calls.push([m.text, m.redelivered, m.raw().length])
    if (m.text === 'bad') throw new Error('no')
  }, { retries: 2, backoff: 20 })
  await give('a:bad', 'a:good', 'b:other')
  await waitFor(() => done.confirmed.length === 3)
  assert.deepEqual(calls.filter(([text]) => text !== 'other'), [['bad', false, 0], ['bad', true, 0], ['bad', true, 0], ['good', false, 0]])
  assert.deepEqual(done.confirmed, [3, 1, 2])
  assert.deepEqual(errors.map(({ code, data, cause }) => [code, data, cause.message]), [
    ['HANDLER_FAILED', { id: 'a:bad', chat: 'a', attempts: 3 }, 'no'],
  ])
})

test('what is tried again, and what comes back begun or not, is told to the store', async () => {
  const { client, give, fake, done } = open()
  client.on('error', () => {})
  let calls = 0
  client.onMessage(({ text }) => {
    if (text === 'bad' && ++calls < 3) throw new Error('not yet')
    if (text === 'stuck') return new Promise(() => {})
  }, { backoff: 1 })
  await give('a:bad', 'b:stuck', 'b:behind')
  await waitFor(() => done.confirmed.length === 1)
  assert.deepEqual([fake.retriedSeqs, done.confirmed], [[1, 1], [1]])
  await fake.give([{ t: 'wanted' }])
  await give('c:late')
  await waitFor(() => done.returned.length === 3)
  assert.deepEqual([done.returned.toSorted(), done.begun], [[2, 3, 4], [2]])
})

test('a message that the process died on too often is let go unseen, by each handler for itself', async () => {
  const { client, fake, done } = open()
  const errors = []
  const calls = []
  client.on('error', ({ code, data }) => errors.push([code, data]))
  const handle = (name, options) => client.onMessage(({ id }) => void calls.push(`${name} ${id}`), options)
  handle('two', { retries: 0 })
  handle('three', { retries: 12 })
  const again = [10, 11, 13].map((again, n) => ({ t: 'message', seq: n + 1, again, message: message(`a:${again}`, true), rawAt: [0, 0] }))
  await fake.give(again)
  await waitFor(() => done.confirmed.length === 3)
  assert.deepEqual(calls.toSorted(), ['three a:10', 'three a:11', 'two a:10'])
  assert.deepEqual(errors, [11, 13, 13].map((attempts) => ['HANDLER_FAILED', { id: `a:${attempts}`, chat: 'a', attempts }]))
})

test('a handler that throws has its retries in each run, as long as there were not too many over all of them', async () => {
  for (const [retries, again, left] of [[3, 3, 4], [3, 9, 3], [12, 12, 2]]) {
    const { client, fake, done } = open()
    const errors = []
    let calls = 0
    client.on('error', ({ data }) => errors.push(data.attempts))
    client.onMessage(() => {
      calls++
      throw new Error('no')
    }, { retries, backoff: 1 })
    await fake.give([{ t: 'message', seq: 1, again, message: message('a:1', true), rawAt: [0, 0] }])
    await waitFor(() => done.confirmed.length === 1)
    assert.deepEqual([calls, errors, fake.retriedSeqs.length], [left, [again - 1 + left], left - 1])
  }
})

test('connect() asks for a session that somebody has only if it is told to', async () => {
  const { client, fake } = open()
  for (const options of [null, 5, { takeOver: 'yes' }, { timeout: 0 }, { takeOver: true, timeout: '5' }]) {
    await assert.rejects(client.connect(options), { code: 'INVALID_OPTION' })
  }
  assert.deepEqual(fake.calls, [])
  const calls = [client.connect(), client.connect({ takeOver: false, timeout: 5 }), client.connect({ takeOver: true }), client.connect({ takeOver: true, timeout: 5 })]
  assert.deepEqual(fake.calls.map(([name, , ...args]) => [name, ...args]), [
    ['connect'], ['connect'], ['takeOver', undefined], ['takeOver', 5],
  ])
  await fake.give(fake.calls.map(([, ticket]) => ({ t: 'done', ticket, value: { state: 'open' } })))
  await Promise.all(calls)
})

test('a handler that recovers confirms the message and reports nothing', async () => {
  const { client, give, done } = open()
  let calls = 0
  const errors = []
  client.on('error', (error) => errors.push(error))
  client.onMessage(async () => {
    if (++calls < 3) throw new Error('not yet')
  }, { backoff: 1 })
  await give('a:1')
  await waitFor(() => done.confirmed.length === 1)
  assert.deepEqual([calls, errors], [3, []])
})

test('with several handlers all have to return', async () => {
  const { client, give, done } = open()
  const [first, second] = [gated(), gated()]
  client.onMessage(first.handler)
  client.onMessage(second.handler)
  await give('a:1', 'a:2')
  await waitFor(() => first.begun.length + second.begun.length === 2)
  first.end('a:1')
  await waitFor(() => first.begun.length === 2)
  assert.deepEqual([done.confirmed, second.begun], [[], ['a:1']])
  second.end('a:1')
  await waitFor(() => done.confirmed.length === 1)
  assert.deepEqual(done.confirmed, [1])
})

test('what an unregistered handler had not begun stays in the store, and what it had begun is confirmed', async () => {
  const { client, give, done } = open()
  const { handler, begun, end } = gated()
  const stop = client.onMessage(handler)
  await give('a:1', 'a:2', 'a:3')
  await waitFor(() => begun.length === 1)
  stop()
  await waitFor(() => done.returned.length === 2)
  end('a:1')
  await waitFor(() => done.confirmed.length === 1)
  assert.deepEqual([done.confirmed, done.returned, begun], [[1], [2, 3], ['a:1']])
})

test('when the store is read anew, what runs is not handed out twice and what was not begun is', async () => {
  const { client, fake, give, done } = open()
  const { handler, begun, end } = gated()
  client.onMessage(handler)
  await give('a:1', 'a:2')
  await waitFor(() => begun.length === 1)
  await fake.give([{ t: 'released' }])
  const again = ['a:1', 'a:2'].map((name, n) => ({ t: 'message', seq: 11 + n, message: message(name, true), rawAt: [0, 0] }))
  await fake.give(again)
  end('a:1')
  await waitFor(() => begun.length === 2)
  assert.equal(begun[1], 'a:2 again')
  end('a:2')
  await waitFor(() => done.confirmed.length === 2)
  assert.deepEqual([done.confirmed, done.returned.toSorted()], [[11, 12], [1, 2]])
})

test('disconnect() lets what runs end, begins nothing more, and gives back the rest', async () => {
  const { client, fake, give, done } = open()
  const { handler, begun, end } = gated()
  client.onMessage(handler)
  await give('a:1', 'a:2', 'b:3')
  await waitFor(() => begun.length === 2)
  const disconnected = client.disconnect()
  assert.deepEqual(done.returned, [2])
  await give('c:4')
  await waitFor(() => done.returned.length === 2)
  assert.deepEqual(fake.calls, [])
  end('a:1')
  end('b:3')
  await waitFor(() => fake.calls.length === 1)
  assert.deepEqual([done.confirmed, done.returned, begun], [[1, 3], [2, 4], ['a:1', 'b:3']])
  await fake.give([{ t: 'done', ticket: fake.call('disconnect').ticket }])
  await disconnected
  void client.connect()
  await give('a:5')
  await waitFor(() => begun.at(-1) === 'a:5')
  end('a:5')
  await waitFor(() => done.confirmed.length === 3)
  await fake.give([{ t: 'done', ticket: fake.call('connect').ticket }])
})

test('a handler that disconnects its own client does not wait for itself for ever', async () => {
  const { client, fake, give, done } = open()
  client.onMessage(() => client.disconnect())
  await give('a:1')
  await waitFor(() => fake.calls.length === 1)
  assert.deepEqual(done.returned, [1])
  await fake.give([{ t: 'done', ticket: fake.call('disconnect').ticket }])
})

test('a retry that waits is given up with disconnect(), and its message comes again', async () => {
  const { client, fake, give, done } = open()
  let calls = 0
  client.onMessage(() => {
    calls++
    throw new Error('no')
  }, { backoff: 60_000 })
  await give('a:1')
  await waitFor(() => calls === 1)
  const disconnected = client.disconnect()
  assert.deepEqual(done.returned, [1])
  await fake.give([{ t: 'done', ticket: fake.call('disconnect').ticket }])
  await disconnected
})

test('handlers that return at once get 5 ms at a time as listeners do', async () => {
  const { client, give, done } = open()
  let stretch = 0
  let longest = 0
  const watch = () => {
    stretch = 0
    if (done.confirmed.length < 60) setImmediate(watch)
  }
  watch()
  client.onMessage(() => {
    const end = performance.now() + 1
    while (performance.now() < end);
    longest = Math.max(longest, ++stretch)
  })
  await give(...Array.from({ length: 60 }, (_, n) => `a:${n}`))
  await waitFor(() => done.confirmed.length === 60)
  assert.ok(longest <= 12, `${longest} handlers of 1 ms in one turn`)
})

test('bad arguments are refused by their code', () => {
  const { client } = open()
  for (const handler of [undefined, 'x', {}]) assert.throws(() => client.onMessage(handler), { code: 'INVALID_OPTION' })
  for (const options of [{ retries: -1 }, { backoff: 1.5 }, { concurrency: 0 }, { retries: '3' }, null]) {
    assert.throws(() => client.onMessage(() => {}, options), { code: 'INVALID_OPTION' })
  }
})

test('a key is taken in every form, reaches the addon beside the options, and a wrong one is refused unseen', () => {
  const key = Buffer.from(Array.from({ length: 32 }, (_, n) => n + 200))
  const older = Buffer.alloc(32, 7)
  const forms = [key, new Uint8Array(key), key.toString('hex'), key.toString('hex').toUpperCase(), key.toString('base64'), key.toString('base64url'), { current: key }]
  for (const encryptionKey of forms) {
    new WhatsAppClient({ session: 's', store: 'memory:', encryptionKey })
    assert.deepEqual(Buffer.from(made.at(-1).keys), key)
    assert.ok(!JSON.stringify(made.at(-1).options).includes('encryptionKey'))
  }
  new WhatsAppClient({ session: 's', store: 'memory:', encryptionKey: { current: key, previous: [older.toString('hex')] } })
  assert.deepEqual(Buffer.from(made.at(-1).keys), Buffer.concat([key, older]))
  new WhatsAppClient({ session: 's', store: 'memory:' })
  assert.equal(made.at(-1).keys, undefined)

  const nearly = key.toString('hex').slice(1)
  for (const encryptionKey of [nearly, key.subarray(1), Buffer.alloc(0), '', 5, [key], {}, { current: key, previous: key }, { previous: [key] }]) {
    assert.throws(() => new WhatsAppClient({ session: 's', store: 'memory:', encryptionKey }), (error) =>
      error.code === 'INVALID_OPTION' && error.data.option === 'encryptionKey' && !error.message.includes(nearly.slice(0, 8)))
  }
})
