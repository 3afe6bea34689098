// Sealed stores: what is in the file, and with which keys it opens.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'

import { WhatsAppClient } from 'chasqui'
import { startEmulator } from 'chasqui/testing'

import { clientOf, next, openClient, temporary } from './help.mjs'
import { waitFor } from './harness/emulator.mjs'
import { runProgram } from './harness/run-program.mjs'
import { findSecrets, secretsOf } from './harness/secrets.mjs'
import { storeRecords } from './harness/sqlite-records.mjs'

const emulator = await startEmulator()
after(() => emulator.stop())
const maria = await emulator.contact('María')
const TEXT = 'a text that nobody else may read'

/** A paired session in a file, closed, in which texts were sent and received. */
async function paired(t, account, options) {
  const file = path.join(temporary(t), 'session.db')
  const store = `sqlite:${file}`
  const client = await openClient(t, emulator, account, { store, ...options })
  const heard = next(client, 'message')
  await maria.send(account, { text: TEXT })
  await client.send(await heard, { text: TEXT })
  await client.disconnect()
  await closed(file)
  return { file, store }
}

const closed = (file) => waitFor(() => !existsSync(`${file}-wal`), 'the file to be closed')
const digest = (file) => createHash('sha256').update(readFileSync(file)).digest('hex')

/** Whether the session opens without a code, and goes on. */
async function goesOn(t, account, file, options) {
  const client = clientOf(t, emulator, account, { store: `sqlite:${file}`, ...options })
  assert.deepEqual(await client.connect(), { state: 'open' })
  const heard = next(client, 'message')
  const text = `hello ${randomBytes(4).toString('hex')}`
  await maria.send(account, { text })
  assert.equal((await heard).text, text)
  await client.disconnect()
  await closed(file)
}

/** The values of a closed file that show a text or a key. */
const readable = (file) => {
  const secrets = secretsOf(file)
  return storeRecords(file).filter(({ value }) => value.includes(TEXT)).length + secrets.filter(({ name }) => name !== 'session').length
}

test('a sealed session shows nothing in its file, and opens with its key alone', async (t) => {
  const encryptionKey = randomBytes(32)
  const { file } = await paired(t, 'Sealed', { encryptionKey })
  assert.ok(storeRecords(file).length > 100)
  const bytes = readFileSync(file)
  assert.ok(!bytes.includes(TEXT) && !bytes.includes(encryptionKey) && !bytes.includes(encryptionKey.toString('hex')))
  assert.ok(storeRecords(file).every(({ value }) => value.subarray(0, 3).equals(Buffer.from([7, 0x53, 1]))))
  for (const options of [{ encryptionKey: randomBytes(32) }, { encryptionKey: { current: randomBytes(32), previous: [randomBytes(32)] } }, {}]) {
    const before = storeRecords(file).map(({ value }) => value.toString('base64')).sort()
    const client = new WhatsAppClient({ session: 'Sealed', store: `sqlite:${file}`, endpoint: emulator.endpoint, ...options })
    await assert.rejects(client.connect(), (error) => error.code === 'WRONG_KEY' && !error.message.includes(encryptionKey.toString('hex')))
    await client.disconnect()
    await closed(file)
    assert.deepEqual(storeRecords(file).map(({ value }) => value.toString('base64')).sort(), before)
  }
  await goesOn(t, 'Sealed', file, { encryptionKey: encryptionKey.toString('base64') })
})

test('a session that was not sealed is sealed with the key that it is opened with', async (t) => {
  const { file } = await paired(t, 'Plain', {})
  assert.ok(readable(file) > 0)
  const before = digest(file)
  const encryptionKey = randomBytes(32).toString('hex')
  await goesOn(t, 'Plain', file, { encryptionKey })
  assert.notEqual(digest(file), before)
  assert.ok(!readFileSync(file).includes(TEXT))
  await goesOn(t, 'Plain', file, { encryptionKey })
})

test('a key is replaced while the former one is named once; then that opens nothing', async (t) => {
  const [former, current] = [randomBytes(32), randomBytes(32)]
  const { file } = await paired(t, 'Rotated', { encryptionKey: former })
  await goesOn(t, 'Rotated', file, { encryptionKey: { current, previous: [former] } })
  await goesOn(t, 'Rotated', file, { encryptionKey: current })
  const client = new WhatsAppClient({ session: 'Rotated', store: `sqlite:${file}`, endpoint: emulator.endpoint, encryptionKey: former })
  await assert.rejects(client.connect(), { code: 'WRONG_KEY' })
  await client.disconnect()
})

test('no log line shows a key, whether it fits or not', async (t) => {
  const key = randomBytes(32)
  const { file } = await paired(t, 'Logged', { encryptionKey: key })
  const program = runProgram(t, emulator, { env: { TRACE: '1' } })
  const options = { session: 'Logged', store: `sqlite:${file}`, endpoint: emulator.endpoint }
  const wrong = randomBytes(32)
  await assert.rejects(program.ask('open', { ...options, encryptionKey: wrong.toString('hex') }), { code: 'WRONG_KEY' })
  await program.ask('open', { ...options, encryptionKey: { current: wrong.toString('base64'), previous: [key.toString('hex')] } })
  await program.ask('disconnect', { session: 'Logged' })
  const output = program.output()
  assert.ok(output.includes('sealed with its present key'))
  assert.deepEqual(findSecrets(output, [{ name: 'key', bytes: key }, { name: 'wrong key', bytes: wrong }]), [])
})
