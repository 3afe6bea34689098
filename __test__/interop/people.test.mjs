// People: who has an account, what they show of themselves, who is there and types, the own profile.

import assert from 'node:assert/strict'
import https from 'node:https'
import { test } from 'node:test'

import { readContact } from 'chasqui'

import { png } from '../harness/pictures.mjs'
import { stage, waitFor } from './sides.mjs'

const digits = ({ jid }) => jid.split('@')[0]
/** The events of one kind at a client. */
const events = (side, name) => {
  const told = []
  side.client.on(name, (event) => told.push(event))
  return told
}
/** What Baileys was told, by event. */
const baileysEvents = (side, name) => {
  const told = []
  side.socket.ev.on(name, (event) => told.push(...[event].flat()))
  return told
}
/** A file of the emulator's media hosts. */
const fetched = (url, ca) =>
  new Promise((resolve, reject) => {
    https.get(url, { ca, rejectUnauthorized: false }, (answer) => {
      const pieces = []
      answer.on('data', (piece) => pieces.push(piece)).on('end', () => resolve(Buffer.concat(pieces)))
    }).on('error', reject)
  })
/** Width and height of a JPEG, from its first frame header. */
const sizeOf = (jpeg) => {
  for (let at = 2; at < jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    if (jpeg[at + 1] >= 0xc0 && jpeg[at + 1] <= 0xc2) return [jpeg.readUInt16BE(at + 7), jpeg.readUInt16BE(at + 5)]
  }
  return undefined
}

test('Baileys alone: numbers, abouts, pictures, presence and blocks are as the service has them', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.baileys('Ana'), await here.baileys('Ben')]
  assert.deepEqual(await ana.socket.onWhatsApp(digits(ben), '15550009999'), [{ jid: ben.jid, exists: true }])
  await ben.socket.updateProfileStatus('busy')
  const [{ status }] = await ana.socket.fetchStatus(ben.jid)
  assert.equal(status.status, 'busy')
  await assert.rejects(ana.socket.profilePictureUrl(ben.jid), ({ data }) => data === 404)
  await here.emulator.person('Ben', { picture: Buffer.from([0xff, 0xd8, 0xff, 1]) })
  assert.match(await ana.socket.profilePictureUrl(ben.jid), /^https:/)
  await ben.socket.updateProfilePicturePrivacy('none')
  await assert.rejects(ana.socket.profilePictureUrl(ben.jid), ({ data }) => data === 401)

  const seen = baileysEvents(ana, 'presence.update')
  await ana.socket.sendPresenceUpdate('available')
  await ana.socket.presenceSubscribe(ben.jid)
  await ben.socket.sendPresenceUpdate('available')
  const last = () => seen.at(-1)?.presences[ben.jid] ?? seen.at(-1)?.presences[ben.lid]
  await waitFor(() => last()?.lastKnownPresence === 'available', 'Ben to be there')
  await ben.socket.sendPresenceUpdate('unavailable')
  await waitFor(() => last()?.lastKnownPresence === 'unavailable' && last().lastSeen > 0, 'Ben to be gone')
  await ben.socket.updateLastSeenPrivacy('none')
  await ben.socket.sendPresenceUpdate('available')
  await waitFor(() => last()?.lastKnownPresence === 'available', 'Ben to be there again')
  await ben.socket.sendPresenceUpdate('unavailable')
  await waitFor(() => last()?.lastKnownPresence === 'unavailable' && last().lastSeen === undefined, 'Ben to be gone without a time')
})

