// What the routes take and give, in JSON: the server checks what comes with these schemas, the pages use the types.
import { z } from 'zod'

/** Every error is `{ success: false, error, code }`, with this status. */
export const ERRORS = {
  INVALID_JSON: 400,
  INVALID_INPUT: 400,
  NOT_SIGNED_IN: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  NOT_ON_WHATSAPP: 404,
  NOT_CONNECTED: 409,
  SESSION_HELD: 409,
  CONFLICT: 409,
  TOO_LARGE: 413,
  TOO_MANY_REQUESTS: 429,
  INTERNAL: 500,
  SEND_FAILED: 502,
  CONNECT_FAILED: 502,
  DATABASE_UNAVAILABLE: 503,
  SHUTTING_DOWN: 503,
  TIMED_OUT: 504,
  DISK_FULL: 507,
} as const
export type ErrorCode = keyof typeof ERRORS
export interface Failure {
  success: false
  error: string
  code: ErrorCode
}

/** As long as WhatsApp takes a text. */
export const MAX_TEXT = 65_536
// Postgres keeps no zero characters.
const text = z.string().trim().regex(/^[^\0]*$/, 'The text has a zero character.')
const content = text.min(1, 'The text is empty.').max(MAX_TEXT, `A text has at most ${MAX_TEXT} characters.`)

/** A number with country code, with or without +, spaces, dots, dashes and brackets, or a JID; becomes a JID. */
export const recipient = z.string().trim().max(64).transform((to, context) => {
  const digits = to.replace(/@s\.whatsapp\.net$/, '').replace(/^\+/, '').replace(/[\s().-]/g, '')
  if (/^[1-9]\d{6,14}$/.test(digits)) return `${digits}@s.whatsapp.net`
  context.addIssue({ code: 'custom', message: 'This is not a phone number with its country code.' })
  return z.NEVER
})

export const Send = z.object({ to: recipient, content })
export const Answer = z.object({ content })
export const ChangeConversation = z.object({ automatic: z.boolean() })
const product = {
  code: z.string().trim().regex(/^[\p{L}\p{N}_-]{1,32}$/u, 'A code has up to 32 letters, digits, - and _.'),
  name: text.min(1).max(200),
  description: text.max(1000),
  /** In the smallest unit of the currency. */
  price: z.number().int().min(0).max(1_000_000_000_000),
  currency: z.string().regex(/^[A-Z]{3}$/, 'A currency is its three letters.'),
  available: z.boolean(),
}
export const NewProduct = z.object({ ...product, description: product.description.default(''), available: product.available.default(true) })
export const ChangeProduct = z.object(product).partial()
export const ChangeCustomer = z.object({ consent: z.boolean() })
export const NewNotification = z.object({ content })

export type ConnectionStatus = 'CONNECTED' | 'CONNECTING' | 'QR' | 'DISCONNECTED'
export interface Connection {
  phoneNumber: string | null
  /** ISO 8601. */
  lastConnectedAt: string | null
}
/** `GET /api/whatsapp/status`, and the event `status`. */
export interface StatusAnswer {
  success: true
  status: ConnectionStatus
  isConnected: boolean
  /** A PNG as data URL; another one whenever WhatsApp renews it. */
  qrCode: string | null
  connection: Connection
  /** Why the session is not open, where there is something to say. */
  reason: 'QR_EXPIRED' | 'LOGGED_OUT' | 'REPLACED' | 'SESSION_HELD' | 'FOLDER_DAMAGED' | 'FAILED' | null
}
/** `POST /api/whatsapp/connect`. */
export interface ConnectAnswer {
  success: true
  qr: string | null
  status: ConnectionStatus
  message: string
}
/** `POST /api/whatsapp/disconnect`. */
export interface DisconnectAnswer {
  success: true
  message: string
}
/** `POST /api/whatsapp/send` and `POST /api/conversations/:id/messages`. */
export interface SendAnswer {
  success: true
  message: MessageView
}

