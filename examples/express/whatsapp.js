// Routes as they are written for whatsapp-web.js. The one line that changed is the first.
const { Client, LocalAuth } = require('chasqui/whatsapp-web.js')
const { Router } = require('express')

const router = Router()
let client = null
let state = { status: 'disconnected', qr: null }
let received = []

function connect() {
  client = new Client({
    authStrategy: new LocalAuth({ clientId: 'example', dataPath: process.env.WHATSAPP_DATA }),
    puppeteer: { headless: true, args: ['--no-sandbox'] },
  })
  client.on('qr', (qr) => (state = { status: 'qr', qr }))
  client.on('authenticated', () => (state = { status: 'authenticated', qr: null }))
  client.on('ready', () => (state = { status: 'ready', qr: null }))
  client.on('auth_failure', () => (state = { status: 'auth_failure', qr: null }))
  client.on('disconnected', () => (state = { status: 'disconnected', qr: null }))
  client.on('message', async (message) => {
    received = [...received.slice(-99), { from: message.from, body: message.body }]
    if (message.body === '!ping') await message.reply('pong')
  })
  return client.initialize()
}

router.post('/connect', async (req, res) => {
  if (!client) await connect()
  res.json(state)
})

router.get('/status', (req, res) => {
  res.json({ ...state, number: client?.info?.wid.user, received })
})

router.post('/send', async (req, res) => {
  if (state.status !== 'ready') return res.status(409).json({ error: 'not connected' })
  const { number, message } = req.body
  try {
    const sent = await client.sendMessage(`${number}@c.us`, message)
    res.json({ id: sent.id._serialized, timestamp: sent.timestamp })
  } catch (error) {
    res.status(400).json({ error: error.message })
  }
})

router.post('/disconnect', async (req, res) => {
  await client?.destroy()
  client = null
  state = { status: 'disconnected', qr: null }
  res.json(state)
})

module.exports = router
