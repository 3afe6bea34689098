// The whole product in a real browser: what people do at the desk, with the phones of the owner and of two customers on the emulator.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { proto } from 'chasqui/baileys'
import { startEmulator } from 'chasqui/testing'
import { chromium } from 'playwright-core'
import { PNG } from 'pngjs'

import { PATIENCE, startApp, waitFor } from './app.mjs'
import { chromiumPath, withoutChromium } from './chromium.mjs'
import { NARROW, openDesk, PICTURES, WIDE } from './desk.mjs'

const HTML = '<script>alert(1)</script><img src=x onerror="alert(2)"><b id="made">¿Tienen café?</b>'
/** A customer, by the name that the phone gives. */
const IVAN = '<i>Iván</i>'
const PICTURE = { width: 640, height: 400 }
const wait = { timeout: PATIENCE }

function picture() {
  const png = new PNG(PICTURE)
  for (let at = 0; at < png.data.length; at += 4) png.data.set([180, (at / 4 / PICTURE.width / PICTURE.height) * 255, 60, 255], at)
  return PNG.sync.write(png)
}

async function withFile(emulator, kind, field, file, more) {
  const stored = await emulator.media.put(kind, file)
  return { raw: proto.Message.encode(proto.Message.fromObject({ [field]: { ...stored, ...more } })).finish() }
}

