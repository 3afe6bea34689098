// What the bot says, in both languages.
import { fractionDigits } from '../money'
import type { Language } from './types'

/** The line under each notification. */
export const OPT_OUT_LINE = 'Responde BAJA para no recibir más avisos.'

export const MOST_PIECES = 999

const es = {
  consent: {
    withdrawn: 'Listo: no recibirás más avisos. Si cambias de opinión, responde ALTA.',
    given: 'Listo: recibirás nuestros avisos. Para no recibir más, responde BAJA.',
  },
  greeting: (name: string) =>
    `¡Hola${name && `, ${name}`}! Este es un asistente automático.\n\n` +
    'Escribe */catalogo* para ver los productos, */pedido* y un código para pedir, o */ayuda*. Con cualquier otra pregunta te responde una persona.',
  help:
    'Puedes escribir:\n\n' +
    '*/catalogo* — todos los productos\n' +
    '*/catalogo café* — los productos que lo nombran\n' +
    '*/pedido CÓDIGO 2* — pedir dos de un producto\n' +
    '*/ayuda* — esta lista\n' +
    '*ALTA* o *BAJA* — recibir avisos, o no recibirlos\n\n' +
    'Con cualquier otra pregunta te responde una persona.',
  unknownCommand: (command: string) => `No conozco /${command}. Escribe /ayuda para ver lo que puedo hacer.`,
  catalogue: 'Estos son nuestros productos:',
  found: (search: string) => `Esto encontré para «${search}»:`,
  nothingFound: (search: string) => `No encontré nada para «${search}». Escribe /catalogo para ver todos los productos.`,
  noProducts: 'Todavía no hay productos en el catálogo.',
  more: (number: number) => `Y ${number} más: escribe /catalogo y una palabra para buscar, por ejemplo /catalogo café.`,
  howToOrder: (code: string) => `Para pedir, escribe /pedido y el código, por ejemplo: /pedido ${code} 2`,
  orderUsage: 'Para pedir, escribe /pedido, el código y la cantidad, por ejemplo: /pedido CAFE-250 2\n\nLos códigos están en /catalogo.',
  unknownCode: (code: string) => `No hay ningún producto con el código «${code}». Los códigos están en /catalogo.`,
  unavailable: (name: string) => `${name} no está disponible en este momento. Escribe /catalogo para ver lo que hay.`,
  wrongQuantity: `La cantidad es un número de 1 a ${MOST_PIECES}, por ejemplo: /pedido CAFE-250 2`,
  ordered: (quantity: number, name: string, code: string, total: string) =>
    `Recibimos tu pedido: ${quantity} × ${name} (${code}).\nTotal: *${total}*\n\nTe escribimos para acordar la entrega.`,
}

const en: typeof es = {
  consent: {
    withdrawn: 'Done: you will get no more notices. If you change your mind, reply START.\n\n' + es.consent.withdrawn,
    given: 'Done: you will get our notices. To get no more, reply STOP.\n\n' + es.consent.given,
  },
  greeting: (name) =>
    `Hello${name && `, ${name}`}! This is an automatic assistant.\n\n` +
    'Write */catalog* to see the products, */order* and a code to order, or */help*. Any other question is answered by a person.',
  help:
    'You can write:\n\n' +
    '*/catalog* — all products\n' +
    '*/catalog coffee* — the products that name it\n' +
    '*/order CODE 2* — to order two of a product\n' +
    '*/help* — this list\n' +
    '*START* or *STOP* — to get notices, or none\n\n' +
    'Any other question is answered by a person.',
  unknownCommand: (command) => `I do not know /${command}. Write /help to see what I can do.`,
  catalogue: 'These are our products:',
  found: (search) => `This is what I found for “${search}”:`,
  nothingFound: (search) => `I found nothing for “${search}”. Write /catalog to see all products.`,
  noProducts: 'There are no products in the catalogue yet.',
  more: (number) => `And ${number} more: write /catalog and a word to search, for example /catalog coffee.`,
  howToOrder: (code) => `To order, write /order and the code, for example: /order ${code} 2`,
  orderUsage: 'To order, write /order, the code and the quantity, for example: /order CAFE-250 2\n\nThe codes are in /catalog.',
  unknownCode: (code) => `There is no product with the code “${code}”. The codes are in /catalog.`,
  unavailable: (name) => `${name} is not available at the moment. Write /catalog to see what there is.`,
  wrongQuantity: `The quantity is a number from 1 to ${MOST_PIECES}, for example: /order CAFE-250 2`,
  ordered: (quantity, name, code, total) =>
    `We have your order: ${quantity} × ${name} (${code}).\nTotal: *${total}*\n\nWe will write to you to arrange the delivery.`,
}

export const texts: Record<Language, typeof es> = { es, en }

/** What a customer wrote, as it is repeated in an answer: short, and on one line. */
export const quoted = (text: string) => [...text.slice(0, 200).replace(/\s+/g, ' ').trim()].slice(0, 60).join('')

/** 18.500 COP, 12,50 €: with spaces that people can search for, and decimals only where there are some. */
export function priceText(amount: number, currency: string, language: Language): string {
  const style = { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger' } as const
  return new Intl.NumberFormat(language, style).format(amount / 10 ** fractionDigits(currency)).replace(/\s/g, ' ')
}
