// The bot under test.
import { WhatsAppClient } from 'chasqui'

/** Answers `ping`. Options are those of WhatsAppClient. */
export function startBot(options) {
  const client = new WhatsAppClient(options)
  client.on('message', async (message) => {
    if (message.text === 'ping') await client.send(message, { text: 'pong' })
  })
  return client
}
