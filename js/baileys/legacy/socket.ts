/** `makeWASocket` of Baileys 6. */
import type { UserFacingSocketConfig, WASocket } from '../types.js'
import { makeSocket } from '../socket.js'
import { EDITION_6 } from './edition.js'
import { printQRIfNecessaryListener } from './terminal.js'

export function makeWASocket(config: UserFacingSocketConfig): WASocket {
  const sock = makeSocket(config, EDITION_6)
  if (config.printQRInTerminal) printQRIfNecessaryListener(sock.ev, sock.logger)
  return sock
}
