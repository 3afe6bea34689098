// One program, two engines: it runs on npm baileys and on chasqui/baileys against the emulator, and what it saw is compared.
// Where the two differ on purpose, DIFFERENCES says why.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

import { Log } from './fake-client.mjs'

const require = createRequire(import.meta.url)
const { startEmulator } = require('../../dist/testing.js')

// The Signal library of Baileys prints its sessions, keys included.
console.info = console.log = () => {}
// It leaves timers behind as well, which would hold this process for a minute.
const { setTimeout: heldTimeout } = globalThis
globalThis.setTimeout = Object.assign((...args) => heldTimeout(...args).unref(), heldTimeout)

const silent = { level: 'silent', child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} }

/** What may differ, and why. */
const DIFFERENCES = {
  fields: {
    // Texts are sent alone; a secret is made with the features that need one.
    messageContextInfo: 'baileys',
    // The engine learns its own name while pairing, Baileys with the first message from the phone.
    name: 'chasqui',
  },
  updates: {
    // Told when the server says that the queue is empty: with a short queue, before or after `open`.
    receivedPendingNotifications: 'order',
    // Told once the own name is known.
    isOnline: 'chasqui',
  },
}

/** What one message brings with it. */
const TOGETHER = ['chats.update', 'messages.upsert', 'contacts.update']

/** The program: pairs, reopens after 515, gets a text, answers it, sees it read, and closes. */
async function program(lib, config, { emulator, account, folder }) {
  const makeWASocket = lib.default
  const log = new Log()
  let sock
  const open = async () => {
    const { state, saveCreds } = await lib.useMultiFileAuthState(folder)
    sock = makeWASocket({ auth: state, logger: silent, syncFullHistory: false, shouldSyncHistoryMessage: () => false, ...config })
    const mine = sock
    sock.ev.on('creds.update', saveCreds)
    sock.ev.process((events) => {
      const names = Object.keys(events).filter((name) => TOGETHER.includes(name)).sort()
      for (const [event, payload] of Object.entries(events)) {
        // On a busy machine Baileys folds several occurrences into one event.
        const single = event === 'messages.upsert' ? payload.messages.map((message) => ({ ...payload, messages: [message] })) : [payload]
        for (const one of single) log.add({ event, payload: one, names })
      }
    })
    sock.ev.on('connection.update', async ({ connection, lastDisconnect, qr }) => {
      if (qr && !log.scanned) {
        log.scanned = true
        await emulator.scan(qr, { account })
      }
      if (connection === 'close' && mine === sock && lastDisconnect?.error?.output?.statusCode === lib.DisconnectReason.restartRequired) {
        await open()
      }
    })
  }
  const update = (test) => log.until(({ event, payload }) => event === 'connection.update' && test(payload))
  await open()
  await update(({ receivedPendingNotifications }) => receivedPendingNotifications)
  const maria = await emulator.contact('María')
  await maria.send(account, { text: 'hola' })
  const incoming = await log.until(({ event, payload }) => event === 'messages.upsert' && textOf(payload.messages[0]) === 'hola')
  const message = await sock.sendMessage(incoming.payload.messages[0].key.remoteJid, { text: '¿cómo estás?' })
  // As it was returned: while Baileys holds events back, it folds receipts into this very object.
  const sent = { key: message.key, shape: shape(message) }
  assert.equal((await maria.waitForMessage(undefined, { timeout: 60_000 })).text, '¿cómo estás?')
  // Before the echo is out, Baileys folds receipts into it.
  await log.until(({ event, payload }) => event === 'messages.upsert' && payload.messages[0].key.id === sent.key.id)
  const status = (wanted) =>
    log.until(({ event, payload }) => event === 'messages.update' && payload.some(({ key, update }) => key.id === sent.key.id && update.status === wanted))
  await maria.read()
  await status(4)
  const { user } = sock
  await sock.end(undefined)
  const first = log.entries.length
  await open()
  const again = (test) => log.until(({ event, payload }) => event === 'connection.update' && test(payload), first)
  await again(({ connection }) => connection === 'open')
  await again(({ receivedPendingNotifications }) => receivedPendingNotifications)
  await sock.end(new Error('enough'))
  return { log: log.entries, incoming, sent, user }
}

