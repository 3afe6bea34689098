// A program as whatsapp-web.js' users write it; it is only compiled.
import WAWebJS, { Client, LocalAuth, type Message, MessageAck } from 'chasqui/whatsapp-web.js'

const client: WAWebJS.Client = new Client({ authStrategy: new LocalAuth({ clientId: 'a', dataPath: 'b' }), puppeteer: { headless: true } })
client.on('qr', (qr) => console.log(qr.length))
client.on('message', async (message) => {
  const answer: Message = await message.reply('x')
  const id: string = answer.id._serialized
  console.log(id, message.body, message.from, message.author?.length)
})
client.on('message_ack', (message, ack) => console.log(message.id, ack === MessageAck.ACK_READ))
client.on('disconnected', (reason) => console.log(reason.length))
await client.initialize()
const sent = await client.sendMessage('15550100@c.us', 'hola', { sendSeen: false })
console.log(sent.timestamp, client.info?.wid.user, await client.getState())
await client.destroy()
