// The bot under test.
const { WhatsAppClient } = require('chasqui')

/** Answers `ping`. Options are those of WhatsAppClient. */
exports.startBot = function startBot(options) {
  const client = new WhatsAppClient(options)
  client.on('message', async (message) => {
    if (message.text === 'ping') await client.send(message, { text: 'pong' })
  })
  return client
}
