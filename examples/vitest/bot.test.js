import { startEmulator } from 'chasqui/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startBot } from './bot.js'

let emulator
let bot
beforeAll(async () => {
  emulator = await startEmulator()
  bot = startBot({ session: 'bot', store: 'memory:', endpoint: emulator.endpoint })
  bot.once('qr', ({ text }) => emulator.scan(text, { account: 'Bot' }))
  await bot.connect()
  await bot.opened()
})
afterAll(async () => {
  await bot.disconnect()
  await emulator.stop()
})

test('the bot answers ping', async () => {
  const maria = await emulator.contact('María')
  await maria.send('Bot', { text: 'ping' })
  const answer = await maria.waitForMessage()
  expect(answer.text).toBe('pong')
})

test('the bot leaves everything else unanswered', async () => {
  const maria = await emulator.contact('María')
  await maria.send('Bot', { text: 'hello' })
  await maria.send('Bot', { text: 'ping' })
  const answer = await maria.waitForMessage()
  expect(answer.text).toBe('pong')
  const sent = await emulator.stanzas({ account: 'Bot', direction: 'out', tag: 'message' })
  expect(sent).toHaveLength(2)
})
