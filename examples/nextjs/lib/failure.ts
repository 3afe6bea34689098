// What goes wrong, with the code that routes give.
import { ERRORS, type ErrorCode } from './api'

/** Next loads this module more than once: an error is known by this mark, and not by which class it is of. */
const MARK = Symbol.for('chasqui.example.failure')

export class AppError extends Error {
  readonly [MARK] = true

  /** Seconds until it may be tried again. */
  readonly retryAfter?: number

  constructor(readonly code: ErrorCode, message: string, { retryAfter, ...options }: ErrorOptions & { retryAfter?: number } = {}) {
    super(message, options)
    this.retryAfter = retryAfter
    this.name = 'AppError'
  }

  static [Symbol.hasInstance](it: unknown): boolean {
    return typeof it === 'object' && it !== null && MARK in it
  }

  get status(): number {
    return ERRORS[this.code]
  }
}

/** The error and what caused it, as libraries wrap one in another. */
const causes = (error: unknown): Error[] => (error instanceof Error ? [error, ...causes(error.cause)] : [])

const DISK_FULL = /SQLITE_FULL|ENOSPC|disk is full|^53100$/m
// What is wrong with a query or with its values stays wrong: that is no outage.
const DATABASE =
  /SQLITE_(?!CONSTRAINT|MISMATCH|MISUSE|RANGE|TOOBIG)|DATABASE_GONE|database is locked|no such table|ECONNREFUSED|ECONNRESET|EPIPE|connect E(?:NOENT|HOSTUNREACH|NETUNREACH|TIMEDOUT)|getaddrinfo|^(08|53|57)[0-9A-Z]{3}$|Connection terminated|connection error|connection timeout|timeout exceeded/m

/** Any error as one of ours: of the database or the disk, or the program's own fault. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const text = causes(error)
    // Drizzle puts values of the query behind it, and those may say anything.
    .flatMap((one) => [String((one as { code?: unknown }).code ?? ''), one.message.split('\nparams: ')[0]!])
    .join('\n')
  const options = { cause: error }
  if (DISK_FULL.test(text)) return new AppError('DISK_FULL', 'The disk is full.', options)
  if (DATABASE.test(text)) return new AppError('DATABASE_UNAVAILABLE', 'The database does not answer now.', options)
  // Postgres has no zero characters, and so no row with one.
  if (/^22021$/m.test(text)) return new AppError('INVALID_INPUT', 'There is a zero character in what came.', options)
  return new AppError('INTERNAL', 'Something went wrong here; the log says what.', options)
}

/** Whether it may go well later, without anything being changed: the database or the disk is the trouble. */
export const isOutage = (error: unknown): boolean => ['DISK_FULL', 'DATABASE_UNAVAILABLE'].includes(toAppError(error).code)
