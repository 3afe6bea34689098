// The pages of the example in a real browser, as the people at the desk have them before them.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { PATIENCE, waitFor } from './app.mjs'
import { readQrCode } from './qr-code.mjs'

export const WIDE = { width: 1280, height: 800 }
export const NARROW = { width: 360, height: 740 }
export const PICTURES = fileURLToPath(new URL('../../target/nextjs/screenshots', import.meta.url))
const PASSWORD = 'a fictitious password'
/** More than there are on any page. */
const MOST_TABS = 60

/**
 * Another browser profile, with one page. `trouble` is what went wrong in it: errors of scripts, of requests, and dialogs that a script opened.
 *
 * @param {import('playwright-core').Browser} browser
 */
export async function openDesk(browser, app, { phone = false, locale = 'es-CO' } = {}) {
  const context = await browser.newContext({
    baseURL: app.base,
    locale,
    timezoneId: 'America/Bogota',
    ...(phone ? { viewport: NARROW, isMobile: true, hasTouch: true, deviceScaleFactor: 2 } : { viewport: WIDE }),
  })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  const desk = { page, context, trouble: [], loads: 0 }
  page.on('load', () => (desk.loads += 1))
  page.on('console', (message) => message.type() === 'error' && desk.trouble.push(`${message.text()} ${message.location().url}`))
  page.on('pageerror', (error) => desk.trouble.push(String(error.stack ?? error)))
  page.on('dialog', (dialog) => {
    desk.trouble.push(`a dialog: ${dialog.message()}`)
    return dialog.dismiss()
  })

  /** What has this `data-testid`, and says `text`. */
  desk.at = (testId, text) => page.getByTestId(testId).filter(text ? { hasText: text } : {})
  desk.message = (text, more = '') => page.locator(`[data-testid=message]${more}`, { hasText: text })
  /** By the link of the navigation. */
  desk.go = (section) => page.getByRole('navigation').getByRole('link', { name: section }).click()
  desk.signUp = async (name) => {
    await desk.at('sign-up-toggle').click()
    await desk.at('sign-up-name').fill(name)
    await desk.signIn(name)
  }
  desk.signIn = async (name) => {
    await desk.at('sign-in-email').fill(`${name.toLowerCase()}@example.com`)
    await desk.at('sign-in-password').fill(PASSWORD)
    await desk.at('sign-in-submit').click()
  }
  /** With the keyboard alone. */
  desk.typeSignIn = async (name) => {
    await desk.at('sign-in-submit').and(page.locator(':enabled')).waitFor()
    await desk.tabTo(desk.at('sign-in-email'))
    await page.keyboard.type(`${name.toLowerCase()}@example.com`)
    await desk.tabTo(desk.at('sign-in-password'))
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
  }
  /** Presses Tab until the focus is there; wherever it is, it can be seen. */
  desk.tabTo = async (target) => {
    await target.waitFor()
    for (let pressed = 0; pressed < MOST_TABS; pressed++) {
      await page.keyboard.press('Tab')
      const { reached, where, seen } = await target.evaluate((element) => {
        const now = document.activeElement
        return { reached: now === element, where: now.outerHTML.slice(0, 200), seen: now === document.body || getComputedStyle(now).outlineStyle !== 'none' }
      })
      assert.ok(seen, `the focus cannot be seen at ${where}`)
      if (reached) return
    }
    assert.fail(`Tab does not lead to ${target}`)
  }
  /** The text of the QR code on the screen, out of its pixels. */
  desk.code = async () => {
    await desk.at('qr').scrollIntoViewIfNeeded()
    return waitFor(async () => readQrCode(await page.screenshot()), 'a code that can be read on the screen', PATIENCE)
  }
  /** Nothing on the page has to be moved sideways to be seen. */
  desk.fits = async (what) => {
    const { width } = page.viewportSize()
    const wider = await page.evaluate((most) => {
      const moves = (element) => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth
      const inside = [...document.querySelectorAll('body *')].filter((element) => element.checkVisibility() && moves(element))
      return [...(document.documentElement.scrollWidth > most ? [document.documentElement] : []), ...inside].map((element) => element.outerHTML.slice(0, 200))
    }, width)
    assert.deepEqual(wider, [], `${what} at ${width} pixels`)
  }
  /** Keeps what is seen, on a wide screen and on a narrow one. */
  desk.picture = async (name) => {
    mkdirSync(PICTURES, { recursive: true })
    const before = page.viewportSize()
    for (const [size, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
      await page.setViewportSize(viewport)
      await desk.fits(name)
      await page.screenshot({ path: path.join(PICTURES, `${name}-${size}.png`), animations: 'disabled' })
    }
    await page.setViewportSize(before)
  }
  return desk
}
