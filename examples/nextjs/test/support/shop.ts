// A shop with its customers, and what happens to it: messages come as the WhatsApp service writes them.
import { randomUUID } from 'node:crypto'

import { and, asc, eq } from 'drizzle-orm'

import type { Events } from '../../lib/api'
import { answer } from '../../lib/bot'
import { isAnswerDue } from '../../lib/bot/due'
import type { Incoming } from '../../lib/bot/types'
import { conversations, customers, db, messages, notificationRecipients, users, write, type Customer, type Message } from '../../lib/db'
import { subscribe } from '../../lib/events'
import { conversationWith, newWhatsappId } from '../../lib/messages'
import { createProduct } from '../../lib/products'
import { sampleProducts } from '../../lib/sample-products'
import { NewProduct } from '../../lib/api'

let numbers = 15_550_100

export class Shop {
  readonly userId: string = randomUUID()

  static async open({ products = true } = {}): Promise<Shop> {
    const shop = new Shop()
    await write((tx) => tx.insert(users).values({ id: shop.userId, name: 'Shop', email: `${shop.userId}@example.com` }))
    for (const product of products ? sampleProducts : []) await createProduct(shop.userId, NewProduct.parse(product))
    return shop
  }

  /** A new customer, or one row as it is now. */
  async customer(values: Partial<typeof customers.$inferInsert> = {}): Promise<Customer> {
    const number = ++numbers
    const row = { userId: this.userId, jid: `${number}@s.whatsapp.net`, phoneNumber: `+${number}`, name: 'Rosa', ...values }
    const [customer] = await write((tx) => tx.insert(customers).values(row).returning())
    return customer!
  }

  async consentOf({ id }: Customer) {
    const [customer] = await (await db()).select().from(customers).where(eq(customers.id, id))
    return customer!.consent
  }

  /** A message comes from this customer. */
  async receive(customer: Customer, text: string | null, values: Partial<typeof messages.$inferInsert> = {}): Promise<Message> {
    return write(async (tx) => {
      const conversation = await conversationWith(tx, customer)
      const row = {
        userId: this.userId, conversationId: conversation.id, whatsappId: newWhatsappId(), author: 'customer', text, type: 'text',
        direction: 'in', status: 'received', timestamp: new Date(Math.floor(Date.now() / 1000) * 1000), ...values,
      } as const
      const [message] = await tx.insert(messages).values({ ...row, answerDue: isAnswerDue(row, conversation) }).returning()
      return message!
    })
  }

  async incoming({ id }: Message): Promise<Incoming> {
    const [found] = await (await db())
      .select({ message: messages, conversation: conversations, customer: customers })
      .from(messages)
      .innerJoin(conversations, eq(messages.conversationId, conversations.id))
      .innerJoin(customers, eq(conversations.customerId, customers.id))
      .where(eq(messages.id, id))
    return { userId: this.userId, ...found! }
  }

  /** What the bot would answer, without the worker. */
  async ask(customer: Customer, text: string) {
    return answer(await this.incoming(await this.receive(customer, text)))
  }

  /** The texts of it; nothing where the bot leaves the message to people. */
  async answers(customer: Customer, text: string): Promise<string[]> {
    return (await this.ask(customer, text))?.replies.map(({ content }) => content) ?? []
  }

  async setAutomatic(customer: Customer, automatic: boolean) {
    await write((tx) => tx.update(conversations).set({ automatic }).where(and(eq(conversations.userId, this.userId), eq(conversations.jid, customer.jid))))
  }

  /** All that was written to this customer, or to all. */
  async written(customer?: Customer): Promise<Message[]> {
    const found = await (await db())
      .select({ message: messages })
      .from(messages)
      .innerJoin(conversations, eq(messages.conversationId, conversations.id))
      .where(and(eq(messages.userId, this.userId), eq(messages.direction, 'out'), customer && eq(conversations.customerId, customer.id)))
      .orderBy(asc(messages.id))
    return found.map(({ message }) => message)
  }

  async due(): Promise<number> {
    return (await (await db()).select().from(messages).where(and(eq(messages.userId, this.userId), eq(messages.answerDue, true)))).length
  }

  /** As the outbox does, once WhatsApp has confirmed it. */
  async deliver(status: 'sent' | 'delivered' | 'read' | 'failed' = 'sent') {
    await write((tx) => tx.update(messages).set({ status }).where(and(eq(messages.userId, this.userId), eq(messages.status, 'pending'))))
  }

  async recipients() {
    return (await db()).select().from(notificationRecipients).where(eq(notificationRecipients.userId, this.userId)).orderBy(asc(notificationRecipients.id))
  }

  /** The events that pages get from here on. */
  events(): { name: keyof Events; data: Events[keyof Events] }[] {
    const seen: { name: keyof Events; data: Events[keyof Events] }[] = []
    subscribe(this.userId, (name, data) => void seen.push({ name, data }))
    return seen
  }
}

/** Resolves when it is so; the test's own time limit ends it otherwise. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}
