/** Message contents as bytes. */
import { writeRandomPadMax16 } from './bits.js'
import { loadProto } from './proto.js'
import type { WAMessageContent } from './types.js'

/** As it is encrypted for a device: with padding. */
export const encodeWAMessage = (message: WAMessageContent): Buffer<ArrayBuffer> =>
  writeRandomPadMax16(loadProto().Message.encode(message).finish())

/** As it is put into a channel: in the open. */
export function encodeNewsletterMessage(message: WAMessageContent): Uint8Array {
  return loadProto().Message.encode(message).finish()
}
