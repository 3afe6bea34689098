/** The events and globals of the statistics format: names, numbers and types. They are read when they are looked at. */

/** `integer`, `boolean`, `string`, `number`, `timer`, or the values of an enum. */
export type WamType = string | { [value: string]: number }
export interface WamEvent {
  name: string
  id: number
  props: { [property: string]: [number: number, type: WamType] }
  wamChannel: string
  privateStatsIdInt?: number
  weight: number
}
export interface WamGlobal {
  name: string
  id: number
  type: WamType
  channels: string[]
}

interface Tables {
  events: WamEvent[]
  globals: WamGlobal[]
}

const pairs = (words: string[], size: number): string[][] =>
  Array.from({ length: Math.floor(words.length / size) }, (_, index) => words.slice(index * size, (index + 1) * size))

function read(): Tables {
  const stored = require('./wam.json') as typeof import('./wam.json')
  // What looks alike is one type for each of its places: a program may change its own.
  const typeAt = (place: number): WamType => {
    const type = (stored.types as (string | string[])[])[place] ?? ''
    if (typeof type === 'string') return type
    return Object.fromEntries(pairs((type[0] ?? '').split(' '), 2).map(([name, value]) => [name, Number(value)]))
  }
  const events = (stored.events as [string, number, number, string, number | null, string][]).map(
    ([name, id, weight, wamChannel, privateId, listed]) => {
      const words = listed === '' ? [] : listed.split(' ')
      const props = pairs(words, 3).map(([property, number, type]) => [property, [Number(number), typeAt(Number(type))]])
      return {
        name,
        id,
        props: Object.fromEntries(props) as WamEvent['props'],
        wamChannel,
        ...(privateId === null ? {} : { privateStatsIdInt: privateId }),
        weight,
      }
    },
  )
  const globals = (stored.globals as [string, number, number, string[]][]).map(([name, id, type, channels]) => ({ name, id, type: typeAt(type), channels }))
  return { events, globals }
}

let tables: Tables | undefined

/** An array that is filled when it is looked at. */
function lazyArray<T>(load: () => T[]): T[] {
  let empty = true
  const filled = (target: T[]): T[] => {
    if (empty) {
      empty = false
      target.push(...load())
    }
    return target
  }
  return new Proxy<T[]>([], {
    get: (target, name) => Reflect.get(filled(target), name) as unknown,
    has: (target, name) => Reflect.has(filled(target), name),
    set: (target, name, value) => Reflect.set(filled(target), name, value),
    deleteProperty: (target, name) => Reflect.deleteProperty(filled(target), name),
    defineProperty: (target, name, descriptor) => Reflect.defineProperty(filled(target), name, descriptor),
    ownKeys: target => Reflect.ownKeys(filled(target)),
    getOwnPropertyDescriptor: (target, name) => Reflect.getOwnPropertyDescriptor(filled(target), name),
  })
}

export const WEB_EVENTS: WamEvent[] = lazyArray(() => (tables ??= read()).events)
export const WEB_GLOBALS: WamGlobal[] = lazyArray(() => (tables ??= read()).globals)
