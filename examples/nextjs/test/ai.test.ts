// Answers by an AI, with a stand-in for its endpoint.
import './support/database'

import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'

import { write } from '../lib/db'
import { enqueue } from '../lib/messages'
import { Shop } from './support/shop'

interface Asked {
  path?: string
  authorization?: string
  model: string
  messages: { role: string; content: string }[]
}

let server: Server
let asked: Asked[] = []
let respond: (response: ServerResponse) => void

const says = (content: unknown) => (response: ServerResponse) =>
  void response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ id: 'x', choices: [{ index: 0, message: { role: 'assistant', content } }] }))

async function read(request: IncomingMessage) {
  let text = ''
  for await (const piece of request) text += piece
  return JSON.parse(text) as Omit<Asked, 'path' | 'authorization'>
}

before(async () => {
  server = createServer(async (request, response) => {
    asked.push({ path: request.url, authorization: request.headers.authorization, ...(await read(request)) })
    respond(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  process.env.AI_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`
  process.env.AI_API_KEY = 'key-of-nobody'
})
beforeEach(() => {
  asked = []
  respond = says('Claro, tenemos café.')
})
after(() => {
  server.closeAllConnections()
  server.close()
})

test('the model gets what was said, the products that matter, and who is who', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  const first = await shop.receive(rosa, 'Buenas')
  await write((tx) => enqueue(tx, { userId: shop.userId, conversationId: first.conversationId, content: '¿En qué te ayudo?', author: 'operator' }))
  await shop.receive(rosa, null, { type: 'image' })
  const other = await shop.customer()
  await shop.receive(other, 'algo que solo sabe otra persona')

  const answer = await shop.ask(rosa, 'Quisiera un regalo con chocolate para mi mamá')
  assert.deepEqual(answer?.replies, [{ content: 'Claro, tenemos café.', author: 'ai' }])
  const [{ path, authorization, model, messages }] = asked as [Asked]
  assert.deepEqual([path, authorization, model], ['/v1/chat/completions', 'Bearer key-of-nobody', 'gpt-4o-mini'])
  assert.deepEqual(messages.slice(1), [
    { role: 'user', content: 'Buenas' },
    { role: 'assistant', content: '¿En qué te ayudo?' },
    { role: 'user', content: '[image]\nQuisiera un regalo con chocolate para mi mamá' },
  ])
  assert.equal(messages[0]!.role, 'system')
  assert.match(messages[0]!.content, /language.*Spanish.*CHOCO-200.*18\.500 COP/s)
  assert.doesNotMatch(JSON.stringify(messages), /otra persona/)
})

test('the model gets the last twenty messages, each of them cut', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  for (let i = 0; i < 30; i++) await shop.receive(rosa, i < 29 ? `mensaje ${i}` : 'x'.repeat(60_000))
  await shop.ask(rosa, 'y el último')
  const { content } = asked[0]!.messages.at(-1)!
  assert.equal(content.split('\n').length, 20)
  assert.match(content, /^mensaje 11\n/)
  assert.match(content, /y el último$/)
  assert.ok(content.length < 6000)
})

test('commands and BAJA do not reach the model', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer({ consent: 'given' })
  assert.match((await shop.answers(rosa, '/ayuda'))[0]!, /catalogo/)
  assert.match((await shop.answers(rosa, 'BAJA'))[0]!, /no recibirás/)
  assert.equal(asked.length, 0)
})

test('what the model says is text: it is cut, and a command in it orders nothing', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  respond = says(`  /pedido CAFE-250 3${'😀'.repeat(5000)}\0`)
  const answer = await shop.ask(rosa, 'hazme un pedido')
  const [{ content, author }] = answer!.replies as [{ content: string; author: string }]
  assert.equal(author, 'ai')
  assert.equal(answer!.effects, undefined)
  assert.match(content, /^\/pedido CAFE-250 3😀/)
  assert.ok(content.length <= 4096)
  assert.doesNotMatch(content, /\p{Surrogate}|\0/u, 'no half of a character, and nothing that Postgres does not take')
  assert.equal(asked.length, 1)
})

test('AI_MODEL names the model; a key is not needed', async (context) => {
  const shop = await Shop.open()
  const { AI_API_KEY } = process.env
  context.after(() => Object.assign(process.env, { AI_API_KEY }))
  delete process.env.AI_API_KEY
  process.env.AI_MODEL = 'small-one'
  context.after(() => delete process.env.AI_MODEL)
  await shop.ask(await shop.customer(), 'hola')
  assert.deepEqual([asked[0]!.model, asked[0]!.authorization], ['small-one', undefined])
})

const failures: Record<string, (response: ServerResponse) => void> = {
  'status 500': (response) => void response.writeHead(500).end('{"error":{}}'),
  'status 429': (response) => void response.writeHead(429).end(),
  'no JSON': (response) => void response.end('<html>'),
  'no choices': (response) => void response.end('{"choices":[]}'),
  'something else in it': says({ tool: 'delete everything' }),
  'an empty text': says('  '),
  'a cut connection': (response) => void response.write('{"choi', () => response.destroy()),
  'no end': (response) => {
    const more = () => response.destroyed || response.write('x'.repeat(64 * 1024), more)
    more()
  },
  'another address': (response) => void response.writeHead(307, { Location: '/v2/chat/completions' }).end(),
}
for (const [name, failing] of Object.entries(failures)) {
  test(`after ${name} the rule answers`, async () => {
    const shop = await Shop.open()
    const rosa = await shop.customer()
    respond = failing
    assert.match((await shop.answers(rosa, 'hola'))[0]!, /¡Hola, Rosa!/)
    assert.deepEqual(await shop.answers(rosa, 'quién eres'), [], 'and leaves to people what it does not know')
    assert.ok(asked.every(({ path }) => path === '/v1/chat/completions'))
  })
}

test('after twenty seconds without an answer the rule answers', async (context) => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  const limits: number[] = []
  const ending = new AbortController()
  context.mock.method(AbortSignal, 'timeout', (milliseconds: number) => {
    limits.push(milliseconds)
    return ending.signal
  })
  respond = () => ending.abort(new DOMException('It took too long.', 'TimeoutError'))
  assert.match((await shop.answers(rosa, 'hola'))[0]!, /¡Hola, Rosa!/)
  assert.deepEqual(limits, [20_000])
})

test('where nothing listens the rule answers', async (context) => {
  const shop = await Shop.open()
  const { AI_ENDPOINT } = process.env
  context.after(() => Object.assign(process.env, { AI_ENDPOINT }))
  for (const endpoint of ['http://127.0.0.1:9', 'not an address']) {
    process.env.AI_ENDPOINT = endpoint
    assert.match((await shop.answers(await shop.customer(), 'hola'))[0]!, /¡Hola, Rosa!/)
  }
})
