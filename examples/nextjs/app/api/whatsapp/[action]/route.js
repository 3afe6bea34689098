// A route as it is written for Baileys. The one line that changed is the import.
import makeWASocket, { DisconnectReason, useMultiFileAuthState } from 'chasqui/baileys'

export const runtime = 'nodejs'
export const dynamic = 'force-dynamic'

// One session for all requests, also when the development server loads this file again.
const session = (globalThis.whatsapp ??= { sock: null, status: 'disconnected', qr: null, received: [] })

async function connect() {
  const { state, saveCreds } = await useMultiFileAuthState(process.env.WHATSAPP_FOLDER ?? 'auth_info_baileys')
  const sock = makeWASocket({ auth: state, browser: ['Ubuntu', 'Chrome', '22.04.4'] })
  session.sock = sock
  sock.ev.on('creds.update', saveCreds)
  sock.ev.on('connection.update', ({ connection, lastDisconnect, qr }) => {
    if (qr) Object.assign(session, { status: 'qr', qr })
    if (connection) Object.assign(session, { status: connection, qr: null })
    if (connection !== 'close' || session.sock !== sock) return
    session.sock = null
    // After the scan WhatsApp asks for a new connection (restartRequired), and lines drop now and then.
    if (lastDisconnect?.error?.output?.statusCode !== DisconnectReason.loggedOut) connect()
  })
  sock.ev.on('messages.upsert', async ({ messages, type }) => {
    if (type !== 'notify') return
    for (const { key, message } of messages) {
      const text = message?.conversation ?? message?.extendedTextMessage?.text
      if (key.fromMe || !text) continue
      session.received = [...session.received.slice(-99), { from: key.remoteJid, text }]
      if (text === '!ping') await sock.sendMessage(key.remoteJid, { text: 'pong' })
    }
  })
}

const actions = {
  async connect() {
    if (!session.sock) await connect()
    return Response.json({ status: session.status })
  },
  async send(request) {
    const { number, text } = await request.json()
    if (session.status !== 'open') return Response.json({ error: 'not connected' }, { status: 409 })
    try {
      const sent = await session.sock.sendMessage(`${number}@s.whatsapp.net`, { text })
      return Response.json({ id: sent.key.id })
    } catch (error) {
      return Response.json({ error: error.message }, { status: 400 })
    }
  },
  async disconnect() {
    const { sock } = session
    session.sock = null
    await sock?.end(undefined)
    Object.assign(session, { status: 'disconnected', qr: null })
    return Response.json({ status: session.status })
  },
}

export async function GET(request, { params }) {
  const { action } = await params
  if (action !== 'status') return Response.json({ error: 'not found' }, { status: 404 })
  const { status, qr, received, sock } = session
  return Response.json({ status, qr, received, user: sock?.user?.id })
}

export async function POST(request, { params }) {
  const { action } = await params
  return actions[action]?.(request) ?? Response.json({ error: 'not found' }, { status: 404 })
}