const textOf = ({ message }) => message?.conversation ?? message?.extendedTextMessage?.text

/** The updates of the connection without what depends on the moment; renewals of the QR code are one. */
function connection(log) {
  const shown = log
    .filter(({ event, payload }) => event === 'connection.update' && !(Object.keys(payload).length === 1 && Object.keys(payload)[0] in DIFFERENCES.updates))
    .map(({ payload: { lastDisconnect, ...rest } }) => {
      const { error, date } = lastDisconnect ?? {}
      return JSON.stringify({
        ...rest,
        ...('qr' in rest ? { qr: rest.qr ? rest.qr.split(/[#,]/).map((part, index) => (index === 0 ? part : 'key')) : null } : {}),
        ...(lastDisconnect ? { error: error ? [error.isBoom, error.output?.statusCode, error.message] : null, date: date instanceof Date } : {}),
      })
    })
  return shown.filter((entry, index) => entry !== shown[index - 1]).map((entry) => JSON.parse(entry))
}

/** Names and types of what is inside. Lists that are not set are empty ones; a newer schema has more of them. */
function shape(value) {
  if (value === null || value === undefined) return String(value)
  if (Buffer.isBuffer(value)) return 'Buffer'
  if (Array.isArray(value)) return value.map(shape)
  if (typeof value !== 'object') return typeof value
  if (typeof value.toNumber === 'function') return 'Long'
  const fields = Object.entries(value).filter(([name, item]) => !(name in DIFFERENCES.fields) && !(Array.isArray(item) && item.length === 0))
  return Object.fromEntries(fields.map(([name, item]) => [name, shape(item)]))
}

test('the same program sees the same on npm baileys and on chasqui', async (t) => {
  const emulator = await startEmulator()
  const base = await mkdtemp(path.join(tmpdir(), 'chasqui-parity-'))
  t.after(async () => {
    await emulator.stop()
    await rm(base, { recursive: true, force: true })
  })
  const theirs = await program(await import('baileys'), { waWebSocketUrl: `${emulator.wsUrl}` }, { emulator, account: 'Theirs', folder: path.join(base, 'theirs') })
  const ours = await program(require('../../dist/baileys/index.js'), { waWebSocketUrl: emulator.endpoint }, { emulator, account: 'Ours', folder: path.join(base, 'ours') })

  await t.test('the connection: qr, pairing, 515, open, close, and again without a qr', () => {
    assert.deepEqual(connection(ours.log), connection(theirs.log))
  })
  await t.test('an incoming message and what comes with it', () => {
    assert.deepEqual(ours.incoming.names, theirs.incoming.names)
    assert.deepEqual(shape(ours.incoming.payload), shape(theirs.incoming.payload))
  })
  await t.test('a sent message, and its echo', () => {
    assert.deepEqual(ours.sent.shape, theirs.sent.shape)
    const echo = ({ log, sent }) => log.find(({ event, payload }) => event === 'messages.upsert' && payload.messages[0].key.id === sent.key.id)
    // A receipt that is folded into the echo leaves its own time there, a number.
    const shown = (side) => JSON.stringify(shape(echo(side).payload)).replace('"messageTimestamp":"number"', '"messageTimestamp":"Long"')
    assert.deepEqual(JSON.parse(shown(ours)), JSON.parse(shown(theirs)))
    assert.deepEqual(echo(ours).names, echo(theirs).names)
  })
  await t.test('receipts', () => {
    const updates = ({ log, sent }) =>
      log
        .filter(({ event }) => event === 'messages.update')
        .flatMap(({ payload }) => payload)
        .filter(({ key }) => key.id === sent.key.id)
    // Delivered and read; Baileys may fold the first into the second.
    assert.deepEqual(updates(ours).map(({ update }) => update.status), [3, 4])
    assert.equal(updates(theirs).at(-1).update.status, 4)
    assert.deepEqual(shape(updates(ours).at(-1)), shape(updates(theirs).at(-1)))
  })
  await t.test('the own user', () => {
    assert.deepEqual(shape(ours.user), shape(theirs.user))
    assert.match(ours.user.id, /^\d+:\d+@s\.whatsapp\.net$/)
  })
})
