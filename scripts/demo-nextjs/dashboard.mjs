// The dashboard's routes, as the page in a browser calls them.
import jsQR from 'jsqr'
import { PNG } from 'pngjs'

export class Dashboard {
  #cookies = ''

  constructor(url) {
    this.url = url
  }

  async #call(route, body) {
    const headers = { cookie: this.#cookies, origin: this.url, ...(body ? { 'content-type': 'application/json' } : {}) }
    const response = await fetch(`${this.url}/api/${route}`, {
      method: body ? 'POST' : 'GET',
      headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(40_000),
    })
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
    if (cookies.length) this.#cookies = cookies.join('; ')
    const answer = await response.json().catch(() => ({}))
    if (!response.ok)
      throw Object.assign(new Error(`${route}: ${response.status} ${answer.error ?? answer.message ?? ''}`), { status: response.status })
    return answer
  }

  /** Resolves once the server can work. */
  async ready(isGone) {
    for (;;) {
      if (await this.#call('health').catch(() => undefined)) return
      if (isGone()) throw new Error('The server ended; what it said stands above.')
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  /** Makes the account where it is not there yet. */
  async signIn({ name, email, password }) {
    try {
      await this.#call('auth/sign-in/email', { email, password })
    } catch (error) {
      if (error.status !== 401) throw error
      await this.#call('auth/sign-up/email', { name, email, password })
    }
  }

  status() {
    return this.#call('whatsapp/status')
  }

  addProduct(product) {
    return this.#call('products', product)
  }
}

/** The text of a QR code in a data URL, read from its pixels as a camera would. */
export function readCode(dataUrl) {
  const { data, width, height } = PNG.sync.read(Buffer.from(dataUrl.slice(dataUrl.indexOf(',') + 1), 'base64'))
  return jsQR.default(new Uint8ClampedArray(data), width, height)?.data
}
