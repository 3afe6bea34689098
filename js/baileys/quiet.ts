/** A logger in the shape of pino's that says nothing. */
export interface QuietLogger {
  level: string
  child(bindings?: object): QuietLogger
  trace(...args: unknown[]): void
  debug(...args: unknown[]): void
  info(...args: unknown[]): void
  warn(...args: unknown[]): void
  error(...args: unknown[]): void
}

const nothing = (): void => undefined

export const makeQuiet = (): QuietLogger => ({
  level: 'silent',
  child: makeQuiet,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
})
