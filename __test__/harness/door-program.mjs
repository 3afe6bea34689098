// A program on the drop-in for Baileys, in a process that can be killed.

import { makeWASocket, useMultiFileAuthState } from 'chasqui/baileys'

async function open({ folder, endpoint }) {
  const { state, saveCreds } = await useMultiFileAuthState(folder)
  const socket = makeWASocket({ auth: state, waWebSocketUrl: endpoint })
  socket.ev.on('creds.update', saveCreds)
  socket.ev.on('messages.upsert', ({ messages }) => {
    for (const { message, key } of messages) {
      const text = message?.conversation ?? message?.extendedTextMessage?.text
      if (text && !key.fromMe) process.send({ text })
    }
  })
  socket.ev.on('connection.update', ({ connection, qr, lastDisconnect }) => {
    if (qr) process.send({ qr })
    if (connection === 'open') process.send({ state: 'open', jid: state.creds.me.id.replace(/:\d+@/, '@') })
    if (connection !== 'close') return
    const reason = lastDisconnect.error.cause
    if (reason?.code === 'SESSION_HELD') process.send({ state: 'closed', code: reason.code, holder: reason.data.holder })
    else void open({ folder, endpoint })
  })
}

process.on('message', ({ start }) => void open(start))
process.on('disconnect', () => process.exit(1))
process.send({ state: 'ready' })
