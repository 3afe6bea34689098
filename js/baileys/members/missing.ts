/** What a socket of Baileys has and one of this door does not have yet: each says so by name when it is used. */
import { missing, missingAsync } from '../../doors/missing.js'
import type { SocketContext } from '../context.js'
import { SOCKET_METHODS, SOCKET_OBJECTS, SOCKET_SYNC_METHODS } from '../names.js'

export const makePlaceholders = (_context: SocketContext): { [name: string]: unknown } => ({
  ...Object.fromEntries(SOCKET_METHODS.map(name => [name, missingAsync(`sock.${name}`)])),
  ...Object.fromEntries([...SOCKET_SYNC_METHODS, ...SOCKET_OBJECTS].map(name => [name, missing(`sock.${name}`)])),
})
