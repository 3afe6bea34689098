// Unmodified npm Baileys as a peer: a stranger's client that shares no line of code with us.

import { mkdtempSync, rmSync } from 'node:fs'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'

import makeWASocket, { DisconnectReason, WA_CERT_DETAILS, useMultiFileAuthState } from 'baileys'

import { waitFor } from './emulator.mjs'

/** Baileys logs through a pino-like object; silence, or stderr with BAILEYS_LOG=1. */
function logger() {
  const write = (level) => (...args) => {
    if (process.env.BAILEYS_LOG) console.error(level, ...args)
  }
  const log = { level: 'trace', child: () => log }
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) log[level] = write(level)
  return log
}

/** A folder for a session's state that is gone when the test is. */
export function temporaryFolder(test) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chasqui-test-'))
  test.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/**
 * One session of Baileys. `start()` connects, pairs if there is nothing in `folder` yet (the emulator's phone scans),
 * and resolves when it is open.
 *
 * @param {{ info: object, call: Function }} emulator
 * @param {{ name: string, folder: string, plain?: boolean }} options name: push name, which chooses the account
 */
export async function makePeer(emulator, { name, folder, plain = false }) {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(emulator.info.rootKey, 'base64')
  const agent = new https.Agent({ ca: emulator.info.caPem })
  const peer = {
    name,
    socket: undefined,
    state: 'new',
    /** `connection.update` events of all sockets, in order. */
    updates: [],
    /** Messages of `messages.upsert`, each with the event's `type` as `upsert`. */
    messages: [],
    /** Statuses of `messages.update` and receipts, as `{ id, status }`. */
    statuses: [],
    qrs: [],
    get jid() {
      return peer.socket.user.id.replace(/:\d+@/, '@')
    },
    get lid() {
      return peer.socket.user.lid.replace(/:\d+@/, '@')
    },
    texts: () => peer.messages.map((message) => textOf(message)).filter(Boolean),
    send: async (to, text) => (await peer.socket.sendMessage(to, { text })).key.id,
    status: (id) => Math.max(0, ...peer.statuses.filter((entry) => entry.id === id).map((entry) => entry.status)),
    start,
    stop,
  }
  const sent = new Map()

  async function open() {
    const { state, saveCreds } = await useMultiFileAuthState(folder)
    const socket = makeWASocket({
      auth: state,
      logger: logger(),
      waWebSocketUrl: plain ? emulator.info.wsUrl : emulator.info.wssUrl,
      agent: plain ? undefined : agent,
      fetchAgent: agent,
      pushName: name,
      getMessage: async (key) => sent.get(key.id),
    })
    peer.socket = socket
    socket.ev.on('creds.update', saveCreds)
    socket.ev.on('messages.upsert', ({ messages, type }) => {
      for (const message of messages) {
        if (message.key.fromMe && message.message) sent.set(message.key.id, message.message)
        peer.messages.push({ ...message, upsert: type })
      }
    })
    socket.ev.on('messages.update', (updates) => {
      for (const { key, update } of updates) {
        if (update.status != null) peer.statuses.push({ id: key.id, status: update.status })
      }
    })
    socket.ev.on('connection.update', (update) => {
      peer.updates.push(update)
      if (update.qr) {
        peer.qrs.push(update.qr)
        if (peer.state === 'connecting') {
          peer.state = 'pairing'
          emulator.call('scan', { qr: update.qr }).catch((error) => (peer.failure = error))
        }
      }
      if (update.connection === 'open') peer.state = 'open'
      if (update.connection === 'close') {
        const code = update.lastDisconnect?.error?.output?.statusCode
        if (code === DisconnectReason.restartRequired) open()
        else {
          peer.state = 'closed'
          peer.code = code
        }
      }
    })
  }

  async function start() {
    peer.state = 'connecting'
    await open()
    await waitFor(() => {
      if (peer.failure) throw peer.failure
      if (peer.state === 'closed') throw new Error(`${name}: closed with ${peer.code}`)
      return peer.state === 'open'
    }, `${name} to be open`)
    return peer
  }

  /** Ends the connection and keeps the session. */
  async function stop() {
    if (peer.state === 'open' || peer.state === 'pairing' || peer.state === 'connecting') {
      peer.socket.end(undefined)
      await waitFor(() => peer.state === 'closed', `${name} to be closed`)
    }
    agent.destroy()
  }

  return peer
}

/** The text of a message as Baileys gives it. */
export function textOf(message) {
  return message.message?.conversation ?? message.message?.extendedTextMessage?.text
}
