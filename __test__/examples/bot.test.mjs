// A bot that is written for Baileys runs on npm Baileys and on the door, and people get the same from both.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { proto } from 'baileys'

import { slower, waitFor } from '../harness/emulator.mjs'

const { startEmulator } = createRequire(import.meta.url)('../../dist/testing.js')
const PRELOAD = new URL('at-emulator.mjs', import.meta.url).href
const BOT = fileURLToPath(new URL('../../examples/baileys-bot/bot.js', import.meta.url))
/** What the bot imports: the example is a package of its own, and would have the door installed. */
const LIBRARIES = {
  baileys: 'baileys',
  'chasqui/baileys': new URL('../../dist/baileys/index.mjs', import.meta.url).href,
  'baileys-6': 'baileys-6',
  'chasqui/baileys/legacy': new URL('../../dist/baileys/legacy/index.mjs', import.meta.url).href,
}
/** What the bot says of itself; npm Baileys prints more, whole sessions among it. */
const STATES = /^(connecting|open|close|logged out|error .*)$/
/** How many commands it is given. */
const COMMANDS = 8
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64')

/** The bot in a process of its own; `lines` is what it printed. */
async function run(library, emulator, folder) {
  // Uploads go to hosts with the emulator's certificate.
  const ca = path.join(folder, 'ca.pem')
  await writeFile(ca, emulator.ca)
  const env = { ...process.env, WHATSAPP_LIBRARY: LIBRARIES[library], WHATSAPP_FOLDER: path.join(folder, 'session'), NODE_EXTRA_CA_CERTS: ca, CHASQUI_ENDPOINT: JSON.stringify(emulator.endpoint) }
  const child = spawn(process.execPath, ['--import', PRELOAD, BOT], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const it = { lines: [], errors: '', ended: new Promise((resolve) => child.on('close', resolve)) }
  child.stdout.setEncoding('utf8').on('data', (text) => it.lines.push(...text.split('\n').filter(Boolean)))
  child.stderr.setEncoding('utf8').on('data', (text) => (it.errors += text))
  it.count = (line) => it.lines.filter((one) => one === line).length
  it.stop = async () => {
    child.kill()
    await it.ended
  }
  return it
}

/** Everything that people get from the bot. */
async function converse(library) {
  const emulator = await startEmulator()
  const six = library === 'baileys-6' || library.endsWith('/legacy')
  if (six) {
    // In the time of Baileys 6 people went by their numbers; it cannot read the answer of somebody who goes by LID.
    await emulator.faults.add({ what: 'otherAddress' })
    await slower(emulator)
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'chasqui-bot-'))
  const bot = await run(library, emulator, folder)
  const transcript = []
  /**
   * npm Baileys 6 keeps the own message until the next stanza comes, and what comes with that counts as old, too: bots do not answer it. So
   * something comes between that means nothing: several times, since a message is told only after its session was written to the disk.
   */
  const between = async () => {
    if (library !== 'baileys-6') return
    const confirmed = async () => (await emulator.stanzas({ account: 'Tienda', direction: 'out', tag: 'ack' })).filter(({ stanza }) => stanza.attrs.type === 'nothing').length
    for (let times = 0; times < 15; times++) {
      const before = await confirmed()
      await emulator.inject({ account: 'Tienda', notification: { type: 'nothing', child: { tag: 'nothing', attrs: {} } } })
      await waitFor(async () => (await confirmed()) > before, 'the bot to take a stanza')
    }
  }
  try {
    const qr = await waitFor(() => bot.lines.find((line) => line.startsWith('QR ')), 'the QR code', 30_000)
    await emulator.scan(qr.slice(3), { account: 'Tienda' })
    await waitFor(() => bot.count('open') === 1, 'the bot to be open', 30_000)
    const [maria, pedro] = [await emulator.contact('María'), await emulator.contact('Pedro')]
    const gets = async (person, name = person.name) => {
      const { raw, chat, from } = await person.waitForMessage(undefined, { timeout: 30_000 })
      const message = proto.Message.decode(raw())
      const { quotedMessage, mentionedJid } = message.extendedTextMessage?.contextInfo ?? {}
      transcript.push({
        to: name, from, group: chat.endsWith('@g.us'), text: message.conversation || message.extendedTextMessage?.text,
        ...(quotedMessage ? { quoted: quotedMessage.conversation ?? quotedMessage.extendedTextMessage?.text } : {}),
        ...(mentionedJid?.length > 0 ? { mentioned: mentionedJid } : {}),
        ...(message.reactionMessage ? { reaction: message.reactionMessage.text, id: message.reactionMessage.key.id } : {}),
      })
      return message
    }
    const says = async (text, id) => {
      await between()
      await maria.send('Tienda', { text }, { id })
    }

    await says('hola', 'SAID1')
    await gets(maria)
    for (const command of ['/ayuda', '/catalogo', '/pedido', '/nada']) {
      await says(command, `SAID-${command}`)
      await gets(maria)
    }
    for (const order of ['/pedido 2 3', '/pedido 1']) {
      await says(order, `SAID-${order}`)
      await gets(maria)
      await gets(maria)
    }
    const media = await emulator.media.put('image', PIXEL)
    const image = { ...media, mimetype: 'image/png', caption: 'una foto' }
    await between()
    await maria.send('Tienda', { raw: proto.Message.encode({ imageMessage: image }).finish() }, { id: 'SAID-IMAGE' })
    const { imageMessage } = await gets(maria)
    assert.deepEqual(Buffer.from(await emulator.media.get(imageMessage.directPath, { mediaKey: imageMessage.mediaKey, kind: 'image' })), PIXEL)
    transcript.push({ mimetype: imageMessage.mimetype, caption: imageMessage.caption })

    const group = await emulator.group({ subject: 'Clientes', members: ['María', 'Tienda'] })
    await between()
    await maria.send(group, { text: '/catalogo' }, { id: 'SAID-GROUP' })
    await gets(maria)
    await between()
    await group.change({ add: [pedro.name] })
    await gets(maria)

    // npm Baileys 6 does not survive what follows: it leaves a rejection unhandled, or answers again what it has answered.
    if (six) return { transcript, states: bot.lines.filter((line) => STATES.test(line)) }

    await emulator.disconnect({ account: 'Tienda' })
    await waitFor(() => bot.count('open') === 2, 'the bot to be open again', 30_000)
    await says('/ayuda', 'SAID-AGAIN')
    await gets(maria)
    // It stops typing after each answer: then nothing of it is under way any more.
    const typing = async () => (await emulator.stanzas({ account: 'Tienda', direction: 'out', tag: 'chatstate' })).length
    await waitFor(async () => (await typing()) === 2 * COMMANDS, 'the bot to stop typing', 30_000)
    await emulator.unlink('Tienda')
    await waitFor(() => bot.count('logged out') === 1, 'the bot to be logged out', 30_000)
    return { transcript, states: bot.lines.filter((line) => STATES.test(line)) }
  } catch (error) {
    error.message = `${library}: ${error.message}\n${bot.lines.join('\n').slice(-2000)}\n${bot.errors.slice(-2000)}\n${JSON.stringify(transcript, null, 1).slice(-3000)}`
    throw error
  } finally {
    await bot.stop()
    await emulator.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

for (const [theirs, ours] of [['baileys', 'chasqui/baileys'], ['baileys-6', 'chasqui/baileys/legacy']]) {
  test(`the bot does the same on npm ${theirs} and on ${ours}`, async () => {
    const [expected, got] = [await converse(theirs), await converse(ours)]
    assert.deepEqual(got.transcript, expected.transcript)
    assert.deepEqual(got.states, expected.states)
    // So that two empty conversations are none.
    assert.ok(expected.transcript.length > 10)
  })
}
