// The routes as a program or a page calls them, with the engine that package.json names and with npm Baileys behind the same import.
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { ENGINES, PATIENCE, startApp, startPostgres, waitFor } from './app.mjs'
import { readQrCodeUrl } from './qr-code.mjs'

const number = ({ jid }) => jid.split('@')[0]

const postgres = await startPostgres()
after(() => postgres?.stop())

for (const [name, { engine, onPostgres = false }] of Object.entries({
  ...Object.fromEntries(ENGINES.map((engine) => [engine, { engine }])),
  'chasqui, on Postgres': { engine: 'chasqui', onPostgres: true },
})) {
  const skip = onPostgres && !postgres && 'this machine has no Postgres (Debian: apt-get install postgresql)'
  describe(`the routes with ${name}`, { timeout: 280_000, skip }, () => {
    let emulator, app, rosa, maria
    const env = onPostgres && postgres ? { DATABASE_URL: postgres.database('routes') } : {}
    before(async () => {
      emulator = await startEmulator()
      app = await startApp(emulator, { engine, env })
      rosa = await app.user('Rosa')
      maria = await emulator.contact('María')
    })
    after(async () => {
      await app?.end()
      await emulator?.stop()
    })
    const folders = () => readdirSync(app.sessions).filter((name) => !name.startsWith('.'))
    const conversation = async () => (await rosa.conversations())[0]
    const texts = async () => (await rosa.messages((await conversation()).id)).map(({ direction, text }) => `${direction}: ${text}`)

    test('nobody who is not signed in gets anything', async () => {
      const nobody = { ...rosa, cookie: '' }
      nobody.raw = (address, options = {}) => fetch(app.base + address, options)
      for (const [address, method] of [
        ['/api/whatsapp/status', 'GET'], ['/api/whatsapp/connect', 'POST'], ['/api/whatsapp/send', 'POST'], ['/api/whatsapp/disconnect', 'POST'],
        ['/api/conversations', 'GET'], ['/api/conversations/1/messages', 'GET'], ['/api/media/1', 'GET'], ['/api/events', 'GET'], ['/api/products', 'GET'],
        ['/api/customers', 'GET'], ['/api/orders', 'GET'], ['/api/notifications', 'GET'], ['/api/notifications', 'POST'],
      ]) {
        const response = await nobody.raw(address, { method })
        const { success, code, error } = await response.json()
        assert.deepEqual([response.status, success, code, typeof error], [401, false, 'NOT_SIGNED_IN', 'string'], address)
      }
    })

    test('connect gives a code, status follows it, and the scan opens the connection', async () => {
      const { headers, http, ...before } = await rosa.status()
      assert.deepEqual([http, before], [200, {
        success: true, status: 'DISCONNECTED', isConnected: false, qrCode: null, reason: null, connection: { phoneNumber: null, lastConnectedAt: null },
      }])
      const early = await rosa.call('/api/whatsapp/send', { to: number(maria), content: 'too early' })
      assert.deepEqual([early.http, early.success, early.code], [409, false, 'NOT_CONNECTED'])
      const connected = await rosa.call('/api/whatsapp/connect', {})
      assert.deepEqual([connected.http, connected.success, typeof connected.message], [200, true, 'string'])
      assert.match(connected.qr, /^data:image\/png;base64,/)
      const shown = await rosa.status()
      assert.deepEqual([shown.status, shown.isConnected, shown.qrCode], ['QR', false, connected.qr])
      await emulator.scan(readQrCodeUrl(connected.qr), { account: 'Rosa' })
      await rosa.connected()
      const { status, qrCode, connection } = await rosa.status()
      const account = (await emulator.accounts()).find(({ name }) => name === 'Rosa')
      assert.deepEqual([status, qrCode, connection.phoneNumber], ['CONNECTED', null, `+${number(account)}`])
      assert.ok(Math.abs(Date.parse(connection.lastConnectedAt) - Date.now()) < PATIENCE)
      const again = await rosa.call('/api/whatsapp/connect', {})
      assert.deepEqual([again.http, again.qr, again.status], [200, null, 'CONNECTED'])
      assert.equal(folders().length, 1)
    })

    test('a text goes to a number, with and without +, and to a JID; its ticks turn', async () => {
      const ids = []
      for (const [to, content] of [[number(maria), 'one'], [`+${number(maria)}`, 'two'], [maria.jid, 'three']]) {
        const { http, success, message } = await rosa.call('/api/whatsapp/send', { to, content })
        assert.deepEqual([http, success, message.text, message.direction, message.author], [200, true, content, 'out', 'operator'])
        const got = await maria.waitForMessage(undefined, { timeout: PATIENCE })
        assert.deepEqual([got.text, got.id], [content, message.whatsappId])
        ids.push(message.id)
      }
      const status = async () => (await rosa.messages((await conversation()).id)).map((message) => message.status)
      await waitFor(async () => (await status()).every((one) => one === 'delivered'), 'the second tick', PATIENCE)
      await maria.read()
      await waitFor(async () => (await status()).at(-1) === 'read', 'the blue ticks', PATIENCE)
      const stranger = await rosa.call('/api/whatsapp/send', { to: '+15550009999', content: 'is anybody there?' })
      assert.deepEqual([stranger.http, stranger.code], [404, 'NOT_ON_WHATSAPP'])
    })

    test('what a customer writes is kept, counted and told at once', async () => {
      const told = []
      const stop = await rosa.events((name, data) => told.push([name, data]))
      await waitFor(() => told.some(([name]) => name === 'ready'), 'the stream')
      await maria.send('Rosa', { text: '<b>hello</b> ¿qué tal?' })
      const event = await waitFor(() => told.find(([name, data]) => name === 'message' && data.direction === 'in'), 'the event', PATIENCE)
      assert.equal(event[1].text, '<b>hello</b> ¿qué tal?')
      await waitFor(() => told.some(([name, data]) => name === 'conversation' && data.unread === 1), 'the number of unread ones')
      await stop()
      const { id, unread, name, phoneNumber, lastMessage } = await conversation()
      assert.deepEqual([unread, name, phoneNumber, lastMessage.text], [1, 'María', `+${number(maria)}`, '<b>hello</b> ¿qué tal?'])
      assert.equal((await rosa.call(`/api/conversations/${id}/read`, {})).http, 200)
      assert.equal((await conversation()).unread, 0)
      await maria.waitForReceipt(({ receipt }) => receipt === 'read', { timeout: PATIENCE })
      const answer = await rosa.call(`/api/conversations/${id}/messages`, { content: 'I am fine' })
      assert.equal(answer.http, 200)
      assert.equal((await maria.waitForMessage(undefined, { timeout: PATIENCE })).text, 'I am fine')
      const { customers } = await rosa.call('/api/customers')
      assert.deepEqual(customers.map((customer) => [customer.name, customer.phoneNumber, customer.consent, customer.conversationId]), [['María', `+${number(maria)}`, 'unknown', id]])
    })

    test('the server ends and starts again: nothing is lost, nothing doubled, no code is needed', async () => {
      const before = await texts()
      assert.equal(await app.end(), 0, app.tail())
      await maria.send('Rosa', { text: 'while you were away' })
      app = await startApp(emulator, { engine, env, data: app.data })
      rosa = await app.user('Rosa')
      await rosa.connected()
      await waitFor(async () => (await texts()).length > before.length, 'what was written meanwhile', PATIENCE)
      assert.deepEqual(await texts(), [...before, 'in: while you were away'])
    })

    test('the line is cut: the session comes back by itself', async () => {
      const before = await texts()
      const told = []
      const stop = await rosa.events((name, data) => told.push([name, data]))
      await waitFor(() => told.length > 0, 'the stream')
      await emulator.disconnect({ account: 'Rosa' })
      await maria.send('Rosa', { text: 'into the gap' })
      await waitFor(() => told.some(([name, data]) => name === 'status' && data.status === 'CONNECTING'), 'the end of the line', PATIENCE)
      await waitFor(() => told.some(([name, data]) => name === 'status' && data.isConnected), 'the line to be back', PATIENCE)
      await waitFor(async () => (await texts()).length > before.length, 'the message', PATIENCE)
      await stop()
      assert.deepEqual(await texts(), [...before, 'in: into the gap'])
    })

    test('another user has another session, and nothing of the first one', async () => {
      const eva = await app.user('Eva')
      const own = await conversation()
      const { products } = await rosa.call('/api/products')
      assert.deepEqual(products, [])
      const { product } = await rosa.call('/api/products', { code: 'cafe', name: 'Café', price: 1000, currency: 'COP' })
      const [message] = await rosa.messages(own.id)
      assert.deepEqual([(await eva.status()).status, await eva.conversations()], ['DISCONNECTED', []])
      for (const [address, body, method] of [
        [`/api/conversations/${own.id}`], [`/api/conversations/${own.id}/messages`], [`/api/conversations/${own.id}/messages`, { content: 'mine?' }],
        [`/api/conversations/${own.id}/read`, {}], [`/api/conversations/${own.id}`, { automatic: false }, 'PATCH'], [`/api/media/${message.id}`],
        [`/api/products/${product.id}`, { price: 1 }, 'PATCH'], [`/api/products/${product.id}`, undefined, 'DELETE'],
      ]) {
        const { http, success, code } = await eva.call(address, body, method)
        assert.deepEqual([http, success, code], [404, false, 'NOT_FOUND'], `${method ?? 'GET'} ${address}`)
      }
      const told = []
      const stop = await eva.events((name, data) => told.push([name, data]))
      await eva.link(emulator, 'Eva')
      const { id } = await conversation()
      await maria.send('Rosa', { text: 'for Rosa alone' })
      await waitFor(async () => (await rosa.messages(id)).at(-1).text === 'for Rosa alone', 'the message', PATIENCE)
      await stop()
      assert.ok(told.some(([name, data]) => name === 'status' && data.isConnected), 'her own events came')
      assert.deepEqual(told.filter(([name]) => !['ready', 'status'].includes(name)), [])
      assert.equal(folders().length, 2)
      const away = await eva.call('/api/whatsapp/disconnect', {})
      assert.deepEqual([away.http, away.success], [200, true])
      assert.equal(folders().length, 1)
      assert.equal((await rosa.status()).isConnected, true)
    })

    test('disconnect logs out at the phone and deletes the files', async () => {
      const [folder] = folders()
      const { http, success, message } = await rosa.call('/api/whatsapp/disconnect', {})
      assert.deepEqual([http, success, typeof message], [200, true, 'string'])
      assert.equal(existsSync(path.join(app.sessions, folder)), false)
      const { devices } = (await emulator.accounts()).find(({ name }) => name === 'Rosa')
      assert.deepEqual(devices.filter(({ device }) => device > 0), [])
      assert.deepEqual([(await rosa.status()).status, (await rosa.call('/api/whatsapp/send', { to: maria.jid, content: 'gone' })).http], ['DISCONNECTED', 409])
      // Another time is another device.
      await rosa.link(emulator)
      assert.equal((await texts()).at(-1), 'in: for Rosa alone', 'the conversations stay')
    })

    test('a hundred requests to connect at once make one session', async () => {
      const carla = await app.user('Carla')
      const answers = await Promise.all(Array.from({ length: 100 }, () => carla.call('/api/whatsapp/connect', {})))
      assert.deepEqual([...new Set(answers.map(({ http }) => http))], [200])
      assert.equal(new Set(answers.map(({ qr }) => qr)).size, 1)
      await emulator.scan(readQrCodeUrl(answers[0].qr), { account: 'Carla' })
      await carla.connected()
      const again = await Promise.all(Array.from({ length: 100 }, () => carla.call('/api/whatsapp/connect', {})))
      assert.deepEqual([...new Set(again.map(({ status }) => status))], ['CONNECTED'])
      const { devices } = (await emulator.accounts()).find(({ name }) => name === 'Carla')
      assert.equal(devices.filter(({ device }) => device > 0).length, 1)
      assert.equal(folders().length, 2)
    })
  })
}
