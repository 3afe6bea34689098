// A WhatsApp bot in one file. `npm run demo` runs it against an emulator of the service on this machine;
// `npm run demo -- --live` against the real one: scan the code with your phone (Settings, Linked devices).

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WhatsAppClient } from 'chasqui'

const live = process.argv.includes('--live')
const log = (text) => console.log(`${new Date().toISOString().slice(11, 23)}  ${text}`)

// 1. The service. The emulator is for tests and demonstrations; the real one needs no endpoint at all.
const emulator = live ? undefined : await (await import('chasqui/testing')).startEmulator()
if (emulator) log(`The emulator listens on ${emulator.url}`)

// 2. The session lives in a file: on the next run it opens without a QR code.
const folder = live ? '.' : mkdtempSync(join(tmpdir(), 'chasqui-demo-'))
const client = new WhatsAppClient({
  session: 'demo',
  store: `sqlite:${join(folder, 'demo.db')}`,
  endpoint: emulator?.endpoint,
})

// 3. Pairing. A code is shown until a phone scans it; here the phone may be a virtual one.
client.on('qr', async (qr) => {
  console.log(qr.terminal)
  if (!emulator) return
  await emulator.scan(qr.text, { account: 'Tienda' })
  log('The virtual phone scanned the code')
})
client.on('connection', ({ state, reason }) => log(`Connection: ${state}${reason ? `, ${reason.message}` : ''}`))

// 4. The bot.
client.on('message', async (message) => {
  if (message.fromMe) return
  log(`${message.sender.name ?? message.chat} writes: ${message.text ?? `(${message.type})`}`)
  if (message.text !== 'ping') return
  const sent = await client.send(message, { text: 'pong' })
  log(`Answered; the server took it at ${new Date(sent.timestamp).toISOString()}`)
})
client.on('receipt', (receipt) => log(`The answer was ${receipt.status} (${receipt.recipient.jid})`))

await client.connect()
await client.opened()
log(`Open as ${client.user.jid}`)

// 5. Somebody writes.
if (emulator) {
  const maria = await emulator.contact('María')
  await maria.send(client.user.jid, { text: 'ping' })
  const answer = await maria.waitForMessage()
  log(`María reads: ${answer.text}`)
  const read = new Promise((resolve) => client.on('receipt', ({ status }) => status === 'read' && resolve()))
  await maria.read()
  await read
  await client.disconnect() // keeps the session; logout() would unlink it
  await emulator.stop()
  rmSync(folder, { recursive: true })
  log('Done')
} else {
  log('Write "ping" to this account from another one. Ctrl+C ends the demo and keeps the session.')
  process.once('SIGINT', () => client.disconnect())
}
