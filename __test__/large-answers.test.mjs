// What the service says of groups, as large as a frame can be and larger: it decides about the one call that asked, or the
// one group, and costs bounded memory and time; the connection, other chats and other sessions go on.

import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { after, test } from 'node:test'
import { deflateSync } from 'node:zlib'

import { startEmulator } from 'chasqui/testing'

import { waitFor } from './harness/emulator.mjs'
import { runProgram } from './harness/run-program.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())
const maria = await emulator.contact('María')

const MB = 1 << 20
/** Plaintext of a frame: 16 MB less one byte, and less the 16 bytes that authenticate it. */
const LARGEST = 2 ** 24 - 1 - 16
/** Nodes that one list can hold. */
const LIST = 0xffff

const string = (text) => Buffer.concat([Buffer.from([0xfc, text.length]), Buffer.from(text)])
const list = (length) => Buffer.from(length < 256 ? [0xf8, length] : [0xf9, length >> 8, length & 255])
/** A node in its binary form, without what its children are made of. */
function head(tag, attrs, children = 0) {
  const texts = Object.entries(attrs).flat()
  return Buffer.concat([list(1 + texts.length + (children && 1)), ...[tag, ...texts].map(string), ...(children ? [list(children)] : [])])
}
const plain = (...parts) => Buffer.concat([Buffer.from([0]), ...parts])
const compressed = (frame) => Buffer.concat([Buffer.from([2]), deflateSync(frame.subarray(1))])

const group = (members) => head('group', { id: '120363000000000001', addressing_mode: 'lid', size: '1000000' }, members)
const member = (at, padding) => head('participant', { jid: `${300_000_000_000_000 + at}@lid`, phone_number: `1305555${String(at % 10_000).padStart(4, '0')}@s.whatsapp.net`, x: 'x'.repeat(padding) })
/** As many members as a list can hold, so large that they fill a frame. */
const padding = Math.floor((LARGEST - 500) / LIST) - member(0, 0).length
const crowd = Buffer.concat(Array.from({ length: LIST }, (_, at) => member(at, padding)))
const tiny = head('participant', {})
const tinies = (count) => Buffer.alloc(count * tiny.length, tiny)
/** `<group>` upon `<group>`, full of members without a name: nodes and attributes are counted to 2 to the 20th. */
const million = (last) => [...Array(15)].map(() => [group(LIST), tinies(LIST)]).flat().concat([group(last), tinies(last)])

const answer = (id, chat, ...content) => plain(head('iq', { id, type: 'result', from: chat }, content.length / 2), ...content)
const tooMany = { code: 'RECIPIENT_LIMIT', data: { count: LIST } }
const unusable = { code: 'REQUEST_FAILED', data: { error: 500 } }

const ANSWERS = {
  'a frame full of members': [(...at) => answer(...at, group(LIST), crowd), tooMany],
  'the same, compressed': [(...at) => compressed(answer(...at, group(LIST), crowd)), tooMany],
  'a million members': [(...at) => answer(...at, ...million(65_000)), tooMany],
  'the same, compressed to little': [(...at) => compressed(answer(...at, ...million(65_000))), tooMany],
  'more members than are counted': [(...at) => answer(...at, ...million(LIST)), unusable],
  'as many of them, compressed': [(...at) => compressed(answer(...at, ...million(LIST))), unusable],
  'what inflates to sixteen times a frame': [(...at) => compressed(answer(...at, group(LIST), Buffer.concat(Array(16).fill(crowd)))), unusable],
}

test('an answer about a group, however large, decides about the call that asked, and about nothing else', async (t) => {
  const program = runProgram(t, emulator, { execArgv: ['--expose-gc'] })
  // As many of them as there are threads and one more: somebody shares Crowd's.
  const others = Array.from({ length: availableParallelism() }, (_, at) => `Other ${at}`)
  for (const session of ['Crowd', ...others]) {
    await program.ask('open', { session, store: 'memory:', endpoint: { url: emulator.wsUrl, rootKey: emulator.rootKey } })
    assert.ok((await program.ask('send', { session, to: maria.jid, content: { text: 'hello' } })).id)
  }
  const connections = program.connections.length
  const before = await program.ask('memory')
  // The service does not hear the questions; the answers are given here.
  await emulator.faults.add({ what: 'drop', account: 'Crowd', direction: 'out', tag: 'iq', xmlns: 'w:g2' })
  const write = (session, to, text) => program.ask('send', { session, to, content: { text } })
  const injected = async (frame) => {
    assert.ok(frame.length <= LARGEST, `${frame.length} bytes`)
    assert.deepEqual(await emulator.inject({ account: 'Crowd', plaintext: frame.toString('base64') }), { count: 1 })
  }
  const figures = []
  for (const [at, [name, [frame, expected]]] of Object.entries(ANSWERS).entries()) {
    const chat = `12036300000000${1000 + at}@g.us`
    const call = write('Crowd', chat, 'x')
    const query = await waitFor(async () => {
      const asked = await emulator.stanzas({ account: 'Crowd', direction: 'out', tag: 'iq', xmlns: 'w:g2' })
      return asked.map(({ stanza }) => stanza).find(({ attrs }) => attrs.to === chat)
    }, 'the question')
    const bytes = frame(query.attrs.id, chat)
    const start = performance.now()
    await injected(bytes)
    for (const { id } of await Promise.all(others.map((other) => write(other, maria.jid, `beside ${name}`)))) assert.ok(id, name)
    const beside = performance.now() - start
    const { code, data } = await call
    const whole = performance.now() - start
    assert.deepEqual({ code, data: Object.fromEntries(Object.keys(expected.data).map((key) => [key, data[key]])) }, expected, name)
    assert.ok((await write('Crowd', maria.jid, `after ${name}`)).id, name)
    assert.ok(beside < 5000 && whole < 5000, `${name}: ${beside} and ${whole} ms`)
    const { rss, peak } = await program.ask('memory')
    figures.push(`${name}: ${(bytes.length / MB).toFixed(1)} MB, ${beside.toFixed(0)} ms beside, ${whole.toFixed(0)} ms until decided, ${[rss - before.rss, peak - before.peak].map((more) => (more / MB).toFixed(0)).join(' to ')} MB more`)
  }
  // A notification tells the same of a group that nobody has asked for.
  const told = '120363000000009999@g.us'
  const notification = head('notification', { id: 'n1', from: told, type: 'w:gp2', t: '1700000000' }, 1)
  await injected(plain(notification, head('create', {}, 1), group(LIST), crowd))
  const { code, data } = await write('Crowd', told, 'x')
  assert.deepEqual([code, data.count], ['RECIPIENT_LIMIT', LIST])
  const { caches } = await program.ask('stats', { session: 'Crowd' })
  for (const [name, { size, cap }] of Object.entries(caches)) assert.ok(size <= cap, `${name}: ${size} of ${cap}`)

  const now = await program.ask('memory')
  t.diagnostic(`${figures.join('; ')}; ${((now.peak - before.peak) / MB).toFixed(0)} MB more at the highest, ${((now.rss - before.rss) / MB).toFixed(0)} in the end`)
  assert.ok(now.peak - before.peak < 192 * MB, `${now.peak - before.peak} bytes more at the highest`)
  assert.equal(program.connections.length, connections, 'no connection has ended')
})
