/** A logger with pino's methods that says nothing, for where Baileys would make its own. */
export interface ILogger {
  level: string
  child(bindings: Record<string, unknown>): ILogger
  trace(value: unknown, message?: string): void
  debug(value: unknown, message?: string): void
  info(value: unknown, message?: string): void
  warn(value: unknown, message?: string): void
  error(value: unknown, message?: string): void
  fatal?(value: unknown, message?: string): void
}

export function quietLogger(level: string): ILogger {
  const say = (_value: unknown, _message?: string): void => undefined
  const logger: ILogger = { level, child: () => logger, trace: say, debug: say, info: say, warn: say, error: say, fatal: say }
  return logger
}
