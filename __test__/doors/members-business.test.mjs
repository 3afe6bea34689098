// The members about businesses, beside those of npm Baileys.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage } from '../interop/sides.mjs'
import { sideBySide, stanzaLogger } from './members-context.mjs'

const leaf = (tag, content) => ({ tag, attrs: {}, content: Buffer.from(content) })
const node = (tag, attrs, content) => ({ tag, attrs, content })

const PRODUCT = node('product', { is_hidden: 'true' }, [
  leaf('id', '7'), leaf('name', 'Café'), leaf('description', 'molido'), leaf('url', 'https://example.com/7'), leaf('retailer_id', 'R7'),
  leaf('price', '12500'), leaf('currency', 'PEN'),
  node('media', {}, [node('image', {}, [leaf('id', '1'), leaf('request_image_url', 'https://example.com/s'), leaf('original_image_url', 'https://example.com/o')])]),
  node('status_info', {}, [leaf('status', 'APPROVED'), leaf('can_appeal', 'true')]),
])
const PLAIN_PRODUCT = node('product', {}, [leaf('id', '8'), leaf('name', 'Té'), leaf('description', ''), leaf('price', '1'), leaf('currency', 'PEN'), node('media', {}, []), node('status_info', {}, [leaf('status', 'PENDING')])])

async function businesses(t) {
  const { baileys, emulator } = await stage(t)
  const log = stanzaLogger()
  const ana = await baileys('Ana', { socketOptions: { logger: log } })
  const ben = await baileys('Ben')
  return { ana, ben, ...sideBySide(ana, log, { config: { waWebSocketUrl: emulator.endpoint } }) }
}
const answer = (...content) => () => ({ content })

test('profiles are asked for and changed as Baileys does', async (t) => {
  const { ben, same } = await businesses(t)
  await same('no business', (socket) => socket.getBusinessProfile(ben.jid))
  const hours = node('business_hours', { timezone: 'America/Lima' }, [node('business_hours_config', { day_of_week: 'mon', mode: 'specific_hours', open_time: '480', close_time: '1020' })])
  const full = node('profile', { jid: ben.jid, tag: '1' }, [
    leaf('address', 'Calle 1'), leaf('description', 'Café'), leaf('website', 'https://example.com'), leaf('website', 'https://example.org'),
    leaf('email', 'a@example.com'), node('categories', {}, [leaf('category', 'Food'), leaf('category', 'Drink')]), hours,
  ])
  for (const profile of [full, node('profile', { jid: ben.jid }, []), node('profile', { jid: ben.jid }, [node('business_hours', { timezone: 'x' }, [])])]) {
    await same('a profile', (socket) => socket.getBusinessProfile(ben.jid), { answer: answer(node('business_profile', {}, [profile])) })
  }
  const days = [{ day: 'mon', mode: 'specific_hours', openTimeInMinutes: '480', closeTimeInMinutes: '1020' }, { day: 'sun', mode: 'open_24h' }]
  await same('all of it', (socket) =>
    socket.updateBussinesProfile({ address: 'a', email: 'e@example.com', description: 'd', websites: ['https://example.com', 'https://example.org'], hours: { timezone: 'America/Lima', days } }))
  await same('an empty text', (socket) => socket.updateBussinesProfile({ description: '' }))
  await same('nothing', (socket) => socket.updateBussinesProfile({ websites: [] }))
  await same('no cover photo', (socket) => socket.removeCoverPhoto('123'))
})

test('a cover photo is uploaded and named as Baileys does', async (t) => {
  const { ana, ours } = await businesses(t)
  const photo = Buffer.from('a photo')
  const id = await ours.members.updateCoverPhoto(photo)
  assert.equal(id, await ana.socket.updateCoverPhoto(photo))
})

test('catalogs, collections and orders are read as Baileys does', async (t) => {
  const { ben, same } = await businesses(t)
  await same('the own catalog', (socket) => socket.getCatalog({}))
  await same('a page of a catalog', (socket) => socket.getCatalog({ jid: ben.jid, limit: 3, cursor: 'abc' }))
  const paging = node('paging', {}, [leaf('after', 'next'), leaf('before', 'last')])
  await same('products', (socket) => socket.getCatalog({ jid: ben.jid }), { answer: answer(node('product_catalog', {}, [PRODUCT, PLAIN_PRODUCT, paging])) })
  await same('the own collections', (socket) => socket.getCollections())
  await same('a few collections', (socket) => socket.getCollections(ben.jid, 2))
  const status = node('status_info', {}, [leaf('status', 'APPROVED'), leaf('can_appeal', 'true')])
  const collection = node('collection', {}, [leaf('id', 'c1'), leaf('name', 'Todo'), PRODUCT, status])
  await same('collections', (socket) => socket.getCollections(ben.jid), { answer: answer(node('collections', {}, [collection, node('collection', {}, [leaf('id', 'c2'), leaf('name', 'Más'), node('status_info', {}, [])])])) })
  await same('no order', (socket) => socket.getOrderDetails('1', 'dG9r'))
  const ordered = node('product', {}, [leaf('id', '7'), leaf('name', 'Café'), node('image', {}, [leaf('id', '1'), leaf('url', 'https://example.com/i')]), leaf('price', '12500'), leaf('currency', 'PEN'), leaf('quantity', '2')])
  const order = node('order', { id: '1', creation_ts: '1700000000' }, [ordered, node('price', {}, [leaf('subtotal', '25000'), leaf('total', '25000'), leaf('currency', 'PEN'), leaf('price_status', 'x')])])
  await same('an order', (socket) => socket.getOrderDetails('1', 'dG9r'), { answer: answer(order) })
})

test('products are made, changed and deleted as Baileys does', async (t) => {
  const { ours, same } = await businesses(t)
  const base = { name: 'Café', description: 'molido', price: 12_500, currency: 'PEN' }
  const images = [{ url: 'https://mmg.whatsapp.net/v/x.jpg' }, { url: new URL('https://mmg.whatsapp.net/v/y.jpg') }]
  const added = { answer: answer(node('product_catalog_add', {}, [PRODUCT])) }
  await same('with all', (socket) => socket.productCreate({ ...base, retailerId: 'R7', originCountryCode: 'PE', isHidden: true, url: 'https://example.com', images }), added)
  await same('with little', (socket) => socket.productCreate({ ...base, images: [], originCountryCode: undefined }), added)
  const edited = { answer: answer(node('product_catalog_edit', {}, [PRODUCT])) }
  await same('change', (socket) => socket.productUpdate('7', { ...base, images, isHidden: false }), edited)
  await same('change little', (socket) => socket.productUpdate('7', { ...base, images: [] }), edited)
  await same('change what is not there', (socket) => socket.productUpdate('7', { ...base, images: [] }))
  await same('delete', (socket) => socket.productDelete(['7', '8']), { answer: answer(node('product_catalog_delete', { deleted_count: '2' })) })
  await same('delete what is not there', (socket) => socket.productDelete(['7']))
  // Baileys uploads an empty file.
  const { imageUrls } = await ours.members.productCreate({ ...base, images: [Buffer.from('a picture')], originCountryCode: undefined })
  assert.match(imageUrls.requested, /^https:\/\/mmg\.whatsapp\.net\/v\//)
  assert.ok(!imageUrls.requested.includes('47DEQpj8HBSa'))
})