test('numbers are checked however they are written, each with a result, in a few requests', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.emulator.contact('Ben')]
  const number = digits(ben)
  const spaced = `+${number.slice(0, 3)} (${number.slice(3, 6)}) ${number.slice(6, 9)}-${number.slice(9)}`
  const inputs = [spaced, `${number}@s.whatsapp.net`, `+${number}@c.us`, '+1 555 000 9999', 'call me', '', number]
  const found = await ana.client.people.exists(inputs)
  assert.deepEqual(found.map(({ exists }) => exists), [true, true, true, false, false, false, true])
  assert.deepEqual(found.map(({ input }) => input), inputs)
  assert.deepEqual(found[0], { input: spaced, exists: true, jid: ben.jid, pn: ben.jid, lid: ben.lid })
  assert.deepEqual(found.map(({ code }) => code), [undefined, undefined, undefined, undefined, 'INVALID_RECIPIENT', 'INVALID_RECIPIENT', undefined])
  assert.equal((await ana.client.people.exists(number)).jid, ben.jid)
  const usyncs = async () => (await ana.stanzas({ direction: 'out', tag: 'iq', child: 'usync' })).length
  const before = await usyncs()
  const many = Array.from({ length: 10_000 }, (_, n) => (n === 7_777 ? number : `1555${String(n).padStart(7, '0')}`))
  const all = await ana.client.people.exists(many)
  assert.deepEqual(all.flatMap(({ exists }, at) => (exists ? [at] : [])), [7_777])
  assert.equal((await usyncs()) - before, 20)
  await assert.rejects(ana.client.people.exists([...many, '15550000000']), { code: 'INVALID_ARGUMENT' })
  await assert.rejects(ana.client.people.exists([7]), { code: 'INVALID_ARGUMENT' })
  assert.deepEqual(await ana.client.people.exists([]), [])
})

test('what the service tells of people is told, and what it does not show is not', async (t) => {
  const here = await stage(t)
  const [ana, ben, eva] = [await here.chasqui('Ana'), await here.baileys('Ben'), await here.emulator.contact('Eva')]
  const [told, businesses] = [events(ana, 'person'), events(ana, 'business')]
  await ana.client.people.devices(ben.jid)
  await ana.client.people.devices(eva.jid)
  await ben.socket.updateProfileStatus('abierto')
  await waitFor(() => told.some(({ action, person, about }) => action === 'about' && person.jid === ben.jid && about === 'abierto'), 'the about')
  await here.emulator.person('Eva', { about: 'secret', business: 'Tienda Eva', disappearing: 86_400, picture: Buffer.from([0xff, 0xd8, 0xff, 2]) })
  await waitFor(() => businesses.some(({ change, name }) => change === 'verified-name' && name === 'Tienda Eva'), 'the business')
  await waitFor(() => told.some(({ action, seconds }) => action === 'disappearing' && seconds === 86_400), 'the timer')
  await waitFor(() => told.some(({ action, person, id }) => action === 'picture' && person.lid === eva.lid && id), 'the picture')
  const [about, shop] = await ana.client.people.info([ben.jid, eva])
  assert.equal(about.about.text, 'abierto')
  assert.deepEqual([about.jid, about.lid, about.exists, about.business], [ben.jid, ben.lid, true, false])
  assert.deepEqual(about.devices.map(({ device }) => device), [0, ben.device])
  assert.deepEqual([shop.verifiedName, shop.business, shop.disappearing.seconds], ['Tienda Eva', true, 86_400])
  const picture = await ana.client.people.picture(eva)
  assert.deepEqual(await fetched(picture.url), Buffer.from([0xff, 0xd8, 0xff, 2]))
  assert.equal(shop.picture, picture.id)
  assert.deepEqual(await ana.client.people.picture(eva, { known: picture.id }), { id: picture.id, preview: false, unchanged: true })
  assert.equal(await ana.client.people.picture(ben.jid), null)

  await here.emulator.person('Eva', { privacy: { status: 'none', profile: 'none' } })
  assert.deepEqual(await ana.client.people.about(eva), { text: '', hidden: true })
  await assert.rejects(ana.client.people.picture(eva), { code: 'NOT_ALLOWED' })
  assert.equal((await ana.client.people.info(eva)).picture, undefined)
  const nobody = '+1 555 000 9999'
  assert.equal((await ana.client.people.info(nobody)).exists, false)
  await assert.rejects(ana.client.people.devices(nobody), { code: 'NOT_ON_WHATSAPP' })
  await assert.rejects(ana.client.people.about('x'), { code: 'INVALID_RECIPIENT' })
  await here.emulator.person('Eva', { picture: null })
  assert.deepEqual(ana.errors, [])
})

