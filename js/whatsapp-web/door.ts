/** Everything that `chasqui/whatsapp-web.js` exports by name. */

export {
  Broadcast, Buttons, BusinessContact, Channel, Chat, Contact, GroupChat, List, Location, MessageMedia, Poll, PrivateChat, PrivateContact,
  ProductMetadata, RemoteAuth, ScheduledEvent,
} from './absent.js'
export { type AuthStrategy, LocalAuth, NoAuth } from './auth.js'
export { Client, type ClientEvents, type ClientInfo, type ClientOptions, type MessageSendOptions } from './client.js'
export * from './constants.js'
export { Message } from './message.js'
export type { MessageId, Wid as ContactId } from './wid.js'
