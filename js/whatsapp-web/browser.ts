/**
 * `pupBrowser` and `pupPage`: programs wait for them and ask whether they are alive. There is no browser behind them; what would need
 * one rejects with `ERR_NO_BROWSER`.
 */

import { EventEmitter } from 'node:events'

class NoBrowserError extends Error {
  readonly code = 'ERR_NO_BROWSER'
}

const absent = (name: string) => (): Promise<never> =>
  Promise.reject(new NoBrowserError(`${name} is not available: this client runs without a browser.`))

export class Page extends EventEmitter {
  #closed = false
  readonly screenshot = absent('pupPage.screenshot')
  readonly goto = absent('pupPage.goto')
  readonly exposeFunction = absent('pupPage.exposeFunction')

  isClosed(): boolean {
    return this.#closed
  }
  /** Wrappers send `'1'` to see whether the page lives. */
  async evaluate(script?: unknown): Promise<unknown> {
    if (typeof script === 'string' && /^\d+$/.test(script) && !this.#closed) return Number(script)
    return absent('pupPage.evaluate')()
  }
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.emit('close')
  }
}

export class Browser extends EventEmitter {
  readonly page = new Page()

  isConnected(): boolean {
    return !this.page.isClosed()
  }
  async pages(): Promise<Page[]> {
    return [this.page]
  }
  process(): null {
    return null
  }
  async close(): Promise<void> {
    if (!this.isConnected()) return
    await this.page.close()
    this.emit('disconnected')
  }
}
