// The stanzas for calls, channels, status posts, businesses and bots beside those of npm Baileys: every difference is in
// docs/wire-parity-channels.md.

import { test } from 'node:test'

import { proto } from 'baileys'

import { assertDocumented, differences, fields, forms } from './parity.mjs'
import { stage, waitFor } from './sides.mjs'

const DOCUMENT = new URL('../../docs/wire-parity-channels.md', import.meta.url)
const PICTURE = 'https://mmg.whatsapp.net/v/picture.jpg'
const HOURS = { timezone: 'America/Bogota' }

/** The same things done by each: with the peer, the phone's call, and a channel once it is there. Each gives nothing. */
const ACTS = {
  chasqui: {
    'call reject': ({ client }, { call }) => client.calls.reject(call),
    'call link': ({ client }) => client.calls.createLink({ video: true, startsAt: 1_900_000_000_000 }),
    'channel create': async ({ client }, known) => { known.channel = (await client.channels.create({ name: 'News' })).jid },
    'channel metadata': ({ client }, { channel }) => client.channels.metadata(channel),
    'channel update': ({ client }, { channel }) => client.channels.update(channel, { name: 'Other' }),
    'channel post': async ({ client }, known) => { known.id = (await client.send(known.channel, { text: 'hello' })).id },
    'channel reaction': ({ client }, { channel }) => client.channels.react(channel, 100, '👍'),
    'channel reaction taken back': ({ client }, { channel }) => client.channels.react(channel, 100, ''),
    'channel updates': ({ client }, { channel }) => client.channels.updates(channel, { limit: 5, since: 1_700_000_000_000, after: 99 }),
    'channel live updates': ({ client }, { channel }) => client.channels.subscribe(channel),
    'channel mute': ({ client }, { channel }) => client.channels.mute(channel),
    'channel unmute': ({ client }, { channel }) => client.channels.unmute(channel),
    'channel admins': ({ client }, { channel }) => client.channels.adminCount(channel),
    'channel edit': ({ client }, { channel, id }) => client.edit({ id, chat: channel, fromMe: true }, { text: 'better' }),
    'channel revoke': ({ client }, { channel, id }) => client.delete({ id, chat: channel, fromMe: true }),
    'channel delete': ({ client }, { channel }) => client.channels.delete(channel),
    'business profile': ({ client }, { peer }) => client.business.profile(peer),
    'business profile set': ({ client }) => client.business.setProfile({ address: 'a', email: 'e', description: 'd', websites: ['w'], hours: { ...HOURS, days: [{ day: 'mon', mode: 'hours', opens: 540, closes: 1080 }] } }),
    'product add': ({ client }) => client.business.createProduct({ name: 'n', description: 'd', retailerId: 'r', price: 1, currency: 'COP', images: [{ url: PICTURE }] }),
    'product edit': ({ client }) => client.business.editProduct('1', { name: 'n', description: 'd', retailerId: 'r', price: 2, currency: 'COP', images: [{ url: PICTURE }] }),
    catalog: ({ client }) => client.business.catalog(undefined, { limit: 1 }),
    collections: ({ client }) => client.business.collections(),
    order: ({ client }, { order }) => client.business.order(order().id, order().token).catch(() => {}),
    'product delete': ({ client }) => client.business.deleteProducts('1'),
    bots: ({ client }) => client.bots.list(),
    'status privacy': ({ client }) => client.status.privacy(),
  },
  baileys: {
    'call reject': ({ socket }, { call }) => socket.rejectCall(call.id, call.from),
    'call link': ({ socket }) => socket.createCallLink('video', { startTime: 1_900_000_000 }),
    'channel create': async ({ socket }, known) => { known.channel = (await socket.newsletterCreate('News')).id },
    'channel metadata': ({ socket }, { channel }) => socket.newsletterMetadata('jid', channel),
    'channel update': ({ socket }, { channel }) => socket.newsletterUpdateName(channel, 'Other'),
    'channel post': async ({ socket }, known) => { known.id = (await socket.sendMessage(known.channel, { text: 'hello' })).key.id },
    'channel reaction': ({ socket }, { channel }) => socket.newsletterReactMessage(channel, '100', '👍'),
    'channel reaction taken back': ({ socket }, { channel }) => socket.newsletterReactMessage(channel, '100'),
    'channel updates': ({ socket }, { channel }) => socket.newsletterFetchMessages(channel, 5, 1_700_000_000, 99),
    'channel live updates': ({ socket }, { channel }) => socket.subscribeNewsletterUpdates(channel),
    'channel mute': ({ socket }, { channel }) => socket.newsletterMute(channel),
    'channel unmute': ({ socket }, { channel }) => socket.newsletterUnmute(channel),
    'channel admins': ({ socket }, { channel }) => socket.newsletterAdminCount(channel),
    'channel edit': ({ socket }, { channel, id }) => socket.sendMessage(channel, { text: 'better', edit: { id, remoteJid: channel, fromMe: true } }),
    'channel revoke': ({ socket }, { channel, id }) => socket.sendMessage(channel, { delete: { id, remoteJid: channel, fromMe: true } }),
    'channel delete': ({ socket }, { channel }) => socket.newsletterDelete(channel),
    'business profile': ({ socket }, { peer }) => socket.getBusinessProfile(peer),
    'business profile set': ({ socket }) => socket.updateBussinesProfile({ address: 'a', email: 'e', description: 'd', websites: ['w'], hours: { ...HOURS, days: [{ day: 'mon', mode: 'specific_hours', openTimeInMinutes: '540', closeTimeInMinutes: '1080' }] } }),
    'product add': ({ socket }) => socket.productCreate({ name: 'n', description: 'd', retailerId: 'r', price: 1000, currency: 'COP', images: [{ url: PICTURE }], originCountryCode: undefined }),
    'product edit': ({ socket }) => socket.productUpdate('1', { name: 'n', description: 'd', retailerId: 'r', price: 2000, currency: 'COP', images: [{ url: PICTURE }], originCountryCode: undefined, isHidden: false }),
    catalog: ({ socket }) => socket.getCatalog({ limit: 1 }),
    collections: ({ socket }) => socket.getCollections(),
    order: ({ socket }, { order }) => socket.getOrderDetails(order().id, order().token).catch(() => {}),
    'product delete': ({ socket }) => socket.productDelete(['1']),
    bots: ({ socket }) => socket.getBotListV2(),
    // There is no such request there.
    'status privacy': () => {},
  },
}

