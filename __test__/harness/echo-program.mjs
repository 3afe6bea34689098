// A bot on the drop-in for Baileys, in a process that can be killed: it answers each text, and then writes down that it is done with it.

import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

import { makeWASocket, useChasquiAuthState, useMultiFileAuthState } from 'chasqui/baileys'

import { randomFrom } from './kills.mjs'

async function open(start) {
  const { auth, endpoint, journal, by, seed } = start
  const random = randomFrom(seed)
  const { state, saveCreds } = await (auth.store ? useChasquiAuthState(auth.store) : useMultiFileAuthState(auth.folder))
  const socket = makeWASocket({ auth: state, waWebSocketUrl: endpoint })

  async function take({ messages }) {
    for (const { key, message } of messages) {
      const text = message?.conversation ?? message?.extendedTextMessage?.text
      if (!text || key.fromMe) continue
      process.send({ begun: text })
      await pause(random() * 80)
      await socket.sendMessage(key.remoteJid, { text: `echo ${text}` })
      appendFileSync(journal, `${text}\n`)
    }
  }
  if (by === 'on') socket.ev.on('messages.upsert', take)
  else socket.ev.process((events) => events['messages.upsert'] && take(events['messages.upsert']))
  socket.ev.on('creds.update', saveCreds)
  socket.ev.on('connection.update', ({ connection, qr, lastDisconnect }) => {
    if (qr) process.send({ qr })
    if (connection === 'open') process.send({ state: 'open', jid: state.creds.me.id.replace(/:\d+@/, '@') })
    if (connection !== 'close') return
    const reason = lastDisconnect?.error?.cause
    if (reason?.code === 'SESSION_HELD') process.send({ state: 'closed', code: reason.code, holder: reason.data.holder })
    else void open(start)
  })
}

process.on('message', ({ start }) => void open(start))
process.on('disconnect', () => process.exit(1))
// A handler whose connection has gone: its message comes again.
process.on('unhandledRejection', () => undefined)
process.send({ state: 'ready' })
