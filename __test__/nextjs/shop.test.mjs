// What the bot, orders and notifications are for customers: María and Pedro write to the shop, and get on their phones what it answers.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { ENGINES, PATIENCE, startApp, waitFor } from './app.mjs'

const cafe = { code: 'CAFE-250', name: 'Café molido, 250 g', price: 24_000, currency: 'COP' }

for (const engine of ENGINES) {
  describe(`the shop with ${engine}`, { timeout: 280_000 }, () => {
    let emulator, app, rosa, maria, pedro
    before(async () => {
      emulator = await startEmulator()
      app = await startApp(emulator, { engine, env: { NOTIFICATION_INTERVAL_MS: '500' } })
      rosa = await app.user('Rosa')
      await rosa.link(emulator)
      ;[maria, pedro] = [await emulator.contact('María'), await emulator.contact('Pedro')]
    })
    after(async () => {
      await app?.end()
      await emulator?.stop()
    })
    const gets = async (person) => (await person.waitForMessage(undefined, { timeout: PATIENCE })).text
    const asks = async (person, text) => {
      await person.send('Rosa', { text })
      return gets(person)
    }
    const customer = async (name) => (await rosa.call('/api/customers')).customers.find((one) => one.name === name)

    test('products are made, found, changed and deleted; wrong ones are refused', async () => {
      const made = await rosa.call('/api/products', cafe)
      assert.deepEqual([made.http, made.success, made.product.description, made.product.available], [200, true, '', true])
      for (const [body, http, code] of [
        [{ ...cafe, code: 'café-250' }, 409, 'CONFLICT'], [{ ...cafe, code: '../x' }, 400, 'INVALID_INPUT'], [{ ...cafe, price: '1' }, 400, 'INVALID_INPUT'],
        [{}, 400, 'INVALID_INPUT'], [[], 400, 'INVALID_INPUT'], ['{"code":', 400, 'INVALID_JSON'], [{ ...cafe, code: 'x', description: 'x'.repeat(1001) }, 400, 'INVALID_INPUT'],
      ]) {
        const refused = await rosa.call('/api/products', body)
        assert.deepEqual([refused.http, refused.success, refused.code, typeof refused.error], [http, false, code, 'string'], JSON.stringify(body).slice(0, 50))
      }
      const { product: tea } = await rosa.call('/api/products', { code: 'TE', name: 'Té verde', description: 'De la sierra', price: 900, currency: 'COP' })
      const changed = await rosa.call(`/api/products/${tea.id}`, { price: 950 }, 'PATCH')
      assert.deepEqual(changed.product, { ...tea, price: 950 })
      assert.deepEqual((await rosa.call('/api/products?search=TE%20sierra')).products, [changed.product])
      assert.deepEqual((await rosa.call('/api/products?search=%25')).products, [])
      assert.equal((await rosa.call(`/api/products/${tea.id}`, undefined, 'DELETE')).http, 200)
      assert.deepEqual((await rosa.call(`/api/products/${tea.id}`, undefined, 'DELETE')).code, 'NOT_FOUND')
      assert.deepEqual((await rosa.call('/api/products')).products.map(({ code }) => code), ['CAFE-250'])
    })

    test('customers are greeted, see the catalogue, search and order; the page is told', async () => {
      const told = []
      const stop = await rosa.events((name, data) => told.push([name, data]))
      await waitFor(() => told.some(([name]) => name === 'ready'), 'the stream', PATIENCE)
      assert.match(await asks(maria, 'Buenas tardes'), /¡Hola, María!.*\/catalogo/s)
      assert.match(await asks(maria, '/catalogo'), /\*CAFE-250\* Café molido, 250 g — 24\.000 COP/)
      assert.match(await asks(maria, '¿Tienen CAFE?'), /Esto encontré.*CAFE-250/s)
      assert.match(await asks(maria, '/help'), /You can write/)
      assert.match(await asks(maria, '/pedido NADA'), /ningún producto/)
      assert.match(await asks(maria, '/pedido café-250 3'), /3 × Café molido.*72\.000 COP/s)
      const [, order] = await waitFor(() => told.find(([name]) => name === 'order'), 'the order', PATIENCE)
      await stop()
      const { orders } = await rosa.call('/api/orders')
      assert.deepEqual(orders, [order])
      assert.deepEqual([order.customer.name, order.productCode, order.quantity, order.total], ['María', 'CAFE-250', 3, 72_000])
    })

    test('where people answer, the bot is silent', async () => {
      const { id } = (await rosa.conversations())[0]
      await rosa.call(`/api/conversations/${id}`, { automatic: false }, 'PATCH')
      await maria.send('Rosa', { text: '/ayuda' })
      await waitFor(async () => (await rosa.messages(id)).at(-1).text === '/ayuda', 'the message', PATIENCE)
      await rosa.call(`/api/conversations/${id}/messages`, { content: 'Le atiende Rosa' })
      assert.equal(await gets(maria), 'Le atiende Rosa')
      await rosa.call(`/api/conversations/${id}`, { automatic: true }, 'PATCH')
    })

    test('a notification goes to those who agreed, until they say BAJA, and the report tells of each', async () => {
      const nobody = await rosa.call('/api/notifications', { content: 'Hoy hay pan' })
      assert.deepEqual([nobody.http, nobody.code], [409, 'CONFLICT'])
      assert.match(await asks(maria, 'Alta'), /recibirás nuestros avisos/)
      assert.match(await asks(pedro, 'START'), /get our notices/)
      assert.deepEqual([(await customer('María')).consent, (await customer('Pedro')).consent], ['given', 'given'])

      const first = await rosa.call('/api/notifications', { content: 'Hoy hay pan' })
      assert.deepEqual([first.http, first.notification.state, first.notification.recipients], [200, 'sending', 2])
      for (const person of [maria, pedro]) {
        assert.equal(await gets(person), 'Hoy hay pan\n\nResponde BAJA para no recibir más avisos.')
        await person.read()
      }
      const report = () => rosa.call(`/api/notifications/${first.notification.id}`)
      await waitFor(async () => (await report()).notification.read === 2, 'both to have read it', PATIENCE)
      assert.deepEqual((await report()).people.map(({ customer: { name }, state }) => [name, state]).toSorted(), [['María', 'read'], ['Pedro', 'read']])

      assert.match(await asks(maria, ' baja. '), /no recibirás más avisos/)
      assert.equal((await customer('María')).consent, 'withdrawn')
      const second = await rosa.call('/api/notifications', { content: 'Y café. STOP para no recibir más' })
      assert.equal(second.notification.recipients, 1)
      assert.equal(await gets(pedro), 'Y café. STOP para no recibir más')
      assert.deepEqual((await rosa.call('/api/notifications')).notifications.map(({ id }) => id), [second.notification.id, first.notification.id])

      const { id } = await customer('María')
      assert.equal((await rosa.call(`/api/customers/${id}`, { consent: true }, 'PATCH')).customer.consent, 'given')
      assert.equal((await rosa.call(`/api/customers/${id}`, { consent: 'yes' }, 'PATCH')).code, 'INVALID_INPUT')
      await waitFor(async () => (await rosa.call('/api/notifications')).notifications.every(({ state }) => state === 'done'), 'its end', PATIENCE)
    })

    test('a notification begun while the server ends goes on after it, once to each', async () => {
      const others = []
      for (const name of ['Lucía', 'Tomás', 'Inés']) others.push(await emulator.contact(name))
      for (const person of others) await asks(person, 'ALTA')
      const { notification } = await rosa.call('/api/notifications', { content: 'Cerramos a las 5. BAJA para no recibir más' })
      assert.equal(notification.recipients, 5)
      await app.end('SIGKILL')
      app = await startApp(emulator, { engine, data: app.data, env: { NOTIFICATION_INTERVAL_MS: '500' } })
      rosa = await app.user('Rosa')
      const report = async () => (await rosa.call(`/api/notifications/${notification.id}`)).notification
      await waitFor(async () => (await report()).delivered === 5, 'all to have it', PATIENCE)
      for (const person of [maria, pedro, ...others]) assert.match(await gets(person), /^Cerramos a las 5/)
      for (const { id } of await rosa.conversations()) {
        assert.equal((await rosa.messages(id)).filter(({ text }) => text.startsWith('Cerramos')).length, 1)
      }
      const again = await rosa.call(`/api/notifications/${notification.id}/cancel`, {})
      assert.deepEqual([again.http, again.code], [409, 'CONFLICT'])
    })

    test('another user sees nothing of it', async () => {
      const eva = await app.user('Eva')
      const [{ id: product }] = (await rosa.call('/api/products')).products
      const { id } = await customer('María')
      const [{ id: notification }] = (await rosa.call('/api/notifications')).notifications
      for (const list of ['products', 'customers', 'orders', 'notifications']) assert.deepEqual((await eva.call(`/api/${list}`))[list], [], list)
      for (const [address, body, method] of [
        [`/api/products/${product}`, { price: 1 }, 'PATCH'], [`/api/products/${product}`, undefined, 'DELETE'], [`/api/customers/${id}`, { consent: false }, 'PATCH'],
        [`/api/notifications/${notification}`], [`/api/notifications/${notification}/cancel`, {}], ['/api/notifications/..%2F..%2Fx'], ['/api/products/%00', { price: 1 }, 'PATCH'],
      ]) {
        const { http, success, code } = await eva.call(address, body, method)
        assert.deepEqual([http, success, code], [404, false, 'NOT_FOUND'], `${method ?? 'GET'} ${address}`)
      }
      assert.equal((await customer('María')).consent, 'given')
    })
  })
}

