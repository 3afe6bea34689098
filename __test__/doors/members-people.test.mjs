// The members about people, privacy and presence, beside those of npm Baileys.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as baileys7 from 'baileys'
import sharp from 'sharp'

import { stage, waitFor } from '../interop/sides.mjs'
import { overEngine, sideBySide, stanzaLogger } from './members-context.mjs'

const NOBODY = '5550000000001@s.whatsapp.net'
const { USyncQuery, USyncUser } = baileys7

async function people(t) {
  const { baileys, chasqui } = await stage(t)
  const log = stanzaLogger()
  const ana = await baileys('Ana', { socketOptions: { logger: log } })
  const ben = await baileys('Ben')
  // Of the same account, for what only the engine does.
  const engine = await chasqui('Ana')
  return { ana, ben, engine, baileys, ...sideBySide(ana, log, { client: engine.client }) }
}

test('people are looked up as Baileys does', async (t) => {
  const { ana, ben, same } = await people(t)
  const number = ben.jid.split('@')[0]
  await same('numbers', (socket) => socket.onWhatsApp(ben.jid, `+${number}`, `${number}:2@s.whatsapp.net`, NOBODY, ben.lid))
  await same('no number', (socket) => socket.onWhatsApp())
  await same('a LID', (socket) => socket.onWhatsApp(ben.lid))
  await ben.socket.updateProfileStatus('hola')
  await same('status', (socket) => socket.fetchStatus(ben.jid, ana.jid, NOBODY))
  await same('no status', (socket) => socket.fetchStatus())
  await same('timers', (socket) => socket.fetchDisappearingDuration(ben.jid, ana.lid))
  await same('no protocol', (socket) => socket.executeUSyncQuery(new USyncQuery()))
  await same('no users', (socket) => socket.executeUSyncQuery(new USyncQuery().withContactProtocol()))
  const wide = () => new USyncQuery().withContext('background').withContactProtocol().withLIDProtocol().withDeviceProtocol()
  await same('many protocols', (socket) => socket.executeUSyncQuery(wide().withUser(new USyncUser().withId(ben.jid).withLid(ben.lid))))
  // Baileys also fetches identities, which the engine does by itself.
  const sent = false
  await same('devices', (socket) => socket.getUSyncDevices([ben.jid], false, false), { sent })
  await same('devices without phones', (socket) => socket.getUSyncDevices([ben.lid], false, true), { sent })
  await same('one device', (socket) => socket.getUSyncDevices([ben.jid.replace('@', ':3@'), ben.jid], false, false), { sent })
  await same('no devices', (socket) => socket.getUSyncDevices([NOBODY, '120363000000000099@g.us'], false, false), { sent })
})

test('devices are kept for a while, whatever they were asked for', async (t) => {
  const { ben, engine } = await people(t)
  const { members, context } = overEngine(engine.client)
  assert.equal((await members.getUSyncDevices([ben.jid], false, true)).length, 1)
  assert.equal((await members.getUSyncDevices([ben.jid], true, false)).length, 2)
  const asked = await engine.stanzas({ direction: 'out', tag: 'iq', xmlns: 'usync' })
  await members.getUSyncDevices([ben.jid], true, false)
  assert.equal((await engine.stanzas({ direction: 'out', tag: 'iq', xmlns: 'usync' })).length, asked.length)
  members.userDevicesCache.flushAll()
  await members.getUSyncDevices([ben.jid], true, false)
  assert.equal((await engine.stanzas({ direction: 'out', tag: 'iq', xmlns: 'usync' })).length, asked.length + 1)
  const own = await members.getUSyncDevices([context.me().id.replace(/:\d+/, '')], false, false)
  assert.ok(!own.some(({ device }) => device === engine.device), 'this device is not among them')
})

test('pictures and texts are asked for and changed as Baileys does', async (t) => {
  const { ana, ben, same, ours } = await people(t)
  await same('no picture', (socket) => socket.profilePictureUrl(ben.jid))
  await same('no picture of a group', (socket) => socket.profilePictureUrl('120363000000000099@g.us', 'image'))
  const red = await sharp({ create: { width: 900, height: 700, channels: 3, background: '#c00' } }).png().toBuffer()
  await ben.socket.updateProfilePicture(ben.jid, red)
  await same('a picture', (socket) => socket.profilePictureUrl(ben.jid, 'image', 5_000))
  await same('whose picture', (socket) => socket.updateProfilePicture('', red))
  await same('whose picture not', (socket) => socket.removeProfilePicture(''))
  await ours.members.updateProfilePicture(ana.jid, red)
  const url = await ours.members.profilePictureUrl(ana.jid, 'image')
  assert.match(url, /^https:/)
  const { id } = await ana.socket.groupCreate('Cine', [])
  await ours.members.updateProfilePicture(id, red)
  assert.match(await ours.members.profilePictureUrl(id), /^https:/)
  await same('no own picture any more', (socket) => socket.removeProfilePicture(ana.jid))
  await same('no picture of the group any more', (socket) => socket.removeProfilePicture(id))
  await same('the picture of somebody else', (socket) => socket.removeProfilePicture(ben.jid))
  await same('a text', (socket) => socket.updateProfileStatus('hola, ¿qué tal?'))
  await same('bots', (socket) => socket.getBotListV2())
})

