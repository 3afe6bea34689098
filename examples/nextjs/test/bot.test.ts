// What the bot answers: consent, commands, and the rule.
import './support/database'

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { consentIn } from '../lib/bot/consent'
import { isAnswerDue } from '../lib/bot/due'
import { productsAskedFor } from '../lib/bot/rule'
import { db, orders, write, type Customer } from '../lib/db'
import { listOrders } from '../lib/orders'
import { changeProduct, createProduct, listProducts } from '../lib/products'
import { Shop } from './support/shop'

delete process.env.AI_ENDPOINT

/** The answer is applied as the worker does it. */
async function say(shop: Shop, customer: Customer, text: string): Promise<string[]> {
  const incoming = await shop.incoming(await shop.receive(customer, text))
  const { answer } = await import('../lib/bot')
  const { replies = [], effects } = (await answer(incoming)) ?? {}
  await write(async (tx) => effects?.(tx, incoming))
  return replies.map(({ content }) => content)
}

test('words that end and begin notifications, as people type them', () => {
  for (const text of ['BAJA', 'baja', ' Baja. ', 'BAJA!!', '¡Baja!', 'bája', 'STOP', 'Stop.', '/baja', '«BAJA»', 'no más mensajes', 'darme de baja', 'unsubscribe', 'ＢＡＪＡ']) {
    assert.equal(consentIn(text)?.consent, 'withdrawn', text)
  }
  for (const text of ['ALTA', 'alta.', 'START', 'darme de alta']) assert.equal(consentIn(text)?.consent, 'given', text)
  for (const text of ['la baja de precios', 'bajar', 'trabaja', 'no stop', 'alta calidad', '', '...', null, 'baja '.repeat(1000)]) {
    assert.equal(consentIn(text), undefined, String(text).slice(0, 20))
  }
})

test('BAJA withdraws consent and is confirmed once; ALTA gives it', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer({ consent: 'given' })
  const other = await shop.customer({ consent: 'given' })
  const [confirmed, ...more] = await say(shop, rosa, 'Baja.')
  assert.match(confirmed!, /no recibirás más avisos.*ALTA/s)
  assert.equal(more.length, 0)
  assert.equal(await shop.consentOf(rosa), 'withdrawn')
  assert.equal(await shop.consentOf(other), 'given')
  assert.deepEqual(await say(shop, rosa, 'BAJA'), [], 'it is known already')
  assert.match((await say(shop, rosa, 'START'))[0]!, /get our notices.*STOP.*BAJA/s)
  assert.equal(await shop.consentOf(rosa), 'given')
})

test('what was said later counts, whichever is looked at first', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer({ consent: 'given', consentAt: new Date() })
  const old = await shop.incoming(await shop.receive(rosa, 'BAJA', { timestamp: new Date(Date.now() - 60_000) }))
  const { answerConsent } = await import('../lib/bot/consent')
  await write(async (tx) => answerConsent(old)?.effects?.(tx, old))
  assert.equal(await shop.consentOf(rosa), 'given')
  await say(shop, rosa, 'BAJA')
  assert.equal(await shop.consentOf(rosa), 'withdrawn', 'in the same second')
})

test('which messages are due: of customers, recent and where answers are automatic; BAJA always', () => {
  const now = Date.now()
  const message = { direction: 'in', type: 'text', text: 'hola', timestamp: new Date(now) } as const
  const conversation = { customerId: 'c', automatic: true }
  assert.equal(isAnswerDue(message, conversation, now), true)
  assert.equal(isAnswerDue({ ...message, direction: 'out' }, conversation, now), false)
  assert.equal(isAnswerDue({ ...message, type: 'image' }, conversation, now), false)
  assert.equal(isAnswerDue({ ...message, text: null }, conversation, now), false)
  assert.equal(isAnswerDue(message, { ...conversation, customerId: null }, now), false)
  assert.equal(isAnswerDue(message, { ...conversation, automatic: false }, now), false)
  assert.equal(isAnswerDue({ ...message, timestamp: new Date(now - 3_600_001) }, conversation, now), false)
  assert.equal(isAnswerDue({ ...message, text: 'BAJA', timestamp: new Date(0) }, { customerId: 'c', automatic: false }, now), true)
})

