// The stanzas of Chasqui beside those of npm Baileys, for the same things done: every difference is in docs/wire-parity.md.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { proto } from 'baileys'

import { png } from '../harness/pictures.mjs'
import { assertDocumented, differences, fields, forms } from './parity.mjs'
import { DELIVERED, READ, stage, waitFor } from './sides.mjs'

const DOCUMENT = new URL('../../docs/wire-parity.md', import.meta.url)

/** Files that both may send: neither finds more in them than the other, whether or not there is ffmpeg. */
const PICTURE = png(60, 40)
const FILM = Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'), Buffer.alloc(3000, 1)])
const NOTE = Buffer.concat([Buffer.from('OggS\0\x02'), Buffer.alloc(20), Buffer.from('\x01\x13OpusHead\x01\x01'), Buffer.alloc(3000, 2)])
const SOUND = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), Buffer.alloc(3000, 3)])
const STICKER = Buffer.from('RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0', 'latin1')
const WHEN = 1_900_000_000_000
const VCARD = 'BEGIN:VCARD\nVERSION:3.0\nFN:Bo\nEND:VCARD'

/** What is done in a chat: with `theirs`, a message there, with the own one `mine`, and with a poll. Each gives the id. */
const ACTS = {
  chasqui: {
    quote: ({ client }, { to, theirs, person }) => client.send(to, { text: 'yes', quote: theirs, mentions: [person] }),
    reaction: ({ client }, { theirs }) => client.react(theirs, '👍'),
    'reaction taken back': ({ client }, { theirs }) => client.react(theirs, ''),
    edit: ({ client }, { to, mine }) => client.edit({ id: mine, chat: to, fromMe: true }, { text: 'better' }),
    pin: ({ client }, { theirs }) => client.pin(theirs, { days: 7 }),
    poll: ({ client }, { to }) => client.send(to, { poll: { question: '?', options: ['A', 'B'] } }),
    vote: ({ client }, { poll }) => client.vote(poll, ['A']),
    forward: ({ client }, { to, theirs }) => client.forward(to, theirs),
    'view once': ({ client }, { to }) => client.send(to, { text: 'look', viewOnce: true }),
    timer: ({ client }, { to }) => client.send(to, { ephemeral: 604_800 }),
    image: ({ client }, { to }) => client.send(to, { image: PICTURE, caption: 'look' }),
    video: ({ client }, { to }) => client.send(to, { video: FILM, seconds: 3 }),
    gif: ({ client }, { to }) => client.send(to, { gif: FILM, seconds: 3 }),
    'video note': ({ client }, { to }) => client.send(to, { note: FILM, seconds: 3 }),
    audio: ({ client }, { to }) => client.send(to, { audio: SOUND, seconds: 3 }),
    voice: ({ client }, { to }) => client.send(to, { voice: NOTE, seconds: 3, waveform: Buffer.alloc(64, 9) }),
    document: ({ client }, { to }) => client.send(to, { document: SOUND, fileName: 'a', mimetype: 'audio/mpeg' }),
    sticker: ({ client }, { to }) => client.send(to, { sticker: STICKER }),
    'image to be looked at once': ({ client }, { to }) => client.send(to, { image: PICTURE, viewOnce: true }),
    contact: ({ client }, { to }) => client.send(to, { contact: { name: 'Bo', vcard: VCARD } }),
    contacts: ({ client }, { to }) => client.send(to, { contact: [{ name: 'Bo', vcard: VCARD }, { name: 'Bo', vcard: VCARD }] }),
    location: ({ client }, { to }) => client.send(to, { location: { latitude: 4.5, longitude: -74.5, name: 'Plaza' } }),
    event: ({ client }, { to }) => client.send(to, { event: { name: 'Party', startsAt: WHEN, guests: true } }),
    album: ({ client }, { to }) => client.send(to, { album: [{ image: PICTURE }, { image: PICTURE }] }),
    'part of an album': async ({ client }, { to }) => (await client.send(to, { album: [{ image: PICTURE }, { image: PICTURE }] })).parts[0],
    revoke: ({ client }, { to, mine }) => client.delete({ id: mine, chat: to, fromMe: true }),
  },
  baileys: {
    ...Object.fromEntries(
      Object.entries({
        quote: ({ theirs, person }) => [{ text: 'yes', mentions: [person] }, { quoted: theirs }],
        reaction: ({ theirs }) => [{ react: { text: '👍', key: theirs.key } }],
        'reaction taken back': ({ theirs }) => [{ react: { text: '', key: theirs.key } }],
        edit: ({ to, mine }) => [{ text: 'better', edit: { id: mine, remoteJid: to, fromMe: true } }],
        pin: ({ theirs }) => [{ pin: theirs.key, type: 1, time: 604_800 }],
        poll: () => [{ poll: { name: '?', values: ['A', 'B'], selectableCount: 1 } }],
        forward: ({ theirs }) => [{ forward: theirs }],
        'view once': () => [{ text: 'look', viewOnce: true }],
        timer: () => [{ disappearingMessagesInChat: 604_800 }],
        image: () => [{ image: PICTURE, caption: 'look', mimetype: 'image/png' }],
        video: () => [{ video: FILM, seconds: 3 }],
        gif: () => [{ video: FILM, gifPlayback: true, seconds: 3 }],
        'video note': () => [{ video: FILM, ptv: true, seconds: 3 }],
        audio: () => [{ audio: SOUND, seconds: 3, mimetype: 'audio/mpeg' }],
        voice: () => [{ audio: NOTE, ptt: true, seconds: 3, waveform: Buffer.alloc(64, 9) }],
        document: () => [{ document: SOUND, fileName: 'a', mimetype: 'audio/mpeg' }],
        sticker: () => [{ sticker: STICKER }],
        'image to be looked at once': () => [{ image: PICTURE, viewOnce: true, mimetype: 'image/png' }],
        contact: () => [{ contacts: { displayName: 'Bo', contacts: [{ displayName: 'Bo', vcard: VCARD }] } }],
        contacts: () => [{ contacts: { displayName: '2 contacts', contacts: [{ displayName: 'Bo', vcard: VCARD }, { displayName: 'Bo', vcard: VCARD }] } }],
        location: () => [{ location: { degreesLatitude: 4.5, degreesLongitude: -74.5, name: 'Plaza' } }],
        event: () => [{ event: { name: 'Party', startDate: new Date(WHEN), extraGuestsAllowed: true } }],
        revoke: ({ to, mine }) => [{ delete: { id: mine, remoteJid: to, fromMe: true } }],
      }).map(([name, act]) => [name, async ({ socket }, chat) => (await socket.sendMessage(chat.to, ...act(chat))).key]),
    ),
    album: async ({ socket }, { to }) => {
      const { key } = await socket.sendMessage(to, { album: { expectedImageCount: 2, expectedVideoCount: 0 } })
      for (let n = 0; n < 2; n++) await socket.sendMessage(to, { image: PICTURE, mimetype: 'image/png', albumParentKey: key })
      return key
    },
    'part of an album': async ({ socket }, { to }) => {
      const parent = await socket.sendMessage(to, { album: { expectedImageCount: 2, expectedVideoCount: 0 } })
      const part = () => socket.sendMessage(to, { image: PICTURE, mimetype: 'image/png', albumParentKey: parent.key })
      const [first] = [await part(), await part()]
      return first.key
    },
    // It has no call for votes: this is its stanza for a vote that somebody else made.
    vote: async ({ socket }, { to, poll }) => {
      const vote = { encPayload: Buffer.alloc(60), encIv: Buffer.alloc(12) }
      const message = { pollUpdateMessage: { pollCreationMessageKey: poll.key, vote, senderTimestampMs: Date.now() } }
      return { id: await socket.relayMessage(to, message, {}) }
    },
  },
}

