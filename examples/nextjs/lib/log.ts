// The log: one JSON object a line, on stdout. It says what happened to whom by ids, and never what people wrote or sign in with.
import pino from 'pino'

import { once } from './once'

/** What is hidden wherever it stands, down to two objects deep. */
const HIDDEN = [
  'password', 'token', 'accessToken', 'refreshToken', 'idToken', 'secret', 'apiKey', 'cookie', 'set-cookie', 'authorization',
  'content', 'text', 'caption', 'conversation', 'raw', 'qr', 'qrCode', 'creds', 'keys',
]
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

interface LoggedError {
  type: string
  message: string
  code?: string
  stack?: string
  cause?: LoggedError
}

/**
 * An error without what libraries add to it: Drizzle puts the values of a query into its message, and pg the row into `detail`, and
 * those are what people wrote.
 */
function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' }
  const { code } = error as { code?: unknown }
  return {
    type: error.name,
    message: error.message.split('\nparams: ')[0]!.slice(0, 2000),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    stack: error.stack?.split('\n').filter((line) => /^ {4}at /.test(line)).join('\n'),
    ...(error.cause !== undefined && depth < 4 ? { cause: describeError(error.cause, depth + 1) } : {}),
  }
}

/** `destination`: where lines go, for tests. */
export function makeLog(destination: pino.DestinationStream = pino.destination(1)): pino.Logger {
  const asked = process.env.LOG_LEVEL?.trim().toLowerCase() ?? ''
  const options: pino.LoggerOptions = {
    level: LEVELS.includes(asked) ? asked : 'info',
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    serializers: { err: (error: unknown) => describeError(error), error: (error: unknown) => describeError(error) },
    hooks: {
      // Of an error without a text pino makes its message the text, as it came.
      logMethod(args, method) {
        const [first, text = 'An error', ...values] = args as [unknown, string?, ...unknown[]]
        if (first instanceof Error) return method.apply(this, [{ err: first }, text, ...values])
        const bare = args.length === 1 && typeof first === 'object' && first !== null && 'err' in first
        return method.apply(this, bare ? [first, text] : args)
      },
    },
    redact: { paths: HIDDEN.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`]), censor: '[hidden]' },
  }
  return pino(options, destination)
}

/** `log.info({ userId }, 'what happened')`, or `log.child({ userId })` for what belongs to one user. Errors go in as `err`. */
export const log = once('log', () => makeLog())

/** What the engine itself logs: nothing, unless WHATSAPP_LOG_LEVEL names a level. */
export const engineLog = once('engine-log', () => {
  const asked = process.env.WHATSAPP_LOG_LEVEL?.trim().toLowerCase() ?? ''
  return log.child({ from: 'whatsapp' }, { level: LEVELS.includes(asked) ? asked : 'silent' })
})
