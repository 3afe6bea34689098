// Pairing by phone number: npm Baileys shows a code, and the emulator's phone types it in.

import assert from 'node:assert/strict'
import https from 'node:https'
import { after, before, test } from 'node:test'

import makeWASocket, { makeCacheableSignalKeyStore, useMultiFileAuthState } from 'baileys'

import { logger, temporaryFolder } from '../harness/baileys.mjs'
import { startEmulator, waitFor } from '../harness/emulator.mjs'

let emulator
before(async () => (emulator = await startEmulator()))
after(() => emulator.stop())

/** A Baileys that waits to be paired, and opens again after the restart that ends pairing. */
async function waiting(t) {
  const { state, saveCreds } = await useMultiFileAuthState(temporaryFolder())
  const agent = new https.Agent({ ca: emulator.info.caPem })
  const it = { state: 'new', code: undefined, socket: undefined }
  const open = () => {
    it.socket = makeWASocket({
      auth: { creds: state.creds, keys: makeCacheableSignalKeyStore(state.keys, logger()) },
      logger: logger(), waWebSocketUrl: emulator.info.wssUrl, agent, fetchAgent: agent,
    })
    it.socket.ev.on('creds.update', saveCreds)
    it.socket.ev.on('connection.update', ({ qr, connection, lastDisconnect }) => {
      if (qr && it.state === 'new') it.state = 'waiting'
      if (connection === 'open') it.state = 'open'
      if (connection === 'close') {
        if (lastDisconnect?.error?.output?.statusCode === 515) open()
        else it.state = 'closed'
      }
    })
  }
  open()
  t.after(() => {
    it.socket.end(undefined)
    agent.destroy()
  })
  await waitFor(() => it.state === 'waiting', 'the connection')
  return it
}

/** Asks for a code; resolves when the service knows of it. */
async function codeOf(client, jid) {
  const asked = async () => (await emulator.call('stanzas', { child: 'link_code_companion_reg', direction: 'in' })).length
  const before = await asked()
  const code = await client.socket.requestPairingCode(jid.split('@')[0])
  await waitFor(async () => (await asked()) > before, 'the ref')
  return code
}

const failsWith = (code) => (error) => JSON.parse(error.message).code === code

test('Baileys pairs by the code that it shows', async (t) => {
  const { jid } = await emulator.call('contact', { name: 'Code Ana' })
  const client = await waiting(t)
  const code = await codeOf(client, jid)
  const linked = await emulator.call('enterCode', { code: `${code.slice(0, 4)}-${code.slice(4).toLowerCase()}` })
  assert.deepEqual([linked.name, linked.jid, linked.device], ['Code Ana', jid, 1])
  await waitFor(() => client.state === 'open', 'the session to open')
  assert.equal(client.socket.user.id, jid.replace('@', ':1@'))
  await emulator.call('contact', { name: 'Code Eva' })
  const { id } = await emulator.call('contactSend', { contact: 'Code Eva', to: jid, text: 'welcome' })
  await waitFor(() => emulator.events.some((it) => it.type === 'receipt' && it.ids.includes(id)), 'a message to arrive')
  const { devices } = (await emulator.call('accounts')).find(({ name }) => name === 'Code Ana')
  assert.equal(devices.length, 1)
})

test('another code than the one shown is refused, and the right one still works', async (t) => {
  const { jid } = await emulator.call('contact', { name: 'Code Rosa' })
  const client = await waiting(t)
  const code = await codeOf(client, jid)
  const wrong = code === 'ABCD1234' ? 'ABCD1235' : 'ABCD1234'
  await assert.rejects(emulator.call('enterCode', { code: wrong, account: 'Code Rosa' }), failsWith('PAIRING_FAILED'))
  const { name } = await emulator.call('enterCode', { code, account: 'Code Rosa' })
  assert.equal(name, 'Code Rosa')
  await waitFor(() => client.state === 'open', 'the session to open')
})

test('a code that nobody shows, and what is no code, are refused by name', async () => {
  await emulator.call('reset')
  await assert.rejects(emulator.call('enterCode', { code: 'ABCD1234' }), failsWith('EMULATOR_FAILED'))
  await assert.rejects(emulator.call('enterCode', { code: 'ABC' }), failsWith('INVALID_OPTION'))
})
