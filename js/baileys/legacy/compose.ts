/** Messages in the form of 6. */
import { contentOf, generateWAMessageFromContent as fromContent } from '../generate.js'
import type { MessageContentGenerationOptions, MessageGenerationOptionsFromContent } from '../generate.js'
import { prepareWAMessageMedia } from '../prepare-media.js'
import type { WAMessage, WAMessageContent } from '../types.js'

export const generateWAMessageContent = async (message: object, options: MessageContentGenerationOptions): Promise<WAMessageContent> =>
  contentOf(message, options, prepareWAMessageMedia, 6)

export const generateWAMessageFromContent = (
  jid: string,
  message: WAMessageContent,
  options: MessageGenerationOptionsFromContent,
): WAMessage => fromContent(jid, message, options, 6)

export const generateWAMessage = async (
  jid: string,
  content: object,
  options: MessageContentGenerationOptions & MessageGenerationOptionsFromContent,
): Promise<WAMessage> => generateWAMessageFromContent(jid, await generateWAMessageContent(content, { ...options, jid }), options)
