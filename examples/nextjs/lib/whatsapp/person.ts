// One person may come under a number (`...@s.whatsapp.net`) or under an id that hides it (`...@lid`): both are one customer.
import { and, eq, inArray, or } from 'drizzle-orm'
import { isLidUser, isPnUser, jidDecode, jidNormalizedUser, type WAMessageKey } from 'baileys'

import { conversations, customers, type Customer, type Transaction } from '../db'

export interface Person {
  /** By number where it is known. */
  jid: string
  lid: string | null
  phoneNumber: string | null
}

/** Whom a chat of two is with. `numberOf` is asked when only the LID came. */
export async function personOf(key: WAMessageKey, numberOf: (lid: string) => Promise<string | null | undefined>): Promise<Person> {
  const addresses = [key.remoteJid, key.remoteJidAlt].filter((jid) => typeof jid === 'string').map((jid) => jidNormalizedUser(jid))
  const lid = addresses.find((jid) => isLidUser(jid)) ?? null
  const known = addresses.find((jid) => isPnUser(jid)) ?? (lid && (await numberOf(lid)))
  const number = known ? jidNormalizedUser(known) : null
  return { jid: number ?? lid ?? addresses[0] ?? '', lid, phoneNumber: number ? `+${jidDecode(number)!.user}` : null }
}

/** The customer that this person is; a new one at the first message. A number that was not known before is noted. */
export async function customerOf(transaction: Transaction, userId: string, person: Person, name: string | null): Promise<Customer> {
  const { jid, lid, phoneNumber } = person
  const mine = eq(customers.userId, userId)
  const same = lid ? or(inArray(customers.jid, [jid, lid]), eq(customers.lid, lid)) : eq(customers.jid, jid)
  const found = await transaction.select().from(customers).where(and(mine, same)).limit(2)
  const customer = found.find((one) => one.jid === jid) ?? found[0]
  if (!customer) {
    const [made] = await transaction.insert(customers).values({ userId, jid, lid, phoneNumber, name }).returning()
    return made!
  }
  const changes = {
    ...(customer.jid === jid || !phoneNumber ? {} : { jid, phoneNumber }),
    ...(lid && customer.lid !== lid ? { lid } : {}),
    ...(name && customer.name !== name ? { name } : {}),
  }
  if (Object.keys(changes).length === 0) return customer
  await transaction.update(customers).set(changes).where(eq(customers.id, customer.id))
  if ('jid' in changes || 'name' in changes) {
    const { jid: address, name: called } = { ...customer, ...changes }
    await transaction.update(conversations).set({ jid: address, name: called }).where(eq(conversations.customerId, customer.id))
  }
  return { ...customer, ...changes }
}
