/** `client.people`: who has an account, and what the service tells of somebody. */

import type * as contract from '../../index.js'
import { type Ask, invalidArgument, jidOf, jidsOf } from '../requests.js'

export class People implements contract.People {
  readonly #ask: Ask

  constructor(ask: Ask) {
    this.#ask = ask
  }

  exists(number: string, options?: contract.CallOptions): Promise<contract.FoundNumber>
  exists(numbers: string[], options?: contract.CallOptions): Promise<contract.FoundNumber[]>
  async exists(numbers: string | string[], options?: contract.CallOptions): Promise<contract.FoundNumber | contract.FoundNumber[]> {
    const list = Array.isArray(numbers) ? numbers : [numbers]
    if (list.some((number) => typeof number !== 'string')) throw invalidArgument('numbers', 'must be made of strings')
    const found = await this.#ask<contract.FoundNumber[]>('people.exists', { numbers: list }, options)
    return Array.isArray(numbers) ? found : found[0]!
  }

  info(person: contract.Somebody, options?: contract.CallOptions): Promise<contract.PersonInfo>
  info(people: contract.Somebody[], options?: contract.CallOptions): Promise<contract.PersonInfo[]>
  async info(people: contract.Somebody | contract.Somebody[], options?: contract.CallOptions): Promise<contract.PersonInfo | contract.PersonInfo[]> {
    const found = await this.#ask<contract.PersonInfo[]>('people.info', { people: jidsOf(people, 'people') }, options)
    return Array.isArray(people) ? found : found[0]!
  }

  async about(person: contract.Somebody, options?: contract.CallOptions): Promise<contract.About> {
    return this.#ask('people.about', { person: jidOf(person, 'person') }, options)
  }

  async devices(person: contract.Somebody, options?: contract.CallOptions): Promise<contract.Device[]> {
    return this.#ask('people.devices', { person: jidOf(person, 'person') }, options)
  }

  async picture(of: contract.Somebody, options: contract.PictureOptions = {}): Promise<contract.Picture | null> {
    const { preview, known, ...call } = options
    const found = await this.#ask<contract.Picture | undefined>('people.picture', { of: jidOf(of, 'of'), preview, known }, call)
    return found ?? null
  }

  async fromLink(link: string, options?: contract.CallOptions): Promise<contract.LinkedPerson> {
    if (typeof link !== 'string') throw invalidArgument('link', 'must be a string')
    return this.#ask('links.resolve', { link }, options)
  }
}
