// The runner's side of the emulator: start it, let phones scan, let people write.

import { Child } from './ipc.mjs'

export class Server {
  #child
  info

  static async start() {
    const server = new Server()
    server.#child = new Child('./emulator.mjs', {})
    server.info = await server.#child.ask('start', {}, 30)
    return server
  }

  stop() {
    return this.#child.stop()
  }

  async #post(path, body) {
    const response = await fetch(new URL(path, this.info.httpUrl), { method: 'POST', body })
    const text = await response.text()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }

  #call(method, argument) {
    return this.#post(`/admin/call/${method}`, JSON.stringify(argument))
  }

  /** The phone of the account with this name scans a code. */
  scan(qr, name) {
    return this.#post(`/admin/mock-phone/scan-qr?push_name=${encodeURIComponent(name)}`, qr)
  }

  /** A person; gives `{ name, jid, lid }`. */
  contact(name) {
    return this.#call('contact', { name })
  }

  /** What the phone of an account has of the past. */
  history(account, history) {
    return this.#call('setHistory', { account, history })
  }

  /** A group of people that are new, known or clients' accounts, all by name; gives its JID. */
  async group(subject, members) {
    const { jid } = await this.#call('group', { subject, members })
    return jid
  }

  /** Gives a group another name. */
  rename(group, subject) {
    return this.#call('groupChange', { group, subject })
  }

  /** People come and go for an account to see; see `bench/emulator.mjs`. Gives the seconds that it took to tell of them. */
  presences(account, flood) {
    return this.#child.ask('presences', { account, ...flood })
  }

  /** How many of the last 100 stanzas are requests of an account with this child. */
  requests(account, child) {
    return this.#child.ask('requests', { account, child })
  }

  /** The person writes so many texts to an account or a group; resolves when all are encrypted and queued or delivered. */
  write(contact, to, count) {
    return this.#call('contactSend', { contact, to, text: 'A text of a few words, like people write', count })
  }

  /** The person writes this text. */
  say(contact, to, text) {
    return this.#call('contactSend', { contact, to, text })
  }
}
