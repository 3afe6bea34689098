// Businesses: profiles, shops, orders, labels and quick replies, and the service's bots, with Chasqui and npm Baileys.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { stage, waitFor } from './sides.mjs'

const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64')
const URL_OF_PICTURE = 'https://mmg.whatsapp.net/v/picture.jpg'

/** What Baileys wants to know of a product. */
const product = (name, price) => ({ name, price, currency: 'COP', description: 'good', retailerId: 'r1', originCountryCode: undefined, images: [{ url: URL_OF_PICTURE }] })

test('Baileys alone: a shop is filled, looked at, changed and emptied', async (t) => {
  const here = await stage(t)
  const [ben, eva] = [await here.baileys('Ben'), await here.baileys('Eva')]
  assert.equal(await eva.socket.getBusinessProfile(ben.jid), undefined)
  await ben.socket.updateBussinesProfile({ address: 'Calle 1', email: 'a@b.example', websites: ['https://a.example'], hours: { timezone: 'America/Bogota', days: [{ day: 'mon', mode: 'specific_hours', openTimeInMinutes: '540', closeTimeInMinutes: '1080' }] } })
  const profile = await eva.socket.getBusinessProfile(ben.jid)
  assert.deepEqual([profile.address, profile.email, profile.website, profile.business_hours.timezone], ['Calle 1', 'a@b.example', ['https://a.example'], 'America/Bogota'])
  const made = await ben.socket.productCreate(product('Tinto', 2500))
  assert.deepEqual([made.id, made.name, made.price, made.imageUrls.original], ['1', 'Tinto', 2500, URL_OF_PICTURE])
  await ben.socket.productUpdate(made.id, product('Tinto doble', 4000))
  const { products } = await eva.socket.getCatalog({ jid: ben.jid })
  assert.deepEqual(products.map(({ name, price }) => [name, price]), [['Tinto doble', 4000]])
  assert.deepEqual(await ben.socket.productDelete([made.id]), { deleted: 1 })
})

test('Chasqui keeps a shop, and Baileys looks at it', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const { business } = ana.client
  assert.equal(await business.profile(), undefined)
  await business.setProfile({
    address: 'Carrera 7', description: 'Pan y café', email: 'ana@pan.example', websites: ['https://pan.example', 'https://cafe.example'],
    hours: { timezone: 'America/Bogota', days: [{ day: 'mon', mode: 'hours', opens: 420, closes: 1200 }, { day: 'sun', mode: 'appointment' }] },
  })
  const shown = await ben.socket.getBusinessProfile(ana.jid)
  assert.deepEqual([shown.address, shown.description, shown.email, shown.website], ['Carrera 7', 'Pan y café', 'ana@pan.example', ['https://pan.example']])
  assert.deepEqual(shown.business_hours.business_config.map(({ mode }) => mode), ['specific_hours', 'appointment_only'])
  const cover = await business.setCover(PIXEL)
  assert.equal((await business.profile()).cover, cover)
  await business.removeCover(cover)
  await business.setProfile({ email: '', websites: [] })
  const own = await business.profile()
  assert.deepEqual([own.jid, own.email, own.websites, own.cover, own.hours.days[0]], [ana.jid, undefined, [], undefined, { day: 'mon', mode: 'hours', opens: 420, closes: 1200 }])

  const made = await business.createProduct({ name: 'Almojábana', description: 'warm', price: 3.5, currency: 'COP', images: [PIXEL, { url: URL_OF_PICTURE }] })
  assert.deepEqual([made.id, made.price, made.status, made.hidden, made.images.length], ['1', 3.5, 'approved', false, 2])
  const { products } = await ben.socket.getCatalog({ jid: ana.jid })
  assert.deepEqual(products.map(({ name, price, currency, isHidden }) => [name, price, currency, isHidden]), [['Almojábana', 3500, 'COP', false]])
  const changed = await business.editProduct(made.id, { name: 'Almojábana', price: 4, currency: 'COP', hidden: true })
  assert.deepEqual([changed.price, changed.hidden, changed.images.filter(({ original }) => original).length], [4, true, 0])
  assert.deepEqual((await ben.socket.getCatalog({ jid: ana.jid })).products, [])
  await assert.rejects(business.editProduct('99', { name: 'x', price: 1, currency: 'COP' }), { code: 'NOT_FOUND' })
  for (const wrong of [{ name: '', price: 1, currency: 'COP' }, { name: 'x', price: 1, currency: '?' }, { name: 'x', price: -1, currency: 'COP' }]) {
    await assert.rejects(business.createProduct(wrong), { code: 'INVALID_ARGUMENT' })
  }
  await assert.rejects(business.setProfile({}), { code: 'INVALID_ARGUMENT' })
  const order = await here.emulator.order('Ana', [{ product: made.id, quantity: 3 }])
  const ordered = await ben.socket.getOrderDetails(order.id, order.token)
  assert.deepEqual([ordered.price.total, ordered.products[0].quantity], [12_000, 3])
  assert.equal(await business.deleteProducts(made.id), 1)
})

