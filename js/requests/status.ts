/** `client.status`: posts that disappear after a day, and who sees them. */

import type * as contract from '../../index.js'
import { type Ask, invalidArgument, jidsOf } from '../requests.js'

const STATUS = 'status@broadcast'
/** What the service calls what chose an audience. */
const SETTINGS = { contacts: undefined, allow: 'allowlist', deny: 'denylist' }
/** Why a post would be seen by nobody. */
const EMPTY = {
  contacts: 'names nobody: the address book of the account is empty. Give the people, or make contacts by change()',
  allow: 'names nobody: the account shows its posts to chosen people only, and has chosen none. Give the people, or choose them on the phone',
  deny: 'names nobody: every contact of the account is excepted from its posts. Give the people, or change that on the phone',
}

interface Audience {
  audience: contract.StatusPrivacy['audience']
  people: contract.Person[]
}

/** What of the client it needs. */
export interface Sender {
  send(to: string, content: contract.Content, options?: contract.SendOptions): Promise<contract.Sent>
}

export class Status implements contract.Status {
  readonly #ask: Ask
  readonly #client: Sender

  constructor(ask: Ask, client: Sender) {
    this.#ask = ask
    this.#client = client
  }

  async post(
    content: contract.StatusContent,
    { to = 'contacts', ...options }: contract.StatusOptions = {},
  ): Promise<contract.Sent> {
    const { timeout, signal } = options
    if (to !== 'contacts') return this.#client.send(STATUS, content as contract.Content, { ...options, recipients: jidsOf(to, 'to') })
    const { audience, people } = await this.#ask<Audience>('status.audience', {}, { timeout, signal })
    if (people.length === 0) throw invalidArgument('to', EMPTY[audience])
    const post = typeof content === 'object' && content !== null ? { ...content, statusSetting: SETTINGS[audience] } : content
    return this.#client.send(STATUS, post as contract.Content, { ...options, recipients: people.map(({ jid }) => jid) })
  }

  privacy(options?: contract.CallOptions): Promise<contract.StatusPrivacy> {
    return this.#ask('status.privacy', {}, options)
  }
}
