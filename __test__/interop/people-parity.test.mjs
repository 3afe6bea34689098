// What is asked about people, of presence, profile, privacy and account, beside the same of npm Baileys: every difference is
// in docs/wire-parity-people.md.

import { test } from 'node:test'

import { assertDocumented, differences, forms } from './parity.mjs'
import { stage, waitFor } from './sides.mjs'

const DOCUMENT = new URL('../../docs/wire-parity-people.md', import.meta.url)
const number = ({ jid }) => jid.split('@')[0]

/** The same done with both: about Eva, who is known in both addresses, and in the group. */
const ACTS = {
  chasqui: {
    'number checked': ({ people }, { eva }) => people.exists(number(eva)),
    'about asked for': ({ people }, { eva }) => people.about(eva),
    'devices asked for': ({ people }, { zoe }) => people.devices(zoe),
    'picture asked for': ({ people }, { eva }) => people.picture(eva),
    'preview asked for': ({ people }, { eva }) => people.picture(eva, { preview: true }),
    'picture asked for with a token': ({ people }, { ben }) => people.picture(ben),
    'picture of a stranger': ({ people }, { ana }) => people.picture(ana),
    'picture of a group': ({ people }, { group }) => people.picture(group),
    'picture of the account': ({ people }, { me }) => people.picture(me),
    'picture removed': ({ profile }) => profile.removePicture(),
    'picture of a group removed': ({ profile }, { group }) => profile.removePicture({ group }),
    'about set': ({ profile }) => profile.setAbout('busy'),
    'settings asked for': ({ privacy }) => privacy.get(),
    'last seen set': ({ privacy }) => privacy.set({ lastSeen: 'contacts' }),
    'online set': ({ privacy }) => privacy.set({ online: 'match-last-seen' }),
    'picture setting set': ({ privacy }) => privacy.set({ picture: 'none' }),
    'about setting set': ({ privacy }) => privacy.set({ about: 'contacts' }),
    'read receipts set': ({ privacy }) => privacy.set({ readReceipts: 'none' }),
    'groups set': ({ privacy }) => privacy.set({ groupAdd: 'contacts-except' }),
    'calls set': ({ privacy }) => privacy.set({ calls: 'known' }),
    'messages set': ({ privacy }) => privacy.set({ messages: 'contacts' }),
    'blocked asked for': ({ privacy }) => privacy.blocked(),
    blocked: ({ privacy }, { eva }) => privacy.block(eva),
    unblocked: ({ privacy }, { eva }) => privacy.unblock(eva),
    timer: ({ account }) => account.setDefaultDisappearing(86_400),
    available: ({ presence }) => presence.available(),
    unavailable: ({ presence }) => presence.unavailable(),
    'presence wanted': ({ presence }, { eva }) => presence.subscribe(eva),
    'presence wanted with a token': ({ presence }, { ben }) => presence.subscribe(ben),
    'presence of a group wanted': ({ presence }, { group }) => presence.subscribe(group),
    typing: ({ presence }, { eva }) => presence.typing(eva.lid),
    recording: ({ presence }, { eva }) => presence.recording(eva.lid),
    paused: ({ presence }, { eva }) => presence.paused(eva.lid),
    'typing in a group': ({ presence }, { group }) => presence.typing(group),
  },
  baileys: {
    'number checked': (socket, { eva }) => socket.onWhatsApp(number(eva)),
    'about asked for': (socket, { eva }) => socket.fetchStatus(eva.jid),
    'devices asked for': (socket, { zoe }) => socket.getUSyncDevices([zoe.jid], false, false),
    'picture asked for': (socket, { eva }) => socket.profilePictureUrl(eva.jid, 'image'),
    'preview asked for': (socket, { eva }) => socket.profilePictureUrl(eva.jid, 'preview'),
    'picture asked for with a token': (socket, { ben }) => socket.profilePictureUrl(ben.jid, 'image'),
    'picture of a stranger': (socket, { ana }) => socket.profilePictureUrl(ana.jid, 'image'),
    'picture of a group': (socket, { group }) => socket.profilePictureUrl(group, 'image'),
    'picture of the account': (socket, { me }) => socket.profilePictureUrl(me, 'image'),
    'picture removed': (socket, { me }) => socket.removeProfilePicture(me),
    'picture of a group removed': (socket, { group }) => socket.removeProfilePicture(group),
    'about set': (socket) => socket.updateProfileStatus('busy'),
    'settings asked for': (socket) => socket.fetchPrivacySettings(true),
    'last seen set': (socket) => socket.updateLastSeenPrivacy('contacts'),
    'online set': (socket) => socket.updateOnlinePrivacy('match_last_seen'),
    'picture setting set': (socket) => socket.updateProfilePicturePrivacy('none'),
    'about setting set': (socket) => socket.updateStatusPrivacy('contacts'),
    'read receipts set': (socket) => socket.updateReadReceiptsPrivacy('none'),
    'groups set': (socket) => socket.updateGroupsAddPrivacy('contact_blacklist'),
    'calls set': (socket) => socket.updateCallPrivacy('known'),
    'messages set': (socket) => socket.updateMessagesPrivacy('contacts'),
    'blocked asked for': (socket) => socket.fetchBlocklist(),
    blocked: (socket, { eva }) => socket.updateBlockStatus(eva.jid, 'block'),
    unblocked: (socket, { eva }) => socket.updateBlockStatus(eva.jid, 'unblock'),
    timer: (socket) => socket.updateDefaultDisappearingMode(86_400),
    available: (socket) => socket.sendPresenceUpdate('available'),
    unavailable: (socket) => socket.sendPresenceUpdate('unavailable'),
    'presence wanted': (socket, { eva }) => socket.presenceSubscribe(eva.jid),
    'presence wanted with a token': (socket, { ben }) => socket.presenceSubscribe(ben.jid),
    'presence of a group wanted': (socket, { group }) => socket.presenceSubscribe(group),
    typing: (socket, { eva }) => socket.sendPresenceUpdate('composing', eva.lid),
    recording: (socket, { eva }) => socket.sendPresenceUpdate('recording', eva.lid),
    paused: (socket, { eva }) => socket.sendPresenceUpdate('paused', eva.lid),
    'typing in a group': (socket, { group }) => socket.sendPresenceUpdate('composing', group),
  },
}

