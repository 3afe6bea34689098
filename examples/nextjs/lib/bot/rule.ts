// What is answered without an AI: the first message, and questions for products. All else waits for a person.
import { words } from '../fold'
import { catalogueText } from './catalogue'
import { history } from './history'
import { quoted, texts } from './texts'
import type { Hook, Reply } from './types'

const LONGEST_QUESTION = 300
const HELLO = /^(?:(?:hola|holi|buenas?|buenos|dias|tardes|noches|disculpen?|perdon|oye|oigan|una pregunta|que tal|por favor|amigos?|saludos) )+/
const ASKS = new RegExp(
  '^(?:' +
    [
      '(?:me )?(?:tienen|tienes|tiene|hay|venden|vendes|vende|manejan|ofrecen|les queda|te queda|queda|quedan)',
      '(?:estoy |ando |estamos )?(?:busco|buscando|buscamos)',
      '(?:quiero|quisiera|necesito|me interesan?)(?: (?:comprar|pedir|saber el precio del?|el precio del?))?',
      '(?:me das?|me dan|dame|cual es|cuales son|que)? ?(?:el|los)? ?precios? (?:del?|tienen?)',
      '(?:a )?(?:cuanto|cuanta) (?:cuestan?|valen?|es|son|sale|salen|esta|estan)',
      '(?:a )?como (?:tienen|tienes|esta|estan|venden)',
    ].join('|') +
    ') (.+)$',
)
const SMALL = new Set(
  ('a al algo algun alguna algunas algunos con cual cuales de del disponible disponibles el en ese eso esta este favor gracias hoy la las les ' +
    'lo los me mi mas o para por que se si su sus tipo tipos te tu un una unas unos uds usted ustedes y').split(' '),
)

/** The words that a question for products asks for. */
export function productsAskedFor(text: string): string | undefined {
  if (text.length > LONGEST_QUESTION) return undefined
  const [, asked] = ASKS.exec(words(text).replace(HELLO, '')) ?? []
  return asked?.split(' ').filter((word) => !SMALL.has(word)).join(' ') || undefined
}

export const rule: Hook = async (incoming) => {
  const { userId, message, customer } = incoming
  const replies: Reply[] = []
  const [earlier] = await history(incoming, 2)
  if (earlier?.id === message.id) replies.push({ content: texts.es.greeting(quoted(customer.name ?? '')), author: 'rule' })
  const asked = productsAskedFor(message.text ?? '')
  const list = asked && (await catalogueText(userId, asked, 'es'))
  if (list) replies.push({ content: list, author: 'rule' })
  return replies.length ? { replies } : undefined
}
