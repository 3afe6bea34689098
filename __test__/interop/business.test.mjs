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

/** A logger for Baileys that keeps the settings that it has read, and has no event for. */
function keepingSettings(kept) {
  const debug = (about, text) => text === 'unprocessable update' && kept.push(about.syncAction)
  const nothing = () => {}
  const logger = { level: 'debug', child: () => logger, trace: nothing, debug, info: nothing, warn: nothing, error: nothing, fatal: nothing }
  return logger
}

test('labels and quick replies pass both ways between the devices of a business', async (t) => {
  const here = await stage(t)
  const unnamed = []
  const ana = await here.chasqui('Ana')
  const other = await here.baileys('Ana', { session: 'Ana 2', socketOptions: { logger: keepingSettings(unnamed) } })
  const carla = await here.emulator.contact('Carla')
  await carla.send('Ana', { text: 'an order' })
  const message = (await ana.got('an order')).original
  await other.got('an order')
  const labels = []
  other.socket.ev.on('labels.edit', ({ id, name, color, deleted }) => labels.push([id, name, color, deleted]))
  other.socket.ev.on('labels.association', ({ type, association: { chatId, labelId, messageId } }) => labels.push([type, labelId, chatId, messageId]))

  // Chasqui changes, Baileys hears of it: label by label.
  const label = { type: 'labelAssociation', labelId: '7', chat: carla.jid }
  const steps = [
    [{ type: 'label', id: '7', name: 'Urgent', color: 2 }, ['7', 'Urgent', 2]],
    [{ type: 'label', id: '7', name: 'Very urgent', color: 4 }, ['7', 'Very urgent', 4]],
    [{ ...label, labeled: true }, ['add', '7', carla.lid, undefined]],
    [{ ...label, messageId: message.id, labeled: true }, ['add', '7', carla.lid, message.id]],
    [{ ...label, messageId: message.id, labeled: false }, ['remove', '7', carla.lid, message.id]],
    [{ ...label, labeled: false }, ['remove', '7', carla.lid, undefined]],
    [{ type: 'label', id: '7', name: 'Very urgent', color: 4, deleted: true }, ['7', 'Very urgent', 4, true]],
  ]
  for (const [change, expected] of steps) {
    await ana.client.change(change)
    const fits = (told) => expected.every((value, at) => told[at] === value)
    await waitFor(() => labels.some(fits), `${JSON.stringify(change)} at Baileys`)
    labels.length = 0
  }
  const replies = [
    [{ type: 'quickReply', id: '1700000007', shortcut: 'hours', message: 'From 8 to 6', keywords: ['open'], count: 3 }, { shortcut: 'hours', message: 'From 8 to 6', keywords: ['open'], count: 3, deleted: false }],
    [{ type: 'quickReply', id: '1700000007', shortcut: 'hours', message: 'From 9 to 5' }, { shortcut: 'hours', message: 'From 9 to 5', deleted: false }],
    [{ type: 'quickReply', id: '1700000007', deleted: true }, { deleted: true }],
  ]
  for (const [change, expected] of replies) {
    await ana.client.change(change)
    const fits = ({ index, syncAction }) => {
      const { quickReplyAction: told } = syncAction.value
      return index.join() === 'quick_reply,1700000007' && Object.entries(expected).every(([key, value]) => JSON.stringify(told[key]) === JSON.stringify(value))
    }
    await waitFor(() => unnamed.some(fits), `${JSON.stringify(change)} at Baileys`)
    unnamed.length = 0
  }

  // Baileys changes, Chasqui hears of it.
  const { socket } = other
  const theirs = [
    [() => socket.addLabel(carla.lid, { id: '8', name: 'Paid', color: 1, deleted: false }), { type: 'label', id: '8', name: 'Paid', color: 1, deleted: false }],
    [() => socket.addChatLabel(carla.lid, '8'), { type: 'labelAssociation', labelId: '8', chat: carla.jid, messageId: undefined, labeled: true }],
    [() => socket.addMessageLabel(carla.lid, message.id, '8'), { type: 'labelAssociation', labelId: '8', chat: carla.jid, messageId: message.id, labeled: true }],
    [() => socket.removeMessageLabel(carla.lid, message.id, '8'), { type: 'labelAssociation', labelId: '8', chat: carla.jid, messageId: message.id, labeled: false }],
    [() => socket.removeChatLabel(carla.lid, '8'), { type: 'labelAssociation', labelId: '8', chat: carla.jid, messageId: undefined, labeled: false }],
    [() => socket.addLabel(carla.lid, { id: '8', name: 'Paid', color: 1, deleted: true }), { type: 'label', id: '8', deleted: true }],
    [() => socket.addOrEditQuickReply({ shortcut: 'hi', message: 'Good day', keywords: ['hello'], count: 2, timestamp: '1700000000' }), { type: 'quickReply', id: '1700000000', shortcut: 'hi', message: 'Good day', deleted: false }],
    [() => socket.addOrEditQuickReply({ shortcut: 'hi', message: 'Good evening', timestamp: '1700000000' }), { type: 'quickReply', id: '1700000000', shortcut: 'hi', message: 'Good evening', deleted: false }],
    [() => socket.removeQuickReply('1700000000'), { type: 'quickReply', id: '1700000000', deleted: true }],
  ]
  for (const [change, expected] of theirs) {
    ana.changes.length = 0
    await change()
    const fits = (told) => Object.entries(expected).every(([key, value]) => told[key] === value)
    await waitFor(() => ana.changes.some(fits), `${JSON.stringify(expected)} at Chasqui`)
  }
  assert.deepEqual(ana.errors, [])
  for (const { version, followed, mismatch } of Object.values(await here.emulator.appState('Ana'))) {
    assert.deepEqual([followed, mismatch], [version, false])
  }
})

test('the bots of the service are the same for both', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const bots = await ana.client.bots.list()
  const theirs = await ben.socket.getBotListV2()
  assert.deepEqual(bots.map(({ jid, personaId }) => ({ jid, personaId })), theirs)
  assert.deepEqual(bots.map(({ sections, default: first }) => [sections, first]), [[['All'], true], [['All', 'Featured'], false]])
})
