/** Media uploaded for a message. */
import { Boom } from '@hapi/boom'

import { notImplemented } from '../doors/missing.js'
import { MEDIA_KEYS } from './constants.js'
import type { MessageContentGenerationOptions } from './generate.js'
import type { WAMessageContent } from './types.js'

export const prepareWAMessageMedia = async (message: object, options: MessageContentGenerationOptions): Promise<WAMessageContent> => {
  const kind = MEDIA_KEYS.find(name => name in message)
  if (!kind) throw new Boom('Invalid media type', { statusCode: 400 })
  if (!(message as { [name: string]: unknown })[kind]) throw new TypeError(`The ${kind} is empty`)
  void options
  throw notImplemented('prepareWAMessageMedia')
}