test('Baileys keeps a shop; Chasqui looks at it page by page, and hears of changes', async (t) => {
  const here = await stage(t)
  const [ben, ana] = [await here.baileys('Ben'), await here.chasqui('Ana')]
  const events = []
  ana.client.on('business', (event) => events.push(event))
  // Who has written to somebody hears of what changes there.
  await ana.send(ben.jid, 'do you sell bread?')
  await ben.got('do you sell bread?')
  for (const [at, name] of ['Pan', 'Café', 'Queso'].entries()) await ben.socket.productCreate(product(name, 1000 * (at + 1)))
  const told = await waitFor(() => events.find(({ change }) => change === 'catalog'), 'the event')
  assert.deepEqual([told.person.jid, told.products, told.collections], [ben.jid, ['1'], []])
  await ben.socket.updateBussinesProfile({ description: 'All of the day' })
  await waitFor(() => events.some(({ change }) => change === 'profile'), 'the news of the profile')

  const { business } = ana.client
  const first = await business.catalog(ben.jid, { limit: 2 })
  assert.deepEqual([first.products.map(({ name, price }) => [name, price]), first.cursor], [[['Pan', 1], ['Café', 2]], '2'])
  const second = await business.catalog(ben, { cursor: first.cursor })
  assert.deepEqual([second.products.map(({ name }) => name), second.cursor], [['Queso'], undefined])
  await here.emulator.shop('Ben', { verifiedName: 'Pan de Ben', collections: [{ name: 'Morning', products: ['1', '2'] }] })
  const [collection] = await business.collections(ben.jid)
  assert.deepEqual([collection.id, collection.name, collection.products.length], ['1', 'Morning', 2])
  const { name, level } = await business.verifiedName(ben.jid)
  assert.deepEqual([name, level, await business.verifiedName(ana.jid)], ['Pan de Ben', 'high', undefined])
  assert.deepEqual([(await business.profile(ben.lid)).description, (await business.profile(ben.jid)).jid], ['All of the day', ben.jid])
  const { id, token } = await here.emulator.order('Ben', [{ product: '1', quantity: 2 }, { product: '3', quantity: 1 }])
  const order = await business.order(id, token)
  assert.deepEqual([order.total, order.currency, order.products.map(({ name, quantity }) => [name, quantity])], [5, 'COP', [['Pan', 2], ['Queso', 1]]])
  await assert.rejects(business.order(id, 'x'), { code: 'NOT_ALLOWED' })
  await assert.rejects(business.order('1', 'x'), { code: 'NOT_FOUND' })
  assert.deepEqual(ana.errors, [])
})

test('labels and quick replies pass between the devices of an account', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ana', { session: 'Ana 2' })]
  const labels = []
  ben.socket.ev.on('labels.edit', (label) => labels.push(label))
  await ana.client.change({ type: 'label', id: '7', name: 'Urgent', color: 2 })
  await waitFor(() => labels.some(({ id, name }) => id === '7' && name === 'Urgent'), 'the label at Baileys')
  await ben.socket.addOrEditQuickReply({ shortcut: 'hi', message: 'Good day', keywords: [], count: 0, deleted: false, timestamp: '1700000000' })
  await waitFor(() => ana.changes.some(({ type, shortcut }) => type === 'quickReply' && shortcut === 'hi'), 'the quick reply at Chasqui')
})

test('the bots of the service are the same for both', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const bots = await ana.client.bots.list()
  const theirs = await ben.socket.getBotListV2()
  assert.deepEqual(bots.map(({ jid, personaId }) => ({ jid, personaId })), theirs)
  assert.deepEqual(bots.map(({ sections, default: first }) => [sections, first]), [[['All'], true], [['All', 'Featured'], false]])
})
