/** `client.status`: posts that disappear after a day, and who sees them. */

import type * as contract from '../../index.js'
import { type Ask, invalidArgument, jidsOf } from '../requests.js'

const STATUS = 'status@broadcast'
const PAGE = 500

/** What of the client it needs. */
export interface Sender {
  readonly archive: contract.Archive
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
    const recipients = to === 'contacts' ? await this.#audience({ timeout, signal }) : jidsOf(to, 'to')
    return this.#client.send(STATUS, content as contract.Content, { ...options, recipients })
  }

  privacy(options?: contract.CallOptions): Promise<contract.StatusPrivacy> {
    return this.#ask('status.privacy', {}, options)
  }

  /** Whom the account's settings name. */
  async #audience(options: contract.CallOptions): Promise<string[]> {
    const { audience, allow, deny } = await this.privacy(options)
    const people = audience === 'allow' ? allow : (await this.#contacts()).filter((contact) => audience !== 'deny' || !deny.some((one) => isSame(one, contact)))
    if (people.length === 0) throw invalidArgument('to', 'names nobody: the account\'s settings and contacts give no audience')
    return people.map(({ jid }) => jid)
  }

  /** Who is in the address book. */
  async #contacts(): Promise<contract.ArchivedContact[]> {
    const found: contract.ArchivedContact[] = []
    for (let cursor: string | undefined; ;) {
      const page = await this.#client.archive.contacts({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) })
      found.push(...page.contacts.filter(({ name, firstName }) => name !== undefined || firstName !== undefined))
      if (page.cursor === undefined) return found
      cursor = page.cursor
    }
  }
}

function isSame(one: contract.Person, other: contract.Person): boolean {
  const forms = ({ jid, pn, lid }: contract.Person): (string | undefined)[] => [jid, pn, lid]
  return forms(one).some((form) => form !== undefined && forms(other).includes(form))
}
