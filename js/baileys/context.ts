/** What the parts of a socket share: each part makes some of its members, `(context) => ({ … })`. */
import type { EventEmitter } from 'node:events'

import type { WhatsAppClient } from '../client.js'
import type { Relay } from '../internals.js'
import type { Edition } from './edition.js'
import type { DoorEmitter } from './emitter.js'
import type { BinaryNode } from './nodes.js'
import type { AuthenticationCreds, SocketConfig, WAMessage } from './types.js'

export interface SocketContext {
  /** With Baileys' defaults. */
  readonly config: SocketConfig
  readonly edition: Edition
  /** `auth.creds` itself, which is changed in place. */
  readonly creds: AuthenticationCreds
  readonly ev: DoorEmitter
  readonly ws: EventEmitter
  readonly logger: NonNullable<SocketConfig['logger']> & { [method: string]: any }
  /** The engine's client. @throws Boom 428 where there is no open connection */
  client(): WhatsAppClient
  /** Calls a method of the engine that has no member of its own. @throws Boom */
  ask<T>(method: string, args: object): Promise<T>
  /** Hands a message to the engine. @throws Boom */
  relay: Relay
  /**
   * The answer to an `iq`; an id is added where there is none.
   * @throws Boom 500 with the text and, as `data`, the number of the service's error; 408; 428
   */
  query(node: BinaryNode, timeoutMs?: number): Promise<BinaryNode>
  /** Resolves when it is written. @throws Boom 428 */
  sendNode(node: BinaryNode): Promise<void>
  generateMessageTag(): string
  /** The own addresses with device. @throws Boom 401 before the device is linked */
  me(): { id: string; lid?: string }
  /** The phone will answer a request with messages, which are then told. */
  expectFromPhone(request: string): void
  /** Tells of a message as if it had come, with everything that follows from it. */
  upsertMessage(message: WAMessage, type: 'append' | 'notify'): Promise<void>
}