const POLL = proto.Message.encode({
  pollCreationMessageV3: { name: '?', options: [{ optionName: 'A' }, { optionName: 'B' }], selectableOptionsCount: 1 },
  messageContextInfo: { messageSecret: Buffer.alloc(32, 7) },
}).finish()

/** Does with a client what is compared, and gives the stanzas that it sent. */
async function capture(t, kind) {
  const here = await stage(t)
  const { emulator } = here
  const side = await here[kind]('Ana', kind === 'chasqui' ? { pushName: 'Ana' } : {})
  const sent = (filter) => emulator.stanzas({ account: 'Ana', device: 1, direction: 'out', ...filter })
  const until = (what, filter, count = 1) => waitFor(async () => (await sent(filter)).length >= count, what)
  await until('the greeting of the phone', { tag: 'receipt', type: 'hist_sync' })
  const [maria, ben] = [await emulator.contact('María'), await emulator.contact('Ben')]
  const protobufs = {}
  /** Everything that is done in a chat, as María sees it. */
  const actIn = async (to, theirs, mine, prefix = '') => {
    const { id } = await maria.send(to === maria.lid ? 'Ana' : to, { raw: POLL })
    const poll = await side.showed(id)
    for (const [name, act] of Object.entries(ACTS[kind])) {
      // A group's timer is a setting, and no message.
      if (name === 'timer' && to !== maria.lid) continue
      const done = await act(side, { to, theirs: theirs.original, mine, poll, person: maria.lid })
      const seen = await maria.waitForMessage((message) => message.id === done.id)
      // Baileys' vote is none of its own.
      if (name !== 'vote') protobufs[`${prefix}${name} protobuf`] = seen.raw()
    }
  }

  // A message comes, is delivered and read, and answered.
  await maria.send('Ana', { text: 'hola' })
  await maria.waitForReceipt(({ receipt }) => receipt === 'delivery')
  await side.read(await side.got('hola'))
  await maria.waitForReceipt(({ receipt }) => receipt === 'read')
  // Baileys begins a new session with its first answer.
  await side.send(maria.lid, 'first')
  await maria.waitForMessage(({ text }) => text === 'first')
  await maria.send('Ana', { text: 'and?' })
  await side.got('and?')
  const id = await side.send(maria.lid, 'text')
  const message = await maria.waitForMessage(({ text }) => text === 'text')
  assert.equal(message.encryption, 'msg')
  protobufs['text protobuf'] = message.raw()
  await side.reaches(id, DELIVERED)
  await maria.read()
  await side.reaches(id, READ)
  await until('the ack of the read receipt', { tag: 'ack', type: 'read' })
  // What comes is played, and comes to a device in the background.
  await side.played(await side.got('and?'))
  await maria.waitForReceipt(({ receipt }) => receipt === 'played')
  await side.there(false)
  await maria.send('Ana', { text: 'quietly' })
  await maria.waitForReceipt(({ receipt }) => receipt === 'inactive')
  await side.there(true)
  await actIn(maria.lid, await side.got('and?'), id)
  // The first message to somebody.
  await side.send(ben.lid, 'hello')
  assert.equal((await ben.waitForMessage()).encryption, 'pkmsg')
  // Somebody cannot decrypt.
  await maria.forgetSessions()
  await side.send(maria.lid, 'again?')
  await maria.waitForMessage(({ text }) => text === 'again?')
  // What comes cannot be decrypted, twice.
  const broken = {
    tag: 'message',
    attrs: { id: '3EB0AAAAAAAAAAAAAAAAAA', from: ben.lid, sender_pn: ben.jid, addressing_mode: 'lid', type: 'text', t: `${Math.floor(Date.now() / 1000)}`, notify: 'Ben' },
    content: [{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: { base64: Buffer.alloc(64, 0x33).toString('base64') } }],
  }
  for (const count of [1, 2]) {
    await emulator.inject({ account: 'Ana', stanza: broken })
    await until('the retry receipts', { tag: 'receipt', type: 'retry' }, count)
  }
  await inGroup({ here, side, until, actIn, protobufs, maria, ben })
  // Notifications; one of them says that the keys run low.
  const server = '@s.whatsapp.net'
  await emulator.inject({ account: 'Ana', device: 1, stanza: { tag: 'notification', attrs: { id: '901', from: maria.jid, type: 'picture', t: '1700000000' }, content: [{ tag: 'delete', attrs: {} }] } })
  await until('the ack of the notification', { tag: 'ack', id: '901' })
  const uploads = (await sent({ tag: 'iq', xmlns: 'encrypt', child: 'list' })).length
  await emulator.inject({ account: 'Ana', device: 1, stanza: { tag: 'notification', attrs: { id: '902', from: server, type: 'encrypt', t: '1700000000' }, content: [{ tag: 'count', attrs: { value: '3' } }] } })
  await until('the refill', { tag: 'iq', xmlns: 'encrypt', child: 'list' }, uploads + 1)
  await until('the ack of the notification', { tag: 'ack', id: '902' })
  // Another device of the account is linked. Baileys takes it in with the second login.
  const other = await here.baileys('Ana', { session: 'Ana 2' })
  await until('the news of the device', { tag: 'ack', type: 'account_sync' })
  const before = (await sent({})).at(-1).sequence
  await side.stop()
  await side.start()
  await until('the second login', { tag: 'presence', type: 'available', after: before })
  await withCompanion({ here, side, other, until, protobufs, maria })
  await side.logout()
  await until('the logout', { tag: 'iq', child: 'remove-companion-device' })
  const stanzas = [...(await sent({ forms: true })), ...(await pairedByCode(here, kind))].map(({ stanza }) => stanza)
  const found = forms(stanzas)
  for (const [name, bytes] of Object.entries(protobufs)) found.set(name, new Map(fields(proto.Message.decode(bytes))))
  return found
}

