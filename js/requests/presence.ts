/** `client.presence`: whether the account is there, who else is, and who types. */

import type * as contract from '../../index.js'
import { type Ask, jidOf } from '../requests.js'

export class Presence implements contract.Presence {
  readonly #ask: Ask

  constructor(ask: Ask) {
    this.#ask = ask
  }

  async available(): Promise<void> {
    await this.#ask('presence.available', {})
  }

  async unavailable(): Promise<void> {
    await this.#ask('presence.unavailable', {})
  }

  subscribe(of: contract.Somebody): Promise<void> {
    return this.#tell('subscribe', of)
  }

  unsubscribe(of: contract.Somebody): Promise<void> {
    return this.#tell('unsubscribe', of)
  }

  typing(chat: contract.Somebody): Promise<void> {
    return this.#tell('typing', chat)
  }

  recording(chat: contract.Somebody): Promise<void> {
    return this.#tell('recording', chat)
  }

  paused(chat: contract.Somebody): Promise<void> {
    return this.#tell('paused', chat)
  }

  async #tell(method: string, chat: contract.Somebody): Promise<void> {
    await this.#ask(`presence.${method}`, { chat: jidOf(chat, 'chat') })
  }
}
