/** The members of a socket that ask the service. */
import type { SocketContext } from '../context.js'
import { makeGroups } from './groups.js'

export const makeMembers = (context: SocketContext) => ({
  ...makeGroups(context),
})
