// What customers can type: /catalogo, /pedido and /ayuda, and in English /catalog, /order and /help.
import { fold } from '../fold'
import { placeOrder } from '../orders'
import { productWithCode } from '../products'
import { catalogueText } from './catalogue'
import { MOST_PIECES, priceText, quoted, texts } from './texts'
import type { Answer, Incoming, Language } from './types'

type Command = (incoming: Incoming, rest: string, language: Language) => Promise<Answer>

const say = (content: string): Answer => ({ replies: [{ content, author: 'command' }] })

const help: Command = async (_incoming, _rest, language) => say(texts[language].help)

const catalogue: Command = async ({ userId }, rest, language) => {
  const { nothingFound, noProducts } = texts[language]
  return say((await catalogueText(userId, rest, language)) ?? (rest ? nothingFound(quoted(rest)) : noProducts))
}

const order: Command = async ({ userId, message, customer }, rest, language) => {
  const { orderUsage, unknownCode, unavailable, wrongQuantity, ordered } = texts[language]
  const [code, typed = '1', ...more] = rest.split(/\s+/)
  if (!code) return say(orderUsage)
  const product = await productWithCode(userId, code.slice(0, 100))
  if (!product) return say(unknownCode(quoted(code)))
  if (!product.available) return say(unavailable(product.name))
  const quantity = /^x?\d{1,6}x?$/i.test(typed) ? Number(typed.replace(/x/gi, '')) : 0
  if (quantity < 1 || quantity > MOST_PIECES || more.length) return say(wrongQuantity)
  return {
    ...say(ordered(quantity, product.name, product.code, priceText(product.price * quantity, product.currency, language))),
    effects: (transaction) => placeOrder(transaction, { userId, customerId: customer.id, messageId: message.id, product, quantity }),
  }
}

const COMMANDS = new Map<string, { run: Command; language: Language }>([
  ['catalogo', { run: catalogue, language: 'es' }],
  ['pedido', { run: order, language: 'es' }],
  ['ayuda', { run: help, language: 'es' }],
  ['catalog', { run: catalogue, language: 'en' }],
  ['order', { run: order, language: 'en' }],
  ['help', { run: help, language: 'en' }],
])

/** The answer to a message that is a command; a slash with letters after it is one. */
export async function answerCommand(incoming: Incoming): Promise<Answer | undefined> {
  const [, name, rest = ''] = /^\s*\/\s?(\p{L}[\p{L}\p{M}]*)(?:[\s:,]+([^]*))?$/u.exec(incoming.message.text ?? '') ?? []
  if (!name) return undefined
  const { run, language } = COMMANDS.get(fold(name)) ?? {}
  if (!run || !language) return say(texts.es.unknownCommand(quoted(name)))
  return run(incoming, rest.trim(), language)
}