test('an AI answers what is no command', { timeout: 280_000 }, async (t) => {
  const asked = []
  const ai = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request.setEncoding('utf8')) body += piece
    asked.push(JSON.parse(body))
    response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'Sí, abrimos los domingos.' } }] }))
  })
  await new Promise((resolve) => ai.listen(0, '127.0.0.1', resolve))
  const emulator = await startEmulator()
  const app = await startApp(emulator, { env: { AI_ENDPOINT: `http://127.0.0.1:${ai.address().port}/v1` } })
  t.after(async () => {
    await app.end()
    await emulator.stop()
    ai.closeAllConnections()
    ai.close()
  })
  const rosa = await app.user('Rosa')
  await rosa.link(emulator)
  await rosa.call('/api/products', cafe)
  const maria = await emulator.contact('María')
  await maria.send('Rosa', { text: '¿Abren los domingos? Quiero café' })
  assert.equal((await maria.waitForMessage(undefined, { timeout: PATIENCE })).text, 'Sí, abrimos los domingos.')
  const [{ id }] = await rosa.conversations()
  assert.equal((await rosa.messages(id)).at(-1).author, 'ai')
  assert.match(asked[0].messages[0].content, /CAFE-250/)
  assert.equal(asked[0].messages.at(-1).content, '¿Abren los domingos? Quiero café')
})
