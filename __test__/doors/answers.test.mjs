// Votes and answers to events, which only somebody can read who has the message: `getMessage` of the program is asked for it.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

import { Log } from './fake-client.mjs'

const require = createRequire(import.meta.url)
const { WhatsAppClient } = require('../../dist/index.js')
const { startEmulator } = require('../../dist/testing.js')

/** What was opened last is closed first. */
function closing(t) {
  const all = []
  t.after(async () => {
    while (all.length > 0) await all.pop()()
  })
  return { after: (close) => all.push(close) }
}

/** A paired socket of `door` that keeps the messages it has seen. */
async function shop(t, door, emulator) {
  const folder = await mkdtemp(path.join(tmpdir(), 'chasqui-answers-'))
  t.after(async () => {
    it.over = true
    await it.sock?.end(undefined)
    await rm(folder, { recursive: true, force: true })
  })
  const log = new Log()
  const kept = new Map()
  const it = { log, kept, asked: [] }
  const start = async () => {
    const { state, saveCreds } = await door.useMultiFileAuthState(folder)
    const logger = { level: 'warn', trace() {}, debug() {}, info() {}, warn: (about, message) => log.add(['warn', message]), error() {}, child: () => logger }
    const getMessage = async (key) => {
      it.asked.push(key)
      if (it.broken) throw new Error('mine')
      return kept.get(key.id)
    }
    const sock = (it.sock = door.default({ auth: state, waWebSocketUrl: emulator.endpoint, getMessage, logger }))
    sock.ev.on('creds.update', saveCreds)
    sock.ev.on('connection.update', ({ connection, qr, lastDisconnect }) => {
      if (qr) void emulator.scan(qr, { account: 'Tienda' })
      if (connection === 'close' && lastDisconnect.error && !it.over) void start()
    })
    sock.ev.process((events) => {
      for (const { key, message } of events['messages.upsert']?.messages ?? []) if (message && !kept.has(key.id)) kept.set(key.id, message)
      for (const entry of Object.entries(events)) log.add(entry)
    })
  }
  await start()
  await log.until(([name, { connection }]) => name === 'connection.update' && connection === 'open')
  return it
}

async function friend(t, emulator) {
  const client = new WhatsAppClient({ session: 'ana', store: 'memory:', endpoint: emulator.endpoint })
  t.after(() => client.disconnect())
  const log = new Log()
  client.on('message', log.add)
  client.once('qr', (qr) => emulator.scan(qr.text, { account: 'Ana' }))
  await client.connect()
  await client.opened()
  return { client, log }
}

const told = (field, from) => ({ entries }) => entries.slice(from).flatMap(([name, updates]) => (name === 'messages.update' ? updates.filter(({ update }) => update[field]) : []))[0]

async function next(log, field, from) {
  await log.until(([name, updates]) => name === 'messages.update' && updates.some(({ update }) => update[field]), from)
  return told(field, from)(log)
}

for (const name of ['baileys', 'baileys/legacy']) {
  test(`a vote is opened where getMessage knows the poll: chasqui/${name}`, async (test) => {
    const t = closing(test)
    const emulator = await startEmulator()
    t.after(() => emulator.stop())
    const door = require(`../../dist/${name}/index.js`)
    const it = await shop(t, door, emulator)
    const { client, log } = await friend(t, emulator)
    const { jid } = client.user
    const group = await it.sock.groupCreate('Cine', [jid])
    for (const chat of [jid, group.id]) {
      const poll = await it.sock.sendMessage(chat, { poll: { name: 'Which?', values: ['tea', 'coffee'], selectableCount: 1 } })
      const received = await log.until(({ id }) => id === poll.key.id)
      const from = it.log.entries.length
      await client.vote(received, ['coffee'])
      const { key, update } = await next(it.log, 'pollUpdates', from)
      assert.equal(key.id, poll.key.id)
      assert.equal(key.fromMe, true)
      const [{ pollUpdateMessageKey, vote, senderTimestampMs }] = update.pollUpdates
      assert.equal(pollUpdateMessageKey.fromMe, false)
      assert.ok(Math.abs(senderTimestampMs - Date.now()) < 60_000)
      assert.equal(vote.selectedOptions.length, 1)
      const votes = door.getAggregateVotesInPollMessage({ message: poll.message, pollUpdates: update.pollUpdates })
      assert.deepEqual(votes.map((option) => [option.name, option.voters.length]), [['tea', 0], ['coffee', 1]])
    }

    // A poll of hers, in which she votes herself.
    for (const chat of [it.sock.user.id.replace(/:\d+/, ''), group.id]) {
      const hers = await client.send(chat, { poll: { question: 'When?', options: ['now', 'later'] } })
      await it.log.until(([event, payload]) => event === 'messages.upsert' && payload.messages.some(({ key }) => key.id === hers.id))
      const from = it.log.entries.length
      await client.vote({ id: hers.id, chat, fromMe: true }, ['now'])
      const { key, update } = await next(it.log, 'pollUpdates', from)
      assert.equal(key.id, hers.id)
      assert.equal(key.fromMe, false)
      const votes = door.getAggregateVotesInPollMessage({ message: it.kept.get(hers.id), pollUpdates: update.pollUpdates })
      assert.deepEqual(votes.map((option) => [option.name, option.voters.length]), [['now', 1], ['later', 0]])
    }

    // A program whose `getMessage` knows nothing, or fails, is told of the vote as of any message.
    const mine = await it.sock.sendMessage(jid, { poll: { name: 'Who?', values: ['you', 'me'] } })
    const poll = await log.until(({ id }) => id === mine.key.id)
    // It is kept once it is told, too.
    await it.log.until(([event, payload]) => event === 'messages.upsert' && payload.messages.some(({ key }) => key.id === mine.key.id))
    for (const broken of [false, true]) {
      it.kept.delete(mine.key.id)
      it.broken = broken
      const from = it.log.entries.length
      await client.vote(poll, [broken ? 'me' : 'you'])
      await it.log.until(([event, payload]) => event === 'messages.upsert' && payload.messages.some(({ message }) => message?.pollUpdateMessage), from)
      await client.send(it.sock.user.id.replace(/:\d+/, ''), { text: `after ${broken}` })
      await it.log.until(([event, payload]) => event === 'messages.upsert' && payload.messages.some(({ message }) => (message?.conversation ?? message?.extendedTextMessage?.text) === `after ${broken}`), from)
      assert.equal(told('pollUpdates', from)(it.log), undefined)
      assert.equal(it.log.entries.slice(from).some(([event, text]) => event === 'warn' && text === 'getMessage has failed'), broken)
    }
  })
}

test('an answer to an event is opened too', async (test) => {
  const t = closing(test)
  const emulator = await startEmulator()
  t.after(() => emulator.stop())
  const it = await shop(t, require('../../dist/baileys/index.js'), emulator)
  const { client, log } = await friend(t, emulator)
  const group = await it.sock.groupCreate('Cine', [client.user.jid])
  for (const chat of [client.user.jid, group.id]) {
    const event = await it.sock.sendMessage(chat, { event: { name: 'Cine', startDate: new Date(Date.now() + 86_400_000) } })
    const received = await log.until(({ id }) => id === event.key.id)
    const from = it.log.entries.length
    await client.attend(received, 'going')
    const { key, update } = await next(it.log, 'eventResponses', from)
    assert.equal(key.id, event.key.id)
    assert.equal(update.eventResponses[0].response.response, 1)
  }
})
