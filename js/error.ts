/** The one error class, and how errors of the addon become it. */

import type * as contract from '../index.js'

type Data = Record<string, unknown>

/** `PublicError` as the addon writes it. */
export interface PublicError {
  code: contract.ErrorCode
  message: string
  data?: Data
}

class ChasquiErrorClass extends Error implements contract.ChasquiError {
  readonly code: contract.ErrorCode
  readonly data: Data

  constructor(code: contract.ErrorCode, message: string, data: Data = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.data = data
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'ChasquiError', configurable: true, writable: true })
    Object.defineProperty(this, 'name', { value: 'ChasquiError' })
  }
}

// A bundler or a test runner may load this module twice; there is one class all the same.
const key = Symbol.for('chasqui.ChasquiError')
const registry = globalThis as { [key]?: typeof ChasquiErrorClass }
export const ChasquiError = (registry[key] ??= ChasquiErrorClass)
export type ChasquiError = ChasquiErrorClass

/** The error behind a `failed` event. */
export function fromPublic(error: PublicError, options?: ErrorOptions): ChasquiError {
  return new ChasquiError(error.code, error.message, error.data, options)
}

/** The error behind what the addon threw: its message is the JSON of a {@link PublicError}. */
export function fromThrown(thrown: unknown): ChasquiError {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  try {
    const parsed = JSON.parse(message) as Partial<PublicError> | null
    if (typeof parsed?.code === 'string' && typeof parsed.message === 'string') {
      return new ChasquiError(parsed.code, parsed.message, parsed.data)
    }
  } catch {
    // Not one of ours: said below.
  }
  return new ChasquiError('INTERNAL', message, {}, { cause: thrown })
}

export function invalidOption(option: string, what: string): ChasquiError {
  return new ChasquiError('INVALID_OPTION', `Option "${option}" ${what}.`, { option })
}