test('/catalogo lists what can be ordered, with codes and prices', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  const [list, ...more] = await shop.answers(rosa, '/catalogo')
  assert.equal(more.length, 0)
  assert.match(list!, /\*CAFE-250\* Café Quebrada Clara, molido, 250 g — 24\.000 COP/)
  assert.equal(list!.match(/^•/gm)?.length, 6)
  assert.doesNotMatch(list!, /PRENSA-350/, 'it is not available')
  assert.match(list!, /\/pedido \S+ 2/)
})

test('a search sees code, name and description, whatever the case, the accents and the number', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  const codes = async (text: string) => [...((await shop.answers(rosa, text))[0] ?? '').matchAll(/^• \*(.+?)\*/gm)].map(([, code]) => code).sort()
  const coffee = ['CAFE-250', 'CAFE-500', 'DESCAF-250']
  assert.deepEqual(await codes('/catalogo CAFÉ'), ['CAFE-250', 'CAFE-500', 'DESCAF-250'])
  assert.deepEqual(await codes('/catálogo cafe'), coffee)
  assert.deepEqual(await codes('/CATALOGO cafés'), coffee)
  assert.deepEqual(await codes('/catalogo grano cafe'), ['CAFE-500'], 'all words')
  assert.deepEqual(await codes('/catalogo panela'), ['CAFE-250', 'CAFE-500'], 'in the description')
  assert.deepEqual(await codes('/catalogo choco-200'), ['CHOCO-200'])
  for (const none of ["%", '_', '%%%', "' or 1=1 --", '\\', '***', 'café té']) assert.deepEqual(await codes(`/catalogo ${none}`), [], none)
  assert.match((await shop.answers(rosa, '/catalogo  té   verde '))[0]!, /No encontré nada para «té verde»/)
})

test('of many products twenty are listed, and how many more there are', async () => {
  const shop = await Shop.open({ products: false })
  const rosa = await shop.customer()
  assert.match((await shop.answers(rosa, '/catalogo'))[0]!, /Todavía no hay productos/)
  for (let i = 0; i < 23; i++) {
    await createProduct(shop.userId, { code: `P${i}`, name: `Pan ${i}`, description: '', price: 1250, currency: 'EUR', available: true })
  }
  const [list] = await shop.answers(rosa, '/catalog')
  assert.equal(list!.match(/^•/gm)?.length, 20)
  assert.match(list!, /And 3 more/)
  assert.match(list!, /€12\.50/)
  assert.match((await shop.answers(rosa, '/catalogo pan'))[0]!, /12,50 €.*Y 3 más/s)
})

test('/pedido orders, once, and tells the total', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  assert.match((await say(shop, rosa, '/pedido cafe-250 2'))[0]!, /2 × Café Quebrada Clara.*CAFE-250.*Total: \*48\.000 COP\*/s)
  assert.match((await say(shop, rosa, '/order GALLETAS'))[0]!, /We have your order: 1 × Galletas/)
  assert.deepEqual(
    (await listOrders(shop.userId)).map(({ productCode, quantity, total, currency, customer }) => [productCode, quantity, total, currency, customer.id]).sort(),
    [['CAFE-250', 2, 48_000, 'COP', rosa.id], ['GALLETAS', 1, 15_000, 'COP', rosa.id]],
  )
})

test('/pedido explains what is wrong, and orders nothing', async () => {
  const shop = await Shop.open()
  const other = await Shop.open({ products: false })
  const rosa = await shop.customer()
  assert.match((await say(shop, rosa, '/pedido'))[0]!, /el código y la cantidad/)
  assert.match((await say(shop, rosa, '/pedido NADA 2'))[0]!, /ningún producto con el código «NADA»/)
  assert.match((await say(shop, rosa, '/order PRENSA-350'))[0]!, /not available/)
  for (const quantity of ['0', '-1', '1000', '1.5', 'dos', '1e3', '99999999999999999999', '2 3', 'NaN', '0x10']) {
    assert.match((await say(shop, rosa, `/pedido CAFE-250 ${quantity}`))[0]!, /de 1 a 999/, quantity)
  }
  assert.match((await say(other, await other.customer(), '/pedido CAFE-250'))[0]!, /ningún producto/, "another shop's")
  assert.equal((await (await db()).select().from(orders)).filter(({ userId }) => [shop.userId, other.userId].includes(userId)).length, 0)
})

