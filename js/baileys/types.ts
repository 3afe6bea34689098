/** The shapes of Baileys 7 that this door gives and takes, by topic. */
export type * from './types/auth.js'
export type * from './types/business.js'
export type * from './types/calls.js'
export type * from './types/chats.js'
export type * from './types/config.js'
export type * from './types/contacts.js'
export type * from './types/content.js'
export type * from './types/events.js'
export type * from './types/groups.js'
export type * from './types/jids.js'
export type * from './types/labels.js'
export type * from './types/media.js'
export type * from './types/messages.js'
export type * from './types/newsletters.js'
export type * from './types/retries.js'
export type * from './types/signal.js'
export type * from './types/socket.js'
export type * from './types/state.js'
export type { DebouncedTimeout } from './timing.js'
export type { USyncQueryResultList } from './prekeys.js'
export type { USyncQueryResult } from './usync.js'
export type { ProtoRoot } from './proto.js'

/** A protobuf message class, where it is looked up by name. */
export interface ProtoClass<T> {
  new (properties?: Partial<T>): T
  create(properties?: Partial<T>): T
  encode(message: Partial<T>): { finish(): Uint8Array }
  decode(bytes: Uint8Array): T
  fromObject(object: object): T
  toObject(message: T, options?: object): { [field: string]: unknown }
}