const KINDS = new Set(['iq', 'presence', 'chatstate', 'ib'])

/** The stanzas of each act, by `act: operation`. */
async function capture(t, kind) {
  const here = await stage(t)
  const side = await here[kind]('Rosa', kind === 'chasqui' ? { pushName: 'Rosa' } : {})
  const [eva, ben, ana, zoe] = await Promise.all(['Eva', 'Ben', 'Ana', 'Zoe'].map((name) => here.emulator.contact(name)))
  const group = await here.emulator.group({ subject: 'Paseo', members: ['Rosa', 'Eva'] })
  const sent = async () => {
    const found = await here.emulator.stanzas({ account: 'Rosa', direction: 'out', forms: true })
    // Baileys renews sessions with people at times of its own.
    return found.map(({ stanza }) => stanza).filter(({ tag, attrs }) => KINDS.has(tag) && attrs.xmlns !== 'encrypt')
  }
  // Both know the addresses of these, and have a token of Ben.
  for (const contact of [eva, ben]) {
    await contact.send('Rosa', { text: `hola from ${contact.name}` })
    await side.got(`hola from ${contact.name}`)
    await side.send(contact.lid, 'hola')
    await contact.waitForMessage(({ text }) => text === 'hola')
  }
  await waitFor(async () => (await side.stanzas({ direction: 'in', tag: 'iq' })).length > 0 && (await side.stanzas({ direction: 'out', tag: 'iq', child: 'tokens' })).length === 2, 'the own tokens')
  await here.emulator.person('Ben', { token: 'Rosa' })
  await waitFor(async () => (await side.stanzas({ direction: 'out', tag: 'ack', type: 'privacy_token' })).length === 1, 'the token of Ben')
  await waitFor(async () => (await side.stanzas({ direction: 'out', tag: 'receipt', type: 'hist_sync' })).length > 0, 'the greeting of the phone')
  const found = new Map()
  for (const [name, act] of Object.entries(ACTS[kind])) {
    const before = (await sent()).length
    await Promise.resolve(act(kind === 'chasqui' ? side.client : side.socket, { eva, ben, ana, zoe, group: group.jid, me: side.jid })).catch((error) => {
      if (![404, 401].includes(error.data?.error ?? error.data)) throw error
    })
    const stanzas = await waitFor(async () => {
      const now = (await sent()).slice(before)
      return now.length > 0 && now
    }, `${name} of ${kind}`)
    for (const [operation, places] of forms(stanzas)) found.set(`${name}: ${operation}`, places)
  }
  return found
}

test('every difference between what Chasqui and Baileys ask about people is documented with its reason', async (t) => {
  const found = differences(await capture(t, 'baileys'), await capture(t, 'chasqui'))
  assertDocumented(found, DOCUMENT)
})
