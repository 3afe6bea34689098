/** Members that the sockets of 6 have besides, and those whose answers had other names. */
import type { SocketContext } from '../context.js'
import type { GroupMetadata, WASocket } from '../types.js'
import { legacyGroup } from './shapes.js'

/** Those that answer with a group. */
const GROUP_ANSWERS = ['groupMetadata', 'groupCreate', 'groupGetInviteInfo', 'communityMetadata', 'communityGetInviteInfo', 'communityCreate'] as const
/** Those that answer with all groups, by JID. */
const LIST_ANSWERS = ['groupFetchAllParticipating', 'communityFetchAllParticipating'] as const

type Ask = (...args: never[]) => Promise<unknown>

const after = <T>(ask: Ask, change: (answer: T) => unknown): Ask =>
  // Of as many parameters as before: programs and their mocks look at it.
  Object.defineProperty(async (...args: never[]) => change((await ask(...args)) as T), 'length', { value: ask.length })

export function legacyMembers(sock: WASocket, _context: SocketContext): object {
  const one = (group: GroupMetadata | null | undefined): unknown => group && legacyGroup(group)
  const all = (groups: { [jid: string]: GroupMetadata }): unknown =>
    Object.fromEntries(Object.entries(groups).map(([jid, group]) => [jid, legacyGroup(group)]))
  return {
    ...Object.fromEntries(GROUP_ANSWERS.map(name => [name, after(sock[name] as Ask, one)])),
    ...Object.fromEntries(LIST_ANSWERS.map(name => [name, after(sock[name] as Ask, all)])),
    getPrivacyTokens: (jids: string[]) => sock.issuePrivacyTokens(jids),
    processingMutex: sock.messageMutex,
  }
}
