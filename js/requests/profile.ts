/** `client.profile`: what others see of the account. */

import type * as contract from '../../index.js'
import { type Ask, invalidArgument, jidOf } from '../requests.js'

/** Makes the two JPEGs of a picture, on a thread for files. */
export type Draw = (source: contract.FileSource, crop: boolean, signal?: AbortSignal) => Promise<{ image: string; preview: string }>

export class Profile implements contract.Profile {
  readonly #ask: Ask
  readonly #draw: Draw
  readonly #rename: (name: string, options?: contract.CallOptions) => Promise<void>

  constructor(ask: Ask, draw: Draw, rename: (name: string, options?: contract.CallOptions) => Promise<void>) {
    this.#ask = ask
    this.#draw = draw
    this.#rename = rename
  }

  async setName(name: string, options?: contract.CallOptions): Promise<void> {
    if (typeof name !== 'string' || name.trim() === '' || name.length > 25) throw invalidArgument('name', 'must have 1 to 25 characters')
    await this.#rename(name, options)
  }

  async setAbout(text: string, options?: contract.CallOptions): Promise<void> {
    if (typeof text !== 'string') throw invalidArgument('text', 'must be a string')
    await this.#ask('profile.setAbout', { text }, options)
  }

  async setPicture(picture: contract.FileSource, options: contract.SetPictureOptions = {}): Promise<{ id: string }> {
    const { group, crop = true, ...call } = options
    const target = group === undefined ? undefined : jidOf(group, 'group')
    const drawn = await this.#draw(picture, crop, call.signal)
    return this.#ask('profile.setPicture', { ...drawn, group: target }, call)
  }

  async removePicture(options: Omit<contract.SetPictureOptions, 'crop'> = {}): Promise<void> {
    const { group, ...call } = options
    await this.#ask('profile.removePicture', { group: group === undefined ? undefined : jidOf(group, 'group') }, call)
  }

  link(options?: contract.CallOptions): Promise<contract.ProfileLink> {
    return this.#ask('links.own', {}, options)
  }

  renewLink(options?: contract.CallOptions): Promise<contract.ProfileLink> {
    return this.#ask('links.own', { renew: true }, options)
  }
}
