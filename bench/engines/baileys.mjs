// npm Baileys as the measured programs see it, set up as its users do: its own file store with the cache around it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import {
  BufferJSON, WA_CERT_DETAILS, initAuthCreds, makeCacheableSignalKeyStore, makeWASocket, useMultiFileAuthState,
} from 'baileys'

import { mediaDispatcher } from '../../__test__/harness/dispatcher.mjs'

const silent = {
  level: 'silent', child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {},
}

/** See the other engine. With `durable: false` the keys are kept in memory, and the prekeys in a file. */
export function openSession({ name, server, secure, folder, durable, history, onQr, onText, onHistory, onGroup, onPresence }) {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(server.rootKey, 'base64')
  const agent = secure ? new https.Agent({ ca: server.ca }) : undefined
  const directory = path.join(folder, name)
  const acknowledged = new Map()
  const groups = new Map()
  let socket
  let auth
  let dispatcher

  async function connectOnce() {
    auth ??= durable ? await useMultiFileAuthState(directory) : memoryState(directory)
    const { creds, keys } = auth.state
    // Its history has no address: it goes to the service's own hosts, unless it is led elsewhere.
    if (history) dispatcher ??= await mediaDispatcher({ caPem: server.ca, wssUrl: server.url })
    socket = makeWASocket({
      auth: { creds, keys: makeCacheableSignalKeyStore(keys, silent) },
      logger: silent,
      waWebSocketUrl: secure ? server.url : server.wsUrl,
      ...(agent && { agent, fetchAgent: agent }),
      // As its documentation advises; otherwise every message to a group asks who is in it.
      cachedGroupMetadata: async (jid) => groups.get(jid),
      // Elsewhere there is no history to wait for.
      shouldSyncHistoryMessage: () => history,
      options: { dispatcher },
    })
    socket.ev.on('creds.update', auth.saveCreds)
    socket.ev.on('messages.upsert', ({ messages }) => {
      for (const { key, message, messageStubType } of messages) {
        // A change of a name; its own event folds several into one.
        if (messageStubType === 21) onGroup()
        const text = message?.conversation ?? message?.extendedTextMessage?.text
        if (text && !key.fromMe) onText(text)
      }
    })
    socket.ev.on('messaging-history.set', ({ messages }) => messages.forEach(({ key }) => onHistory(key.id)))
    socket.ev.on('presence.update', ({ presences }) => Object.keys(presences).forEach(onPresence))
    socket.ws.on('CB:ack,class:message', ({ attrs }) => acknowledged.get(attrs.id)?.())
    return new Promise((resolve, reject) => {
      socket.ev.on('connection.update', ({ connection, qr, lastDisconnect }) => {
        if (qr) onQr(qr)
        if (connection === 'open') resolve('open')
        if (connection === 'close') {
          const code = lastDisconnect?.error?.output?.statusCode
          if (code === 515) resolve('restart')
          else reject(lastDisconnect?.error ?? new Error('closed'))
        }
      })
    })
  }

  return {
    async connect() {
      while ((await connectOnce()) === 'restart');
    },
    async send(to, text) {
      const messageId = `3EB0${(++sent).toString(16).toUpperCase().padStart(18, '0')}`
      if (to.endsWith('@g.us') && !groups.has(to)) groups.set(to, await socket.groupMetadata(to))
      const answered = new Promise((resolve) => acknowledged.set(messageId, resolve))
      await socket.sendMessage(to, { text }, { messageId })
      await answered
      acknowledged.delete(messageId)
    },
    allGroups: async () => Object.values(await socket.groupFetchAllParticipating()),
    // It asks for all in one request, and the emulator takes no more than 4,096.
    async exist(numbers) {
      let found = 0
      for (let at = 0; at < numbers.length; at += 500) {
        found += (await socket.onWhatsApp(...numbers.slice(at, at + 500))).filter(({ exists }) => exists).length
      }
      return found
    },
    async close() {
      socket.end(undefined)
      await dispatcher?.destroy()
      auth.save?.()
      // Its last writes are under way, and nothing says when they are done.
      await sleep(100)
    },
  }
}

let sent = Date.now() * 1000

/** Keys in memory, as for measuring what a socket itself takes; prekeys are on disk only. */
function memoryState(directory) {
  const file = (name) => path.join(directory, name)
  const read = (name, otherwise) => {
    try {
      return JSON.parse(readFileSync(file(name), 'utf8'), BufferJSON.reviver)
    } catch {
      return otherwise
    }
  }
  const write = (name, value) => writeFileSync(file(name), JSON.stringify(value, BufferJSON.replacer))
  mkdirSync(directory, { recursive: true })
  const creds = read('creds.json') ?? initAuthCreds()
  const rows = new Map(read('keys.json', []))
  const rowsOf = (type) => (type === 'pre-key' ? new Map(read('prekeys.json', [])) : rows)
  const keys = {
    get: async (type, ids) => {
      const source = rowsOf(type)
      return Object.fromEntries(ids.map((id) => [id, source.get(`${type}/${id}`)]).filter(([, value]) => value))
    },
    set: async (data) => {
      for (const [type, values] of Object.entries(data)) {
        const target = rowsOf(type)
        for (const [id, value] of Object.entries(values)) {
          if (value) target.set(`${type}/${id}`, value)
          else target.delete(`${type}/${id}`)
        }
        if (type === 'pre-key') write('prekeys.json', [...target])
      }
    },
  }
  const save = () => {
    write('creds.json', creds)
    write('keys.json', [...rows])
  }
  return { state: { creds, keys }, saveCreds: async () => write('creds.json', creds), save }
}