/** What of a stanza counts for what was done: the acts wait for their answers, so that what left meanwhile is theirs. */
const concerned = ({ tag, attrs }) =>
  tag === 'call' || (tag === 'iq' && /^(w:mex|newsletter|w:biz|w:biz:catalog|fb:thrift_iq|bot|status|tos)$/.test(attrs.xmlns ?? '')) ||
  (tag === 'message' && attrs.to.endsWith('@newsletter'))

/** JSON with its keys in order; which channel it is about is chance. */
function variables(stanza) {
  const query = Array.isArray(stanza.content) && stanza.content.find(({ tag }) => tag === 'query')
  if (!query?.content?.base64) return []
  const json = JSON.parse(Buffer.from(query.content.base64, 'base64'))
  // The order of its keys says nothing.
  const sorted = (value) => (value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b))) : value)
  return [['query variables', JSON.stringify(json, (key, value) => (key === 'newsletter_id' || key === 'key' ? 'a channel' : sorted(value)))]]
}

async function capture(t, kind) {
  const here = await stage(t)
  const [side, phone] = [await here[kind]('Rosa'), await here.emulator.contact('Luis')]
  const emitter = side.kind === 'Chasqui' ? side.client : side.socket.ev
  const call = new Promise((resolve) => emitter.once?.('call', resolve) ?? emitter.on('call', ([told]) => resolve(told)))
  await phone.call('Rosa')
  let made
  const known = { peer: phone.jid, call: await call, order: () => made }
  const operations = new Map()
  let after = 0
  const all = async () => (await here.emulator.stanzas({ account: 'Rosa', direction: 'out', forms: true }))
  for (const [name, act] of Object.entries(ACTS[kind])) {
    if (name === 'order') made = await here.emulator.order('Rosa', [{ product: '1', quantity: 1 }])
    after = (await all()).at(-1)?.sequence ?? 0
    await act(side, known)
    // Baileys does not wait until a message has left.
    const posted = ({ sequence, stanza }) => sequence > after && stanza.tag === 'message' && concerned(stanza)
    if (/^channel (post|edit|revoke)$/.test(name)) await waitFor(async () => (await all()).some(posted), name)
    const sent = (await all()).filter(({ sequence, stanza }) => sequence > after && concerned(stanza)).map(({ stanza }) => stanza)
    const places = new Map()
    for (const stanza of sent) {
      const head = stanza.tag === 'iq' ? `${stanza.tag} ${stanza.attrs.xmlns}` : stanza.tag
      const bare = Array.isArray(stanza.content) ? { ...stanza, content: stanza.content.map((child) => (child.tag === 'query' || child.tag === 'plaintext' ? { ...child, content: undefined } : child)) } : stanza
      for (const found of forms([padded(bare)]).values()) for (const [place, form] of found) places.set(`${head}: ${place}`, form)
      for (const [place, form] of variables(stanza)) places.set(`${head}: ${place}`, form)
      const plaintext = Array.isArray(stanza.content) && stanza.content.find(({ tag }) => tag === 'plaintext')
      if (plaintext?.content?.base64) {
        for (const [place, form] of fields(proto.Message.decode(Buffer.from(plaintext.content.base64, 'base64')))) places.set(`${head} protobuf: ${place}`, form)
      }
    }
    operations.set(`${name} protobuf`, places)
  }
  return operations
}

/** A message to a channel has no copies by which it could be told what it is. */
const padded = (stanza) => (stanza.tag === 'message' ? { ...stanza, tag: 'channel-message' } : stanza)

test('every difference in calls, channels, businesses and bots is documented with its reason', async (t) => {
  const found = differences(await capture(t, 'baileys'), await capture(t, 'chasqui')).map((one) => ({ ...one, operation: one.operation.replace(/ protobuf$/, '') }))
  assertDocumented(found, DOCUMENT)
})
