/** Ids of users, chats and messages as whatsapp-web.js writes them: `c.us` for phone numbers, never with a device. */

export interface Wid {
  server: string
  user: string
  _serialized: string
}

export interface MessageId {
  fromMe: boolean
  remote: string
  id: string
  participant?: string
  _serialized: string
}

/** A JID of the engine as a public id. */
export function toPublic(jid: string): string {
  const at = jid.lastIndexOf('@')
  const user = jid.slice(0, at).split(':')[0] ?? ''
  const server = jid.slice(at + 1)
  return `${user}@${server === 's.whatsapp.net' ? 'c.us' : server}`
}

export function toWid(id: string): Wid {
  const [user = '', server = ''] = id.split('@')
  return { server, user, _serialized: id }
}

const USER = /^\d{5,20}@(c\.us|s\.whatsapp\.net|lid)$/
const GROUP = /^\d{5,20}(-\d{5,20})?@g\.us$/

/** What a caller names a chat with: an id, or a bare phone number. */
export function toJid(chatId: unknown): string {
  const text = typeof chatId === 'object' && chatId !== null ? (chatId as Partial<Wid>)._serialized : chatId
  const id = /^\d+$/.test(String(text)) ? `${String(text)}@c.us` : String(text)
  if (!USER.test(id) && !GROUP.test(id)) throw new Error(`wid error: invalid wid: ${id}`)
  return id.replace(/@c\.us$/, '@s.whatsapp.net')
}

export function messageId(fromMe: boolean, remote: string, id: string, participant?: string): MessageId {
  const parts = [fromMe, remote, id, ...(participant === undefined ? [] : [participant])]
  return { fromMe, remote, id, ...(participant === undefined ? {} : { participant }), _serialized: parts.join('_') }
}
