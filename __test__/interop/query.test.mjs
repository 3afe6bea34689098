// What a program can reach that has no method: any request, any stanza, what nobody knows.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage, waitFor } from './sides.mjs'

test('any request is answered, and what the service refuses has its number', async (t) => {
  const { chasqui } = await stage(t)
  const { client } = await chasqui('Asker')
  const answer = await client.query({ tag: 'iq', attrs: { type: 'get', xmlns: 'privacy' }, content: [{ tag: 'privacy' }] })
  assert.equal(answer.attrs.type, 'result')
  assert.ok(answer.content[0].content.some(({ tag, attrs }) => tag === 'category' && attrs.name === 'last'))
  const unknown = { tag: 'iq', attrs: { type: 'get', xmlns: 'w:g2', to: '120363000000000099@g.us' }, content: [{ tag: 'query', attrs: { request: 'interactive' } }] }
  await assert.rejects(client.query(unknown), ({ code, data }) => code === 'NOT_FOUND' && data.error === 404)
  for (const node of [{ tag: 'message' }, { tag: 'iq', attrs: { type: 'result' } }, {}, null, { tag: 'iq', attrs: { type: 'get' }, content: 7 }]) {
    await assert.rejects(client.query(node), { code: 'INVALID_ARGUMENT' })
  }
  const signal = AbortSignal.abort()
  await assert.rejects(client.query({ tag: 'iq', attrs: { type: 'get', xmlns: 'w:p' } }, { signal }), { code: 'ABORTED' })
})

test('stanzas are shown to who wants to see them, until he does not, and nothing else', async (t) => {
  const { emulator, chasqui, baileys } = await stage(t)
  const [side, other] = [await chasqui('Watcher'), await baileys('Writer')]
  const [all, mine] = [[], []]
  side.client.onNode({}, (node) => all.push(node))
  const end = side.client.onNode({ tag: 'message', attrs: { type: 'text' }, child: 'enc' }, (node) => mine.push(node))
  await other.send(side.lid, 'one')
  await side.got('one')
  await waitFor(() => mine.length === 1, 'the stanza')
  assert.ok(mine[0].content.some(({ tag, content }) => tag === 'enc' && Buffer.isBuffer(content)))
  await waitFor(() => all.length > mine.length, 'other stanzas')
  end()
  end()
  await other.send(side.lid, 'two')
  await side.got('two')
  assert.equal(mine.length, 1)
  assert.throws(() => side.client.onNode({}, 'x'), { code: 'INVALID_ARGUMENT' })
  assert.throws(() => side.client.onNode({ tags: 'x' }, () => {}), { code: 'INVALID_ARGUMENT' })
  assert.equal(emulator.url.startsWith('wss:'), true)
})

test('a notification that nobody knows is acknowledged and given out', async (t) => {
  const { emulator, chasqui } = await stage(t)
  const side = await chasqui('Knower')
  const told = []
  side.client.on('raw', (node) => told.push(node))
  const hologram = { tag: 'hologram', attrs: { v: '1' }, content: [{ tag: 'light', content: { base64: 'AP8=' } }] }
  await emulator.inject({ account: 'Knower', stanza: { tag: 'notification', attrs: { type: 'hologram', id: 'X1', from: 's.whatsapp.net', t: '1700000000' }, content: [hologram] } })
  await waitFor(() => told.length === 1, 'the notification')
  assert.equal(told[0].attrs.type, 'hologram')
  assert.deepEqual(told[0].content[0].content[0].content, Buffer.from([0, 255]))
  await waitFor(async () => (await side.stanzas({ direction: 'out', tag: 'ack' })).some(({ attrs }) => attrs.id === 'X1'), 'its acknowledgement')
})
