// What automatic answers take and give.
import type { Conversation, Customer, Message, Transaction } from '../db'

/** A customer's message that waits for an answer. */
export interface Incoming {
  userId: string
  message: Message
  conversation: Conversation
  customer: Customer
}

export interface Reply {
  content: string
  author: 'rule' | 'command' | 'ai'
}

export interface Answer {
  replies: Reply[]
  /** What is to be written with the replies: all of it is, or nothing. */
  effects?: (transaction: Transaction, incoming: Incoming) => Promise<void>
}

/** Looks at a message and answers it, or leaves it to people. It may be called again for the same message after a restart. */
export type Hook = (incoming: Incoming) => Promise<Answer | undefined>

export type Language = 'es' | 'en'
