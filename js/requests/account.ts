/** `client.account`: the account itself and its devices. */

import type * as contract from '../../index.js'
import { type Ask } from '../requests.js'

export class OwnAccount implements contract.OwnAccount {
  readonly #ask: Ask

  constructor(ask: Ask) {
    this.#ask = ask
  }

  async devices(options?: contract.CallOptions): Promise<contract.OwnDevice[]> {
    return this.#ask('account.devices', {}, options)
  }

  async removeDevice(device: number, options?: contract.CallOptions): Promise<void> {
    await this.#ask('account.removeDevice', { device }, options)
  }

  async setDefaultDisappearing(seconds: number, options?: contract.CallOptions): Promise<void> {
    await this.#ask('account.setDefaultDisappearing', { seconds }, options)
  }

  async props(options?: contract.CallOptions): Promise<Record<string, string>> {
    return this.#ask('account.props', {}, options)
  }
}
