// Which messages are answered automatically.
import type { Conversation, Message } from '../db'
import { consentIn } from './consent'

const HOUR = 3_600_000

/** What has waited for longer is for people to answer: by now the customer may have gone elsewhere. */
export const isRecent = (timestamp: Date, now = Date.now()) => now - timestamp.getTime() < HOUR

/** Whether a message is to be written with `answerDue`; `answering.wake` is to be called when it is written. */
export function isAnswerDue(
  { direction, type, text, timestamp }: Pick<Message, 'direction' | 'type' | 'text' | 'timestamp'>,
  { customerId, automatic }: Pick<Conversation, 'customerId' | 'automatic'>,
  now = Date.now(),
): boolean {
  if (direction !== 'in' || !customerId || type !== 'text' || !text) return false
  return (automatic && isRecent(timestamp, now)) || consentIn(text) !== undefined
}
