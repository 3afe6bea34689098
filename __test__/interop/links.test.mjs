// Links that lead to people. Baileys has no request for them: it is whom they lead to.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage } from './sides.mjs'

test('a link leads to its owner on every device, until it is withdrawn', async (t) => {
  const here = await stage(t)
  const [ana, sibling, eva] = [await here.chasqui('Ana'), await here.chasqui('Ana', { session: 'Ana again' }), await here.chasqui('Eva')]
  const link = await ana.client.profile.link()
  assert.match(link.url, /^https:\/\/wa\.me\/qr\/\w+$/)
  assert.equal(link.url, `https://wa.me/qr/${link.code}`)
  assert.deepEqual(await sibling.client.profile.link(), link)
  assert.deepEqual(await here.emulator.link('Ana'), link)
  for (const text of [link.url, link.code, `wa.me/qr/${link.code}?src=qr`]) {
    const named = await eva.client.people.fromLink(text)
    assert.deepEqual([named.type, named.jid, named.name], ['contact', ana.jid, 'Ana'])
    assert.ok(!('message' in named || 'business' in named))
  }
  assert.equal((await ana.client.people.fromLink(link.url)).jid, ana.jid)
  const renewed = await sibling.client.profile.renewLink()
  assert.notEqual(renewed.code, link.code)
  await assert.rejects(eva.client.people.fromLink(link.url), { code: 'NOT_FOUND', data: { error: 404 } })
  assert.equal((await eva.client.people.fromLink(renewed.url)).jid, ana.jid)
  assert.deepEqual(await ana.client.profile.link(), renewed)
})

test('whom a link names can be written to, also a business whose link brings a text along', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const named = await ana.client.people.fromLink((await here.emulator.link('Ben')).url)
  await ana.client.send(named.jid, { text: 'found you' })
  assert.equal((await ben.got('found you')).original.key.remoteJidAlt ?? ana.jid, ana.jid)

  const stranger = await here.emulator.link('Ben', { text: 'I would like to order.' })
  assert.match(stranger.url, /^https:\/\/wa\.me\/message\//)
  const unsigned = await ana.client.people.fromLink(stranger.url)
  assert.deepEqual([unsigned.type, unsigned.message, unsigned.business.signed], ['message', 'I would like to order.', false])
  await here.emulator.shop('Ben', { verifiedName: 'Tienda Ben' })
  const shop = await ana.client.people.fromLink(stranger.code)
  assert.deepEqual([shop.jid, shop.lid, shop.name], [ben.jid, ben.lid, 'Ben'])
  assert.deepEqual(shop.business, { verifiedName: 'Tienda Ben', verifiedLevel: 'high', signed: true })
  await ana.client.send(shop.jid, { text: shop.message })
  await ben.got('I would like to order.')

  for (const link of ['', 'https://wa.me/573005550100', 'not a code', 5]) {
    await assert.rejects(ana.client.people.fromLink(link), { code: 'INVALID_ARGUMENT' })
  }
  await assert.rejects(ana.client.people.fromLink('NOBODY0000'), { code: 'NOT_FOUND' })
  await assert.rejects(here.emulator.link('Nobody'))
  assert.deepEqual(ana.errors, [])
})
