/** What is inside a message, and the ids of messages. */
import { randomBytes } from 'node:crypto'
import type { WAMessageContent } from './types.js'

/** Wrappers around the content that a reader is interested in. */
const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'editedMessage',
  'associatedChildMessage',
  'groupStatusMessage',
  'groupStatusMessageV2',
]
const MAX_WRAPPERS = 5

/** The name of the field that holds the content. */
export function getContentType(content: WAMessageContent | null | undefined): string | undefined {
  if (!content) return undefined
  return Object.keys(content).find(
    field => (field === 'conversation' || field.includes('Message')) && field !== 'senderKeyDistributionMessage',
  )
}

/** The content without its wrappers. */
export function normalizeMessageContent(content: WAMessageContent | null | undefined): WAMessageContent | undefined {
  let inner = content ?? undefined
  for (let depth = 0; depth < MAX_WRAPPERS && inner; depth++) {
    const around: WAMessageContent = inner
    const wrapper = WRAPPERS.map(field => around[field] as { message?: WAMessageContent | null } | null | undefined).find(Boolean)
    if (!wrapper) break
    inner = wrapper.message ?? undefined
  }
  return inner
}

export const generateMessageIDV2 = (_userId?: string): string => `3EB0${randomBytes(9).toString('hex').toUpperCase()}`
export const generateMessageID = (): string => `3EB0${randomBytes(18).toString('hex').toUpperCase()}`
