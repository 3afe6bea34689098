// Which messages are answered automatically.
import type { Conversation, Message } from '../db'
import { consentIn } from './consent'

const HOUR = 3_600_000

/** What has waited for longer is for people to answer: by now the customer may have gone elsewhere. */
export const isRecent = (timestamp: Date, now = Date.now()) => now - timestamp.getTime() < HOUR

/** Whether a message is to be written with `answerDue`: then `answering.wake` is to be called when it is written. */
export function isAnswerDue(
  { direction, text, timestamp }: Pick<Message, 'direction' | 'timestamp'> & { text?: string | null },
  { customerId, automatic }: Pick<Conversation, 'customerId' | 'automatic'>,
  now = Date.now(),
): boolean {
  if (direction !== 'in' || !customerId) return false
  return (automatic && isRecent(timestamp, now)) || Boolean(consentIn(text ?? null))
}
