/** `client.calls`: refusing calls, and links to join them. */

import type * as contract from '../../index.js'
import { type Ask, invalidArgument } from '../requests.js'

export class Calls implements contract.Calls {
  readonly #ask: Ask

  constructor(ask: Ask) {
    this.#ask = ask
  }

  async reject(call: Pick<contract.CallEvent, 'id' | 'from'>, options?: contract.CallOptions): Promise<void> {
    const { id, from } = (call ?? {}) as { id: unknown; from: unknown }
    if (typeof id !== 'string' || typeof from !== 'string') throw invalidArgument('call', 'must be a call as the event "call" tells it')
    await this.#ask('calls.reject', { id, from }, options)
  }

  async createLink(
    { video = false, startsAt }: { video?: boolean; startsAt?: number | Date } = {},
    options?: contract.CallOptions,
  ): Promise<{ token: string; url: string }> {
    const at = startsAt === undefined ? undefined : Number(startsAt)
    if (at !== undefined && !(Number.isSafeInteger(at) && at > 0)) throw invalidArgument('startsAt', 'must be a date or milliseconds')
    return this.#ask('calls.createLink', { video, startsAt: at }, options)
  }
}
