/** What a door does not have yet: it exists under its name, and says so by name when it is used. */
import { ChasquiError } from '../error.js'

export function notImplemented(name: string): ChasquiError {
  return new ChasquiError('NOT_IMPLEMENTED', `${name} is not in this version of chasqui yet.`, { name })
}

const absentees = new WeakSet<object>()

/** Whether `value` only stands for something that is not there yet. */
export const isMissing = (value: unknown): boolean => typeof value === 'function' && absentees.has(value)

/** Stands for a function, class or object: calling, constructing or looking inside throws. */
export function missing(name: string): () => never {
  function absent(): never {
    throw notImplemented(name)
  }
  const stand = new Proxy(absent, {
    construct: absent,
    get(target, property) {
      // Promises, module loaders and printers look at these without wanting the feature.
      if (typeof property === 'symbol' || property === 'then' || property === 'toJSON' || property === '__esModule' || property in target) {
        return Reflect.get(target, property)
      }
      throw notImplemented(`${name}.${property}`)
    },
  })
  absentees.add(stand)
  return stand
}

/** Stands for a function that returns a promise. */
export function missingAsync(name: string): () => Promise<never> {
  const stand = (): Promise<never> => Promise.reject(notImplemented(name))
  absentees.add(stand)
  return stand
}
