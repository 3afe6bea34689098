/** `client.privacy`: who may see and do what, and who is blocked. */

import type * as contract from '../../index.js'
import { type Ask, invalidArgument, jidOf, jidsOf } from '../requests.js'

export class Privacy implements contract.Privacy {
  readonly #ask: Ask

  constructor(ask: Ask) {
    this.#ask = ask
  }

  async get(options?: contract.CallOptions): Promise<contract.PrivacySettings> {
    return this.#ask('privacy.get', {}, options)
  }

  async set(settings: contract.PrivacyChange, options?: contract.CallOptions): Promise<contract.PrivacySettings> {
    if (typeof settings !== 'object' || settings === null) throw invalidArgument('settings', 'must be an object')
    const entries = Object.entries(settings as Record<string, unknown>).filter(([, value]) => value !== undefined)
    return this.#ask('privacy.set', { settings: Object.fromEntries(entries.map(([name, value]) => [name, wanted(value)])) }, options)
  }

  async blocked(options?: contract.CallOptions): Promise<contract.Person[]> {
    return this.#ask('privacy.blocked', {}, options)
  }

  async block(person: contract.Somebody, options?: contract.CallOptions): Promise<void> {
    await this.#ask('privacy.block', { person: jidOf(person, 'person') }, options)
  }

  async unblock(person: contract.Somebody, options?: contract.CallOptions): Promise<void> {
    await this.#ask('privacy.unblock', { person: jidOf(person, 'person') }, options)
  }
}

function wanted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { value: word, add = [], remove = [] } = value as Exclude<contract.PrivacyList<string>, string>
  return { value: word, add: jidsOf(add, 'settings'), remove: jidsOf(remove, 'settings') }
}
