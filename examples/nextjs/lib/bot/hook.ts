// The file to change: what answers messages that are neither a command nor BAJA or ALTA.
import { askAi } from './ai'
import { rule } from './rule'
import type { Hook } from './types'

/**
 * Gets the message with its conversation and customer; `history(incoming, 20)` of ./history reads what was said before. What it gives
 * is sent once, whatever happens to the server. Without an answer the message waits for a person.
 */
export const hook: Hook = async (incoming) => {
  const answer = process.env.AI_ENDPOINT ? await askAi(incoming) : undefined
  return answer ?? rule(incoming)
}
