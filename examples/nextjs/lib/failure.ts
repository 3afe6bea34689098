// What goes wrong, with the code that routes give.
import { ERRORS, type ErrorCode } from './api'

export class AppError extends Error {
  /** Seconds until it may be tried again. */
  readonly retryAfter?: number

  constructor(readonly code: ErrorCode, message: string, { retryAfter, ...options }: ErrorOptions & { retryAfter?: number } = {}) {
    super(message, options)
    this.retryAfter = retryAfter
    this.name = 'AppError'
  }

  get status(): number {
    return ERRORS[this.code]
  }
}

/** The code of an error that a library threw. */
const codeOf = (error: unknown): string => (error instanceof Error ? String((error as { code?: unknown }).code ?? codeOf(error.cause)) : '')

/** Any error as one of ours: of the database or the disk, or the program's own fault. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const text = error instanceof Error ? `${codeOf(error)} ${error.message}` : String(error)
  const options = { cause: error }
  if (/SQLITE_FULL|ENOSPC|disk is full|53100/.test(text)) return new AppError('DISK_FULL', 'The disk is full.', options)
  const database = /SQLITE_|DATABASE_GONE|database is locked|no such table|ECONNREFUSED|ECONNRESET|^(08|53|57)[0-9A-Z]{3} |Connection terminated|connection timeout/
  if (database.test(text)) return new AppError('DATABASE_UNAVAILABLE', 'The database does not answer now.', options)
  return new AppError('INTERNAL', 'Something went wrong here; the log says what.', options)
}

/** Whether it may go well later, without anything being changed: the database or the disk is the trouble. */
export const isOutage = (error: unknown): boolean => ['DISK_FULL', 'DATABASE_UNAVAILABLE'].includes(toAppError(error).code)