test('who is there and who types is told both ways, as far as it is shown, and again after a reconnect', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const told = events(ana, 'presence')
  const state = (name) => waitFor(() => told.at(-1)?.state === name && told.at(-1), `Ben to be ${name}`)
  await ben.socket.sendPresenceUpdate('unavailable')
  await ana.client.presence.subscribe(ben.jid)
  await state('unavailable')
  await ben.socket.sendPresenceUpdate('available')
  assert.deepEqual(await state('available'), { chat: ben.jid, person: { jid: ben.jid, pn: ben.jid, lid: ben.lid }, state: 'available' })
  await ben.socket.sendPresenceUpdate('composing', ana.lid)
  assert.equal((await state('typing')).chat, ben.jid)
  await ben.socket.sendPresenceUpdate('recording', ana.jid)
  await state('recording')
  await ben.socket.sendPresenceUpdate('paused', ana.jid)
  await state('paused')
  await ben.socket.sendPresenceUpdate('unavailable')
  assert.ok(Math.abs((await state('unavailable')).lastSeen - Date.now()) < 120_000)
  told.length = 0
  await here.emulator.disconnect({ account: 'Ana' })
  await state('unavailable')
  await ben.socket.sendPresenceUpdate('available')
  await state('available')

  const seen = baileysEvents(ben, 'presence.update')
  const shown = (name) => waitFor(() => Object.values(seen.at(-1)?.presences ?? {})[0]?.lastKnownPresence === name, `Ana to be ${name}`)
  await ben.socket.presenceSubscribe(ana.jid)
  await shown('available')
  await ana.client.presence.typing(ben.jid)
  await shown('composing')
  await ana.client.presence.recording(ben.jid)
  await shown('recording')
  await ana.client.presence.paused(ben.jid)
  await shown('available')
  await ana.client.presence.unavailable()
  await shown('unavailable')
  await here.emulator.disconnect({ account: 'Ana' })
  await waitFor(() => ana.client.state === 'open', 'the way back')
  await waitFor(async () => (await ana.stanzas({ direction: 'out', tag: 'presence', type: 'unavailable' })).length === 2, 'what was said to hold')
  await ana.client.presence.available()
  await shown('available')

  const group = await here.emulator.group({ subject: 'Paseo', members: ['Ana', 'Ben'] })
  await ben.socket.sendPresenceUpdate('composing', group.jid)
  assert.equal((await waitFor(() => told.find(({ chat }) => chat === group.jid), 'Ben to type in the group')).person.jid, ben.jid)
  await ana.client.presence.subscribe(group.jid)
  await waitFor(() => told.some(({ chat, online }) => chat === group.jid && online >= 2), 'how many are there')
  await ana.client.presence.unsubscribe(ben.jid)
  await assert.rejects(ana.client.presence.typing(ana.jid), { code: 'INVALID_RECIPIENT' })
  await ana.stop()
  await assert.rejects(ana.client.presence.available(), { code: 'NOT_CONNECTED' })
})

test('profile: name, about and picture are set, seen by others and told to the own other devices', async (t) => {
  const here = await stage(t)
  const [ana, sibling, ben] = [await here.chasqui('Ana'), await here.chasqui('Ana', { session: 'Ana again' }), await here.baileys('Ben')]
  const [people, own] = [events(sibling, 'person'), events(sibling, 'account')]
  const contacts = baileysEvents(ben, 'contacts.update')
  await ben.socket.onWhatsApp(digits(ana))
  await ben.send(ana.jid, 'hola')
  await ana.got('hola')

  await ana.client.profile.setAbout('¡Abierto! 🌮')
  assert.equal((await ben.socket.fetchStatus(ana.jid))[0].status.status, '¡Abierto! 🌮')
  await waitFor(() => own.some(({ action, about }) => action === 'about' && about === '¡Abierto! 🌮'), 'the about at the other device')
  const { id } = await ana.client.profile.setPicture(png(900, 300))
  await waitFor(() => contacts.some(({ id, imgUrl }) => [ana.jid, ana.lid].includes(id) && imgUrl === 'changed'), 'the picture at Ben')
  await waitFor(() => people.some((event) => event.action === 'picture' && event.id === id && event.person.jid === ana.jid), 'the picture at the other device')
  const [large, small] = [await ben.socket.profilePictureUrl(ana.jid, 'image'), await ben.socket.profilePictureUrl(ana.jid, 'preview')]
  assert.deepEqual([sizeOf(await fetched(large)), sizeOf(await fetched(small))], [[640, 640], [96, 96]])
  await ana.client.profile.setPicture(png(900, 300), { crop: false })
  assert.deepEqual(sizeOf(await fetched((await sibling.client.people.picture(ana.jid)).url)), [640, 213])
  await ana.client.profile.removePicture()
  await ana.client.profile.removePicture()
  await waitFor(() => people.some(({ action, removed }) => action === 'picture' && removed), 'its removal')
  await assert.rejects(ben.socket.profilePictureUrl(ana.jid), ({ data }) => data === 404)

  for (const nothing of [Buffer.from('no picture'), Buffer.alloc(0)]) {
    await assert.rejects(ana.client.profile.setPicture(nothing), { code: 'INVALID_ARGUMENT' })
  }
  await assert.rejects(ana.client.profile.setPicture('/nowhere/at/all.png'), { code: 'FILE_FAILED' })
  await assert.rejects(ana.client.profile.setAbout('x'.repeat(140)), ({ code, data }) => code === 'INVALID_ARGUMENT' && data.limit === 139)

  await ana.client.profile.setName('Anita')
  await waitFor(() => sibling.client.user.name === 'Anita', 'the name at the other device')
  await ana.send(ben.jid, 'who?')
  assert.equal((await ben.got('who?')).name, 'Anita')
  assert.deepEqual([...ana.errors, ...sibling.errors], [])
})