test('/ayuda and /help; unknown commands get a hint, paths and fractions are none', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  await shop.receive(rosa, 'hola')
  assert.match((await shop.answers(rosa, '/ayuda'))[0]!, /\/catalogo.*\/pedido.*BAJA/s)
  assert.match((await shop.answers(rosa, ' /HELP '))[0]!, /\/catalog\*.*\/order.*STOP/s)
  assert.match((await shop.answers(rosa, '/descuento 50'))[0]!, /No conozco \/descuento\. Escribe \/ayuda/)
  for (const text of ['/', '//', '1/2', '/home/rosa', 'ver /catalogo', '/123']) assert.deepEqual(await shop.answers(rosa, text), [], text)
})

test('the rule greets once, answers questions for products with a list, and leaves the rest to people', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer({ name: 'Rosa\nDíaz' })
  const [greeting, ...more] = await shop.answers(rosa, 'Buenas tardes')
  assert.match(greeting!, /¡Hola, Rosa Díaz!.*\/catalogo.*\/pedido.*\/ayuda/s)
  assert.equal(more.length, 0)
  assert.deepEqual(await shop.answers(rosa, 'Buenas tardes'), [], 'only the first message')
  for (const text of ['¿tienen café?', 'Hola, buenas tardes, ¿tienen café molido?', 'busco cafe', 'precio de CAFÉ', '¿cuánto cuesta el café en grano?', '¿A cómo tienen el café?']) {
    assert.match((await shop.answers(rosa, text))[0] ?? '', /Esto encontré para «.*\*CAFE-/s, text)
  }
  for (const text of ['¿Tienen un momento?', '¿hay parqueadero?', 'Gracias', 'necesito hablar con alguien', '¿tienen?', 'tienen', 'ok', 'precio de', `busco ${'café '.repeat(100)}`]) {
    assert.deepEqual(await shop.answers(rosa, text), [], text)
  }
  const ana = await shop.customer()
  assert.equal((await shop.answers(ana, 'Hola, busco galletas')).length, 2, 'a greeting and the list')
})

test('what a question asks for', () => {
  assert.equal(productsAskedFor('¿Tienen galletas de avena, por favor?'), 'galletas avena')
  assert.equal(productsAskedFor('Quisiera saber el precio de los filtros'), 'filtros')
  assert.equal(productsAskedFor('¿Qué precio tiene el chocolate?'), 'chocolate')
  assert.equal(productsAskedFor('me llamo Rosa'), undefined)
})

test('long hostile texts are looked at quickly', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  await shop.receive(rosa, 'hola')
  const began = performance.now()
  for (const text of ['a '.repeat(32_000), `/${'a'.repeat(65_000)}`, `/catalogo ${'ñ'.repeat(65_000)}`, `/pedido ${' '.repeat(65_000)}x`, 'hola '.repeat(13_000), '\u0301'.repeat(65_000)]) {
    for (const reply of await shop.answers(rosa, text)) assert.ok(reply.length < 1000)
  }
  assert.ok(performance.now() - began < 2000)
})

test('a changed product is found by what it is called now', async () => {
  const shop = await Shop.open()
  const [product] = await listProducts(shop.userId, 'galletas')
  await changeProduct(shop.userId, product!.id, { name: 'Bizcochos', description: '', code: 'BIZ' })
  assert.deepEqual(await listProducts(shop.userId, 'galleta'), [])
  assert.equal((await listProducts(shop.userId, 'bizcocho'))[0]?.id, product!.id)
})