test('what the service restricts is asked for as Baileys does', async (t) => {
  const { ben, same } = await people(t)
  const told = { events: ['connection.update'], only: (update) => 'reachoutTimeLock' in update }
  await same('the time lock', (socket) => socket.fetchAccountReachoutTimelock(), told)
  const mex = (data) => () => ({ content: [{ tag: 'result', attrs: {}, content: Buffer.from(JSON.stringify(data)) }] })
  const lock = { is_active: true, time_enforcement_ends: '1900000000', enforcement_type: 'BIZ_QUALITY' }
  const locks = [lock, { is_active: true }, {}, { ...lock, time_enforcement_ends: '0' }, { ...lock, is_active: false }]
  for (const one of locks) {
    await same(JSON.stringify(one), (socket) => socket.fetchAccountReachoutTimelock(), { ...told, answer: mex({ data: { xwa2_fetch_account_reachout_timelock: one } }) })
  }
  const cap = { total_quota: '50', used_quota: '3', cycle_start_timestamp: '1700000000', cycle_end_timestamp: '1700600000', ote_status: 'ELIGIBLE', mv_status: 'NOT_ELIGIBLE', capping_status: 'NONE', multi_device: true }
  for (const one of [cap, {}, { capping_status: 'CAPPED' }]) {
    await same(JSON.stringify(one), (socket) => socket.fetchNewChatMessageCap(), { answer: mex({ data: { xwa2_message_capping_info: one } }) })
  }
  await same('no cap', (socket) => socket.fetchNewChatMessageCap(), { answer: mex({ data: {} }) })
  await same('a refused cap', (socket) => socket.fetchNewChatMessageCap(), { answer: mex({ errors: [{ message: 'no', extensions: { error_code: 451 } }, {}] }) })
  await same('an unknown cap', (socket) => socket.fetchNewChatMessageCap())
  await same('tokens', (socket) => socket.issuePrivacyTokens([ben.jid, ben.lid], 1_700_000_000))
  await same('tokens of now', (socket) => socket.issuePrivacyTokens([ben.jid]))
})

test('privacy is asked for and changed as Baileys does', async (t) => {
  const { ben, same } = await people(t)
  await same('all', (socket) => socket.fetchPrivacySettings(true))
  await same('all, known', (socket) => socket.fetchPrivacySettings())
  for (const value of ['contacts', 'bogus']) {
    for (const name of ['LastSeen', 'ProfilePicture', 'Status', 'GroupsAdd', 'Messages', 'Online', 'ReadReceipts', 'Call']) {
      await same(`${name} ${value}`, (socket) => socket[`update${name}Privacy`](value))
    }
  }
  await same('timer', (socket) => socket.updateDefaultDisappearingMode(86_400))
  await same('an impossible timer', (socket) => socket.updateDefaultDisappearingMode(-1))
  await same('nobody blocked', (socket) => socket.fetchBlocklist())
  await same('block a number', (socket) => socket.updateBlockStatus(ben.jid, 'block'))
  await same('blocked', (socket) => socket.fetchBlocklist())
  await same('unblock a LID', (socket) => socket.updateBlockStatus(ben.lid, 'unblock'))
  await same('block a LID', (socket) => socket.updateBlockStatus(ben.lid, 'block'))
  await same('unblock a number', (socket) => socket.updateBlockStatus(ben.jid, 'unblock'))
  // The engine looks up whom it does not know.
  const sent = false
  await same('block nobody', (socket) => socket.updateBlockStatus(NOBODY, 'block'), { sent })
  await same('block an unknown LID', (socket) => socket.updateBlockStatus('5550000000001@lid', 'block'), { sent })
  await same('block a group', (socket) => socket.updateBlockStatus('120363000000000099@g.us', 'block'))
})

test('presence and calls reach others as those of Baileys do', async (t) => {
  const { ana, ben, engine, ours, same } = await people(t)
  const { members } = ours
  const seen = []
  ben.socket.ev.on('presence.update', ({ id, presences }) => seen.push([id, ...Object.values(presences).map(({ lastKnownPresence }) => lastKnownPresence)]))
  await ben.socket.presenceSubscribe(ana.jid)
  const told = (state) => waitFor(() => seen.some(([, one]) => one === state), state)
  await ana.socket.sendPresenceUpdate('unavailable')
  await members.sendPresenceUpdate('unavailable')
  await told('unavailable')
  seen.length = 0
  await members.sendPresenceUpdate('available')
  await told('available')
  for (const type of ['composing', 'recording', 'paused']) {
    seen.length = 0
    for (const jid of [ben.lid, ben.jid]) await same(`${type} to ${jid}`, (socket) => socket.sendPresenceUpdate(type, jid))
    await told(type === 'paused' ? 'available' : type)
  }
  await same('typing to nobody', (socket) => socket.sendPresenceUpdate('composing'))
  const nameless = overEngine(engine.client)
  delete nameless.context.creds.me.name
  const before = (await engine.stanzas({ direction: 'out', tag: 'presence' })).length
  await nameless.members.sendPresenceUpdate('unavailable')
  assert.equal((await engine.stanzas({ direction: 'out', tag: 'presence' })).length, before)
  for (const jid of [ben.jid, ben.lid]) await same(`subscribe to ${jid}`, (socket) => socket.presenceSubscribe(jid))
  assert.match(await members.createCallLink('video'), /^[\w-]{22}$/)
  assert.match(await members.createCallLink('audio', { startTime: 1_900_000_000 }, 5_000), /^[\w-]{22}$/)
  await members.rejectCall('CALL1', ben.lid)
})

test('every member takes as many arguments as that of Baileys', async (t) => {
  const { ana, ours } = await people(t)
  for (const [name, member] of Object.entries(ours.members)) {
    if (typeof member === 'function') assert.equal(member.length, ana.socket[name]?.length, name)
  }
})