/** The same in a group, with a virtual phone and a companion of somebody else's in it. */
async function inGroup({ here, side, until, actIn, protobufs, maria, ben }) {
  const luis = await here.baileys('Luis')
  const group = await here.emulator.group({ subject: 'Paseo', members: ['María', 'Luis', 'Ben', 'Ana'] })
  await until('the news of the group', { tag: 'ack', type: 'w:gp2' })
  const toAll = async (text) => {
    const id = await side.send(group.jid, text)
    const message = await maria.waitForMessage((message) => message.id === id)
    assert.equal(message.text, text)
    await luis.got(text)
    return message
  }
  // The first message brings the keys, the next one does not.
  await toAll('to all')
  const mine = await toAll('to all again')
  protobufs['group text protobuf'] = mine.raw()
  // One comes and is read.
  await maria.send(group.jid, { text: 'in the group' })
  await side.read(await side.got('in the group'))
  await until('the read receipt in the group', { tag: 'receipt', type: 'read' }, 2)
  await side.played(await side.got('in the group'))
  await until('the receipt of playing in the group', { tag: 'receipt', type: 'played' }, 2)
  await side.there(false)
  await maria.send(group.jid, { text: 'quietly in the group' })
  await until('the receipt from the background', { tag: 'receipt', type: 'inactive' }, 2)
  await side.there(true)
  await luis.send(group.jid, 'from a companion')
  await side.got('from a companion')
  await actIn(group.jid, await side.got('in the group'), mine.id, 'group ')
  // One is asked for, twice: nobody has given its key.
  const key = Buffer.concat([Buffer.from('33080110001a10', 'hex'), Buffer.alloc(80, 1)])
  const lost = {
    tag: 'message',
    attrs: { id: '3EB0BBBBBBBBBBBBBBBBBB', from: group.jid, participant: ben.lid, participant_pn: ben.jid, addressing_mode: 'lid', type: 'text', t: `${Math.floor(Date.now() / 1000)}`, notify: 'Ben' },
    content: [{ tag: 'enc', attrs: { v: '2', type: 'skmsg' }, content: { base64: key.toString('base64') } }],
  }
  for (const count of [3, 4]) {
    await here.emulator.inject({ account: 'Ana', stanza: lost })
    await until('the retry receipts in the group', { tag: 'receipt', type: 'retry' }, count)
  }
  // What stays unreadable is asked for at the own phone.
  await waitFor(async () => (await side.stanzas({ direction: 'out', tag: 'message' })).some(({ attrs }) => attrs.category === 'peer'), 'the request to the own phone')
  // One has to be sent again, to a phone and to a companion.
  await maria.forgetSessions()
  await toAll('to the phone once more')
  await luis.forgetSenderKeys()
  await toAll('to the companion once more')
}