test('the picture of a group is set by a member who may, and told to the others', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const group = await here.emulator.group({ subject: 'Paseo', members: ['Ana', 'Ben'] })
  const changed = baileysEvents(ben, 'contacts.update')
  const { id } = await ana.client.profile.setPicture(png(200, 200), { group: group.jid })
  await waitFor(() => changed.some((contact) => contact.id === group.jid && contact.imgUrl === 'changed'), 'the picture at Ben')
  assert.equal((await ana.client.people.picture(group.jid)).id, id)
  const told = events(ana, 'group')
  await ben.socket.removeProfilePicture(group.jid)
  const event = await waitFor(() => told.find(({ action }) => action === 'picture'), 'its removal')
  assert.deepEqual([event.group, event.removed, event.author.jid], [group.jid, true, ben.jid])
  assert.equal(await ana.client.people.picture(group.jid), null)
  const other = await here.emulator.group({ subject: 'Otro', members: ['Ben'] })
  await assert.rejects(ana.client.profile.setPicture(png(9, 9), { group: other.jid }), ({ code, data }) => code === 'NOT_ALLOWED' && data.error === 403)
})

test('cards are read into their fields', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  await ana.client.send(ben.jid, { contact: { name: 'María; López', phone: '+57 300 555 0100' } })
  const { message } = await waitFor(() => ben.shown.find(({ message }) => message?.contactMessage), 'the card')
  assert.deepEqual(readContact(message.contactMessage), {
    name: 'María; López', numbers: [{ number: '+573005550100', jid: '573005550100@s.whatsapp.net', type: 'CELL' }],
  })
  const vcard = [
    'BEGIN:VCARD', 'VERSION:3.0', 'N:López;María;;;', 'FN:María', ' López', 'ORG:Tienda\\, S.A.;Ventas', 'TITLE:Dueña',
    'item1.TEL;waid=573005550100:+57 300 555 0100', 'item1.X-ABLabel:_$!<Mobile>!$_', 'TEL;TYPE=WORK,VOICE:+1 555 000 2222', 'TEL;HOME:555',
    'EMAIL;TYPE=INTERNET:maria@example.com', 'URL:https://example.com/a?b=c:d', 'ADR;TYPE=WORK:;;Calle 1\\, piso 2;Bogotá;;;Colombia', 'END:VCARD',
  ].join('\r\n')
  await ben.socket.sendMessage(ana.jid, { contacts: { displayName: 'María', contacts: [{ displayName: 'M', vcard }] } })
  const card = await waitFor(() => ana.received.find(({ type }) => type === 'contact'), 'the card')
  assert.deepEqual(readContact(card.original.contacts[0]), {
    name: 'MaríaLópez',
    organization: 'Tienda, S.A., Ventas',
    title: 'Dueña',
    numbers: [
      { number: '+57 300 555 0100', jid: '573005550100@s.whatsapp.net', type: 'Mobile' }, { number: '+1 555 000 2222', type: 'WORK' }, { number: '555', type: 'HOME' },
    ],
    emails: ['maria@example.com'],
    urls: ['https://example.com/a?b=c:d'],
    addresses: ['Calle 1, piso 2, Bogotá, Colombia'],
  })
  assert.deepEqual(readContact('nothing\n:\nTEL'), { name: '', numbers: [] })
})
