/** `client.archive`: questions as plain objects to the addon, and what comes back with its bytes in place. */

import type * as contract from '../index.js'
import { ChasquiError, invalidOption } from './error.js'

/** What the addon found: JSON, and the protobufs of all messages in it. */
export interface Found {
  value: unknown
  bytes: Uint8Array
}

type Query = Record<string, unknown> & { what: string }
type MessageFields = Omit<contract.ArchivedMessage, 'raw'> & { rawAt: [start: number, end: number] }
type ChatFields = Omit<contract.ArchivedChat, 'lastMessage'> & { lastMessage?: MessageFields }

export class Archive implements contract.Archive {
  readonly #ask: (json: string) => Promise<Found>

  constructor(ask: (json: string) => Promise<Found>) {
    this.#ask = ask
  }

  async chats(options: contract.ArchivedChatsOptions = {}): Promise<{ chats: contract.ArchivedChat[]; cursor?: string }> {
    const { limit, cursor, archived, unread, label } = checked(options)
    const { value, bytes } = await this.#put({ what: 'chats', limit, cursor, archived, unread, label })
    const page = value as { chats: ChatFields[]; cursor?: string }
    return { ...page, chats: page.chats.map((chat) => opened(chat, bytes)) }
  }

  async chat(chat: string | contract.Message): Promise<contract.ArchivedChat | undefined> {
    const { value, bytes } = await this.#put({ what: 'chat', chat: chatOf(chat) })
    return value ? opened(value as ChatFields, bytes) : undefined
  }

  async messages(
    chat: string | contract.Message,
    options: contract.ArchivedMessagesOptions = {},
  ): Promise<{ messages: contract.ArchivedMessage[]; cursor?: string }> {
    const { limit, cursor, before, after } = checked(options)
    return this.#page({ what: 'messages', chat: chatOf(chat), limit, cursor, before: point(before), after: point(after) })
  }

  async message(
    chat: string | contract.MessageKey | contract.Message,
    id?: string,
  ): Promise<contract.ArchivedMessage | undefined> {
    const key = typeof chat === 'object' && chat !== null ? chat : undefined
    const sender = typeof key?.sender === 'object' ? key.sender.jid : key?.sender
    const query = { what: 'message', chat: chatOf(chat), id: id ?? key?.id, sender: id === undefined ? sender : undefined }
    const { value, bytes } = await this.#put(query)
    return value ? withBytes(value as MessageFields, bytes) : undefined
  }

  async search(
    text: string,
    options: contract.ArchivedSearchOptions = {},
  ): Promise<{ messages: contract.ArchivedMessage[]; cursor?: string }> {
    const { limit, cursor, chat } = checked(options)
    return this.#page({ what: 'search', text, limit, cursor, chat: chat === undefined ? undefined : chatOf(chat) })
  }

  async contacts(
    options: contract.ArchivePageOptions = {},
  ): Promise<{ contacts: contract.ArchivedContact[]; cursor?: string }> {
    const { limit, cursor } = checked(options)
    const { value } = await this.#put({ what: 'contacts', limit, cursor })
    return value as { contacts: contract.ArchivedContact[]; cursor?: string }
  }

  async contact(jid: string): Promise<contract.ArchivedContact | undefined> {
    return ((await this.#put({ what: 'contact', jid })).value ?? undefined) as contract.ArchivedContact | undefined
  }

  async unread(): Promise<{ chats: number; messages: number }> {
    return (await this.#put({ what: 'unread' })).value as { chats: number; messages: number }
  }

  async labels(): Promise<contract.ArchivedLabel[]> {
    return (await this.#put({ what: 'labels' })).value as contract.ArchivedLabel[]
  }

  async #page(query: Query): Promise<{ messages: contract.ArchivedMessage[]; cursor?: string }> {
    const { value, bytes } = await this.#put(query)
    const page = value as { messages: MessageFields[]; cursor?: string }
    return { ...page, messages: page.messages.map((message) => withBytes(message, bytes)) }
  }

  async #put(query: Query): Promise<Found> {
    let json: string
    try {
      json = JSON.stringify(query, (_, part: unknown) => (typeof part === 'string' ? part.toWellFormed() : part))
    } catch (cause) {
      throw new ChasquiError('INVALID_OPTION', 'The archive is asked with plain values.', { option: 'archive' }, { cause })
    }
    return this.#ask(json)
  }
}

function checked<T extends object>(options: T): T {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'must be an object')
  return options
}

function chatOf(chat: unknown): string {
  const jid: unknown = typeof chat === 'object' && chat !== null ? (chat as { chat?: unknown }).chat : chat
  if (typeof jid !== 'string') throw invalidOption('chat', 'must be a JID or a message')
  return jid
}

/** Of a message only what tells where it is. */
function point(at: contract.ArchivedMessagesOptions['before']): unknown {
  if (typeof at !== 'object' || at === null) return at
  return { id: at.id, timestamp: at.timestamp }
}

function opened({ lastMessage, ...chat }: ChatFields, bytes: Uint8Array): contract.ArchivedChat {
  return lastMessage ? { ...chat, lastMessage: withBytes(lastMessage, bytes) } : chat
}

function withBytes({ rawAt: [start, end], nodes, ...fields }: MessageFields, bytes: Uint8Array): contract.ArchivedMessage {
  const message = nodes ? { ...fields, nodes: nodes.map(openedNode) } : fields
  return Object.defineProperty(message, 'raw', { value: () => bytes.subarray(start, end) }) as contract.ArchivedMessage
}

/** Bytes come as base64. */
export function openedNode({ content, ...node }: contract.MessageNode | NativeNode): contract.MessageNode {
  if (!content) return node
  if (Array.isArray(content)) return { ...node, content: content.map(openedNode) }
  if (typeof content === 'object' && 'text' in content) return { ...node, content: content.text }
  return { ...node, content: Buffer.from((content as { base64: string }).base64, 'base64') }
}

/** A node as the addon writes it. */
export interface NativeNode extends Omit<contract.MessageNode, 'content'> {
  content?: NativeNode[] | { base64: string } | { text: string }
}
