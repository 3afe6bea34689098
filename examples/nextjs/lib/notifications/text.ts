import { MAX_TEXT } from '../api'
import { OPT_OUT_LINE } from '../bot/texts'
import { AppError } from '../failure'

/** What customers get: the text and, unless it says so itself, how to get no more of them. */
export const withOptOut = (content: string) => (/(?<!\p{L})(?:BAJA|STOP)(?!\p{L})/u.test(content) ? content : `${content}\n\n${OPT_OUT_LINE}`)

export function checkLength(content: string) {
  const over = withOptOut(content).length - MAX_TEXT
  if (over > 0) throw new AppError('INVALID_INPUT', `With the line about BAJA the text is ${over} characters too long.`)
}