test('the desk in a browser', { skip: withoutChromium, timeout: 280_000 }, async (t) => {
  let emulator, app, browser
  t.after(async () => {
    await browser?.close()
    await app?.end('SIGKILL')
    await emulator?.stop()
  })
  emulator = await startEmulator()
  app = await startApp(emulator)
  const started = Date.now()
  browser = await chromium.launch({ executablePath: chromiumPath, timeout: PATIENCE })
  const desk = await openDesk(browser, app)
  const { page } = desk
  const maria = await emulator.contact('María Ruiz')
  const ivan = await emulator.contact(IVAN)
  const folders = () => readdirSync(app.sessions).filter((name) => !name.startsWith('.'))
  const status = (state, { at } = desk) => at('status').and(page.locator(`[data-status=${state}]`)).waitFor()

  // Each one goes on where the last one ended: after the first failure the others would only fail slowly.
  let failed = false
  const step = (name, run) =>
    t.test(name, async (step) => {
      if (failed) return step.skip('an earlier step failed')
      try {
        await run()
      } catch (error) {
        failed = true
        await page.screenshot({ path: path.join(PICTURES, 'failure.png') }).catch(() => {})
        step.diagnostic(`what the page showed: ${path.join(PICTURES, 'failure.png')}`)
        step.diagnostic(`what the server said: ${app.tail()}`)
        throw error
      }
    })

  await step('somebody makes an account, leaves, and signs in again', async () => {
    await page.goto('/')
    await page.waitForURL('**/sign-in**')
    await desk.picture('sign-in')
    await desk.signUp('Rosa')
    await desk.at('connect').waitFor()
    await desk.at('sign-out').click()
    await page.waitForURL('**/sign-in')
    // What the page was asking for in that moment is refused.
    desk.trouble = desk.trouble.filter((text) => !text.includes('401 (Unauthorized)'))
    await desk.signIn('Rosa')
    await status('DISCONNECTED')
    await desk.picture('connection')
  })

  await step('the phone reads the code from the screen, and the page says that it is connected, and with which number', async () => {
    await desk.at('connect').click()
    await desk.at('qr').waitFor()
    await desk.picture('connection-code')
    const { jid } = await emulator.scan(await desk.code(), { account: 'Rosa' })
    await status('CONNECTED')
    await desk.at('phone-number', `+${jid.split('@')[0]}`).waitFor()
    assert.equal(folders().length, 1)
    await desk.picture('connection-open')
  })

  await step('a product is added', async () => {
    await desk.go('Productos')
    await page.locator('.empty').waitFor()
    await desk.at('product-add').click()
    await desk.at('product-code').fill('CAFE-250')
    await desk.at('product-name').fill('Café de altura, 250 g')
    await desk.at('product-currency').fill('PEN')
    await desk.at('product-price').fill('24,50')
    await desk.picture('product-form')
    await desk.at('product-save').click()
    await desk.at('product', 'CAFE-250').getByText(/24,50/).waitFor()
  })

  await step('what a customer writes appears without reloading, and is counted until it is read', async () => {
    await desk.go('Conversaciones')
    await page.locator('.empty').first().waitFor()
    const { loads } = desk
    await maria.send('Rosa', { text: 'Buenos días 👋' })
    await desk.at('conversation', 'María Ruiz').getByTestId('unread').waitFor()
    await desk.picture('conversations')
    await desk.at('conversation', 'María Ruiz').click()
    await desk.message('Buenos días 👋').waitFor()
    await desk.at('unread').waitFor({ state: 'detached' })
    await maria.waitForReceipt(({ receipt }) => receipt === 'read', wait)
    await maria.send('Rosa', { text: '¿A qué hora abren?' })
    await desk.message('¿A qué hora abren?').waitFor()
    assert.equal(desk.loads, loads)
  })

  await step('HTML in a message and in a name is text', async () => {
    await ivan.send('Rosa', { text: HTML })
    const row = desk.at('conversation', IVAN)
    await row.waitFor()
    await row.click()
    await desk.message(HTML).waitFor()
    await page.getByRole('heading', { name: IVAN }).waitFor()
    assert.equal(await page.locator('#made, img[src=x], .message script, h1 i').count(), 0)
    assert.deepEqual(desk.trouble, [])
  })

  await step('an answer that Enter sends arrives at the customer, and its ticks turn: sent, delivered, read', async () => {
    await desk.at('conversation', 'María Ruiz').click()
    await desk.message('Buenos días').waitFor()
    // What the customer's phone says of it is lost; it comes later, by another way.
    await emulator.faults.add({ what: 'drop', tag: 'receipt', account: 'Rosa' })
    await desk.at('send-box').fill('A las nueve.')
    await desk.at('send-box').press('Enter')
    const { id } = await maria.waitForMessage(({ text }) => text === 'A las nueve.', wait)
    const ticks = (state) => desk.message('A las nueve.', `[data-status=${state}]`).locator(`.ticks[data-status=${state}]`).waitFor()
    await ticks('sent')
    await waitFor(async () => (await desk.at('send-box').inputValue()) === '', 'the box to be empty', PATIENCE)
    await emulator.faults.clear()
    await emulator.inject({ account: 'Rosa', stanza: { tag: 'receipt', attrs: { id, from: maria.jid, t: String(Math.floor(Date.now() / 1000)) } } })
    await ticks('delivered')
    await maria.read()
    await ticks('read')
  })

  await step('a picture is shown, and a file can be kept', async () => {
    const pdf = Buffer.from('%PDF-1.4 a list of prices')
    await maria.send('Rosa', await withFile(emulator, 'image', 'imageMessage', picture(), { mimetype: 'image/png', caption: 'Busco <b>este</b>', ...PICTURE }))
    await maria.send('Rosa', await withFile(emulator, 'document', 'documentMessage', pdf, { mimetype: 'application/pdf', fileName: 'Lista.pdf' }))
    await desk.message('Busco <b>este</b>').locator('img').waitFor()
    const shown = () => page.locator('.media-image img').evaluate(({ naturalWidth, naturalHeight }) => [naturalWidth, naturalHeight])
    await waitFor(async () => (await shown())[0] > 0, 'the picture', PATIENCE)
    assert.deepEqual(await shown(), [PICTURE.width, PICTURE.height])
    const [download] = await Promise.all([page.waitForEvent('download'), desk.message('Lista.pdf').getByRole('link').click()])
    assert.equal(download.suggestedFilename(), 'Lista.pdf')
    assert.deepEqual(readFileSync(await download.path()), pdf)
  })

  await step('the bot answers /catalogo, and takes an order', async () => {
    await maria.send('Rosa', { text: '/catalogo' })
    const { text } = await maria.waitForMessage((message) => message.text?.includes('CAFE-250'), wait)
    assert.match(text, /Café de altura, 250 g[^]*24,50/)
    await desk.message('CAFE-250', '[data-author=command]').waitFor()
    await desk.picture('conversation')
    await desk.go('Pedidos')
    await page.locator('.empty').waitFor()
    await maria.send('Rosa', { text: '/pedido CAFE-250 2' })
    await desk.at('order', 'María Ruiz').getByText(/49,00/).waitFor()
    await desk.picture('orders')
    await desk.go('Productos')
    await desk.at('product', 'CAFE-250').waitFor()
    await desk.picture('products')
  })

  await step('the pages are in English too, and stay so', async () => {
    const language = () => page.locator('html').getAttribute('lang')
    assert.equal(await language(), 'es')
    await desk.at('language').click()
    await page.getByRole('heading', { name: 'Products' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Products' }).waitFor()
    assert.equal(await language(), 'en')
    await desk.go('Conversations')
    await desk.at('conversation', 'María Ruiz').click()
    await desk.message('Buenos días').waitFor()
    await desk.picture('conversation-english')
    await desk.at('language').click()
    await page.getByRole('navigation').getByRole('link', { name: 'Conversaciones' }).waitFor()
    assert.equal(await language(), 'es')
  })

  await step('the keyboard alone leads from the sign-in to an answer', async () => {
    const other = await openDesk(browser, app)
    await other.page.goto('/sign-in')
    await other.typeSignIn('Rosa')
    await other.tabTo(other.page.getByRole('link', { name: 'Conversaciones', exact: true }))
    await other.page.keyboard.press('Enter')
    await other.tabTo(other.at('conversation', 'María Ruiz'))
    await other.page.keyboard.press('Enter')
    await other.page.locator('[data-testid=send-box]:focus').waitFor()
    await other.page.keyboard.type('Escrito sin ratón')
    await other.page.keyboard.press('Enter')
    await maria.waitForMessage(({ text }) => text === 'Escrito sin ratón', wait)
    await other.message('Escrito sin ratón', '[data-status=delivered]').waitFor()
    // The first page hears of it as well.
    await desk.message('Escrito sin ratón').waitFor()
    assert.deepEqual(other.trouble, [])
    await other.context.close()
  })

  await step('a notification goes to the customer who consented, and its report follows it', async () => {
    await desk.go('Clientes')
    const consent = desk.at('customer', 'María Ruiz').getByRole('switch')
    await consent.click()
    await consent.and(page.locator('[aria-checked=true]')).waitFor()
    await desk.picture('customers')
    await desk.go('Notificaciones')
    await page.locator('[data-testid=consented][data-count="1"]').waitFor()
    await desk.at('notification-content').fill('El sábado tostamos café nuevo.')
    await desk.at('notification-send').click()
    await desk.at('notification-confirm').waitFor()
    await desk.picture('notification-question')
    await desk.at('notification-confirm').click()
    const { text } = await maria.waitForMessage((message) => message.text?.startsWith('El sábado'), wait)
    assert.match(text, /BAJA/)
    const card = page.locator('[data-testid=notification][data-state=done]')
    await card.waitFor()
    await card.getByRole('button', { name: 'Ver el informe' }).click()
    await desk.at('recipient', 'Entregada').waitFor()
    await maria.read()
    await desk.at('recipient', 'Leída').waitFor()
    assert.deepEqual([await desk.at('recipient').count(), await desk.at('recipient', 'María Ruiz').count()], [1, 1])
    await desk.picture('notifications')
  })

  await step('on a phone the conversations are a list, and from each one leads back to it', async () => {
    await page.setViewportSize(NARROW)
    await desk.go('Chats')
    await desk.at('conversation', IVAN).click()
    await desk.message(HTML).waitFor()
    assert.equal(await desk.at('conversation').first().isVisible(), false)
    await desk.at('back').click()
    await desk.at('conversation', IVAN).and(page.locator(':focus')).waitFor()
    await page.setViewportSize(WIDE)
  })

  await step('another user, on a phone, has another WhatsApp, and sees nothing of the first one', async () => {
    const eva = await openDesk(browser, app, { phone: true })
    await desk.at('conversation', 'María Ruiz').click()
    await desk.message('A las nueve.').waitFor()
    await eva.page.goto('/')
    await eva.signUp('Eva')
    await eva.at('connect').click()
    await emulator.scan(await eva.code(), { account: 'Eva' })
    await eva.at('status', 'Conectado').waitFor()
    assert.equal(folders().length, 2)
    for (const section of ['customers', 'products', 'orders', 'notifications', 'conversations']) {
      await eva.page.goto(`/${section}`)
      await eva.page.locator('.empty').first().waitFor()
      await eva.fits(section)
    }
    await maria.send('Rosa', { text: 'Solo para Rosa' })
    await desk.message('Solo para Rosa').waitFor()
    await ivan.send('Eva', { text: 'Solo para Eva' })
    await eva.at('conversation', IVAN).click()
    await eva.message('Solo para Eva').waitFor()
    assert.equal(await eva.at('conversation').count(), 1)
    assert.equal(await eva.page.getByText(/María|Solo para Rosa/).count(), 0)
    assert.equal(await page.getByText('Solo para Eva').count(), 0)
    assert.deepEqual(eva.trouble, [])
    await eva.page.goto(new URL(page.url()).pathname)
    await eva.page.getByText('No existe, o ya no existe.').first().waitFor()
    assert.equal(await eva.at('message').count(), 0)
    assert.equal(await eva.at('send-box').count(), 0)
    await eva.context.close()
  })

  await step('until here no page had anything to complain of', () => assert.deepEqual(desk.trouble, []))

  await step('the server is killed and starts again: the page goes on by itself, and shows what came meanwhile', async () => {
    const { loads } = desk
    const notice = page.getByText('Reconectando')
    assert.equal(await app.end('SIGKILL'), 'SIGKILL')
    await notice.waitFor()
    await desk.picture('conversation-offline')
    await maria.send('Rosa', { text: 'Mientras no estaban' })
    app = await startApp(emulator, { data: app.data, port: app.port })
    await desk.message('Mientras no estaban').waitFor()
    await notice.waitFor({ state: 'detached' })
    await desk.at('send-box').fill('Ya estamos')
    await desk.at('send-box').press('Enter')
    await maria.waitForMessage(({ text }) => text === 'Ya estamos', wait)
    await desk.message('Ya estamos', '[data-status=delivered]').waitFor()
    assert.equal(desk.loads, loads)
  })

  await step('disconnecting asks first; then the device is gone from the phone, and its files from the server', async () => {
    const devices = async () => (await emulator.accounts()).find(({ name }) => name === 'Rosa').devices.filter(({ device }) => device > 0).length
    await page.goto('/')
    await status('CONNECTED')
    await desk.at('disconnect').click()
    await desk.at('disconnect-confirm').waitFor()
    await desk.picture('disconnect-question')
    await page.keyboard.press('Escape')
    await desk.at('disconnect-confirm').waitFor({ state: 'detached' })
    assert.deepEqual([folders().length, await devices()], [2, 1])
    await desk.at('disconnect').click()
    await desk.at('disconnect-confirm').click()
    await status('DISCONNECTED')
    await desk.at('disconnect-confirm').waitFor({ state: 'detached' })
    assert.deepEqual([folders().length, await devices()], [1, 0])
    await desk.at('connect').waitFor()
    await desk.go('Conversaciones')
    await desk.at('conversation', 'María Ruiz').click()
    await page.locator('.not-connected').waitFor()
    await desk.message('Ya estamos').waitFor()
    await desk.picture('conversation-disconnected')
  })

  await step('an address that leads nowhere', async () => {
    await page.goto('/nowhere')
    await page.getByRole('link', { name: 'Volver al inicio' }).waitFor()
    await desk.picture('not-found')
  })

  t.diagnostic(`${((Date.now() - started) / 1000).toFixed(0)} s; the pictures are in ${PICTURES}`)
})
