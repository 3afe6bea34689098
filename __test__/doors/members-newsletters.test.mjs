// The members about newsletters, beside those of npm Baileys.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import sharp from 'sharp'
import { generateProfilePicture } from 'chasqui/baileys'

import { stage } from '../interop/sides.mjs'
import { sideBySide, stanzaLogger } from './members-context.mjs'

async function newsletters(t) {
  const { baileys, chasqui } = await stage(t)
  const log = stanzaLogger()
  const ana = await baileys('Ana', { socketOptions: { logger: log } })
  const ben = await baileys('Ben')
  const engine = await chasqui('Ana')
  return { ana, ben, ...sideBySide(ana, log, { client: engine.client }) }
}

test('newsletters are asked for and changed as Baileys does', async (t) => {
  const { ana, ben, ours, same } = await newsletters(t)
  const made = []
  await same('create', async (socket) => {
    const newsletter = await socket.newsletterCreate('Canal', 'de todo')
    made.push(newsletter.id)
    return newsletter
  })
  await same('create without a description', (socket) => socket.newsletterCreate('Canal'))
  const [one, two] = made
  let turn = 0
  const own = (call) => (socket) => call(socket, [one, two][turn++ % 2])
  await same('metadata', (socket) => socket.newsletterMetadata('jid', one))
  const { thread_metadata } = await ana.socket.newsletterMetadata('jid', one)
  await same('metadata by invitation', (socket) => socket.newsletterMetadata('invite', thread_metadata.invite))
  await same('no such newsletter', (socket) => socket.newsletterMetadata('jid', '120363000000009999@newsletter'))
  await same('update', own((socket, jid) => socket.newsletterUpdate(jid, { name: 'Otro', description: 'nada' })))
  await same('name', own((socket, jid) => socket.newsletterUpdateName(jid, 'Otro más')))
  await same('description', own((socket, jid) => socket.newsletterUpdateDescription(jid, 'algo')))
  const picture = await sharp({ create: { width: 900, height: 700, channels: 3, background: '#c00' } }).png().toBuffer()
  const shape = ({ thread_metadata: { picture, preview }, ...rest }) => [Object.keys(rest).toSorted(), Object.keys(picture).toSorted(), preview.type, picture.direct_path !== '']
  const drawn = await (async () => generateProfilePicture(picture))().catch(({ code }) => code)
  // Pictures are drawn by an export that may not be there yet.
  if (drawn === 'NOT_IMPLEMENTED') t.diagnostic('no picture is drawn')
  else assert.deepEqual(shape(await ours.members.newsletterUpdatePicture(one, picture)), shape(await ana.socket.newsletterUpdatePicture(two, picture)))
  await same('no picture', own((socket, jid) => socket.newsletterRemovePicture(jid)))
  await same('subscribers', (socket) => socket.newsletterSubscribers(one))
  await same('admins', (socket) => socket.newsletterAdminCount(one))
  for (const what of ['Follow', 'Mute', 'Unmute']) await same(what, (socket) => socket[`newsletter${what}`](one))
  await same('demote', (socket) => socket.newsletterDemote(one, ben.lid))
  await same('change the owner', (socket) => socket.newsletterChangeOwner(one, ben.lid))
  const theirs = await ben.socket.newsletterCreate('De Ben')
  const others = [theirs, await ben.socket.newsletterCreate('De Ben')]
  const another = (call) => (socket) => call(socket, others[turn++ % 2].id)
  await same('follow another', another((socket, jid) => socket.newsletterFollow(jid)))
  await same('unfollow', another((socket, jid) => socket.newsletterUnfollow(jid)))
  await same("change another's", (socket) => socket.newsletterUpdateName(theirs.id, 'x'))
  await same('delete', own((socket, jid) => socket.newsletterDelete(jid)))
  await same('delete again', (socket) => socket.newsletterDelete(one))
})

test('what is in newsletters is asked for as Baileys does', async (t) => {
  const { ana, ours, same } = await newsletters(t)
  const { id } = await ana.socket.newsletterCreate('Canal')
  await ana.socket.sendMessage(id, { text: 'hola' })
  await same('updates', (socket) => socket.newsletterFetchMessages(id, 5, 0, 0))
  await same('some updates', (socket) => socket.newsletterFetchMessages(id, 5, 1_700_000_000, 99))
  await same('live updates', (socket) => socket.subscribeNewsletterUpdates(id))
  await same('no live updates', (socket) => socket.subscribeNewsletterUpdates(id), { answer: () => ({ content: [] }) })
  await ours.members.newsletterReactMessage(id, '100', '👍')
  const counts = async () => JSON.stringify(await ana.socket.newsletterFetchMessages(id, 5, 0, 0))
  assert.match(await counts(), /"code":"👍"/)
  await ours.members.newsletterReactMessage(id, '100')
  assert.doesNotMatch(await counts(), /👍/)
  await assert.rejects(ours.members.newsletterReactMessage(id, '7777', '👍'), ({ isBoom, data }) => isBoom && data === 404)
})

test('answers that are none are refused as Baileys does', async (t) => {
  const { same } = await newsletters(t)
  const mex = (data) => ({ answer: () => ({ content: [{ tag: 'result', attrs: {}, content: Buffer.from(JSON.stringify(data)) }] }) })
  const jid = '120363000000000019@newsletter'
  for (const data of [{}, { data: null }, { data: {} }, { errors: [{ message: 'no' }] }, { errors: [{ extensions: { error_code: 403 } }, { message: 'b' }] }, { errors: [], data: { xwa2_newsletter: 7 } }]) {
    await same(JSON.stringify(data), (socket) => socket.newsletterMetadata('jid', jid), mex(data))
  }
  await same('no result', (socket) => socket.newsletterSubscribers(jid), { answer: () => ({ content: [] }) })
})