export interface MessageView {
  /** Of this program; messages of a conversation are in the order of it. */
  id: number
  /** The id that WhatsApp knows it by. */
  whatsappId: string
  conversationId: string
  direction: 'in' | 'out'
  author: 'customer' | 'operator' | 'phone' | 'rule' | 'command' | 'ai' | 'notification'
  /** In groups. */
  senderName: string | null
  type: 'text' | 'image' | 'video' | 'audio' | 'document' | 'sticker' | 'location' | 'contact' | 'poll' | 'deleted' | 'other'
  text: string | null
  /** The file of an image, video, audio, document or sticker. */
  media: { url: string; mimetype: string | null; fileName: string | null; size: number | null } | null
  status: 'received' | 'pending' | 'sent' | 'delivered' | 'read' | 'failed'
  error: string | null
  edited: boolean
  timestamp: string
}
export interface ConversationView {
  id: string
  jid: string
  group: boolean
  /** The customer's or the group's, else the number. */
  name: string
  phoneNumber: string | null
  unread: number
  automatic: boolean
  lastMessage: Pick<MessageView, 'direction' | 'type' | 'text' | 'status' | 'timestamp'> | null
  lastMessageAt: string
}
/** `GET /api/conversations?before=id of a conversation&search=text`: newest first. */
export interface ConversationsAnswer {
  success: true
  conversations: ConversationView[]
  more: boolean
}
/** `GET /api/conversations/:id`, and `PATCH` with ChangeConversation. */
export interface ConversationAnswer {
  success: true
  conversation: ConversationView
}
/** `GET /api/conversations/:id/messages?before=id`: the last ones, oldest first. `POST .../read` empties `unread`. */
export interface MessagesAnswer {
  success: true
  messages: MessageView[]
  more: boolean
}

export interface ProductView {
  id: string
  code: string
  name: string
  description: string
  price: number
  currency: string
  available: boolean
}
/** `GET /api/products?search=text`. `POST`, `PATCH /api/products/:id` give `{ success, product }`, `DELETE` `{ success }`. */
export interface ProductsAnswer {
  success: true
  products: ProductView[]
}

export interface CustomerView {
  id: string
  name: string | null
  phoneNumber: string | null
  consent: 'unknown' | 'given' | 'withdrawn'
  createdAt: string
  conversationId: string | null
}
/** `GET /api/customers`. `PATCH /api/customers/:id` with ChangeCustomer gives `{ success, customer }`. */
export interface CustomersAnswer {
  success: true
  customers: CustomerView[]
}

export interface OrderView {
  id: string
  customer: { id: string; name: string | null; phoneNumber: string | null }
  productCode: string
  productName: string
  quantity: number
  total: number
  currency: string
  createdAt: string
}
/** `GET /api/orders`: newest first. */
export interface OrdersAnswer {
  success: true
  orders: OrderView[]
}

/** How far a notification got: the numbers add up to `recipients`. */
export interface NotificationView {
  id: string
  content: string
  state: 'sending' | 'done' | 'cancelled'
  createdAt: string
  recipients: number
  queued: number
  pending: number
  sent: number
  delivered: number
  read: number
  failed: number
  skipped: number
}
/** `GET /api/notifications`: newest first. `POST` with NewNotification and `POST /api/notifications/:id/cancel` give `{ success, notification }`. */
export interface NotificationsAnswer {
  success: true
  notifications: NotificationView[]
}
/** `GET /api/notifications/:id`: the report, one row for each customer. */
export interface NotificationAnswer {
  success: true
  notification: NotificationView
  people: {
    customer: { id: string; name: string | null; phoneNumber: string | null }
    state: 'queued' | 'pending' | 'sent' | 'delivered' | 'read' | 'failed' | 'skipped'
    reason: string | null
  }[]
}

/**
 * `GET /api/events`: server-sent events, each with its JSON as data. After a new connection (`ready`) the page asks the routes for
 * what it shows: events in between are not kept.
 */
export interface Events {
  ready: Record<string, never>
  status: StatusAnswer
  /** A new message, or one whose text, file or status has changed. */
  message: MessageView
  conversation: ConversationView
  order: OrderView
  notification: NotificationView
  /** The sign-in has ended. */
  'signed-out': Record<string, never>
}
