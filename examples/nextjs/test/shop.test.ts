// Products, customers and orders, each user's own.
import './support/database'

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ChangeProduct, NewNotification, NewProduct } from '../lib/api'
import { listCustomers, setConsent } from '../lib/customers'
import { db, orders, write } from '../lib/db'
import { AppError, isOutage, toAppError } from '../lib/failure'
import { listOrders, orderOfMessage, placeOrder } from '../lib/orders'
import { changeProduct, createProduct, deleteProduct, listProducts, productWithCode, relatedProducts } from '../lib/products'
import { Shop } from './support/shop'

const code = (expected: AppError['code']) => (error: unknown) => error instanceof AppError && error.code === expected
const bread = NewProduct.parse({ code: 'PAN-1', name: 'Pan de yuca', price: 2500, currency: 'COP' })

test('a product is made, changed and deleted', async () => {
  const { userId } = await Shop.open({ products: false })
  const created = await createProduct(userId, bread)
  assert.deepEqual({ ...created, id: '' }, { id: '', code: 'PAN-1', name: 'Pan de yuca', description: '', price: 2500, currency: 'COP', available: true })
  await changeProduct(userId, created.id, ChangeProduct.parse({ description: 'Recién horneado', available: false }))
  await changeProduct(userId, created.id, ChangeProduct.parse({ price: 2600 }))
  await changeProduct(userId, created.id, ChangeProduct.parse({}))
  assert.deepEqual(await listProducts(userId), [{ ...created, price: 2600, description: 'Recién horneado', available: false }], 'what was not named stays')
  assert.deepEqual(await listProducts(userId, 'horneado YUCA'), await listProducts(userId))
  await deleteProduct(userId, created.id)
  assert.deepEqual(await listProducts(userId), [])
  await assert.rejects(deleteProduct(userId, created.id), code('NOT_FOUND'))
  await assert.rejects(changeProduct(userId, created.id, { price: 1 }), code('NOT_FOUND'))
})

test('a code is there once in each shop, however it is typed', async () => {
  const { userId } = await Shop.open({ products: false })
  const other = await Shop.open({ products: false })
  const first = await createProduct(userId, { ...bread, code: 'CAFÉ' })
  const second = await createProduct(userId, bread)
  for (const same of ['CAFÉ', 'cafe', 'Café']) {
    await assert.rejects(createProduct(userId, { ...bread, code: same }), code('CONFLICT'))
    await assert.rejects(changeProduct(userId, second.id, { code: same }), code('CONFLICT'))
    assert.equal((await productWithCode(userId, same))?.id, first.id)
  }
  assert.equal((await changeProduct(userId, first.id, { code: 'café' })).code, 'café', 'its own')
  await createProduct(other.userId, { ...bread, code: 'CAFÉ' })
  const many = await Promise.allSettled(Array.from({ length: 20 }, () => createProduct(userId, { ...bread, code: 'NUEVO' })))
  assert.equal(many.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.ok(many.every((one) => one.status === 'fulfilled' || code('CONFLICT')(one.reason)))
})

test("another user's products and customers are not there", async () => {
  const shop = await Shop.open()
  const { userId: stranger } = await Shop.open({ products: false })
  const rosa = await shop.customer()
  const [product] = await listProducts(shop.userId)
  assert.deepEqual(await listProducts(stranger), [])
  assert.deepEqual(await relatedProducts(stranger, 'café', 10), [])
  assert.deepEqual(await listCustomers(stranger), [])
  for (const id of [product!.id, '../1', '', '%', '\0']) {
    const refused = id === '\0' ? (error: unknown) => ['NOT_FOUND', 'INVALID_INPUT'].includes(toAppError(error).code) : code('NOT_FOUND')
    await assert.rejects(changeProduct(stranger, id, { price: 1 }), refused)
    await assert.rejects(deleteProduct(stranger, id), refused)
  }
  await assert.rejects(setConsent(stranger, rosa.id, true), code('NOT_FOUND'))
  assert.equal(await shop.consentOf(rosa), 'unknown')
  assert.deepEqual((await listProducts(shop.userId))[0], product)
})

test('customers have their conversation and what they agreed to', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  const luz = await shop.customer()
  const { conversationId } = await shop.receive(rosa, 'hola')
  const given = await setConsent(shop.userId, rosa.id, true)
  assert.deepEqual([given.consent, given.conversationId, given.phoneNumber], ['given', conversationId, rosa.phoneNumber])
  assert.equal((await setConsent(shop.userId, luz.id, false)).consent, 'withdrawn')
  const all = await listCustomers(shop.userId)
  assert.deepEqual(new Map(all.map((one) => [one.id, one.conversationId])), new Map([[luz.id, null], [rosa.id, conversationId]]))
})

test('a message orders once', async () => {
  const shop = await Shop.open()
  const rosa = await shop.customer()
  const { id: messageId } = await shop.receive(rosa, '/pedido CAFE-250 999')
  const product = (await productWithCode(shop.userId, 'cafe-250'))!
  const order = { userId: shop.userId, customerId: rosa.id, messageId, product: { ...product, price: 1_000_000_000_000 }, quantity: 999 }
  await write((tx) => placeOrder(tx, order))
  const again = await write((tx) => placeOrder(tx, order)).then(() => assert.fail('twice'), (error: unknown) => error)
  assert.equal(isOutage(again), false, 'that is no trouble of the database')
  const [view] = await listOrders(shop.userId)
  assert.deepEqual([view?.total, view?.quantity, view?.customer.id], [999_000_000_000_000, 999, rosa.id])
  assert.deepEqual(await orderOfMessage(messageId), view)
  assert.deepEqual(await listOrders((await Shop.open()).userId), [])
  assert.equal((await (await db()).select().from(orders)).length, 1)
})

test('products that have something to do with a text, those with most of its words first', async () => {
  const { userId } = await Shop.open()
  const codes = async (text: string, limit = 3) => (await relatedProducts(userId, text, limit)).map((product) => product.code)
  assert.equal((await codes('Hola, quiero café en grano para mi oficina'))[0], 'CAFE-500')
  assert.deepEqual(await codes('galletitas? no: GALLETAS', 1), ['GALLETAS'])
  assert.equal((await codes('hola')).length, 3, 'the first of the catalogue')
  assert.ok(!(await codes('prensa francesa', 20)).includes('PRENSA-350'), 'it is not available')
})

test('what no product and no notification can be', () => {
  const wrong: object[] = [
    { code: '' }, { code: 'a b' }, { code: '../x' }, { code: 'x'.repeat(33) }, { name: ' ' }, { name: 'x'.repeat(201) }, { name: 'a\0b' },
    { price: -1 }, { price: 1.5 }, { price: '5' }, { price: NaN }, { price: 1e15 }, { currency: 'cop' }, { currency: 'PESO' }, { available: 'yes' },
    { description: 'x'.repeat(1001) }, { description: '\0' },
  ]
  for (const values of wrong) {
    assert.equal(NewProduct.safeParse({ ...bread, ...values }).success, false, JSON.stringify(values))
    assert.equal(ChangeProduct.safeParse(values).success, false, JSON.stringify(values))
  }
  for (const content of ['', '  ', 'x'.repeat(65_537), 'a\0', 5, null]) assert.equal(NewNotification.safeParse({ content }).success, false)
})