/** What own devices do and get: another one of the account writes, and sees what is written. */
async function withCompanion({ here, side, other, until, protobufs, maria }) {
  const phone = await here.emulator.contact('Ana')
  await side.send(maria.lid, 'seen by all of us')
  await other.got('seen by all of us')
  protobufs['device-sent protobuf'] = (await phone.waitForMessage(({ text }) => text === 'seen by all of us')).raw()
  await other.send(maria.lid, 'from the other device')
  await side.got('from the other device')
  await until('the receipt for the own copy', { tag: 'receipt', type: 'sender' })
  // The settings: another device changes them, and so does the one that is compared.
  const settings = async (count, who, chat) => {
    const pin = { chasqui: () => who.client.change({ type: 'pin', chat, pinned: true }), baileys: () => who.socket.chatModify({ pin: true }, chat) }
    await pin[who.kind.toLowerCase()]()
    await until('the settings', { tag: 'iq', xmlns: 'w:sync:app:state' }, count)
  }
  const asked = (await side.stanzas({ direction: 'out', tag: 'iq', xmlns: 'w:sync:app:state' })).length
  await settings(asked + 1, other, maria.lid)
  await settings(asked + 2, side, maria.lid)
  // The phone is asked for older messages. This one has none, and is silent.
  const requests = async () => (await side.stanzas({ direction: 'out', tag: 'message' })).filter(({ attrs }) => attrs.category === 'peer').length
  const before = await requests()
  const fetch = {
    chasqui: () => side.client.fetchHistory(maria.lid, { before: { id: '3EB0', fromMe: false, timestamp: Date.now() }, timeout: 100 }).catch(() => {}),
    baileys: () => side.socket.fetchMessageHistory(50, { remoteJid: maria.lid, fromMe: false, id: '3EB0' }, Date.now()),
  }
  await fetch[side.kind.toLowerCase()]()
  await waitFor(async () => (await requests()) > before, 'the request for older messages')
  const [group] = await here.emulator.groups()
  await side.send(group.jid, 'with a new device')
  await other.got('with a new device')
  await other.send(group.jid, 'from the other device to all')
  await side.got('from the other device to all')
  await until('the receipt for the own copy in the group', { tag: 'receipt', type: 'sender' }, 2)
}

/** What somebody sends who pairs by a code, until the phone has taken it. */
async function pairedByCode(here, kind) {
  await here.emulator.contact('Rosa')
  await here[kind]('Rosa', { byCode: true, ...(kind === 'chasqui' && { pushName: 'Rosa' }) })
  const stanzas = await here.emulator.stanzas({ account: 'Rosa', direction: 'out', forms: true })
  return stanzas.filter(({ connection }) => connection === stanzas[0].connection)
}

test('every difference between the stanzas of Chasqui and of Baileys is documented with its reason', async (t) => {
  const found = differences(await capture(t, 'baileys'), await capture(t, 'chasqui'))
  assertDocumented(found, DOCUMENT)
})
