// How a message is answered: first comes what customers say about notifications, then commands, then the hook.
import { answerCommand } from './commands'
import { answerConsent } from './consent'
import { hook } from './hook'
import type { Hook } from './types'

export const answer: Hook = async (incoming) => answerConsent(incoming) ?? (await answerCommand(incoming)) ?? hook(incoming)
