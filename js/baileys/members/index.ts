/** The members of a socket that ask the service. */
import type { SocketContext } from '../context.js'
import { makeBusiness } from './business.js'
import { makeChats } from './chats.js'
import { makeCommunities } from './communities.js'
import { makeGroups } from './groups.js'
import { makeLowLevel } from './low-level.js'
import { makeKeys } from './keys.js'
import { makeMedia } from './media.js'
import { makeNewsletters } from './newsletters.js'
import { makePhone } from './phone.js'
import { makePresence } from './presence.js'
import { makePrivacy } from './privacy.js'
import { makeProfile } from './profile.js'
import { makeShared } from './shared.js'
import { makeUSync } from './usync.js'

export const makeMembers = (context: SocketContext) => {
  const groups = makeGroups(context)
  const media = makeMedia(context)
  return {
    ...groups,
    ...makeCommunities(context, groups),
    ...makeUSync(context),
    ...makeProfile(context),
    ...makePrivacy(context),
    ...makePresence(context),
    ...makeChats(context),
    ...makeNewsletters(context),
    ...makePhone(context),
    ...makeKeys(context),
    ...makeShared(context),
    ...media,
    ...makeBusiness(context, media.waUploadToServer),
    ...makeLowLevel(context),
  }
}
