/** `client.channels`: making, following and keeping channels, and what is in them. */

import type * as contract from '../../index.js'
import { type Ask, invalidArgument, jidOf } from '../requests.js'

type Which = string | { jid: string } | { chat: string }
type Page = Omit<contract.ChannelMessages, 'messages'> & { messages: (Omit<contract.ChannelMessage, 'raw'> & { raw: string })[] }

export class Channels implements contract.Channels {
  readonly #ask: Ask

  constructor(ask: Ask) {
    this.#ask = ask
  }

  async create(what: contract.NewChannel, options?: contract.CallOptions): Promise<contract.Channel> {
    const { name, description, picture } = plain(what, 'what')
    return this.#ask('channels.create', { name, description, picture: bytesOf(picture) }, options)
  }

  async metadata(channel: Which, options?: contract.CallOptions): Promise<contract.Channel> {
    return this.#ask('channels.metadata', { channel: jidOf(channel, 'channel') }, options)
  }

  list(options?: contract.CallOptions): Promise<contract.Channel[]> {
    return this.#ask('channels.list', {}, options)
  }

  follow(channel: Which, options?: contract.CallOptions): Promise<void> {
    return this.#one('follow', channel, options)
  }

  unfollow(channel: Which, options?: contract.CallOptions): Promise<void> {
    return this.#one('unfollow', channel, options)
  }

  mute(channel: Which, options?: contract.CallOptions): Promise<void> {
    return this.#one('mute', channel, options)
  }

  unmute(channel: Which, options?: contract.CallOptions): Promise<void> {
    return this.#one('unmute', channel, options)
  }

  async update(channel: Which, what: contract.ChannelUpdate, options?: contract.CallOptions): Promise<contract.Channel> {
    const { name, description, picture, reactions } = plain(what, 'what')
    const given = picture === null ? '' : bytesOf(picture)
    return this.#ask('channels.update', { channel: jidOf(channel, 'channel'), name, description, picture: given, reactions }, options)
  }

  delete(channel: Which, options?: contract.CallOptions): Promise<void> {
    return this.#one('delete', channel, options)
  }

  async followers(channel: Which, { limit, ...options }: contract.CallOptions & { limit?: number } = {}): Promise<contract.ChannelFollower[]> {
    return this.#ask('channels.followers', { channel: jidOf(channel, 'channel'), limit }, options)
  }

  adminCount(channel: Which, options?: contract.CallOptions): Promise<number> {
    return this.#one('adminCount', channel, options)
  }

  inviteAdmin(channel: Which, person: contract.Whoever, options?: contract.CallOptions): Promise<{ expiresAt?: number }> {
    return this.#person('inviteAdmin', channel, person, options)
  }

  revokeInvite(channel: Which, person: contract.Whoever, options?: contract.CallOptions): Promise<void> {
    return this.#person('revokeInvite', channel, person, options)
  }

  acceptInvite(channel: Which, options?: contract.CallOptions): Promise<void> {
    return this.#one('acceptInvite', channel, options)
  }

  demote(channel: Which, person: contract.Whoever, options?: contract.CallOptions): Promise<void> {
    return this.#person('demote', channel, person, options)
  }

  changeOwner(channel: Which, person: contract.Whoever, options?: contract.CallOptions): Promise<void> {
    return this.#person('changeOwner', channel, person, options)
  }

  recommended({ limit, country, ...options }: contract.CallOptions & { limit?: number; country?: string } = {}): Promise<contract.Channel[]> {
    return this.#ask('channels.recommended', { limit, country }, options)
  }

  async messages(
    channel: Which,
    { limit, before, after, ...options }: contract.CallOptions & { limit?: number; before?: number; after?: number } = {},
  ): Promise<contract.ChannelMessages> {
    const page = await this.#ask<Page>('channels.messages', { channel: jidOf(channel, 'channel'), limit, before, after }, options)
    return { ...page, messages: page.messages.map(withRaw) }
  }

  async updates(
    channel: Which,
    { limit, after, since, ...options }: contract.CallOptions & { limit?: number; after?: number; since?: number | Date } = {},
  ): Promise<contract.ChannelCounts[]> {
    const ms = since === undefined ? undefined : Number(since)
    return this.#ask('channels.updates', { channel: jidOf(channel, 'channel'), limit, after, since: ms }, options)
  }

  async react(channel: Which, message: number | { serverId?: number }, emoji: string, options?: contract.CallOptions): Promise<void> {
    if (typeof emoji !== 'string') throw invalidArgument('emoji', 'must be an emoji, or empty')
    await this.#ask('channels.react', { channel: jidOf(channel, 'channel'), serverId: numberOf(message), emoji }, options)
  }

  async viewed(channel: Which, messages: (number | { serverId?: number })[], options?: contract.CallOptions): Promise<void> {
    if (!Array.isArray(messages)) throw invalidArgument('messages', 'must be a list')
    await this.#ask('channels.viewed', { channel: jidOf(channel, 'channel'), serverIds: messages.map(numberOf) }, options)
  }

  subscribe(channel: Which, options?: contract.CallOptions): Promise<{ duration: number }> {
    return this.#one('subscribe', channel, options)
  }

  unsubscribe(channel: Which, options?: contract.CallOptions): Promise<void> {
    return this.#one('unsubscribe', channel, options)
  }

  async #one<T>(method: string, channel: Which, options?: contract.CallOptions): Promise<T> {
    return this.#ask(`channels.${method}`, { channel: jidOf(channel, 'channel') }, options)
  }

  async #person<T>(method: string, channel: Which, person: contract.Whoever, options?: contract.CallOptions): Promise<T> {
    return this.#ask(`channels.${method}`, { channel: jidOf(channel, 'channel'), person: jidOf(person, 'person') }, options)
  }
}

function plain<T extends object>(what: T, argument: string): T {
  if (typeof what !== 'object' || what === null) throw invalidArgument(argument, 'must be an object')
  return what
}

function bytesOf(picture: unknown): Uint8Array | undefined {
  if (picture !== undefined && !(picture instanceof Uint8Array)) throw invalidArgument('picture', 'must be bytes')
  return picture
}

function numberOf(message: number | { serverId?: number }): number {
  const number = typeof message === 'object' && message !== null ? message.serverId : message
  if (!Number.isSafeInteger(number)) throw invalidArgument('message', 'must be a message of a channel, or its serverId')
  return number as number
}

function withRaw({ raw, ...fields }: Page['messages'][number]): contract.ChannelMessage {
  return Object.defineProperty(fields, 'raw', { value: () => Buffer.from(raw, 'base64') }) as contract.ChannelMessage
}
