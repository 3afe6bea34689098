// The measured process of the suite "media-memory": a client that sends and takes a long file.

import { WhatsAppClient } from 'chasqui'

const client = new WhatsAppClient({ session: 'Ana', store: 'memory:', endpoint: JSON.parse(process.env.ENDPOINT) })
client.once('qr', (qr) => process.send({ qr: qr.text }))
await client.connect()
await client.opened()

process.on('message', async ({ to, file, raw, target }) => {
  global.gc?.()
  const idle = process.memoryUsage.rss()
  let most = idle
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5)
  const before = performance.now()
  if (to) await client.send(to, { document: file })
  else await client.download(Buffer.from(raw, 'base64'), { path: target })
  clearInterval(timer)
  process.send({ memory: (most - idle) / 2 ** 20, seconds: (performance.now() - before) / 1000 })
})
process.send('open')
