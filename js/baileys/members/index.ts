/** The members of a socket that ask the service. */
import type { SocketContext } from '../context.js'
import { makeGroups } from './groups.js'
import { makePresence } from './presence.js'
import { makePrivacy } from './privacy.js'
import { makeProfile } from './profile.js'
import { makeUSync } from './usync.js'

export const makeMembers = (context: SocketContext) => ({
  ...makeGroups(context),
  ...makeUSync(context),
  ...makeProfile(context),
  ...makePrivacy(context),
  ...makePresence(context),
})
