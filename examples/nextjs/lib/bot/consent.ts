// "BAJA" ends notifications, "ALTA" begins them. This holds whatever else is set: also where people answer, and for old messages.
import { and, eq, isNull, lt, ne, or } from 'drizzle-orm'

import { customers } from '../db'
import { words } from '../fold'
import { texts } from './texts'
import type { Answer, Incoming, Language } from './types'

type Consent = 'given' | 'withdrawn'

const WORDS: Record<Consent, Record<Language, string[]>> = {
  withdrawn: {
    es: [
      'baja', 'dar de baja', 'darme de baja', 'dame de baja', 'denme de baja', 'quiero darme de baja', 'baja por favor', 'no mas avisos',
      'no mas mensajes', 'no quiero mas avisos', 'no quiero mas mensajes', 'no quiero recibir mas avisos', 'cancelar suscripcion',
    ],
    en: ['stop', 'stop all', 'stopall', 'stop please', 'please stop', 'unsubscribe', 'opt out', 'optout'],
  },
  given: {
    es: ['alta', 'dar de alta', 'darme de alta', 'quiero darme de alta', 'alta por favor', 'suscribirme', 'quiero recibir avisos'],
    en: ['start', 'unstop', 'subscribe', 'opt in', 'optin'],
  },
}
const MEANINGS = new Map(
  Object.entries(WORDS).flatMap(([consent, languages]) =>
    Object.entries(languages).flatMap(([language, all]) => all.map((word) => [word, { consent: consent as Consent, language: language as Language }] as const)),
  ),
)
const LONGEST = 100

/** What a message says about notifications, if that is all that it says. */
export const consentIn = (text: string | null) => (text && text.length <= LONGEST ? MEANINGS.get(words(text)) : undefined)

/** Writes down what the customer wants, and confirms what is new. */
export function answerConsent({ message, customer }: Incoming): Answer | undefined {
  const meaning = consentIn(message.text)
  if (!meaning) return undefined
  const { consent, language } = meaning
  if (customer.consent === consent) return { replies: [] }
  return {
    replies: [{ content: texts[language].consent[consent], author: 'command' }],
    effects: async (transaction) => {
      // WhatsApp's times are whole seconds. What was said later counts, be it by the customer or in the dashboard.
      const secondAfter = new Date(message.timestamp.getTime() + 1000)
      await transaction
        .update(customers)
        .set({ consent, consentAt: message.timestamp })
        .where(and(eq(customers.id, customer.id), ne(customers.consent, consent), or(isNull(customers.consentAt), lt(customers.consentAt, secondAfter))))
    },
  }
}
