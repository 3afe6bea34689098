// Promise 10: no key material in logs.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { after, test } from 'node:test'
import { inspect } from 'node:util'

import { startEmulator } from 'chasqui/testing'

import { temporary } from '../help.mjs'
import { waitFor } from '../harness/emulator.mjs'
import { runProgram } from '../harness/run-program.mjs'
import { findSecrets, secretsOf } from '../harness/secrets.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())

test('the scanner finds a planted secret in every encoding', () => {
  const secret = randomBytes(32)
  const hex = secret.toString('hex')
  const spellings = {
    raw: secret,
    'raw, part of more': Buffer.concat([randomBytes(7), secret, randomBytes(5)]),
    hex, 'HEX': hex.toUpperCase(), 'hex, part of more': `f${hex}abc`,
    'hex with colons': hex.match(/../g).join(':'),
    'C bytes': [...secret].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(', '),
    'a Buffer as Node prints it': inspect(secret),
    base64: secret.toString('base64'), base64url: secret.toString('base64url'),
    'base64 of more': Buffer.concat([randomBytes(4), secret, randomBytes(9)]).toString('base64'),
    'JSON array': JSON.stringify([...secret]), 'JSON Buffer': JSON.stringify(secret),
    'a Uint8Array as Node prints it': inspect(new Uint8Array(secret)),
    'Rust {:?}': `[${[...secret].join(', ')}]`,
    'Rust {:02x?}': `[${hex.match(/../g).join(', ')}]`,
    'Rust escape_ascii': [...secret].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
    'JSON text of the bytes': JSON.stringify(secret.toString('latin1')),
    'half of it': hex.slice(0, 32), 'the other half': hex.slice(32),
  }
  const secrets = [{ name: 'planted', bytes: secret }, { name: 'another', bytes: randomBytes(32) }]
  for (const [spelling, text] of Object.entries(spellings)) {
    const log = Buffer.concat([Buffer.from('debug 2026-01-01 key='), Buffer.from(text), Buffer.from(' ok\n')])
    assert.deepEqual(findSecrets(log, secrets), ['planted'], spelling)
  }
  assert.deepEqual(findSecrets(Buffer.from(`${randomBytes(3000).toString('hex')} ${randomBytes(3000).toString('base64')}`), secrets), [])
})

test('nothing that a session prints or logs at trace level holds a secret of its store', async (t) => {
  const file = path.join(temporary(t), 'secret.db')
  const program = runProgram(t, emulator, { env: { TRACE: '1', RUST_LOG: 'trace', RUST_BACKTRACE: '1' } })
  const secrets = new Map()
  const collect = () => {
    for (const { name, bytes } of secretsOf(file)) secrets.set(bytes.toString('latin1'), { name, bytes })
  }
  // So small that one large message fills it.
  const store = `sqlite:${file}?max_pages=120`
  await program.ask('open', { session: 'Logged', store, endpoint: emulator.endpoint, reply: true })
  collect()

  // Texts both ways, a new session on either side, other people.
  const maria = await emulator.contact('María')
  for (const text of ['the first secret plan', 'the second secret plan']) {
    const { id } = await maria.send('Logged', { text })
    await maria.waitForMessage((message) => message.text === `re: ${text}`)
    collect()
    await maria.forgetSessions()
    assert.ok(id)
  }
  const people = await Promise.all(['Ana', 'Ben', 'Eva'].map((name) => emulator.contact(name)))
  for (const { jid } of people) await program.ask('send', { session: 'Logged', to: jid, content: { text: 'the third secret plan' } })
  collect()

  // Errors: of calls, of the service, of what comes in.
  const refused = [
    ['nobody', { text: 'x' }, 'INVALID_RECIPIENT'], ['+13055550199', { text: 'x' }, 'NOT_ON_WHATSAPP'],
    [maria.jid, { text: '' }, 'INVALID_CONTENT'],
  ]
  for (const [to, content, code] of refused) {
    assert.equal((await program.ask('send', { session: 'Logged', to, content })).code, code)
  }
  await emulator.inject({ account: 'Logged', refuse: 479 })
  assert.equal((await program.ask('send', { session: 'Logged', to: maria.jid, content: { text: 'x' } })).code, 'SEND_REJECTED')
  const [{ stanza }] = await emulator.stanzas({ account: 'Logged', direction: 'in', tag: 'message', limit: 1 })
  await emulator.inject({ account: 'Logged', stanza: { ...stanza, attrs: { ...stanza.attrs, id: 'AGAIN' } } })
  const undecryptable = [{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: { base64: Buffer.alloc(90, 3).toString('base64') } }]
  await emulator.inject({ account: 'Logged', stanza: { tag: 'message', attrs: { id: 'BAD', from: maria.lid, t: '1', type: 'text' }, content: undecryptable } })
  await waitFor(async () => (await emulator.stanzas({ account: 'Logged', direction: 'out', tag: 'receipt', id: 'BAD' })).length > 0)
  collect()
  await emulator.inject({ account: 'Logged', frame: 'garbage' })
  const happened = (code) => waitFor(() => program.connections.some(({ connection }) => connection.reason?.code === code), code)
  await happened('PROTOCOL_ERROR')

  // The store fails.
  await maria.send('Logged', { raw: Buffer.concat([Buffer.from([0x0a, 0x80, 0x80, 0x3c]), Buffer.alloc(60 << 14, 'x')]) })
  await happened('STORE_FAILED')
  collect()

  const kinds = [...new Set([...secrets.values()].map(({ name }) => name))].sort()
  assert.deepEqual(kinds, ['adv secret', 'app-state key', 'identity key', 'message secret', 'noise key', 'prekey', 'session', 'signed prekey'])
  const count = (kind) => [...secrets.values()].filter(({ name }) => name === kind).length
  assert.ok(count('prekey') >= 812 && count('session') > 10 && count('message secret') > 1)
  const output = program.output()
  assert.match(output.toString(), /^trace .*<message/m, 'the stanzas are in the log')
  assert.match(output.toString(), /^(warn|error) .*store/m, 'the failure is in the log')
  t.diagnostic(`${output.length} bytes of output, ${secrets.size} secrets`)
  assert.deepEqual(findSecrets(output, [...secrets.values()]), [])
  assert.ok(!output.includes('secret plan'), 'nor what people write')
})
